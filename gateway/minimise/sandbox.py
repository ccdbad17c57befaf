"""Has documents searched and rebuilt, and other files read, in a sandbox, whose process stays warm between jobs.

Rules:
1. No document is parsed outside. On a machine that gives no sandbox nothing is parsed at all: `sandbox-missing`.
2. Whatever a document does to its parser, the caller gets an outcome: a trouble, or how the process died.
3. What comes back is hostile until it is checked (`gateway.minimise.documents.wire`), and has bounds in size and time.
4. Each process of the service has a sandbox of its own, which starts at its first job and ends after it has been idle
   for so long, when it is closed, and when the process ends. After a fork the child starts one of its own. Threads take
   turns. The thread that started it should live on: the sandbox dies with it, and the next job starts another.
"""

import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from gateway.minimise.documents.jobs import Choice, Death, Findings, Rebuilding, Searched
from gateway.minimise.documents.wire import (
    LENGTH_BYTES,
    MOST_MESSAGE_BYTES,
    Answer,
    Request,
    length_before,
    length_of,
    read_answer,
    write_opinion,
    write_request,
)
from gateway.minimise.people.findings import Known
from gateway.minimise.sandbox_process import CONFINED, ENDED, ORDER, READY, TIMED_OUT
from gateway.minimise.sandbox_ways import Way, environment, ways
from gateway.package.document_view import DocumentView
from gateway.package.errors import Code, SluisError
from gateway.package.known import NOBODY_KNOWN

ENGINE: Final = "gateway.minimise.engine:load"
_GRACE_SECONDS: Final = 5.0
_STOP_SECONDS: Final = 2.0
_STATE_BYTES: Final = 64

SecondOpinion = Callable[[Sequence[str]], Sequence[Sequence[tuple[int, int]]]]
"""Gives for each text the spans, in code points, that another program takes for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxLimits:
    """What one job may take: seconds by the clock, processor time and memory of each process, bytes that come back.

    After `idle_seconds` without a job the process ends; within `start_seconds` it has to be ready.
    """

    seconds: float = 180.0
    processor_seconds: int = 300
    memory_bytes: int = 512 * 1024 * 1024
    result_bytes: int = 100 * 1024 * 1024
    idle_seconds: float = 300.0
    start_seconds: float = 60.0


class Sandbox:
    """See the module. `readable` names what else may be read inside; `told` gets the names of faults, no values.

    `second_opinion` is asked at most once in a job, about the document's texts; it must not raise, and its time is the
    job's.
    """

    def __init__(
        self,
        *,
        limits: SandboxLimits | None = None,
        engine: str = ENGINE,
        readable: Sequence[Path] = (),
        confined_by: Sequence[Way] | None = None,
        second_opinion: SecondOpinion | None = None,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._limits = limits or SandboxLimits()
        self._engine = engine
        self._ways = tuple(ways(readable)) if confined_by is None else tuple(confined_by)
        self._second_opinion = second_opinion
        self._told = told
        self._owner = os.getpid()
        self._turn = threading.Lock()
        self._warm: _Process | None = None

    def search(self, content: bytes, name: str, *, known: Known) -> Searched:
        """Search a document for people. Raises SluisError `sandbox-missing`."""
        asks = self._second_opinion is not None
        answer = self._do(Request(name=name, known=known, has_opinion=asks), content)
        if isinstance(answer, Answer) and answer.searched is not None:
            return answer.searched
        return Searched(findings=Findings(trouble=_death(answer)))

    def rebuild(self, content: bytes, name: str, *, known: Known, choice: Choice) -> Rebuilding:
        """Write a document anew without what may not go. Raises SluisError `sandbox-missing`."""
        asks = self._second_opinion is not None
        answer = self._do(Request(name=name, known=known, choice=choice, has_opinion=asks), content)
        if isinstance(answer, Answer) and answer.rebuilding is not None:
            return answer.rebuilding
        return Rebuilding(findings=Findings(trouble=_death(answer)))

    def show(self, content: bytes, name: str, *, known: Known, choice: Choice) -> DocumentView | None:
        """Show a document as `choice` would let it go; None for what can not be shown. Raises `sandbox-missing`."""
        asks = self._second_opinion is not None
        request = Request(name=name, known=known, choice=choice, shown=True, has_opinion=asks)
        answer = self._do(request, content)
        return answer.view if isinstance(answer, Answer) else None

    def read(self, content: bytes, question: str) -> bytes | Death:
        """Have the engine answer a question about a file. The answer is as hostile as the file: who asked checks it.

        Raises SluisError `sandbox-missing`.
        """
        answer = self._do(Request(name="", known=NOBODY_KNOWN, question=question), content)
        return answer.read if isinstance(answer, Answer) and answer.kind == "read" else _death(answer)

    def check(self) -> str:
        """Start it if need be, and tell by which way. Raises SluisError `sandbox-missing`."""
        with self._own_turn():
            return self._ready().way.name

    def close(self) -> None:
        """End the process, if there is one of ours."""
        with self._own_turn():
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _own_turn(self) -> threading.Lock:
        """Give the lock of this process; after a fork what was the parent's is only let go of."""
        if self._owner != os.getpid():
            self._owner, self._turn = os.getpid(), threading.Lock()
            if self._warm is not None:
                self._warm.let_go()
                self._warm = None
        return self._turn

    def _do(self, request: Request, content: bytes) -> Answer | Death:
        exchange = _Exchange(
            message=write_request(request), content=content, limits=self._limits, opinion=self._second_opinion
        )
        with self._own_turn():
            ended = self._ready().do(exchange)
            if ended is None:
                # Not the job's process died but the one that starts them, which no document can reach.
                self._stop()
                ended = self._ready().do(exchange)
            if ended is None:
                self._stop()
                return Death.DIED
        if isinstance(ended, Death):
            return ended
        if ended.kind == "fault":
            self._told(ended.fault)
            return Death.DIED
        return ended

    def _ready(self) -> "_Process":
        if self._warm is not None and not self._warm.is_fresh(self._limits.idle_seconds):
            self._stop()
        if self._warm is None:
            self._warm = self._start()
        return self._warm

    def _start(self) -> "_Process":
        part = "sandbox"
        for way in self._ways:
            try:
                process = _Process(way, engine=self._engine, limits=self._limits)
            except OSError:
                # Its program is not there, or may not be started.
                continue
            if process.reached == READY:
                return process
            part = "lists" if process.reached == CONFINED else part
            process.stop()
        raise SluisError(Code.SANDBOX_MISSING, detail={"part": part})

    def _stop(self) -> None:
        if self._warm is not None:
            self._warm.stop()
            self._warm = None


def _death(answer: Answer | Death) -> Death:
    return answer if isinstance(answer, Death) else Death.DIED


class _Process:
    """One warm process, and the socket over which it takes orders. Raises OSError when it can not be started."""

    def __init__(self, way: Way, *, engine: str, limits: SandboxLimits) -> None:
        self.way = way
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._used = time.monotonic()
        # It ends by itself somewhat later than it is no longer used: an order never meets an end.
        command = way.command(engine=engine, idle_seconds=limits.idle_seconds + 2 * _GRACE_SECONDS)
        try:
            with theirs:
                self._program = subprocess.Popen(
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env=environment(),
                    start_new_session=True,
                )
        except OSError:
            self._orders.close()
            raise
        self.reached = self._wait_until_ready(limits.start_seconds)

    def _wait_until_ready(self, seconds: float) -> bytes:
        """Give the last state that it told of."""
        reached = b""
        end = time.monotonic() + seconds
        with suppress(OSError):
            while reached != READY:
                self._orders.settimeout(max(0.001, end - time.monotonic()))
                state = self._orders.recv(_STATE_BYTES)
                if not state:
                    break
                reached = state
        return reached

    def is_fresh(self, idle_seconds: float) -> bool:
        """Tell whether it is still there, and was used not long ago."""
        return self._program.poll() is None and time.monotonic() - self._used < idle_seconds

    def do(self, exchange: "_Exchange") -> Answer | Death | None:
        """Have one job done; None when the process itself is gone."""
        limits = exchange.limits
        deadline = time.monotonic() + limits.seconds + _GRACE_SECONDS
        order = ORDER.pack(limits.seconds, limits.memory_bytes, limits.processor_seconds)
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                try:
                    self._orders.settimeout(_GRACE_SECONDS)
                    socket.send_fds(self._orders, [order], [theirs.fileno()])
                except OSError:
                    return None
            answer = exchange.over(ours, deadline=deadline)
        state = self._state(deadline)
        self._used = time.monotonic()
        if not state:
            return None
        if state == TIMED_OUT:
            return Death.TIMED_OUT
        return answer if state == ENDED and answer is not None else Death.DIED

    def _state(self, deadline: float) -> bytes:
        """Wait for how the job ended. What does not even tell that in time is stopped."""
        try:
            self._orders.settimeout(max(_GRACE_SECONDS, deadline - time.monotonic()))
            return self._orders.recv(_STATE_BYTES)
        except TimeoutError:
            self.stop()
            return TIMED_OUT
        except OSError:
            return b""

    def let_go(self) -> None:
        """Close what a fork copied; the process is the parent's."""
        self._orders.close()
        # A forked copy must never wait for, or complain about, what is not its child.
        self._program.returncode = 0

    def stop(self) -> None:
        """End it: it sees that its orders have ended, or else is killed."""
        self._orders.close()
        try:
            self._program.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._program.kill()
            self._program.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exchange:
    """What is said over a job's own socket: the job, perhaps a question in between, and its answer."""

    message: bytes = field(repr=False)
    content: bytes = field(repr=False)
    limits: SandboxLimits
    opinion: SecondOpinion | None

    def over(self, peer: socket.socket, *, deadline: float) -> Answer | None:
        """Hand the job over and read its answer; None when there is none, or one that does not fit."""
        # A job that died while it was given says so by how it ended, not by its socket.
        with suppress(OSError):
            _send(peer, self.message, deadline=deadline)
            _send(peer, self.content, deadline=deadline)
        try:
            answer = self._answer(peer, deadline=deadline)
            if answer.kind == "asked" and self.opinion is not None:
                _send(peer, write_opinion(self.opinion(answer.texts)), deadline=deadline)
                answer = self._answer(peer, deadline=deadline)
        except (OSError, EOFError, ValueError):
            return None
        return None if answer.kind == "asked" else answer

    def _answer(self, peer: socket.socket, *, deadline: float) -> Answer:
        message, content = (
            _read(peer, length_of(_read(peer, LENGTH_BYTES, deadline=deadline), most=most), deadline=deadline)
            for most in (MOST_MESSAGE_BYTES, self.limits.result_bytes)
        )
        return read_answer(message, content)


def _send(peer: socket.socket, part: bytes, *, deadline: float) -> None:
    for piece in (length_before(part), part):
        peer.settimeout(max(0.001, deadline - time.monotonic()))
        peer.sendall(piece)


def _read(peer: socket.socket, size: int, *, deadline: float) -> bytes:
    """Read so many bytes. Memory grows with what comes, not with what is announced."""
    content = bytearray()
    while len(content) < size:
        peer.settimeout(max(0.001, deadline - time.monotonic()))
        piece = peer.recv(min(size - len(content), 1024 * 1024))
        if not piece:
            raise EOFError("the job has ended")
        content += piece
    return bytes(content)
