"""A sealed mail as the bytes that follow DATA (RFC 5321 sections 2.3.8 and 4.5.2).

Rules, in order:
1. Lines end with CRLF and nothing else, bytes are ASCII. A bare CR or LF could end the message early at a lenient
   server (SMTP smuggling), so no piece that holds one is given out.
2. A line that begins with a dot gets a second one.
3. The piece with the final dot is given out only when everything before it was what was sealed, byte for byte.
   Without the final dot the server throws away what it got.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.package.errors import Code, SluisError
from gateway.package.states import Ciphertext

_END = b".\r\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the wire form; the last one carries the final dot."""

    content: bytes
    last: bool


def data_pieces(ciphertext: Ciphertext) -> Iterator[Piece]:
    """Give the message as DATA takes it, in pieces of about the size of the ciphertext's chunks.

    Raises SluisError `payload-corrupt` instead of giving out a bare line end, a byte outside ASCII, or the end of a
    message that is not what was sealed.
    """
    digest, size = hashlib.sha256(), 0
    held, carry, line_start = b"", b"", True
    for chunk in ciphertext.chunks():
        digest.update(chunk)
        size += len(chunk)
        lines, carry = _split_before_cr(carry + chunk)
        if held:
            yield Piece(held, last=False)
        held = _transparent(lines, line_start=line_start)
        line_start = lines.endswith(b"\r\n") if lines else line_start
    if carry or not line_start or (size, digest.hexdigest()) != (ciphertext.size, ciphertext.sha256):
        raise SluisError(Code.PAYLOAD_CORRUPT, where="mail")
    yield Piece(held + _END, last=True)


def _split_before_cr(chunk: bytes) -> tuple[bytes, bytes]:
    """Hold a CR at the end back, so that no piece parts a CR from its LF."""
    return (chunk[:-1], chunk[-1:]) if chunk.endswith(b"\r") else (chunk, b"")


def _transparent(lines: bytes, *, line_start: bool) -> bytes:
    pairs = lines.count(b"\r\n")
    if not lines.isascii() or pairs != lines.count(b"\n") or pairs != lines.count(b"\r"):
        raise SluisError(Code.PAYLOAD_CORRUPT, where="mail")
    if line_start and lines.startswith(b"."):
        lines = b"." + lines
    return lines.replace(b"\r\n.", b"\r\n..")
