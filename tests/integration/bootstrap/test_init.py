"""A new site has the language that was asked for, and says which one it is and how to change it."""

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import read_site_settings
from gateway.bootstrap.site import SiteWishes, create_site
from gateway.intake.outbox import DUTCH_FOLDERS, ENGLISH_FOLDERS, OutboxFolders
from gateway.seal.key_files import read_key_file
from gateway.seal.keyring import stop_agent
from tests.unit.cli.conftest import run


@pytest.fixture
def place() -> Iterator[Path]:
    """A short path: GnuPG's sockets end at 107 bytes."""
    root = Path(tempfile.mkdtemp(dir="/tmp", prefix="s"))
    yield root / "s"
    stop_agent(root / "s" / "gnupg")
    shutil.rmtree(root)


@pytest.mark.parametrize(
    ("words", "language", "folders", "told"),
    [
        ((), "nl", DUTCH_FOLDERS, "Taal van de site: Nederlands"),
        (("--lang", "en"), "en", ENGLISH_FOLDERS, "Language of the site: English"),
    ],
)
def test_a_site_gets_the_language_that_was_asked_for_and_says_so(
    place: Path, words: tuple[str, ...], language: str, folders: OutboxFolders, told: str
) -> None:
    said = run("init", place, *words)
    settings = read_site_settings(SiteLayout(place).settings)

    assert 0 == said.exit_code
    assert told in said.out
    assert (language, language) == (settings.language.value, settings.outbox.folders)
    assert {*folders.names()} <= {each.name for each in (place / "outbox").iterdir()}


def test_a_terminal_is_asked_for_the_language(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.entrypoints.cli.init._is_terminal", lambda: True)
    said = run("init", place, typed="en\n")

    assert "Language of the site (nl, en) [nl]" in said.err
    assert "en" == read_site_settings(SiteLayout(place).settings).language.value


def test_the_signing_key_bears_the_address_that_was_given(place: Path) -> None:
    said = run("init", place, "--from-address", "sluis@dienst.example", "--smtp", "mail.dienst.example:587")
    settings = read_site_settings(SiteLayout(place).settings)

    assert settings.mail is not None
    assert ("sluis@dienst.example",) == _addresses(place)
    assert ("sluis@dienst.example", False) == (settings.mail.from_address, "--from-address" in said.out)


def test_a_site_without_an_address_of_its_own_says_which_one_its_key_bears(place: Path) -> None:
    said = run("init", place)

    assert ("sluis@afzender.example",) == _addresses(place)
    assert "In de ondertekensleutel staat sluis@afzender.example." in said.out


@pytest.mark.parametrize("address", ["nobody", "a@b\nExpire-Date: 0", "<sluis@dienst.example>"])
def test_what_is_no_mail_address_makes_no_site(place: Path, address: str) -> None:
    assert (2, False) == (run("init", place, "--from-address", address).exit_code, place.exists())


def _addresses(place: Path) -> tuple[str, ...]:
    (key,) = (place / "keys").glob("*.asc")
    return read_key_file(key.read_bytes(), now=dt.datetime.now(dt.UTC)).description.addresses


def test_two_sites_have_no_secret_in_common(place: Path) -> None:
    sites = [create_site(place / name, SiteWishes()) for name in "ab"]
    for site in sites:
        stop_agent(site.gnupg)
    private = [[*site.secrets.iterdir(), *(site.gnupg / "private-keys-v1.d").iterdir()] for site in sites]
    one, other = ({path.read_bytes() for path in paths} for paths in private)

    assert one
    assert other
    assert one.isdisjoint(other)
