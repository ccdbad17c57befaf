"""Asks another program, in a process of its own, which words it takes for people.

Rules:
1. It only ever adds: what it finds is taken out too, and what it does not find says nothing.
2. It never keeps a document waiting. A piece that takes too long costs the process its life, and the answer is that
   there is no second opinion. The same goes for a process that does not start, dies, or answers something else.
3. Texts go in pieces of a few lines, because the program takes cubic time over a long row of names; such rows are cut.
"""

import json
import os
import re
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from gateway.minimise.people.normalising import Normal, normalise

PROGRAM: Final = (sys.executable, "-m", "gateway.minimise.deduce_process")
_ROOT: Final = Path(__file__).parents[2]
_PIECE: Final = 4000
# So many words with a capital in a row are cut: hardly anybody's name is longer.
_LONG_ROW: Final = re.compile(r"(?:[^\W\d_a-z\u00df-\u00ff][\w'.-]* ){8}")
_CHUNK: Final = 64 * 1024
_LONGEST_ANSWER: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """For each text the spans, in code points; `complete` is false when any piece went without an answer."""

    spans: tuple[tuple[tuple[int, int], ...], ...]
    complete: bool


class _SilentError(Exception):
    """The process did not answer, or not as it should."""


def build_folder(folder: Path, *, seconds: float = 600) -> None:
    """Make the folder that the second opinion loads from; one that is there already stays. Done once, by the install.

    Raises OSError or subprocess.SubprocessError when it can not be made; nothing half made is left.
    """
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        built = Path(made) / "built"
        subprocess.run([*PROGRAM, "--build", str(built)], check=True, cwd=_ROOT, timeout=seconds)
        for path in (built, *built.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        shutil.move(built, folder)


class SecondOpinion:
    """A warm process that is asked again and again; started at the first question. To be closed.

    `folder`: made by `build_folder`. `start_seconds`: how long loading may take. `piece_seconds`: how long a piece of
    4,000 characters may take, `whole_seconds` all texts of one question. Not to be used by two threads at once.
    """

    def __init__(
        self,
        folder: Path,
        *,
        program: Sequence[str] = PROGRAM,
        start_seconds: float = 60,
        piece_seconds: float = 5,
        whole_seconds: float = 60,
    ) -> None:
        self._program = program
        self._folder = folder
        self._start_seconds = start_seconds
        self._piece_seconds = piece_seconds
        self._whole_seconds = whole_seconds
        self._deadline = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def on(self, texts: Sequence[str]) -> Opinion:
        """Give the second opinion on texts. Never raises, and never takes longer than it may.

        After a piece that was not answered, the texts that follow are not asked: they would only wait.
        """
        spans: list[tuple[tuple[int, int], ...]] = []
        complete = True
        self._deadline = time.monotonic() + self._whole_seconds
        for text in texts:
            found: tuple[tuple[int, int], ...] = ()
            if complete:
                try:
                    found = tuple(sorted(self._spans(normalise(text))))
                except (OSError, ValueError, TypeError, _SilentError):
                    self.close()
                    complete = False
            spans.append(found)
        return Opinion(spans=tuple(spans), complete=complete)

    def _spans(self, normal: Normal) -> Iterator[tuple[int, int]]:
        for start, piece in _pieces(normal.text):
            for begin, end in self._asked(piece):
                if not 0 <= begin < end <= len(piece):
                    raise _SilentError
                yield normal.outside(start + begin, start + end)

    def _asked(self, piece: str) -> list[tuple[int, int]]:
        process = self._running()
        deadline = min(time.monotonic() + self._piece_seconds, self._deadline)
        self._send(process, json.dumps({"text": piece}).encode() + b"\n", deadline)
        answer = json.loads(self._line(process, deadline))
        if not isinstance(answer, list):
            raise _SilentError
        return [(int(start), int(end)) for start, end in answer]

    def _running(self) -> subprocess.Popen[bytes]:
        """Give the process, started and loaded."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._rest = b""
            self._process = subprocess.Popen(
                [*self._program, str(self._folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=_ROOT,
                bufsize=0,
            )
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    os.set_blocking(pipe.fileno(), False)
            if self._line(self._process, time.monotonic() + self._start_seconds) != b"ready":
                raise _SilentError
            self._deadline = time.monotonic() + self._whole_seconds
        return self._process

    def _send(self, process: subprocess.Popen[bytes], line: bytes, deadline: float) -> None:
        if process.stdin is None:
            raise _SilentError
        pipe = process.stdin.fileno()
        while line:
            _wait(pipe, selectors.EVENT_WRITE, deadline)
            line = line[os.write(pipe, line) :]

    def _line(self, process: subprocess.Popen[bytes], deadline: float) -> bytes:
        if process.stdout is None:
            raise _SilentError
        pipe = process.stdout.fileno()
        while b"\n" not in self._rest:
            _wait(pipe, selectors.EVENT_READ, deadline)
            more = os.read(pipe, _CHUNK)
            if not more or len(self._rest) > _LONGEST_ANSWER:
                raise _SilentError
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line


def _wait(pipe: int, event: int, deadline: float) -> None:
    """Wait until a pipe can be used. Raises _SilentError at the deadline."""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, event)
        if not selector.select(max(0.0, deadline - time.monotonic())):
            raise _SilentError


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Cut a text into pieces that end at a line or a space, long rows of words broken; each with where it begins."""
    at = 0
    while at < len(text):
        end = at + _PIECE
        if end < len(text):
            end = next((cut + 1 for sign in "\n " if (cut := text.rfind(sign, at, end)) > at), end)
        piece = text[at:end]
        if any(map(str.isalpha, piece)):
            # A space becomes a line end, so that every position stays what it is.
            yield at, _LONG_ROW.sub(lambda row: row[0][:-1] + "\n", piece)
        at = end
