"""Tells whether a document can be searched: plain UTF-8 text in which nothing hides.

Rules:
1. The whole document is read, in pieces, so that memory stays flat; nothing is guessed from its name.
2. Plain text has no control characters but tab, line ends and form feed. This alone keeps out every binary format
   (zip, OLE, images, most PDF, UTF-16); formats that are written in plain characters are known by their marks.
3. Characters that hide or turn text for the reader (bidirectional controls, invisible fillers, tag characters) make
   a document unsearchable: Unicode technical report 36. Soft hyphens and the joiners that Persian and Arabic need
   are let in, because the search for residue looks through them.
4. Markup and encodings hide content from a search for words: HTML, XML, RTF, mail with its headers, character
   references, blocks of base64. Until Sluis reads them, they are not text.
5. In doubt a document is not text: it is held, and a person looks.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Final

from gateway.package.facts import Searchability
from gateway.package.states import ByteReader

_CHUNK: Final = 256 * 1024
# A mark that lies across two pieces is seen in the second, which begins with the end of the first.
_OVERLAP: Final = 512
_CONTROL_BYTES: Final = bytes(set(range(0x20)) - set(b"\t\n\r\f")) + b"\x7f"
_HIDING_CHARACTERS = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U000e0000-\U000e0fff"
    "\ue000-\uf8ff\U000f0000-\U0010ffff]"
)
_OPENING_MARKS = re.compile(
    r"\s*(?:<|%PDF|%!PS|\{\\rtf|BEGIN:V|begin [0-7]{3} |From \S+ |"
    r"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*"
    r"(?:MIME-Version|Content-Type|Content-Transfer-Encoding|Message-ID|Received|Return-Path|DKIM-Signature):)",
    re.IGNORECASE,
)
_PDF_MARK: Final = "%PDF-"
# For each encoding a cheap substring that must be there, and the proof.
_ENCODINGS: Final = (
    ("</", re.compile(r"</[A-Za-z]")),
    ("<!", re.compile(r"<!(?:--|\[CDATA|DOCTYPE)", re.IGNORECASE)),
    ("&", re.compile(r"&#(?:[0-9]{2,7}|[xX][0-9A-Fa-f]{2,6});")),
    ("\\u", re.compile(r"\\u[0-9A-Fa-f]{4}")),
    ("-----BEGIN", re.compile(r"-----BEGIN [A-Z]")),
    (";base64,", re.compile(r";base64,")),
)
_LONG_WORD: Final = 60
# Every character is written as one of two bytes, so that one search in C finds a long word, wherever it stands.
_WORD_OR_SPACE: Final = bytes(0x20 if char in b" \t\n\r\f" else 0x78 for char in range(256))
_LONG_RUN: Final = b"x" * _LONG_WORD
# Room for the longest of its two forms: 256 characters in a row, or three lines of 80.
_BASE64_REACH: Final = 300
_BASE64 = re.compile(r"[A-Za-z0-9+/=_-]{256}|(?:(?:^|\n)[A-Za-z0-9+/]{60,80}\r?(?=\n)){3}")


def searchability(reader: ByteReader, size: int, *, limit: int) -> Searchability:
    """Read a document of `size` bytes to its end and tell whether it is searchable text.

    Over `limit` bytes it is too large, whatever the declared size says. Raises what the reader raises.
    """
    if size > limit:
        return Searchability.TOO_LARGE
    read = 0
    tail = ""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for chunk in _chunks(reader):
        first = read == 0
        read += len(chunk)
        if read > limit:
            return Searchability.TOO_LARGE
        text = _plain_text(chunk, decoder)
        if text is None:
            return Searchability.NOT_TEXT
        text = text.removeprefix("\ufeff") if first else text
        if (first and _opens_as_markup(text)) or _hides_something(tail + text):
            return Searchability.NOT_TEXT
        tail = text[-_OVERLAP:]
    return _at_the_end(decoder)


def _chunks(reader: ByteReader) -> Iterator[bytes]:
    while chunk := _fill(reader):
        yield chunk


def _fill(reader: ByteReader) -> bytes:
    """Read one full piece: a stream may give a few bytes at a time, and the opening must be seen as a whole."""
    parts: list[bytes] = []
    missing = _CHUNK
    while missing and (part := reader.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _plain_text(chunk: bytes, decoder: codecs.IncrementalDecoder) -> str | None:
    if len(chunk) != len(chunk.translate(None, _CONTROL_BYTES)):
        return None
    try:
        return decoder.decode(chunk)
    except UnicodeDecodeError:
        return None


def _opens_as_markup(text: str) -> bool:
    return _OPENING_MARKS.match(text) is not None or _PDF_MARK in text[:1024]


def _hides_something(text: str) -> bool:
    if not text.isascii() and _HIDING_CHARACTERS.search(text):
        return True
    if any(hint in text and proof.search(text) for hint, proof in _ENCODINGS):
        return True
    return _holds_base64(text)


def _holds_base64(text: str) -> bool:
    """Look for base64 where there are long words at all; a block of it begins with one."""
    # One byte for one character: places in the mask are places in the text.
    mask = text.encode("ascii", "replace").translate(_WORD_OR_SPACE)
    begin = mask.find(_LONG_RUN)
    while begin >= 0:
        end = mask.find(b" ", begin)
        end = len(mask) if end < 0 else end
        if _BASE64.search(text, max(0, begin - 1), max(end + 1, begin + _BASE64_REACH)):
            return True
        begin = mask.find(_LONG_RUN, end)
    return False


def _at_the_end(decoder: codecs.IncrementalDecoder) -> Searchability:
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return Searchability.NOT_TEXT
    return Searchability.TEXT
