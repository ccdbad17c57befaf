"""Signed notes: a text and under it the signatures of those who vouch for it (C2SP signed-note, tlog-cosignature).

Anybody with the public key checks one, also with Go's `golang.org/x/mod/sumdb/note` or with `openssl pkeyutl`.
A log signs with Ed25519 (type 0x01); a witness cosigns with its time before the text (type 0x04).
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MAX_NOTE_BYTES = 100_000
_DASH = "\u2014 "
_ID_BYTES = 4
_TIME_BYTES = 8
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_LATEST = 2**63 - 1


class SignatureType(IntEnum):
    """How a signature is made."""

    LOG = 0x01
    COSIGNATURE = 0x04


class NoteError(ValueError):
    """What was read is no signed note, checkpoint or key, or no trusted key has signed it; holds a reason only."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key and whose it is: `name` has no spaces and no plus sign."""

    name: str
    type: SignatureType
    key: Ed25519PublicKey

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or any(each.isspace() or ord(each) < ord(" ") for each in self.name):
            raise NoteError("a key's name has no spaces and no plus sign")

    @property
    def id(self) -> bytes:
        """Its id of four bytes, which only tells it from other keys of the same name."""
        return hashlib.sha256(f"{self.name}\n".encode() + self._encoded()).digest()[:_ID_BYTES]

    def as_text(self) -> str:
        """Give it as one line, as Go's `note` package and C2SP write it ("vkey")."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self._encoded()).decode()}"

    def verifies(self, signature: bytes, text: bytes) -> bool:
        """Tell whether these bytes, without the key's id, are this key's signature under the text."""
        message = text
        if self.type is SignatureType.COSIGNATURE:
            at = int.from_bytes(signature[:_TIME_BYTES], "big")
            message, signature = _cosigned(text, at), signature[_TIME_BYTES:]
        if len(signature) != _SIGNATURE_BYTES:
            return False
        try:
            self.key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def _encoded(self) -> bytes:
        return bytes([self.type]) + self.key.public_bytes_raw()


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A secret key and whose it is."""

    name: str
    type: SignatureType
    key: Ed25519PrivateKey = field(repr=False)
    id: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Have the id of the key at hand: a log signs for each group of its lines."""
        object.__setattr__(self, "id", self.public().id)

    def public(self) -> NoteKey:
        """Give the public half."""
        return NoteKey(self.name, self.type, self.key.public_key())

    def sign(self, text: bytes, *, at: int | None = None) -> "Signature":
        """Sign a text, which ends in a line break; a witness does so with the time `at`, in seconds since 1970."""
        if self.type is SignatureType.LOG:
            return Signature(self.name, self.id, self.key.sign(text))
        if at is None or not 0 <= at <= _LATEST:
            raise ValueError("a cosignature has a time")
        signed = at.to_bytes(_TIME_BYTES, "big") + self.key.sign(_cosigned(text, at))
        return Signature(self.name, self.id, signed)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature under a note: whose it says to be, the id of its key, and its bytes."""

    name: str
    key_id: bytes
    signature: bytes

    def as_line(self) -> bytes:
        """Give the line that stands under a note."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n".encode()

    @property
    def cosigned_at(self) -> int:
        """When a witness signed, in seconds since 1970; only of a cosignature that was verified."""
        return int.from_bytes(self.signature[:_TIME_BYTES], "big")


@dataclass(frozen=True, slots=True)
class Note:
    """A text with the signatures under it, none of them verified yet."""

    text: bytes
    signatures: tuple[Signature, ...]

    def as_bytes(self) -> bytes:
        """Give the note as it is stored and sent."""
        return self.text + b"\n" + b"".join(each.as_line() for each in self.signatures)

    def signed_by(self, keys: Iterable[NoteKey]) -> tuple[Signature, ...]:
        """Give the signatures of these keys; those of all others are ignored.

        Raises NoteError when one of these keys is named and its signature is false.
        """
        known = {(key.name, key.id): key for key in keys}
        found = [each for each in self.signatures if (each.name, each.key_id) in known]
        if not all(known[each.name, each.key_id].verifies(each.signature, self.text) for each in found):
            raise NoteError("a signature does not belong to this text")
        return tuple(found)


def read_note(content: bytes) -> Note:
    """Read a signed note. Raises NoteError."""
    if len(content) > MAX_NOTE_BYTES:
        raise NoteError("the note is too long")
    try:
        readable = content.decode()
    except UnicodeDecodeError as error:
        raise NoteError("the note is no UTF-8") from error
    if any(each < " " and each != "\n" for each in readable):
        raise NoteError("the note has control characters")
    text, blank, lines = readable.rpartition("\n\n")
    if not blank or not text or not lines.endswith("\n"):
        raise NoteError("the note has no signatures")
    return Note(f"{text}\n".encode(), tuple(map(_read_signature, lines[:-1].split("\n"))))


def read_signatures(content: bytes) -> Sequence[Signature]:
    """Read lines of signatures without their text, such as a witness answers with. Raises NoteError."""
    return read_note(b"-\n\n" + content).signatures


def read_note_key(line: str) -> NoteKey:
    """Read a public key as `NoteKey.as_text` gives it. Raises NoteError."""
    name, _, rest = line.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    content = _decoded(encoded)
    if len(content) != 1 + _KEY_BYTES or content[0] not in (*SignatureType,):
        raise NoteError("this is no Ed25519 key of a log or witness")
    found = NoteKey(name, SignatureType(content[0]), Ed25519PublicKey.from_public_bytes(content[1:]))
    if found.id.hex() != key_id:
        raise NoteError("the key and its id do not belong together")
    return found


def _read_signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    content = _decoded(encoded)
    if not line.startswith(_DASH) or not name or len(content) <= _ID_BYTES:
        raise NoteError("a line under the note is no signature")
    return Signature(name, content[:_ID_BYTES], content[_ID_BYTES:])


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("what should be base64 is not") from error


def _cosigned(text: bytes, at: int) -> bytes:
    """Give what a witness signs: a head of its own, so that it is never taken for a signature of the log."""
    return f"cosignature/v1\ntime {at}\n".encode() + text
