"""`sluis holds show ID`: shows one hold with the necessity that the officer has to judge."""

import sys
from collections.abc import Iterator
from functools import partial

import click

from gateway.bootstrap.translations import translated
from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.finding_words import said_kinds
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.package_ids import package_id_of
from gateway.entrypoints.cli.console.package_report import Body, as_it_stands, fields_of, show_decision, show_package
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable
from gateway.package.errors import Code
from gateway.package.problems import PROBLEMS, sentence
from gateway.package.states import Language


@console_command("show")
@click.argument("package", metavar="ID")
def show_hold(invocation: Invocation, package: str) -> int:
    """Show what holds the package with this ID, and the necessity that its sender wrote. Exit 0: found."""
    with connected(invocation) as client:
        package_id = package_id_of(client, package)
        hold = client.get(f"/v1/holds/{package_id}")
        decision = client.find(f"/v1/packages/{package_id}/decision")
    if invocation.as_json:
        print_json({"format": "sluis-holds-show/1", **hold, "fields": fields_of(decision)})
        return Exit.DONE
    console, language = console_for(sys.stdout), invocation.language
    show_package(console, hold, language=language)
    necessity = in_language("Noodzaak, volgens de afzender", "Necessity, as the sender wrote it", language=language)
    console.print(printable(f"{necessity}: {hold['necessity'] or '-'}"))
    if decision is not None:
        show_decision(console, as_it_stands(decision, hold), language=language)
    if not hold["releasable"]:
        mend = in_language("Eerst te herstellen", "To be mended first", language=language)
        console.print(printable(f"{mend}: {', '.join(hold['mend'])}"))
    for line in _told(hold, language):
        console.print(printable(f"  {line}"))
    return Exit.DONE


def _told(hold: Body, language: Language) -> Iterator[str]:
    """Say of problems what they are and where; the sentences of rules stand in the decision already."""
    say = partial(translated, language=language)
    for code in filter(set(Code).__contains__, hold["ruleIds"]):
        yield sentence(say(PROBLEMS[Code(code)].title), {})
        yield sentence(say(PROBLEMS[Code(code)].remedy), {})
    if hold["where"]:
        kinds = f" ({said_kinds(hold['kinds'], language)})" if hold["kinds"] else ""
        yield f"{say('Place')}: {hold['whereSaid'][language.value]}{kinds}"
