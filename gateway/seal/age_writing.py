"""Writes age files (age-encryption.org/v1), piece by piece, so that memory stays flat at any size.

Pure: every random byte comes in. Numbered as the format has it:
1. A file key of 16 bytes is wrapped for each recipient: X25519 with a key of its own, HKDF-SHA256, ChaCha20-Poly1305.
2. The header ends with an HMAC over all of it, so that nobody takes a recipient out or puts one in.
3. The content is cut into chunks of 64 KiB, each with its number and whether it is the last in its nonce: what was
   changed, moved or cut off, also at the border of a chunk, does not open. Only an empty file ends with an empty chunk.
"""

import base64
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES, FILE_KEY_BYTES, SALT_BYTES = 32, 16, 16
_CHUNK = 64 * 1024
_TOGETHER = 16  # Chunks in a piece of 1 MiB: four threads hand it on, and each time costs more than the cache saves.
_VERSION = b"age-encryption.org/v1"
_NO_NONCE = bytes(12)
_ARMOR = b"AGE ENCRYPTED FILE"
_LINE = 48  # Bytes of content in a line of 64 characters (RFC 7468 section 2).


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Fresh random bytes for one file, never used before: its key, its salt, and a private key for each recipient."""

    file_key: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    private: tuple[bytes, ...] = field(repr=False)


def is_sound(recipient: bytes) -> bool:
    """Tell whether a public key is none of those few with which every secret is the same (RFC 7748 section 6.1)."""
    try:
        X25519PrivateKey.from_private_bytes(bytes(KEY_BYTES)).exchange(X25519PublicKey.from_public_bytes(recipient))
    except ValueError:
        return False
    return True


def age_pieces(content: Iterable[bytes], *, recipients: tuple[bytes, ...], secrets: Secrets) -> Iterator[bytes]:
    """Give an age file; recipients are public keys of 32 bytes. Raises ValueError for one that is not sound."""
    yield _header(recipients, secrets) + secrets.salt
    cipher = ChaCha20Poly1305(_derived(secrets.file_key, salt=secrets.salt, info=b"payload"))
    # Which chunk is the last is known when the next one has not come.
    held: bytes | memoryview = b""
    number, done = 0, list[bytes]()
    for chunk in _chunks(content):
        if number or held:
            done.append(cipher.encrypt(_nonce(number, last=False), held, None))
            number += 1
        held = chunk
        if len(done) == _TOGETHER:
            yield b"".join(done)
            done.clear()
    done.append(cipher.encrypt(_nonce(number, last=True), held, None))
    yield b"".join(done)


def armored(sealed: bytes) -> bytes:
    """Write an age file as text, in the strict form of PEM that the format has."""
    lines = (base64.b64encode(sealed[start : start + _LINE]) for start in range(0, len(sealed), _LINE))
    return b"\n".join((b"-----BEGIN " + _ARMOR + b"-----", *lines, b"-----END " + _ARMOR + b"-----", b""))


def _header(recipients: tuple[bytes, ...], secrets: Secrets) -> bytes:
    stanzas = map(_stanza, recipients, secrets.private, [secrets.file_key] * len(recipients))
    header = b"\n".join((_VERSION, *stanzas, b"---"))
    mac = hmac.digest(_derived(secrets.file_key, salt=b"", info=b"header"), header, "sha256")
    return header + b" " + _base64(mac) + b"\n"


def _stanza(recipient: bytes, private: bytes, file_key: bytes) -> bytes:
    own = X25519PrivateKey.from_private_bytes(private)
    share = own.public_key().public_bytes_raw()
    shared = own.exchange(X25519PublicKey.from_public_bytes(recipient))
    wrapping = _derived(shared, salt=share + recipient, info=_VERSION + b"/X25519")
    wrapped = ChaCha20Poly1305(wrapping).encrypt(_NO_NONCE, file_key, None)
    return b"-> X25519 " + _base64(share) + b"\n" + _base64(wrapped)


def _chunks(content: Iterable[bytes]) -> Iterator[bytes | memoryview]:
    """Cut the pieces anew, each chunk whole but the last; none for nothing at all."""
    rest = b""
    for piece in content:
        whole = rest + piece if rest else piece
        end = len(whole) - len(whole) % _CHUNK
        view = memoryview(whole)
        for start in range(0, end, _CHUNK):
            yield view[start : start + _CHUNK]
        rest = whole[end:]
    if rest:
        yield rest


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes((last,))


def _derived(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(secret)


def _base64(content: bytes) -> bytes:
    """Encode without padding (RFC 4648 section 3.2); nothing here takes more than a line."""
    return base64.b64encode(content).rstrip(b"=")
