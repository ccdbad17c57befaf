"""Looks at a signed paper in the package: is it a picture or a PDF that a person can read?

Rules:
1. What it is, its bytes say; the file's name proves nothing.
2. A signature on a scan is not judged: that this person signed it is the sender's statement. An encrypted PDF, half a
   file or another type is unreadable.
3. The whole paper is read once, in pieces, for the digest by which the case system is asked for it.
4. A PDF that says that it is digitally signed (ISO 32000-2, 12.8: the key `ByteRange`) is read a second time, whole,
   and verified. Whoever hides that key has a scan: a person's statement, and no more.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gateway.package.facts import Paper
from gateway.package.states import ByteReader

MAX_PAPER_BYTES: Final = 25 * 1024 * 1024
_CHUNK = 256 * 1024
_KEPT = 2048
_PICTURES = {b"\xff\xd8\xff": b"\xff\xd9", b"\x89PNG\r\n\x1a\n": b"IEND", b"II*\x00": b"", b"MM\x00*": b""}
_PDF = b"%PDF-"
_ENCRYPTED = b"/Encrypt"
_SIGNED = b"/ByteRange"


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
        head = head or piece[:_KEPT]
        for mark in (_ENCRYPTED, _SIGNED):
            if mark in piece or mark in tail[-len(mark) :] + piece[: len(mark)]:
                marks.add(mark)
        tail = (tail + piece)[-_KEPT:]
        size += len(piece)
    readable = size <= MAX_PAPER_BYTES and _is_whole(head, tail, encrypted=_ENCRYPTED in marks)
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


def _is_whole(head: bytes, tail: bytes, *, encrypted: bool) -> bool:
    if head.startswith(_PDF):
        return not encrypted and b"%%EOF" in tail
    return any(head.startswith(begin) and end in tail for begin, end in _PICTURES.items())
