"""One thread owns the only connection to the database; whoever waits shares the next commit.

Rules:
1. Every operation is a small function of the connection. All that wait are run in one transaction, each in its own
   savepoint, so that a failing one undoes only itself.
2. A caller is answered after the commit, never before: acknowledged means on disk.
3. When the commit fails, every caller of that group is told, and nothing of it counts.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from gateway.package.errors import Code, SluisError

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]
_GROUP = 256


@dataclass(slots=True)
class _Job(Generic[T]):
    operation: Operation[T]
    loop: asyncio.AbstractEventLoop | None
    future: asyncio.Future[T] | None
    result: T | None = None
    error: BaseException | None = None


class WriterThread:
    """Runs operations on one SQLite connection, grouped."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._jobs: queue.SimpleQueue[_Job[object] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="spool-writer", daemon=True)
        self._opened: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._closed = False

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
            self._thread.join()

    async def run(self, operation: Operation[T]) -> T:
        """Run an operation in the next group; its result comes after the commit.

        Raises what the operation raises; `spool-unavailable` or `disk-full` when the commit fails.
        """
        if self._closed:
            raise SluisError(Code.SPOOL_UNAVAILABLE)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(cast("_Job[object]", _Job(operation, loop, future)))
        # A cancelled caller does not cancel the write: it ends, and only its answer is dropped.
        return await future

    def note(self, operation: Operation[None]) -> None:
        """Run an operation in the next group; nobody waits for it."""
        if not self._closed:
            self._jobs.put(cast("_Job[object]", _Job(operation, None, None)))

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
                _run_group(connection, jobs)
        connection.close()

    def _next_group(self) -> tuple[list[_Job[object]], bool]:
        jobs: list[_Job[object]] = []
        job = self._jobs.get()
        while job is not None:
            jobs.append(job)
            if len(jobs) == _GROUP:
                return jobs, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs, False
        return jobs, True


def _run_group(connection: sqlite3.Connection, jobs: list[_Job[object]]) -> None:
    try:
        connection.execute("BEGIN")
        for job in jobs:
            _run_one(connection, job)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        failure = translate(error)
        for job in jobs:
            job.error = failure
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    _answer(jobs)


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


def _answer(jobs: list[_Job[object]]) -> None:
    """Wake each event loop once for all of its callers."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job[object]]] = {}
    for job in jobs:
        if job.loop is not None:
            by_loop.setdefault(job.loop, []).append(job)
    for loop, group in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, group)


def _resolve(jobs: list[_Job[object]]) -> None:
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
