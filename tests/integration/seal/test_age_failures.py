"""Files for age keys, judged by Debian's age; and what happens when something is wrong."""

from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest

from gateway.package.errors import Code, SluisError
from gateway.package.ids import parse_key
from gateway.seal.age import AgeSealer
from tests.integration.seal.ages import AgeIdentity
from tests.integration.seal.homes import KeyHouse

PLAINTEXT = b"een regel\r\nen nog een\x00\xff\n" * 20_000
_CHUNK = 64 * 1024


@pytest.fixture
def reader(tmp_path_factory: pytest.TempPathFactory) -> AgeIdentity:
    return AgeIdentity(tmp_path_factory.mktemp("age") / "key.txt")


@pytest.fixture
def sealer(house: KeyHouse) -> AgeSealer:
    return AgeSealer(signer=house.sealer())


@pytest.mark.parametrize("size", [0, 1, _CHUNK - 1, _CHUNK, _CHUNK + 1, 3 * _CHUNK])
def test_age_opens_every_size_around_its_chunks(
    size: int, sealer: AgeSealer, reader: AgeIdentity, tmp_path: Path
) -> None:
    plaintext = PLAINTEXT[:size]

    sealed = sealer.encrypt_stream([plaintext], recipients=(reader.recipient,), output=tmp_path / "out")

    assert plaintext == reader.decrypt(sealed.path.read_bytes())


@pytest.mark.parametrize("place", [-1, -20, 300, 100_000], ids=["tag", "end", "first chunk", "midway"])
def test_a_flipped_bit_is_refused(place: int, sealer: AgeSealer, reader: AgeIdentity) -> None:
    sealed = bytearray(sealer.encrypt_bytes(PLAINTEXT, recipients=(reader.recipient,), armor=False))
    sealed[place] ^= 1

    assert PLAINTEXT != reader.decrypt(bytes(sealed), fails=True)


@pytest.mark.parametrize("left_out", [1, 17, _CHUNK + 16, 200_000])
def test_a_truncated_file_is_refused_also_at_the_border_of_a_chunk(
    left_out: int, sealer: AgeSealer, reader: AgeIdentity
) -> None:
    sealed = sealer.encrypt_bytes(PLAINTEXT, recipients=(reader.recipient,), armor=False)

    reader.decrypt(sealed[:-left_out], fails=True)


def test_a_wrong_key_opens_nothing(sealer: AgeSealer, reader: AgeIdentity, tmp_path: Path) -> None:
    sealed = sealer.encrypt_bytes(PLAINTEXT, recipients=(reader.recipient,), armor=False)

    assert b"" == AgeIdentity(tmp_path / "other.txt").decrypt(sealed, fails=True)


def test_a_source_that_breaks_off_raises_its_own_error_and_leaves_nothing(
    sealer: AgeSealer, reader: AgeIdentity, tmp_path: Path
) -> None:
    def breaking() -> Iterator[bytes]:
        yield bytes(2_000_000)
        raise OSError("the spool broke off")

    with pytest.raises(OSError, match="broke off"):
        sealer.encrypt_stream(breaking(), recipients=(reader.recipient,), output=tmp_path / "out")

    assert [] == list(tmp_path.iterdir())


def test_an_own_key_that_has_expired_seals_nothing_for_age_either(
    own_house: KeyHouse, reader: AgeIdentity, tmp_path: Path
) -> None:
    sealer = AgeSealer(signer=own_house.sealer(signer=own_house.keys["ok"]))

    with pytest.raises(SluisError) as refusal:
        sealer.encrypt_stream([PLAINTEXT], recipients=(reader.recipient,), output=tmp_path / "out")

    assert Code.SIGNING_KEY_UNUSABLE is refusal.value.code
    assert [] == list(tmp_path.iterdir())


def test_another_implementation_opens_it_too(sealer: AgeSealer) -> None:
    """The one in Rust, beside Debian's in Go."""
    identity = pyrage.x25519.Identity.generate()
    recipients = (parse_key(str(identity.to_public())),)

    for armor in (False, True):
        sealed = sealer.encrypt_bytes(PLAINTEXT, recipients=recipients, armor=armor)
        assert PLAINTEXT == pyrage.decrypt(sealed, [identity])


def test_each_of_several_recipients_opens_it_and_none_can_be_taken_out_of_the_header(
    sealer: AgeSealer, reader: AgeIdentity, tmp_path: Path
) -> None:
    other = AgeIdentity(tmp_path / "other.txt")
    sealed = sealer.encrypt_bytes(PLAINTEXT, recipients=(reader.recipient, other.recipient), armor=False)
    start, second = sealed.index(b"-> "), sealed.index(b"-> ", sealed.index(b"-> ") + 1)
    without = sealed[:start] + sealed[second:]

    assert [PLAINTEXT, PLAINTEXT] == [each.decrypt(sealed) for each in (reader, other)]
    other.decrypt(without, fails=True)


def test_a_key_with_which_every_secret_is_the_same_is_not_encrypted_to(sealer: AgeSealer) -> None:
    """The point of order one: whoever writes it into the register could read everything, without any key."""
    key = parse_key(f"age1{'q' * 52}5cu47z")

    with pytest.raises(SluisError, match="key-unusable"):
        sealer.encrypt_bytes(PLAINTEXT, recipients=(key,), armor=False)
