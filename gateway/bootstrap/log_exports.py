"""Sends the audit log's lines on, to each target by itself: in order, at least once, and none that is not evidence yet.

Rules, in order:
1. How far a target is stands in `audit/places/export-NAME.json` and moves only when a batch has arrived. What had
   arrived and was not kept any more comes twice; the receiver knows it by `event.sequence` or `event.id`.
2. A target that fails stops neither packages nor other targets. It is tried again ever more seldom, up to once a
   minute, and told of once lines have waited for `late_seconds`.
3. A place beyond the log's end, or behind another line than the one that arrived last, means another log than the one
   that was exported: nothing is sent, and it is told of at once.
4. Where it is asked for, the newest checkpoint follows each batch, as a line of the same form.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.exports.kinds import CHECKPOINT
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.notes import Note
from gateway.audit.records import ECS_VERSION
from gateway.bootstrap.export_targets import ExportTarget
from gateway.bootstrap.log_following import LogFollower
from gateway.bootstrap.logging_library import structlog
from gateway.bootstrap.watch import report_miss
from gateway.deliver.retry import RetryPolicy, wait_seconds
from gateway.package.errors import Code, SluisError

_BATCH: Final = 500
_LONGEST_SECONDS: Final = 60.0
_log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class LogExport:
    """One export: whose lines, where they lie, who gets them, and where it is kept how far that is."""

    name: str
    audit: AuditLogFiles
    folder: Path
    place: Path
    target: ExportTarget
    checkpoints: bool
    every_seconds: float
    late_seconds: float
    now: Callable[[], dt.datetime]
    monotonic: Callable[[], float] = time.monotonic
    _follower: LogFollower | None = field(default=None)
    _failed: int = field(default=0)
    _other_log: bool = field(default=False)
    _waiting: tuple[int, float] | None = field(default=None)

    async def run(self) -> None:
        """Send on what there is, again and again, until cancelled."""
        pauses = RetryPolicy(first_seconds=self.every_seconds, max_seconds=max(self.every_seconds, _LONGEST_SECONDS))
        while True:
            try:
                while await self.send_once():
                    self._failed = 0
            except Exception as error:  # noqa: BLE001 - whatever it is, it ends neither this nor what runs beside it.
                if not self._failed:
                    report_miss("audit-export-failed", error)
                self._failed += 1
            else:
                self._failed = 0
            await asyncio.sleep(wait_seconds(pauses, attempt=max(self._failed, 1)))

    async def send_once(self) -> bool:
        """Send one batch on; tell whether there was one. Raises OSError, SluisError `audit-unavailable`."""
        note = self.audit.checkpoint()
        if note is None:
            return False
        size = read_checkpoint(note).size
        follower = await self._opened(size)
        self._wait_for(size, sent=follower.next_index)
        self._other_log = await asyncio.to_thread(follower.is_of_another_log, size)
        if self._other_log:
            raise SluisError(Code.AUDIT_COPY_FAILED, where=self.name)
        batch = await asyncio.to_thread(follower.ahead, size=size, most=_BATCH)
        if not batch:
            return False
        lines = [each.line for each in batch]
        if self.checkpoints and batch[-1].index == size - 1:
            lines.append(checkpoint_line(note, at=self.now()))
        await self.target.deliver(lines)
        await asyncio.to_thread(follower.keep, batch[-1])
        self._wait_for(size, sent=follower.next_index)
        return True

    def is_late(self) -> bool:
        """Tell whether lines have waited for too long, or can not be sent at all before somebody has looked."""
        return self._other_log or (
            self._waiting is not None and self.monotonic() - self._waiting[1] >= self.late_seconds
        )

    async def _opened(self, size: int) -> LogFollower:
        if self._follower is None:
            # As long as its place can not be read, all lines wait.
            self._wait_for(size, sent=-1)
            follower = await asyncio.to_thread(LogFollower, self.folder, self.place)
            await asyncio.to_thread(follower.begin)
            self._follower = follower
        return self._follower

    def _wait_for(self, size: int, *, sent: int) -> None:
        """Remember since when the log's end of now is waited for, until that has arrived; a wrong place waits too."""
        if self._waiting is not None and self._waiting[0] <= sent <= size:
            self._waiting = None
        if self._waiting is None and sent != size:
            self._waiting = (size, self.monotonic())


def checkpoint_line(note: Note, *, at: dt.datetime) -> bytes:
    """Write a checkpoint as a line like those of the log, for a receiver that is to keep it; it is none of the log."""
    checkpoint = read_checkpoint(note)
    return orjson.dumps(
        {
            "@timestamp": at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "ecs.version": ECS_VERSION,
            "event.kind": "state",
            "event.module": "gateway",
            "event.dataset": "gateway.audit",
            "event.action": CHECKPOINT,
            "event.category": ["file"],
            "event.type": ["info"],
            "event.outcome": "success",
            "service.name": "sluis",
            "gateway.checkpoint.origin": checkpoint.origin,
            "gateway.checkpoint.size": checkpoint.size,
            "gateway.checkpoint.note": note.as_bytes().decode(),
        }
    )


def late_exports(exports: Sequence[LogExport]) -> tuple[tuple[str, str], ...]:
    """Tell which exports have waited for too long, as (code, name)."""
    return tuple((Code.AUDIT_COPY_FAILED.value, each.name) for each in exports if each.is_late())
