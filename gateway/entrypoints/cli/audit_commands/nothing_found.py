"""Says on standard error that nothing was found, by what, and which recipients there are when nobody knows that one."""

import datetime as dt
import sys
from collections.abc import Mapping
from typing import Any, Final

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.ledger_answers import Answers
from gateway.entrypoints.cli.console.moments import told_moment
from gateway.entrypoints.cli.console.printing import console_for, in_language, printable
from gateway.package.states import Language

_NOTHING: Final = ("Niets gevonden met {asked}.", "Nothing was found by {asked}.")
_EMPTY: Final = ("Het auditlogboek heeft nog geen gebeurtenissen.", "The audit log has no events yet.")
_UNKNOWN: Final = (
    "Ontvanger '{name}' staat niet in het register en niet in dit logboek. Bekend zijn: {known}.",
    "Recipient '{name}' is neither in the register nor in this log. Known are: {known}.",
)
_NONE: Final = ("geen", "none")


def tell_nothing(answers: Answers, site: SiteLayout, given: Mapping[str, Any], language: Language) -> None:
    """Tell what was asked in vain; `given` are the options of the filters."""
    aside = console_for(sys.stderr)
    asked = ", ".join(f"--{name} {_shown(value)}" for name, value in given.items() if value is not None)
    told = in_language(*(_NOTHING if asked else _EMPTY), language=language).format(asked=asked)
    aside.print(printable(told), style="yellow")
    recipient = given.get("recipient")
    if recipient is None:
        return
    known = {*answers.recipients(), *_registered(site)}
    if recipient not in known:
        names = ", ".join(sorted(known)) or in_language(*_NONE, language=language)
        told = in_language(*_UNKNOWN, language=language).format(name=recipient, known=names)
        aside.print(printable(told), style="yellow")


def _shown(value: object) -> str:
    return told_moment(value) if isinstance(value, dt.datetime) else str(value)


def _registered(site: SiteLayout) -> set[str]:
    """Give the ids in the register; none when this user may not look there."""
    try:
        return {each.stem for each in site.recipients.glob("*.yaml")}
    except OSError:
        return set()
