"""Encryption for a recipient with nothing but a browser: RFC 8188 `aes128gcm`, opened by link and code together.

Nobody derives the key from the link alone, from the code alone, or from what the pick-up service is given.

In order:
1. The code (ten characters, 49 bits) is stretched by PBKDF2-HMAC-SHA-256, since it is short.
2. Secret and stretched code together make two values by HKDF (RFC 5869): `access`, which the browser shows to fetch the
   ciphertext, and `content`, the input of RFC 8188. Neither can be had from the other.
3. The service is given SHA-256 of `access`. The secret has 256 bits, so whoever runs the service can not try codes
   offline: every guess of the code would need the secret as well. `link`, out of the secret alone, proves that somebody
   has the link: only their wrong codes are counted, so that nobody locks a parcel whose id is all that they know.
4. What is cut off, turned round or changed is refused: each record is authenticated with its place, and only the last
   one bears the mark of the end (RFC 8188 section 2).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.package.pickup import CODE_ALPHABET, CODE_CHARACTERS

RECORD_BYTES: Final = 256 * 1024
SALT_BYTES: Final = 16
_TAG_BYTES: Final = 16
_STRETCHES: Final = 600_000
_SECRET_BYTES: Final = 32
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_MORE: Final = b"\x01"
_LAST: Final = b"\x02"
_FAIR: Final = 256 - 256 % len(CODE_ALPHABET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What secret and code give: the key of the content, and by what the service recognises who has both."""

    content: bytes = field(repr=False)
    access: bytes = field(repr=False)
    link: bytes = field(repr=False)

    def verifier(self) -> str:
        """Give what the service compares with: nothing can be fetched or opened by it."""
        return hashlib.sha256(self.access).hexdigest()

    def link_verifier(self) -> str:
        """Give by what the service recognises who has the link; it tells nothing of secret or code."""
        return hashlib.sha256(self.link).hexdigest()


def new_secret(random: Callable[[int], bytes]) -> str:
    """Draw the secret of a link, in hexadecimal."""
    return random(_SECRET_BYTES).hex()


def new_code(random: Callable[[int], bytes]) -> str:
    """Draw a one-time code, every character as likely as any other."""
    code = ""
    while len(code) < CODE_CHARACTERS:
        code += "".join(CODE_ALPHABET[byte % len(CODE_ALPHABET)] for byte in random(CODE_CHARACTERS) if byte < _FAIR)
    return code[:CODE_CHARACTERS]


def derive(*, secret: str, code: str, parcel: str) -> Derived:
    """Derive the values for one parcel, whose id is the salt. Takes a few tenths of a second on purpose."""
    salt = parcel.encode("ascii")
    stretched = hashlib.pbkdf2_hmac("sha256", code.encode("ascii"), b"sluis-postbus/1 " + salt, _STRETCHES)
    both = bytes.fromhex(secret) + stretched
    return Derived(
        content=_hkdf(both, salt=salt, info=b"sluis postbus content", length=_KEY_BYTES),
        access=_hkdf(both, salt=salt, info=b"sluis postbus access", length=_KEY_BYTES),
        link=_hkdf(bytes.fromhex(secret), salt=salt, info=b"sluis postbus link", length=_KEY_BYTES),
    )


def encrypted_pieces(
    plaintext: Iterable[bytes], *, key: bytes, salt: bytes, record_bytes: int = RECORD_BYTES
) -> Iterator[bytes]:
    """Encrypt a stream after RFC 8188, a record at a time; memory stays flat at any size."""
    cipher = AESGCM(_hkdf(key, salt=salt, info=b"Content-Encoding: aes128gcm\x00", length=16))
    nonce = int.from_bytes(_hkdf(key, salt=salt, info=b"Content-Encoding: nonce\x00", length=_NONCE_BYTES), "big")
    room, waiting, number = record_bytes - _TAG_BYTES - len(_LAST), memoryview(b""), 0

    def record(content: memoryview, end: bytes) -> bytes:
        return cipher.encrypt((nonce ^ number).to_bytes(_NONCE_BYTES, "big"), b"".join((content, end)), None)

    yield salt + record_bytes.to_bytes(4, "big") + b"\x00"
    for piece in plaintext:
        waiting = memoryview(b"".join((waiting, piece)))
        # Never the whole of what waits: the last record has to be known as the last.
        while len(waiting) > room:
            yield record(waiting[:room], _MORE)
            waiting = waiting[room:]
            number += 1
    yield record(waiting, _LAST)


def _hkdf(key: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(key)
