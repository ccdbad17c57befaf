"""`sluis status`: tells how the service is."""

import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

from gateway.bootstrap.translations import translated
from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.package_report import said
from gateway.entrypoints.cli.console.printing import (
    console_for,
    in_language,
    in_number,
    print_json,
    printable,
    table,
    word,
)
from gateway.package.errors import Code
from gateway.package.problems import PROBLEMS, sentence
from gateway.package.states import Channel, Language
from gateway.receipt.wording import HELPERS

_MEMBERS = ("ready", "version", "policyDigest", "problems", "notices", "packages", "overdueHolds", "escalatedHolds")
_OF_NEW_RULES = frozenset({Code.POLICY_INVALID.value, Code.POLICY_NOT_APPROVED.value, Code.READ_FORBIDDEN.value})

_MEANWHILE = ("Tot dan beslist Sluis met de laatste goede regels.", "Until then Sluis decides by the last good rules.")
_NOTHING_MEANWHILE = (
    "Tot dan beslist Sluis niets: er zijn nog geen goedgekeurde regels.",
    "Until then Sluis decides nothing: no rules have been approved yet.",
)


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
    wrong = {each["code"] for each in health["problems"]}
    # Rules that wait for a second person while there are none in force are a problem and a notice: told once.
    notices = [each for each in health["notices"] if each["code"] not in wrong]
    for those, style in ((health["problems"], "red"), (notices, "yellow")):
        for found in those:
            console.print(printable(f"  {found['code']} {_place(found['where'], language)}"), style=style)
            for line in _told(found["code"], language, rules_in_force=bool(health["policyDigest"])):
                console.print(printable(f"    {line}"))
    if overdue := health["overdueHolds"]:
        one = ("{count} pakket wacht te lang op een besluit", "{count} package waits too long for a decision")
        many = ("{count} pakketten wachten te lang op een besluit", "{count} packages wait too long for a decision")
        told = in_language("waarvan opgeschaald", "escalated of these", language=language)
        wait = in_number(overdue, one, many, language=language)
        console.print(f"  {wait}; {told}: {health['escalatedHolds']}.", style="yellow")
    heads = in_language("Toestand|Pakketten", "State|Packages", language=language).split("|")
    rows = ((word(state, said(state, language)), str(count)) for state, count in health["packages"].items())
    console.print(table(*heads, rows=rows))


def _place(where: str, language: Language) -> str:
    """Say what waits for a channel in words; any other place stands as it is."""
    channel, _, rest = where.partition(" ")
    count, _, since = rest.partition(" ")
    if channel not in set(Channel) or not count.isdecimal():
        return where
    one, many = (
        ("{count} levering wacht", "{count} delivery waits"),
        ("{count} leveringen wachten", "{count} deliveries wait"),
    )
    nl, en = f"op {channel}, de oudste sinds {since}", f"for {channel}, the oldest since {since}"
    return f"{in_number(int(count), one, many, language=language)} {in_language(nl, en, language=language)}"


def _told(code: str, language: Language, *, rules_in_force: bool) -> Iterator[str]:
    """Say of a problem what happened, what goes on meanwhile, what to do now and who helps."""
    if code not in set(Code):
        return
    say, problem = partial(translated, language=language), PROBLEMS[Code(code)]
    yield sentence(say(problem.title), {})
    if code in _OF_NEW_RULES:
        nl, en = _MEANWHILE if rules_in_force else _NOTHING_MEANWHILE
        yield in_language(nl, en, language=language)
    yield sentence(say(problem.remedy), {})
    who = in_language("Wie helpt", "Who helps", language=language)
    yield f"{who}: {say(HELPERS[problem.helper])}"
