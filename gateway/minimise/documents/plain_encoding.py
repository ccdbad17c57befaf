"""Finds out how plain text and HTML are encoded: by their first bytes, else UTF-8, else Windows-1252 when that is safe.

Windows-1252 accepts nearly every byte, so it is believed only where UTF-8 fails and what comes out is text: no byte
that it does not define, no control characters. In any other case nothing is guessed.
"""

import codecs
from typing import Final

from gateway.minimise.documents.model import Trouble, UnreadableError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS: Final = bytes(set(range(0x20)) - set(b"\t\n\r\f")) + b"\x7f"


def decoded(content: bytes) -> str:
    """Decode a file, without its mark. Raises UnreadableError: DAMAGED for what is no text in these encodings."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strictly(content[len(mark) :], encoding)
    if len(content) != len(content.translate(None, _CONTROLS)):
        raise UnreadableError(Trouble.DAMAGED)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _strictly(content, "cp1252")


def _strictly(content: bytes, encoding: str) -> str:
    if not encoding:
        raise UnreadableError(Trouble.DAMAGED)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableError(Trouble.DAMAGED) from None
