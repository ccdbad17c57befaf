"""The second OpenPGP engine on a whole site: what it needs before it starts, and what is left when a key goes."""

import datetime as dt
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.bootstrap.build import open_house
from gateway.bootstrap.build_work import build_openpgp, build_sealer
from gateway.bootstrap.checking import check_site
from gateway.bootstrap.key_exports import export_signing_keys
from gateway.bootstrap.key_rotation import KeyRotation
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import read_site_settings
from gateway.bootstrap.signing_files import signing_file
from gateway.bootstrap.site import SiteWishes, create_site
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint
from gateway.seal.keyring import stop_agent
from tests.integration.bootstrap.test_four_eyes import BEHEER
from tests.integration.bootstrap.test_key_rotation import Journal


@pytest.fixture
def site() -> Iterator[SiteLayout]:
    """A new site whose settings choose the second engine, without its key file."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="se") as folder:
        made = create_site(Path(folder) / "s", SiteWishes())
        text = made.settings.read_text(encoding="utf-8")
        made.settings.write_text(text.replace("seal:\n", "seal:\n  engine: sequoia\n", 1), encoding="utf-8")
        yield made
        stop_agent(made.gnupg)


def _own(site: SiteLayout) -> Fingerprint:
    return read_site_settings(site.settings).seal.signers()[0]


async def _refusal(site: SiteLayout) -> SluisError:
    with pytest.raises(SluisError) as refusal:
        async with open_house(site):
            pytest.fail("it started")
    return refusal.value


async def _finding(site: SiteLayout) -> SluisError | None:
    """Give what `sluis check` finds of the own key."""
    (found,) = [each for each in await check_site(site) if each.name == "signing key"]
    return found.error


def test_the_file_is_written_on_request_for_its_user_alone_and_the_engine_signs_with_it(site: SiteLayout) -> None:
    (written,) = export_signing_keys(site)

    assert signing_file(site, _own(site)) == written
    assert 0o600 == written.stat().st_mode & 0o777
    build_sealer(site, read_site_settings(site.settings)).check_signer()


def test_an_older_file_that_others_could_read_is_replaced_by_one_that_they_can_not(site: SiteLayout) -> None:
    path = signing_file(site, _own(site))
    path.write_bytes(b"older")
    path.chmod(0o644)

    export_signing_keys(site)

    assert 0o600 == path.stat().st_mode & 0o777


async def test_without_its_key_file_the_service_does_not_start_and_check_says_what_to_type(site: SiteLayout) -> None:
    refusal, finding = await _refusal(site), await _finding(site)

    where = f"secrets/{signing_file(site, _own(site)).name}"
    expected = ((where, "the own key's file expected: 'sluis keys export-signing' writes it"),)
    assert (Code.SETTING_INVALID, expected) == (refusal.code, refusal.faults)
    assert finding is not None
    assert expected == finding.faults


@pytest.mark.parametrize("mode", [0o640, 0o604])
async def test_a_key_file_that_others_may_read_is_a_refusal_to_start(mode: int, site: SiteLayout) -> None:
    (written,) = export_signing_keys(site)
    written.chmod(mode)

    refusal = await _refusal(site)

    where = f"secrets/{written.name}"
    assert (Code.SETTING_INVALID, ((where, "a file of mode 0600 expected"),)) == (refusal.code, refusal.faults)


async def test_a_key_file_that_was_swapped_for_another_key_is_a_refusal_to_start(site: SiteLayout) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="se") as folder:
        other = create_site(Path(folder) / "s", SiteWishes())
        (foreign,) = export_signing_keys(other)
        stop_agent(other.gnupg)
        path = signing_file(site, _own(site))
        path.write_bytes(foreign.read_bytes())
    path.chmod(0o600)

    refusal = await _refusal(site)

    where = f"secrets/{path.name}"
    expected = ((where, "the secret half of the key of this name expected"),)
    assert (Code.SETTING_INVALID, expected) == (refusal.code, refusal.faults)


async def test_without_the_extra_the_service_does_not_start_and_says_what_to_install(
    site: SiteLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_signing_keys(site)
    for module in ("gateway.bootstrap.build_sequoia", "gateway.seal.sequoia"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "pysequoia", None)

    refusal = await _refusal(site)

    expected = (("seal.engine", "the engine's library expected: .venv/bin/pip install pysequoia"),)
    assert (Code.SETTING_INVALID, expected) == (refusal.code, refusal.faults)


def test_a_site_that_did_not_choose_it_needs_neither_library_nor_file(
    site: SiteLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = site.settings.read_text(encoding="utf-8").replace("  engine: sequoia\n", "")
    site.settings.write_text(text, encoding="utf-8")
    monkeypatch.setitem(sys.modules, "pysequoia", None)

    build_sealer(site, read_site_settings(site.settings)).check_signer()


async def test_a_rotation_writes_the_next_keys_file_and_takes_the_old_ones_away(site: SiteLayout) -> None:
    export_signing_keys(site)
    old, today = _own(site), dt.datetime.now(dt.UTC)
    journal = Journal(fails=False)
    settings = read_site_settings(site.settings)
    rotation = KeyRotation(
        site, settings, sealer=build_sealer(site, settings), audit=journal, now=lambda: dt.datetime.now(dt.UTC)
    )
    await rotation.start(None, person=BEHEER)
    between = read_site_settings(site.settings)
    _, new = between.seal.signers()
    assert [0o600, 0o600] == [signing_file(site, each).stat().st_mode & 0o777 for each in (old, new)]
    later = today + dt.timedelta(days=40)
    finishing = KeyRotation(site, between, sealer=build_sealer(site, between), audit=journal, now=lambda: later)

    await finishing.finish(person=BEHEER)

    assert [False, True] == [signing_file(site, each).exists() for each in (old, new)]
    after = read_site_settings(site.settings)
    build_sealer(site, after).check_signer()
    assert new == build_openpgp(site, after).signer_at(today)


async def test_a_rotation_that_fails_leaves_no_file_of_the_key_that_came_to_nothing(site: SiteLayout) -> None:
    export_signing_keys(site)
    before = sorted(site.secrets.iterdir())
    # All on one line, which is good YAML, and which is not edited.
    lines = f'format: sluis-site/1\norganisation: "DT&V"\nseal: {{engine: sequoia, signingKey: "{_own(site)}"}}\n'
    site.settings.write_text(lines, encoding="utf-8")
    settings = read_site_settings(site.settings)
    sealer, journal = build_sealer(site, settings), Journal(fails=False)
    rotation = KeyRotation(site, settings, sealer=sealer, audit=journal, now=lambda: dt.datetime.now(dt.UTC))

    with pytest.raises(SluisError, match="setting-invalid"):
        await rotation.start(None, person=BEHEER)

    assert before == sorted(site.secrets.iterdir())
