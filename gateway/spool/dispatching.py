"""The embedded dispatcher: a heap of due packages in this process, worked on by a bounded number of tasks.

The rows in the spool are the truth; this only remembers who is next. After a restart it is filled from them.
"""

import asyncio
import datetime as dt
import heapq
import itertools
from collections.abc import Callable

from gateway.package.ids import PackageId
from gateway.spool.port import Handler


class LocalDispatcher:
    """Implements the port `Dispatcher` in one event loop.

    `failed` is told of a package whose handler raised; it is expected to ask for another turn.
    """

    def __init__(
        self, *, workers: int, now: Callable[[], dt.datetime], failed: Callable[[PackageId, Exception], None]
    ) -> None:
        self._workers = workers
        self._now = now
        self._failed = failed
        self._heap: list[tuple[dt.datetime, int, PackageId]] = []
        self._order = itertools.count()
        self._due: dict[PackageId, dt.datetime] = {}
        self._busy: set[PackageId] = set()
        self._wake = asyncio.Event()

    def submit(self, package: PackageId, /, *, at: dt.datetime | None = None) -> None:
        """See the port. A package that is being worked on right now is worked on again afterwards."""
        when = at or self._now()
        known = self._due.get(package)
        if known is None or when < known:
            self._push(package, when)

    def waiting(self) -> int:
        """Count the packages that wait for their turn or time."""
        return len(self._due)

    async def run(self, handler: Handler, /) -> None:
        """See the port."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers):
                group.create_task(self._work(handler))

    def _push(self, package: PackageId, when: dt.datetime) -> None:
        self._due[package] = when
        heapq.heappush(self._heap, (when, next(self._order), package))
        self._wake.set()

    async def _work(self, handler: Handler) -> None:
        task = asyncio.current_task()
        # A handler's library may swallow the cancellation: until Python 3.12 `asyncio.wait_for` does so when what it
        # waits for comes in the same moment. The request is still written down at the task.
        while task is None or not task.cancelling():
            package = await self._next()
            try:
                await handler(package)
            except Exception as error:  # noqa: BLE001 - one package's failure never stops the others.
                self._failed(package, error)
            finally:
                self._busy.discard(package)
                if package in self._due:
                    self._push(package, self._due[package])

    async def _next(self) -> PackageId:
        while True:
            package, pause = self._pop()
            if package is not None:
                return package
            self._wake.clear()
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _pop(self) -> tuple[PackageId | None, float | None]:
        """Take the next due package that nobody works on, or tell how many seconds to wait for one."""
        now = self._now()
        while self._heap:
            when, _, package = self._heap[0]
            if self._due.get(package) != when or package in self._busy:
                # Out of date, or its turn comes back when the one who works on it has ended.
                heapq.heappop(self._heap)
            elif when > now:
                return None, (when - now).total_seconds()
            else:
                heapq.heappop(self._heap)
                del self._due[package]
                self._busy.add(package)
                return package, None
        return None, None
