"""A key is looked up in a Web Key Directory: on a real TLS server with a private authority, as settings say."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from gateway.bootstrap.settings import KeyDirectorySettings
from gateway.entrypoints.cli.key_commands.wkd import Directory, places
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint
from gateway.seal.key_description import MAX_KEY_BYTES
from gateway.seal.key_files import read_key_file
from tests.integration.seal.homes import KINDS, new_home, now, public, run
from tests.outside import Outside, Said, outdated, outside, phased_out

ADDRESS, HOST, DOMAIN = "ok@keys.example", "openpgpkey.keys.example", "keys.example"
CLOSED = "127.0.0.1:1"


@pytest.fixture(scope="module")
def theirs() -> Iterator[tuple[Path, Fingerprint]]:
    with new_home() as made:
        yield made, KINDS["ok"](made)


def directory(system: Outside, *, advanced: str = "", direct: str = CLOSED) -> Directory:
    """Reach a directory as the settings of a site in a closed net say."""
    own = urlsplit(system.url).netloc
    named = {"caFile": str(system.ca_file), "hosts": {HOST: advanced or own, DOMAIN: direct}}
    settings = KeyDirectorySettings.model_validate(named)
    return Directory(ca_file=Path(str(settings.ca_file)), hosts=settings.hosts or {})


def failed(
    tmp_path: Path,
    answer: Callable[[str], Said],
    *,
    names: tuple[str, ...] = (HOST,),
    weaken: Callable[[ssl.SSLContext], None] = lambda _: None,
) -> SluisError:
    authority = trustme.CA()
    certificate = authority.issue_cert(*names)
    with (
        outside(tmp_path, answer, authority=authority, certificate=certificate, weaken=weaken) as system,
        pytest.raises(SluisError) as caught,
    ):
        directory(system).fetch(ADDRESS)
    return caught.value


def test_the_places_are_those_of_the_draft() -> None:
    assert [
        (
            "openpgpkey.example.org",
            "/.well-known/openpgpkey/example.org/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe",
        ),
        ("example.org", "/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe"),
    ] == list(places("Joe.Doe@Example.ORG"))


def test_the_advanced_method_gives_the_key(tmp_path: Path, theirs: tuple[Path, Fingerprint]) -> None:
    home, key = theirs
    authority = trustme.CA()
    with outside(
        tmp_path,
        lambda _: Said(body=run(home, "--export", key)),
        authority=authority,
        certificate=authority.issue_cert(HOST),
    ) as system:
        content = directory(system).fetch(ADDRESS)

    assert key == read_key_file(content, now=now(), address=ADDRESS).description.fingerprint
    assert [(places_of(HOST), HOST)] == [(path, headers["Host"]) for path, headers in system.asked]


def places_of(host: str) -> str:
    return dict(places(ADDRESS))[host]


def test_the_direct_method_is_asked_when_the_advanced_host_can_not_be_reached(
    tmp_path: Path, theirs: tuple[Path, Fingerprint]
) -> None:
    home, key = theirs
    authority = trustme.CA()
    with outside(
        tmp_path, lambda _: Said(body=public(home, key)), authority=authority, certificate=authority.issue_cert(DOMAIN)
    ) as system:
        there = urlsplit(system.url).netloc
        content = directory(system, advanced=CLOSED, direct=there).fetch(ADDRESS)

    assert key == read_key_file(content, now=now(), address=ADDRESS).description.fingerprint
    assert [places_of(DOMAIN)] == [path for path, _ in system.asked]


def test_a_key_that_does_not_bear_the_address_is_refused(theirs: tuple[Path, Fingerprint]) -> None:
    home, key = theirs
    with pytest.raises(SluisError) as caught:
        read_key_file(public(home, key), now=now(), address="directeur@keys.example")

    assert (Code.KEY_UNKNOWN, key) == (caught.value.code, caught.value.where)


def test_a_server_under_another_name_is_refused(tmp_path: Path) -> None:
    assert Code.KEY_LOOKUP_FAILED is failed(tmp_path, lambda _: Said(), names=("aanvaller.example",)).code


def test_a_server_of_another_authority_is_refused_and_not_asked(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with (
        outside(tmp_path, lambda _: Said(), certificate=trustme.CA().issue_cert(HOST)) as system,
        pytest.raises(SluisError) as caught,
    ):
        directory(system).fetch(ADDRESS)

    assert (Code.KEY_LOOKUP_FAILED, []) == (caught.value.code, system.asked)


@pytest.mark.parametrize("weaken", [outdated, phased_out])
def test_a_downgrade_below_tls_1_2_with_aead_is_refused(
    weaken: Callable[[ssl.SSLContext], None], tmp_path: Path
) -> None:
    error = failed(tmp_path, lambda _: Said(), weaken=weaken)

    assert (Code.KEY_LOOKUP_FAILED, HOST) == (error.code, error.where)


def test_a_redirect_to_another_host_is_not_followed(tmp_path: Path) -> None:
    error = failed(tmp_path, lambda _: Said(status=302, headers={"Location": "https://aanvaller.example/key"}))

    assert (Code.KEY_LOOKUP_FAILED, 302) == (error.code, error.detail["status"])


def test_an_address_without_a_key_is_said(tmp_path: Path) -> None:
    assert 404 == failed(tmp_path, lambda _: Said(status=404)).detail["status"]


def test_an_answer_without_an_end_is_cut_off(tmp_path: Path) -> None:
    assert MAX_KEY_BYTES == failed(tmp_path, lambda _: Said(body=b"x" * (MAX_KEY_BYTES + 1))).detail["limit"]


@pytest.mark.parametrize("drip", ["head", "body"])
def test_an_answer_that_comes_byte_by_byte_is_not_waited_for(
    tmp_path: Path, drip: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.entrypoints.cli.key_commands.wkd._SECONDS", 1.0)

    assert Code.KEY_LOOKUP_FAILED is failed(tmp_path, lambda _: Said(drip=drip)).code


@pytest.mark.parametrize(
    "address",
    ["", "keys.example", "a@b@keys.example", "a b@keys.example", "a@-x", "a@keys.example/../", "a\r\n@x.example"],
)
def test_what_is_no_address_asks_nobody(address: str) -> None:
    with pytest.raises(SluisError) as caught:
        Directory().fetch(address)

    assert Code.ADDRESS_INVALID is caught.value.code


def test_authorities_that_are_not_there_are_a_fault_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(SluisError) as caught:
        Directory(ca_file=tmp_path / "niets.pem").fetch(ADDRESS)

    assert Code.SETTING_INVALID is caught.value.code
