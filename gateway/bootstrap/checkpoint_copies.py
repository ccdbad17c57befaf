"""Copies checkpoints of the audit log to a folder elsewhere, such as one that can only be written once (WORM).

Rules, in order:
1. A file for each copy, named by the log's size, made new and never written over, flushed and then read-only, which
   is what closes it on storage that is written once.
2. Before each copy the newest one there is compared with the log: a log that does not begin with what was copied was
   rewritten or set back. Then nothing is copied, and it is told of at once.
3. What can not be read there as a checkpoint of this log, such as a copy that a crash tore, is passed over: it proves
   nothing, and nothing here may remove it.
"""

import asyncio
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.audit.checkpoint import Checkpoint, read_checkpoint, trusted_checkpoint
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.notes import MAX_NOTE_BYTES, Note, NoteError, NoteKey, read_note
from gateway.audit.tree import is_consistent
from gateway.bootstrap.durable_files import flush_folder
from gateway.bootstrap.logging_library import structlog
from gateway.bootstrap.watch import report_miss
from gateway.package.errors import Code, SluisError

SUFFIX: Final = ".checkpoint"
_DIGITS: Final = 19  # So that names sort as sizes do.
_NAME: Final = "checkpoints"
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class CheckpointCopies:
    """Copies into `folder`, at most every so often; `own` is the log's public key."""

    audit: AuditLogFiles
    own: NoteKey
    folder: Path
    every_seconds: float
    late_seconds: float
    _missed_since: float | None = field(default=None)
    _contradicted: bool = field(default=False)

    async def run(self) -> None:
        """Copy the newest checkpoint, again and again, until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.copy)
            except Exception as error:  # noqa: BLE001 - whatever it is, it ends neither this nor what runs beside it.
                if self._missed_since is None:
                    self._missed_since = time.monotonic()
                    report_miss("checkpoint-not-copied", error)
            else:
                self._missed_since = None
            await asyncio.sleep(self.every_seconds)

    def notices(self) -> tuple[tuple[str, str], ...]:
        """Tell that a copy contradicts the log, or that none could be made for too long, as (code, what)."""
        if self._contradicted:
            return ((Code.WITNESS_CONTRADICTS.value, _NAME),)
        late = self._missed_since is not None and time.monotonic() - self._missed_since >= self.late_seconds
        return ((Code.AUDIT_COPY_FAILED.value, _NAME),) if late else ()

    def copy(self) -> None:
        """Copy the newest checkpoint unless it lies there. Raises OSError, SluisError `witness-contradicts`."""
        note = self.audit.checkpoint()
        if note is None:
            return
        now, before = read_checkpoint(note), self._newest()
        self._contradicted = before is not None and not self._continues(before, now)
        if self._contradicted:
            raise SluisError(Code.WITNESS_CONTRADICTS, where=_NAME)
        if before is None or before.size < now.size:
            self._write(note, now.size)

    def _newest(self) -> Checkpoint | None:
        with os.scandir(self.folder) as entries:
            names = [
                each.name for each in entries if each.name.endswith(SUFFIX) and each.is_file(follow_symlinks=False)
            ]
        for name in sorted(names, reverse=True):
            with (self.folder / name).open("rb") as file:
                content = file.read(MAX_NOTE_BYTES + 1)
            try:
                return trusted_checkpoint(read_note(content), (self.own,))[0]
            except NoteError:
                continue
        return None

    def _continues(self, before: Checkpoint, now: Checkpoint) -> bool:
        """Tell whether the log of now begins with that of before."""
        if before.size >= now.size:
            return before == now
        proof = self.audit.growth(before.size, now.size)
        return is_consistent(proof, old=before.size, old_root=before.root, size=now.size, root=now.root)

    def _write(self, note: Note, size: int) -> None:
        # What has the name already is torn: a copy that can be read would have been found as the newest.
        descriptor = os.open(self.folder / f"{size:0{_DIGITS}}{SUFFIX}", _NEW, 0o640)
        with os.fdopen(descriptor, "wb") as file:
            file.write(note.as_bytes())
            file.flush()
            os.fsync(descriptor)
            os.fchmod(descriptor, 0o440)
        flush_folder(self.folder)


def require_folder(folder: Path) -> None:
    """Tell whether copies could be made there, without making one. Raises OSError."""
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise OSError("the folder can not be written")
