"""What is known of pinned OpenPGP keys, and whether they can be used at a moment.

Pure: reads the listing of `gpg --check-sigs --with-colons` (GnuPG, doc/DETAILS) and judges it against a time that
is given. gpg's own answer says "no specific reason" for four different faults; this one names them.

A key is weak when an attacker of today could forge or break it (BSI TR-02102-1, NIST SP 800-131A):
1. RSA, Elgamal or DSA below 2048 bits, as primary or encryption key;
2. held together by MD5, SHA-1 or RIPEMD-160 signatures only, on its user ids or on its encryption key. gpg accepts
   those for its own user ids; a chosen-prefix collision (SHAttered, "SHA-1 is a Shambles") can move them.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint

_MIN_BITS = 2048
_SIZED_ALGORITHMS = frozenset({1, 2, 3, 16, 17, 20})  # RFC 9580 section 9.1: RSA, Elgamal, DSA.
_BROKEN_HASHES = frozenset({"1", "2", "3"})  # RFC 9580 section 9.5: MD5, SHA-1, RIPEMD-160.
_BINDING_CLASSES = ("10", "11", "12", "13", "1F", "18")  # RFC 9580 section 5.2.1: certifications and bindings.

_CURVE = 16  # GnuPG, doc/DETAILS, field 17.
_GONE_USER_IDS = frozenset({"r", "e", "i", "n"})
# gpg writes a colon and a backslash as an escape; in an address they have no place.
_ADDRESS = re.compile(r"(?:^|(?<=<)|(?<=\s))[^\s<>@\\]+@[^\s<>@\\]+(?=>|\s|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubkeyFacts:
    """One primary key or subkey as gpg lists it; times in seconds since 1970, `expires` None for never.

    `validity` is gpg's letter (r revoked, e expired, i invalid, n not valid); `bound` tells that at least one valid
    own signature with a sound digest holds it.
    """

    fingerprint: Fingerprint
    validity: str
    bits: int
    algorithm: int
    created: int
    expires: int | None
    capabilities: str
    bound: bool = False
    curve: str = ""

    def health(self, at: int) -> KeyHealth:
        """Judge this key alone."""
        if self.validity == "r":
            return KeyHealth.REVOKED
        if self.expires is not None and self.expires <= at:
            return KeyHealth.EXPIRED
        if self.validity in {"i", "n"} or self.created > at:
            return KeyHealth.UNUSABLE
        if not self.bound or (self.algorithm in _SIZED_ALGORITHMS and self.bits < _MIN_BITS):
            return KeyHealth.WEAK
        return KeyHealth.USABLE

    def can(self, capability: str) -> bool:
        """Tell whether this key itself may encrypt ("e") or sign ("s")."""
        return capability in self.capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """A primary key with its subkeys, and the mail addresses of the user ids that are neither revoked nor expired."""

    primary: SubkeyFacts
    disabled: bool
    subkeys: tuple[SubkeyFacts, ...] = ()
    addresses: tuple[str, ...] = field(default=(), repr=False)

    def health(self, now: dt.datetime) -> KeyHealth:
        """Tell whether this key can be encrypted to at a moment."""
        at = int(now.timestamp())
        own = self.primary.health(at)
        if own is not KeyHealth.USABLE:
            return own
        candidates = self._able("e", at)
        return KeyHealth.UNUSABLE if self.disabled or not candidates else candidates[0].health(at)

    def signing_key(self, now: dt.datetime) -> Fingerprint | None:
        """Give the fingerprint to sign with at a moment: the newest signing subkey, else the primary, else None."""
        at = int(now.timestamp())
        able = self._able("s", at) if self.primary.health(at) is KeyHealth.USABLE and not self.disabled else []
        usable = [each for each in able if each.health(at) is KeyHealth.USABLE]
        chosen = next((each for each in usable if each is not self.primary), usable[0] if usable else None)
        return chosen.fingerprint if chosen else None

    def signing_health(self, now: dt.datetime) -> KeyHealth:
        """Tell whether this key can be signed with at a moment."""
        own = self.primary.health(int(now.timestamp()))
        if own is not KeyHealth.USABLE or self.signing_key(now) is not None:
            return own
        return self.at_work("s", now).health(int(now.timestamp()))

    def at_work(self, capability: str, now: dt.datetime) -> SubkeyFacts:
        """Give the key that would encrypt ("e") or sign ("s") at a moment; the primary key when none can."""
        return next(iter(self._able(capability, int(now.timestamp()))), self.primary)

    def _able(self, capability: str, at: int) -> list[SubkeyFacts]:
        """List the keys with a capability, in the order in which gpg would take them: usable first, newest first."""
        able = [each for each in (*self.subkeys, self.primary) if each.can(capability)]
        gone = {KeyHealth.REVOKED, KeyHealth.EXPIRED, KeyHealth.UNUSABLE}
        return sorted(able, key=lambda each: (each.health(at) in gone, -each.created))


def health_of(keys: Mapping[Fingerprint, KeyFacts], fingerprint: Fingerprint, *, now: dt.datetime) -> KeyHealth:
    """Judge one pinned key, `missing` when it is not there. Subkeys' fingerprints are not keys of anybody."""
    facts = keys.get(fingerprint)
    return KeyHealth.MISSING if facts is None else facts.health(now)


def names_another(keys: Mapping[Fingerprint, KeyFacts], fingerprint: Fingerprint, *, address: str) -> bool:
    """Tell whether a key has addresses in its user ids, and none is this one or in its domain.

    That proves nothing, for anybody may write any address into a key; but it is what a fingerprint looks like that was
    copied from another recipient.
    """
    facts = keys.get(fingerprint)
    return facts is not None and no_address_fits(facts.addresses, address=address)


def no_address_fits(addresses: Iterable[str], *, address: str) -> bool:
    """Tell whether there are addresses, and none is this one or in its domain."""
    domains = {each.rpartition("@")[2].casefold() for each in addresses}
    return bool(domains) and address.rpartition("@")[2].casefold() not in domains


def read_listing(listing: str) -> dict[Fingerprint, KeyFacts]:
    """Read the colon listing of a whole keyring. Raises ValueError when it is not one."""
    blocks: list[list[list[str]]] = []
    for line in listing.split("\n"):
        record = line.split(":")
        if record[0] in {"pub", "sec"}:
            blocks.append([])
        if blocks:
            blocks[-1].append(record)
    facts = (_read_key(block) for block in blocks)
    return {each.primary.fingerprint: each for each in facts}


def _read_key(records: list[list[str]]) -> KeyFacts:
    keys: list[SubkeyFacts] = []
    for kind, record in _kinds(records):
        if kind == "key":
            keys.append(_read_subkey(record))
        elif kind == "fpr":
            keys[-1] = replace(keys[-1], fingerprint=Fingerprint(record[9]))
        elif kind == "sig" and _holds(record, keys[0].fingerprint):
            keys[-1] = replace(keys[-1], bound=True)
    addresses = tuple(address for record in records if record[0] == "uid" for address in _addresses(record))
    return KeyFacts(primary=keys[0], disabled="D" in records[0][11], subkeys=tuple(keys[1:]), addresses=addresses)


def _addresses(record: list[str]) -> list[str]:
    """Read the mail address of a user id that counts, `Name <address>` or the address alone."""
    if record[1][:1] in _GONE_USER_IDS:
        return []
    return _ADDRESS.findall(record[9])[-1:]


def _kinds(records: list[list[str]]) -> Iterator[tuple[str, list[str]]]:
    for record in records:
        yield ("key" if record[0] in {"pub", "sec", "sub", "ssb"} else record[0]), record


def _read_subkey(record: list[str]) -> SubkeyFacts:
    return SubkeyFacts(
        fingerprint=Fingerprint(""),
        validity=record[1][:1],
        bits=int(record[2]),
        algorithm=int(record[3]),
        created=int(record[5]),
        expires=int(record[6]) if record[6] else None,
        capabilities=record[11],
        curve=record[16] if len(record) > _CURVE else "",
    )


def _holds(record: list[str], primary: Fingerprint) -> bool:
    """Tell whether a signature is gpg-checked, by the key itself, of a binding class and with a sound digest."""
    return (
        record[1] == "!"
        and record[12] == primary
        and record[10][:2].upper() in _BINDING_CLASSES
        and record[15] not in _BROKEN_HASHES
    )
