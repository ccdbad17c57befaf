"""Says on standard error that nothing was found, by what, and what of that is not known at all.

A mistyped id finds nothing, and that must not read as the answer that nothing happened.
"""

import datetime as dt
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.ledger_answers import Answers
from gateway.entrypoints.cli.console.moments import told_moment
from gateway.entrypoints.cli.console.printing import console_for, in_language, printable
from gateway.package.ids import short_id
from gateway.package.states import Language

_NOTHING: Final = ("Niets gevonden met {asked}.", "Nothing was found by {asked}.")
_EMPTY: Final = ("Het auditlogboek heeft nog geen gebeurtenissen.", "The audit log has no events yet.")
_UNKNOWN: Final = (
    "Ontvanger '{name}' staat niet in het register en niet in dit logboek. Bekend zijn: {known}.",
    "Recipient '{name}' is neither in the register nor in this log. Known are: {known}.",
)
_NOT_IN_LOG: Final = (
    "--{option} '{name}' komt in dit logboek niet voor. Het lijkt op: {alike}.",
    "--{option} '{name}' is nowhere in this log. It is like: {alike}.",
)
_LAST_EIGHT: Final = (
    "--package vraagt de laatste acht tekens van een pakketnummer. De eerste zijn een tijd en wijzen geen pakket aan.",
    "--package asks for the last eight characters of an id. The first are a time and point at no package.",
)
_NONE: Final = ("geen", "none")


def tell_nothing(answers: Answers, site: SiteLayout, given: Mapping[str, Any], language: Language) -> None:
    """Tell what was asked in vain; `given` are the options of the filters."""
    aside = console_for(sys.stderr)
    asked = ", ".join(f"--{name} {_shown(value)}" for name, value in given.items() if value is not None)
    told = in_language(*(_NOTHING if asked else _EMPTY), language=language).format(asked=asked)
    for each in (told, *_not_known(answers, site, given, language)):
        aside.print(printable(each), style="yellow")


def _not_known(answers: Answers, site: SiteLayout, given: Mapping[str, Any], language: Language) -> Iterator[str]:
    """Say of each thing that was asked by whether anybody knows it, and which end of a package's id is asked."""
    recipient = given.get("recipient")
    if recipient is not None and recipient not in (known := {*answers.recipients(), *_registered(site)}):
        names = ", ".join(sorted(known)) or in_language(*_NONE, language=language)
        yield in_language(*_UNKNOWN, language=language).format(name=recipient, known=names)
    for option, of_log in (("person", answers.people), ("code", answers.codes)):
        name = given.get(option)
        if name is not None and name not in (names_of_log := of_log()):
            alike = ", ".join(get_close_matches(name, names_of_log)) or in_language(*_NONE, language=language)
            yield in_language(*_NOT_IN_LOG, language=language).format(option=option, name=name, alike=alike)
    package = given.get("package")
    if package is not None and short_id(package) == package:
        yield in_language(*_LAST_EIGHT, language=language)


def _shown(value: object) -> str:
    return told_moment(value) if isinstance(value, dt.datetime) else str(value)


def _registered(site: SiteLayout) -> set[str]:
    """Give the ids in the register; none when this user may not look there."""
    try:
        return {each.stem for each in site.recipients.glob("*.yaml")}
    except OSError:
        return set()
