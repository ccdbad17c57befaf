"""Reads the text of a page by tesseract, a program of its own.

Rules:
1. The page goes in by standard input and the words come out by standard output: no file is written.
2. One thread: many pages are read at once, and more threads make each slower.
3. It has an end. Who takes longer, or fails, has read nothing.
4. A page that is read badly is perhaps upside down or on its side: it is read once more, after finding out which way is
   up, and the better reading counts. Boxes are those of the page as it came, either way.
"""

import csv
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.minimise.documents.model import Trouble, UnreadableError, Word

LANGUAGE: Final = "nld"
OTHER_LANGUAGES: Final = ("tur", "pol", "ron", "ukr", "rus", "ara", "fas", "pus", "tir", "amh")
"""Read as well when installed. English is not among them: Dutch reads it, and each language costs its time again."""
_ORIENTATION: Final = "osd"
_AUTOMATIC: Final = 3
_WITH_ORIENTATION: Final = 1
"""Page segmentation modes of tesseract."""
_GOOD: Final = 75.0
_LANGUAGES_SECONDS: Final = 20
_WORD_LEVEL: Final = "5"
_PROGRAM: Final = "/usr/bin/tesseract"
_ENVIRONMENT: Final = {"OMP_THREAD_LIMIT": "1", "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tesseract:
    """Reads pages as `Ocr` promises. `dots_per_inch`: of the pages that it gets; it only guides the size of letters."""

    languages: Sequence[str] = (LANGUAGE,)
    timeout_seconds: float = 60
    dots_per_inch: int = 200
    finds_orientation: bool = False
    """Whether the data for rule 4 is installed."""

    def __call__(self, page: bytes) -> Sequence[Word]:
        """Read a page. Raises UnreadableError `no-text` when the program fails, is not there or takes too long."""
        words = self._read(page, segmentation=_AUTOMATIC)
        if words and self.finds_orientation and _confidence(words) < _GOOD:
            return max(words, self._read(page, segmentation=_WITH_ORIENTATION), key=_confidence)
        return words

    def _read(self, page: bytes, *, segmentation: int) -> list[Word]:
        options = ("-l", "+".join(self.languages), "--dpi", str(self.dots_per_inch), "--psm", str(segmentation))
        table = _run(("stdin", "stdout", *options, "tsv"), page, timeout_seconds=self.timeout_seconds)
        rows = csv.reader(table.decode("utf-8", "replace").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
        return _words(list(rows))


def installed(*, timeout_seconds: float = 60) -> Tesseract:
    """Give a reader of Dutch and of every other language of the list that is installed.

    Raises UnreadableError when the program or its Dutch is not there.
    """
    listed = _run(("--list-langs",), b"", timeout_seconds=_LANGUAGES_SECONDS).decode().split()
    if LANGUAGE not in listed:
        raise UnreadableError(Trouble.NO_TEXT)
    languages = (LANGUAGE, *(each for each in OTHER_LANGUAGES if each in listed))
    return Tesseract(languages=languages, timeout_seconds=timeout_seconds, finds_orientation=_ORIENTATION in listed)


def _confidence(words: Sequence[Word]) -> float:
    """Give the mean confidence by letters; 0 of nothing."""
    letters = sum(len(word.text) for word in words)
    return sum(len(word.text) * word.confidence for word in words) / letters if letters else 0.0


def _run(arguments: Sequence[str], given: bytes, *, timeout_seconds: float) -> bytes:
    try:
        done = subprocess.run(
            (_PROGRAM, *arguments),
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            timeout=timeout_seconds,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        raise UnreadableError(Trouble.NO_TEXT) from None
    return done.stdout


def _words(rows: Sequence[Sequence[str]]) -> list[Word]:
    """Take the words out of the table.

    Its columns: level, page, block, paragraph, line, word, left, top, width, height, confidence, text.
    """
    words: list[Word] = []
    lines: dict[tuple[str, ...], int] = {}
    for row in rows[1:]:
        if len(row) != 12 or row[0] != _WORD_LEVEL or not row[11].strip():  # noqa: PLR2004 - the columns of its TSV.
            continue
        left, top, width, height = map(int, row[6:10])
        words.append(
            Word(
                text=row[11].strip(),
                box=(left, top, left + width, top + height),
                confidence=float(row[10]),
                line=lines.setdefault(tuple(row[1:5]), len(lines)),
            )
        )
    return words
