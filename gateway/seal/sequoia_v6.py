"""Recipients with an OpenPGP key of version 6 (RFC 9580), post-quantum ones among them, behind the port `Sealer`.

gpg 2.2 can not import such a key, so nobody but us judges it. pysequoia tells little: it encrypts to what has expired.
When it encrypts it verifies the signatures that hold a key together, but does not say which of them it believed. So the
judgement is the strictest reading of them all. Rules, in order:
1. The key lies in `keys/FINGERPRINT.asc`, alone, and has the pinned fingerprint, a SHA-256 over its material.
2. It is revoked when Sequoia says so, or when anything in the file says so of the primary key or of the subkey that
   Sequoia encrypts to. Which one that is, a trial tells: session keys of version 6 name a fingerprint.
3. It has expired when any signature on those two says so, an older and replaced one as well. What Sequoia believes is
   one of them, so it can not last longer than that. Who renewed a key sends a minimal export.
4. What was made later than now, or bears no time, is not usable; nor is a key without a subkey that Sequoia takes.
5. Whether a key is strong, Sequoia's own policy says: it refuses small RSA and SHA-1, and version 6 forbids the rest.

It is read and judged anew for every message, well below a millisecond. Everything is sealed in memory, up to `LARGEST`:
pysequoia streams from one file to another only, and no plaintext is written to a disk.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pysequoia
from pysequoia.packet import Packet, PacketPile, SignatureType, Tag

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KEY_REFUSALS, KeyHealth
from gateway.package.ids import Fingerprint, KeyKind, key_file, kind_of
from gateway.seal.engines import bytes_only, require_usable
from gateway.seal.key_description import MAX_KEY_BYTES
from gateway.seal.key_health import no_address_fits
from gateway.seal.landing import FileCiphertext, landed
from gateway.seal.sequoia import Addressee, SequoiaSealer, addressed, key_id, sealed_by

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of plaintext that are sealed for such a key at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A primary key or subkey with the signatures that stand on it, those on user ids with the primary key's."""

    key: Packet
    signatures: list[Packet]

    def is_revoked(self) -> bool:
        gone = (SignatureType.KeyRevocation, SignatureType.SubkeyRevocation)
        return any(each.signature_type in gone for each in self.signatures)

    def has_expired(self, now: dt.datetime) -> bool:
        """Tell whether anything says that this key, or a signature on it, has come to its end."""
        created = self.key.key_created
        ends = [
            start + lasting
            for each in self.signatures
            for start, lasting in (
                (created, each.key_validity_period),
                (each.signature_created, each.signature_validity_period),
            )
            if start is not None and lasting is not None
        ]
        return any(end <= now for end in ends)

    def has_begun(self, now: dt.datetime) -> bool:
        """Tell whether the key and every signature on it bear a time that has come."""
        times = [self.key.key_created, *(each.signature_created for each in self.signatures)]
        return bool(self.signatures) and all(each is not None and each <= now for each in times)


class SequoiaV6Sealer:
    """Signs with the site's own key and encrypts to keys of version 6; satisfies `Sealer`.

    Args:
        signer: the engine whose own key signs; readers verify it with the public key of version 4 that they have.
        keys: the folder with the recipients' public keys.
        now: the clock by which they are judged.
    """

    def __init__(self, *, signer: SequoiaSealer, keys: Path, now: Callable[[], dt.datetime]) -> None:
        self._signer = signer
        self._keys = keys
        self._now = now

    def encrypt_bytes(self, plaintext: bytes, /, *, recipients: tuple[Fingerprint, ...], armor: bool) -> bytes:
        """See the port. Raises `package-too-large` too."""
        if len(plaintext) > LARGEST:
            raise SluisError(Code.PACKAGE_TOO_LARGE, detail={"limit": LARGEST})
        if not recipients:
            raise ValueError("nobody to encrypt to")
        now = self._now()
        found = [self._addressee(recipient, now) for recipient in recipients]
        return sealed_by(self._signer.signer(now), plaintext, found, armor=armor)

    def encrypt_stream(
        self, plaintext: Iterable[bytes], /, *, recipients: tuple[Fingerprint, ...], output: Path
    ) -> FileCiphertext:
        """See the port. Raises `package-too-large` too."""
        require_usable(self, recipients)
        sealed = self.encrypt_bytes(_gathered(plaintext), recipients=recipients, armor=False)
        return landed((sealed,), output)

    def sign_detached(self, content: bytes, /, *, readers: tuple[Fingerprint, ...] = ()) -> bytes:
        """See the port."""
        return self._signer.sign_detached(content, readers=readers)

    def health(self, fingerprint: Fingerprint, /) -> KeyHealth:
        """See the port."""
        return health_in(self._keys, fingerprint, self._now())

    def names_another(self, fingerprint: Fingerprint, /, *, address: str) -> bool:
        """See the port."""
        certificate = _found(self._keys, fingerprint)
        if certificate is None:
            return False
        emails = (each.user_id_email for each in PacketPile.from_bytes(bytes(certificate)) if each.tag == Tag.UserID)
        return no_address_fits((each for each in emails if each), address=address)

    def check_signer(self) -> None:
        """See the port."""
        self._signer.check_signer()

    def _addressee(self, recipient: Fingerprint, now: dt.datetime) -> Addressee:
        """Judge the very bytes that are encrypted to: the file is read once."""
        certificate = _found(self._keys, recipient)
        if certificate is None:
            raise SluisError(Code.KEY_MISSING)
        refusal = KEY_REFUSALS.get(health_of(certificate, now))
        working = _working(certificate, _parts(certificate))
        if refusal is not None or working is None:
            raise SluisError(refusal or Code.KEY_UNUSABLE)
        return Fingerprint((working.key.fingerprint or "").upper()), certificate


def health_in(keys: Path, fingerprint: Fingerprint, now: dt.datetime) -> KeyHealth:
    """Judge the key of this fingerprint in a folder of public keys."""
    certificate = _found(keys, fingerprint)
    return KeyHealth.MISSING if certificate is None else health_of(certificate, now)


def _found(keys: Path, fingerprint: Fingerprint) -> pysequoia.Cert | None:
    """Read the key of this fingerprint; None when it is not there, not alone, or another."""
    name = key_file(fingerprint) if kind_of(fingerprint) is KeyKind.OPENPGP_V6 else None
    if name is None:
        return None
    try:
        with (keys / name).open("rb") as file:
            content = file.read(MAX_KEY_BYTES + 1)
        # What stands behind the end of what is read may be a revocation.
        found = pysequoia.Cert.split_bytes(content) if len(content) <= MAX_KEY_BYTES else []
    except (OSError, RuntimeError):
        return None
    return found[0] if [fingerprint] == [each.fingerprint.upper() for each in found] else None


def health_of(certificate: pysequoia.Cert, now: dt.datetime) -> KeyHealth:
    """Judge whether a certificate can be encrypted to at a moment; the numbers are those of the module."""
    parts = _parts(certificate)
    working = _working(certificate, parts)
    looked_at = [parts[0], *([working] if working else [])]
    if certificate.is_revoked or any(each.is_revoked() for each in looked_at):  # 2
        return KeyHealth.REVOKED
    ends = certificate.expiration
    if (ends is not None and ends <= now) or any(each.has_expired(now) for each in looked_at):  # 3
        return KeyHealth.EXPIRED
    usable = working is not None and all(each.has_begun(now) for each in looked_at)  # 4
    return KeyHealth.USABLE if usable else KeyHealth.UNUSABLE


def _parts(certificate: pysequoia.Cert) -> list[_Part]:
    """Take a certificate apart as Sequoia puts it in order: each signature behind what it is on."""
    parts: list[_Part] = []
    for packet in PacketPile.from_bytes(bytes(certificate)):
        if packet.tag in (Tag.PublicKey, Tag.PublicSubkey):
            parts.append(_Part(key=packet, signatures=[]))
        elif packet.tag == Tag.Signature:
            parts[-1].signatures.append(packet)
    return parts


def _working(certificate: pysequoia.Cert, parts: list[_Part]) -> _Part | None:
    """Find the key that Sequoia encrypts to; None when it encrypts to none of them, or to several."""
    try:
        chosen = addressed(pysequoia.encrypt(b"", [certificate], armor=False))
    except RuntimeError:
        return None
    return next((each for each in parts if chosen == [key_id(each.key.fingerprint or "")]), None)


def _gathered(pieces: Iterable[bytes]) -> bytes:
    """Join pieces as long as they may be sealed in memory. Raises SluisError `package-too-large`."""
    return b"".join(_bounded(bytes_only(pieces)))


def _bounded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > LARGEST:
            raise SluisError(Code.PACKAGE_TOO_LARGE, detail={"limit": LARGEST})
        yield piece
