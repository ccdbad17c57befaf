"""The outbox's door: what lies finished in the outbox becomes a package, or is rejected where its owner finds it.

Rules:
1. The scan is the truth; file events only wake it.
2. An entry is claimed by rename, read, encrypted and made durable; only then is it unlinked.
3. What can not be read is moved to "action needed" unchanged, with its slip. What can not be kept now (disk full,
   audit log down) stays claimed and is tried again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from gateway.bootstrap.people import PeopleRegister
from gateway.bootstrap.submissions import Submissions
from gateway.intake.entry_reading import Limits, ReadEntry, read_entry
from gateway.intake.outbox import Claimed, Entry, Outbox
from gateway.intake.port import StoredStream
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, parse_package_id
from gateway.package.manifest import Manifest
from gateway.package.states import Source, Submitter
from gateway.parts import Parts
from gateway.pipeline import Pipeline
from gateway.receipt.port import SlipFacts
from gateway.spool.candidates import MANIFEST_STREAM, Candidate, manifest_bytes
from gateway.spool.port import PackageKeys, PayloadSink

_T = TypeVar("_T")
_log = structlog.get_logger()
_NOT_NOW = frozenset({Code.DISK_FULL, Code.SPOOL_UNAVAILABLE, Code.AUDIT_UNAVAILABLE})
_AGAIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Opened:
    """Where the bytes of an entry go, once its manifest is known."""

    package: PackageId
    keys: PackageKeys
    sink: PayloadSink


@dataclass(frozen=True, slots=True)
class _Reading:
    """An entry that has been read whole, encrypted and not yet accepted."""

    package: PackageId
    keys: PackageKeys
    sink: PayloadSink
    read: ReadEntry
    submitter: Submitter


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorParts:
    """What the door needs beside the pipeline."""

    outbox: Outbox
    people: PeopleRegister
    limits: Limits
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
        self._accepted: list[Claimed] = []
        self._discarding: asyncio.Task[None] | None = None

    async def recover(self) -> None:
        """Find what a crash left claimed; it is taken up before anything new."""
        self._leftovers = list(await asyncio.to_thread(lambda: list(self._door.outbox.claimed())))

    async def empty(self) -> float | None:
        """Take everything that is ready; give the seconds until an entry may become ready, None for unknown."""
        now = self._door.monotonic()
        if self._leftovers and now >= self._again_at:
            leftovers, self._leftovers = self._leftovers, []
            await self._each(self._take_again, leftovers)
        found = await asyncio.to_thread(lambda: self._door.outbox.scan(now=now))
        self._door.tell_stuck(found.stuck)
        await self._each(self._claim_and_take, found.ready)
        return None if found.next_due is None else max(0.0, found.next_due - self._door.monotonic())

    async def _each(self, work: Callable[[_T], Awaitable[None]], items: Iterable[_T]) -> None:
        """Work on many entries, a few at a time, so that thousands at once do not fill the memory."""
        waiting = iter(items)

        async def worker() -> None:
            for item in waiting:
                await work(item)

        async with asyncio.TaskGroup() as group:
            for _ in range(self._door.concurrency):
                group.create_task(worker())

    async def _claim_and_take(self, entry: Entry) -> None:
        """Claim an entry and lead it on; claiming and reading share one visit to a thread."""
        claim = self._submissions.new_id()
        taken = await asyncio.to_thread(self._claim_and_read, entry, claim)
        if taken is not None:
            await self._lead(*taken)

    def _claim_and_read(self, entry: Entry, claim: PackageId) -> tuple[Claimed, "_Reading | Exception"] | None:
        claimed = self._door.outbox.claim(entry, claim)
        return None if claimed is None else (claimed, self._read(claimed))

    async def _take_again(self, claimed: Claimed) -> None:
        """Lead on what was claimed before: it may have been accepted already."""
        try:
            known = await self._parts.spool.find_claim(claimed.claim_id)
        except SluisError as error:
            self._later(claimed, error)
            return
        if known is not None:
            self._discard(claimed)
        else:
            await self._lead(claimed, await asyncio.to_thread(self._read, claimed))

    async def _lead(self, claimed: Claimed, reading: "_Reading | Exception") -> None:
        """Lead one claimed entry to the spool, or to its rejection; whatever fails, it stays claimed."""
        try:
            if isinstance(reading, Exception):
                raise reading
            await self._accept(claimed, reading)
        except SluisError as error:
            if error.code in _NOT_NOW:
                self._later(claimed, error)
            else:
                await self._reject(claimed, error)
        except OSError as error:
            self._later(claimed, error)

    async def _accept(self, claimed: Claimed, reading: "_Reading") -> None:
        """Make an entry durable. What was encrypted for one that is not taken is removed again.

        Not on cancellation: the transaction may still be on its way to the disk, and what no row names is swept.
        """
        try:
            self._submissions.check(reading.read.manifest, submitter=reading.submitter)
            candidate = Candidate(
                id=reading.package,
                claim=claimed.claim_id,
                source=Source.OUTBOX,
                submitter=reading.submitter,
                manifest=reading.read.manifest,
                entry=reading.read.entry_name,
                keys=reading.keys,
                payloads=tuple(reading.sink.payloads),
                complete=True,
            )
            known = await self._pipeline.accept(candidate)
        except SluisError:
            reading.sink.abandon()
            raise
        if known is not None:
            reading.sink.abandon()
        self._discard(claimed)

    def _discard(self, claimed: Claimed) -> None:
        """Have an accepted entry unlinked; what a crash leaves behind is recognised by its claim."""
        self._accepted.append(claimed)
        if self._discarding is None or self._discarding.done():
            self._discarding = asyncio.create_task(self._unlink_accepted())

    async def _unlink_accepted(self) -> None:
        while self._accepted:
            accepted, self._accepted = self._accepted, []
            for claimed, failure in await asyncio.to_thread(self._unlink, accepted):
                self._later(claimed, failure)

    def _unlink(self, accepted: list[Claimed]) -> list[tuple[Claimed, OSError]]:
        failed = []
        for claimed in accepted:
            try:
                self._door.outbox.discard(claimed)
            except OSError as error:
                failed.append((claimed, error))
        return failed

    def _read(self, claimed: Claimed) -> "_Reading | Exception":
        """Read an entry into the spool's sink; what goes wrong is handed back, with nothing left behind."""
        sinks: list[_Opened] = []
        try:
            submitter = self._submitter_of(claimed)

            def sink_for(manifest: Manifest) -> _IntakeSink:
                sinks.append(self._sink(manifest, PackageId(claimed.claim_id)))
                return _IntakeSink(sinks[0].sink)

            read = read_entry(claimed, sink_for=sink_for, limits=self._door.limits)
            opened = sinks[0]
            return _Reading(opened.package, opened.keys, opened.sink, read, submitter)
        except (SluisError, OSError) as error:
            for opened in sinks:
                opened.sink.abandon()
            return error

    def _submitter_of(self, claimed: Claimed) -> Submitter:
        submitter = self._door.people.submitting(claimed.owner_uid)
        if submitter is None:
            raise SluisError(Code.SUBMITTER_UNKNOWN)
        return submitter

    def _sink(self, manifest: Manifest, claim: PackageId) -> "_Opened":
        """Draw keys once the manifest has said under which id the package travels."""
        package = claim if manifest.id is None else parse_package_id(manifest.id)
        keys = self._parts.vault.new_keys(package)
        sink = self._parts.vault.sink(package, keys)
        sink.put(MANIFEST_STREAM, [manifest_bytes(manifest)])
        return _Opened(package, keys, sink)

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
        try:
            await self._pipeline.reject(facts, source=Source.OUTBOX, submitter=submitter)
            await asyncio.to_thread(self._door.outbox.reject, claimed)
        except (SluisError, OSError) as failure:
            self._later(claimed, failure)

    def _later(self, claimed: Claimed, failure: Exception) -> None:
        _log.warning("entry-waits", exc_info=failure)
        self._leftovers.append(claimed)
        self._again_at = self._door.monotonic() + _AGAIN_SECONDS


class _IntakeSink:
    """Gives intake its port on top of the spool's sink."""

    def __init__(self, sink: PayloadSink) -> None:
        self._sink = sink

    def store(self, stream: str, chunks: Iterable[bytes], /) -> StoredStream:
        payload = self._sink.put(stream, chunks)
        return StoredStream(stream=payload.stream, size=payload.size, digest=payload.digest)
