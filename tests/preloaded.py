"""Programs of our own that were loaded once and are forked for each start: what a test is about begins at once.

To load `sluis run` takes over a second of processor time, and the tests start it some two hundred times. A process that
has loaded a program's modules, and has a single thread, forks a child for each start; the child gets the words,
environment, current folder and standard streams of its start, and runs the same `main` as the installed program. Only
the loading is shared. How a program is loaded and started by itself is told by the tests that do:
those of kills, of the canary, of reading that is forbidden, and the demo.
"""

import atexit
import gc
import io
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from gateway.bootstrap.layout import shipped
from gateway.entrypoints.api.app import build_app
from gateway.entrypoints.api.settings import ApiSettings
from gateway.receipt.templates import Templates
from tests.contract.api.fake_gateway import FakeGateway

ROOT = Path(__file__).parents[1]
CLI = "gateway.entrypoints.cli"
"""Loaded with every command in its folder."""
_MOST_ORDER_BYTES = 128 * 1024
_STREAMS = 3
_NUMBER = struct.Struct("<i")
_ORDERS = "SLUIS_TESTS_ORDERS"
_DOOR = f"""\
import json, os, socket, struct, sys
ours, theirs = socket.socketpair()
order = {{"words": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd()}}
with socket.socket(fileno=int(os.environ["{_ORDERS}"])) as orders, theirs:
    socket.send_fds(orders, [json.dumps(order).encode()], [0, 1, 2, theirs.fileno()])
ours.recv({_NUMBER.size}, socket.MSG_WAITALL)
sys.exit(*struct.unpack("{_NUMBER.format}", ours.recv({_NUMBER.size}, socket.MSG_WAITALL)))
"""
"""Imports nothing but the standard library, and so is there at once."""


# ---- Where the tests are ---------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Started:
    """A program that was started; as much of `subprocess.Popen` as tests need."""

    pid: int
    returncode: int | None = None
    _end: socket.socket = field(kw_only=True, repr=False)

    def poll(self) -> int | None:
        """Tell whether it has ended: its exit code, the negative number of a signal, or None."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired."""
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(CLI, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _look(self, seconds: float | None) -> int | None:
        if self.returncode is None and select.select([self._end], [], [], seconds)[0]:
            self.returncode = _number(self._end)
            self._end.close()
        return self.returncode


@dataclass(slots=True, eq=False)
class Listening:
    """A server that was started: its process, its first line, and in the end all that it said."""

    process: Started
    _out: int
    _err: int
    first: bytes = b""

    def read_first(self) -> None:
        """Wait for the first line. Raises AssertionError with what it complained of when there is none."""
        while not self.first.endswith(b"\n"):
            part = os.read(self._out, 1)
            if not part:
                raise AssertionError(b"".join(self.ended()[1:]).decode())
            self.first += part

    def ended(self, *, seconds: float = 30) -> tuple[int, bytes, bytes]:
        """Wait for its end: its exit code, and what it said. Raises subprocess.TimeoutExpired."""
        try:
            said = _read_all(self._out, self._err, seconds=seconds)
            return self.process.wait(seconds), self.first + said[self._out], said[self._err]
        finally:
            os.close(self._out)
            os.close(self._err)


class Preloaded:
    """The process that has loaded a module, and forks a child for each start of its `main`."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.preloaded", module, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                cwd=ROOT,
            )

    def close(self) -> None:
        """Let it end, after the children that still run."""
        self._orders.close()
        self._process.wait()

    def start(
        self,
        *words: str | os.PathLike[str],
        stdin: int,
        stdout: int,
        stderr: int,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> Started:
        """Start it with these words on its command line; the streams are descriptors."""
        order = {
            "words": [os.fspath(word) for word in words],
            "env": dict(os.environ if env is None else env),
            "cwd": os.fspath(cwd or Path.cwd()),
        }
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._orders, [json.dumps(order).encode()], [stdin, stdout, stderr, theirs.fileno()])
        return Started(_number(ours), _end=ours)

    def listening(self, *words: str | os.PathLike[str], stdin: int | None = None) -> "Listening":
        """Start a server that tells on its first line where it listens; its streams are kept."""
        nothing = os.open(os.devnull, os.O_RDONLY) if stdin is None else stdin
        (out, stdout), (err, stderr) = os.pipe(), os.pipe()
        started = self.start(*words, stdin=nothing, stdout=stdout, stderr=stderr)
        for descriptor in (nothing, stdout, stderr):
            os.close(descriptor)
        server = Listening(started, out, err)
        server.read_first()
        return server

    def door(self, folder: Path, *, name: str) -> dict[str, str]:
        """Write a program of this name into a folder, by which a shell starts it; give the variables that it needs.

        The descriptor that `orders` names has to be passed on to the shell.
        """
        program = folder / name
        program.write_text(f"#!{sys.executable} -IS\n{_DOOR}", encoding="utf-8")
        program.chmod(0o755)
        return {_ORDERS: str(self.orders)}

    @property
    def orders(self) -> int:
        """The descriptor over which starts are ordered."""
        return self._orders.fileno()

    def run(
        self,
        *words: str | os.PathLike[str],
        input: bytes = b"",  # noqa: A002 - the name that subprocess.run gives it.
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        timeout: float = 60,
    ) -> subprocess.CompletedProcess[bytes]:
        """Start it and wait for its end, as subprocess.run does. Raises subprocess.TimeoutExpired."""
        given = os.memfd_create("given")
        os.write(given, input)
        os.lseek(given, 0, os.SEEK_SET)
        (out, stdout), (err, stderr) = os.pipe(), os.pipe()
        started = self.start(*words, stdin=given, stdout=stdout, stderr=stderr, env=env, cwd=cwd)
        for descriptor in (given, stdout, stderr):
            os.close(descriptor)
        try:
            said = _read_all(out, err, seconds=timeout)
        except subprocess.TimeoutExpired:
            started.kill()
            raise
        finally:
            code = started.wait()
            os.close(out)
            os.close(err)
        return subprocess.CompletedProcess(words, code, said[out], said[err])


def _read_all(*descriptors: int, seconds: float) -> dict[int, bytes]:
    """Read pipes to their ends. Raises subprocess.TimeoutExpired."""
    end = time.monotonic() + seconds
    said: dict[int, list[bytes]] = {each: [] for each in descriptors}
    going = set(descriptors)
    while going:
        ready = select.select([*going], [], [], max(0, end - time.monotonic()))[0]
        if not ready:
            raise subprocess.TimeoutExpired(CLI, seconds)
        for each in ready:
            part = os.read(each, 65_536)
            said[each].append(part)
            if not part:
                going.remove(each)
    return {each: b"".join(parts) for each, parts in said.items()}


@cache
def preloaded(module: str) -> Preloaded:
    """Give the process that has loaded a module, one for each process of the tests; it ends with that."""
    made = Preloaded(module)
    atexit.register(made.close)
    return made


def sluis(site: Path, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Type `sluis` at a site; give its exit code and what it printed."""
    done = preloaded(CLI).run("--site", site, *words, env=env)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def start_service(site: Path) -> Started:
    """Start `sluis run` at a site, as `gateway.entrypoints.demo.stage` does."""
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        return preloaded(CLI).start("--site", site, "run", stdin=nothing, stdout=nothing, stderr=2)
    finally:
        os.close(nothing)


def _number(peer: socket.socket) -> int:
    read = peer.recv(_NUMBER.size, socket.MSG_WAITALL)
    if len(read) != _NUMBER.size:
        raise EOFError("the process that has loaded everything has gone")
    number: int = _NUMBER.unpack(read)[0]
    return number


# ---- Where the program is --------------------------------------------------------------------------------------------


def main() -> None:
    """Load a module, and fork a child for each order; in the child, be the program."""
    module, descriptor = sys.argv[1:]
    gc.disable()
    loaded = _load(module)
    gc.freeze()
    order = _serve(socket.socket(fileno=int(descriptor)))
    if order is not None:
        sys.argv = [module, *order["words"]]
        _be(loaded.main)


def _be(program: Callable[[], None]) -> None:
    """Run the program to its end, and end as Python does, but for taking apart what was loaded: that takes as long."""
    status: object = 0
    try:
        program()
    except SystemExit as ended:
        status = ended.code or 0
    except BaseException:  # noqa: BLE001 - Python itself tells it, and ends with 1.
        sys.excepthook(*sys.exc_info())
        status = 1
    # Threads are waited for, then come the functions that asked for it.
    threading._shutdown()  # type: ignore[attr-defined] # what Python calls at its end.
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 1)


def _load(module: str) -> Any:
    loaded = import_module(module)
    if module == CLI:
        for path in sorted(Path(str(loaded.__file__)).parent.glob("[a-z]*.py")):
            import_module(f"{module}.{path.stem}")
        # The first of each loads what the others find.
        build_app(FakeGateway(), settings=ApiSettings())
        Templates(folders=[shipped("templates")])
    return loaded


def _serve(orders: socket.socket) -> dict[str, Any] | None:
    """Fork for each order, and tell the end of each child, until no more orders come; give the order in a child."""
    running: dict[int, tuple[int, socket.socket]] = {}
    waiting = select.poll()
    waiting.register(orders, select.POLLIN)
    while orders.fileno() >= 0 or running:
        for ready, _ in waiting.poll():
            if ready in running:
                _tell_end(*running.pop(ready))
                waiting.unregister(ready)
                os.close(ready)
                continue
            content, descriptors, _, _ = socket.recv_fds(orders, _MOST_ORDER_BYTES, _STREAMS + 1)
            if not content:
                waiting.unregister(orders)
                orders.close()
                continue
            child = os.fork()
            if child == 0:
                for each in (orders, *(peer for _, peer in running.values())):
                    each.detach()
                return _arranged(json.loads(content), descriptors[:_STREAMS])
            peer = socket.socket(fileno=descriptors.pop())
            peer.sendall(_NUMBER.pack(child))
            for stream in descriptors:
                os.close(stream)
            ends = os.pidfd_open(child)
            running[ends] = (child, peer)
            waiting.register(ends, select.POLLIN)
    return None


def _tell_end(child: int, peer: socket.socket) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    # Perhaps nobody waits for it any more.
    with peer, suppress(OSError):
        peer.sendall(_NUMBER.pack(code))


def _arranged(order: dict[str, Any], streams: Sequence[int]) -> dict[str, Any]:
    """Give this child the standard streams, environment and folder of its start, and close all that is not its own."""
    for number, each in enumerate(streams):
        os.dup2(each, number)
    os.closerange(_STREAMS, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    sys.stdin, sys.stdout, sys.stderr = (
        io.TextIOWrapper(os.fdopen(number, mode, closefd=False), encoding="utf-8", errors=errors, line_buffering=lines)
        for number, mode, errors, lines in (
            (0, "rb", "strict", False),
            (1, "wb", "strict", False),
            (2, "wb", "backslashreplace", True),
        )
    )
    return order


if __name__ == "__main__":
    main()
