"""Feeds one gpg process and drains it, in one thread, and never waits for ever.

Rules:
1. Progress is a byte moved in either direction. Without any for `patience_seconds` the process is killed: a hung
   gpg-agent would otherwise hold the package for ever, while two GiB may take as long as they need.
2. Whatever goes wrong on our side (the source raises, the disk is full), the process is killed *before* its input
   is closed. Else gpg would finish a truncated message that decrypts and verifies.
3. A process that stops reading is no error yet: its status lines say why, so they are read to the end.
4. Status lines lie in their pipe until the output has ended or nothing has moved for a moment: gpg writes each in two
   pieces, and waking up for every piece of a short message cost more than moving the message.
"""

import fcntl
import os
import select
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

_SMALL_PIPE = 64 * 1024
_LARGE_PIPE = 1024 * 1024
_REAP_SECONDS = 5
_MOMENT_SECONDS = 0.1


class StalledError(Exception):
    """The process made no progress for too long and was killed."""


@dataclass(slots=True)
class Traffic:
    """What flows through one run: plaintext pieces in, ciphertext pieces out; the views are valid for one call only.

    `large` asks for pipes of 1 MiB, which triple the speed of a long stream and cost a short one two system calls.
    `ring` is the keyring to use in the place of the home's own; nothing for that one.
    """

    source: Iterator[bytes]
    sink: Callable[[memoryview], object]
    large: bool = False
    ring: bytes = b""


def exchange(process: "subprocess.Popen[bytes]", traffic: Traffic, *, patience_seconds: float) -> bytes:
    """Run a process to its end; give what it said on its standard error.

    Raises StalledError, and whatever the source or the sink raises. The process has ended in every case.
    """
    said = bytearray()
    try:
        _Pump(process, traffic, said.extend).run(patience_seconds)
        _await_end(process, patience_seconds)
    except BaseException:
        process.kill()
        raise
    finally:
        _close(process)
    return bytes(said)


class _Pump:
    """The wiring of one run: which descriptor is served how."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", traffic: Traffic, said: Callable[[memoryview], object]
    ) -> None:
        stdin, stdout, stderr = _pipes(process)
        size = _LARGE_PIPE if traffic.large else _SMALL_PIPE
        self._stdin = stdin
        self._source = traffic.source
        self._piece = memoryview(b"")
        self._buffer = memoryview(bytearray(size))
        self._stderr = stderr.fileno()
        self._sinks = {stdout.fileno(): traffic.sink, self._stderr: said}
        self._listens = False
        self._poll = select.poll()
        if traffic.large:
            _widen(stdin.fileno(), stdout.fileno())
        os.set_blocking(stdin.fileno(), False)
        self._poll.register(stdin.fileno(), select.POLLOUT)
        self._poll.register(stdout.fileno(), select.POLLIN)

    def run(self, patience_seconds: float) -> None:
        """Move bytes until both outputs have ended."""
        while self._sinks:
            ready = self._poll.poll((patience_seconds if self._listens else _MOMENT_SECONDS) * 1000)
            if not ready:
                if self._listens:
                    raise StalledError
                self._listen()
            for descriptor, _ in ready:
                if descriptor in self._sinks:
                    self._drain(descriptor)
                else:
                    self._feed(descriptor)

    def _feed(self, descriptor: int) -> None:
        if not self._piece:
            self._piece = memoryview(next((piece for piece in self._source if piece), b""))
        if not self._piece:
            self._stop_feeding(descriptor)
            return
        try:
            self._piece = self._piece[os.write(descriptor, self._piece) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._stop_feeding(descriptor)

    def _stop_feeding(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        self._stdin.close()

    def _drain(self, descriptor: int) -> None:
        size = os.readv(descriptor, [self._buffer])
        if size:
            self._sinks[descriptor](self._buffer[:size])
            return
        self._poll.unregister(descriptor)
        del self._sinks[descriptor]
        self._listen()

    def _listen(self) -> None:
        """Read the status lines too, from now on (rule 4)."""
        if not self._listens:
            self._listens = True
            self._poll.register(self._stderr, select.POLLIN)


def _await_end(process: "subprocess.Popen[bytes]", patience_seconds: float) -> None:
    """Wait for the exit. `Popen.wait` with a time limit would sleep in steps, which costs more than the exit itself."""
    if process.poll() is not None:
        return
    descriptor = os.pidfd_open(process.pid)
    try:
        if not _readable(descriptor, patience_seconds):
            raise StalledError
    finally:
        os.close(descriptor)
    process.wait()


def _readable(descriptor: int, seconds: float) -> bool:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(seconds * 1000))


def _pipes(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise TypeError("a process with three pipes is needed")
    return process.stdin, process.stdout, process.stderr


def _widen(*descriptors: int) -> None:
    """Ask for larger pipes; an unprivileged user's share may be used up, then they stay as they are."""
    for descriptor in descriptors:
        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _LARGE_PIPE)


def _close(process: "subprocess.Popen[bytes]") -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(_REAP_SECONDS)
    for pipe in _pipes(process):
        with suppress(OSError):
            pipe.close()
