"""Asks ClamAV's daemon whether a document holds malware it knows (clamd(8), INSTREAM).

Rules:
1. The document goes over the daemon's socket in pieces and never touches a disk here.
2. `clean` is said only when the daemon said exactly that. Found, refused, too large for it, silent, cut off or not
   understood is never clean.
3. The daemon names what it found. The name is kept when it is made of the few characters that such names have.
"""

import re
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

_PIECE_BYTES: Final = 64 * 1024
_MOST_ANSWER_BYTES: Final = 4096
_CLEAN: Final = b"stream: OK"
_FOUND = re.compile(rb"stream: (?P<name>.+) FOUND")
_TOO_LARGE: Final = b"INSTREAM size limit exceeded"
_NAME = re.compile(r"[A-Za-z0-9._:/()-]{1,200}")
_UNNAMED: Final = "unnamed"


class Malware(StrEnum):
    """What a scan says."""

    CLEAN = "clean"
    FOUND = "found"
    TOO_LARGE = "too-large"
    """Beyond what the daemon takes (StreamMaxLength in clamd.conf)."""
    UNREACHABLE = "unreachable"
    """No answer, none in time, or none that is understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The outcome of one scan; `name` is the daemon's word for what was found."""

    verdict: Malware
    name: str = ""


class Clamd:
    """A daemon on a Unix socket (a path) or on TCP (host and port).

    `seconds` is how long one scan may take in all. Safe for threads and after a fork: each scan has its own connection.
    """

    def __init__(self, address: Path | tuple[str, int], *, seconds: float = 60.0) -> None:
        self._address = address
        self._seconds = seconds

    def scan(self, content: bytes) -> Scan:
        """Scan a document; whatever goes wrong is an outcome."""
        deadline = time.monotonic() + self._seconds
        try:
            with self._connected(deadline) as daemon:
                answer = _ask(daemon, content, deadline=deadline)
        except OSError:
            return Scan(verdict=Malware.UNREACHABLE)
        return _understood(answer)

    def is_there(self) -> bool:
        """Tell whether the daemon answers."""
        deadline = time.monotonic() + self._seconds
        try:
            with self._connected(deadline) as daemon:
                daemon.sendall(b"zPING\0")
                return _answer(daemon, deadline=deadline) == b"PONG"
        except OSError:
            return False

    @contextmanager
    def _connected(self, deadline: float) -> Iterator[socket.socket]:
        family = socket.AF_UNIX if isinstance(self._address, Path) else socket.AF_UNSPEC
        if family is socket.AF_UNIX:
            with socket.socket(family, socket.SOCK_STREAM) as daemon:
                daemon.settimeout(_left(deadline))
                daemon.connect(str(self._address))
                yield daemon
        elif isinstance(self._address, tuple):
            with socket.create_connection(self._address, timeout=_left(deadline)) as daemon:
                yield daemon


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _ask(daemon: socket.socket, content: bytes, *, deadline: float) -> bytes:
    """Send the document in pieces, each with its length before it, and an empty one at the end."""
    try:
        daemon.sendall(b"zINSTREAM\0")
        rest = memoryview(content)
        while rest:
            piece, rest = rest[:_PIECE_BYTES], rest[_PIECE_BYTES:]
            daemon.settimeout(_left(deadline))
            daemon.sendall(struct.pack("!I", len(piece)))
            daemon.sendall(piece)
        daemon.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        # It stops reading at its limit, and says so; what it said may still be there to read.
        pass
    return _answer(daemon, deadline=deadline)


def _answer(daemon: socket.socket, *, deadline: float) -> bytes:
    """Read up to the zero byte that ends an answer. Without one nothing was said."""
    said = bytearray()
    while len(said) < _MOST_ANSWER_BYTES:
        daemon.settimeout(_left(deadline))
        piece = daemon.recv(_MOST_ANSWER_BYTES)
        if not piece:
            break
        said += piece
        if piece.endswith(b"\0"):
            return bytes(said).removesuffix(b"\0").strip()
    raise ConnectionResetError


def _understood(answer: bytes) -> Scan:
    if answer == _CLEAN:
        return Scan(verdict=Malware.CLEAN)
    if found := _FOUND.fullmatch(answer):
        name = found["name"].decode("ascii", "replace")
        return Scan(verdict=Malware.FOUND, name=name if _NAME.fullmatch(name) else _UNNAMED)
    if answer.startswith(_TOO_LARGE):
        return Scan(verdict=Malware.TOO_LARGE)
    return Scan(verdict=Malware.UNREACHABLE)
