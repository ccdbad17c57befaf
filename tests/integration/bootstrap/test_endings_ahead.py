"""Own certificates and revocation lists that end are warned of 60, 30 and 7 days ahead, as keys are."""

import datetime as dt
from pathlib import Path

import pytest
import yaml
from structlog.testing import capture_logs

from gateway.bootstrap.endings_ahead import end_findings, ends_ahead
from gateway.bootstrap.key_judging import build_key_judge
from gateway.bootstrap.key_overview import KnownKeys
from gateway.bootstrap.key_watch import KeyWatch
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import SiteSettings, read_site_settings
from gateway.package.errors import Code
from gateway.package.ids import Fingerprint
from tests.chain_pki import DAY, OWN, Authority, now

ISSUER = "CN=Testhierarchie Private Root"


class Site:
    """A site with a signing certificate, one for the chain facility, and a list for each."""

    def __init__(self, root: Path) -> None:
        self.site, self.authority = SiteLayout(root), Authority()
        for name in ("keys", "secrets", "trust"):
            (root / name).mkdir()
        self.root, self.lists = self.authority.write(root / "secrets")
        self.certify(left=200)
        self.write_list(left=5, lived=0)
        chain = {
            "ownOin": OWN,
            "certificateFile": "secrets/chain.pem",
            "keyFile": "secrets/chain.key",
            "rootFile": "secrets/root.pem",
            "crlFolder": "secrets/crls",
            "peers": {},
        }
        seal = {
            "signingKey": "A" * 40,
            "certificateFile": "secrets/seal.pem",
            "certificateKeyFile": "secrets/seal.key",
            "certificateTrust": "trust",
        }
        body = {"format": "sluis-site/1", "organisation": "DT&V", "environment": "test", "seal": seal, "chain": chain}
        self.site.settings.write_text(yaml.safe_dump(body), encoding="utf-8")

    def certify(self, *, left: int, names: tuple[str, ...] = ("seal", "chain")) -> None:
        for name in names:
            lifetime = (-30 * DAY, left * DAY + dt.timedelta(hours=1))
            self.authority.issue(OWN, lifetime=lifetime).write(self.site.root / "secrets", name)

    def write_list(self, *, left: int, lived: int, name: str = "0.pem") -> None:
        since, until = -lived * DAY - dt.timedelta(hours=1), left * DAY + dt.timedelta(hours=2)
        folder = self.site.root / "list"
        folder.mkdir(exist_ok=True)
        _, lists = self.authority.write(folder, self.authority.revocation_list(since=since, until=until))
        (self.lists / name).write_bytes((lists / "0.pem").read_bytes())

    def settings(self) -> SiteSettings:
        return read_site_settings(self.site.settings)

    def told(self, *, ahead: int = 0) -> list[tuple[str, str]]:
        ends = ends_ahead(self.site, self.settings(), now=now() + ahead * DAY)
        return [(each.code.value, each.place) for each in ends]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_nothing_is_said_of_what_lasts(site: Site) -> None:
    assert [] == site.told()


@pytest.mark.parametrize(("left", "warned"), [(61, False), (60, True), (30, True), (7, True)])
def test_an_own_certificate_is_warned_of_before_it_ends(left: int, warned: bool, site: Site) -> None:
    site.certify(left=left)

    expected = [("key-expires-soon", f"{each}.certificateFile") for each in ("seal", "chain")]
    assert expected * warned == site.told()


def test_an_own_certificate_that_has_ended_is_called_what_it_stops(site: Site) -> None:
    site.certify(left=-3)

    assert [
        ("signing-key-unusable", "seal.certificateFile"),
        ("chain-own-certificate", "chain.certificateFile"),
    ] == site.told()


def test_the_first_issuer_in_the_file_that_ends_counts(site: Site) -> None:
    path = site.site.root / "secrets" / "seal.pem"
    ending = site.authority.issue(None, lifetime=(-DAY, 20 * DAY))
    path.write_bytes(path.read_bytes() + ending.pem)

    assert [("key-expires-soon", "seal.certificateFile")] == site.told()


@pytest.mark.parametrize(
    ("left", "lived", "warned"),
    [(5, 2, False), (2, 5, True), (50, 10, False), (50, 70, True), (-1, 8, True), (70, 200, False)],
)
def test_a_list_is_warned_of_when_most_of_its_own_time_is_over(left: int, lived: int, warned: bool, site: Site) -> None:
    site.write_list(left=left, lived=lived)

    assert [("revocation-list-ends-soon", f"chain.crlFolder {ISSUER}")] * warned == site.told()


def test_an_old_list_beside_a_fresh_one_of_its_issuer_is_no_matter(site: Site) -> None:
    site.write_list(left=-20, lived=27, name="old.pem")

    assert [] == site.told()


def test_the_log_is_told_once_a_day_and_the_check_and_status_name_the_place(site: Site) -> None:
    site.certify(left=6, names=("seal",))
    site.certify(left=45, names=("chain",))
    settings = site.settings()

    def known() -> KnownKeys:
        own = (Fingerprint("A" * 40),)
        moment = now()
        ends = ends_ahead(site.site, settings, now=moment)
        judge = build_key_judge(site.site, settings)
        return KnownKeys(policy=None, records={}, ring={}, signers=own, judge=judge, now=moment, ends=ends)

    watch = KeyWatch(known)
    with capture_logs() as logged:
        watch.look()
        watch.look()

    assert [("error", "seal.certificateFile", 6), ("warning", "chain.certificateFile", 45)] == [
        (each["log_level"], each["place"], each["days"]) for each in logged
    ]
    day = (now() + 6 * DAY + dt.timedelta(hours=1)).date().isoformat()
    assert (Code.KEY_EXPIRES_SOON.value, f"seal.certificateFile {day}") in watch.notices()
    doubts = [doubt for each in end_findings(known().ends) for doubt in each.doubts]
    assert ["seal.certificateFile", "chain.certificateFile"] == [each.where for each in doubts]
