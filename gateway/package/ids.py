"""Ids and digests of packages.

Rules: an id is opaque and never carries personal data; time and random bytes come in as arguments, so the same
input gives the same id (RFC 9562 section 5.7 for UUID version 7).
"""

import hmac
import re
import uuid
from enum import StrEnum, unique
from typing import NewType

from gateway.package import bech32
from gateway.package.errors import Code, SluisError

PackageId = NewType("PackageId", str)
RecipientId = NewType("RecipientId", str)
PersonId = NewType("PersonId", str)
Fingerprint = NewType("Fingerprint", str)

PINNED_KEY = r"^(?:[0-9A-F]{40}|[0-9A-F]{64}|x509:[0-9a-f]{64}|age1[02-9ac-hj-np-z]{58})$"
"""What `parse_key` gives, as a pattern for forms: its checksum is not looked at again."""
SLUG = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"
_FINGERPRINT = re.compile(r"[0-9A-F]{40}\Z")
_V6_FINGERPRINT = re.compile(r"[0-9A-F]{64}\Z")
_CERTIFICATE = "x509:"
_CERTIFICATE_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_AGE = "age"
_AGE_KEY_BYTES = 32
_RANDOM_BYTES = 10


JOSE = "jose"
"""What seals for the chain facility, whatever the kind of the key, in the audit log."""


@unique
class KeyKind(StrEnum):
    """What kind of key a recipient has; each has a sealer of its own. The values name the sealer in the audit log."""

    OPENPGP = "openpgp"
    OPENPGP_V6 = "openpgp-v6"
    X509 = "cms"
    AGE = "age"


def new_package_id(*, unix_ms: int, random: bytes) -> PackageId:
    """Make the id of a package; see `new_uuid7`."""
    return PackageId(new_uuid7(unix_ms=unix_ms, random=random))


def new_uuid7(*, unix_ms: int, random: bytes) -> str:
    """Make a UUIDv7 from a time in milliseconds and ten random bytes.

    Raises ValueError when our own code hands in another number of random bytes (misuse, not bad input).
    """
    if len(random) != _RANDOM_BYTES:
        raise ValueError(f"a UUIDv7 takes {_RANDOM_BYTES} random bytes")
    value = (unix_ms & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(random, "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def new_event_id(random: bytes) -> str:
    """Make the id of an event (UUID version 4) from sixteen random bytes."""
    return str(uuid.UUID(bytes=random, version=4))


def parse_package_id(text: str) -> PackageId:
    """Check a client-chosen id: a UUID of any version, returned in its canonical lower-case form.

    Raises SluisError `id-invalid`.
    """
    try:
        return PackageId(str(uuid.UUID(text)))
    except (ValueError, AttributeError, TypeError):
        raise SluisError(Code.ID_INVALID) from None


def short_id(package_id: PackageId) -> str:
    """Give the eight characters that people see beside an entry's name.

    The last eight are random in every UUID version; the first eight of a UUIDv7 are its time and would collide.
    """
    return package_id[-8:]


def parse_fingerprint(text: str) -> Fingerprint:
    """Check an OpenPGP v4 fingerprint (RFC 9580 section 5.5.4.2): 40 hexadecimal digits, spaces allowed.

    Raises SluisError `fingerprint-invalid`. Short key ids are refused: they can be forged.
    """
    compact = text.replace(" ", "").upper()
    if not _FINGERPRINT.match(compact):
        raise SluisError(Code.FINGERPRINT_INVALID)
    return Fingerprint(compact)


def parse_key(text: str) -> Fingerprint:
    """Check what pins a recipient's key in the register, and give it in its one canonical form.

    1. OpenPGP: the v4 fingerprint, see `parse_fingerprint`, or the v6 one (RFC 9580 section 5.5.4.3), 64 hexadecimal
       digits; in capitals.
    2. X.509: `x509:` and the SHA-256 of the DER certificate, 64 hexadecimal digits, in small letters; as openssl
       prints it, with colons and capitals, is fine too.
    3. age: the X25519 recipient itself, `age1` and so on, with the right checksum.

    Raises SluisError `fingerprint-invalid`.
    """
    if text.startswith(_CERTIFICATE):
        digest = text.removeprefix(_CERTIFICATE).replace(" ", "").replace(":", "").lower()
        if not _CERTIFICATE_DIGEST.match(digest):
            raise SluisError(Code.FINGERPRINT_INVALID)
        return Fingerprint(_CERTIFICATE + digest)
    if text.startswith(f"{_AGE}1"):
        return _age_key(text)
    compact = text.replace(" ", "").upper()
    return Fingerprint(compact) if _V6_FINGERPRINT.match(compact) else parse_fingerprint(text)


def kind_of(key: Fingerprint) -> KeyKind:
    """Tell the kind of a checked key."""
    if key.startswith(_CERTIFICATE):
        return KeyKind.X509
    if key.startswith(f"{_AGE}1"):
        return KeyKind.AGE
    return KeyKind.OPENPGP_V6 if _V6_FINGERPRINT.match(key) else KeyKind.OPENPGP


def certificate_digest(key: Fingerprint) -> str:
    """Give the digest of a certificate's pin. Raises ValueError for a key of another kind."""
    if kind_of(key) is not KeyKind.X509:
        raise ValueError("the pin of a certificate expected")
    return key.removeprefix(_CERTIFICATE)


def key_file(key: Fingerprint) -> str | None:
    """Give the name of the file in `keys/` that holds a key; None for age, whose key is its own text."""
    match kind_of(key):
        case KeyKind.OPENPGP | KeyKind.OPENPGP_V6:
            return f"{key}.asc"
        case KeyKind.X509:
            return f"x509-{certificate_digest(key)}.pem"
        case KeyKind.AGE:
            return None


def age_point(key: str) -> bytes:
    """Give the public key that an age recipient is. Raises ValueError for what is none."""
    point = bech32.decode(key, prefix=_AGE)
    if len(point) != _AGE_KEY_BYTES:
        raise ValueError("a public key of 32 bytes expected")
    return point


def _age_key(text: str) -> Fingerprint:
    try:
        age_point(text)
    except ValueError:
        raise SluisError(Code.FINGERPRINT_INVALID) from None
    return Fingerprint(text)


def keyed_digest(key: bytes, *, purpose: str, content: bytes) -> str:
    """Digest plaintext under a key, so that nobody can guess the content from the digest (GDPR art. 32)."""
    return hmac.digest(key, purpose.encode() + b"\x00" + content, "sha256").hex()
