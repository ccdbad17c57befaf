"""Reads a file with a recipient's public key into facts, before anything of it reaches the gateway's own keyring.

Rules, in order:
1. A file of more than half a mebibyte is no key, and is not read.
2. A secret key is refused at once; nothing of it is kept.
3. The bytes are read by gpg in a home of their own, which is gone afterwards: self-signatures are checked there, and
   whatever else stands in the file never meets the signing key.
4. One file, one key: of several a person says which one is meant.
5. What can not be encrypted to now is refused by its reason: expired, revoked, not for encryption, too weak.

Certificates and age keys are read without gpg (`gateway.seal.plain_keys`), and give the same `ReadKey`.
"""

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint
from gateway.seal.hardened_gpg import HardenedGpg
from gateway.seal.key_description import MAX_KEY_BYTES, ReadKey, describe, several_keys
from gateway.seal.key_health import KeyFacts, read_listing
from gateway.seal.keyring import create_home, export_public, require_public, stop_agent
from gateway.seal.plain_keys import read_plain_key, require_no_secret, unreadable

_PATIENCE_SECONDS = 30.0


def read_key_file(content: bytes, *, now: dt.datetime, wanted: Fingerprint | None = None, address: str = "") -> ReadKey:
    """Read the one public key of a file, or of several the `wanted` one; with an `address` only one that bears it.

    Raises SluisError `key-unreadable`, `key-secret-refused`, `key-several` (its faults name each fingerprint),
    `key-unknown` when the wanted one is not in it, `seal-timeout`.
    """
    if len(content) > MAX_KEY_BYTES:
        raise unreadable()
    require_no_secret(content)
    plain = read_plain_key(content, now=now, wanted=wanted)
    if plain is not None:
        # A directory is one of OpenPGP keys: what else it gives for an address is none of that address.
        if address:
            raise unreadable()
        return plain
    with _home() as home:
        keys = _of_address(_imported(home, content), address)
        fingerprint = _chosen(keys, wanted)
        facts = keys[fingerprint]
        return ReadKey(
            description=describe(facts, now=now), health=facts.health(now), armored=export_public(home, fingerprint)
        )


def adds_nothing(armored: bytes, *, to: bytes) -> bool:
    """Tell whether a copy of an OpenPGP key holds nothing that another copy of it, `to`, does not hold.

    It may hold less: an older copy. Raises SluisError `seal-failed`, `seal-timeout`.
    """
    with _home() as home:
        (key,) = _imported(home, to)
        before = export_public(home, key)
        _imported(home, armored)
        return before == export_public(home, key)


def _imported(home: Path, content: bytes) -> Mapping[Fingerprint, KeyFacts]:
    gpg = HardenedGpg(home=home, patience_seconds=_PATIENCE_SECONDS)
    try:
        require_public(gpg, content)
    except SluisError as error:
        raise _unreadable(error) from error
    gpg.import_keys(content, extra_args=["--import-options", "self-sigs-only"])
    keys = read_listing(gpg.listing("--check-sigs", "--with-fingerprint", "--with-fingerprint"))
    if not keys:
        raise unreadable()
    return keys


def _of_address(keys: Mapping[Fingerprint, KeyFacts], address: str) -> Mapping[Fingerprint, KeyFacts]:
    if not address:
        return keys
    bearing = {key: facts for key, facts in keys.items() if address.casefold() in map(str.casefold, facts.addresses)}
    if not bearing:
        raise SluisError(Code.KEY_UNKNOWN, where=min(keys))
    return bearing


def _unreadable(error: SluisError) -> SluisError:
    """Call what gpg can not list what it is to the person who brought it: a file that is no key."""
    if error.code is Code.KEY_UNUSABLE:
        return unreadable()
    return error


def _chosen(keys: Mapping[Fingerprint, KeyFacts], wanted: Fingerprint | None) -> Fingerprint:
    if wanted is not None:
        if wanted not in keys:
            raise SluisError(Code.KEY_UNKNOWN, where=wanted)
        return wanted
    if len(keys) > 1:
        raise several_keys(keys)
    return next(iter(keys))


@contextmanager
def _home() -> Iterator[Path]:
    """Make a home for one reading; its path is short, because an agent's socket may come to lie in it."""
    home = Path(tempfile.mkdtemp(prefix="sk"))
    try:
        create_home(home)
        yield home
    finally:
        stop_agent(home)
        shutil.rmtree(home, ignore_errors=True)
