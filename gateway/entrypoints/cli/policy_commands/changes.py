"""Prints what a change of the rules does, for who compares sets and for who is about to propose one."""

import sys
from typing import Any

from gateway.entrypoints.cli.console.invocation import Invocation
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable
from gateway.package.states import Language


def tell_changes(invocation: Invocation, found: dict[str, Any], *, with_lines: bool) -> None:
    """Print one answer of `/v1/policy/changes`, with every line of the files that differs and both digests if asked."""
    if invocation.as_json:
        print_json({"format": "sluis-policy-diff/1"} | found)
        return
    console, language = console_for(sys.stdout), invocation.language
    for each in found["changes"]:
        console.print(printable(_line(each, language)))
    if not found["changes"] and found["before"]:
        nl, en = "Voor niemand verandert er iets.", "Nothing changes for anybody."
        console.print(in_language(nl, en, language=language))
    if with_lines:
        for each in found["files"]:
            console.print(printable("\n".join((f"--- {each['file']}", *each["lines"]))))
        console.print(printable(f"{found['before'] or '-'} -> {found['after']}"))


def _line(change: dict[str, Any], language: Language) -> str:
    who = " ".join(part for part in (change["who"], change["purpose"], change["what"]) if part)
    when = ""
    if change["necessity"]:
        when = in_language(" (met noodzaak)", " (with a necessity)", language=language)
    elif change["secretAddress"]:
        when = in_language(" (geheim adres)", " (secret address)", language=language)
    return f"{who}{when}: {change['before']} -> {change['after']}"
