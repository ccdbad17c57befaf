"""`sluis audit who-received`: who got what about one person, when, on which ground, how, and by which rules.

For the answer to somebody who asks (GDPR article 15, paragraph 1 under c: the recipients themselves, not their kinds
alone; Court of Justice, C-154/21), and with --notify for those who have to hear of a rectification or erasure (article
19). The person is asked for, and never stands on the command line: that is kept in the shell's history and shown to
everybody on the machine. Who of our own people sent it is not told: that is no recipient (C-579/21).
"""

import datetime as dt
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
from stdnum.nl import bsn

from gateway.audit.disclosures import MAY_HAVE_IT, Disclosure
from gateway.audit.ledger_questions import Filter
from gateway.audit.waiting import Waiting, waiting_of
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.ledger_answers import Basis, Received, open_answers
from gateway.bootstrap.pseudonym_keys import PseudonymKeys
from gateway.bootstrap.secrets_store import credentials_folder
from gateway.entrypoints.cli.audit_commands.asking import (
    asked_site,
    basis_as_json,
    csv_option,
    distrustful_option,
    filter_of,
    period_options,
    print_csv,
    proofs_option,
    tell_basis,
    tell_proofs,
    write_proofs,
)
from gateway.entrypoints.cli.audit_commands.event_columns import short_time
from gateway.entrypoints.cli.audit_commands.fates import STYLES, in_words
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.moments import told_moment
from gateway.entrypoints.cli.console.printing import (
    console_for,
    in_language,
    in_number,
    print_json,
    printable,
    table,
    word,
)
from gateway.entrypoints.cli.console.speaking import speak, to_speak
from gateway.package.folding import words_of
from gateway.package.identity import Identifier
from gateway.package.states import Language

_KINDS: Final = {"v-number": Identifier.V_NUMBER, "bsn": Identifier.BSN, "name": Identifier.NAME_AND_BIRTH}
_ASKED: Final = {
    "v-number": ("V-nummer", "V-number"),
    "bsn": ("BSN", "BSN"),
    "name": ("Naam, zoals in het pakket", "Name, as in the package"),
}
_NOT_UNDERSTOOD: Final = {
    "v-number": to_speak("What you typed is no V-number: ten digits."),
    "bsn": to_speak("What you typed is no BSN: nine digits."),
    "name": to_speak("What you typed is no name, or no date of birth such as 1990-05-01."),
}
_ONE_PERSON: Final = to_speak("Ask about one person at a time: one number, and nothing more.")
_ONE_PERSON_BY_NAME: Final = to_speak(
    "Ask about one person at a time: the name, then the date of birth, and nothing more."
)
_NOTHING_ASKED: Final = to_speak("Nobody was asked about: standard input ended before it named a person.")
_BIRTH: Final = (
    "Geboortedatum (JJJJ-MM-DD, 00 voor wat onbekend is; leeg als het pakket er geen had)",
    "Date of birth (YYYY-MM-DD, 00 for what is unknown; empty when the package had none)",
)
_HEADS: Final = (
    "Ontvanger|Datum (UTC)|Wat ervan werd|Kanaal|Doel|Grondslag|Categorieën|Waarschuwingen|Beleid|Pakket",
    "Recipient|Date (UTC)|What became of it|Channel|Purpose|Ground|Categories|Warnings|Policy|Package",
)
_NOTIFY_HEADS: Final = ("Ontvanger|Pakket|Datum (UTC)|Categorieën", "Recipient|Package|Date (UTC)|Categories")
_CSV_HEADS: Final = (
    "recipient",
    "time",
    "state",
    "lastTime",
    "reason",
    "channel",
    "purpose",
    "legalBasis",
    "categories",
    "warnings",
    "policy",
    "package",
    "organisation",
)
_FIRST: Final = dt.datetime.min.replace(tzinfo=dt.UTC)
_LAST: Final = dt.datetime.max.replace(tzinfo=dt.UTC)
_NOBODY: Final = (
    "Niemand kreeg iets over deze persoon{period}, voor zover dit logboek het weet.",
    "Nobody got anything about this person{period}, as far as this log knows.",
)
_NOBODY_TO_TELL: Final = (
    "Niemand heeft gegevens over deze persoon{period}, voor zover dit logboek het weet.",
    "Nobody has data about this person{period}, as far as this log knows.",
)
_SENT: Final = (" die zijn verstuurd", " that were sent")
_FROM: Final = (" vanaf {at}", " from {at} on")
_UP_TO: Final = (" tot en met {at}", " up to and with {at}")
_NOT_SENT: Final = (
    ("1 pakket over deze persoon is niet verstuurd.", "1 package about this person was not sent."),
    ("{count} pakketten over deze persoon zijn niet verstuurd.", "{count} packages about this person were not sent."),
)
_UNNAMED: Final = (
    (
        "Bij 1 verzending noemt het logboek niet over wie die gaat. Die is hier niet doorzocht.",
        "Of 1 sending the log does not name whom it is about. It was not looked through here.",
    ),
    (
        "Bij {count} verzendingen noemt het logboek niet over wie die gaan. Die zijn hier niet doorzocht.",
        "Of {count} sendings the log does not name whom they are about. They were not looked through here.",
    ),
)
_ALSO: Final = (
    (
        "Nog 1 pakket kan over deze persoon gaan: het noemt een ander gegeven dat hierbij hoort. Vraag ook met --by.",
        "1 more package may be about this person: it names something else that belongs to them. Ask with --by too.",
    ),
    (
        "Nog {count} pakketten gaan misschien over deze persoon: ze noemen iets anders ervan. Vraag ook met --by.",
        "{count} more packages may be about this person: they name something else of theirs. Ask with --by too.",
    ),
)
_MAY_GO: Final = (
    (
        "1 pakket over deze persoon kan nog weggaan. Trek het in als het niet klopt: sluis withdraw ID.",
        "1 package about this person may still go. Withdraw it when it is wrong: sluis withdraw ID.",
    ),
    (
        "{count} pakketten over deze persoon kunnen nog weggaan. Trek in wat niet klopt: sluis withdraw ID.",
        "{count} packages about this person may still go. Withdraw what is wrong: sluis withdraw ID.",
    ),
)
_HELD: Final = ("aangehouden", "held")
_UNDER_WAY: Final = ("onderweg", "under way")
_MAY_BE_MISTYPED: Final = (
    "Dit nummer voldoet niet aan de elfproef voor een BSN. Misschien is het verkeerd getypt.",
    "This number fails the eleven test of a BSN. Perhaps it was mistyped.",
)
_LEFT_OUT: Final = (
    (
        "1 pakket staat er niet bij: het kwam terug of is ingetrokken.",
        "1 package is left out: it came back or was withdrawn.",
    ),
    (
        "{count} pakketten staan er niet bij: ze kwamen terug of zijn ingetrokken.",
        "{count} packages are left out: they came back or were withdrawn.",
    ),
)


@local_command("who-received")
@click.option("--by", type=click.Choice([*_KINDS]), default="v-number", show_default=True, help="By what to look.")
@period_options
@click.option("--notify", is_flag=True, help="Only who has the data or may have them, to be told of a correction.")
@csv_option
@proofs_option
@distrustful_option
def who_received(
    invocation: Invocation, *, by: str, notify: bool, as_csv: bool, proofs: Path | None, distrustful: bool, **given: Any
) -> int:
    """Tell who got what about one person, who is asked for here or read from standard input.

    By name it is two lines, the name and the date of birth; otherwise one line.

    Exit 0, also when nobody got anything.
    """
    site, period = asked_site(invocation), filter_of(given)
    asked = _asked_for(site, by, invocation.language)
    with open_answers(site, distrustful=distrustful) as answers:
        received = _within(answers.received(asked.pseudonyms), period)
        told = [each for each in received.disclosures if not notify or each.fate in MAY_HAVE_IT]
        named = {seq for each in told for seq in each.events}
        proved = write_proofs(answers, [each for each in received.events if each.seq in named], proofs)
        basis = answers.basis()
    mistyped = asked.may_be_mistyped and not received.packages
    waiting = waiting_of(each.record() for each in received.events)
    if invocation.as_json:
        about_person = {"mayBeMistyped": mistyped, "waiting": _waiting_as_json(waiting)}
        print_json(_as_json(received, told, basis, notify=notify) | _ends(period) | about_person)
        return Exit.DONE
    if as_csv:
        print_csv(_CSV_HEADS, map(_csv_cells, told))
    else:
        _tell(received, told, period, invocation.language, notify=notify)
    if mistyped:
        console_for(sys.stderr).print(printable(in_language(*_MAY_BE_MISTYPED, language=invocation.language)))
    if notify:
        _tell_waiting(waiting, invocation.language)
    tell_proofs(proved, proofs, invocation.language)
    tell_basis(basis, invocation.language)
    return Exit.DONE


class _Asked(NamedTuple):
    """Whom somebody asks about: the pseudonyms under every key, and whether no such number was ever given out."""

    pseudonyms: tuple[str, ...]
    may_be_mistyped: bool = False


def _asked_for(site: SiteLayout, by: str, language: Language) -> _Asked:
    """Ask for the person. Raises click.UsageError, without what was typed."""
    keys = PseudonymKeys.read(site, credentials=credentials_folder())
    value = _answer(in_language(*_ASKED[by], language=language))
    kind = _KINDS[by]
    birth = ""
    if kind is Identifier.NAME_AND_BIRTH:
        birth = _answer(in_language(*_BIRTH, language=language), default="")
    _require_nothing_more(by)
    try:
        if kind is not Identifier.NAME_AND_BIRTH:
            fails = kind is Identifier.BSN and not bsn.is_valid("".join(words_of(value)))
            return _Asked(keys.searched(kind.value, value), may_be_mistyped=fails)
        return _Asked(keys.searched_name(value, birth.strip()))
    except ValueError:
        # Not the error's own text, nor what led to it: that was typed about a person.
        raise click.UsageError(speak(_NOT_UNDERSTOOD[by])) from None


def _answer(question: str, *, default: str | None = None) -> str:
    """Ask. Raises click.UsageError where nobody can answer, click.Abort when a person at a terminal stops."""
    try:
        answer: str = click.prompt(question, default=default, show_default=False, err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        click.echo(err=True)
        raise click.UsageError(speak(_NOTHING_ASKED)) from None
    return answer


def _require_nothing_more(by: str) -> None:
    """Refuse a second person: an answer about the first one alone would look like one about both."""
    if not sys.stdin.isatty() and sys.stdin.read().strip():
        raise click.UsageError(speak(_ONE_PERSON_BY_NAME if by == "name" else _ONE_PERSON))


def _within(received: Received, period: Filter) -> Received:
    """Leave out what left before or after a period."""
    first, last = period.since or _FIRST, period.until or _LAST
    inside = (each for each in received.disclosures if first <= dt.datetime.fromisoformat(each.at) <= last)
    return replace(received, disclosures=tuple(inside))


def _ends(period: Filter) -> dict[str, str | None]:
    """Give both ends of a period, null where it is open."""
    return {
        name: None if at is None else told_moment(at) for name, at in (("since", period.since), ("until", period.until))
    }


def _told_period(period: Filter, language: Language, *, notify: bool) -> str:
    """Say which period was asked about, as a part of a sentence; nothing when that was all of it."""
    ends = ((period.since, _FROM), (period.until, _UP_TO))
    told = "".join(in_language(*words, language=language).format(at=told_moment(at)) for at, words in ends if at)
    return in_language(*_SENT, language=language) + told if notify and told else told


def _as_json(received: Received, told: Iterable[Disclosure], basis: Basis, *, notify: bool) -> dict[str, Any]:
    return {
        "format": "sluis-audit-who-received/1",
        **basis_as_json(basis),
        "notify": notify,
        "packages": received.packages,
        "notSent": received.unsent,
        "mayAlsoBeAbout": received.also,
        "unnamed": received.unnamed,
        "recipients": [
            {
                "id": each.recipient,
                "state": each.fate.value,
                "at": each.at,
                "lastAt": each.last,
                "reason": each.reason or None,
                "channel": each.channel,
                "purpose": each.purpose,
                "legalBasis": each.legal_basis or None,
                "categories": each.categories,
                "rules": each.rules,
                "warnings": each.warnings,
                "policy": each.policy,
                "package": each.package,
                "organisation": each.organisation,
                "events": each.events,
            }
            for each in told
        ],
    }


def _waiting_as_json(waiting: Iterable[Waiting]) -> list[dict[str, str]]:
    return [{"package": each.package, "state": "held" if each.is_held else "under-way"} for each in waiting]


def _tell_waiting(waiting: Sequence[Waiting], language: Language) -> None:
    """Say on standard error which packages may still bring what is being corrected to somebody."""
    if not waiting:
        return
    aside = console_for(sys.stderr)
    aside.print(printable(in_number(len(waiting), *_MAY_GO, language=language)), style="yellow")
    for each in waiting:
        state = in_language(*(_HELD if each.is_held else _UNDER_WAY), language=language)
        aside.print(printable(f"  {each.package} ({state})"))


def _csv_cells(each: Disclosure) -> Sequence[str]:
    return (
        each.recipient,
        each.at,
        each.fate.value,
        each.last,
        each.reason,
        each.channel,
        each.purpose,
        each.legal_basis,
        " ".join(each.categories),
        " ".join(each.warnings),
        each.policy,
        each.package,
        each.organisation,
    )


def _tell(received: Received, told: Sequence[Disclosure], period: Filter, language: Language, *, notify: bool) -> None:
    console, aside = console_for(sys.stdout), console_for(sys.stderr)
    if not told:
        nobody = in_language(*(_NOBODY_TO_TELL if notify else _NOBODY), language=language)
        console.print(printable(nobody.format(period=_told_period(period, language, notify=notify))))
    elif notify:
        heads = in_language(*_NOTIFY_HEADS, language=language).split("|")
        rows = ((each.recipient, each.package, short_time(each.at), ", ".join(each.categories)) for each in told)
        console.print(table(*heads, rows=rows))
    else:
        heads = in_language(*_HEADS, language=language).split("|")
        console.print(table(*heads, rows=(_cells(each, language) for each in told)))
    left_out = len(received.disclosures) - len(told)
    asides = (
        (0 if notify else received.unsent, _NOT_SENT),
        (left_out, _LEFT_OUT),
        (received.also, _ALSO),
        (received.unnamed, _UNNAMED),
    )
    for count, words in asides:
        if count:
            aside.print(printable(in_number(count, *words, language=language)), style="yellow")


def _cells(each: Disclosure, language: Language) -> Sequence[Any]:
    fate = in_words(each.fate, language)
    return (
        each.recipient,
        short_time(each.at),
        word(STYLES[each.fate], f"{fate} ({each.reason})" if each.reason else fate),
        each.channel,
        each.purpose,
        each.legal_basis,
        ", ".join(each.categories),
        ", ".join(each.warnings),
        each.policy.removeprefix("sha256:")[:8],
        each.package,
    )
