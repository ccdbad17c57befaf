"""A rotation of the own signing key that fails half-way leaves nothing behind by which the service would not start."""

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.audit.events import Event
from gateway.bootstrap.build_work import build_openpgp
from gateway.bootstrap.key_checks import require_no_secret_keys
from gateway.bootstrap.key_rotation import KeyRotation
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import read_site_settings
from gateway.package.errors import Code, SluisError
from gateway.seal.keyring import create_home, create_signing_key, secret_keys, stop_agent
from tests.integration.bootstrap.test_four_eyes import BEHEER


class Journal:
    """Records, or says that it can not."""

    def __init__(self, *, fails: bool) -> None:
        self._fails = fails

    async def record(self, _event: Event, /) -> str:
        if self._fails:
            raise SluisError(Code.AUDIT_UNAVAILABLE)
        return ""


@pytest.fixture
def site() -> Iterator[SiteLayout]:
    root = Path(tempfile.mkdtemp(dir="/tmp", prefix="sr"))
    made = SiteLayout(root)
    made.keys.mkdir()
    create_home(made.gnupg)
    yield made
    stop_agent(made.gnupg)
    shutil.rmtree(root, ignore_errors=True)


@pytest.mark.parametrize(
    ("settings", "audit_fails", "code"),
    [
        # All on one line, which is good YAML, and which is not edited.
        ('format: sluis-site/1\norganisation: "DT&V"\nseal: {signingKey: KEY}\n', False, Code.SETTING_INVALID),
        ('format: sluis-site/1\norganisation: "DT&V"\nseal:\n  signingKey: KEY\n', True, Code.AUDIT_UNAVAILABLE),
    ],
    ids=["settings-not-edited", "audit-unavailable"],
)
async def test_a_rotation_that_fails_leaves_no_secret_key_that_keeps_the_service_from_starting(
    site: SiteLayout, settings: str, audit_fails: bool, code: Code
) -> None:
    old = create_signing_key(site.gnupg, name="Sluis", email="sluis@afzender.example")
    site.settings.write_text(settings.replace("KEY", f'"{old}"'), encoding="utf-8")
    read = read_site_settings(site.settings)
    rotation = KeyRotation(
        site,
        read,
        sealer=build_openpgp(site, read),
        audit=Journal(fails=audit_fails),
        now=lambda: dt.datetime.now(dt.UTC),
    )
    with pytest.raises(SluisError) as failed:
        await rotation.start(None, person=BEHEER)

    assert code is failed.value.code
    assert {old} == secret_keys(site.gnupg)
    assert [f"{old}.asc"] * (not audit_fails) == [each.name for each in site.keys.iterdir()]
    require_no_secret_keys(site, read_site_settings(site.settings))
