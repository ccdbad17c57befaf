"""The embedded spool: SQLite in WAL mode with `synchronous=FULL`, one connection in one thread.

Only the service opens the database. SQLite before 3.51.3 can corrupt a WAL that two connections checkpoint at
once; with one connection that can not happen, and a lock file keeps a second service out. A network filesystem is
refused, since WAL needs shared memory.
"""

import asyncio
import datetime as dt
import fcntl
import os
import sqlite3
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from gateway.package.errors import Code, SluisError
from gateway.package.history import History
from gateway.package.holding import HoldStage
from gateway.package.ids import PackageId, PersonId, RecipientId
from gateway.package.states import PackageState
from gateway.spool import history, hold_operations, operations, schema
from gateway.spool.payloads import PayloadFolder, flush_folder
from gateway.spool.port import (
    Delayed,
    DeliveryChange,
    DeliveryRow,
    HistoryQuestion,
    Journal,
    NewPackage,
    PackageRow,
    Payload,
    StateChange,
    Stored,
    Told,
    Waiting,
)
from gateway.spool.writer import WriterThread, translate

_NETWORK_FILESYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p"})
_FULL_SYNC = 2
_CLEAN = "closed-cleanly"
# Longer than the kernel keeps written pages in memory (dirty_expire_centisecs, 30 s by default).
_SLIPS_AGAIN_SECONDS = 120
# A child of a service that was killed dies with it, but a moment later.
_LOCK_SECONDS = 3.0


class SqliteSpool:
    """Implements the port `Spool` on one file."""

    def __init__(self, root: Path, *, folder: PayloadFolder, journal: Journal, min_free_bytes: int) -> None:
        self._root = root
        self.folder = folder
        self._min_free_bytes = min_free_bytes
        self._writer = WriterThread(partial(_connect, root / "spool.sqlite"), journal=journal)
        self._lock: int | None = None
        self._opened = False

    def lock_file(self) -> int:
        """Give the descriptor that holds the spool's lock; a child that keeps it open keeps a second service out."""
        if self._lock is None:
            raise RuntimeError("the spool is not open")
        return self._lock

    async def open(self) -> int:
        """Lock the spool, open it, sweep what a crash left; give the number of files swept.

        Raises SluisError `site-in-use`, `setting-invalid` (network filesystem), `spool-unavailable`.
        """
        self.folder.prepare()
        self._lock = await asyncio.to_thread(_lock, self._root / "lock")
        _refuse_network_filesystem(self._root)
        self._writer.start()
        if not _take_away(self._root / _CLEAN):
            await self._writer.run(partial(operations.write_slips_again, seconds=_SLIPS_AGAIN_SECONDS))
        swept = self.folder.sweep(await self._writer.run(operations.named_files))
        self._opened = True
        return swept

    async def sweep_stale(self, *, before: float) -> int:
        """Unlink what a lost worker left: files that no row names and nobody has written to since, in seconds."""
        named = await self._writer.run(operations.named_files)
        return await asyncio.to_thread(lambda: self.folder.sweep(named, before=before))

    def close(self) -> None:
        """Finish what waits, close the database and give the lock back.

        Only what was opened well leaves the mark of a clean end: after a failed start the crash before it still counts.
        """
        self._writer.stop()
        if self._lock is not None:
            if self._opened:
                (self._root / _CLEAN).touch(mode=0o600)
            os.close(self._lock)
            self._lock = None

    def room(self) -> bool:
        """Tell whether the disk has the free space that the settings keep in reserve."""
        status = os.statvfs(self._root)
        return status.f_bavail * status.f_frsize >= self._min_free_bytes

    async def accept(self, new: NewPackage, /, *, told: Told = ()) -> PackageRow | None:
        """See the port. Raises `disk-full` before the last room is used up."""
        if not self.room():
            raise SluisError(Code.DISK_FULL)
        return await self._writer.change(partial(operations.accept, new=new), told)

    async def add_payload(
        self, package: PackageId, payload: Payload, /, *, complete: bool, at: dt.datetime, told: Told = ()
    ) -> bool:
        """See the port."""
        return await self._writer.change(
            partial(operations.add_payload, package=package, payload=payload, complete=complete, at=at), told
        )

    async def find(self, package: PackageId, /) -> PackageRow | None:
        """See the port."""
        return await self._writer.run(partial(operations.find, package=package))

    async def find_claim(self, claim: str, /) -> PackageRow | None:
        """See the port."""
        return await self._writer.run(partial(operations.find_claim, claim=claim))

    async def payloads(self, package: PackageId, /) -> tuple[Payload, ...]:
        """See the port."""
        return await self._writer.run(partial(operations.payloads, package=package))

    async def deliveries(self, package: PackageId, /) -> tuple[DeliveryRow, ...]:
        """See the port."""
        return await self._writer.run(partial(operations.deliveries, package=package))

    async def load(self, package: PackageId, /) -> Stored | None:
        """See the port."""
        return await self._writer.run(partial(operations.load, package=package))

    async def change(self, package: PackageId, epoch: int, change: StateChange, /, *, told: Told = ()) -> None:
        """See the port."""
        operation = partial(operations.change, package=package, epoch=epoch, wanted=change)
        files = await self._writer.change(operation, told)
        if files:
            self.folder.remove(files)

    async def change_held(self, package: PackageId, epoch: int, change: StateChange, /, *, told: Told = ()) -> None:
        """See the port."""
        operation = partial(operations.change_held, package=package, epoch=epoch, wanted=change)
        files = await self._writer.change(operation, told)
        if files:
            self.folder.remove(files)

    async def stop(self, package: PackageId, epoch: int, change: StateChange, /, *, told: Told = ()) -> None:
        """See the port."""
        operation = partial(operations.stop, package=package, epoch=epoch, wanted=change)
        files = await self._writer.change(operation, told)
        if files:
            self.folder.remove(files)

    async def withdraw_deliveries(
        self, package: PackageId, epoch: int, recipients: Sequence[RecipientId], change: StateChange, /, *, told: Told
    ) -> None:
        """See the port."""
        operation = partial(
            operations.withdraw_deliveries, package=package, epoch=epoch, recipients=recipients, wanted=change
        )
        files = await self._writer.change(operation, told)
        if files:
            self.folder.remove(files)

    async def tell_hold(
        self, package: PackageId, epoch: int, stage: HoldStage, /, *, at: dt.datetime, told: Told
    ) -> None:
        """See the port."""
        await self._writer.change(
            partial(hold_operations.tell_hold, package=package, epoch=epoch, stage=stage, at=at), told
        )

    async def due_holds(
        self, stage: HoldStage, /, *, since: dt.datetime, told: dt.datetime, now: dt.datetime
    ) -> Sequence[PackageRow]:
        """See the port."""
        return await self._writer.run(partial(hold_operations.due_holds, stage=stage, since=since, told=told, now=now))

    async def unfinished(self, *, since: dt.datetime) -> Sequence[PackageRow]:
        """See the port."""
        return await self._writer.run(partial(hold_operations.unfinished, since=since))

    async def delayed(self) -> Sequence[Delayed]:
        """See the port."""
        return await self._writer.run(hold_operations.delayed)

    async def at_postbus(self) -> Sequence[PackageId]:
        """See the port."""
        return await self._writer.run(hold_operations.at_postbus)

    async def mailed(self, name: str, /) -> PackageId | None:
        """See the port."""
        return await self._writer.run(partial(hold_operations.mailed, name=name))

    async def hold_counts(self) -> dict[HoldStage, int]:
        """See the port."""
        return await self._writer.run(hold_operations.hold_counts)

    async def change_delivery(
        self, package: PackageId, epoch: int, change: DeliveryChange, /, *, told: Told = ()
    ) -> None:
        """See the port."""
        operation = partial(operations.change_delivery, package=package, epoch=epoch, wanted=change)
        files = await self._writer.change(operation, told)
        if files:
            self.folder.remove(files)

    def note_slip(self, told: PackageRow, /) -> None:
        """See the port."""
        self._writer.note(partial(operations.slip_written, told=told))

    async def page(
        self, *, state: PackageState | None, before: PackageId | None, person: PersonId | None, limit: int
    ) -> Sequence[PackageRow]:
        """See the port."""
        return await self._writer.run(partial(operations.page, state=state, before=before, person=person, limit=limit))

    async def take_over(self) -> Sequence[Waiting]:
        """See the port."""
        return await self._writer.run(operations.take_over)

    async def counts(self) -> dict[PackageState, int]:
        """See the port."""
        return await self._writer.run(operations.counts)

    async def oldest_under_way(self) -> dt.datetime | None:
        """See the port."""
        return await self._writer.run(hold_operations.oldest_under_way)

    async def lapsed(self, *, content_before: dt.datetime, record_before: dt.datetime) -> Sequence[PackageRow]:
        """See the port."""
        return await self._writer.run(
            partial(operations.lapsed, content_before=content_before, record_before=record_before)
        )

    async def forget(self, package: PackageId, /, *, content: bool, record: bool, told: Told = ()) -> None:
        """See the port."""
        operation = partial(operations.forget, package=package, content=content, record=record)
        files = await self._writer.change(operation, told)
        if files:
            self.folder.remove(files)

    async def history(self, question: HistoryQuestion, /) -> History:
        """See the port."""
        return await self._writer.run(partial(history.ask, question=question))

    async def forget_history(self, *, before: dt.datetime) -> None:
        """See the port."""
        await self._writer.run(partial(history.forget, before=before))

    async def keep_token(self, digest: str, /, *, person: PersonId, scopes: str, expires_at: dt.datetime) -> None:
        """See the port."""
        await self._writer.run(
            partial(operations.keep_token, digest=digest, person=person, scopes=scopes, expires_at=expires_at)
        )

    async def find_token(self, digest: str, /, *, at: dt.datetime) -> tuple[PersonId, str] | None:
        """See the port."""
        return await self._writer.run(partial(operations.find_token, digest=digest, at=at))


def _connect(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=True, cached_statements=256)
        path.chmod(0o600)
        _set_up(connection)
    except sqlite3.Error as error:
        raise translate(error) from error
    except OSError as error:
        raise SluisError(Code.SPOOL_UNAVAILABLE) from error
    return connection


def _set_up(connection: sqlite3.Connection) -> None:
    """Set what durability rests on, and read it back: a setting that did not hold is a refusal to start."""
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute(f"PRAGMA synchronous = {_FULL_SYNC}")
    # Zeroes what it rewrites anyway, keys among it. Freed payload pages keep ciphertext whose key is gone.
    connection.execute("PRAGMA secure_delete = FAST")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    connection.execute("PRAGMA trusted_schema = OFF")
    # What a statement needs for itself (a sort, the way back out of it) otherwise becomes a file among those of others.
    connection.execute("PRAGMA temp_store = MEMORY")
    (sync,) = connection.execute("PRAGMA synchronous").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if mode != "wal" or sync != _FULL_SYNC or not 0 <= version <= schema.VERSION:
        raise SluisError(Code.SPOOL_UNAVAILABLE, detail={"version": version})
    connection.executescript(schema.TABLES)
    added = {
        "package": schema.ADDED_COLUMNS,
        "history": schema.ADDED_HISTORY_COLUMNS,
        "delivery": schema.ADDED_DELIVERY_COLUMNS,
    }
    for table, columns in added.items():
        known = {name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")}
        for name, kind in columns.items():
            if name not in known:
                # A column that has to be filled is never there without that, whatever a crash comes between.
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
                if name == "in_doubt":
                    connection.execute(schema.DOUBTS_FROM_BEFORE)
                connection.execute("COMMIT")
    connection.executescript(schema.ADDED_INDEXES)
    connection.execute(f"PRAGMA user_version = {schema.VERSION}")


def _take_away(mark: Path) -> bool:
    """Take the mark of a clean close away, before anything is done that a crash could interrupt."""
    try:
        mark.unlink()
    except FileNotFoundError:
        return False
    flush_folder(mark.parent)
    return True


def _lock(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    end = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if time.monotonic() > end:
                os.close(descriptor)
                raise SluisError(Code.SITE_IN_USE) from error
            time.sleep(0.05)
        else:
            return descriptor


def _refuse_network_filesystem(root: Path) -> None:
    """Find the mount that the folder lies on; only Linux tells."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return
    place = str(root.resolve()) + "/"
    best = ("", "")
    for line in mounts:
        _, point, kind, *_ = line.split(" ")
        if place.startswith(point.rstrip("/") + "/") and len(point) >= len(best[0]):
            best = (point, kind)
    if best[1] in _NETWORK_FILESYSTEMS:
        raise SluisError(Code.SETTING_INVALID, where="spool", detail={"filesystem": best[1]})
