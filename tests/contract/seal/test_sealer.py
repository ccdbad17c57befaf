"""What every sealer promises; run on gpg itself and on the sealer in memory that other tests use."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.seal.port import Sealer
from tests.contract.seal.memory_sealer import MemorySealer
from tests.integration.seal import homes
from tests.integration.seal.homes import KeyHouse, new_home

PLAINTEXT = b"een regel\r\nen nog een\x00\xff\n" * 100
_MISSING = Fingerprint("F" * 40)
_BAD = ("missing", "expired", "revoked", "no-subkey", "rsa-1024")
_HEALTH = {
    "ok": KeyHealth.USABLE,
    "other": KeyHealth.USABLE,
    "missing": KeyHealth.MISSING,
    "expired": KeyHealth.EXPIRED,
    "revoked": KeyHealth.REVOKED,
    "no-subkey": KeyHealth.UNUSABLE,
    "rsa-1024": KeyHealth.WEAK,
}


class Opener(Protocol):
    def __call__(self, sealed: bytes, recipient: Fingerprint, /) -> bytes: ...


@dataclass(frozen=True)
class Subject:
    """A sealer under test, one whose signing key is gone, the recipients' side, and keys by kind."""

    sealer: Sealer
    signerless: Sealer
    open_sealed: Opener
    keys: dict[str, Fingerprint]


@pytest.fixture(scope="module")
def gpg() -> Iterator[Subject]:
    kinds = tuple(kind for kind in _HEALTH if kind != "missing")
    with new_home() as gateway, new_home() as recipients:
        house = KeyHouse(gateway=gateway, recipients=recipients, kinds=kinds)
        lost = homes.quick_key(gateway, "lost", "ed25519", "sign", "2y")
        homes.remove_secret(gateway, lost)
        yield Subject(
            sealer=house.sealer(),
            signerless=house.sealer(signer=lost),
            open_sealed=lambda sealed, _: house.decrypt(sealed),
            keys={**house.keys, "missing": _MISSING},
        )


@pytest.fixture(scope="module")
def memory() -> Subject:
    keys = {kind: Fingerprint(f"{number:040X}") for number, kind in enumerate(_HEALTH)}
    known = {keys[kind]: health for kind, health in _HEALTH.items() if kind != "missing"}
    sealer = MemorySealer(known)
    return Subject(sealer, MemorySealer(known, signs=False), sealer.open_sealed, keys)


@pytest.fixture(params=["gpg", "memory"])
def subject(request: pytest.FixtureRequest) -> Subject:
    found: Subject = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("armor", [True, False])
def test_each_recipient_opens_exactly_the_bytes_that_were_sealed(armor: bool, subject: Subject) -> None:
    recipients = (subject.keys["ok"], subject.keys["other"])

    sealed = subject.sealer.encrypt_bytes(PLAINTEXT, recipients=recipients, armor=armor)

    assert [PLAINTEXT, PLAINTEXT] == [subject.open_sealed(sealed, each) for each in recipients]
    assert b"een regel" not in sealed
    assert armor == sealed.startswith(b"-----BEGIN PGP MESSAGE-----\n")


def test_nothing_at_all_can_be_sealed_too(subject: Subject) -> None:
    sealed = subject.sealer.encrypt_bytes(b"", recipients=(subject.keys["ok"],), armor=False)

    assert b"" == subject.open_sealed(sealed, subject.keys["ok"])


def test_a_stream_becomes_one_private_file_with_its_true_size_and_digest(subject: Subject, tmp_path: Path) -> None:
    pieces = [PLAINTEXT, b"", bytes(3_000_000)]

    sealed = subject.sealer.encrypt_stream(iter(pieces), recipients=(subject.keys["ok"],), output=tmp_path / "sealed")

    content = (tmp_path / "sealed").read_bytes()
    assert b"".join(pieces) == subject.open_sealed(content, subject.keys["ok"])
    assert (len(content), hashlib.sha256(content).hexdigest()) == (sealed.size, sealed.sha256)
    assert content == b"".join(sealed.chunks())
    assert max(map(len, sealed.chunks())) <= 1024 * 1024
    assert 0o600 == (tmp_path / "sealed").stat().st_mode & 0o777
    assert ["sealed"] == [each.name for each in tmp_path.iterdir()]


@pytest.mark.parametrize("kind", _HEALTH)
def test_health_is_told_for_every_kind_of_key(kind: str, subject: Subject) -> None:
    assert _HEALTH[kind] is subject.sealer.health(subject.keys[kind])


@pytest.mark.parametrize("kind", _BAD)
def test_a_bad_key_refuses_the_message_for_all_and_leaves_nothing(kind: str, subject: Subject, tmp_path: Path) -> None:
    recipients = (subject.keys["ok"], subject.keys[kind])

    with pytest.raises(SluisError) as in_memory:
        subject.sealer.encrypt_bytes(PLAINTEXT, recipients=recipients, armor=True)
    with pytest.raises(SluisError) as on_disk:
        subject.sealer.encrypt_stream([PLAINTEXT], recipients=recipients, output=tmp_path / "sealed")

    expected = Code(f"key-{_HEALTH[kind].value}")
    assert (expected, expected) == (in_memory.value.code, on_disk.value.code)
    assert [] == list(tmp_path.iterdir())


def test_without_its_signing_key_nothing_is_sealed_or_signed(subject: Subject, tmp_path: Path) -> None:
    sealer, recipients = subject.signerless, (subject.keys["ok"],)
    attempts = (
        sealer.check_signer,
        lambda: sealer.sign_detached(b"manifest"),
        lambda: sealer.encrypt_bytes(PLAINTEXT, recipients=recipients, armor=True),
        lambda: sealer.encrypt_stream([PLAINTEXT], recipients=recipients, output=tmp_path / "sealed"),
    )

    for attempt in attempts:
        with pytest.raises(SluisError) as refusal:
            attempt()
        assert Code.SIGNING_KEY_UNUSABLE is refusal.value.code
    assert [] == list(tmp_path.iterdir())


def test_a_good_signing_key_passes_its_check(subject: Subject) -> None:
    subject.sealer.check_signer()

    assert subject.sealer.sign_detached(b"manifest") != b""


def test_a_source_that_fails_leaves_nothing_and_its_own_error(subject: Subject, tmp_path: Path) -> None:
    def failing() -> Iterator[bytes]:
        yield PLAINTEXT
        raise SluisError(Code.PAYLOAD_CORRUPT)

    with pytest.raises(SluisError) as failure:
        subject.sealer.encrypt_stream(failing(), recipients=(subject.keys["ok"],), output=tmp_path / "sealed")

    assert Code.PAYLOAD_CORRUPT is failure.value.code
    assert [] == list(tmp_path.iterdir())


def test_a_name_that_is_taken_is_never_overwritten(subject: Subject, tmp_path: Path) -> None:
    (tmp_path / "sealed").write_bytes(b"older")

    with pytest.raises(SluisError) as refusal:
        subject.sealer.encrypt_stream([PLAINTEXT], recipients=(subject.keys["ok"],), output=tmp_path / "sealed")

    assert Code.SEAL_FAILED is refusal.value.code
    assert b"older" == (tmp_path / "sealed").read_bytes()
    assert ["sealed"] == [each.name for each in tmp_path.iterdir()]


def test_no_recipient_at_all_is_our_own_mistake(subject: Subject) -> None:
    with pytest.raises(ValueError, match="nobody"):
        subject.sealer.encrypt_bytes(PLAINTEXT, recipients=(), armor=True)
