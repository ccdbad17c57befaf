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
from gateway.pipeline import Parts, Pipeline
from gateway.receipt.port import SlipFacts
from gateway.spool.candidates import MANIFEST_STREAM, Candidate, manifest_bytes
from gateway.spool.port import PackageKeys, PayloadSink

_T = TypeVar("_T")
_log = structlog.get_logger()
_NOT_NOW = frozenset({Code.DISK_FULL, Code.SPOOL_UNAVAILABLE, Code.AUDIT_UNAVAILABLE})
_AGAIN_SECONDS = 5.0


@dataclass(slots=True)
class _Reading:
    """What is known of an entry while it is being read."""

    package: PackageId
    keys: PackageKeys | None = None
    sink: PayloadSink | None = None
    accepted: bool = False

    def abandon(self) -> None:
        """Remove what was encrypted for nothing."""
        if self.sink is not None:
            self.sink.abandon()


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorParts:
    """What the door needs beside the pipeline."""

    outbox: Outbox
    people: PeopleRegister
    limits: Limits
    monotonic: Callable[[], float]
    concurrency: int = 4


class OutboxDoor:
    """Empties the outbox into the pipeline."""

    def __init__(self, pipeline: Pipeline, parts: Parts, submissions: Submissions, door: DoorParts) -> None:
        self._pipeline = pipeline
        self._parts = parts
        self._submissions = submissions
        self._door = door
        self._leftovers: list[Claimed] = []
        self._again_at = 0.0

    async def recover(self) -> None:
        """Find what a crash left claimed; it is taken up before anything new."""
        self._leftovers = list(await asyncio.to_thread(lambda: list(self._door.outbox.claimed())))

    async def empty(self) -> float | None:
        """Take everything that is ready; give the seconds until an entry may become ready, None for unknown."""
        now = self._door.monotonic()
        if self._leftovers and now >= self._again_at:
            leftovers, self._leftovers = self._leftovers, []
            await self._each(self._take, leftovers)
        found = await asyncio.to_thread(lambda: self._door.outbox.scan(now=now))
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
        claim = self._submissions.new_id()
        claimed = await asyncio.to_thread(self._door.outbox.claim, entry, claim)
        if claimed is not None:
            await self._take(claimed)

    async def _take(self, claimed: Claimed) -> None:
        """Lead one claimed entry to the spool, or to its rejection; whatever fails, it stays claimed."""
        try:
            if await self._parts.spool.find_claim(claimed.claim_id) is None:
                await self._accept(claimed)
            await asyncio.to_thread(self._door.outbox.discard, claimed)
        except SluisError as error:
            if error.code in _NOT_NOW:
                self._later(claimed, error)
            else:
                await self._reject(claimed, error)
        except OSError as error:
            self._later(claimed, error)

    async def _accept(self, claimed: Claimed) -> None:
        """Make an entry durable. What was encrypted for one that is not taken is removed again.

        Not on cancellation: the transaction may still be on its way to the disk, and what no row names is swept.
        """
        reading = _Reading(package=PackageId(claimed.claim_id))
        try:
            await self._read_and_accept(claimed, reading)
        except (SluisError, OSError):
            reading.abandon()
            raise
        if not reading.accepted:
            reading.abandon()

    async def _read_and_accept(self, claimed: Claimed, reading: _Reading) -> None:
        read, submitter = await asyncio.to_thread(self._read, claimed, reading)
        self._submissions.check(read.manifest, submitter=submitter)
        if reading.sink is None or reading.keys is None:
            raise ValueError("a package was read without a sink")
        candidate = Candidate(
            id=reading.package,
            claim=claimed.claim_id,
            source=Source.OUTBOX,
            submitter=submitter,
            manifest=read.manifest,
            entry=read.entry_name,
            keys=reading.keys,
            payloads=tuple(reading.sink.payloads),
            complete=True,
        )
        reading.accepted = await self._pipeline.accept(candidate) is None

    def _read(self, claimed: Claimed, reading: _Reading) -> tuple[ReadEntry, Submitter]:
        submitter = self._door.people.submitting(claimed.owner_uid)
        if submitter is None:
            raise SluisError(Code.SUBMITTER_UNKNOWN)
        read = read_entry(claimed, sink_for=lambda manifest: self._sink(manifest, reading), limits=self._door.limits)
        return read, submitter

    def _sink(self, manifest: Manifest, reading: _Reading) -> "_IntakeSink":
        """Draw keys once the manifest has said under which id the package travels."""
        if manifest.id is not None:
            reading.package = parse_package_id(manifest.id)
        reading.keys = self._parts.vault.new_keys(reading.package)
        reading.sink = self._parts.vault.sink(reading.package, reading.keys)
        reading.sink.put(MANIFEST_STREAM, [manifest_bytes(manifest)])
        return _IntakeSink(reading.sink)

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
