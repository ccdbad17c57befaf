"""Answers out of a site's audit log, found by the ledger and read from the lines themselves. Changes nothing.

Rules, in order:
1. What is told stands in a line of the log, as it is now. Where a line is another one than the ledger indexed, the
   whole log is indexed anew and asked again, and the answer says so (`changed`). It says the same when the index fits,
   and a line that is told is not the one that the last checkpoint signs for.
2. An answer says how many lines it rests on, from which one on, and how many of the log it could not read or number.
3. A log with fewer lines than its last checkpoint signs for, or whose oldest lines are gone without a deletion that it
   has signed for, gives no answer: "nobody" would be said of lines that are gone. Where there is no checkpoint, the
   answer says so (`unsigned`).
4. Who is asked for is known here by pseudonyms alone.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from sqlite3 import Row
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from gateway.audit.disclosures import Disclosure, disclosures_of
from gateway.audit.events import EventAction
from gateway.audit.ledger import Ledger, LineChangedError
from gateway.audit.ledger_questions import PLACE, Filter, Query, about, by_action, following, newest, packages_about
from gateway.audit.ledger_rows import moment
from gateway.audit.parcels import counts_of
from gateway.audit.segments import sequence_of
from gateway.audit.verifying import are_signed_for
from gateway.bootstrap.audit_keys import read_audit_keys
from gateway.bootstrap.audit_reading import ProvedEvent, prove_events, signed_lines, were_deleted
from gateway.bootstrap.layout import SiteLayout
from gateway.package.errors import Code, SluisError

_PAGE: Final = 2_000
_FIRST: Final = "SELECT line, seq, at FROM event ORDER BY line LIMIT 1"
_DELETIONS: Final = f"SELECT {PLACE} FROM event WHERE action = '{EventAction.AUDIT_SEGMENT_DELETED.value}'"  # noqa: S608 - our own names.
_SUBJECTS: Final = "gateway.subject.pseudonym"
T = TypeVar("T")


class FoundEvent(NamedTuple):
    """An event: its place in the ledger, its number, and its line without the break."""

    place: int
    seq: int
    line: bytes

    def record(self) -> dict[str, Any]:
        """Read the line; the ledger holds only those that can be read."""
        record: dict[str, Any] = orjson.loads(self.line)
        return record


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What an answer rests on: lines of the log, those that can not be read, places where the numbering is wrong.

    `changed` says that lines which are told were no longer those that had been indexed, or are not shown to be those
    that were signed for; of lines that are only counted it does not know. `unsigned` says that there are lines and no
    checkpoint of this log that could miss others. `first` is the number of the first line that
    is kept and `since` the time of the first event: when `first` is not 0 what happened before was deleted, and no
    answer knows of it.
    """

    lines: int
    unreadable: int
    disorder: int
    changed: bool
    unsigned: bool
    first: int
    since: dt.datetime | None

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong with the log; a beginning that was deleted is not wrong."""
        return not (self.unreadable or self.disorder or self.changed or self.unsigned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Who got what about one person. `packages` counts those about that person, `unsent` those of them that nobody got.

    `unnamed` counts lines of the log that tell that something left and not about whom. `also` counts further packages
    about somebody who shares a pseudonym of another kind with this person.
    """

    disclosures: tuple[Disclosure, ...]
    events: tuple[FoundEvent, ...]
    packages: int
    unsent: int
    unnamed: int
    also: int


class Answers:
    """Asks the ledger of one site, whose log has signed for so many lines. Opened by `open_answers`."""

    def __init__(self, site: SiteLayout, ledger: Ledger, signed: int) -> None:
        self._site = site
        self._ledger = ledger
        self._signed = signed
        self._changed = False

    def basis(self) -> Basis:
        """Say what the answers of until now rest on. Raises SluisError `audit-unavailable`."""
        return replace(basis_of(self._ledger, signed=self._signed), changed=self._changed)

    def search(self, wanted: Filter, *, limit: int) -> list[FoundEvent]:
        """Find the newest events that fit, newest first. Raises SluisError `audit-unavailable`, `audit-changed`."""
        return self._again(lambda: self._found(newest(wanted, limit=limit)))

    def every(self, wanted: Filter) -> Iterator[FoundEvent]:
        """Give all events that fit, oldest first, without holding them all.

        Raises as `search` does; `audit-changed` also for lines that change while they are given.
        """
        after, full = -1, True
        while full:
            query = following(wanted, after=after, limit=_PAGE)
            page = self._again(partial(self._found, query)) if after < 0 else self._still(partial(self._found, query))
            yield from page
            full = len(page) == _PAGE
            after = page[-1].place if page else after

    def recipients(self) -> list[str]:
        """Give every recipient that the log names."""
        rows = self._ledger.rows("SELECT DISTINCT recipient FROM event WHERE recipient IS NOT NULL ORDER BY 1")
        return [recipient for (recipient,) in rows]

    def people(self) -> list[str]:
        """Give every colleague that the log names, in any role."""
        rows = self._ledger.rows(
            "SELECT person FROM event WHERE person IS NOT NULL"
            " UNION SELECT proposer FROM event WHERE proposer IS NOT NULL"
            " UNION SELECT deputy_for FROM event WHERE deputy_for IS NOT NULL"
        )
        return [person for (person,) in rows]

    def codes(self) -> list[str]:
        """Give every rule or error code that the log names."""
        return [code for (code,) in self._ledger.rows("SELECT DISTINCT code FROM event_code ORDER BY 1")]

    def received(self, pseudonyms: Sequence[str]) -> Received:
        """Tell who got what about whoever has one of these pseudonyms. Raises as `search` does."""
        return self._ledger.answer(lambda: self._received(pseudonyms))

    def _received(self, pseudonyms: Sequence[str]) -> Received:
        if not pseudonyms:
            return Received(
                disclosures=(), events=(), packages=0, unsent=0, unnamed=self._ledger.standing.unnamed, also=0
            )
        found = self._again(lambda: self._about(pseudonyms))
        records = [each.record() for each in found]
        packages = {record["gateway.package.id"] for record in records}
        kinds = {each.split(":", 1)[0] for each in pseudonyms}
        others = {
            each for record in records for each in record.get(_SUBJECTS, ()) if each.split(":", 1)[0] not in kinds
        }
        also = {package for (package,) in self._ledger.rows(*packages_about(sorted(others)))} if others else set()
        disclosures = tuple(disclosures_of(records))
        return Received(
            disclosures=disclosures,
            events=tuple(found),
            packages=len(packages),
            unsent=len(packages - {each.package for each in disclosures}),
            unnamed=self._ledger.standing.unnamed,
            also=len(also - packages),
        )

    def counts(self, wanted: Filter) -> dict[str, list[tuple[str, int]]]:
        """Count what left, by recipient, category, channel, month and what became of it, and the events of each kind.

        Raises SluisError `audit-unavailable`.
        """
        return self._ledger.answer(lambda: self._counted(wanted))

    def _counted(self, wanted: Filter) -> dict[str, list[tuple[str, int]]]:
        events = [(action, count) for action, count in self._ledger.rows(*by_action(wanted))]
        return {**counts_of(self._ledger.each_row, wanted), "events": events}

    def proved(self, events: Sequence[FoundEvent]) -> Iterator[ProvedEvent]:
        """Give events with their proofs. Raises as `prove_events` does."""
        return prove_events(self._site, [(each.seq, each.line) for each in events])

    def _about(self, pseudonyms: Sequence[str]) -> list[FoundEvent]:
        """Find the events of packages about a person; each package says so in a line of its own, or the index lies."""
        found, asked = [*self._found(about(pseudonyms))], frozenset(pseudonyms)
        told = [each.record() for each in found]
        named = {each.get("gateway.package.id") for each in told if asked & {*(each.get(_SUBJECTS) or ())}} - {None}
        if any(each.get("gateway.package.id") not in named for each in told):
            raise LineChangedError
        return found

    def _again(self, ask: Callable[[], T]) -> T:
        """Ask; when a line is not the one that was indexed, index anew and ask once more."""
        try:
            return ask()
        except LineChangedError:
            self._changed = True
            self._ledger.make_anew()
        return self._still(ask)

    def _still(self, ask: Callable[[], T]) -> T:
        """Ask. Raises SluisError `audit-changed` when a line is not the one that was indexed."""
        try:
            return ask()
        except LineChangedError as error:
            raise SluisError(Code.AUDIT_CHANGED) from error

    def _found(self, query: Query) -> list[FoundEvent]:
        """Read the lines of what is found, and note when they are not those that the log signed for."""
        found = [self._event(row) for row in self._ledger.rows(*query)]
        if found and self._signed and not self._changed:
            own, *_ = read_audit_keys(self._site)
            lines = ((each.seq, each.line) for each in found)
            self._changed = not are_signed_for(self._site.audit_log.parent, own, lines)
        return found

    def _event(self, row: Row) -> FoundEvent:
        """Read the line of a row. Raises LineChangedError when it is no event, or one of another number."""
        line = self._ledger.line_at(row)
        if sequence_of(line) != row["seq"]:
            raise LineChangedError
        return FoundEvent(row["line"], row["seq"], line)


def basis_of(ledger: Ledger, *, signed: int) -> Basis:
    """Say what an answer of this ledger rests on, whose log has signed for so many lines.

    Raises SluisError `audit-unavailable`.
    """
    return ledger.answer(lambda: _basis(ledger, signed=signed))


def _basis(ledger: Ledger, *, signed: int) -> Basis:
    standing = ledger.standing
    [(unreadable,)] = ledger.rows("SELECT count(*) FROM unreadable")
    # Lines that can not be read take a number each.
    first = next(((seq - line, moment(at)) for line, seq, at in ledger.rows(_FIRST)), (0, None))
    return Basis(
        lines=standing.lines,
        unreadable=unreadable,
        disorder=standing.disorder,
        changed=False,
        unsigned=standing.lines > 0 and not signed,
        first=max(0, first[0]),
        since=first[1],
    )


@contextmanager
def open_answers(site: SiteLayout, *, distrustful: bool = False) -> Iterator[Answers]:
    """Open the ledger of a site for answers. Raises as `open_ledger` does."""
    with open_ledger(site, distrustful=distrustful) as (ledger, signed):
        yield Answers(site, ledger, signed)


@contextmanager
def open_ledger(site: SiteLayout, *, distrustful: bool = False) -> Iterator[tuple[Ledger, int]]:
    """Open the ledger of a site, up to its log's last line, and tell for how many lines the log has signed.

    A distrustful one is made of the log alone. Raises SluisError `audit-changed` when the log has fewer lines than it
    has signed for, or begins later than a deletion says; `audit-unavailable`, `read-forbidden`, `setting-invalid`.
    """
    # Read before the lines are counted: a log that is being written has every line before it signs for it.
    signed = signed_lines(site)
    with Ledger(site.audit_log, distrustful=distrustful) as ledger:
        if _gone(site, ledger, signed):
            # An index that somebody wrote into counts wrongly as well; the lines themselves have the last word.
            ledger.make_anew()
            if gone := _gone(site, ledger, signed):
                raise SluisError(Code.AUDIT_CHANGED, detail=gone)
        yield ledger, signed


def _gone(site: SiteLayout, ledger: Ledger, signed: int) -> dict[str, int]:
    """Say how many lines the log has to have, or to begin with, and has not; empty when none is gone unsaid."""
    basis = basis_of(ledger, signed=0)
    if basis.first + basis.lines < signed:
        return {"signed": signed, "found": basis.first + basis.lines}
    with suppress(LineChangedError):
        if not basis.first or were_deleted(site, basis.first, map(ledger.line_at, ledger.rows(_DELETIONS))):
            return {}
    return {"signed": 0, "found": basis.first}
