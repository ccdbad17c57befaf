"""What people are shown of a key: by what it encrypts or signs, how strong that is, and until when.

Pure. A description holds no secret; the addresses in it are what the key's owner wrote into it, and prove nothing.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

from gateway.package.ids import Fingerprint
from gateway.seal.key_health import KeyFacts

OPENPGP: Final = "openpgp"
MAX_KEY_BYTES: Final = 512 * 1024
"""A longer file is no key, and is not read: real ones take a few kilobytes, with many signatures a few hundred."""
# RFC 9580 section 9.1; for elliptic curves the name of the curve says more.
_ALGORITHMS: Final = {1: "RSA", 2: "RSA", 3: "RSA", 16: "Elgamal", 17: "DSA", 18: "ECDH", 19: "ECDSA", 22: "EdDSA"}
_SMALL_BITS: Final = 3072  # BSI TR-02102-1, NIST SP 800-57: what is to be kept beyond 2030 takes more than RSA 2048.
_SIZED: Final = frozenset({"RSA", "Elgamal", "DSA"})
_GROUP: Final = 4


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


def in_groups(fingerprint: str) -> str:
    """Write what pins a key in groups of four, as people read it to each other; `x509:` stays before them."""
    kind, colon, signs = fingerprint.rpartition(":")
    return kind + colon + " ".join(signs[start : start + _GROUP] for start in range(0, len(signs), _GROUP))
