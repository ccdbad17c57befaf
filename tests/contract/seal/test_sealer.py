"""What every sealer promises; run on gpg itself, Sequoia, CMS, age, and the sealer in memory that other tests use.

What they made is opened by other programs: gpg, openssl and age.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.seal.age import AgeSealer
from gateway.seal.port import Sealer
from tests.contract.seal.memory_sealer import MemorySealer
from tests.integration.seal import homes
from tests.integration.seal.ages import AgeIdentity
from tests.integration.seal.certificates import KINDS, CertificateHouse
from tests.integration.seal.homes import KeyHouse, new_home
from tests.integration.seal.version6 import PeopleOfVersion6

PLAINTEXT = b"een regel\r\nen nog een\x00\xff\n" * 100
_MISSING = Fingerprint("F" * 40)
_OPENPGP = {
    "ok": KeyHealth.USABLE,
    "other": KeyHealth.USABLE,
    "missing": KeyHealth.MISSING,
    "expired": KeyHealth.EXPIRED,
    "revoked": KeyHealth.REVOKED,
    "no-subkey": KeyHealth.UNUSABLE,
    "rsa-1024": KeyHealth.WEAK,
}
_OPENPGP_V6 = {
    "ok": KeyHealth.USABLE,
    "other": KeyHealth.USABLE,
    "post-quantum": KeyHealth.USABLE,
    "missing": KeyHealth.MISSING,
    "swapped": KeyHealth.MISSING,
    "expired": KeyHealth.EXPIRED,
    "once-expired": KeyHealth.EXPIRED,
    "revoked": KeyHealth.REVOKED,
    "no-subkey": KeyHealth.UNUSABLE,
}
_X509 = {
    "ok": KeyHealth.USABLE,
    "other": KeyHealth.USABLE,
    "missing": KeyHealth.MISSING,
    "swapped": KeyHealth.MISSING,
    "expired": KeyHealth.EXPIRED,
    "revoked": KeyHealth.REVOKED,
    "not-yet": KeyHealth.NOT_YET_VALID,
    "brainpool": KeyHealth.UNUSABLE,
    "ed25519": KeyHealth.UNUSABLE,
    "rsa-pss": KeyHealth.UNUSABLE,
    "no-usage": KeyHealth.UNUSABLE,
    "no-word-on-usage": KeyHealth.UNUSABLE,
    "nobody-vouches": KeyHealth.NOT_VOUCHED,
    "rsa-1024": KeyHealth.WEAK,
    "small-curve": KeyHealth.WEAK,
    "sha-1": KeyHealth.WEAK,
}
# An age key is its own text: the only ones that can not be encrypted to are keys of another kind.
_AGE = {"ok": KeyHealth.USABLE, "other": KeyHealth.USABLE, "missing": KeyHealth.MISSING}
_HEALTH = {
    "gpg": _OPENPGP,
    "sequoia": _OPENPGP,
    "sequoia-v6": _OPENPGP_V6,
    "memory": _OPENPGP,
    "cms": _X509,
    "age": _AGE,
}
_EVERY = [(sealer, kind) for sealer, kinds in _HEALTH.items() for kind in kinds]
_BAD = [(sealer, kind) for sealer, kind in _EVERY if _HEALTH[sealer][kind] is not KeyHealth.USABLE]


class Opener(Protocol):
    def __call__(self, sealed: bytes, recipient: Fingerprint, /) -> bytes: ...


@dataclass(frozen=True)
class Subject:
    """A sealer under test, one whose signing key is gone, the recipients' side, keys by kind, how its armor begins."""

    sealer: Sealer
    signerless: Sealer
    open_sealed: Opener
    keys: dict[str, Fingerprint]
    armor: bytes = b"-----BEGIN PGP MESSAGE-----\n"


@pytest.fixture(scope="module")
def house() -> Iterator[KeyHouse]:
    kinds = tuple(kind for kind in _OPENPGP if kind != "missing")
    with new_home() as gateway, new_home() as recipients:
        yield KeyHouse(gateway=gateway, recipients=recipients, kinds=kinds)


@pytest.fixture(scope="module")
def lost(house: KeyHouse) -> Fingerprint:
    """An own key whose secret half is gone."""
    key = homes.quick_key(house.gateway, "lost", "ed25519", "sign", "2y")
    homes.remove_secret(house.gateway, key)
    return key


@pytest.fixture(scope="module")
def gpg(house: KeyHouse, lost: Fingerprint) -> Subject:
    return Subject(
        sealer=house.sealer(),
        signerless=house.sealer(signer=lost),
        open_sealed=lambda sealed, _: house.decrypt(sealed),
        keys={**house.keys, "missing": _MISSING},
    )


@pytest.fixture(scope="module")
def sequoia(house: KeyHouse, lost: Fingerprint) -> Subject:
    """The second OpenPGP engine; what opens its messages is gpg."""
    return Subject(
        sealer=house.fast_sealer(),
        signerless=house.fast_sealer(signer=lost, signing_files={}),
        open_sealed=lambda sealed, _: house.decrypt(sealed),
        keys={**house.keys, "missing": _MISSING},
    )


@pytest.fixture(scope="module", name="sequoia-v6")
def sequoia_v6(house: KeyHouse, lost: Fingerprint, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """Keys that gpg can not read; what opens their messages is the same library, for want of another that could."""
    people = PeopleOfVersion6(tmp_path_factory.mktemp("v6"), house)
    return Subject(
        sealer=people.sealer(house.fast_sealer()),
        signerless=people.sealer(house.fast_sealer(signer=lost, signing_files={})),
        open_sealed=people.open_sealed,
        keys={**people.keys, "missing": Fingerprint("F" * 64)},
    )


@pytest.fixture(scope="module")
def memory() -> Subject:
    keys = {kind: Fingerprint(f"{number:040X}") for number, kind in enumerate(_OPENPGP)}
    known = {keys[kind]: health for kind, health in _OPENPGP.items() if kind != "missing"}
    sealer = MemorySealer(known)
    return Subject(sealer, MemorySealer(known, signs=False), sealer.open_sealed, keys)


@pytest.fixture(scope="module")
def cms(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    house = CertificateHouse(tmp_path_factory.mktemp("certificates"))
    house.make(*(kind for kind in _X509 if kind in KINDS))
    house.swap("swapped")
    house.issue("nobody-vouches", KINDS["ok"], issuer="")
    house.pin("nobody-vouches")
    names = {pin: name for name, pin in house.keys.items()}
    return Subject(
        sealer=house.sealer(),
        signerless=house.sealer(signer=""),
        open_sealed=lambda sealed, recipient: house.open(sealed, names[recipient]),
        keys={**house.keys, "missing": Fingerprint("x509:" + "f" * 64)},
        armor=b"MI",
    )


@pytest.fixture(scope="module")
def age(gpg: Subject, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """The age engine; what signs for it is gpg."""
    folder = tmp_path_factory.mktemp("age")
    people = {kind: AgeIdentity(folder / kind) for kind in ("ok", "other")}
    named = {each.recipient: each for each in people.values()}
    return Subject(
        sealer=AgeSealer(signer=gpg.sealer),
        signerless=AgeSealer(signer=gpg.signerless),
        open_sealed=lambda sealed, recipient: named[recipient].decrypt(sealed),
        keys={**{kind: each.recipient for kind, each in people.items()}, "missing": _MISSING},
        armor=b"-----BEGIN AGE ENCRYPTED FILE-----\n",
    )


@pytest.fixture(params=_HEALTH)
def subject(request: pytest.FixtureRequest) -> Subject:
    return subject_of(request, request.param)


def subject_of(request: pytest.FixtureRequest, name: str) -> Subject:
    found: Subject = request.getfixturevalue(name)
    return found


@pytest.mark.parametrize("armor", [True, False])
def test_each_recipient_opens_exactly_the_bytes_that_were_sealed(armor: bool, subject: Subject) -> None:
    recipients = (subject.keys["ok"], subject.keys["other"])

    sealed = subject.sealer.encrypt_bytes(PLAINTEXT, recipients=recipients, armor=armor)

    assert [PLAINTEXT, PLAINTEXT] == [subject.open_sealed(sealed, each) for each in recipients]
    assert b"een regel" not in sealed
    assert armor == (sealed.isascii() and sealed.startswith(subject.armor))


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


@pytest.mark.parametrize(("sealer", "kind"), _EVERY)
def test_health_is_told_for_every_kind_of_key(sealer: str, kind: str, request: pytest.FixtureRequest) -> None:
    subject = subject_of(request, sealer)

    assert _HEALTH[sealer][kind] is subject.sealer.health(subject.keys[kind])


@pytest.mark.parametrize(("sealer", "kind"), _BAD)
def test_a_bad_key_refuses_the_message_for_all_and_leaves_nothing(
    sealer: str, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    subject = subject_of(request, sealer)
    recipients = (subject.keys["ok"], subject.keys[kind])

    with pytest.raises(SluisError) as in_memory:
        subject.sealer.encrypt_bytes(PLAINTEXT, recipients=recipients, armor=True)
    with pytest.raises(SluisError) as on_disk:
        subject.sealer.encrypt_stream([PLAINTEXT], recipients=recipients, output=tmp_path / "sealed")

    expected = Code(f"key-{_HEALTH[sealer][kind].value}")
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


def test_text_is_refused_because_its_encoding_would_be_a_guess(subject: Subject, tmp_path: Path) -> None:
    recipients = (subject.keys["ok"],)
    with pytest.raises(TypeError):
        subject.sealer.encrypt_bytes("één €", recipients=recipients, armor=True)  # type: ignore[arg-type]  # the misuse itself is under test.

    with pytest.raises(TypeError):
        subject.sealer.encrypt_stream(["é"], recipients=recipients, output=tmp_path / "sealed")  # type: ignore[list-item]  # the misuse itself is under test.
    assert [] == list(tmp_path.iterdir())


def test_a_full_disk_is_said_and_leaves_no_truncated_file(subject: Subject, small_disk: Path) -> None:
    pieces = (bytes(65_536) for _ in range(16))

    with pytest.raises(SluisError) as refusal:
        subject.sealer.encrypt_stream(pieces, recipients=(subject.keys["ok"],), output=small_disk / "sealed")

    assert Code.DISK_FULL is refusal.value.code
    assert [] == list(small_disk.iterdir())


@given(sizes=st.lists(st.sampled_from([0, 1, 127, 128, 255, 256, 65_535, 65_536, 65_537, 1_048_576]), max_size=4))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pieces_of_any_size_arrive_in_their_order(
    sizes: list[int], subject: Subject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    output = tmp_path_factory.mktemp("pieces") / "sealed"
    pieces = [bytes((number + 65,)) * size for number, size in enumerate(sizes)]

    subject.sealer.encrypt_stream(iter(pieces), recipients=(subject.keys["other"],), output=output)

    assert b"".join(pieces) == subject.open_sealed(output.read_bytes(), subject.keys["other"])
