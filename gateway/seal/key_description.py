"""What people are shown of a key of any kind: by what it encrypts or signs, how strong that is, and until when.

Pure. A description holds no secret; the addresses in it are what the key's owner wrote into it, and prove nothing.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KEY_REFUSALS, KeyHealth
from gateway.package.ids import Fingerprint, KeyKind
from gateway.seal.certificates import Certificate
from gateway.seal.key_health import KeyFacts

OPENPGP: Final = "openpgp"
MAX_KEY_BYTES: Final = 512 * 1024
"""A longer file is no key, and is not read: real ones take a few kilobytes, with many signatures a few hundred."""
# RFC 9580 section 9.1; for elliptic curves the name of the curve says more.
_ALGORITHMS: Final = {1: "RSA", 2: "RSA", 3: "RSA", 16: "Elgamal", 17: "DSA", 18: "ECDH", 19: "ECDSA", 22: "EdDSA"}
_SMALL_BITS: Final = 3072  # BSI TR-02102-1, NIST SP 800-57: what is to be kept beyond 2030 takes more than RSA 2048.
_SIZED: Final = frozenset({"RSA", "Elgamal", "DSA"})
_GROUP: Final = 4
_AGE_ALGORITHM: Final = "X25519"
_AGE_BITS: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDescription:
    """The facts of one key; `bits` of the key that does the work, `expires` None for never.

    `expires` is the earlier of the ends of the primary key and of the one that does the work.
    """

    fingerprint: Fingerprint
    type: str
    algorithm: str
    bits: int
    expires: dt.datetime | None
    addresses: tuple[str, ...] = field(default=(), repr=False)

    def is_small(self) -> bool:
        """Tell whether the key is strong enough for today and not for ten years."""
        return self.algorithm in _SIZED and self.bits < _SMALL_BITS

    def days_left(self, now: dt.datetime) -> int | None:
        """Count the whole days until it expires, below zero when it has; None when it never does."""
        return None if self.expires is None else (self.expires - now).days


def describe(facts: KeyFacts, *, now: dt.datetime, signs: bool = False) -> KeyDescription:
    """Describe a key by what it is used for: encrypting to it, or signing with it."""
    working = facts.at_work("s" if signs else "e", now)
    ends = [each for each in (facts.primary.expires, working.expires) if each is not None]
    return KeyDescription(
        fingerprint=facts.primary.fingerprint,
        type=OPENPGP,
        algorithm=working.curve or _ALGORITHMS.get(working.algorithm, f"algorithm {working.algorithm}"),
        bits=working.bits,
        expires=dt.datetime.fromtimestamp(min(ends), dt.UTC) if ends else None,
        addresses=facts.addresses,
    )


def describe_certificate(certificate: Certificate) -> KeyDescription:
    """Describe a certificate; its own last day counts, whatever those of its issuers are."""
    key = certificate.key
    # An RSA key has no curve; of a kind that is not sealed for, nothing is said.
    curve = "" if key is None else getattr(getattr(key, "curve", None), "name", "RSA")
    return KeyDescription(
        fingerprint=certificate.pin,
        type=KeyKind.X509.value,
        algorithm=curve,
        bits=key.key_size if key else 0,
        expires=certificate.content.not_valid_after_utc,
        addresses=tuple(sorted(certificate.addresses())),
    )


def describe_age(key: Fingerprint) -> KeyDescription:
    """Describe an age key, which knows no end and no address."""
    return KeyDescription(
        fingerprint=key, type=KeyKind.AGE.value, algorithm=_AGE_ALGORITHM, bits=_AGE_BITS, expires=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadKey:
    """One public key out of a file: its facts, whether it can be used, and it alone as text.

    `certificate` is there when it is one: who vouches for it is asked by whoever knows the site.
    """

    description: KeyDescription
    health: KeyHealth
    armored: bytes = field(repr=False)
    certificate: Certificate | None = field(default=None, repr=False)

    def require_usable(self) -> None:
        """Raise SluisError by the reason for which it can not be encrypted to (`KEY_REFUSALS`), if there is one."""
        refusal = KEY_REFUSALS.get(self.health)
        if refusal is not None:
            raise SluisError(refusal, where=self.description.fingerprint)


def several_keys(keys: Iterable[Fingerprint]) -> SluisError:
    """Make the error of a file with several keys; its faults name each."""
    faults = tuple((each, f"--fingerprint {each}") for each in sorted(keys))
    return SluisError(Code.KEY_SEVERAL, detail={"count": len(faults)}, faults=faults)


def in_groups(fingerprint: str) -> str:
    """Write what pins a key in groups of four, as people read it to each other; `x509:` stays before them."""
    kind, colon, signs = fingerprint.rpartition(":")
    return kind + colon + " ".join(signs[start : start + _GROUP] for start in range(0, len(signs), _GROUP))
