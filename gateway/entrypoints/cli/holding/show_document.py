"""`sluis holds document ID NUMBER`: shows a held document to who may review it, with what would be redacted."""

import sys
from typing import Any

import click

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.finding_words import said_kind, said_whose
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.package_ids import package_id_of
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, table
from gateway.package.facts import Whose

_OPENS, _CLOSES = "«", "»"


@console_command("document")
@click.argument("package", metavar="ID")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--recipient", default="", help="As it would go to this recipient, not to the first.")
def show_document(invocation: Invocation, package: str, number: int, recipient: str) -> int:
    """Show document NUMBER of the held package with this ID: its text, with «what would be redacted» marked.

    Before each passage stands its number. It prints personal data. Officials whose names stay are listed as well.
    With --json also the places, for: sluis holds release ID --edits FILE. Exit 0: found.
    """
    asked = {"recipient": recipient} if recipient else {}
    with connected(invocation) as client:
        view = client.get(f"/v1/holds/{package_id_of(client, package)}/documents/{number}", **asked)
    if invocation.as_json:
        print_json({"format": "sluis-holds-document/1", **view})
        return Exit.DONE
    console, language = console_for(sys.stdout), invocation.language
    going = [each for each in view["findings"] if each["goes"]]
    for place, passage in enumerate(view["passages"]):
        marked = _marked(passage["text"], [each for each in going if each["passage"] == place])
        console.print(printable(f"[{place}] {marked}"))
    heads = in_language("Plaats|Wat|Van wie|Zeker", "Place|What|Whose|Certain", language=language).split("|")
    yes, no = (in_language(*words, language=language) for words in (("ja", "yes"), ("nee", "no")))
    stays = in_language("blijft (ambtenaar)", "stays (official)", language=language)
    rows = (
        (
            f"{each['passage']}:{each['start']}-{each['end']}",
            said_kind(each["kind"], language),
            said_whose(each["whose"], language) if each["goes"] else stays,
            yes if each["certain"] else no,
        )
        for each in view["findings"]
        if each["goes"] or each["whose"] == Whose.OFFICIAL
    )
    console.print(table(*heads, rows=rows))
    return Exit.DONE


def _marked(text: str, findings: list[dict[str, Any]]) -> str:
    """Put marks around findings; from the last to the first, so that places stay what they are."""
    for each in sorted(findings, key=lambda one: one["start"], reverse=True):
        start, end = each["start"], each["end"]
        text = f"{text[:start]}{_OPENS}{text[start:end]}{_CLOSES}{text[end:]}"
    return text
