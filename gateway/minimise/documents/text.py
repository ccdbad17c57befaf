"""Plain text and Markdown: each paragraph is a passage; what hides in plain text makes the whole unsearchable.

Rules, as those by which evidence lets plain text through (`gateway.evidence.document_reading`):
1. UTF-8, UTF-16 with its mark, or Windows-1252 where that is safe. No control characters but tab, line ends and form
   feed.
2. Characters that hide or turn text for the reader, markup, mail with its headers, references to characters, and blocks
   of base64 can not be searched for words.
3. Lines that follow each other without an empty line are one passage, since names run over line ends; so long as that
   is no longer than people read at once.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.minimise.documents.model import (
    Mark,
    Opened,
    Passage,
    Rebuilt,
    Tools,
    Trouble,
    UnreadableError,
    apply_marks,
)
from gateway.minimise.documents.plain_encoding import decoded
from gateway.minimise.documents.visible import HIDING_CHARACTERS, holds_base64

_OPENING_MARKS: Final = re.compile(
    r"\s*(?:<|%PDF|%!PS|\{\\rtf|BEGIN:V|begin [0-7]{3} |From \S+ |"
    r"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*"
    r"(?:MIME-Version|Content-Type|Content-Transfer-Encoding|Message-ID|Received|Return-Path|DKIM-Signature):)",
    re.IGNORECASE,
)
_ENCODINGS: Final = re.compile(
    r"</[A-Za-z]|<!(?:--|\[CDATA|DOCTYPE)|&#(?:[0-9]{2,7}|[xX][0-9A-Fa-f]{2,6});|\\u[0-9A-Fa-f]{4}|-----BEGIN [A-Z]"
    r"|;base64,|%PDF-|javascript:",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_PARAGRAPH_END: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+|\f")
_LONGEST_PASSAGE: Final = 20_000


def open_document(content: bytes, tools: Tools) -> Opened:
    """Read a file. Raises UnreadableError, and nothing else."""
    if len(content) > tools.limits.inflated_bytes:
        raise UnreadableError(Trouble.TOO_LARGE)
    text = decoded(content).replace("\r\n", "\n").replace("\r", "\n")
    if _OPENING_MARKS.match(text) or _ENCODINGS.search(text):
        raise UnreadableError(Trouble.TYPE_MISMATCH)
    if HIDING_CHARACTERS.search(text) or holds_base64(text):
        raise UnreadableError(Trouble.NO_TEXT)
    return _OpenedText(pieces=tuple(_pieces(text)))


def second_text(content: bytes) -> str:
    """Give all text of a file that was written here: byte by byte what it holds, and as Markdown shows it.

    A tag within a number is no part of what a reader of the page sees.
    """
    text = content.decode("utf-8")
    shown = _TAG.sub("", text)
    return text if shown == text else f"{text}\n{shown}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _OpenedText:
    """A text in pieces, which are passages and what stands between them in turn."""

    pieces: tuple[str, ...] = field(repr=False)

    @property
    def passages(self) -> Sequence[Passage]:
        return [Passage(text=piece) for piece in self.pieces[::2] if piece]

    def rebuilt(self, marks: Sequence[Sequence[Mark]]) -> Rebuilt:
        rows = iter(marks)
        written = [
            apply_marks(piece, next(rows, ())) if index % 2 == 0 and piece else piece
            for index, piece in enumerate(self.pieces)
        ]
        if len(marks) != len(self.passages):
            raise ValueError("not as many rows of marks as passages")
        return Rebuilt(
            content="".join(written).encode("utf-8"),
            suffix=".txt",
            media_type="text/plain; charset=utf-8",
            left_behind=Counter(),
        )


def _pieces(text: str) -> Iterator[str]:
    """Cut a text at its empty lines, and long passages at line ends or spaces: passage, gap, passage and so on."""
    at = 0
    for gap in _PARAGRAPH_END.finditer(text):
        yield from _short(text[at : gap.start()])
        yield gap[0]
        at = gap.end()
    yield from _short(text[at:])


def _short(passage: str) -> Iterator[str]:
    """Cut a passage that is too long; what comes out has a piece more than it has gaps."""
    while len(passage) > _LONGEST_PASSAGE:
        cut = max(passage.rfind("\n", 1, _LONGEST_PASSAGE), 0) or passage.rfind(" ", 1, _LONGEST_PASSAGE)
        if cut < 0:
            break
        yield passage[:cut]
        yield passage[cut]
        passage = passage[cut + 1 :]
    yield passage
