"""A sealing reads keys whose signatures gpg verified before: the same answers as from gpg's own keyring, for less."""

import errno
import fcntl
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.seal.exchange import Traffic
from gateway.seal.hardened_gpg import HardenedGpg, SealResult, only_ring, sign_with
from gateway.seal.openpgp import PinnedKeys
from gateway.seal.verified_keys import DRAFT_PREFIX, VerifiedKeys, draft_ring, ring_file, verified_keys
from tests.integration.seal import homes
from tests.integration.seal.homes import KINDS, KeyHouse, new_home

PLAINTEXT = b"a message for one recipient\n"
_TAG_SIGNATURE, _TAG_SUBKEY = 2, 14
_NOEXEC_SEAL = 0x0008
# A ring trust packet of gpg: "this signature was checked, and is valid" (GnuPG, doc/DETAILS, SIGCACHE).
_SAYS_VERIFIED = b"\xb0\x06\x00\x03gpg\x00"


def _gpg(house: KeyHouse) -> HardenedGpg:
    return HardenedGpg(home=house.gateway, patience_seconds=homes.PATIENCE_SECONDS)


def _verified(house: KeyHouse) -> VerifiedKeys:
    return PinnedKeys(home=house.gateway, gpg=_gpg(house)).verified()


def _sealed(house: KeyHouse, recipient: Fingerprint, ring: bytes) -> tuple[SealResult, bytes]:
    output = bytearray()
    traffic = Traffic(iter((PLAINTEXT,)), output.extend, ring=ring)
    result: SealResult = _gpg(house).encrypt_file(
        traffic, (recipient,), sign=True, armor=False, extra_args=sign_with(house.signer)
    )
    return result, bytes(output)


def test_a_message_sealed_with_verified_keys_opens_at_its_recipient(house: KeyHouse) -> None:
    key = house.keys["ok"]

    result, message = _sealed(house, key, _verified(house).ring(house.signer, key))

    assert result.proves(house.signer)
    assert PLAINTEXT == house.decrypt(message)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_gpg_says_of_each_kind_of_key_what_it_says_when_it_verifies_all_anew(kind: str, house: KeyHouse) -> None:
    key = house.keys[kind]
    ring = _verified(house).ring(house.signer, key)
    assert ring

    (anew, _), (known, _) = _sealed(house, key, b""), _sealed(house, key, ring)

    assert anew.proves(house.signer) == known.proves(house.signer)
    assert anew.refused_recipient() == known.refused_recipient()


def test_gpg_reads_no_other_key_than_those_of_the_sealing(house: KeyHouse) -> None:
    result, _ = _sealed(house, house.keys["other"], _verified(house).ring(house.signer, house.keys["ok"]))

    assert result.refused_recipient() is not None


def test_a_detached_signature_is_made_with_a_verified_key_and_no_other(house: KeyHouse) -> None:
    verified, gpg = _verified(house), _gpg(house)

    known = gpg.sign_detached(PLAINTEXT, signer=house.signer, ring=verified.ring(house.signer))
    unknown = gpg.sign_detached(PLAINTEXT, signer=house.signer, ring=verified.ring(house.keys["ok"]))

    assert known.proves(house.signer)
    assert known.data
    assert not unknown.proves(house.signer)


def test_a_subkey_that_an_attacker_moved_to_another_key_is_never_verified(house: KeyHouse) -> None:
    """No key of his own can be had verified: only the primary key's signature binds a subkey."""
    own = _without_subkeys(house, "no-subkey")
    stranger = _subkeys(house, "other")
    forged = own + stranger
    with draft_ring(forged + _exported(house, house.signer), home=house.gateway) as draft:
        _gpg(house).listing(*only_ring(str(draft)), "--rebuild-keydb-caches")
        keys = verified_keys(draft.read_bytes())

    result, message = _sealed(house, house.keys["no-subkey"], keys.ring(house.signer, house.keys["no-subkey"]))

    assert result.refused_recipient() is not None
    assert not message


def test_a_subkey_that_a_keyring_calls_verified_is_neither_usable_nor_encrypted_to() -> None:
    """The attack: a file with SIGCACHE, brought in with `--import-options restore`, says that gpg checked it before."""
    with new_home() as gateway, new_home() as recipients:
        house = KeyHouse(gateway=gateway, recipients=recipients, kinds=("no-subkey", "other"))
        homes.run(gateway, "--import-options", "restore", "--import", stdin=_called_verified(house))
        key = house.keys["no-subkey"]
        assert b"\nsub:-:255:18:" in homes.run(gateway, "--with-colons", "--list-keys", key), "gpg believes it"

        health = house.sealer().health(key)
        (own, read), (known, remembered) = (
            _sealed(house, key, ring) for ring in (b"", _verified(house).ring(house.signer, key))
        )

        assert KeyHealth.USABLE is not health
        assert own.refused_recipient() is not None
        assert known.refused_recipient() is not None
        assert (b"", b"") == (read, remembered)


def test_the_keyring_of_a_run_can_not_be_changed_by_anybody(house: KeyHouse) -> None:
    ring = _verified(house).ring(house.signer)

    with ring_file(ring) as descriptor:
        assert descriptor is not None
        with pytest.raises(PermissionError):
            os.pwrite(descriptor, b"another key", 0)
        with pytest.raises(PermissionError):
            os.ftruncate(descriptor, 0)

        assert ring == os.pread(descriptor, len(ring) + 1, 0)


def test_a_keyring_that_is_written_in_pieces_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole_write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: whole_write(descriptor, content[:7]))

    with ring_file(b"a keyring of many keys") as descriptor:
        assert descriptor is not None
        assert b"a keyring of many keys" == os.pread(descriptor, 100, 0)


def test_a_keyring_in_memory_is_never_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "memfd_create", _hardened)

    with ring_file(b"a keyring") as descriptor:
        assert descriptor is not None


def test_a_system_that_does_not_know_of_memory_without_programs_gives_a_keyring_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "memfd_create", _before_linux_6_3)

    with ring_file(b"a keyring") as descriptor:
        assert descriptor is not None
        assert b"a keyring" == os.pread(descriptor, 100, 0)


@pytest.mark.parametrize("refusal", [errno.EACCES, errno.EMFILE, errno.ENOMEM], ids=errno.errorcode.get)
def test_without_a_memory_file_everything_is_sealed_all_the_same(
    refusal: int, house: KeyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "memfd_create", _refusing(refusal))

    message = house.sealer().encrypt_bytes(PLAINTEXT, recipients=(house.keys["ok"],), armor=False)

    assert PLAINTEXT == house.decrypt(message)


def test_a_keyring_that_can_not_be_sealed_in_memory_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _open_files()
    monkeypatch.setattr(fcntl, "fcntl", _refusing(errno.EPERM))

    with ring_file(b"a keyring") as descriptor:
        assert descriptor is None

    assert before == _open_files()


def test_too_many_open_files_for_gpg_are_said_by_their_code(house: KeyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    sealer = house.sealer()
    monkeypatch.setattr(subprocess, "Popen", _refusing(errno.EMFILE))

    with pytest.raises(SluisError) as error:
        sealer.sign_detached(PLAINTEXT)

    assert Code.SEAL_FAILED is error.value.code


def _refusing(number: int) -> Callable[..., NoReturn]:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    return refuse


def _open_files() -> set[str]:
    return {each.name for each in Path("/proc/self/fd").iterdir()}


def _hardened(name: str, flags: int, *, create: Callable[[str, int], int] = os.memfd_create) -> int:
    """As with the kernel's setting vm.memfd_noexec=2."""
    if not flags & _NOEXEC_SEAL:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))
    return create(name, flags)


def _before_linux_6_3(name: str, flags: int, *, create: Callable[[str, int], int] = os.memfd_create) -> int:
    if flags & _NOEXEC_SEAL:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return create(name, flags)


def test_a_key_that_nobody_verified_is_left_to_gpgs_own_keyring(house: KeyHouse) -> None:
    assert b"" == _verified(house).ring(house.signer, Fingerprint("F" * 40))


def test_without_room_for_a_draft_everything_is_sealed_all_the_same(
    house: KeyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "mkdtemp", full)

    message = house.sealer().encrypt_bytes(PLAINTEXT, recipients=(house.keys["ok"],), armor=False)

    assert PLAINTEXT == house.decrypt(message)


def test_the_draft_of_a_keyring_does_not_stay_on_disk(house: KeyHouse) -> None:
    assert _verified(house).ring(house.signer)

    assert [] == list(house.gateway.glob(f"{DRAFT_PREFIX}*"))


# ---- keys taken apart by hand ----------------------------------------------------------------------------------


def _exported(house: KeyHouse, key: Fingerprint) -> bytes:
    return homes.run(house.gateway, "--export", key)


def _called_verified(house: KeyHouse) -> bytes:
    """A stranger's subkey, with a binding that names this key as its maker and holds no signature of it."""
    key, stranger = (bytes.fromhex(house.keys[kind]) for kind in ("no-subkey", "other"))
    forged = _subkeys(house, "other").replace(stranger, key).replace(stranger[-8:], key[-8:])
    return b"".join(
        packet + (_SAYS_VERIFIED if packet[0] >> 2 & 0x0F == _TAG_SIGNATURE else b"")
        for packet in _packets(_without_subkeys(house, "no-subkey") + forged)
    )


def _without_subkeys(house: KeyHouse, kind: str) -> bytes:
    packets = _packets(_exported(house, house.keys[kind]))
    return b"".join(packets[: _first_subkey(packets)])


def _subkeys(house: KeyHouse, kind: str) -> bytes:
    packets = _packets(_exported(house, house.keys[kind]))
    return b"".join(packets[_first_subkey(packets) :])


def _first_subkey(packets: list[bytes]) -> int:
    places = [place for place, packet in enumerate(packets) if packet[0] >> 2 & 0x0F == _TAG_SUBKEY]
    return places[0] if places else len(packets)


def _packets(exported: bytes) -> list[bytes]:
    """Cut at each packet; gpg exports keys with old headers of one or two octets of length."""
    found, at = [], 0
    while at < len(exported):
        octets = 1 << (exported[at] & 3)
        end = at + 1 + octets + int.from_bytes(exported[at + 1 : at + 1 + octets])
        found.append(exported[at:end])
        at = end
    return found
