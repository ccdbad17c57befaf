"""Tells the Logboek Dataverwerkingen what the audit log says of people's data: every record, acknowledged, in order.

Rules, in order:
1. Records are made of lines of the audit log that a checkpoint covers; what is not sent yet is kept there. The place in
   the log moves on when the logbook has acknowledged all records of the lines before it, and not before. What was sent
   and not kept, because one of the two was killed in between, is sent again with the same ids.
2. A logbook that does not answer as agreed is asked again: when it says, else after a pause that doubles.
3. What it refuses is divided until the record stands alone that it refuses; that one is put aside (`logbook_refused`),
   the others go on.
4. It stops nothing. What a person has to know is a notice.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gateway.audit.processing import Action, Register, Span, action_of, moment_of, spans_of
from gateway.bootstrap.log_following import LogFollower, LogLine
from gateway.bootstrap.logbook_otlp import NotNow, Refused, Said, Taken, request_of
from gateway.bootstrap.logbook_refused import RefusedLine, RefusedLines
from gateway.bootstrap.logbook_starts import Starts
from gateway.bootstrap.logging_library import structlog
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId

_MOST_PAUSE_SECONDS: Final = 300.0
_OFFER_SECONDS: Final = 3600.0
_MOST_DOUBLINGS: Final = 16
PLACE: Final = "audit/places/logbook.json"
REFUSED: Final = "audit/logbook-refused.jsonl"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _NotTakenError(Exception):
    """The logbook takes nothing now; `after_seconds` when it said so."""

    status: int
    after_seconds: float | None


class Places(NamedTuple):
    """What is kept on disk of one logbook: how far it is, when actions began, and what it refused."""

    follower: LogFollower
    starts: Starts
    refused: RefusedLines


class _Told(NamedTuple):
    """A line with the records that are made of it."""

    line: RefusedLine
    spans: tuple[Span, ...]


@dataclass(slots=True, kw_only=True)
class Logbook:
    """Sends records to one logbook.

    `open_places` reads what is kept on disk; `size` is how many lines of the log are signed, None when none are;
    `post` sends a body; `purpose_of` is what a package is for, empty when unknown.
    """

    open_places: Callable[[], Places]
    size: Callable[[], int | None]
    post: Callable[[bytes], Awaitable[Said]]
    purpose_of: Callable[[PackageId], Awaitable[str]]
    register: Register
    now: Callable[[], dt.datetime]
    batch_events: int
    look_seconds: float
    late_seconds: float
    _places: Places | None = None
    _waits_since: dt.datetime | None = None
    _failures: int = 0
    _other_log: bool = False
    _offer_at: dt.datetime | None = field(default=None)

    async def run(self) -> None:
        """Send what there is, again and again, until cancelled."""
        while True:
            pause = await self._round()
            await asyncio.sleep(pause)

    def notices(self) -> tuple[tuple[str, str], ...]:
        """Tell whether records wait for too long, or were refused, as (code, place)."""
        late, found = dt.timedelta(seconds=self.late_seconds), []
        if self._other_log or (self._waits_since is not None and self.now() - self._waits_since >= late):
            found.append((Code.LOGBOOK_UNREACHABLE.value, "audit.logbook"))
        if self._places is not None and len(self._places.refused):
            found.append((Code.LOGBOOK_REFUSED.value, REFUSED))
        return tuple(found)

    async def _round(self) -> float:
        """Send until nothing is left, and give how many seconds to wait before the next look."""
        try:
            if self._places is None:
                self._places = await asyncio.to_thread(self.open_places)
            places = self._places
            # First, so that there is room again for what is refused next.
            await self._offer_again(places)
            while await self._send_next(places):
                self._failures = 0
        except Exception as error:  # noqa: BLE001 - whatever it is, it stops nothing, and is tried again.
            return self._pause_after(error)
        self._failures, self._waits_since = 0, None
        return self.look_seconds

    def _pause_after(self, error: Exception) -> float:
        if self._failures == 0:
            status = error.status if isinstance(error, _NotTakenError) else 0
            _log.warning("logbook-missed", exc_info=error, status=status)
        pause = min(self.look_seconds * 2**self._failures, _MOST_PAUSE_SECONDS)
        self._failures = min(self._failures + 1, _MOST_DOUBLINGS)
        self._waits_since = self._waits_since or self.now()
        said = error.after_seconds if isinstance(error, _NotTakenError) else None
        return pause if said is None else max(said, self.look_seconds)

    async def _send_next(self, places: Places) -> bool:
        """Send one batch and keep that it arrived; tell whether there was one."""
        size = self.size()
        if size is None:
            return False
        self._other_log = await asyncio.to_thread(places.follower.is_of_another_log, size)
        if self._other_log:
            # Which of its lines were sent, nobody can say.
            raise SluisError(Code.AUDIT_CHANGED, where=PLACE)
        batch, told = await asyncio.to_thread(self._read, places, size)
        if not batch:
            return False
        records = [_Told(line, await self._spans(action)) for line, action in told]
        if told:
            self._waits_since = moment_of(told[0][1].text("@timestamp")) or self._waits_since
        await self._deliver(places, records)
        await asyncio.to_thread(places.follower.keep, batch[-1])
        self._waits_since = None
        return True

    def _read(self, places: Places, size: int) -> tuple[Sequence[LogLine], list[tuple[RefusedLine, Action]]]:
        """Read the next lines, and which of them tell of processing actions. Raises OSError, SluisError."""
        batch = places.follower.ahead(size=size, most=self.batch_events)
        told, expected = [], places.follower.next_index
        for line in batch:
            if line.index != expected:
                _log.error("logbook-lines-missing", count=line.index - expected)
            expected = line.index + 1
            started = places.starts.start_of(line)
            action = action_of(line.line, started=started)
            if action is not None:
                text = line.line.decode("utf-8")
                told.append((RefusedLine(index=line.index, status=0, started=started, line=text), action))
        return batch, told

    async def _spans(self, action: Action) -> tuple[Span, ...]:
        purpose, package = action.text("gateway.purpose"), action.text("gateway.package.id")
        if not purpose and package:
            purpose = await self.purpose_of(PackageId(package))
        return spans_of(action, purpose=purpose, register=self.register)

    async def _deliver(self, places: Places, records: list[_Told]) -> None:
        """Bring all records, dividing what is refused. Raises `_NotTakenError`, OSError."""
        waiting = [records] if records else []
        while waiting:
            group = waiting.pop()
            said = await self._send(group)
            if isinstance(said, Taken):
                continue
            if len(group) > 1:
                half = len(group) // 2
                waiting += [group[half:], group[:half]]
            else:
                await self._put_aside(places, group[0].line, said)

    async def _send(self, group: list[_Told]) -> Taken | Refused:
        said = await self.post(request_of([span for each in group for span in each.spans]))
        if isinstance(said, NotNow):
            raise _NotTakenError(said.status, said.after_seconds)
        return said

    async def _put_aside(self, places: Places, line: RefusedLine, said: Refused) -> None:
        if not places.refused.has_room(line.index):
            raise _NotTakenError(said.status, None)
        _log.error("logbook-refused", status=said.status)
        refused = RefusedLine(index=line.index, status=said.status, started=line.started, line=line.line)
        await asyncio.to_thread(places.refused.put, refused)

    async def _offer_again(self, places: Places) -> None:
        """Offer what was refused once more: at a start, and then every hour."""
        now = self.now()
        if self._offer_at is not None and now < self._offer_at:
            return
        for line in places.refused.all():
            action = action_of(line.line.encode(), started=line.started)
            if action is not None and isinstance(await self._send([_Told(line, await self._spans(action))]), Refused):
                continue
            await asyncio.to_thread(places.refused.remove, line.index)
        self._offer_at = now + dt.timedelta(seconds=_OFFER_SECONDS)
