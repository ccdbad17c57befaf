"""`sluis policy test`: runs the cases beside the policies, and prints each line that the rules decide otherwise."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from gateway.bootstrap.policy_desk import load_case_table
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, in_number, print_json, table, word
from gateway.entrypoints.cli.policy_commands.folders import FOLDER, chosen
from gateway.policy.cases import CaseForm, Difference, differences

_Failing = tuple[int, CaseForm, tuple[Difference, ...]]


@local_command("test")
@click.argument("folder", metavar="[DIR]", required=False, type=FOLDER)
def run_cases(invocation: Invocation, folder: Path | None) -> int:
    """Run cases.yaml of DIR, or of the site, against the rules beside it. Exit 0: all end as their line says."""
    found = load_case_table(chosen(invocation, folder))
    ran = [(line, case, differences(case, policy=found.policy)) for line, case in found.cases]
    failing = [each for each in ran if each[2]]
    if invocation.as_json:
        print_json(
            {
                "format": "sluis-policy-test/1",
                "cases": len(ran),
                "failing": [_as_json(*each) for each in failing],
            }
        )
    else:
        _show(len(ran), failing, invocation)
    return Exit.REFUSED if failing else Exit.DONE


def _as_json(line: int, case: CaseForm, found: tuple[Difference, ...]) -> dict[str, object]:
    told = [{"what": each.what, "expected": each.expected, "found": each.found} for each in found]
    return {"line": line, "case": case.case, "differences": told}


def _show(ran: int, failing: list[_Failing], invocation: Invocation) -> None:
    console, language = console_for(sys.stdout), invocation.language
    if failing:
        heads = in_language("Regel|Geval|Wat|Verwacht|Gevonden", "Line|Case|What|Expected|Found", language=language)
        console.print(table(*heads.split("|"), rows=_rows(failing)))
    cases = in_number(ran, ("{count} geval", "{count} case"), ("{count} gevallen", "{count} cases"), language=language)
    otherwise = in_language("anders", "otherwise", language=language)
    console.print(word("refused" if failing else "done", f"{cases}, {len(failing)} {otherwise}."))


def _rows(failing: list[_Failing]) -> Iterator[tuple[str, ...]]:
    for line, case, found in failing:
        for each in found:
            yield f"cases.yaml:{line}", case.case, each.what, each.expected, each.found
