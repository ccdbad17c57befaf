"""Looks at a signed paper in the package: is it a picture or a PDF that a person can read?

Rules:
1. What it is, its bytes say; the file's name proves nothing. What does not even begin as a PDF or a picture is
   unreadable; the rest is looked at where nothing else can be reached (`judge`). A beginning alone is no scan: a PDF
   has an object and a table at its end, a picture a size and image data (`pictures.py`).
2. A signature on a scan is not judged: that this person signed it is the sender's statement. An encrypted PDF, half a
   file or another type is unreadable.
3. The whole paper is read once, in pieces, for the digest by which the case system is asked for it.
4. A PDF that says that it is digitally signed (ISO 32000-2, 12.8: the key `ByteRange`) is verified. Whoever hides that
   key has a scan: a person's statement, and no more. Names are looked for as every reader of PDF spells them, also
   where a letter is written as `#6e` (7.3.5).
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from gateway.evidence.file_questions import PaperAnswer, ask_paper
from gateway.evidence.pictures import BEGINNINGS, is_tiff, is_whole_picture, is_whole_tiff
from gateway.evidence.port import FileReader
from gateway.package.facts import Paper
from gateway.package.states import ByteReader

MAX_PAPER_BYTES: Final = 25 * 1024 * 1024
_CHUNK = 256 * 1024
_KEPT = 2048
_PDF = b"%PDF-"
_OBJECT = b" obj"
_LETTER = re.compile(rb"#([0-9A-Fa-f]{2})")
_ENCRYPTED = b"/Encrypt"
_SIGNED = b"/ByteRange"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFacts:
    """What was found of one paper; `sha256` in hexadecimal; `signed`, its bytes when it says that it is signed."""

    paper: Paper
    sha256: str
    signed: bytes | None = field(default=None, repr=False)


NO_PAPER: Final = PaperFacts(paper=Paper.MISSING, sha256="")


def look_at(reader: ByteReader, *, files: FileReader) -> PaperFacts:
    """Read a paper to its end, and have it looked at.

    Raises SluisError `paper-reading-failed`, what the reader of files raises and what the reader raises; that one is
    closed by whoever opened it.
    """
    digest, kept, size = hashlib.sha256(), bytearray(), 0
    for piece in _pieces(reader):
        digest.update(piece)
        size += len(piece)
        if size <= MAX_PAPER_BYTES:
            kept += piece
        else:
            kept.clear()
    content = bytes(kept)
    sha256 = digest.hexdigest()
    if not content.startswith((_PDF, *BEGINNINGS)):
        return PaperFacts(paper=Paper.UNREADABLE, sha256=sha256)
    found = ask_paper(files, content)
    return PaperFacts(paper=found.paper, sha256=sha256, signed=content if found.signed else None)


def judge(content: bytes) -> PaperAnswer:
    """Tell what a paper is, by its bytes; whatever they are, this is an answer."""
    if not content.startswith(_PDF):
        is_whole = is_whole_tiff(content) if is_tiff(content) else is_whole_picture(content)
        return PaperAnswer(paper=Paper.READABLE if is_whole else Paper.UNREADABLE)
    spelled = _LETTER.sub(_letter, content)
    end = content[-_KEPT:]
    has_table = 0 <= end.rfind(b"startxref") < end.rfind(b"%%EOF")
    if not has_table or _OBJECT not in spelled or _ENCRYPTED in spelled:
        return PaperAnswer(paper=Paper.UNREADABLE)
    return PaperAnswer(paper=Paper.READABLE, signed=_SIGNED in spelled)


def _letter(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])


def _pieces(reader: ByteReader) -> Iterator[bytes]:
    while piece := reader.read(_CHUNK):
        yield piece
