"""Looks at a signed paper in the package: is it a picture or a PDF that a person can read?

Rules:
1. What it is, its bytes say; the file's name proves nothing. A beginning alone is no scan: a PDF has an object and a
   table at its end, a picture a size and image data (`pictures.py`).
2. A signature on a scan is not judged: that this person signed it is the sender's statement. An encrypted PDF, half a
   file or another type is unreadable.
3. The whole paper is read once, in pieces, for the digest by which the case system is asked for it.
4. A PDF that says that it is digitally signed (ISO 32000-2, 12.8: the key `ByteRange`) is read a second time, whole,
   and verified. Whoever hides that key has a scan: a person's statement, and no more. Names are looked for as every
   reader of PDF spells them, also where a letter is written as `#6e` (7.3.5).
"""

import hashlib
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from gateway.evidence.pictures import PNG_DATA, is_tiff, is_whole_picture, is_whole_tiff
from gateway.package.facts import Paper
from gateway.package.states import ByteReader

MAX_PAPER_BYTES: Final = 25 * 1024 * 1024
_CHUNK = 256 * 1024
_HEAD = 1024 * 1024
_KEPT = 2048
_PDF = b"%PDF-"
_OBJECT = b" obj"
_LETTER = re.compile(rb"#([0-9A-Fa-f]{2})")
_ENCRYPTED = b"/Encrypt"
_SIGNED = b"/ByteRange"
_MARKS = (_ENCRYPTED, _SIGNED, _OBJECT, PNG_DATA)
# Each letter of a mark may be written with three.
_OVERLAP = 3 * max(map(len, _MARKS))


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFacts:
    """What was found of one paper; `sha256` in hexadecimal; `signed` when it says that it is digitally signed."""

    paper: Paper
    sha256: str
    signed: bool = False


NO_PAPER: Final = PaperFacts(paper=Paper.MISSING, sha256="")


def look_at(reader: ByteReader) -> PaperFacts:
    """Read a paper to its end. Raises what the reader raises; it is closed by whoever opened it."""
    digest, head, tail, size, marks = hashlib.sha256(), b"", b"", 0, set[bytes]()
    for piece in _pieces(reader):
        digest.update(piece)
        if len(head) < (MAX_PAPER_BYTES if is_tiff(head) else _HEAD):
            head += piece
        text = _LETTER.sub(_letter, tail[-_OVERLAP:] + piece)
        marks.update(mark for mark in _MARKS if mark in text)
        tail = (tail + piece)[-_KEPT:]
        size += len(piece)
    readable = size <= MAX_PAPER_BYTES and _is_whole(head, tail, marks=marks)
    return PaperFacts(
        paper=Paper.READABLE if readable else Paper.UNREADABLE,
        sha256=digest.hexdigest(),
        signed=readable and head.startswith(_PDF) and _SIGNED in marks,
    )


def whole(reader: ByteReader) -> bytes:
    """Read a paper that was looked at, whole; it is within the limit. Raises what the reader raises."""
    return b"".join(_pieces(reader))


def _pieces(reader: ByteReader) -> Iterator[bytes]:
    while piece := reader.read(_CHUNK):
        yield piece


def _letter(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])


def _is_whole(head: bytes, tail: bytes, *, marks: AbstractSet[bytes]) -> bool:
    if head.startswith(_PDF):
        table = tail.rfind(b"startxref")
        return _ENCRYPTED not in marks and _OBJECT in marks and 0 <= table < tail.rfind(b"%%EOF")
    return is_whole_tiff(head) if is_tiff(head) else is_whole_picture(head, tail, has_data=PNG_DATA in marks)
