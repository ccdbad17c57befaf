"""The outbox's door: what lies finished in the outbox becomes a package, or is rejected where its owner finds it.

Rules:
1. The scan is the truth; file events only wake it. Events tell of the folder and not of what lies in an entry, so that
   entries that are not finished are looked at again often: a marker in one of them means at once.
2. An entry is claimed by rename, read, encrypted and made durable; only then is it unlinked, together with those that
   are accepted in the same moment. At an orderly end what was accepted is unlinked at once.
3. What can not be read is moved to "action needed" unchanged, with its slip. What can not be kept now (disk full,
   audit log down) stays claimed and is tried again. What meets a fault of our own is too, a few times.
4. What is claimed and known to nobody, after a crash of the service or of a worker, is found again and taken up.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, TypeVar

from gateway.bootstrap.blocking_work import Read, Reading, Taken
from gateway.bootstrap.logging_library import structlog
from gateway.bootstrap.people import PeopleRegister
from gateway.bootstrap.submissions import Submissions
from gateway.intake.outbox import Claimed, Entry, Outbox
from gateway.package.errors import Code, SluisError, code_of
from gateway.package.ids import PackageId
from gateway.package.states import Source, Submitter
from gateway.parts import Parts
from gateway.pipeline import Pipeline
from gateway.receipt.port import SlipFacts
from gateway.spool.candidates import Candidate
from gateway.spool.port import Payload

_T = TypeVar("_T")
_log = structlog.get_logger()
_NOT_NOW = frozenset(
    {
        Code.DISK_FULL,
        Code.SPOOL_UNAVAILABLE,
        Code.AUDIT_CHANGED,
        Code.AUDIT_UNAVAILABLE,
        Code.WORKER_LOST,
        Code.POLICY_NOT_APPROVED,
        Code.POLICY_UNAVAILABLE,
    }
)
_AGAIN_SECONDS = 5.0
_MARKER_SECONDS = 0.25
# Looking may take a tenth of the time, however much lies there.
_LOOKS_APART = 10
_TOGETHER = 4
_DISCARD_SECONDS = 0.2
_CLOSE_SECONDS = 5.0
_MOST_LOSSES = 4


class EntryHands(Protocol):
    """Does what blocks with entries; see `gateway.bootstrap.blocking_work`. Raises SluisError `worker-lost`."""

    async def take(self, entries: Sequence[tuple[Entry, PackageId]], /) -> list[Taken]:
        """Claim finished entries and read them."""
        ...

    async def read(self, claimed: Claimed, /) -> Read:
        """Read a claimed entry."""
        ...

    async def discard(self, accepted: Sequence[Claimed], /) -> list[tuple[Claimed, OSError]]:
        """Unlink accepted entries; give those that could not be."""
        ...

    async def give_back(self, claimed: Claimed, /) -> None:
        """Move a rejected entry to where its owner can act. Raises OSError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorParts:
    """What the door needs beside the pipeline; `abandon` removes what was encrypted for an entry that is not taken."""

    outbox: Outbox
    hands: EntryHands
    people: PeopleRegister
    abandon: Callable[[Iterable[Payload]], None]
    monotonic: Callable[[], float]
    tell_stuck: Callable[[int], None]
    concurrency: int = 2


class OutboxDoor:
    """Empties the outbox into the pipeline."""

    def __init__(self, pipeline: Pipeline, parts: Parts, submissions: Submissions, door: DoorParts) -> None:
        self._pipeline = pipeline
        self._parts = parts
        self._submissions = submissions
        self._door = door
        self._leftovers: list[Claimed] = []
        self._again_at = 0.0
        self._in_hand: set[str] = set()
        self._lost_some = False
        self._losses: Counter[str] = Counter()
        self._accepted: list[Claimed] = []
        self._discarding: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    async def recover(self) -> None:
        """Find what a crash left claimed; it is taken up before anything new."""
        claimed = await asyncio.to_thread(lambda: list(self._door.outbox.claimed()))
        known = self._in_hand | {each.claim_id for each in (*self._leftovers, *self._accepted)}
        self._leftovers += [each for each in claimed if each.claim_id not in known]
        self._lost_some = False

    async def empty(self) -> float | None:
        """Take everything that is ready; give the seconds until an entry may be ready, None when none is expected."""
        if self._lost_some:
            await self.recover()
        now = self._door.monotonic()
        if self._leftovers and now >= self._again_at:
            leftovers, self._leftovers = self._leftovers, []
            await self._each(self._take_again, leftovers)
        found = await asyncio.to_thread(lambda: self._door.outbox.scan(now=now))
        looked = self._door.monotonic() - now
        self._door.tell_stuck(found.stuck)
        await self._each(self._take_together, _few_at_a_time(found.ready))
        if found.next_due is None:
            return None
        pause = max(0.0, found.next_due - self._door.monotonic())
        if found.waiting:
            pause = min(pause, max(_MARKER_SECONDS, looked * _LOOKS_APART))
        return pause

    async def aclose(self) -> None:
        """Unlink what was accepted, now that nobody takes any more; within a time, and what is left is found again.

        Also what was accepted while its taking was cancelled: the spool answers after what was put to it before.
        """
        self._closing.set()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.recover()
                for claimed in tuple(self._leftovers):
                    await self._discard_if_accepted(claimed)
        except (SluisError, OSError) as error:
            _log.warning("entries-wait", count=len(self._leftovers), exc_info=error)
        if self._discarding is not None:
            await asyncio.wait([self._discarding], timeout=_CLOSE_SECONDS)

    async def _each(self, work: Callable[[_T], Awaitable[None]], items: Iterable[_T]) -> None:
        """Work on many, a few at a time, so that thousands at once do not fill the memory."""
        waiting = iter(items)

        async def worker() -> None:
            for item in waiting:
                await work(item)

        async with asyncio.TaskGroup() as group:
            for _ in range(self._door.concurrency):
                group.create_task(worker())

    async def _take_together(self, entries: Sequence[Entry]) -> None:
        """Have a few entries claimed and read, and lead each on."""
        named = [(entry, self._submissions.new_id()) for entry in entries]
        claims = {claim for _, claim in named}
        self._in_hand |= claims
        all_led = False
        try:
            for (entry, _), taken in zip(named, await self._door.hands.take(named), strict=True):
                if taken.stuck:
                    self._door.outbox.note_stuck(entry.name)
                if taken.claimed is not None and taken.read is not None:
                    await self._lead(taken.claimed, taken.read)
            all_led = True
        except Exception as error:  # noqa: BLE001 - also a fault of our own keeps no other entry from being taken.
            _log.warning("entries-wait", count=len(named), exc_info=error)
        finally:
            # Else nobody knows which of them were claimed already: whatever is, is found again.
            self._lost_some = self._lost_some or not all_led
            self._in_hand -= claims

    async def _take_again(self, claimed: Claimed) -> None:
        """Lead on what was claimed before: it may have been accepted already."""
        self._in_hand.add(claimed.claim_id)
        try:
            if not await self._discard_if_accepted(claimed):
                await self._lead(claimed, await self._door.hands.read(claimed))
        except Exception as error:  # noqa: BLE001 - also a fault of our own keeps no other entry from being taken.
            await self._try_again_or_reject(claimed, error)
        finally:
            self._in_hand.discard(claimed.claim_id)

    async def _try_again_or_reject(self, claimed: Claimed, error: Exception) -> None:
        """Try again later; one that ends its worker, or meets a fault of our own, each time goes back in the end."""
        ours = not isinstance(error, OSError) and code_of(error) in (Code.WORKER_LOST, Code.INTERNAL_ERROR)
        self._losses[claimed.claim_id] += ours
        if ours and self._losses[claimed.claim_id] >= _MOST_LOSSES:
            await self._reject(claimed, SluisError(code_of(error)))
        else:
            self._later(claimed, error)

    async def _lead(self, claimed: Claimed, read: Read) -> None:
        """Lead one claimed entry to the spool, or to its rejection; whatever fails, it stays claimed."""
        try:
            submitter = self._submitter_of(claimed)
            if not isinstance(read, Reading):
                raise read
            await self._accept(claimed, read, submitter)
        except SluisError as error:
            if isinstance(read, Reading) and error.code is Code.SUBMITTER_UNKNOWN:
                self._door.abandon(read.payloads)
            if error.code in _NOT_NOW:
                self._later(claimed, error)
            else:
                await self._reject(claimed, error)
        except OSError as error:
            self._later(claimed, error)

    def _submitter_of(self, claimed: Claimed) -> Submitter:
        submitter = self._door.people.submitting(claimed.owner_uid)
        if submitter is None:
            raise SluisError(Code.SUBMITTER_UNKNOWN)
        return submitter

    async def _accept(self, claimed: Claimed, reading: Reading, submitter: Submitter) -> None:
        """Make an entry durable. What was encrypted for one that is not taken is removed again.

        Not on cancellation: the transaction may still be on its way to the disk, and what no row names is swept.
        """
        try:
            self._submissions.check(reading.manifest, submitter=submitter)
            candidate = Candidate(
                id=reading.package,
                claim=claimed.claim_id,
                source=Source.OUTBOX,
                submitter=submitter,
                manifest=reading.manifest,
                entry=reading.entry,
                keys=reading.keys,
                payloads=reading.payloads,
                complete=True,
            )
            known = await self._pipeline.accept(candidate)
        except SluisError:
            self._door.abandon(reading.payloads)
            raise
        if known is not None:
            self._door.abandon(reading.payloads)
            if known.claim != claimed.claim_id:
                # Taken away without a word it would look sent: its owner hears that nothing came of this one.
                raise SluisError(Code.ID_CONFLICT)
        self._discard(claimed)

    async def _discard_if_accepted(self, claimed: Claimed) -> bool:
        accepted = await self._parts.spool.find_claim(claimed.claim_id) is not None
        if accepted:
            self._discard(claimed)
        return accepted

    def _discard(self, claimed: Claimed) -> None:
        """Have an accepted entry unlinked; what a crash leaves behind is recognised by its claim."""
        self._losses.pop(claimed.claim_id, None)
        self._accepted.append(claimed)
        if self._discarding is None or self._discarding.done():
            self._discarding = asyncio.create_task(self._unlink_accepted())

    async def _unlink_accepted(self) -> None:
        while self._accepted:
            # Those of the next moment go with it: one message to a worker and one flush of the folder for all of them.
            with suppress(TimeoutError):
                async with asyncio.timeout(_DISCARD_SECONDS):
                    await self._closing.wait()
            accepted, self._accepted = self._accepted, []
            try:
                failed = await self._door.hands.discard(accepted)
            except Exception as error:  # noqa: BLE001 - whatever it was, what is left is unlinked later.
                for claimed in accepted:
                    self._later(claimed, error)
            else:
                for claimed, failure in failed:
                    self._later(claimed, failure)

    async def _reject(self, claimed: Claimed, error: SluisError) -> None:
        """Account for it, write its slip, then give it back; after a crash in between it is rejected again."""
        facts = SlipFacts(
            id=PackageId(claimed.claim_id),
            entry=claimed.name,
            at=self._parts.now(),
            state=None,
            codes=(error.code.value,),
            where=error.where,
            detail=error.detail,
            faults=error.faults,
        )
        submitter = self._door.people.submitting(claimed.owner_uid)
        self._losses.pop(claimed.claim_id, None)
        try:
            await self._pipeline.reject(facts, source=Source.OUTBOX, submitter=submitter)
            await self._door.hands.give_back(claimed)
        except Exception as failure:  # noqa: BLE001 - whatever it was, it stays claimed.
            self._later(claimed, failure)

    def _later(self, claimed: Claimed, failure: Exception) -> None:
        _log.warning("entry-waits", exc_info=failure)
        self._leftovers.append(claimed)
        self._again_at = self._door.monotonic() + _AGAIN_SECONDS


def _few_at_a_time(entries: Iterable[Entry]) -> Iterator[Sequence[Entry]]:
    rest = iter(entries)
    while few := list(islice(rest, _TOGETHER)):
        yield few
