"""The worker processes of a running service: forked when there is work for them, replaced when they end.

What blocks is done in processes, not threads: with threads every system call hands Python's lock over, and measured,
that took a third of the service's time while one of two cores slept.

Rules:
1. A worker does one thing at a time. At most `LENGTHY` of them, or one more for somebody whom the others kept waiting,
   do what may take long (reading, sealing), so that there is always one for the rest.
2. Whoever is cancelled does not stop the work: it is finished, and only its answer is dropped.
3. A worker that ends in the middle of something is an error of that one thing, `worker-lost`; another takes its place.
4. One worker writes slips, all that wait for it together: handing a slip over costs as much as writing it.
   What should take a moment and hangs, as on a share that has died, gives its place to others.
5. One worker stays ready. Others end after a second without work, and give their memory back: to fork one takes a few
   milliseconds. One that needed long for a package has a sandbox, which takes a second to start, and stays longer.
"""

import asyncio
import contextlib
import ctypes
import datetime as dt
import gc
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import gateway
from gateway.bootstrap.blocking_work import Read, Taken
from gateway.bootstrap.lengthy_places import LengthyPlaces
from gateway.bootstrap.slip_writing import SlipWriting
from gateway.bootstrap.worker_messages import LENGTH_BYTES, length_of, pack, unpack
from gateway.bootstrap.worker_start import be_foreman
from gateway.intake.outbox import Claimed, Entry
from gateway.package.document_view import DocumentView
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId
from gateway.parts import Past, Prepared, WantedDocument, WantedDocuments
from gateway.receipt.port import SlipFacts
from gateway.spool.port import PackageRow, Payload

_T = TypeVar("_T")
LENGTHY = 2
_MOST = LENGTHY + 1
# Whoever reads the outbox, and whoever looks at documents, is one more among the senders.
_DOOR = "\x00door"
_VIEWS = "\x00views"
_MOMENT_SECONDS = 5.0
_FINISH_SECONDS = 15
_END_SECONDS = 5
_PAUSE_SECONDS = 1.0
_SPARE_SECONDS = 1.0
_WARM_SECONDS = 300.0
_LONG_SECONDS = 0.5
_MAY_WARM = frozenset({"prepare", "show_document", "read_documents"})
_MANY_LOST = 3
_CODE = Path(gateway.__file__).parents[1]


@dataclass(eq=False, slots=True)
class _Worker:
    """The stream to one worker, whether it has a sandbox, and until when by the loop's clock it stays without work."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    warm: bool = False
    stays_until: float = 0.0

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
    `policy` gives the digest of the set that the service announced last: by it every decision is made. `foreman` was
    forked before; without one, and when it has died, one is started.
    """

    def __init__(
        self, root: Path, *, hold: Callable[[], int], policy: Callable[[], str], foreman: "Foreman | None" = None
    ) -> None:
        self._root = root
        self._hold = hold
        self._policy = policy
        self._foreman = foreman
        # Whoever stopped working last stands last, and is asked first.
        self._idle: list[_Worker] = []
        self._ends_spare: asyncio.TimerHandle | None = None
        self._places = asyncio.Semaphore(_MOST)
        self._lengthy = LengthyPlaces(LENGTHY)
        self._running: set[asyncio.Task[Any]] = set()
        self._slips = SlipWriting(lambda slips: self._do_a_moment("write_slips", (slips,)), keep=self._keep)
        self._closed = False
        self._ended = False
        self._lost_in_a_row = 0
        self._next_start_at = 0.0

    async def prepare(
        self, row: PackageRow, payloads: tuple[Payload, ...], now: dt.datetime, past: Past, /
    ) -> Prepared:
        """See the port."""
        asked = (row, payloads, now, past, self._policy())
        prepared: Prepared = await self._do("prepare", *asked, lengthy_for=row.person)
        return prepared

    async def show_document(
        self, row: PackageRow, payloads: tuple[Payload, ...], now: dt.datetime, wanted: WantedDocument, /
    ) -> DocumentView:
        """See the port."""
        asked = (row, payloads, now, wanted, self._policy())
        shown: DocumentView = await self._do("show_document", *asked, lengthy_for=_VIEWS)
        return shown

    async def read_documents(
        self, row: PackageRow, payloads: tuple[Payload, ...], now: dt.datetime, wanted: WantedDocuments, /
    ) -> tuple[DocumentView | None, ...]:
        """See the port."""
        asked = (row, payloads, now, wanted, self._policy())
        read: tuple[DocumentView | None, ...] = await self._do("read_documents", *asked, lengthy_for=_VIEWS)
        return read

    async def write_slip(self, facts: SlipFacts, /) -> None:
        """See the port."""
        if self._closed:
            raise SluisError(Code.WORKER_LOST)
        await self._slips.write(facts)

    async def take(self, entries: Sequence[tuple[Entry, PackageId]], /) -> list[Taken]:
        """See `BlockingWork`."""
        taken: list[Taken] = await self._do("take", entries, lengthy_for=_DOOR)
        return taken

    async def read(self, claimed: Claimed, /) -> Read:
        """See `BlockingWork`."""
        read: Read = await self._do("read", claimed, lengthy_for=_DOOR)
        return read

    async def discard(self, accepted: Sequence[Claimed], /) -> list[tuple[Claimed, OSError]]:
        """See `BlockingWork`."""
        failed: list[tuple[Claimed, OSError]] = await self._do("discard", accepted)
        return failed

    async def give_back(self, claimed: Claimed, /) -> None:
        """See `BlockingWork`."""
        await self._do("give_back", claimed)

    async def start(self) -> None:
        """Have one worker ready. Raises SluisError `worker-lost` when none can be had: a refusal to start."""
        await self.discard(())

    def problem(self) -> bool:
        """Tell whether the last pieces of work were all lost, and the administrator should look."""
        return self._lost_in_a_row >= _MANY_LOST

    def slips_hang(self) -> bool:
        """Tell whether slips are not written now; see `SlipWriting`."""
        return self._slips.hangs()

    async def aclose(self) -> None:
        """Let what is being done be finished, within a time, and end every worker."""
        self._closed = True
        if self._running:
            await asyncio.wait(self._running, timeout=_FINISH_SECONDS)
        # Whoever still waits for a place gets no worker any more: nobody would end it.
        self._ended = True
        if self._ends_spare is not None:
            self._ends_spare.cancel()
        for worker in self._idle:
            worker.writer.close()
        self._idle = []
        if self._foreman is not None:
            await asyncio.to_thread(self._foreman.end)
        # What was still being done has ended with its worker, and says so.
        if self._running:
            await asyncio.wait(self._running, timeout=_FINISH_SECONDS)

    async def _do(self, name: str, *arguments: Any, lengthy_for: str = "") -> Any:
        if self._closed:
            raise SluisError(Code.WORKER_LOST)
        work = self._do_lengthy(lengthy_for, name, arguments) if lengthy_for else self._do_a_moment(name, arguments)
        done, result = await asyncio.shield(self._keep(asyncio.create_task(work)))
        if not done:
            raise result
        return result

    def _keep(self, task: asyncio.Task[_T]) -> asyncio.Task[_T]:
        """Let a task end, whoever is cancelled meanwhile; the end of the service waits for it."""
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _do_lengthy(self, whose: str, name: str, arguments: tuple[Any, ...]) -> tuple[bool, Any]:
        async with self._lengthy.taken_for(whose) as one_more:
            return await (self._do_now if one_more else self._do_next)(name, arguments)

    async def _do_a_moment(self, name: str, arguments: tuple[Any, ...]) -> tuple[bool, Any]:
        """Do what should take a moment; when it hangs, another has its place, and a worker more."""
        async with self._places:
            work = self._keep(asyncio.create_task(self._do_now(name, arguments)))
            await asyncio.wait([work], timeout=_MOMENT_SECONDS)
        return await work

    async def _do_next(self, name: str, arguments: tuple[Any, ...]) -> tuple[bool, Any]:
        async with self._places:
            return await self._do_now(name, arguments)

    async def _do_now(self, name: str, arguments: tuple[Any, ...]) -> tuple[bool, Any]:
        if self._ended:
            return False, SluisError(Code.WORKER_LOST)
        try:
            answer = await self._do_with(self._next_idle() or await self._start(), name, arguments)
        except (OSError, EOFError):
            self._lost_in_a_row += 1
            return False, SluisError(Code.WORKER_LOST)
        self._lost_in_a_row = 0
        return answer

    async def _do_with(self, worker: _Worker, name: str, arguments: tuple[Any, ...]) -> tuple[bool, Any]:
        began = asyncio.get_running_loop().time()
        try:
            answer = await worker.do(name, arguments)
        except BaseException:
            # In the middle of a message, or dead: nobody can go on with it.
            worker.writer.close()
            raise
        now = asyncio.get_running_loop().time()
        worker.warm = worker.warm or (name in _MAY_WARM and now - began >= _LONG_SECONDS)
        worker.stays_until = now + (_WARM_SECONDS if worker.warm else _SPARE_SECONDS)
        self._idle.append(worker)
        if self._ends_spare is None or worker.stays_until < self._ends_spare.when():
            self._look_at_spare_later()
        return answer

    def _look_at_spare_later(self) -> None:
        if self._ends_spare is not None:
            self._ends_spare.cancel()
            self._ends_spare = None
        if len(self._idle) > 1:
            due = min(each.stays_until for each in self._idle)
            self._ends_spare = asyncio.get_running_loop().call_at(due, self._end_spare)

    def _end_spare(self) -> None:
        now = asyncio.get_running_loop().time()
        spare = [each for each in self._idle if each.stays_until <= now]
        if spare and len(spare) == len(self._idle):
            spare.pop()
        for each in spare:
            self._idle.remove(each)
            each.writer.close()
        self._look_at_spare_later()

    def _next_idle(self) -> _Worker | None:
        """Take an idle worker, passing over those that have died since."""
        while self._idle:
            worker = self._idle.pop()
            if not worker.reader.at_eof():
                return worker
            worker.writer.close()
        return None

    async def _start(self) -> _Worker:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                await self._have_forked(theirs)
            return _Worker(*await asyncio.open_unix_connection(sock=ours))
        except BaseException:
            ours.close()
            raise

    async def _have_forked(self, peer: socket.socket) -> None:
        if self._foreman is not None and self._foreman.forks(peer, hold=self._hold()):
            return
        # One that dies at once, such as over a broken setting, is not started over and over without a pause.
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next_start_at)
        self._next_start_at = turn + _PAUSE_SECONDS
        await asyncio.sleep(turn - now)
        if self._foreman is None or not self._foreman.forks(peer, hold=self._hold()):
            self._foreman = Foreman.started(self._root)
            self._foreman.forks(peer, hold=self._hold())


class _Forked:
    """A child of this process that was forked and not started: what is asked of `subprocess.Popen` here."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._end = os.pidfd_open(pid)

    def wait(self, timeout: float | None = None) -> None:
        """Wait for its end. Raises subprocess.TimeoutExpired."""
        if self._end < 0:
            return
        if not select.select([self._end], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("foreman", timeout or 0)
        os.waitpid(self._pid, 0)
        os.close(self._end)
        self._end = -1

    def kill(self) -> None:
        """End it; nothing when it has ended."""
        if self._end >= 0:
            signal.pidfd_send_signal(self._end, signal.SIGKILL)


def _give_back_what_is_free() -> None:
    """Give memory that loading left free back to the kernel, where the C library can (glibc).

    After a fork nobody could fill it without a copy of its own: 1.6 MiB of a service.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


@dataclass(frozen=True, slots=True)
class Foreman:
    """The process that forks workers."""

    process: "subprocess.Popen[bytes] | _Forked"
    orders: socket.socket

    @classmethod
    def forked(cls, root: Path) -> "Foreman":
        """Fork one from this process, which has loaded everything and has a single thread.

        That saves a start what loading everything once more would take. It waits for its first order, and builds
        nothing before. Never from another thread than the first: see `started`.
        """
        ours, theirs = socket.socketpair()
        # What is loaded stays; a collection would copy the memory that both share.
        _give_back_what_is_free()
        gc.freeze()
        service = os.getpid()
        child = os.fork()
        if child == 0:
            # From here on nothing may return: the child must never go on as its parent.
            status = 1
            try:
                ours.close()
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                be_foreman(os.fspath(root), descriptor=theirs.detach(), service=service)
                status = 0
            except BaseException:  # noqa: BLE001 - told as Python tells what nobody caught; the service sees its end.
                sys.excepthook(*sys.exc_info())
            finally:
                os._exit(status)
        theirs.close()
        return cls(_Forked(child), ours)

    @classmethod
    def started(cls, root: Path) -> "Foreman":
        """Start one. Never from another thread: the kernel would kill it when that thread ends. Raises OSError.

        It runs our own code and no other: modules are looked for where this one lies, never in the current folder.
        """
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", "gateway.bootstrap.worker_start", os.fspath(root)]
        try:
            with theirs:
                process = subprocess.Popen(
                    [*command, str(theirs.fileno()), str(os.getpid())],
                    stdin=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    env={**os.environ, "PYTHONPATH": os.fspath(_CODE)},
                )
        except BaseException:
            ours.close()
            raise
        return cls(process, ours)

    def forks(self, peer: socket.socket, *, hold: int) -> bool:
        """Have it fork a worker for this socket, which holds that lock; False when it has died."""
        try:
            socket.send_fds(self.orders, [b"w"], [peer.fileno(), hold])
        except OSError:
            self.end()
            return False
        return True

    def end(self) -> None:
        """Let it end after its last worker, and see to it; blocking. Its workers die with it."""
        self.orders.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_SECONDS)
        self.process.kill()
        self.process.wait()
