"""Public keys of which gpg has checked every signature once, so that a sealing does not check them all again.

gpg verifies the self-signatures of each key that it uses, in every run: half of its processor time for a short message.
A keyring in its older format can say of a signature that it was verified before (GnuPG, doc/DETAILS, ring trust packet
with subpacket "SIGCACHE"); `--rebuild-keydb-caches` has gpg verify all of them and write that down. Expiry and
revocation are still judged in every run, from the same signatures.

Rules, in order:
1. What is known lives in this process alone, and a run gets it as a memory file that nobody can change (memfd, sealed):
   whoever writes into a folder of the site can not claim that a signature was checked. An export carries no such claim.
2. Only keys of version 4 are known. For what is not known, and when verifying failed, gpg reads its own keyring, and
   verifies everything: it is told to believe no claim in there (`--no-sig-cache`), for a keybox can hold some too.
"""

import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from gateway.package.ids import Fingerprint

DRAFT_PREFIX: Final = "verifying-"
_PUBLIC_KEY: Final = 6
_VERSION_4: Final = 4
_NEW_FORMAT: Final = 0x40
# From which first octet on the length of a body has two octets, comes in parts, or has five (RFC 9580 section 4.2.1).
_TWO_OCTETS, _IN_PARTS, _FIVE_OCTETS = 192, 224, 255
# MFD_NOEXEC_SEAL of linux/memfd.h, which Python names from 3.13 on.
_NOEXEC_SEAL: Final = 0x0008
_SEALS: Final = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


class VerifiedKeys:
    """Keys with what gpg found of their signatures, by primary fingerprint. Immutable."""

    def __init__(self, blocks: Mapping[Fingerprint, bytes]) -> None:
        self._blocks = blocks

    def ring(self, *fingerprints: Fingerprint) -> bytes:
        """Give a keyring with just these keys; nothing when one of them is not known."""
        blocks = [self._blocks.get(each, b"") for each in dict.fromkeys(fingerprints)]
        return b"".join(blocks) if all(blocks) else b""


NOTHING_VERIFIED: Final = VerifiedKeys({})


@contextmanager
def draft_ring(exported: bytes, *, home: Path) -> Iterator[Path]:
    """Lay exported keys in a folder of their own in gpg's home, for gpg to verify and to write back.

    The folder goes at the end; after a crash what stays holds public keys only. Raises OSError.
    """
    with tempfile.TemporaryDirectory(dir=home, prefix=DRAFT_PREFIX) as folder:
        ring = Path(folder) / "keys.gpg"
        ring.write_bytes(exported)
        yield ring


def verified_keys(ring: bytes) -> VerifiedKeys:
    """Take apart what gpg wrote. Raises ValueError when it is no row of packets (RFC 9580 section 4.2)."""
    blocks: dict[Fingerprint, bytes] = {}
    try:
        starts = [*_primary_keys(ring)]
    except IndexError as error:
        raise ValueError("a packet is cut off") from error
    ends = [start for start, _ in starts[1:]] + [len(ring)]
    for (start, body), end in zip(starts, ends, strict=True):
        if body[:1] == bytes((_VERSION_4,)):
            blocks[_fingerprint(body)] = ring[start:end]
    return VerifiedKeys(blocks)


@contextmanager
def ring_file(ring: bytes) -> Iterator[int | None]:
    """Give a descriptor of a memory file with this keyring, which nobody can change any more.

    None without a keyring, and where the system gives no such file: gpg's own keyring serves as well, for more time.
    """
    descriptor = _sealed_file(ring) if ring else None
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _sealed_file(content: bytes) -> int | None:
    try:
        descriptor = _memory_file()
    except OSError:
        return None
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _memory_file() -> int:
    """Make an empty one that is never a program: a hardened system gives no other, one before Linux 6.3 has none."""
    flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
    try:
        return os.memfd_create("keys.gpg", flags | _NOEXEC_SEAL)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    return os.memfd_create("keys.gpg", flags)


def _primary_keys(ring: bytes) -> Iterator[tuple[int, bytes]]:
    """Give where each primary key begins, and the body of its packet."""
    at = 0
    while at < len(ring):
        tag, body, end = _packet(ring, at)
        if tag == _PUBLIC_KEY:
            yield at, ring[body:end]
        elif at == 0:
            raise ValueError("a keyring begins with a primary key")
        at = end


def _packet(ring: bytes, at: int) -> tuple[int, int, int]:
    """Read one header: the tag, and where the body begins and ends."""
    head = ring[at]
    if not head & 0x80:
        raise ValueError("a packet expected")
    if head & _NEW_FORMAT:
        tag, (size, begin) = head & 0x3F, _new_length(ring, at + 1)
    else:
        octets = 1 << (head & 3)
        begin = at + 1 + octets
        tag, size = head >> 2 & 0x0F, int.from_bytes(ring[at + 1 : begin])
        if octets == 8:  # noqa: PLR2004 - the fourth length type has no length at all.
            raise ValueError("a packet without an end")
    if begin + size > len(ring):
        raise ValueError("a packet is cut off")
    return tag, begin, begin + size


def _new_length(ring: bytes, at: int) -> tuple[int, int]:
    """Give the length of a body, and where it begins (RFC 9580 section 4.2.1)."""
    first = ring[at]
    if first < _TWO_OCTETS:
        return first, at + 1
    if first < _IN_PARTS:
        return ((first - _TWO_OCTETS) << 8) + ring[at + 1] + _TWO_OCTETS, at + 2
    if first < _FIVE_OCTETS:
        raise ValueError("a packet in parts")
    return int.from_bytes(ring[at + 1 : at + 5]), at + 5


def _fingerprint(body: bytes) -> Fingerprint:
    """Give the fingerprint of a version 4 key (RFC 9580 section 5.5.4.2): a name, and no protection of anything."""
    framed = b"\x99" + len(body).to_bytes(2) + body
    return Fingerprint(hashlib.sha1(framed, usedforsecurity=False).hexdigest().upper())
