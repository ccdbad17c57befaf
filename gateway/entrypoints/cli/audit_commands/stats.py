"""`sluis audit stats`: how much went, to whom, how and of what, and how often everything happened."""

import sys
from functools import partial
from typing import Any, Final

from gateway.audit.disclosures import Fate
from gateway.audit.ledger_questions import LEAVING
from gateway.bootstrap.ledger_answers import open_answers
from gateway.entrypoints.cli.audit_commands.asking import (
    asked_site,
    basis_as_json,
    csv_option,
    distrustful_option,
    filter_of,
    filter_options,
    print_csv,
    tell_basis,
)
from gateway.entrypoints.cli.audit_commands.fates import in_words
from gateway.entrypoints.cli.audit_commands.nothing_found import never_found, tell_never_said, tell_nothing
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, table
from gateway.package.states import Language

_SECTIONS: Final = {
    "recipients": ("Ontvanger|Pakketten", "Recipient|Packages"),
    "categories": ("Categorie|Pakketten", "Category|Packages"),
    "channels": ("Kanaal|Pakketten", "Channel|Packages"),
    "months": ("Maand (UTC)|Pakketten", "Month (UTC)|Packages"),
    "states": ("Wat ervan werd|Pakketten", "What became of it|Packages"),
    "events": ("Gebeurtenis|Aantal", "Event|Number"),
}
_WENT: Final = (
    "Geteld is wat wegging, ook als onzeker is of het aankwam: voor elke ontvanger een keer, toen het het eerst ging.",
    "Counted is what went, also when it is not sure that it arrived: once for each recipient, when it first went.",
)
_NONE_WENT: Final = (
    "Hiermee is niets gevonden dat wegging: alleen de gebeurtenissen zelf zijn geteld.",
    "Nothing was found by this that went: only the events themselves are counted.",
)
_NO_SENDING: Final = (
    "Bij {action} gaat niets weg: alleen de gebeurtenissen zelf zijn geteld.",
    "Nothing leaves by {action}: only the events themselves are counted.",
)


@local_command("stats")
@filter_options
@csv_option
@distrustful_option
def stats(invocation: Invocation, *, as_csv: bool, distrustful: bool, **given: Any) -> int:
    """Count what went by recipient, category, channel, month and fate, and the events by name. Filters as of search."""
    site = asked_site(invocation)
    with open_answers(site, distrustful=distrustful) as answers:
        counts, basis = answers.counts(filter_of(given)), answers.basis()
        if not (any(counts.values()) or invocation.as_json):
            tell_nothing(answers, site, given, invocation.language)
        elif not (counts["events"] or invocation.as_json):
            tell_never_said(given, invocation.language)
    if invocation.as_json:
        body = {name: {key: count for key, count in counts[name] if key} for name in _SECTIONS}
        known = {**basis_as_json(basis), "neverFound": () if counts["events"] else never_found(given)}
        print_json({"format": "sluis-audit-stats/1", **known, **body})
        return Exit.DONE
    if as_csv:
        rows = ((name, key, str(count)) for name in _SECTIONS for key, count in counts[name])
        print_csv(("by", "value", "count"), rows)
    elif any(counts.values()):
        console = console_for(sys.stdout)
        for name, words in ((name, words) for name, words in _SECTIONS.items() if counts[name]):
            heads = in_language(*words, language=invocation.language).split("|")
            told = partial(_fate, language=invocation.language) if name == "states" else _itself
            console.print(table(*heads, rows=((told(key) or "-", str(count)) for key, count in counts[name])))
            console.print()
        action = given["action"]
        went = any(each for name, each in counts.items() if name != "events")
        sent = _WENT if went else _NONE_WENT
        counted = sent if action is None or action in LEAVING else _NO_SENDING
        console.print(printable(in_language(*counted, language=invocation.language).format(action=action)), style="dim")
    tell_basis(basis, invocation.language)
    return Exit.DONE


def _fate(code: str, *, language: Language) -> str:
    return in_words(Fate(code), language)


def _itself(key: str) -> str:
    return key
