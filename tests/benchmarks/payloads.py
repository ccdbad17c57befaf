"""What the messages hold: random words and bytes, so that no side wins by a lucky payload."""

import base64
import secrets

_LINE = 76
_LETTER_BYTES = 1024
_WORDS = bytes(ord(" ") if byte % 8 == 0 else ord("a") + byte % 26 for byte in range(256))


def text(size: int) -> bytes:
    """Give so many bytes of random words in lines of 77: what can be searched, as Sluis demands of a document."""
    words = secrets.token_bytes(size).translate(_WORDS)
    lines = (words[start : start + _LINE] for start in range(0, size, _LINE))
    return b"\n".join(lines)[: size - 1] + b"\n"


def mail_entity(size: int) -> bytes:
    """Make the MIME entity of a usual mail: a text of up to 1 KB, what is more as an attachment of random bytes.

    kuvert handles this shape best: a long text alone makes it wait for an acknowledgement in every message.
    """
    letter = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + _lines(text(min(size, _LETTER_BYTES)))
    if size <= _LETTER_BYTES:
        return letter
    attachment = (
        b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=report.bin\r\n\r\n"
        + _lines(base64.encodebytes(secrets.token_bytes(size)))
    )
    return (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=part\r\n\r\n--part\r\n"
        + b"\r\n--part\r\n".join((letter, attachment))
        + b"\r\n--part--\r\n"
    )


def _lines(content: bytes) -> bytes:
    return content.replace(b"\n", b"\r\n")
