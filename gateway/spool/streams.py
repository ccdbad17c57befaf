"""Encrypts payloads at rest: a key per stream, AES-256-GCM in STREAM chunks. Pure: random bytes come in.

Rules:
1. A stream's key is HKDF-SHA-256 of the package's content key, a fresh 32-byte salt and the names of package and
   stream (RFC 5869), so no two streams ever share a key and a nonce can not repeat.
2. Chunks of 256 KiB; the nonce is seven zero bytes, a 32-bit counter and a last-chunk flag (the STREAM
   construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015). Reordered, dropped, repeated or cut chunks fail.
3. The header and the names are authenticated with the first chunk: a stream can not be moved to another place.
4. A data key is wrapped by the site key with AES-256-GCM, bound to the package and the key's use. Destroying the
   wrapped key destroys the payload.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId

KEY_BYTES = 32
CHUNK = 256 * 1024
_MAGIC = b"sluis-stream-1\n"
_SALT_BYTES = 32
_HEADER_BYTES = len(_MAGIC) + _SALT_BYTES
_NONCE_BYTES = 12
_TAG_BYTES = 16
_LAST_COUNTER = 2**32 - 1

RandomBytes = Callable[[int], bytes]


class CipherReader(Protocol):
    """The sealed bytes of one stream."""

    def read(self, size: int, /) -> bytes:
        """Read at most `size` bytes; b"" at the end."""
        ...

    def close(self) -> None:
        """Close the file, if there is one."""
        ...


@dataclass(frozen=True, slots=True)
class StreamName:
    """What a stream is bound to."""

    package: PackageId
    stream: str

    def bound(self) -> bytes:
        """Give the name as bytes; the separator can not occur in an id."""
        return f"{self.package}\x00{self.stream}".encode()


def wrap_key(site_key: bytes, key: bytes, *, package: PackageId, use: str, random: RandomBytes) -> bytes:
    """Wrap a data key under the site key, bound to its package and use."""
    nonce = random(_NONCE_BYTES)
    return nonce + AESGCM(site_key).encrypt(nonce, key, f"sluis-key-1\x00{package}\x00{use}".encode())


def unwrap_key(site_key: bytes, wrapped: bytes, *, package: PackageId, use: str) -> bytes:
    """Unwrap a data key. Raises SluisError `payload-corrupt` when it is another's or was changed."""
    aad = f"sluis-key-1\x00{package}\x00{use}".encode()
    try:
        return AESGCM(site_key).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], aad)
    except (InvalidTag, ValueError) as error:
        raise SluisError(Code.PAYLOAD_CORRUPT, where=use) from error


def encrypt(chunks: Iterable[bytes], *, key: bytes, name: StreamName, random: RandomBytes) -> Iterator[bytes]:
    """Encrypt a stream of plaintext pieces of any size; gives the header and then one sealed chunk at a time."""
    salt = random(_SALT_BYTES)
    header = _MAGIC + salt
    yield header
    cipher = _cipher(key, salt, name)
    aad = header + name.bound()
    for counter, (chunk, last) in enumerate(_even_chunks(chunks)):
        yield cipher.encrypt(_nonce(counter, last=last), chunk, aad if counter == 0 else None)


class Decryptor:
    """Reads one encrypted stream; every byte that it gives has been authenticated.

    Raises SluisError `payload-corrupt` at the first chunk that is not exactly what was written there.
    """

    def __init__(self, source: CipherReader, *, key: bytes, name: StreamName) -> None:
        self._source = source
        self._name = name
        header = _read_exactly(source, _HEADER_BYTES)
        if len(header) != _HEADER_BYTES or not header.startswith(_MAGIC):
            raise SluisError(Code.PAYLOAD_CORRUPT, where=name.stream)
        self._cipher: AESGCM | None = _cipher(key, header[len(_MAGIC) :], name)
        self._aad: bytes | None = header + name.bound()
        self._counter = 0
        self._pending = b""
        self._offset = 0
        self._ahead = _read_exactly(source, CHUNK + _TAG_BYTES)
        self._ended = False

    def read(self, size: int = -1, /) -> bytes:
        """Give at most `size` bytes of plaintext, all of it when negative, b"" at the end."""
        if size < 0:
            return b"".join(iter(lambda: self.read(CHUNK), b""))
        while self._offset == len(self._pending) and not self._ended:
            self._pending, self._offset = self._next_chunk(), 0
        piece = self._pending[self._offset : self._offset + size]
        self._offset += len(piece)
        return piece

    def close(self) -> None:
        """Forget the key and close the source."""
        self._cipher, self._pending, self._offset, self._ended = None, b"", 0, True
        self._source.close()

    def _next_chunk(self) -> bytes:
        sealed, self._ahead = self._ahead, _read_exactly(self._source, CHUNK + _TAG_BYTES)
        last = not self._ahead
        if self._cipher is None:
            raise ValueError("the stream is closed")
        try:
            plain = self._cipher.decrypt(_nonce(self._counter, last=last), sealed, self._aad)
        except (InvalidTag, ValueError) as error:
            raise SluisError(Code.PAYLOAD_CORRUPT, where=self._name.stream) from error
        self._aad = None
        self._counter += 1
        self._ended = last
        return plain


def _cipher(key: bytes, salt: bytes, name: StreamName) -> AESGCM:
    info = b"sluis-stream-1\x00" + name.bound()
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(key))


def _nonce(counter: int, *, last: bool) -> bytes:
    if counter > _LAST_COUNTER:
        raise OverflowError("a stream may not hold more than 2**32 chunks")
    return bytes(7) + counter.to_bytes(4, "big") + bytes([last])


def _even_chunks(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut into chunks of CHUNK bytes; the last one is flagged, and there is always a last one, be it empty."""
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        # A full chunk waits until more is seen, since only then is it known not to be the last one.
        while len(buffer) > CHUNK:
            with memoryview(buffer) as all_of_it, all_of_it[:CHUNK] as first:
                chunk = bytes(first)
            yield chunk, False
            del buffer[:CHUNK]
    yield bytes(buffer), True


def _read_exactly(source: CipherReader, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0 and (part := source.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
