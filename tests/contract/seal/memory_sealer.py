"""A sealer in memory that really encrypts: AES-256-GCM under a key per recipient, an HMAC as signature.

It keeps every promise of the port, with no process and no keyring, so that the stage can be tested at speed. Its
ciphertext is opened with `open_sealed`, which needs the recipient's fingerprint and checks the signature.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.seal.landing import FileCiphertext, Landing

_ARMOR = "-----BEGIN PGP MESSAGE-----\n\n{}\n-----END PGP MESSAGE-----\n"
_LINE = 64


class MemorySealer:
    """Seals for the keys that it was given, each with its health."""

    def __init__(self, keys: dict[Fingerprint, KeyHealth], *, signs: bool = True) -> None:
        self._keys = keys
        self._secrets = {key: os.urandom(32) for key in keys}
        self._signing_key = os.urandom(32)
        self.signs = signs
        self.calls = 0

    def encrypt_bytes(self, plaintext: bytes, /, *, recipients: tuple[Fingerprint, ...], armor: bool) -> bytes:
        if not isinstance(plaintext, bytes):
            raise TypeError("bytes expected")
        sealed = self._seal(plaintext, recipients)
        if not armor:
            return sealed
        text = sealed.hex()
        return _ARMOR.format("\n".join(text[at : at + _LINE] for at in range(0, len(text), _LINE))).encode("ascii")

    def encrypt_stream(
        self, plaintext: Iterable[bytes], /, *, recipients: tuple[Fingerprint, ...], output: Path
    ) -> FileCiphertext:
        with Landing(output) as landing:
            landing.write(memoryview(self._seal(b"".join(plaintext), recipients)))
            return landing.finish()

    def sign_detached(self, content: bytes, /, *, readers: tuple[Fingerprint, ...] = ()) -> bytes:
        del readers
        self.check_signer()
        return hmac.new(self._signing_key, content, hashlib.sha256).digest()

    def health(self, fingerprint: Fingerprint, /) -> KeyHealth:
        return self._keys.get(fingerprint, KeyHealth.MISSING)

    def names_another(self, _fingerprint: Fingerprint, /, *, address: str) -> bool:
        """Its keys bear no addresses, so none bears another's."""
        del address
        return False

    def check_signer(self) -> None:
        if not self.signs:
            raise SluisError(Code.SIGNING_KEY_UNUSABLE)

    def open_sealed(self, sealed: bytes, recipient: Fingerprint) -> bytes:
        """Open a message as this recipient; its signature must be good."""
        if sealed.startswith(b"-----BEGIN"):
            sealed = bytes.fromhex(b"".join(sealed.split(b"\n\n")[1].split(b"-----END")[0].split()).decode("ascii"))
        message = json.loads(sealed)
        nonce, box = bytes.fromhex(message["nonce"]), bytes.fromhex(message["boxes"][recipient])
        plaintext = AESGCM(self._secrets[recipient]).decrypt(nonce, box, None)
        assert hmac.compare_digest(self.sign_detached(plaintext).hex(), message["signature"])
        return plaintext

    def _seal(self, plaintext: bytes, recipients: tuple[Fingerprint, ...]) -> bytes:
        self.calls += 1
        if not recipients:
            raise ValueError("nobody to encrypt to")
        for recipient in recipients:
            health = self.health(recipient)
            if health is not KeyHealth.USABLE:
                raise SluisError(Code(f"key-{health.value}"))
        nonce, signature = os.urandom(12), self.sign_detached(plaintext).hex()
        boxes = {each: AESGCM(self._secrets[each]).encrypt(nonce, plaintext, None).hex() for each in recipients}
        return json.dumps({"nonce": nonce.hex(), "boxes": boxes, "signature": signature}).encode("ascii")
