"""The age engine behind the port `Sealer`: for recipients with an age key, who get files and no mail.

Rules:
1. An age file (age-encryption.org/v1) is encrypted and authenticated, and never signed: anybody who knows the
   recipient's key could have made it. Who made it, the signature of the manifest says that lies beside it: by the
   site's OpenPGP key, over the digest of the whole file. Hence nothing is sealed here while that key does not sign.
2. The key is its own text: it does not expire and can not be revoked. Who wants it gone takes it out of the register.
3. What the source or the disk raises goes on as it is; the library would make one message of it all.
4. A file appears whole or not at all (`gateway.seal.landing`).
"""

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyrage

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint, KeyKind, kind_of
from gateway.seal.engines import bytes_only, require_usable
from gateway.seal.landing import FileCiphertext, Landing
from gateway.seal.port import Sealer


class AgeSealer:
    """Encrypts to age keys; satisfies `Sealer`. `signer` is the engine of the site's OpenPGP key."""

    def __init__(self, *, signer: Sealer) -> None:
        self._signer = signer

    def encrypt_bytes(self, plaintext: bytes, /, *, recipients: tuple[Fingerprint, ...], armor: bool) -> bytes:
        """See the port."""
        output = io.BytesIO()
        self._encrypt((plaintext,), recipients, sink=output.write, armor=armor)
        return output.getvalue()

    def encrypt_stream(
        self, plaintext: Iterable[bytes], /, *, recipients: tuple[Fingerprint, ...], output: Path
    ) -> FileCiphertext:
        """See the port."""
        with Landing(output) as landing:
            self._encrypt(plaintext, recipients, sink=lambda piece: landing.write(memoryview(piece)), armor=False)
            return landing.finish()

    def sign_detached(self, content: bytes, /, *, readers: tuple[Fingerprint, ...] = ()) -> bytes:
        """See the port; by the OpenPGP key."""
        del readers
        return self._signer.sign_detached(content)

    def health(self, fingerprint: Fingerprint, /) -> KeyHealth:
        """See the port."""
        if kind_of(fingerprint) is not KeyKind.AGE:
            return KeyHealth.MISSING
        try:
            pyrage.x25519.Recipient.from_str(fingerprint)
        except pyrage.RecipientError:
            return KeyHealth.UNUSABLE
        return KeyHealth.USABLE

    def names_another(self, fingerprint: Fingerprint, /, *, address: str) -> bool:
        """See the port; an age key bears no addresses."""
        del fingerprint, address
        return False

    def check_signer(self) -> None:
        """See the port."""
        self._signer.check_signer()

    def _encrypt(
        self,
        plaintext: Iterable[bytes],
        recipients: tuple[Fingerprint, ...],
        *,
        sink: Callable[[bytes], object],
        armor: bool,
    ) -> None:
        require_usable(self, recipients)
        self.check_signer()
        source, target = _Source(bytes_only(plaintext)), _Target(sink)
        keys = [pyrage.x25519.Recipient.from_str(each) for each in recipients]
        try:
            pyrage.encrypt_io(source, target, keys, armored=armor)
        except (pyrage.EncryptError, OSError) as error:
            raise source.failure or target.failure or SluisError(Code.SEAL_FAILED) from error
        if source.failure or target.failure:
            # The library has not told of it: what it wrote is not what was asked.
            raise source.failure or target.failure or SluisError(Code.SEAL_FAILED)


class _Source:
    """The plaintext as the library reads it; keeps what went wrong (rule 3)."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = memoryview(b"")
        self.failure: BaseException | None = None

    def read(self, size: int) -> bytes:
        """Give at most so many bytes, none at the end."""
        try:
            while not self._piece:
                self._piece = memoryview(next(self._pieces))
        except StopIteration:
            return b""
        except BaseException as error:
            self.failure = error
            raise
        given, self._piece = self._piece[:size], self._piece[size:]
        return bytes(given)


class _Target:
    """Where the library writes; keeps what went wrong (rule 3)."""

    def __init__(self, sink: Callable[[bytes], object]) -> None:
        self._sink = sink
        self.failure: BaseException | None = None

    def write(self, piece: bytes) -> int:
        """Take a piece, whole."""
        try:
            self._sink(piece)
        except BaseException as error:
            self.failure = error
            raise
        return len(piece)

    def flush(self) -> None:
        """Have nothing held back; the file is made durable when it is whole."""
