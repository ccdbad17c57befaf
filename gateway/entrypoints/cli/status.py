"""`sluis status`: tells how the service is."""

import sys
from typing import Any

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.package_report import said
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, table, word
from gateway.package.states import Language

_MEMBERS = ("ready", "version", "policyDigest", "problems", "notices", "packages", "overdueHolds", "escalatedHolds")


@console_command("status")
def command(invocation: Invocation) -> int:
    """Tell whether the service takes and releases packages, how many are where, and what is wrong. Exit 0: all well."""
    with connected(invocation) as client:
        health = client.health()
    if invocation.as_json:
        print_json({"format": "sluis-status/1"} | {name: health[name] for name in _MEMBERS})
    else:
        _show(health, invocation.language)
    return Exit.DONE if health["ready"] else Exit.REFUSED


def _show(health: dict[str, Any], language: Language) -> None:
    console = console_for(sys.stdout)
    ready = health["ready"]
    nl, en = ("Sluis werkt.", "Sluis is working.") if ready else ("Sluis werkt niet goed.", "Sluis is not well.")
    console.print(word("done" if ready else "refused", in_language(nl, en, language=language)), health["version"])
    for problem in health["problems"]:
        console.print(printable(f"  {problem['code']} {problem['where']}"), style="red")
    for notice in health["notices"]:
        console.print(printable(f"  {notice['code']} {notice['where']}"), style="yellow")
    if overdue := health["overdueHolds"]:
        nl = f"  {overdue} pakket(ten) wachten te lang op een besluit, waarvan {health['escalatedHolds']} opgeschaald."
        en = f"  {overdue} package(s) wait too long for a decision, {health['escalatedHolds']} of them escalated."
        console.print(in_language(nl, en, language=language), style="yellow")
    heads = in_language("Toestand|Pakketten", "State|Packages", language=language).split("|")
    rows = ((word(state, said(state, language)), str(count)) for state, count in health["packages"].items())
    console.print(table(*heads, rows=rows))
