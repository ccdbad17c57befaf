"""Writes a new message out of texts: everything in base64, so that no text can be taken for structure.

The same input gives the same bytes: there is no id, and the boundary is the first one that nothing within holds. A mail
within is written as it is, because MIME allows it no coding (RFC 2046, 5.2.1); it is one of ours, and so in ASCII.
"""

import base64
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

MAIL: Final = "message/rfc822"
_OF_PEOPLE: Final = frozenset({"From", "To", "Cc"})
_WORD_BYTES: Final = 42
"""So many bytes become one encoded word of less than 75 characters (RFC 2047, 2)."""


def written_mail(
    *,
    date: str,
    headers: Sequence[tuple[str, str]],
    body: str,
    attachments: Sequence[tuple[str, str, bytes]],
) -> bytes:
    """Write a message; `attachments` are name, media type and content, `date` is a whole header or empty."""
    lines = [f"{name}: {_encoded(name, text)}" for name, text in headers if text.strip()]
    if date:
        lines.append(f"Date: {date}")
    lines.append("MIME-Version: 1.0")
    text = ["Content-Type: text/plain; charset=utf-8", *_content(body.encode())]
    if not attachments:
        return _bytes([*lines, *text])
    boundary = _boundary(content for _, _, content in attachments)
    lines += (f'Content-Type: multipart/mixed; boundary="{boundary}"', "", f"--{boundary}", *text)
    for name, media_type, content in attachments:
        lines += (
            f"--{boundary}",
            f"Content-Type: {media_type}",
            f'Content-Disposition: attachment; filename="{name}"',
            *(_mail(content) if media_type == MAIL else _content(content)),
        )
    return _bytes([*lines, f"--{boundary}--"])


def _boundary(contents: Iterable[bytes]) -> str:
    """Give a boundary with a sign that base64 has not, and that no mail within uses."""
    held = list(contents)
    numbers = itertools.count(1)
    return next(
        name for name in (f"=_{number}" for number in numbers) if not any(name.encode() in each for each in held)
    )


def _mail(content: bytes) -> Iterator[str]:
    yield ""
    yield from content.decode("ascii").split("\r\n")


def _content(content: bytes) -> Iterator[str]:
    yield "Content-Transfer-Encoding: base64"
    yield ""
    yield from base64.encodebytes(content).decode("ascii").splitlines()


def _encoded(name: str, text: str) -> str:
    """Write a header's text as encoded words; of people as the name of a group without members (RFC 6854)."""
    words = "\r\n ".join(
        f"=?utf-8?B?{base64.b64encode(word).decode('ascii')}?=" for word in _words(" ".join(text.split()))
    )
    return f"{words}:;" if name in _OF_PEOPLE else words


def _words(text: str) -> Iterator[bytes]:
    """Cut a text into pieces that never part a character (RFC 2047, 5)."""
    word = b""
    for character in text:
        piece = character.encode("utf-8", "replace")
        if len(word) + len(piece) > _WORD_BYTES:
            yield word
            word = b""
        word += piece
    yield word


def _bytes(lines: Sequence[str]) -> bytes:
    return "\r\n".join((*lines, "")).encode("ascii")
