"""A process that is killed at any step of a rotation leaves a site that starts, and a rotation that can be repeated."""

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.bootstrap.build_work import build_openpgp
from gateway.bootstrap.key_checks import require_no_secret_keys
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.rotation_journal import Intent, intend, left_by_crash, put_right, rotating
from gateway.bootstrap.settings import read_site_settings
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint
from gateway.seal.keyring import create_home, create_signing_key, secret_keys, stop_agent
from tests.integration.bootstrap.rotating import rotate

_NAME = "sluis-rotation.json"


@pytest.fixture
def site() -> Iterator[SiteLayout]:
    made = new_site()
    yield made
    remove(made)


def new_site() -> SiteLayout:
    made = SiteLayout(Path(tempfile.mkdtemp(dir="/tmp", prefix="sr")))
    made.keys.mkdir()
    create_home(made.gnupg)
    old = create_signing_key(made.gnupg, name="Sluis DT&V", email="sluis@afzender.example")
    made.settings.write_text(
        f'format: sluis-site/1\norganisation: "DT&V"\nseal:\n  signingKey: "{old}"\n', encoding="utf-8"
    )
    return made


def remove(site: SiteLayout) -> None:
    stop_agent(site.gnupg)
    shutil.rmtree(site.root, ignore_errors=True)


def signers(site: SiteLayout) -> list[Fingerprint]:
    return list(read_site_settings(site.settings).seal.signers())


def start(site: SiteLayout) -> None:
    """Do what a start does with keys, and sign."""
    put_right(site)
    settings = read_site_settings(site.settings)
    require_no_secret_keys(site, settings)
    build_openpgp(site, settings).check_signer()


def files(site: SiteLayout) -> set[str]:
    return {path.name for path in site.keys.iterdir() if not path.name.startswith(".")}


def test_a_kill_at_any_step_of_drawing_leaves_a_site_that_starts_with_all_of_it_or_nothing() -> None:
    outcomes = set()
    fatal, steps = 1, None
    while steps is None:
        site = new_site()
        try:
            (old,) = signers(site)
            steps = rotate(site, "start", fatal=fatal)
            # The check without a start finds no fault either: it is put right, and nobody has given a key away.
            require_no_secret_keys(site, read_site_settings(site.settings))
            start(site)

            now = signers(site)
            outcomes.add(len(now))
            assert (set(now), old, False) == (secret_keys(site.gnupg), now[0], (site.gnupg / _NAME).exists())
            expected = {f"{each}.rotation.txt{end}" for each in now[1:] for end in ("", ".sig")}
            expected |= {f"{each}.asc" for each in now} if now[1:] else {f"{old}.asc"} & files(site)
            assert expected == files(site)
        finally:
            remove(site)
        fatal += 1

    assert ({1, 2}, True) == (outcomes, fatal > 15)


def test_a_kill_at_any_step_of_finishing_leaves_both_keys_or_the_new_one_alone() -> None:
    outcomes = set()
    fatal, steps = 1, None
    while steps is None:
        site = new_site()
        try:
            rotate(site, "start")
            old, new = signers(site)
            steps = rotate(site, "finish", fatal=fatal)
            start(site)

            now = signers(site)
            outcomes.add(len(now))
            assert (set(now), False) == (secret_keys(site.gnupg), (site.gnupg / _NAME).exists())
            assert now in ([old, new], [new])
            assert {f"{old}.asc", f"{new}.asc", f"{new}.rotation.txt", f"{new}.rotation.txt.sig"} == files(site)
            if now == [old, new]:
                assert rotate(site, "finish") is not None
                start(site)
                assert [new] == signers(site)
        finally:
            remove(site)
        fatal += 1

    assert {1, 2} == outcomes


def test_the_next_rotation_puts_right_what_the_one_before_left(site: SiteLayout) -> None:
    (old,) = signers(site)
    # After the key was drawn: one file of the journal, and the drawing, of two steps each.
    assert rotate(site, "start", fatal=6) is None
    left = secret_keys(site.gnupg) - {old}
    assert 1 == len(left)

    assert rotate(site, "start") is not None

    assert (set(signers(site)), True) == (secret_keys(site.gnupg), left.isdisjoint(signers(site)))


def test_a_secret_key_of_somebody_else_is_never_taken_for_one_that_a_rotation_left(site: SiteLayout) -> None:
    other = create_signing_key(site.gnupg, name="Ontvanger", email="post@ontvanger.example")
    drawn = create_signing_key(site.gnupg, name="Sluis DT&V", email="sluis@afzender.example")
    before = tuple(signers(site))
    intent = Intent(
        does="draw",
        at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1),
        address="sluis@afzender.example",
        known=before,
    )
    intend(site, intent)
    assert {drawn} == left_by_crash(site)
    intend(site, intent.model_copy(update={"at": dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)}))
    assert set() == left_by_crash(site)
    intend(site, intent)

    with pytest.raises(SluisError) as refused:
        start(site)

    assert (Code.KEY_SECRET_REFUSED, f"gnupg {other}") == (refused.value.code, refused.value.where)
    assert {*before, other} == secret_keys(site.gnupg)


def test_a_rotation_that_is_alive_is_not_undone_by_a_second_start(site: SiteLayout) -> None:
    intent = Intent(
        does="draw", at=dt.datetime.now(dt.UTC), address="sluis@afzender.example", known=tuple(signers(site))
    )
    with rotating(site):
        intend(site, intent)
        drawn = create_signing_key(site.gnupg, name="Sluis DT&V", email="sluis@afzender.example")

        put_right(site)

        assert drawn in secret_keys(site.gnupg)
        with pytest.raises(SluisError, match="rotation-under-way"), rotating(site):
            pass
    put_right(site)
    assert drawn not in secret_keys(site.gnupg)


def test_a_journal_that_can_not_be_read_destroys_nothing(site: SiteLayout) -> None:
    drawn = create_signing_key(site.gnupg, name="Sluis DT&V", email="sluis@afzender.example")
    (site.gnupg / _NAME).write_text("{", encoding="utf-8")

    with pytest.raises(SluisError, match="key-secret-refused"):
        start(site)
    assert drawn in secret_keys(site.gnupg)
