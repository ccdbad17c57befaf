"""Says on standard error that nothing was found, by what, and what of that is not known at all.

A mistyped id finds nothing, and nor does a question for what an event never says. Neither must read as the answer that
nothing happened.
"""

import datetime as dt
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from gateway.audit.event_fields import never_said, saying_more
from gateway.audit.events import EventAction
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
    "--{option} '{name}' komt in dit logboek niet voor.",
    "--{option} '{name}' is nowhere in this log.",
)
_ALIKE: Final = (" Het lijkt op: {alike}.", " It is like: {alike}.")
_LAST_EIGHT: Final = (
    "--package vraagt de laatste acht tekens van een pakketnummer. De eerste zijn een tijd en wijzen geen pakket aan.",
    "--package asks for the last eight characters of an id. The first are a time and point at no package.",
)
_NEVER: Final = (
    "Een gebeurtenis {action} noemt nooit {what}: met {options} erbij wordt er nooit een gevonden.",
    "An event {action} never names {what}: with {options} none is ever found.",
)
_INSTEAD: Final = (
    "Vraag zonder {options}, of vraag een gebeurtenis die dat wel noemt: --action {instead}.",
    "Ask without {options}, or for an event that does name it: --action {instead}.",
)
_THINGS: Final = {
    "package": ("een pakket", "a package"),
    "recipient": ("een ontvanger", "a recipient"),
    "person": ("een medewerker", "a colleague"),
    "policy": ("de geldende regels", "the rules in force"),
    "category": ("een categorie", "a category"),
    "code": ("een regel of code", "a rule or code"),
}
_AND: Final = (" en ", " and ")
_OR: Final = (" of ", " or ")
_NONE: Final = ("geen", "none")


def tell_nothing(answers: Answers, site: SiteLayout, given: Mapping[str, Any], language: Language) -> None:
    """Tell what was asked in vain; `given` are the options of the filters."""
    aside = console_for(sys.stderr)
    asked = ", ".join(f"--{name} {_shown(value)}" for name, value in given.items() if value is not None)
    told = in_language(*(_NOTHING if asked else _EMPTY), language=language).format(asked=asked)
    for each in (told, *_not_known(answers, site, given, language)):
        aside.print(printable(each), style="yellow")
    tell_never_said(given, language)


def never_found(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the filters by which the event that is asked for is never found, since it does not say such a thing."""
    asked = {name for name, value in given.items() if value is not None}
    return never_said(EventAction(given["action"]), asked) if "action" in asked else ()


def tell_never_said(given: Mapping[str, Any], language: Language) -> None:
    """Tell that the event that is asked for never says what is asked by too, and which events do; or nothing."""
    if not (never := never_found(given)):
        return
    action = EventAction(given["action"])
    asked = [name for name, value in given.items() if value is not None]
    words = {
        "action": action.value,
        "what": in_language(*_OR, language=language).join(
            in_language(*_THINGS[each], language=language) for each in never
        ),
        "options": in_language(*_AND, language=language).join(f"--{each}" for each in never),
        "instead": in_language(*_OR, language=language).join(each.value for each in saying_more(action, asked)),
    }
    for told in (_NEVER, _INSTEAD):
        text = in_language(*told, language=language).format_map(words)
        console_for(sys.stderr).print(printable(text), style="yellow")


def _not_known(answers: Answers, site: SiteLayout, given: Mapping[str, Any], language: Language) -> Iterator[str]:
    """Say of each thing that was asked by whether anybody knows it, and which end of a package's id is asked."""
    recipient = given.get("recipient")
    if recipient is not None and recipient not in (known := {*answers.recipients(), *_registered(site)}):
        names = ", ".join(sorted(known)) or in_language(*_NONE, language=language)
        yield in_language(*_UNKNOWN, language=language).format(name=recipient, known=names)
    for option, of_log in (("person", answers.people), ("code", answers.codes)):
        name = given.get(option)
        if name is not None and name not in (names_of_log := of_log()):
            alike = ", ".join(get_close_matches(name, names_of_log))
            told = in_language(*_NOT_IN_LOG, language=language) + (alike and in_language(*_ALIKE, language=language))
            yield told.format(option=option, name=name, alike=alike)
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
