"""A register over HTTPS is believed when it answers exactly what was asked, in time; otherwise what needs it waits."""

import datetime as dt
import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import trustme
import yaml

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.registers import build_registers, close_registers, to_check
from gateway.bootstrap.settings import SiteSettings, read_site_settings
from gateway.evidence.port import Registers
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Filing, Standing
from tests.outside import Outside, Said, outside, query_of, said, token_of
from tests.unit.documents import READ_HERE

PAPER = b"%PDF-1.7 machtiging"
DIGEST = hashlib.sha256(PAPER).hexdigest()
REFERENCE = "IS-TV/2026/118 & é"
SECRET = b"geheim-van-de-test"
TODAY = dt.date(2026, 11, 20)


Connect = Callable[..., Registers]


@pytest.fixture
def registers(tmp_path: Path) -> Iterator[Connect]:
    """Connect both registers to one system, with secrets in files as a site has them."""
    for name in ("zgw.secret", "bar.token"):
        (tmp_path / name).write_bytes(SECRET + b"\n")
        (tmp_path / name).chmod(0o600)
    connected: list[Registers] = []

    def connect(system: Outside, *, organisation: str | None = None, **more: Any) -> Registers:
        peer = {"url": system.url, "caFile": str(system.ca_file), "timeoutSeconds": 5.0, **more}
        cases = {"clientId": "sluis", "secretFile": "zgw.secret", "sourceOrganisation": organisation}
        named = {"caseSystem": cases | peer, "barService": {"tokenFile": "bar.token", **peer}}
        whole = {"format": "sluis-site/1", "organisation": "DT&V", "seal": {"signingKey": "A" * 40}, "registers": named}
        connected.append(build_registers(SiteLayout(tmp_path), SiteSettings.model_validate(whole), files=READ_HERE))
        return connected[-1]

    yield connect
    for each in connected:
        close_registers(each)


@pytest.fixture
def filing(tmp_path: Path, registers: Connect) -> Callable[..., Filing]:
    """Ask a system about the paper."""

    def asked(answer: Callable[[str], Said], **more: Any) -> Filing:
        with outside(tmp_path, answer) as system:
            return registers(system, **more).cases.filing(REFERENCE, sha256=DIGEST)

    return asked


Ask = Callable[..., Filing]


def document(**changes: Any) -> dict[str, Any]:
    """Give what the ZGW Documenten API says of one document."""
    whole = {
        "url": "x",
        "identificatie": REFERENCE,
        "status": "definitief",
        "bestandsomvang": len(PAPER),
        "integriteit": {"algoritme": "sha_256", "waarde": DIGEST.upper(), "datum": "2026-11-01"},
    }
    return {**whole, **changes}


def page(*documents: object, **more: object) -> Said:
    return said({"count": len(documents), "next": None, "previous": None, "results": documents, **more})


# ---- The case system ---------------------------------------------------------------------------------------------


def test_the_case_system_is_asked_with_the_reference_and_a_signed_token(tmp_path: Path, registers: Connect) -> None:
    with outside(tmp_path, lambda _: page(document())) as system:
        cases = registers(system).cases
        found = [cases.filing(REFERENCE, sha256=DIGEST), cases.filing(REFERENCE, sha256="0" * 64)]

    assert [Filing.FILED, Filing.NOT_FILED] == found
    path, headers = system.asked[0]
    assert "/api/v1/enkelvoudiginformatieobjecten" == urlsplit(path).path
    assert {"identificatie": [REFERENCE]} == query_of(path)
    token = token_of(headers, SECRET)
    assert ("HS256", "sluis", "sluis", "sluis") == tuple(token[key] for key in ("alg", "iss", "client_id", "user_id"))
    assert abs(token["iat"] - time.time()) < 60


def test_the_organisation_narrows_the_question_where_it_is_set(tmp_path: Path, registers: Connect) -> None:
    with outside(tmp_path, lambda _: page()) as system:
        cases = registers(system, organisation="123456782").cases
        assert Filing.NOT_FILED is cases.filing("x", sha256=DIGEST)

    assert {"identificatie": ["x"], "bronorganisatie": ["123456782"]} == query_of(system.asked[0][0])


@pytest.mark.parametrize(
    "integriteit",
    [None, {"algoritme": "md5", "waarde": "x"}, {"algoritme": "sha_256", "waarde": "kort"}, {}, "x"],
)
def test_without_a_sha_256_of_the_case_system_the_document_is_downloaded(
    tmp_path: Path, integriteit: object, registers: Connect
) -> None:
    content = [PAPER]

    def answer(path: str) -> Said:
        if path.endswith("/1/download"):
            return Said(body=content[0])
        return page(document(integriteit=integriteit, inhoud=f"{system.url}/enkelvoudiginformatieobjecten/1/download"))

    with outside(tmp_path, answer) as system:
        cases = registers(system).cases
        found = [cases.filing(REFERENCE, sha256=DIGEST)]
        content[0] = PAPER + b"x"
        found.append(cases.filing(REFERENCE, sha256=DIGEST))

    assert [Filing.FILED, Filing.NOT_FILED] == found
    assert all(token_of(headers, SECRET) for _, headers in system.asked)


@pytest.mark.parametrize(
    "documents",
    [
        [],
        [document(status="in_bewerking")],
        [document(status="ter_vaststelling")],
        [document(integriteit=None, bestandsomvang=10**9, inhoud="x")],
        [document(integriteit={"algoritme": "sha_256", "waarde": "0" * 64})],
    ],
    ids=["nothing", "draft", "not decided", "far too large", "another document"],
)
def test_what_is_not_this_document_is_not_filed(tmp_path: Path, documents: list[object], filing: Ask) -> None:
    assert Filing.NOT_FILED is filing(lambda _: page(*documents))


def test_among_several_documents_of_a_reference_one_is_enough(tmp_path: Path, filing: Ask) -> None:
    other = document(integriteit={"algoritme": "sha_256", "waarde": "0" * 64})

    assert Filing.FILED is filing(lambda _: page(other, document()))


@pytest.mark.parametrize(
    "answer",
    [
        page(document(identificatie="IS-TV/2026/119")),
        page(document(integriteit=None)),
        page(document(integriteit=None, inhoud="https://127.0.0.1:1/api/v1/x")),
        page(document(integriteit=None, inhoud="https://127.0.0.1@evil.example/")),
        page(next="https://127.0.0.1/api/v1/enkelvoudiginformatieobjecten?page=2"),
        page(*[document(status="in_bewerking")] * 21),
        page("x"),
        said({"results": {}}),
        said([document()]),
        said({}),
        Said(body=b"<html>Inloggen</html>"),
        Said(body=b"[" * 100_000),
        Said(body=b"\xff"),
        Said(body=b""),
        Said(status=401, body=page(document()).body),
        Said(status=403),
        Said(status=404),
        Said(status=500, body=page(document()).body),
        Said(body=page(document()).body, headers={"Content-Encoding": "gzip"}),
        Said(body=b" " * (1024 * 1024 + 1) + page(document()).body),
        Said(body=page(document()).body, cut=True),
    ],
    ids=[
        "another reference",
        "no content",
        "content elsewhere",
        "content elsewhere in disguise",
        "more pages",
        "very many",
        "no object",
        "no list",
        "a list",
        "empty object",
        "html",
        "deep",
        "not utf-8",
        "nothing",
        "401",
        "403",
        "404",
        "500",
        "packed",
        "huge",
        "cut off",
    ],
)
def test_an_answer_that_was_not_asked_for_is_none(tmp_path: Path, answer: Said, filing: Ask) -> None:
    assert Filing.UNREACHABLE is filing(lambda _: answer)


def test_a_redirect_is_not_followed(tmp_path: Path, registers: Connect) -> None:
    with outside(tmp_path, lambda path: page(document()) if "elders" in path else moved) as system:
        moved = Said(status=302, headers={"Location": f"{system.url}/elders"})
        found = registers(system).cases.filing(REFERENCE, sha256=DIGEST)

    assert Filing.UNREACHABLE is found
    assert 1 == len(system.asked)


def test_a_proxy_of_the_environment_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filing: Ask) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert Filing.FILED is filing(lambda _: page(document()))


@pytest.mark.parametrize("ending", ["/é", "/\ud800", "/x\r\nX: y", "/a b", "/[::1", "//[x"])
def test_hostile_address_in_an_answer_is_no_answer_and_no_error_of_ours(
    tmp_path: Path, ending: str, registers: Connect
) -> None:
    def answer(path: str) -> Said:
        return page(document(integriteit=None, inhoud=system.url + ending)) if "?" in path else Said(status=404)

    with outside(tmp_path, answer) as system:
        assert Filing.UNREACHABLE is registers(system).cases.filing(REFERENCE, sha256=DIGEST)


@pytest.mark.parametrize(
    "ending",
    ["/../../elsewhere", "/./x", "/a/..", "/%2e%2e/x", "/%2E./x", "/..%2f..%2fx", "/%252e%252e/x", "/..\\x", "/..;/x"],
)
def test_path_traversal_in_an_answer_does_not_take_our_token_out_of_the_address(
    tmp_path: Path, ending: str, registers: Connect
) -> None:
    def answer(path: str) -> Said:
        return page(document(integriteit=None, inhoud=system.url + ending)) if "?" in path else Said(body=PAPER)

    with outside(tmp_path, answer) as system:
        assert Filing.UNREACHABLE is registers(system).cases.filing(REFERENCE, sha256=DIGEST)
    assert 1 == len(system.asked)


def test_a_reference_that_no_text_can_be_is_not_asked_about(tmp_path: Path, registers: Connect) -> None:
    with outside(tmp_path, lambda _: page(document())) as system:
        assert Filing.UNREACHABLE is registers(system).cases.filing("\ud800", sha256=DIGEST)
    assert [] == system.asked


@pytest.mark.parametrize("drip", ["head", "body"])
def test_slow_drip_the_deadline_is_for_the_whole_answer(tmp_path: Path, drip: str, filing: Ask) -> None:
    assert Filing.UNREACHABLE is filing(lambda _: Said(drip=drip), timeoutSeconds=0.5)


def test_slow_drip_of_a_download_ends_too(tmp_path: Path, registers: Connect) -> None:
    def answer(path: str) -> Said:
        if path.endswith("/download"):
            return Said(body=PAPER, drip="body")
        return page(document(integriteit=None, inhoud=f"{system.url}/1/download"))

    with outside(tmp_path, answer) as system:
        cases = registers(system, timeoutSeconds=0.8).cases
        assert Filing.UNREACHABLE is cases.filing(REFERENCE, sha256=DIGEST)
    assert 2 == len(system.asked)


def test_slow_case_system_is_left_alone_for_a_while_so_that_others_need_not_wait(
    tmp_path: Path, registers: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.evidence.https_peer._REST_SECONDS", 1.0)
    answers = [Said(drip="body")]
    with outside(tmp_path, lambda _: answers[-1]) as system:
        cases = registers(system, timeoutSeconds=0.6).cases
        slow = cases.filing(REFERENCE, sha256=DIGEST)
        answers.append(page(document()))
        began = time.monotonic()
        resting = [cases.filing(REFERENCE, sha256=DIGEST) for _ in range(8)]
        took, asked = time.monotonic() - began, len(system.asked)
        time.sleep(1.1)
        again = cases.filing(REFERENCE, sha256=DIGEST)

    assert ([Filing.UNREACHABLE] * 9, 1) == ([slow, *resting], asked)
    assert 0.5 > took
    assert Filing.FILED is again


def test_a_system_that_refuses_at_once_is_asked_again_at_once(tmp_path: Path, registers: Connect) -> None:
    answers = [Said(status=500)]
    with outside(tmp_path, lambda _: answers[-1]) as system:
        cases = registers(system).cases
        refused = cases.filing(REFERENCE, sha256=DIGEST)
        answers.append(page(document()))

        assert (Filing.UNREACHABLE, Filing.FILED) == (refused, cases.filing(REFERENCE, sha256=DIGEST))


def test_a_kept_connection_that_was_closed_meanwhile_is_made_anew(tmp_path: Path, registers: Connect) -> None:
    with outside(tmp_path, lambda _: Said(body=page(document()).body, headers={"Connection": "close"})) as system:
        cases = registers(system).cases
        assert [Filing.FILED] * 3 == [cases.filing(REFERENCE, sha256=DIGEST) for _ in range(3)]


# ---- Whom we talk to ---------------------------------------------------------------------------------------------


def test_a_certificate_of_another_authority_another_name_or_another_time_is_refused(
    tmp_path: Path, registers: Connect
) -> None:
    ours, theirs = trustme.CA(), trustme.CA()
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    for authority, certificate in (
        (ours, theirs.issue_cert("127.0.0.1")),
        (ours, ours.issue_cert("zaken.example")),
        (ours, ours.issue_cert("127.0.0.1", not_before=past, not_after=past + dt.timedelta(days=30))),
    ):
        with outside(tmp_path, lambda _: page(document()), authority=authority, certificate=certificate) as system:
            assert Filing.UNREACHABLE is registers(system).cases.filing(REFERENCE, sha256=DIGEST)
        assert [] == system.asked


def test_a_ca_file_of_the_settings_is_the_only_authority(tmp_path: Path, registers: Connect) -> None:
    with outside(tmp_path, lambda _: page(document())) as system:
        assert Filing.UNREACHABLE is registers(system, caFile=None).cases.filing(REFERENCE, sha256=DIGEST)


def test_a_refused_connection_and_one_that_nobody_answers_are_unreachable(tmp_path: Path, registers: Connect) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        system = Outside(f"https://127.0.0.1:{port}", tmp_path / "ca.pem", lambda _: Said())
        assert Filing.UNREACHABLE is registers(system, timeoutSeconds=0.3).cases.filing("x", sha256=DIGEST)
    assert Filing.UNREACHABLE is registers(system).cases.filing("x", sha256=DIGEST)


def test_an_old_protocol_is_not_spoken(tmp_path: Path, registers: Connect) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        tls.minimum_version = tls.maximum_version = ssl.TLSVersion.TLSv1_1
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    refused: list[str] = []

    def serve(listener: socket.socket) -> None:
        peer, _ = listener.accept()
        with peer:
            try:
                tls.wrap_socket(peer, server_side=True)
            except (ssl.SSLError, OSError) as error:
                refused.append(str(error))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        system = Outside(f"https://127.0.0.1:{listener.getsockname()[1]}", tmp_path / "ca.pem", lambda _: Said())
        found = registers(system).cases.filing("x", sha256=DIGEST)
        thread.join()

    assert Filing.UNREACHABLE is found
    assert 1 == len(refused)


# ---- The bar -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (said({"number": "A 1/é", "status": "registered"}), Standing.REGISTERED),
        (said({"number": "A 1/é", "status": "suspended"}), Standing.SUSPENDED),
        (said({"number": "A 1/é", "status": "struck-off"}), Standing.STRUCK_OFF),
        (said({}, 404), Standing.NOT_FOUND),
        (said({"number": "A 2", "status": "registered"}), Standing.UNREACHABLE),
        (said({"number": "A 1/é", "status": "not-found"}), Standing.UNREACHABLE),
        (said({"number": "A 1/é", "status": ["registered"]}), Standing.UNREACHABLE),
        (said({"number": "A 1/é", "status": "registered"}, 500), Standing.UNREACHABLE),
        (said({"number": "A 1/é", "status": "registered"}, 401), Standing.UNREACHABLE),
        (said(["registered"]), Standing.UNREACHABLE),
        (Said(body=b"registered"), Standing.UNREACHABLE),
    ],
)
def test_the_register_of_the_bar_says_how_a_lawyer_stands_or_nothing(
    tmp_path: Path, answer: Said, expected: Standing, registers: Connect
) -> None:
    with outside(tmp_path, lambda _: answer) as system:
        assert expected is registers(system).bar.standing("A 1/é", on=TODAY)

    path, headers = system.asked[0]
    assert "/api/v1/lawyers/A 1/é" == unquote(path)
    assert 4 == path.count("/")
    assert f"Bearer {SECRET.decode()}" == headers["Authorization"]


@pytest.mark.parametrize("number", ["..", ".", ""])
def test_a_number_that_would_lead_elsewhere_is_nobodys(tmp_path: Path, number: str, registers: Connect) -> None:
    with outside(tmp_path, lambda _: said({"number": number, "status": "registered"})) as system:
        assert Standing.NOT_FOUND is registers(system).bar.standing(number, on=TODAY)
    assert [] == system.asked


# ---- Settings ----------------------------------------------------------------------------------------------------


class _OldSuites:
    """A certificate of a server that speaks TLS 1.2 without AEAD alone."""

    def __init__(self, authority: trustme.CA) -> None:
        self._certificate = authority.issue_cert("127.0.0.1")

    def configure_cert(self, tls: ssl.SSLContext) -> None:
        self._certificate.configure_cert(tls)
        tls.maximum_version = ssl.TLSVersion.TLSv1_2
        tls.set_ciphers("ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256")


def test_a_register_that_speaks_less_than_the_tls_of_our_couriers_gets_no_question(
    tmp_path: Path, registers: Connect
) -> None:
    authority = trustme.CA()
    certificate = _OldSuites(authority)
    with outside(tmp_path, lambda _: said({}), authority=authority, certificate=certificate) as system:
        assert Standing.UNREACHABLE is registers(system).bar.standing("A1", on=TODAY)

    assert [] == system.asked


def test_whether_the_registers_answer_is_checked_without_asking_about_anybody(
    tmp_path: Path, registers: Connect
) -> None:
    with outside(tmp_path, lambda path: page() if "enkelvoudig" in path else said({}, 404)) as system:
        for _, register in to_check(registers(system)):
            register.check()
        assert ["case system", "bar register"] == [name for name, _ in to_check(registers(system))]
        system.answer = lambda _: Said(status=401)
        codes = []
        for _, register in to_check(registers(system)):
            with pytest.raises(SluisError) as caught:
                register.check()
            codes.append((caught.value.code, caught.value.where))

    unreachable = Code.REGISTER_UNREACHABLE
    assert [(unreachable, "registers.caseSystem"), (unreachable, "registers.barService")] == codes
    assert all("sluis-check" in path for path, _ in system.asked)


@pytest.mark.parametrize("spoil", ["open to others", "empty", "gone"])
def test_a_secret_that_others_may_read_or_that_is_not_there_is_refused(
    tmp_path: Path, registers: Connect, spoil: str
) -> None:
    secret = tmp_path / "zgw.secret"
    if spoil == "gone":
        secret.unlink()
    elif spoil == "empty":
        secret.write_bytes(b" \n")
    else:
        secret.chmod(0o640)
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))

    with pytest.raises(SluisError) as caught:
        registers(Outside("https://127.0.0.1:1", tmp_path / "ca.pem", lambda _: Said()))

    assert (Code.SETTING_INVALID, "registers.caseSystem.secretFile") == (caught.value.code, caught.value.where)
    assert SECRET.decode() not in str(caught.value)


@pytest.mark.parametrize(
    ("registers", "where"),
    [
        ({"caseFolder": "x", "caseSystem": {"url": "https://x", "clientId": "x", "secretFile": "x"}}, ""),
        ({"bar": "x", "barService": {"url": "https://x", "tokenFile": "x"}}, ""),
        ({"barService": {"url": "http://x", "tokenFile": "x"}}, ".barService.url"),
        ({"barService": {"url": "https://me@x", "tokenFile": "x"}}, ".barService.url"),
        ({"barService": {"url": "https://x?a=b", "tokenFile": "x"}}, ".barService.url"),
        ({"barService": {"url": "https://x", "tokenFile": "x", "verify": False}}, ".barService.verify"),
    ],
    ids=["two case systems", "two registers of the bar", "no tls", "credentials", "query", "without verification"],
)
def test_settings_that_let_two_systems_say_one_truth_or_weaken_tls_are_refused(
    tmp_path: Path, registers: dict[str, object], where: str
) -> None:
    whole = {"format": "sluis-site/1", "organisation": "DT&V", "seal": {"signingKey": "A" * 40}, "registers": registers}
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")

    with pytest.raises(SluisError) as caught:
        read_site_settings(tmp_path / "site.yaml")

    assert Code.SETTING_INVALID is caught.value.code
    assert [f"registers{where}"] == [place for place, _ in caught.value.faults]
