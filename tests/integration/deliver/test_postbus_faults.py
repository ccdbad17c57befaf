"""The postbus courier before pick-up services and mail servers that fail: a result each time, and no link too early."""

import datetime as dt
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from gateway.deliver.domain_limits import DomainLimits
from gateway.deliver.notice_mail import NoticeMail, NoticeMailer
from gateway.deliver.port import POSTBUS_FAULTS, Lies
from gateway.deliver.postbus import PostbusCourier, PostbusSettings
from gateway.deliver.retry import RetryPolicy
from gateway.deliver.settling import Attempt, settle
from gateway.deliver.smtp import SmtpSettings
from gateway.entrypoints.demo.mail_server import MailServer
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code, SluisError
from gateway.package.pickup import PickUp
from gateway.package.problems import PROBLEMS
from gateway.package.states import DeliveryState
from tests.unit.deliver.parcels import POSTBUS_UNTIL, postbus_parcel

PARCEL = postbus_parcel()
PICKUP = PickUp(secret="0f" * 32, code="ABCDE23456", until=POSTBUS_UNTIL)
REPORT = '{"ended": "%s", "opened": false, "wrong": 0, "receipts": [], "sha256": "' + PARCEL.ciphertext.sha256 + '"}'


@dataclass
class FarSide:
    """A pick-up service that answers as a test says, by method; it keeps what it was shown."""

    answers: dict[str, tuple[int, str]]
    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    traces: list[str | None] = field(default_factory=list)


class Mailer(NoticeMailer):
    """Counts the links that went out."""

    def __init__(self, server: MailServer) -> None:
        settings = SmtpSettings(
            host=server.host,
            port=server.port,
            ca_file=server.ca_file,
            from_address="verzending@sluis.example",
            local_hostname="sluis.example",
        )
        super().__init__(settings=settings, from_name="Sluis")
        self.links = 0
        self.status: int | None = 250

    async def deliver(self, mail: NoticeMail, /) -> int | None:
        self.links += 1
        return self.status if self.status != 250 else await super().deliver(mail)


@pytest.fixture(scope="module")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with MailServer(tmp_path_factory.mktemp("mail")) as server:
        yield server


@pytest.fixture
def mailer(mail_server: MailServer) -> Mailer:
    return Mailer(mail_server)


@contextmanager
def far_side(
    folder: Path, put: tuple[int, str], get: tuple[int, str] = (200, REPORT % ""), *, fresh: bool = False
) -> Iterator[FarSide]:
    """Serve; a `fresh` one says that nothing lies there until something was brought."""
    system = FarSide({"PUT": put, "GET": (404, "unknown") if fresh else get, "DELETE": put})
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            system.asked.append((self.command, self.headers.get("Authorization", "")))
            system.traces.append(self.headers.get("traceparent"))
            status, body = system.answers[self.command]
            if self.command == "PUT":
                system.answers["GET"] = get
            self.send_response(status)
            if status == 302:
                self.send_header("Location", body or f"{system.url}/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_PUT = do_GET = do_DELETE = answer  # noqa: N815 - the library's own names.

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name.
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # The library's own hook.
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    system.url = f"https://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield system
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def courier(system: FarSide, mailer: Mailer, ca_file: Path, *, domains: DomainLimits | None = None) -> PostbusCourier:
    return PostbusCourier(
        settings=PostbusSettings(
            url="https://postbus.example", push_url=system.url, ca_file=ca_file, token="t", timeout_seconds=10
        ),
        mailer=mailer,
        domains=domains or DomainLimits(at_once=None, per_minute=None, now=time.monotonic),
        render=lambda _language, context: f"Een pakket\n\n{context['link']}\n",
        now=lambda: dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC),
    )


@pytest.mark.parametrize(
    ("put", "get", "code"),
    [
        ((200, "garbage"), (200, "garbage"), Code.POSTBUS_NOT_AS_AGREED),
        ((201, ""), (200, "{}"), Code.POSTBUS_NOT_AS_AGREED),
        ((201, ""), (404, "unknown"), Code.POSTBUS_NOT_AS_AGREED),
        ((201, ""), (404, "<html>another site</html>"), Code.POSTBUS_NOT_AS_AGREED),
        (
            (201, ""),
            (200, (REPORT % "").replace(PARCEL.ciphertext.sha256, "0" * 64)),
            Code.POSTBUS_NOT_AS_AGREED,
        ),
        ((302, ""), (200, REPORT % ""), Code.POSTBUS_NOT_AS_AGREED),
        # Two attacks: a report without end, and a redirect to what is no address.
        ((201, ""), (200, REPORT % "" + " " * (1 << 20)), Code.POSTBUS_NOT_AS_AGREED),
        ((302, "/" + "a" * 65_530), (200, REPORT % ""), Code.POSTBUS_UNREACHABLE),
        ((401, ""), (200, REPORT % ""), Code.POSTBUS_NOT_ADMITTED),
        ((201, ""), (401, ""), Code.POSTBUS_NOT_ADMITTED),
        ((500, ""), (200, REPORT % ""), Code.POSTBUS_UNREACHABLE),
        ((201, ""), (503, "<html>maintenance</html>"), Code.POSTBUS_UNREACHABLE),
    ],
)
async def test_a_service_that_answers_with_garbage_or_not_as_agreed_gets_no_link_mailed(
    tmp_path: Path, mailer: Mailer, put: tuple[int, str], get: tuple[int, str], code: Code
) -> None:
    with far_side(tmp_path, put, get, fresh=True) as system:
        bringing = courier(system, mailer, tmp_path / "ca.pem")
        result = await bringing.deliver(PARCEL)
        await bringing.aclose()

    assert (DeliveryOutcome.TRANSIENT, code) == (result.outcome, result.code)
    assert 0 == mailer.links
    assert (DeliveryState.WAITING, code) == stands(result)


def stands(result: DeliveryResult) -> tuple[DeliveryState, str]:
    """Say where a first attempt that came to this leaves its delivery."""
    at = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
    attempt = Attempt(number=1, first_tried_at=at, at=at, in_doubt=False, resend_when_uncertain=True)
    settled = settle(result, attempt=attempt, policy=RetryPolicy(), jitter=0)
    return settled.state, settled.code


def test_each_fault_of_the_service_has_a_sentence_and_a_remedy_of_its_own() -> None:
    said = [PROBLEMS[code] for code in POSTBUS_FAULTS]

    assert len(POSTBUS_FAULTS) == len({each.title for each in said}) == len({each.remedy for each in said})
    assert all(each.retryable for each in said)


async def test_a_service_whose_disk_is_full_is_told_as_such_and_its_package_waits(
    tmp_path: Path, mailer: Mailer
) -> None:
    with far_side(tmp_path, (507, "not-kept"), (404, "unknown")) as system:
        bringing = courier(system, mailer, tmp_path / "ca.pem")
        result = await bringing.deliver(PARCEL)
        await bringing.aclose()

    assert (DeliveryOutcome.TRANSIENT, Code.POSTBUS_FULL, 0) == (result.outcome, result.code, mailer.links)


async def test_a_parcel_is_brought_with_the_trace_of_its_package(tmp_path: Path, mailer: Mailer) -> None:
    said = f"00-{'4b' * 16}-{'0f' * 8}-01"
    with far_side(tmp_path, (201, ""), (200, REPORT % ""), fresh=True) as system:
        bringing = courier(system, mailer, tmp_path / "ca.pem")
        await bringing.deliver(replace(PARCEL, traceparent=said))
        await bringing.aclose()

    traces = dict(zip((method for method, _ in system.asked), system.traces, strict=True))
    assert said == traces["PUT"]


async def test_a_service_that_does_not_admit_us_is_not_brought_a_byte(tmp_path: Path, mailer: Mailer) -> None:
    with far_side(tmp_path, (201, ""), (401, "")) as system:
        bringing = courier(system, mailer, tmp_path / "ca.pem")
        await bringing.deliver(PARCEL)
        await bringing.aclose()

    assert ["GET"] == [method for method, _ in system.asked]


async def test_a_service_that_nobody_runs_is_told_as_not_answering(tmp_path: Path, mailer: Mailer) -> None:
    with far_side(tmp_path, (201, "")) as system:
        pass
    bringing = courier(system, mailer, tmp_path / "ca.pem")
    result = await bringing.deliver(PARCEL)
    await bringing.aclose()

    assert (DeliveryOutcome.TRANSIENT, Code.POSTBUS_UNREACHABLE) == (result.outcome, result.code)


async def test_the_mail_with_the_link_keeps_to_what_one_domain_gets_of_all_our_mail(
    tmp_path: Path, mailer: Mailer
) -> None:
    domains = DomainLimits(at_once=1, per_minute=1, now=time.monotonic)
    with far_side(tmp_path, (201, "")) as system:
        bringing = courier(system, mailer, tmp_path / "ca.pem", domains=domains)
        async with domains.turn(PARCEL.address):
            # A mail of another kind has had this minute's turn.
            pass
        result = await bringing.deliver(PARCEL)
        reminded = await bringing.remind(PARCEL.name, address=PARCEL.address, pickup=PICKUP)
        await bringing.aclose()

    assert (DeliveryOutcome.TRANSIENT, Code.MAIL_DOMAIN_LIMIT) == (result.outcome, result.code)
    assert (False, 0) == (reminded, mailer.links)


async def test_an_answer_of_the_mail_server_that_says_nothing_is_doubt_about_the_link_and_told_as_such(
    tmp_path: Path, mailer: Mailer
) -> None:
    mailer.status = 399
    with far_side(tmp_path, (201, "")) as system:
        bringing = courier(system, mailer, tmp_path / "ca.pem")
        result = await bringing.deliver(PARCEL)
        await bringing.aclose()

    assert (DeliveryOutcome.UNCERTAIN, Code.POSTBUS_OUTCOME_UNKNOWN) == (result.outcome, result.code)


@pytest.mark.parametrize("status", [409, 413, 422])
async def test_a_service_that_does_not_take_a_package_ends_its_delivery(
    tmp_path: Path, mailer: Mailer, status: int
) -> None:
    with far_side(tmp_path, (status, "no"), fresh=True) as system:
        bringing = courier(system, mailer, tmp_path / "ca.pem")
        result = await bringing.deliver(PARCEL)
        await bringing.aclose()

    assert (DeliveryOutcome.PERMANENT, Code.POSTBUS_REFUSED, 0) == (result.outcome, result.code, mailer.links)


async def test_a_parcel_that_lies_there_already_is_not_brought_again_and_its_link_goes(
    tmp_path: Path, mailer: Mailer
) -> None:
    """Its first attempt brought it, and the mail server did not take the link."""
    with far_side(tmp_path, (500, "")) as system:
        bringing = courier(system, mailer, tmp_path / "ca.pem")
        result = await bringing.deliver(PARCEL)
        await bringing.aclose()

    assert (DeliveryOutcome.SENT, ["GET"]) == (result.outcome, [method for method, _ in system.asked])


async def test_another_authority_is_not_believed_and_is_not_shown_the_token(tmp_path: Path, mailer: Mailer) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    with far_side(tmp_path, (201, "")) as system:
        bringing = courier(system, mailer, other)
        result = await bringing.deliver(PARCEL)
        await bringing.aclose()

    assert (DeliveryOutcome.TRANSIENT, Code.POSTBUS_NOT_TRUSTED) == (result.outcome, result.code)
    assert ([], 0) == (system.asked, mailer.links)


@pytest.mark.parametrize(
    ("status", "outcome", "code"),
    [
        (None, DeliveryOutcome.TRANSIENT, Code.MAIL_UNREACHABLE),
        (451, DeliveryOutcome.TRANSIENT, Code.MAIL_DEFERRED),
        (550, DeliveryOutcome.PERMANENT, Code.MAIL_REFUSED),
    ],
)
async def test_a_link_that_the_mail_server_does_not_take_is_no_delivery(
    tmp_path: Path, mailer: Mailer, status: int | None, outcome: DeliveryOutcome, code: Code
) -> None:
    mailer.status = status
    with far_side(tmp_path, (201, "")) as system:
        bringing = courier(system, mailer, tmp_path / "ca.pem")
        result = await bringing.deliver(PARCEL)
        await bringing.aclose()

    assert (outcome, code) == (result.outcome, result.code)


async def test_two_attempts_mail_the_same_link_under_the_same_message_id(
    tmp_path: Path, mailer: Mailer, mail_server: MailServer
) -> None:
    before = len(mail_server.messages())
    with far_side(tmp_path, (201, "")) as system:
        bringing = courier(system, mailer, tmp_path / "ca.pem")
        for _ in range(2):
            assert DeliveryOutcome.SENT is (await bringing.deliver(PARCEL)).outcome
        await bringing.aclose()
    mails = [each.content for each in mail_server.messages()[before:]]

    assert 2 == len(mails)
    assert 1 == len({next(line for line in each.splitlines() if line.startswith(b"Message-ID")) for each in mails})
    assert PARCEL.name.encode() not in next(line for line in mails[0].splitlines() if line.startswith(b"Message-ID"))


@pytest.mark.parametrize(
    ("get", "code"),
    [
        ((200, "garbage"), Code.POSTBUS_NOT_AS_AGREED),
        ((200, REPORT % "another-end"), Code.POSTBUS_NOT_AS_AGREED),
        ((500, ""), Code.POSTBUS_UNREACHABLE),
    ],
)
async def test_what_is_not_understood_of_a_parcel_changes_nothing(
    tmp_path: Path, mailer: Mailer, get: tuple[int, str], code: Code
) -> None:
    with far_side(tmp_path, (500, ""), get) as system:
        asking = courier(system, mailer, tmp_path / "ca.pem")
        with pytest.raises(SluisError) as standing:
            await asking.standing(PARCEL.name)
        with pytest.raises(SluisError) as recall:
            await asking.recall(PARCEL.name)
        assert await asking.probe(PARCEL) is None or get[0] == 200
        await asking.aclose()

    assert (code, Code.POSTBUS_UNREACHABLE) == (standing.value.code, recall.value.code)


async def test_another_servers_not_found_is_not_told_as_taken_back(tmp_path: Path, mailer: Mailer) -> None:
    """A proxy that leads to the wrong place: the parcel still lies where its link leads."""
    with far_side(tmp_path, (404, "<html>another site</html>")) as system:
        asking = courier(system, mailer, tmp_path / "ca.pem")
        with pytest.raises(SluisError) as recall:
            await asking.recall(PARCEL.name)
        await asking.aclose()

    assert Code.POSTBUS_NOT_AS_AGREED is recall.value.code


async def test_no_setting_of_the_environment_makes_the_courier_write_down_the_keys_of_its_connections(
    tmp_path: Path, mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(written))
    with far_side(tmp_path, (201, "")) as system:
        asking = courier(system, mailer, tmp_path / "ca.pem")
        monkeypatch.delenv("SSLKEYLOGFILE")
        await asking.standing(PARCEL.name)
        await asking.aclose()

    assert b"CLIENT" not in (written.read_bytes() if written.exists() else b"")


async def test_a_parcel_that_the_service_lost_is_not_said_to_be_undelivered_or_taken_back_for_certain(
    tmp_path: Path, mailer: Mailer
) -> None:
    with far_side(tmp_path, (404, "unknown"), (404, "unknown")) as system:
        asking = courier(system, mailer, tmp_path / "ca.pem")
        standing = await asking.standing(PARCEL.name)
        recalled = await asking.recall(PARCEL.name)
        await asking.aclose()

    assert (Lies.EXPIRED, True, 0) == (standing.lies, standing.opened, standing.receipts)
    assert not recalled
