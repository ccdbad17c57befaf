"""A file with a key, as somebody sends it: read by real gpg, and refused by its reason before it reaches the ring."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.seal.key_description import MAX_KEY_BYTES, in_groups
from gateway.seal.key_files import read_key_file
from tests.integration.seal.homes import KINDS, new_home, now, public, run


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with new_home() as made:
        yield made


@pytest.fixture(scope="module")
def keys(home: Path) -> dict[str, Fingerprint]:
    kinds = (
        "ok",
        "other",
        "rsa",
        "expired",
        "expired-subkey",
        "revoked",
        "no-subkey",
        "rsa-1024",
        "sha1",
        "sha1-subkey",
    )
    return {kind: KINDS[kind](home) for kind in kinds}


def refused(content: bytes, *, wanted: Fingerprint | None = None) -> SluisError:
    with pytest.raises(SluisError) as caught:
        read_key_file(content, now=now(), wanted=wanted).require_usable()
    return caught.value


def test_a_public_key_is_told_by_its_facts(home: Path, keys: dict[str, Fingerprint]) -> None:
    read = read_key_file(public(home, keys["ok"]), now=now())
    told = read.description

    assert (keys["ok"], "openpgp", "cv25519", 255) == (told.fingerprint, told.type, told.algorithm, told.bits)
    assert (KeyHealth.USABLE, ("ok@keys.example",), False) == (read.health, told.addresses, told.is_small())
    assert told.days_left(now()) in {729, 730}
    assert 10 == len(in_groups(told.fingerprint).split())
    assert b"PUBLIC KEY BLOCK" in read.armored


def test_a_binary_file_is_read_as_an_armored_one(home: Path, keys: dict[str, Fingerprint]) -> None:
    assert keys["ok"] == read_key_file(run(home, "--export", keys["ok"]), now=now()).description.fingerprint


def test_rsa_2048_is_taken_and_called_small(home: Path, keys: dict[str, Fingerprint]) -> None:
    read = read_key_file(public(home, keys["rsa"]), now=now())
    read.require_usable()

    assert ("RSA", 2048, True) == (read.description.algorithm, read.description.bits, read.description.is_small())


@pytest.mark.parametrize("armor", [True, False], ids=["armored", "binary"])
def test_a_secret_key_in_the_file_is_refused(home: Path, keys: dict[str, Fingerprint], *, armor: bool) -> None:
    secret = run(home, *(("--armor",) if armor else ()), "--export-secret-keys", keys["ok"])

    assert Code.KEY_SECRET_REFUSED is refused(secret).code


def test_a_secret_key_behind_a_public_one_is_refused(home: Path, keys: dict[str, Fingerprint]) -> None:
    both = public(home, keys["other"]) + run(home, "--armor", "--export-secret-keys", keys["ok"])

    assert Code.KEY_SECRET_REFUSED is refused(both, wanted=keys["other"]).code


def test_a_secret_key_behind_a_public_one_in_a_binary_file_is_refused(home: Path, keys: dict[str, Fingerprint]) -> None:
    both = run(home, "--export", keys["other"]) + run(home, "--export-secret-keys", keys["ok"])

    assert Code.KEY_SECRET_REFUSED is refused(both, wanted=keys["other"]).code


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("expired", Code.KEY_EXPIRED),
        ("expired-subkey", Code.KEY_EXPIRED),
        ("revoked", Code.KEY_REVOKED),
        ("no-subkey", Code.KEY_UNUSABLE),
        ("rsa-1024", Code.KEY_WEAK),
        ("sha1", Code.KEY_WEAK),
        ("sha1-subkey", Code.KEY_WEAK),
    ],
)
def test_what_can_not_be_encrypted_to_is_refused_by_its_reason(
    home: Path, keys: dict[str, Fingerprint], kind: str, code: Code
) -> None:
    error = refused(public(home, keys[kind]))

    assert (code, keys[kind]) == (error.code, error.where)


def test_two_keys_in_a_file_are_both_named_and_none_is_taken(home: Path, keys: dict[str, Fingerprint]) -> None:
    error = refused(public(home, keys["ok"]) + public(home, keys["other"]))

    assert (Code.KEY_SEVERAL, 2) == (error.code, error.detail["count"])
    assert {keys["ok"], keys["other"]} == {where for where, _ in error.faults}


def test_of_two_keys_the_one_that_is_meant_is_taken_alone(home: Path, keys: dict[str, Fingerprint]) -> None:
    both = public(home, keys["ok"]) + public(home, keys["other"])
    read = read_key_file(both, now=now(), wanted=keys["other"])

    assert keys["other"] == read.description.fingerprint
    assert keys["other"] == read_key_file(read.armored, now=now()).description.fingerprint


def test_a_key_that_is_not_in_the_file_is_not_found_there(home: Path, keys: dict[str, Fingerprint]) -> None:
    assert Code.KEY_UNKNOWN is refused(public(home, keys["ok"]), wanted=keys["other"]).code


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Hierbij onze sleutel: 0123 4567\r\n",
        b"\x00" * 5000,
        b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n",
        b"<html>404</html>",
    ],
    ids=["nothing", "a letter", "zeroes", "an armor without a key", "a page"],
)
def test_a_file_that_is_no_key_is_refused(content: bytes) -> None:
    assert Code.KEY_UNREADABLE is refused(content).code


def test_half_a_key_is_refused(home: Path, keys: dict[str, Fingerprint]) -> None:
    content = run(home, "--export", keys["ok"])

    assert refused(content[: len(content) // 3]).code in {Code.KEY_UNREADABLE, Code.KEY_UNUSABLE}


def test_a_file_of_ten_megabytes_is_not_read_by_gpg(home: Path, keys: dict[str, Fingerprint]) -> None:
    error = refused(public(home, keys["ok"]) + b"\n" * 10_000_000)

    assert (Code.KEY_UNREADABLE, MAX_KEY_BYTES) == (error.code, error.detail["limit"])


def test_nothing_is_left_of_the_home_in_which_a_key_was_read(
    home: Path, keys: dict[str, Fingerprint], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = public(home, keys["ok"])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path)[:80])
    folder = Path(str(tmp_path)[:80])
    folder.mkdir(exist_ok=True)
    before = set(folder.iterdir())
    read_key_file(content, now=now())

    assert before == set(folder.iterdir())
