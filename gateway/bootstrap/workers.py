"""The worker processes of a running service: forked when there is work for them, replaced when they end.

What blocks is done in processes, not threads: with threads every system call hands Python's lock over, and measured,
that took a third of the service's time while one of two cores slept.

Rules:
1. A worker does one thing at a time. At most `LENGTHY` of them do what may take long (reading, sealing), so that there
   is always one for the rest.
2. Whoever is cancelled does not stop the work: it is finished, and only its answer is dropped.
3. A worker that ends in the middle of something is an error of that one thing, `worker-lost`; another takes its place.
"""

import asyncio
import contextlib
import datetime as dt
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.bootstrap.blocking_work import Read, Taken
from gateway.bootstrap.worker_messages import LENGTH_BYTES, length_of, pack, unpack
from gateway.intake.outbox import Claimed, Entry
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId
from gateway.package.reviews import Review
from gateway.package.states import Package
from gateway.parts import Prepared
from gateway.receipt.port import SlipFacts
from gateway.spool.port import PackageRow, Payload

LENGTHY = 2
_MOST = LENGTHY + 1
_END_SECONDS = 30


@dataclass(eq=False, slots=True)
class _Worker:
    """The stream to one worker."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def do(self, name: str, arguments: tuple[Any, ...]) -> tuple[bool, Any]:
        """Have it do one thing. Raises OSError or EOFError when it ends meanwhile."""
        self.writer.write(pack((name, arguments)))
        await self.writer.drain()
        size = length_of(await self.reader.readexactly(LENGTH_BYTES))
        answer: tuple[bool, Any] = unpack(await self.reader.readexactly(size))
        return answer


class Workers:
    """Hands work to worker processes; satisfies `gateway.parts.Hands`, and what the outbox's door needs.

    `root` is the site's folder. `hold` gives the descriptor of the spool's lock, which every worker keeps open.
    """

    def __init__(self, root: Path, *, hold: Callable[[], int]) -> None:
        self._root = root
        self._hold = hold
        self._foreman: _Foreman | None = None
        self._idle: list[_Worker] = []
        self._places = asyncio.Semaphore(_MOST)
        self._lengthy = asyncio.Semaphore(LENGTHY)
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def prepare(
        self, row: PackageRow, payloads: tuple[Payload, ...], now: dt.datetime, reviews: tuple[Review, ...], /
    ) -> tuple[Package, Prepared]:
        """See the port."""
        prepared: tuple[Package, Prepared] = await self._do("prepare", row, payloads, now, reviews, lengthy=True)
        return prepared

    async def write_slip(self, facts: SlipFacts, /) -> None:
        """See the port."""
        await self._do("write_slip", facts)

    async def take(self, entries: Sequence[tuple[Entry, PackageId]], /) -> list[Taken]:
        """See `BlockingWork`."""
        taken: list[Taken] = await self._do("take", entries, lengthy=True)
        return taken

    async def read(self, claimed: Claimed, /) -> Read:
        """See `BlockingWork`."""
        read: Read = await self._do("read", claimed, lengthy=True)
        return read

    async def discard(self, accepted: Sequence[Claimed], /) -> list[tuple[Claimed, OSError]]:
        """See `BlockingWork`."""
        failed: list[tuple[Claimed, OSError]] = await self._do("discard", accepted)
        return failed

    async def give_back(self, claimed: Claimed, /) -> None:
        """See `BlockingWork`."""
        await self._do("give_back", claimed)

    async def aclose(self) -> None:
        """Let what is being done be finished, and end every worker."""
        self._closed = True
        if self._running:
            await asyncio.wait(self._running)
        for worker in self._idle:
            worker.writer.close()
        self._idle = []
        if self._foreman is not None:
            await asyncio.to_thread(self._foreman.end)

    async def _do(self, name: str, *arguments: Any, lengthy: bool = False) -> Any:
        if self._closed:
            raise SluisError(Code.WORKER_LOST)
        work = self._do_lengthy if lengthy else self._do_next
        task = asyncio.create_task(work(name, arguments))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        done, result = await asyncio.shield(task)
        if not done:
            raise result
        return result

    async def _do_lengthy(self, name: str, arguments: tuple[Any, ...]) -> tuple[bool, Any]:
        async with self._lengthy:
            return await self._do_next(name, arguments)

    async def _do_next(self, name: str, arguments: tuple[Any, ...]) -> tuple[bool, Any]:
        async with self._places:
            worker = self._idle.pop() if self._idle else await self._start()
            try:
                answer = await worker.do(name, arguments)
            except (OSError, EOFError):
                worker.writer.close()
                return False, SluisError(Code.WORKER_LOST)
            self._idle.append(worker)
            return answer

    async def _start(self) -> _Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            if self._foreman is None or not self._foreman.forks(theirs):
                self._foreman = _Foreman.started(self._root, hold=self._hold())
                self._foreman.forks(theirs)
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        return _Worker(reader, writer)


@dataclass(frozen=True, slots=True)
class _Foreman:
    """The process that forks workers."""

    process: "subprocess.Popen[bytes]"
    orders: socket.socket

    @classmethod
    def started(cls, root: Path, *, hold: int) -> "_Foreman":
        """Start one. Never from another thread: the kernel would kill it when that thread ends."""
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "gateway.bootstrap.worker", os.fspath(root), str(theirs.fileno())]
            process = subprocess.Popen(
                [*command, str(os.getpid())], stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(), hold)
            )
        return cls(process, ours)

    def forks(self, peer: socket.socket) -> bool:
        """Have it fork a worker for this socket; False when it has died."""
        try:
            socket.send_fds(self.orders, [b"w"], [peer.fileno()])
        except OSError:
            self.end()
            return False
        return True

    def end(self) -> None:
        """Let it end after its last worker; blocking."""
        self.orders.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_SECONDS)
        self.process.kill()
        self.process.wait()
