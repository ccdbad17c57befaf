"""The pick-up page in a real Firefox: what is opened there, byte for byte, and what that browser refuses."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.pickup.firefox import Firefox
from tests.integration.pickup.running import CODE, RunningPickup, sealed

MIB = 1024 * 1024
_KEPT = """(async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, document.cookie, await indexedDB.databases(),
]))()"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPickup]:
    with RunningPickup(tmp_path_factory.mktemp("postbus") / "pickup") as running:
        yield running


@pytest.fixture(scope="module")
def running_firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with Firefox(tmp_path_factory.mktemp("firefox")) as browser:
        yield browser


@pytest.fixture
def firefox(running_firefox: Firefox, service: RunningPickup) -> Iterator[Firefox]:
    running_firefox.asked.clear()
    running_firefox.said.clear()
    yield running_firefox
    asked = [each for each in running_firefox.asked if not each.startswith((service.public, "blob:", "about:"))]
    assert [] == asked
    # The page has no icon; Firefox looks for one by itself, and the policy lets it not.
    said = [each for each in running_firefox.said if "favicon.ico" not in each]
    assert [] == [each for each in said if "Content-Security-Policy" in each or "rror" in each]
    assert [{}, {}, "", []] == json.loads(running_firefox.evaluate(_KEPT))
    assert [] == list(running_firefox.downloads.iterdir())


def ciphertext(service: RunningPickup, parcel: str) -> Path:
    return service.folder / "parcels" / parcel / "ciphertext"


def receipts(service: RunningPickup, parcel: str) -> object:
    return json.loads((service.folder / "parcels" / parcel / "state.json").read_bytes())["receipts"]


@pytest.mark.parametrize("size", [100, 40 * MIB], ids=["small", "large"])
def test_link_and_code_give_the_package_byte_for_byte_and_a_receipt(
    firefox: Firefox, service: RunningPickup, size: int
) -> None:
    parcel = sealed(hashlib.shake_256(b"vuur").digest(size))
    service.put(parcel)
    firefox.open(service.link(parcel))
    firefox.type("#code", "abcde - 23456 ")
    found = firefox.downloaded(size)
    firefox.until("#done-left", "1")

    assert hashlib.sha256(parcel.plaintext).digest() == hashlib.sha256(found).digest()
    assert 1 == len(service.report(parcel)["receipts"])  # type: ignore[arg-type] # it is a list in JSON.
    assert [] == [each for each in firefox.asked if parcel.pickup.fragment() in each.partition("#")[0]]


def test_a_wrong_code_is_told_with_the_tries_left_and_the_fifth_locks(firefox: Firefox, service: RunningPickup) -> None:
    parcel = sealed()
    service.put(parcel)
    firefox.open(service.link(parcel))
    for told in ("nog 4 keer", "nog 3 keer", "nog 2 keer", "nog één keer", "vergrendeld"):
        firefox.type("#code", "ABCDE23457")
        firefox.until("#problem", told)

    assert "locked" == service.report(parcel)["ended"]


def test_a_flipped_bit_is_refused_and_saves_and_burns_nothing(firefox: Firefox, service: RunningPickup) -> None:
    parcel = sealed(b"z" * MIB)
    service.put(parcel)
    content = bytearray(parcel.ciphertext)
    content[600_000] ^= 1
    ciphertext(service, parcel.id).write_bytes(content)
    firefox.open(service.link(parcel))
    firefox.type("#code", CODE)

    firefox.until("#problem", "beschadigd")
    assert [] == service.report(parcel)["receipts"]


def test_what_was_cut_off_between_two_records_is_refused(firefox: Firefox, service: RunningPickup) -> None:
    whole = sealed(b"z" * MIB)
    cut = whole.ciphertext[: 21 + 2 * 256 * 1024]
    said = replace(whole.description, size=len(cut), sha256=hashlib.sha256(cut).hexdigest())
    parcel = replace(whole, ciphertext=cut, description=said)
    assert 201 == service.put(parcel)
    firefox.open(service.link(parcel))
    firefox.type("#code", CODE)

    firefox.until("#problem", "het einde ontbreekt")
    assert [] == service.report(parcel)["receipts"]


def test_what_is_for_another_key_is_refused(firefox: Firefox, service: RunningPickup) -> None:
    parcel, other = sealed(b"een"), sealed(b"two")
    service.put(parcel)
    ciphertext(service, parcel.id).write_bytes(other.ciphertext)
    firefox.open(service.link(parcel))
    firefox.type("#code", CODE)

    firefox.until("#problem", "beschadigd")
    assert [] == service.report(parcel)["receipts"]


def test_a_link_of_another_secret_opens_nothing(firefox: Firefox, service: RunningPickup) -> None:
    parcel = sealed()
    service.put(parcel)
    firefox.open(f"{service.public}/nl/{parcel.id}#{replace(parcel.pickup, secret='11' * 32).fragment()}")
    firefox.type("#code", CODE)

    firefox.until("#problem", "geen pakket")
    assert 0 == service.report(parcel)["wrong"]
