"""The process inside the sandbox: `python -P -m gateway.minimise.sandbox_process WAY ENGINE PATH...`.

WAY is how it was confined (`gateway.minimise.sandbox_ways`), ENGINE names the function that loads what jobs work with,
and the paths are what may be read. Standard input is a socket to the service, its only link to anything.

Rules:
1. It first sees to it that it really is in a sandbox; if not it ends before it has loaded anything.
2. It loads lists and libraries once, and never sees a document: each job comes over a socket of its own, which is
   handed to a child. The child gives up what `gateway.minimise.confining` takes, reads the job, answers and ends.
3. A child that takes too long is killed. After each job every process but this one is killed, and the private
   temporary folder is emptied: nothing of a document outlives its job.
4. Processor time is given for what is to be done: little for a small file, however much it asks for by its structure.
5. It ends when the service has gone, or has not asked for anything for so long.
"""

import dataclasses
import gc
import os
import select
import shutil
import signal
import socket
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final, cast

from gateway.minimise.confining import (
    SOON,
    ProcessLimits,
    allow_processor,
    give_up_privileges,
    limit,
    lock_files,
    refuse_calls,
)
from gateway.minimise.documents.jobs import Engine, Findings, Rebuilding, Searched, rebuild, search
from gateway.minimise.documents.model import Trouble, UnreadableError
from gateway.minimise.documents.recognising import libmagic_type
from gateway.minimise.documents.viewing import view
from gateway.minimise.documents.wire import (
    LENGTH_BYTES,
    MOST_MESSAGE_BYTES,
    Answer,
    Request,
    length_before,
    length_of,
    read_opinion,
    read_request,
    write_answer,
)
from gateway.minimise.people.findings import CellPlace, Finding, Known

NAMESPACES, LANDLOCK = "namespaces", "landlock"
CONFINED, READY = b"confined", b"ready"
ENDED, DIED, TIMED_OUT = b"ended", b"died", b"timed-out"
ORDER: Final = struct.Struct("<d2Q")
"""An order: how many seconds the job may take, and its memory and processor time; its socket comes with it."""

MOST_DOCUMENT_BYTES: Final = 256 * 1024 * 1024
# A range of user ids of which a system gives out none: whoever may start so many processes shares none of them.
_FIRST_NOBODY: Final = 0x70000000
_NOBODIES: Final = 1 << 24
_TEMPORARY: Final = Path("/tmp")  # noqa: S108 - private: memory that only this sandbox sees.
_OUTSIDE: Final = ("/etc/passwd", "/etc/hostname", "/proc/self")
_BYTES_PER_SECOND: Final = 1024 * 1024
_CHARACTERS_PER_SECOND: Final = 25_000
_PAGES_PER_SECOND: Final = 10
_MOST_ASKED_CHARACTERS: Final = 8 * 1024 * 1024


def main() -> None:
    """Be the process inside the sandbox until the service has gone."""
    way, engine, idle_seconds, *readable = sys.argv[1:]
    orders = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if way == NAMESPACES:
        _enter_namespaces()
    else:
        _prove_locks(readable)
    orders.send(CONFINED)
    loaded = _load(engine)
    gc.collect()
    gc.disable()
    gc.freeze()
    orders.send(READY)
    Foreman(orders, loaded, readable=readable, alone=way == LANDLOCK).lead(idle_seconds=float(idle_seconds))


def _enter_namespaces() -> None:
    """Rule 1: the first process, and nothing of the machine's in sight.

    As root it becomes a nobody of its own, whom limits bind: the kernel counts processes by user, so that one `nobody`
    for all would have its limit used up by the other sandboxes, and by what else runs under that name.
    """
    if os.getpid() != 1 or any(map(os.path.exists, _OUTSIDE)):
        sys.exit("not in a sandbox")
    if os.getuid() == 0:
        os.setgroups([])
        nobody = _FIRST_NOBODY + int.from_bytes(os.urandom(4), "big") % _NOBODIES
        os.setresgid(nobody, nobody, nobody)
        os.setresuid(nobody, nobody, nobody)


def _prove_locks(readable: Sequence[str]) -> None:
    """Rule 1 without namespaces: a child that has given up everything can not read a file that everybody may read."""
    child = os.fork()
    if child == 0:
        try:
            _give_up(ProcessLimits(), readable=readable, alone=True)
            os.open(_OUTSIDE[0], os.O_RDONLY)
            os._exit(1)
        except PermissionError:
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        sys.exit("not in a sandbox")


def _give_up(limits: ProcessLimits, *, readable: Sequence[str], alone: bool) -> None:
    """Take everything away. In namespaces the kernel's other locks are a second wall, alone they are the wall."""
    limit(limits)
    give_up_privileges()
    writable = (os.devnull, "/dev/urandom", *(() if alone else (str(_TEMPORARY),)))
    with suppress(*(() if alone else (OSError,))):
        lock_files(readable=readable, writable=writable)
    with suppress(*(() if alone else (OSError,))):
        refuse_calls(alone=alone)


def _load(name: str) -> Engine:
    # Its first use starts programs to find the library, and reads its database.
    libmagic_type(b"warm")
    module, _, function = name.partition(":")
    return cast("Engine", getattr(import_module(module), function)())


def _ways_to_what_is_shown() -> Iterator[Path]:
    """Give the folders in the temporary one by which code that lies below it is reached: they stay, and it is not read.

    A job may write into them as into any other, so they are emptied too.
    """
    memory, waiting = _TEMPORARY.stat().st_dev, [_TEMPORARY]
    while waiting:
        for each in waiting.pop().iterdir():
            if each.is_dir() and not each.is_symlink() and each.stat().st_dev == memory:
                yield each
                waiting.append(each)


class Foreman:
    """Takes orders, one at a time, and has a child do each."""

    def __init__(self, orders: socket.socket, engine: Engine, *, readable: list[str], alone: bool) -> None:
        self._orders = orders
        self._engine = engine
        self._readable = readable
        self._alone = alone
        self._kept = frozenset() if alone else frozenset(_ways_to_what_is_shown())

    def lead(self, *, idle_seconds: float) -> None:
        """Take orders until the service has gone, or has been silent for so long."""
        waiting = select.poll()
        waiting.register(self._orders, select.POLLIN)
        while waiting.poll(idle_seconds * 1000):
            order, descriptors, _, _ = socket.recv_fds(self._orders, ORDER.size, 1)
            if not order or not descriptors:
                return
            with socket.socket(fileno=descriptors[0]) as peer:
                seconds, memory, processor = ORDER.unpack(order)
                limits = ProcessLimits(memory_bytes=memory, processor_seconds=processor)
                child = self._fork(peer, limits)
            ending = self._outlive(child, seconds=seconds)
            self._clean_up()
            if ending is None:
                return
            self._orders.send(ending)

    def _fork(self, peer: socket.socket, limits: ProcessLimits) -> int:
        child = os.fork()
        if child:
            return child
        # From here on nothing may return: the child must never go on as its parent.
        try:
            self._orders.close()
            _give_up(limits, readable=self._readable, alone=self._alone)
            do_job(peer, self._engine)
            os._exit(0)
        finally:
            os._exit(1)

    def _outlive(self, child: int, *, seconds: float) -> bytes | None:
        """Wait for a child's end, which is there at the deadline at the latest; None when the service has gone."""
        ends = os.pidfd_open(child)
        waiting = select.poll()
        waiting.register(ends, select.POLLIN)
        waiting.register(self._orders, select.POLLIN)
        happened = dict(waiting.poll(seconds * 1000))
        if ends not in happened:
            os.kill(child, signal.SIGKILL)
        os.close(ends)
        _, status = os.waitpid(child, 0)
        if self._orders.fileno() in happened:
            return None
        if not happened or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
            return TIMED_OUT
        return ENDED if status == 0 else DIED

    def _clean_up(self) -> None:
        """Rule 3. As the first process of its namespace it can reach nobody else's; alone a job starts no process."""
        if os.getpid() != 1:
            return
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        with suppress(ChildProcessError):
            while True:
                os.wait()
        for folder in (_TEMPORARY, *self._kept):
            with suppress(FileNotFoundError):
                self._empty(folder)

    def _empty(self, folder: Path) -> None:
        memory = folder.stat().st_dev
        for left in folder.iterdir():
            is_folder = left.is_dir() and not left.is_symlink()
            if left.lstat().st_dev != memory or (is_folder and left in self._kept):
                continue
            if is_folder:
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def do_job(peer: socket.socket, engine: Engine) -> None:
    """Read one job, do it and answer. What goes wrong beyond a document's troubles is told as a fault, without text."""
    request = read_request(_exactly(peer, most=MOST_MESSAGE_BYTES))
    content = _exactly(peer, most=MOST_DOCUMENT_BYTES)
    gc.enable()
    if request.has_opinion:
        engine = dataclasses.replace(engine, opinion=partial(_ask, peer))
    try:
        answer = _answer(request, content, engine)
    except MemoryError as error:
        answer = _too_large(request) if request.question is None else Answer(kind="fault", fault=_fault(error))
    except Exception as error:  # noqa: BLE001 - a fault of a parser is an outcome here, and is told without its text.
        answer = Answer(kind="fault", fault=_fault(error))
    _send(peer, answer)


def _send(peer: socket.socket, answer: Answer) -> None:
    for part in write_answer(answer):
        peer.sendall(length_before(part))
        if part:
            # Who has read that nothing more comes may have closed already.
            peer.sendall(part)


def _ask(peer: socket.socket, texts: Sequence[str]) -> Sequence[Sequence[tuple[int, int]]]:
    """Ask the service for a second opinion; on more text than one message holds there is none."""
    if not texts or sum(map(len, texts)) > _MOST_ASKED_CHARACTERS:
        return ()
    _send(peer, Answer(kind="asked", texts=tuple(texts)))
    return read_opinion(_exactly(peer, most=MOST_MESSAGE_BYTES))


def _answer(request: Request, content: bytes, engine: Engine) -> Answer:
    engine = _with_time(engine, size=len(content))
    if request.question is not None:
        return Answer(kind="read", read=engine.read(content, request.question))
    if request.choice is None:
        searched = search(content, request.name, known=request.known, engine=engine)
        return Answer(kind="searched", searched=searched)
    if request.shown:
        try:
            shown = view(content, request.name, known=request.known, choice=request.choice, engine=engine)
        except UnreadableError as error:
            return Answer(kind="searched", searched=Searched(findings=Findings(trouble=error.trouble)))
        return Answer(kind="viewed", view=shown)
    done = rebuild(content, request.name, known=request.known, choice=request.choice, engine=engine)
    return Answer(kind="rebuilding", rebuilding=done)


def _with_time(engine: Engine, *, size: int) -> Engine:
    """Rule 4: time for reading a file of that size, then for searching its text, then for writing it."""
    for_file = SOON + size / _BYTES_PER_SECOND

    def find(
        texts: Sequence[str],
        /,
        *,
        known: Known,
        second_opinion: Sequence[Sequence[tuple[int, int]]],
        places: Sequence[CellPlace | None] = (),
    ) -> Sequence[Sequence[Finding]]:
        allow_processor(SOON + sum(map(len, texts)) / _CHARACTERS_PER_SECOND)
        found = engine.find(texts, known=known, second_opinion=second_opinion, places=places)
        allow_processor(for_file + len(texts) / _PAGES_PER_SECOND)
        return found

    allow_processor(for_file)
    return dataclasses.replace(engine, find=find)


def _too_large(request: Request) -> Answer:
    findings = Findings(trouble=Trouble.TOO_LARGE)
    if request.choice is None or request.shown:
        return Answer(kind="searched", searched=Searched(findings=findings))
    return Answer(kind="rebuilding", rebuilding=Rebuilding(findings=findings))


def _fault(error: Exception) -> str:
    """Name an error by its type and the line of our own code where it came up."""
    where = ""
    step = error.__traceback__
    while step is not None:
        module = str(step.tb_frame.f_globals.get("__name__", ""))
        if module.startswith("gateway."):
            where = f"{module.rpartition('.')[2]}:{step.tb_lineno}"
        step = step.tb_next
    return f"{type(error).__name__} {where}"[:200]


def _exactly(peer: socket.socket, *, most: int) -> bytes:
    """Read a length and so many bytes."""
    size = length_of(_read(peer, LENGTH_BYTES), most=most)
    return _read(peer, size)


def _read(peer: socket.socket, size: int) -> bytes:
    content = bytearray(size)
    rest = memoryview(content)
    while rest:
        count = peer.recv_into(rest)
        if not count:
            raise EOFError("the service has gone")
        rest = rest[count:]
    return bytes(content)


if __name__ == "__main__":
    main()
