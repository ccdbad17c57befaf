"""Whoever may not read a site's folders is told so, and never that what lies there is wrong."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.bootstrap.audit_keys import create_audit_key
from gateway.bootstrap.checking import check_site
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.secrets_store import create_secrets
from gateway.package.errors import Code
from tests.unit.cli.conftest import Said, run
from tests.unit.policy.building import SHIPPED, make_folders

if TYPE_CHECKING:
    from gateway.bootstrap.finding import Finding

AsSomebody = Callable[[Callable[[], None]], None]


def lint(folder: Path, as_somebody: AsSomebody) -> tuple[Said, Said]:
    # As root first: what Python loads by the way (codecs) may lie where nobody else may read.
    run("policy", "lint", SHIPPED)
    said: list[Said] = []
    as_somebody(lambda: said.extend(run("policy", "lint", folder, *more) for more in ((), ("--json",))))
    return said[0], said[1]


@pytest.mark.parametrize("forbidden", ["policies", "recipients", "policies/rules.yaml"])
def test_rules_that_may_not_be_read_are_not_called_wrong(
    tmp_path: Path, as_somebody: AsSomebody, forbidden: str
) -> None:
    folders = make_folders(tmp_path / "site")
    (tmp_path / "site" / forbidden).chmod(0)

    plain, as_json = lint(folders.policies.parent, as_somebody)

    assert (1, "read-forbidden", 403) == (plain.exit_code, as_json.json["code"], as_json.json["status"])
    assert "policy-invalid" not in plain.err
    assert "administrator" in as_json.json["helper"]


def test_check_says_of_secrets_that_this_user_may_not_read_them(tmp_path: Path, as_somebody: AsSomebody) -> None:
    site = SiteLayout(tmp_path / "site")
    make_folders(site.root)
    create_secrets(site.secrets, random=bytes)
    site.audit_keys.parent.mkdir(exist_ok=True)
    create_audit_key(site, origin="sluis.example/audit/node-1", random=bytes)
    for path in (site.settings, site.people):
        path.touch()
    asyncio.run(check_site(site))
    found: list[Finding] = []
    for path in (site.settings, site.people, site.secrets):
        path.chmod(0)

    as_somebody(lambda: found.extend(asyncio.run(check_site(site))))

    codes = {each.name: each.error.code for each in found if each.error}
    expected = dict.fromkeys(("settings", "people", "secrets", "audit key", "pseudonym keys"), Code.READ_FORBIDDEN)
    assert expected == codes
