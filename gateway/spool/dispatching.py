"""The embedded dispatcher: due packages in this process, worked on by a bounded number of tasks.

Rules:
1. The rows in the spool are the truth; this only remembers who is next. After a restart it is filled from them.
2. Nobody keeps the others waiting: of the senders with something due, the one with the fewest packages in hand is next,
   and no sender has them all in hand, however much there is of it and however long it takes.
"""

import asyncio
import datetime as dt
import heapq
import itertools
from collections import Counter
from collections.abc import Callable

from gateway.package.ids import PackageId
from gateway.spool.port import Handler

_FOR_OTHERS = 2
_Due = tuple[dt.datetime, int, PackageId]


class LocalDispatcher:
    """Implements the port `Dispatcher` in one event loop.

    `failed` is told of a package whose handler raised; it is expected to ask for another turn.
    """

    def __init__(
        self, *, workers: int, now: Callable[[], dt.datetime], failed: Callable[[PackageId, Exception], None]
    ) -> None:
        self._workers = workers
        self._most_of_one = max(1, workers - _FOR_OTHERS)
        self._now = now
        self._failed = failed
        self._queues: dict[str, list[_Due]] = {}
        self._order = itertools.count()
        self._due: dict[PackageId, dt.datetime] = {}
        self._senders: dict[PackageId, str] = {}
        self._busy: set[PackageId] = set()
        self._in_hand: Counter[str] = Counter()
        self._wake = asyncio.Event()

    def submit(self, package: PackageId, /, *, sender: str = "", at: dt.datetime | None = None) -> None:
        """See the port. A package that is being worked on right now is worked on again afterwards."""
        when = at or self._now()
        known = self._due.get(package)
        if known is None or when < known:
            self._senders.setdefault(package, sender or package)
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
        queue = self._queues.setdefault(self._senders[package], [])
        heapq.heappush(queue, (when, next(self._order), package))
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
                self._done(package)

    def _done(self, package: PackageId) -> None:
        self._busy.discard(package)
        sender = self._senders[package]
        self._in_hand[sender] -= 1
        if not self._in_hand[sender]:
            del self._in_hand[sender]
        if package in self._due:
            self._push(package, self._due[package])
        else:
            del self._senders[package]
        # Another package of the same sender may have waited for this one to end.
        self._wake.set()

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
        heads = self._heads()
        due = [(self._in_hand[sender], head, sender) for sender, head in heads.items() if head[0] <= now]
        if due:
            _, (_, _, package), sender = min(due)
            heapq.heappop(self._queues[sender])
            del self._due[package]
            self._busy.add(package)
            self._in_hand[sender] += 1
            return package, None
        first = min(heads.values(), default=None)
        return None, None if first is None else (first[0] - now).total_seconds()

    def _heads(self) -> dict[str, _Due]:
        """Give the first package of each sender who may have one more in hand."""
        found: dict[str, _Due] = {}
        for sender, queue in list(self._queues.items()):
            # Out of date, or its turn comes back when the one who works on it has ended.
            while queue and (self._due.get(queue[0][2]) != queue[0][0] or queue[0][2] in self._busy):
                heapq.heappop(queue)
            if not queue:
                del self._queues[sender]
            elif self._in_hand[sender] < self._most_of_one:
                found[sender] = queue[0]
        return found
