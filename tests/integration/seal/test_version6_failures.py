"""Keys of version 6, which only we can judge: what pysequoia alone would take, and files that are not what they say."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pysequoia
import pytest

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint, KeyKind, key_file, kind_of, parse_key
from gateway.seal import sequoia_v6
from gateway.seal.key_description import MAX_KEY_BYTES
from gateway.seal.sequoia_v6 import SequoiaV6Sealer
from tests.integration.seal import homes
from tests.integration.seal.homes import KeyHouse
from tests.integration.seal.version6 import PeopleOfVersion6

PLAINTEXT = b"FIRST LINE..\nsecond line of the plaintext\n"


@pytest.fixture(scope="module")
def people(house: KeyHouse, tmp_path_factory: pytest.TempPathFactory) -> PeopleOfVersion6:
    return PeopleOfVersion6(tmp_path_factory.mktemp("v6"), house)


@pytest.fixture
def sealer(people: PeopleOfVersion6, house: KeyHouse) -> SequoiaV6Sealer:
    return people.sealer(house.fast_sealer())


@pytest.mark.parametrize("kind", ["expired", "once-expired", "revoked"])
def test_sequoia_alone_would_encrypt_to_a_key_that_is_over(kind: str, people: PeopleOfVersion6) -> None:
    """Why it is judged here: when this fails, pysequoia has learnt to refuse."""
    assert pysequoia.encrypt(PLAINTEXT, [people.certificate(kind)], armor=False)


def test_a_subkey_that_ended_is_found_although_the_library_tells_of_a_later_end(
    people: PeopleOfVersion6, sealer: SequoiaV6Sealer
) -> None:
    ends = people.certificate("once-expired").expiration

    assert ends is not None
    assert ends > homes.now() + dt.timedelta(days=200)
    assert KeyHealth.EXPIRED is sealer.health(people.keys["once-expired"])


@pytest.mark.parametrize("days", [364, 366])
def test_a_key_ends_on_the_day_that_it_says(days: int, people: PeopleOfVersion6) -> None:
    health = sequoia_v6.health_of(people.certificate("post-quantum"), homes.now() + dt.timedelta(days=days))

    assert (KeyHealth.USABLE if days < 365 else KeyHealth.EXPIRED) is health


def test_a_key_from_the_future_is_not_usable_yet(people: PeopleOfVersion6) -> None:
    assert KeyHealth.UNUSABLE is sequoia_v6.health_of(people.certificate("ok"), homes.now() - dt.timedelta(days=1))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _noise(path: Path) -> None:
    path.write_bytes(b"\x99" * 5000)


def _flipped(path: Path) -> None:
    content = bytearray(bytes(pysequoia.Cert.from_bytes(path.read_bytes())))
    content[20] ^= 1
    path.write_bytes(content)


def _twice(path: Path) -> None:
    other = pysequoia.Tsk.generate("x <x@keys.example>", profile=pysequoia.Profile.RFC9580).extract_certificate()
    path.write_bytes(bytes(pysequoia.Cert.from_bytes(path.read_bytes())) + bytes(other))


@pytest.mark.parametrize("damage", [_empty, _noise, _flipped, _twice, Path.unlink])
def test_a_file_that_is_not_this_one_key_is_missing(
    damage: Callable[[Path], None], house: KeyHouse, people: PeopleOfVersion6, tmp_path: Path
) -> None:
    key = people.keys["ok"]
    (tmp_path / f"{key}.asc").write_bytes(people.path("ok").read_bytes())
    sealer = SequoiaV6Sealer(signer=house.fast_sealer(), keys=tmp_path, now=homes.now)
    assert KeyHealth.USABLE is sealer.health(key)

    damage(tmp_path / f"{key}.asc")

    assert KeyHealth.MISSING is sealer.health(key)
    with pytest.raises(SluisError, match="key-missing"):
        sealer.encrypt_bytes(PLAINTEXT, recipients=(key,), armor=True)


def test_a_key_that_is_revoked_later_is_refused_from_then_on(
    house: KeyHouse, people: PeopleOfVersion6, tmp_path: Path
) -> None:
    key, public = people.keys["ok"], people.certificate("ok")
    (tmp_path / f"{key}.asc").write_bytes(bytes(public))
    sealer = SequoiaV6Sealer(signer=house.fast_sealer(), keys=tmp_path, now=homes.now)
    assert sealer.encrypt_bytes(PLAINTEXT, recipients=(key,), armor=False)

    (tmp_path / f"{key}.asc").write_bytes(bytes(public) + bytes(public.revoke(people.secrets[key].certifier())))

    with pytest.raises(SluisError, match="key-revoked"):
        sealer.encrypt_bytes(PLAINTEXT, recipients=(key,), armor=False)


def test_an_attack_with_so_large_a_file_that_its_revocation_is_not_read_finds_no_key(
    house: KeyHouse, people: PeopleOfVersion6, tmp_path: Path
) -> None:
    key, public = people.keys["ok"], people.certificate("ok")
    revocation = bytes(public.revoke(people.secrets[key].certifier()))
    # A padding packet (RFC 9580 section 5.14), which everybody passes over, up to where reading ends.
    rest = MAX_KEY_BYTES - len(bytes(public)) - 6
    filled = bytes(public) + b"\xd5\xff" + rest.to_bytes(4, "big") + bytes(rest)
    (tmp_path / f"{key}.asc").write_bytes(filled + revocation)
    sealer = SequoiaV6Sealer(signer=house.fast_sealer(), keys=tmp_path, now=homes.now)

    assert KeyHealth.MISSING is sealer.health(key)


def test_more_than_may_be_sealed_in_memory_is_refused_and_nothing_is_written(
    people: PeopleOfVersion6, sealer: SequoiaV6Sealer, tmp_path: Path
) -> None:
    pieces = (bytes(1024 * 1024) for _ in range(33))

    with pytest.raises(SluisError) as refusal:
        sealer.encrypt_stream(pieces, recipients=(people.keys["ok"],), output=tmp_path / "sealed")

    assert Code.PACKAGE_TOO_LARGE is refusal.value.code
    assert [] == list(tmp_path.iterdir())


def test_a_key_of_another_kind_is_not_looked_for(house: KeyHouse, sealer: SequoiaV6Sealer) -> None:
    assert KeyHealth.MISSING is sealer.health(house.keys["ok"])


@pytest.mark.parametrize(
    ("address", "another"), [("ok@keys.example", False), ("mail@keys.example", False), ("ok@elders.example", True)]
)
def test_whose_addresses_a_key_bears_is_told(
    address: str, another: bool, people: PeopleOfVersion6, sealer: SequoiaV6Sealer
) -> None:
    assert another is sealer.names_another(people.keys["ok"], address=address)


def test_its_fingerprint_is_known_by_its_length_with_spaces_and_small_letters_too() -> None:
    key = Fingerprint("AB12" * 16)

    assert key == parse_key(" ".join(["ab12"] * 16))
    assert (KeyKind.OPENPGP_V6, f"{key}.asc") == (kind_of(key), key_file(key))
    assert KeyKind.OPENPGP is kind_of(parse_key("AB12" * 10))


@pytest.mark.parametrize("digits", [39, 41, 63, 65])
def test_a_fingerprint_that_lost_a_digit_is_none(digits: int) -> None:
    with pytest.raises(SluisError, match="fingerprint-invalid"):
        parse_key("A" * digits)
