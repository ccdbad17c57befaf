"""`sluis policy replay AUDIT-ID`: makes a decision again, of what was kept for it, and says whether it is the same."""

import sys
from typing import Any

import click
from rich.console import Console

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.package_report import show_decision
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, table, word
from gateway.package.ids import parse_package_id
from gateway.package.states import Language


@console_command("replay")
@click.argument("audit_id", metavar="AUDIT-ID")
def replay(invocation: Invocation, audit_id: str) -> int:
    """Decide again what the audit event with this id tells of; `sluis show` names the ids of a package.

    Needs the role privacy-officer or security. Exit 0: the same, byte for byte; 4: not the same.
    """
    # An event's id has the form of a package's.
    path = f"/v1/replays/{parse_package_id(audit_id)}"
    with connected(invocation) as client:
        found = client.get(path)
    if invocation.as_json:
        print_json({"format": "sluis-policy-replay/1"} | found)
    else:
        _show(console_for(sys.stdout), found, invocation.language)
    return Exit.DONE if found["same"] else Exit.NOT_VERIFIED


def _show(console: Console, found: dict[str, Any], language: Language) -> None:
    same = in_language("hetzelfde besluit", "same", language=language)
    other = in_language("niet hetzelfde besluit", "not the same", language=language)
    console.print(word("done" if found["same"] else "refused", same if found["same"] else other))
    heads = in_language("Pakket|Genomen op|Door|Regels", "Package|Decided at|By|Rules", language=language).split("|")
    row = (found["package"], found["decidedAt"], f"sluis {found['decidedBy']}", found["policyDigest"])
    console.print(table(*heads, rows=(row,)))
    if found["differences"]:
        heads = in_language("Plaats|Bewaard|Gevonden", "Place|Kept|Found", language=language).split("|")
        rows = ((each["place"], each["kept"], each["found"]) for each in found["differences"])
        console.print(table(*heads, rows=rows))
    if found["decision"] is None:
        console.print(
            printable(
                in_language(
                    "Wat bewaard is, is niet waarop volgens het logboek is besloten. Meld dit het beveiligingsteam.",
                    "What is kept is not what was decided on, by the log. Tell the security team.",
                    language=language,
                )
            )
        )
    else:
        show_decision(console, found["decision"], language=language)
