"""The age engine behind the port `Sealer`: for recipients with an age key, who get files and no mail.

Rules:
1. An age file is encrypted and authenticated (`gateway.seal.age_writing`), and never signed: anybody who knows the
   recipient's key could have made it. Who made it, the signature of the manifest says that lies beside it: by the
   site's OpenPGP key, over the digest of the whole file. Hence nothing is sealed here while that key does not sign.
2. The key is its own text: it does not expire and can not be revoked. Who wants it gone takes it out of the register.
3. A file appears whole or not at all (`gateway.seal.landing`).
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint, KeyKind, age_point, kind_of
from gateway.seal.age_writing import FILE_KEY_BYTES, KEY_BYTES, SALT_BYTES, Secrets, age_pieces, armored, is_sound
from gateway.seal.engines import bytes_only, require_usable
from gateway.seal.landing import FileCiphertext, landed
from gateway.seal.port import Sealer


class AgeSealer:
    """Encrypts to age keys; satisfies `Sealer`. `signer` is the engine of the site's OpenPGP key."""

    def __init__(self, *, signer: Sealer) -> None:
        self._signer = signer

    def encrypt_bytes(self, plaintext: bytes, /, *, recipients: tuple[Fingerprint, ...], armor: bool) -> bytes:
        """See the port."""
        sealed = b"".join(self._pieces((plaintext,), recipients))
        return armored(sealed) if armor else sealed

    def encrypt_stream(
        self, plaintext: Iterable[bytes], /, *, recipients: tuple[Fingerprint, ...], output: Path
    ) -> FileCiphertext:
        """See the port."""
        return landed(self._pieces(plaintext, recipients), output)

    def sign_detached(self, content: bytes, /, *, readers: tuple[Fingerprint, ...] = ()) -> bytes:
        """See the port; by the OpenPGP key."""
        del readers
        return self._signer.sign_detached(content)

    def health(self, fingerprint: Fingerprint, /) -> KeyHealth:
        """See the port."""
        if kind_of(fingerprint) is not KeyKind.AGE:
            return KeyHealth.MISSING
        return KeyHealth.USABLE if is_sound(age_point(fingerprint)) else KeyHealth.UNUSABLE

    def names_another(self, fingerprint: Fingerprint, /, *, address: str) -> bool:
        """See the port; an age key bears no addresses."""
        del fingerprint, address
        return False

    def check_signer(self) -> None:
        """See the port."""
        self._signer.check_signer()

    def _pieces(self, plaintext: Iterable[bytes], recipients: tuple[Fingerprint, ...]) -> Iterator[bytes]:
        require_usable(self, recipients)
        self.check_signer()
        secrets = Secrets(
            file_key=os.urandom(FILE_KEY_BYTES),
            salt=os.urandom(SALT_BYTES),
            private=tuple(os.urandom(KEY_BYTES) for _ in recipients),
        )
        return age_pieces(bytes_only(plaintext), recipients=tuple(map(age_point, recipients)), secrets=secrets)
