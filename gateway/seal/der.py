"""Writes what CMS needs of DER and BER (ITU-T X.690), and reads the outermost elements of a certificate.

DER throughout, except around content that is streamed: nobody knows its length beforehand, so it stands in the
indefinite form of BER (section 8.1.3.6), an octet string of pieces (section 8.7.3). RFC 5652 section 1 allows that for
everything but signed attributes and certificates.
"""

import datetime as dt
from collections.abc import Iterator

INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x05, 0x06, 0x30, 0x31
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
_CONSTRUCTED, _CONTEXT = 0x20, 0xA0
_INDEFINITE = 0x80
_SHORT = 0x80
_LAST_UTC_TIME = 2049
END = b"\x00\x00"


def element(tag: int, *parts: bytes) -> bytes:
    """Give an element of definite length."""
    content = b"".join(parts)
    return header(tag, len(content)) + content


def header(tag: int, size: int) -> bytes:
    """Give tag and definite length, in the shortest form."""
    if size < _SHORT:
        return bytes((tag, size))
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT | len(length))) + length


def begun(tag: int) -> bytes:
    """Begin a constructed element of indefinite length; it ends with `END`."""
    return bytes((tag | _CONSTRUCTED, _INDEFINITE))


def tagged(number: int, *parts: bytes) -> bytes:
    """Give a constructed element with a context tag: an explicit tag, or an implicit one of a sequence or set."""
    return element(_CONTEXT | number, *parts)


def context(number: int) -> int:
    """Give the tag of a constructed context element."""
    return _CONTEXT | number


def sequence(*parts: bytes) -> bytes:
    """Give a SEQUENCE."""
    return element(SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    """Give a SET OF, in the order that DER prescribes (X.690 section 11.6)."""
    return element(SET, *sorted(parts))


def integer(value: int) -> bytes:
    """Give an INTEGER that is not negative."""
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(content: bytes) -> bytes:
    """Give an OCTET STRING."""
    return element(OCTET_STRING, content)


def bits(content: bytes) -> bytes:
    """Give a BIT STRING of whole bytes."""
    return element(BIT_STRING, b"\x00", content)


def null() -> bytes:
    """Give NULL."""
    return element(NULL)


def oid(dotted: str) -> bytes:
    """Give an OBJECT IDENTIFIER."""
    first, second, *rest = map(int, dotted.split("."))
    return element(OBJECT, *(_base128(arc) for arc in (40 * first + second, *rest)))


def time(moment: dt.datetime) -> bytes:
    """Give a Time as RFC 5652 section 11.3 wants it, from a moment with a zone: UTCTime up to 2049."""
    moment = moment.astimezone(dt.UTC)
    if moment.year <= _LAST_UTC_TIME:
        return element(UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode())
    return element(GENERALIZED_TIME, moment.strftime("%Y%m%d%H%M%SZ").encode())


def elements(content: bytes) -> Iterator[bytes]:
    """Give the elements, whole and as they are, that follow each other in a content of definite lengths.

    Raises ValueError when one is cut off or has a form that DER does not know.
    """
    at = 0
    while at < len(content):
        start, size = _measured(content, at)
        if start + size > len(content):
            raise ValueError("a whole element expected")
        yield content[at : start + size]
        at = start + size


def inside(whole: bytes) -> bytes:
    """Give the content of one element. Raises ValueError as `elements`."""
    start, size = _measured(whole, 0)
    return whole[start : start + size]


def _measured(content: bytes, at: int) -> tuple[int, int]:
    """Give where an element's content begins, and its size."""
    if len(content) < at + 2:
        raise ValueError("a whole element expected")
    first = content[at + 1]
    if first < _SHORT:
        return at + 2, first
    count = first - _SHORT
    length = content[at + 2 : at + 2 + count]
    if not count or len(length) != count:
        raise ValueError("a definite length expected")
    return at + 2 + count, int.from_bytes(length, "big")


def _base128(arc: int) -> bytes:
    """Write an arc in groups of seven bits, all but the last with the high bit (X.690 section 8.19.2)."""
    groups = [arc & 0x7F]
    while arc := arc >> 7:
        groups.append(arc & 0x7F | 0x80)
    return bytes(reversed(groups))
