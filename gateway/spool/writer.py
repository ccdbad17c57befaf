"""One thread owns the only connection to the database; whoever waits shares the next commit.

Rules:
1. Every operation is a small function of the connection and of nothing else. All that wait are run in one transaction;
   when one fails, all is undone and each runs again in its own savepoint, so that a failing one undoes only itself.
2. What announces a change is in the journal before the transaction begins, by one flush for the whole group; a change
   whose announcement failed is not run (no record, no release).
3. A caller is answered after the commit, never before: acknowledged means on disk.
4. When the commit fails, every caller of that group is told, and nothing of it counts.
5. Where several callers wait at the same time, a group waits a moment for more of them: each flush of the disk costs
   more than what it makes durable. Where callers come one by one, nobody waits so for long. What nobody waits for (a
   note) does not make a group of its own at once, but goes with the next.
"""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar, cast

from gateway.package.errors import Code, SluisError
from gateway.spool.port import Journal, Told

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]
_GROUP = 256
_COMPANY_SECONDS = 0.003
_COMPANY_EXPECTED = 16
_NOTES_SECONDS = 0.2


@dataclass(slots=True)
class _Job(Generic[T]):
    """One operation; with something told, the digest of the announcement is added to it before it is run."""

    operation: Callable[..., T]
    told: Told
    loop: asyncio.AbstractEventLoop | None
    future: asyncio.Future[T] | None
    result: T | None = None
    error: BaseException | None = None


_Jobs = list[_Job[object]]


class WriterThread:
    """Runs operations on one SQLite connection, grouped."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], *, journal: Journal) -> None:
        self._connect = connect
        self._journal = journal
        self._jobs: queue.SimpleQueue[_Job[object] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="spool-writer", daemon=True)
        self._opened: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._closed = False
        self._company_expected = 0

    def start(self) -> None:
        """Open the database. Raises what `connect` raises."""
        self._thread.start()
        if error := self._opened.get():
            raise error

    def stop(self) -> None:
        """Finish what waits and close the database."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
            # One that was never started has nothing to finish.
            if self._thread.ident is not None:
                self._thread.join()

    async def run(self, operation: Operation[T]) -> T:
        """Run an operation in the next group; its result comes after the commit.

        Raises what the operation raises; `spool-unavailable` or `disk-full` when the commit fails.
        """
        return await self._put(operation, ())

    async def change(self, operation: Callable[..., T], told: Told) -> T:
        """Announce, then run an operation that takes `event`, the announcement's digest; empty when nothing is told.

        Raises what `run` raises, and what the journal says of the announcement.
        """
        return await self._put(operation if told else partial(operation, event=""), told)

    def note(self, operation: Operation[None]) -> None:
        """Run an operation in the next group; nobody waits for it."""
        if not self._closed:
            self._jobs.put(cast("_Job[object]", _Job(operation, (), None, None)))

    async def _put(self, operation: Callable[..., T], told: Told) -> T:
        if self._closed:
            raise SluisError(Code.SPOOL_UNAVAILABLE)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(cast("_Job[object]", _Job(operation, told, loop, future)))
        # A cancelled caller does not cancel the write: it ends, and only its answer is dropped.
        return await future

    def _work(self) -> None:
        try:
            connection = self._connect()
        except BaseException as error:  # noqa: BLE001 - handed over to the starting thread, whatever it is.
            self._opened.put(error)
            return
        self._opened.put(None)
        ending = False
        while not ending:
            jobs, ending = self._next_group()
            if jobs:
                self._announce([job for job in jobs if job.told])
                _run_group(connection, [job for job in jobs if job.error is None])
                _answer(jobs)
        connection.close()

    def _next_group(self) -> tuple[_Jobs, bool]:
        """Wait for work, and for what may go with it; tell whether it is the last."""
        jobs: _Jobs = []
        ending = self._take_waiting(jobs, seconds=None)
        if not ending and all(job.future is None for job in jobs):
            ending = self._take_waiting(jobs, seconds=_NOTES_SECONDS)
        if not ending and self._company_expected and any(job.told for job in jobs):
            time.sleep(_COMPANY_SECONDS)
            ending = self._take_waiting(jobs, seconds=0)
        if changes := sum(1 for job in jobs if job.told):
            self._company_expected = _COMPANY_EXPECTED if changes > 1 else max(0, self._company_expected - 1)
        return jobs, ending

    def _take_waiting(self, jobs: _Jobs, *, seconds: float | None) -> bool:
        """Take what is put to this thread within so many seconds, None for ever, and what waits behind it by then."""
        while len(jobs) < _GROUP:
            try:
                job = self._jobs.get(block=seconds != 0, timeout=seconds)
            except queue.Empty:
                return False
            if job is None:
                return True
            jobs.append(job)
            seconds = 0
        return False

    def _announce(self, jobs: _Jobs) -> None:
        if not jobs:
            return
        answers: Sequence[str | Exception]
        try:
            answers = self._journal.write([job.told for job in jobs])
        except Exception as error:  # noqa: BLE001 - whatever it was, nothing of this may happen, and the thread lives.
            answers = [error] * len(jobs)
        for job, answer in zip(jobs, answers, strict=True):
            if isinstance(answer, str):
                job.operation = partial(job.operation, event=answer)
            else:
                job.error = answer


def _run_group(connection: sqlite3.Connection, jobs: _Jobs) -> None:
    if not jobs:
        return
    try:
        if not _run_together(connection, jobs):
            _run_apart(connection, jobs)
    except sqlite3.Error as error:
        failure = translate(error)
        for job in jobs:
            job.error = failure
        # The next group's BEGIN says so again if it can not be rolled back; the thread must live to answer.
        with suppress(sqlite3.Error):
            connection.rollback()


def _run_together(connection: sqlite3.Connection, jobs: _Jobs) -> bool:
    """Run a group in which nothing fails, as almost all are; undo all of it and tell when something does."""
    connection.execute("BEGIN")
    try:
        for job in jobs:
            job.result = job.operation(connection)
    except sqlite3.Error as error:
        if not isinstance(error, sqlite3.IntegrityError):
            raise
    except Exception:  # noqa: BLE001, S110 - the operations run again, apart, and whoever it belongs to gets it then.
        pass
    else:
        connection.execute("COMMIT")
        return True
    connection.execute("ROLLBACK")
    return False


def _run_apart(connection: sqlite3.Connection, jobs: _Jobs) -> None:
    """Run a group so that what fails is undone by itself: it is no affair of its neighbours."""
    connection.execute("BEGIN")
    for job in jobs:
        _run_one(connection, job)
    connection.execute("COMMIT")


def _run_one(connection: sqlite3.Connection, job: _Job[object]) -> None:
    connection.execute("SAVEPOINT one")
    try:
        job.result = job.operation(connection)
    except sqlite3.IntegrityError as error:
        # Two of one id or claim in one group is the second caller's affair, not its neighbours'.
        connection.execute("ROLLBACK TO one")
        job.error = translate(error)
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001 - it belongs to the caller, who gets it.
        connection.execute("ROLLBACK TO one")
        job.error = error
    connection.execute("RELEASE one")


def _answer(jobs: _Jobs) -> None:
    """Wake each event loop once for all of its callers."""
    by_loop: dict[asyncio.AbstractEventLoop, _Jobs] = {}
    for job in jobs:
        if job.loop is not None:
            by_loop.setdefault(job.loop, []).append(job)
    for loop, group in by_loop.items():
        # A loop that is closed has nobody left to wake, and may be closed at any moment.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_resolve, group)


def _resolve(jobs: _Jobs) -> None:
    for job in jobs:
        if job.future is None or job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)


def translate(error: sqlite3.Error) -> SluisError:
    """Translate a failing database into our error; the driver's own text may hold values and is dropped."""
    full = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
    return SluisError(Code.DISK_FULL if full else Code.SPOOL_UNAVAILABLE)
