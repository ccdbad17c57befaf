"""PGP/MIME mail, assembled by hand: RFC 3156 around, protected header fields after RFC 9788 inside.

Bytes only, CRLF everywhere, no re-folding: the standard library's generator broke signatures and took four times as
long as the encryption (CPython issue 99533). Rules:
1. Outside only what a mail server needs, in 7-bit ASCII: addresses, date, Message-ID. The subject is "[...]".
2. Inside the real subject and a copy of every outer field, with both `protected-headers="v1"` and `hp="cipher"`:
   readers know one or the other. `HP-Outer` tells the reader what was visible on the way.
3. Nothing from a register or a package reaches a header field unchecked: a line break in one would be a new field.
4. A file travels as it is where every reader leaves it so, in base64 otherwise. GMime (notmuch, Geary, Balsa) turns
   each CRLF of what it decrypted into LF and mutt reads it as C text: both would damage a PDF sent as `binary`.
5. No line of the outer message begins with a dot and none is too long, so that SMTP can take the bytes as they are.
"""

import base64
import binascii
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import format_datetime

from gateway.package.errors import Code, SluisError

HIDDEN_SUBJECT = "[...]"

# RFC 5321 section 4.1.2: dot-string and domain; no quoted local part, no address literal, ASCII only, and neither
# of the two signs that old relays read as a route (% and !).
_ATOM = r"[A-Za-z0-9#$&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@{_LABEL}(?:\.{_LABEL})*\Z")
_LONGEST_ADDRESS = 254
_LONGEST_LOCAL = 64
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(?:; charset=utf-8)?\Z")
_PLAIN_PHRASE = re.compile(r"(?! )[A-Za-z0-9 .'&-]{1,60}(?<! )\Z")
_PLAIN_FILE_NAME = re.compile(r"(?! )[A-Za-z0-9 ._()+,=@-]+(?<! )\Z")
_ATTRIBUTE_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_WORD_BYTES = 42  # RFC 2047 section 2: an encoded word has at most 75 characters.
_BASE64_LINE = 76
_PLAIN_LENGTH = 66  # With the field's name a line of at most 78 characters (RFC 5322 section 2.1.1).
_CRLF = b"\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The header fields of one mail. `message_id` stands without angle brackets; `date` bears its zone.

    Raises SluisError `address-invalid` for anything that could add a header field or another recipient.
    """

    from_address: str = field(repr=False)
    from_name: str = field(repr=False)
    to_address: str = field(repr=False)
    date: dt.datetime
    message_id: str
    subject: str = field(repr=False)

    def __post_init__(self) -> None:
        for address, place in ((self.from_address, "from"), (self.to_address, "to"), (self.message_id, "message-id")):
            _require_address(address, place=place)
        for text, place in ((self.from_name, "from"), (self.subject, "subject")):
            if not text.isprintable():
                raise SluisError(Code.ADDRESS_INVALID, where=place)

    def fields(self, *, subject: str) -> tuple[bytes, ...]:
        """Give the header fields under a subject, each without its line end; a long one is folded."""
        name = f"{_phrase(self.from_name)} " if self.from_name else ""
        texts = (
            f"From: {name}<{self.from_address}>",
            f"To: {self.to_address}",
            f"Date: {format_datetime(self.date)}",
            f"Message-ID: <{self.message_id}>",
            f"Subject: {subject}",
        )
        return tuple(text.encode("ascii") for text in texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One file inside the mail, under the name that the recipient sees."""

    name: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)


def inner_entity(envelope: Envelope, *, letter: str, attachments: tuple[Attachment, ...], boundary: str) -> bytes:
    """Assemble what is to be encrypted: the letter first, then the files, under the real subject.

    `boundary` is random and at least 128 bits, so that no content can hold it except by guessing it.
    """
    mark = boundary.encode("ascii")
    pieces = [*_inner_header(envelope, mark), b"--", mark, _CRLF, _letter_part(letter), _CRLF]
    for attachment in attachments:
        pieces += (b"--", mark, _CRLF, *_attachment_part(attachment), _CRLF)
    return b"".join((*pieces, b"--", mark, b"--", _CRLF))


def outer_message(envelope: Envelope, *, armored: bytes, boundary: str) -> bytes:
    """Wrap the armored ciphertext for the mail server (RFC 3156 section 4).

    Raises SluisError `seal-failed` when the result is not what SMTP may carry as it is.
    """
    mark = boundary.encode("ascii")
    lines = (
        *envelope.fields(subject=HIDDEN_SUBJECT),
        b"MIME-Version: 1.0",
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";',
        b' boundary="' + mark + b'"',
        b"",
        b"--" + mark,
        b"Content-Type: application/pgp-encrypted",
        b"Content-Description: PGP/MIME version identification",
        b"",
        b"Version: 1",
        b"",
        b"--" + mark,
        b'Content-Type: application/octet-stream; name="encrypted.asc"',
        b"Content-Description: OpenPGP encrypted message",
        b'Content-Disposition: inline; filename="encrypted.asc"',
        b"",
        armored.replace(b"\r\n", b"\n").replace(b"\n", _CRLF),
        b"--" + mark + b"--",
        b"",
    )
    return sendable(_CRLF.join(lines))


def sendable(message: bytes) -> bytes:
    """Give a whole message back when SMTP may carry it as it is. Raises SluisError `seal-failed`."""
    if not message.isascii() or b"\n." in message or message.count(b"\n") != message.count(_CRLF):
        raise SluisError(Code.SEAL_FAILED, where="mail")
    return message


def _require_address(text: str, *, place: str) -> None:
    found = _ADDRESS.match(text)
    if found is None or len(text) > _LONGEST_ADDRESS or len(found["local"]) > _LONGEST_LOCAL:
        raise SluisError(Code.ADDRESS_INVALID, where=place)


def _inner_header(envelope: Envelope, mark: bytes) -> Iterator[bytes]:
    for line in envelope.fields(subject=_encoded(envelope.subject)):
        yield line + _CRLF
    for line in envelope.fields(subject=HIDDEN_SUBJECT):
        yield b"HP-Outer: " + line + _CRLF
    yield b"MIME-Version: 1.0" + _CRLF
    yield b'Content-Type: multipart/mixed; boundary="' + mark + b'";' + _CRLF
    yield b' protected-headers="v1"; hp="cipher"' + _CRLF + _CRLF


def _letter_part(letter: str) -> bytes:
    text = letter.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8").replace(b"\n", _CRLF)
    return _CRLF.join((b'Content-Type: text/plain; charset="utf-8"', b"Content-Transfer-Encoding: 8bit", b"", text))


def _attachment_part(attachment: Attachment) -> tuple[bytes, bytes]:
    """Give a file's header and body (rule 4)."""
    if not _MEDIA_TYPE.match(attachment.media_type):
        raise ValueError("a media type, for text with its charset, expected")
    fragile = b"\r" in attachment.content or b"\x00" in attachment.content
    lines = (
        f"Content-Type: {attachment.media_type}",
        f"Content-Disposition: attachment; {_file_name(attachment.name)}",
        f"Content-Transfer-Encoding: {'base64' if fragile else 'binary'}",
        "",
        "",
    )
    return "\r\n".join(lines).encode("ascii"), base64_lines(attachment.content) if fragile else attachment.content


def base64_lines(content: bytes) -> bytes:
    """Encode with lines of 76 characters (RFC 2045 section 6.8)."""
    text = binascii.b2a_base64(content, newline=False)
    return _CRLF.join([text[at : at + _BASE64_LINE] for at in range(0, len(text), _BASE64_LINE)])


def _file_name(name: str) -> str:
    """Write a file name as a parameter; RFC 2231 section 4 for what is not plain."""
    if _PLAIN_FILE_NAME.match(name):
        return f'filename="{name}"'
    quoted = "".join(chr(byte) if byte in _ATTRIBUTE_BYTES else f"%{byte:02X}" for byte in name.encode("utf-8"))
    return f"filename*=utf-8''{quoted}"


def _phrase(text: str) -> str:
    return f'"{text}"' if _PLAIN_PHRASE.match(text) else _encoded(text)


def _encoded(text: str) -> str:
    """Write text as RFC 2047 encoded words, folded; ASCII that needs none stays readable."""
    if text.isascii() and "=?" not in text and len(text) <= _PLAIN_LENGTH:
        return text
    words = (base64.b64encode(piece).decode("ascii") for piece in _split(text, _WORD_BYTES))
    return "\r\n ".join(f"=?utf-8?B?{word}?=" for word in words)


def _split(text: str, limit: int) -> Iterator[bytes]:
    """Cut UTF-8 between characters into pieces of at most `limit` bytes: each encoded word is decoded alone."""
    piece = b""
    for char in text:
        encoded = char.encode("utf-8")
        if len(piece) + len(encoded) > limit:
            yield piece
            piece = b""
        piece += encoded
    if piece:
        yield piece
