"""The second search: looks in what is about to leave for what should have stayed behind.

Rules:
1. The output is searched, not the intention: data is decoded again by another parser than the one that wrote it, and
   documents are read again as the recipient will.
2. Each check raises `residue-found`, naming the place and never the value. Nothing is taken out silently: a value that
   turns up where it should not be is for a person to look at.
3. Memory stays flat: documents are read in pieces that end at a space, and the last words of a piece are kept for the
   next, so that a row of words or a number across a border is found.
"""

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import Final

from pydantic import JsonValue

from gateway.minimise.betraying import SHORT_VALUE, Residue, is_short
from gateway.minimise.stripped import text_of
from gateway.minimise.terms import END, PART, Terms
from gateway.package.errors import Code, SluisError
from gateway.package.folding import words_of
from gateway.package.paths import iter_leaves
from gateway.package.states import ByteReader

_CHUNK: Final = 256 * 1024
# A document without spaces is cut anyway; so much of the piece before is then read again.
_OVERLAP: Final = 64 * 1024
# Below this a glance saves nothing, and a short piece may hold too few words to carry a row of them on.
_WORTH_A_GLANCE: Final = 4096
_KEPT_WORDS: Final = max(PART, SHORT_VALUE)


def search_data(written: bytes, *, projected: JsonValue, released: frozenset[str], residue: Residue) -> None:
    """Search `data.json` as written.

    Raises SluisError `residue-found` when a leaf stands under a path that nobody released, or a permitted value
    betrays a stripped one; `data-unreadable` when the bytes do not say what was projected (a number that is none).
    """
    decoded: JsonValue = json.loads(written)
    if decoded != projected:
        raise SluisError(Code.DATA_UNREADABLE, where="data")
    short: list[str] = []
    prose: list[str] = []
    for row in decoded if isinstance(decoded, list) else [decoded]:
        for path, leaf in iter_leaves(row) if isinstance(row, dict) else [("", row)]:
            if path not in released:
                raise SluisError(Code.RESIDUE_FOUND, where="data")
            words = words_of(text_of(leaf))
            (short if is_short(words) else prose).extend((*words, END))
    if residue.in_short_values.occur_in(short) or residue.anywhere.occur_in(prose):
        raise SluisError(Code.RESIDUE_FOUND, where="data")


def search_left_out(written: bytes, *, residue: Residue) -> None:
    """Search `left-out.json` as written. Raises SluisError `residue-found`.

    Its sentences come from the policy, where words such as "health" stand with good reason. So it is searched for rows
    of words and for parts of numbers, not for single words; each line once, since sentences repeat.
    """
    terms = Terms(phrases=residue.anywhere.phrases, parts=residue.anywhere.parts)
    if terms:
        lines = dict.fromkeys(written.decode().splitlines())
        if terms.occur_in(words_of("\n".join(lines))):
            raise SluisError(Code.RESIDUE_FOUND, where="left-out")


def search_name(name: str, *, number: int, residue: Residue) -> None:
    """Search the name under which a document leaves. Raises SluisError `residue-found`."""
    search_line(name, where=f"document {number}", residue=residue)


def search_line(text: str, *, where: str, residue: Residue) -> None:
    """Search a line of the sender's own words that leaves as it is. Raises SluisError `residue-found`."""
    if residue.anywhere.occur_in(words_of(text)):
        raise SluisError(Code.RESIDUE_FOUND, where=where)


def search_document(reader: ByteReader, *, number: int, residue: Residue, has_lines: bool) -> None:
    """Search a text document to its end. `has_lines`: its lines are those of a file that people have.

    Raises SluisError `residue-found`, with the line where there are such; `data-unreadable` when it is not UTF-8 after
    all; whatever the reader raises.
    """
    kept: list[str] = []
    passed, lines = "", 1
    for piece in _pieces(_decoded(reader, number=number)):
        if not piece:
            continue
        if len(piece) >= _WORTH_A_GLANCE and residue.anywhere.surely_absent(piece):
            passed = piece
            lines += piece.count("\n")
            continue
        if passed:
            # A row of words may have begun in a piece that was only glanced at.
            kept, passed = words_of(passed)[-_KEPT_WORDS:], ""
        words = kept + words_of(piece)
        if residue.anywhere.occur_in(words):
            line = _line_in(piece, lines, residue=residue) if has_lines else ""
            raise SluisError(Code.RESIDUE_FOUND, where=f"document {number}{line}")
        kept = words[-_KEPT_WORDS:]
        lines += piece.count("\n")


def _line_in(piece: str, first: int, *, residue: Residue) -> str:
    """Say in which line of a piece it stands, of which the first has this number; nothing when it runs over lines."""
    lines = piece.split("\n")
    there = (first + at for at, line in enumerate(lines) if residue.anywhere.occur_in(words_of(line)))
    return next((f", line {line}" for line in there), "")


def _decoded(reader: ByteReader, *, number: int) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := reader.read(_CHUNK):
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise SluisError(Code.DATA_UNREADABLE, where=f"document {number}") from None


def _pieces(texts: Iterable[str]) -> Iterator[str]:
    """Cut a stream of text at spaces; where there is none for long, cut anyway and go back a little."""
    pending = ""
    for text in texts:
        pending += text
        cut = max(pending.rfind(" "), pending.rfind("\n")) + 1
        if cut:
            yield pending[:cut]
            pending = pending[cut:]
        elif len(pending) > _CHUNK:
            yield pending
            pending = pending[-_OVERLAP:]
    yield pending
