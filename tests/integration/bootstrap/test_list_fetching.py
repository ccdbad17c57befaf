"""Revocation lists are fetched from a real web server on loopback, and verified before they replace the old ones."""

import datetime as dt
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme
import yaml
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.bootstrap import list_fetching
from gateway.bootstrap.build_work import build_certificate_trust
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.list_fetching import FetchedList, fetch_lists
from gateway.bootstrap.settings import read_site_settings
from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.seal.certificates import Certificate
from tests.chain_pki import DAY, OWN, PARTNER, Authority, now
from tests.outside import outdated, phased_out
from tests.unit.cli.conftest import run as sluis


class Web:
    """What a distribution point answers; every path that was asked is kept."""

    def __init__(self) -> None:
        self.content, self.status, self.asked = b"", 200, list[str]()
        self.headers: dict[str, str] = {}

    @contextmanager
    def serving(self, tls: ssl.SSLContext | None = None) -> Iterator[str]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append(self.path)
                self.send_response(web.status)
                for name, value in web.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(web.content)

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's own name
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            if tls is not None:
                server.socket = tls.wrap_socket(server.socket, server_side=True)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
            server.shutdown()
            thread.join()


class Site:
    """A site whose settings name one list for certificates and one for the chain facility."""

    def __init__(self, root: Path, web: Web, address: str) -> None:
        self.site, self.web, self.address = SiteLayout(root), web, address
        for name in ("keys", "secrets", "trust"):
            (root / name).mkdir()
        self.authority = Authority()
        self.authority.write(root / "secrets")
        (root / "trust" / "root.pem").write_bytes(self.authority.root.public_bytes(Encoding.PEM))
        self.name("list", f"{address}/root.crl")

    def name(self, name: str, url: str) -> None:
        seal = {"signingKey": "A" * 40, "certificateTrust": "trust", "revocationLists": {name: url}}
        body = {"format": "sluis-site/1", "organisation": "DT&V", "environment": "test", "seal": seal}
        self.site.settings.write_text(yaml.safe_dump(body), encoding="utf-8")

    @property
    def target(self) -> Path:
        return self.site.root / "trust" / "list.crl"

    def serve(self, content: bytes) -> None:
        self.web.content = content

    def fetch(self) -> FetchedList:
        (found,) = fetch_lists(self.site, read_site_settings(self.site.settings), now=now())
        return found

    def listed(self, **facts: dt.timedelta) -> bytes:
        return self.authority.revocation_list(**facts).public_bytes(Encoding.DER)

    def health(self) -> KeyHealth:
        trust = build_certificate_trust(self.site, read_site_settings(self.site.settings))
        assert trust is not None
        return trust.health(Certificate.from_pem(self.authority.issue(PARTNER).pem), now())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    web = Web()
    with web.serving() as address:
        yield Site(tmp_path, web, address)


def refused(site: Site) -> str:
    """Fetch, and give what was expected; the code is the same for all."""
    error = site.fetch().error
    assert error is not None
    assert (Code.REVOCATION_LIST_NOT_FETCHED, "seal.revocationLists.list") == (error.code, error.where)
    return error.faults[0][1]


def test_a_list_is_fetched_verified_and_counts_at_once(site: Site) -> None:
    assert KeyHealth.REVOCATION_UNKNOWN is site.health()
    site.serve(site.listed())

    found = site.fetch()

    assert (None, site.web.content, ["/root.crl"]) == (found.error, site.target.read_bytes(), site.web.asked)
    assert found.until is not None
    assert found.until > now()
    assert KeyHealth.USABLE is site.health()
    assert ["list.crl", "root.pem"] == sorted(each.name for each in site.target.parent.iterdir())


def test_a_list_that_the_settings_name_and_that_was_taken_away_is_missed(site: Site) -> None:
    site.serve(site.listed())
    site.fetch()

    site.target.unlink()

    assert KeyHealth.REVOCATION_UNKNOWN is site.health()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("forged", "the signature"),
        ("past its nextUpdate", "thisUpdate"),
        ("older, played back", "no older"),
        ("a page of a captive portal", "one revocation list"),
        ("nothing", "one revocation list"),
        ("too large", "at most"),
        ("an error with a good list in it", "status 200"),
        ("a redirect to a good list", "status 200"),
    ],
)
def test_what_is_not_to_be_believed_leaves_the_old_list_as_it_was(kind: str, expected: str, site: Site) -> None:
    site.serve(site.listed(since=-dt.timedelta(hours=2)))
    assert site.fetch().error is None
    before = site.target.read_bytes()
    contents = {
        "forged": Authority().revocation_list().public_bytes(Encoding.DER),
        "past its nextUpdate": site.listed(since=-9 * DAY, until=-DAY),
        "older, played back": site.listed(since=-3 * DAY),
        "a page of a captive portal": b"<html>Log in</html>",
        "nothing": b"",
        "too large": bytes(list_fetching.MAX_LIST_BYTES + 1),
    }
    site.serve(contents.get(kind, site.listed()))
    site.web.status = {"an error with a good list in it": 500, "a redirect to a good list": 302}.get(kind, 200)
    site.web.headers = {"Location": f"{site.address}/other.crl"} if site.web.status == 302 else {}

    assert expected in refused(site)

    assert before == site.target.read_bytes()
    assert "/other.crl" not in site.web.asked
    assert ["list.crl", "root.pem"] == sorted(each.name for each in site.target.parent.iterdir())


def test_an_attack_that_serves_the_good_list_of_another_issuer_does_not_take_a_revocation_away(site: Site) -> None:
    partner, other = site.authority.issue(PARTNER), Authority("Andere root")
    (site.target.parent / "other.pem").write_bytes(other.root.public_bytes(Encoding.PEM))
    site.serve(site.authority.revocation_list(partner).public_bytes(Encoding.DER))
    assert site.fetch().error is None

    site.serve(other.revocation_list(since=-dt.timedelta(hours=1)).public_bytes(Encoding.DER))

    assert "a list of the issuer" in refused(site)
    trust = build_certificate_trust(site.site, read_site_settings(site.site.settings))
    assert trust is not None
    assert KeyHealth.REVOKED is trust.health(Certificate.from_pem(partner.pem), now())


def test_a_server_that_can_not_be_reached_leaves_the_old_list_as_it_was(site: Site) -> None:
    site.serve(site.listed())
    site.fetch()
    before = site.target.read_bytes()
    site.name("list", "http://127.0.0.1:1/root.crl")

    assert "an answer expected" == refused(site)
    assert (before, KeyHealth.USABLE) == (site.target.read_bytes(), site.health())


def test_over_https_a_server_that_nobody_vouches_for_is_not_asked(tmp_path: Path) -> None:
    web = Web()
    certificate, key = Authority().issue(OWN).write(tmp_path, "server")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    (tmp_path / "site").mkdir()
    with web.serving(tls) as address:
        site = Site(tmp_path / "site", web, address)
        site.serve(site.listed())

        assert "an answer expected" == refused(site)

    assert ([], False) == (web.asked, site.target.exists())


@pytest.mark.parametrize(
    ("weaken", "asked"), [(lambda _: None, ["/root.crl"]), (outdated, []), (phased_out, [])], ids=["", "1.1", "CBC"]
)
def test_a_downgrade_below_tls_1_2_with_aead_is_refused_over_https(
    weaken: Callable[[ssl.SSLContext], None], asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web, authority = Web(), trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    weaken(tls)
    (tmp_path / "site").mkdir()
    with web.serving(tls) as address:
        site = Site(tmp_path / "site", web, address)
        site.serve(site.listed())
        fetched = site.fetch().error is None

    assert (asked, bool(asked)) == (web.asked, fetched)


def test_the_list_of_an_issuer_in_between_is_known_by_what_came_with_a_certificate(site: Site) -> None:
    lower = Authority("Tussen")
    between, partner = site.authority.under(lower), lower.issue(PARTNER)
    site.serve(lower.revocation_list().public_bytes(Encoding.DER))
    assert "the signature" in refused(site)

    name = f"x509-{partner.pin.removeprefix('x509:')}.pem"
    (site.site.keys / name).write_bytes(partner.pem + between.pem)

    assert site.fetch().error is None


def test_an_issuer_that_nobody_vouches_for_is_not_believed_because_its_certificate_lies_in_keys(site: Site) -> None:
    stranger = Authority("Vreemd")
    partner = stranger.issue(PARTNER)
    root = stranger.root.public_bytes(Encoding.PEM)
    (site.site.keys / f"x509-{partner.pin.removeprefix('x509:')}.pem").write_bytes(partner.pem + root)
    site.serve(stranger.revocation_list().public_bytes(Encoding.DER))

    assert "the signature" in refused(site)


def test_without_names_in_the_settings_nothing_is_asked(site: Site) -> None:
    site.site.settings.write_text(
        f'format: sluis-site/1\norganisation: "DT&V"\nseal: {{signingKey: {"A" * 40}}}\n', encoding="utf-8"
    )

    with pytest.raises(SluisError, match="setting-invalid"):
        site.fetch()
    assert [] == site.web.asked


def test_the_command_tells_each_list_and_its_exit_code_says_whether_all_lie_there(site: Site) -> None:
    site.serve(site.listed())
    good = sluis("--site", str(site.site.root), "--json", "keys", "fetch-lists")
    site.serve(b"niets")
    bad = sluis("--site", str(site.site.root), "--json", "keys", "fetch-lists")

    told = [each.json["lists"][0] for each in (good, bad)]
    assert [(0, ""), (1, "revocation-list-not-fetched")] == [
        (run.exit_code, each["code"]) for run, each in zip((good, bad), told, strict=True)
    ]
    assert "seal.revocationLists.list" == told[1]["where"]
