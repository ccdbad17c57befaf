"""Prints how the rules stand, for the commands that look at it or change it."""

import sys
from typing import Any

from gateway.entrypoints.cli.console.invocation import Invocation
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, word
from gateway.package.states import Language

_NONE = ("geen: er wordt niets beslist", "none: nothing is decided")


def tell_standing(invocation: Invocation, body: dict[str, Any], *, name: str) -> None:
    """Print one answer of `/v1/policy`, as a command of this name does."""
    if invocation.as_json:
        print_json({"format": f"sluis-policy-{name}/1", **body})
        return
    console, language = console_for(sys.stdout), invocation.language
    console.print(in_language("Van kracht:", "In force:", language=language), _in_force(body, language))
    if not body["waits"]:
        same = in_language("De bestanden zijn dezelfde.", "The files are the same.", language=language)
        console.print(word("done", same))
        return
    changed = in_language("gewijzigd op", "changed on", language=language)
    console.print(
        in_language("Op schijf:", "On disk: ", language=language),
        printable(f"{body['onDisk']} ({changed} {body['changedAt']}) {body['code']}".rstrip()),
    )
    console.print(word("held", printable(_what_waits(body, language))))


def _in_force(body: dict[str, Any], language: Language) -> str:
    approval = body["approval"]
    if not body["inForce"] or approval is None:
        return str(body["inForce"]) or in_language(*_NONE, language=language)
    by = in_language(
        "voorgesteld door {proposedBy}, goedgekeurd door {approvedBy} op {approvedAt}",
        "proposed by {proposedBy}, approved by {approvedBy} on {approvedAt}",
        language=language,
    )
    return printable(f"{body['inForce']} ({by.format_map(approval)})")


def _what_waits(body: dict[str, Any], language: Language) -> str:
    proposal = body["proposal"]
    if not body["fourEyes"]:
        nl, en = "Wordt vanzelf overgenomen.", "It is taken by itself."
    elif proposal is None:
        nl, en = "Nog door niemand voorgesteld: sluis policy propose", "Nobody has proposed it: sluis policy propose"
    else:
        nl = f"Voorgesteld door {proposal['proposedBy']} op {proposal['proposedAt']}; een ander moet het goedkeuren."
        en = f"Proposed by {proposal['proposedBy']} on {proposal['proposedAt']}; somebody else has to approve it."
    return in_language(nl, en, language=language)
