"""What the courier for the chain facility does when the far side is broken, hostile or somebody else."""

import asyncio
import datetime as dt
import json
import re
import socket
import ssl
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code, SluisError
from gateway.package.oin import Oin
from tests.chain_partner import Partner
from tests.chain_pki import OWN, PARTNER, STRANGER, Authority, Identity
from tests.integration.deliver.scripted_partner import (
    HOST,
    ScriptedPartner,
    Seen,
    problem,
    refusing,
    response,
    running,
    server_context,
)
from tests.unit.deliver.parcels import chain_parcel

_DAY = dt.timedelta(days=1)
Start = Callable[..., Awaitable[ScriptedPartner]]


@pytest.fixture
def site(tmp_path: Path) -> Partner:
    """Both sides' identities and files; no receiver runs."""
    return Partner(tmp_path)


@pytest.fixture
async def start(site: Partner, tmp_path: Path) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def begin(
            partner: ScriptedPartner | None = None,
            *,
            identity: Identity | None = None,
            asks: bool = True,
            context: ssl.SSLContext | None = None,
        ) -> ScriptedPartner:
            if context is None:
                context = server_context(identity or site.partner, tmp_path, root=site.root, asks=asks)
            return await stack.enter_async_context(running(partner or taking(site), context))

        yield begin


def taking(site: Partner, **changes: object) -> ScriptedPartner:
    """Make a partner that takes everything, and gives the right receipt but for these changes."""
    return ScriptedPartner(answer=lambda seen: response(201, site.partner.sign(seen.claims(**changes))))


async def deliver(site: Partner, partner: ScriptedPartner, **changes: object) -> DeliveryResult:
    courier = site.courier(url=partner.url, **changes)  # type: ignore[arg-type]  # any argument of it
    return await courier.deliver(chain_parcel())


def refused(result: DeliveryResult, code: Code) -> None:
    """Check that nothing can have gone, and that it is tried again."""
    assert (DeliveryOutcome.TRANSIENT, code) == (result.outcome, result.code)


# ---- the good way, as a measure for the rest -------------------------------------------------------------------


async def test_an_honest_partner_is_believed(site: Partner, start: Start) -> None:
    partner = await start()

    result = await deliver(site, partner)

    assert DeliveryOutcome.DELIVERED is result.outcome
    assert [chain_parcel().ciphertext.sha256] == [seen.claims()["sha256"] for seen in partner.seen]
    assert 3 == len(result.receipt.split("."))


@pytest.mark.parametrize("bits", [2048, 3072])
async def test_an_rsa_certificate_signs_receipts_too(bits: int, site: Partner, start: Start) -> None:
    identity = site.authority.issue(PARTNER, bits=bits)
    partner = await start(
        ScriptedPartner(answer=lambda seen: response(200, identity.sign(seen.claims()))), identity=identity
    )

    assert DeliveryOutcome.DELIVERED is (await deliver(site, partner)).outcome


async def test_each_request_has_its_own_transaction_and_each_delivery_one_key_and_trace(
    site: Partner, start: Start
) -> None:
    partner = await start()

    for _ in range(2):
        await deliver(site, partner)
    first, second = (seen.headers for seen in partner.seen)

    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", first["fsc-transaction-id"]
    )
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", first["traceparent"])
    assert first["fsc-transaction-id"] != second["fsc-transaction-id"]
    assert first["idempotency-key"] == second["idempotency-key"] == chain_parcel().name
    assert first["traceparent"][:36] == second["traceparent"][:36]
    assert first["traceparent"] != second["traceparent"]
    assert "cookie" not in first
    assert "application/jose" == first["content-type"]


async def test_a_request_says_the_trace_of_its_package(site: Partner, start: Start) -> None:
    partner = await start()
    said = f"00-{'4b' * 16}-{'0f' * 8}-01"

    await site.courier(url=partner.url).deliver(replace(chain_parcel(), traceparent=said))

    assert [said] == [seen.headers["traceparent"] for seen in partner.seen]


# ---- who is there ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_server_that_does_not_ask_who_we_are_gets_nothing(
    version: ssl.TLSVersion, site: Partner, start: Start, tmp_path: Path
) -> None:
    context = server_context(site.partner, tmp_path, root=site.root, asks=False)
    context.maximum_version = version
    partner = await start(context=context)

    refused(await deliver(site, partner), Code.CHAIN_NOT_MUTUAL)

    assert [] == partner.seen


async def test_another_authority_of_the_same_name_is_not_believed(site: Partner, start: Start) -> None:
    lookalike = Authority()
    partner = await start(identity=lookalike.issue(PARTNER))

    refused(await deliver(site, partner), Code.CHAIN_CERTIFICATE_INVALID)

    assert [] == partner.seen


async def test_the_systems_authorities_are_not_believed(
    site: Partner, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Authority("Everybody trusts this one")
    folder = tmp_path / "system"
    folder.mkdir()
    root, _ = other.write(folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(root))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    partner = await start(identity=other.issue(PARTNER))

    refused(await deliver(site, partner), Code.CHAIN_CERTIFICATE_INVALID)


async def test_a_certificate_for_another_host_is_not_believed(site: Partner, start: Start) -> None:
    partner = await start(identity=site.authority.issue(PARTNER, host="elders.example"))

    refused(await deliver(site, partner), Code.CHAIN_CERTIFICATE_INVALID)

    assert [] == partner.seen


async def test_an_expired_certificate_is_not_believed(site: Partner, start: Start) -> None:
    partner = await start(identity=site.authority.issue(PARTNER, lifetime=(-9 * _DAY, -_DAY)))

    refused(await deliver(site, partner), Code.CHAIN_CERTIFICATE_INVALID)


@pytest.mark.parametrize("oin", [STRANGER, None, "2000", PARTNER + "0"])
async def test_another_organisation_of_the_same_authority_gets_nothing(
    oin: str | None, site: Partner, start: Start
) -> None:
    partner = await start(identity=site.authority.issue(oin))

    refused(await deliver(site, partner), Code.CHAIN_WRONG_OIN)

    assert [] == partner.seen


async def test_a_certificate_that_tls_believes_and_nobody_can_read_gets_nothing(
    site: Partner, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenSSL takes what the library refuses; the package would be left in the middle of being sent."""
    partner = await start()

    def unreadable(_content: bytes) -> None:
        raise ValueError("unreadable")

    monkeypatch.setattr("gateway.deliver.chain_connection.read_certificate", unreadable)
    refused(await deliver(site, partner), Code.CHAIN_CERTIFICATE_INVALID)

    assert [] == partner.seen


async def test_a_revoked_certificate_gets_nothing(site: Partner, start: Start) -> None:
    site.authority.write(site.folder, site.authority.revocation_list(site.partner))
    partner = await start()

    refused(await deliver(site, partner), Code.CHAIN_CERTIFICATE_REVOKED)

    assert [] == partner.seen


async def test_a_list_that_comes_while_the_service_runs_counts_at_once(site: Partner, start: Start) -> None:
    partner = await start()
    courier = site.courier(url=partner.url)

    before = await courier.deliver(chain_parcel())
    site.authority.write(site.folder, site.authority.revocation_list(site.partner))
    after = await courier.deliver(chain_parcel())

    assert DeliveryOutcome.DELIVERED is before.outcome
    refused(after, Code.CHAIN_CERTIFICATE_REVOKED)


def _stale(site: Partner) -> None:
    site.authority.write(site.folder, site.authority.revocation_list(since=-9 * _DAY, until=-_DAY))


def _of_tomorrow(site: Partner) -> None:
    site.authority.write(site.folder, site.authority.revocation_list(since=_DAY))


def _of_another(site: Partner) -> None:
    other = Authority("Somebody else")
    site.authority.write(site.folder, other.revocation_list())


def _forged(site: Partner) -> None:
    site.authority.write(site.folder, Authority().revocation_list())


def _empty(site: Partner) -> None:
    for path in site.crls.iterdir():
        path.unlink()


def _gone(site: Partner) -> None:
    site.crls.rename(site.folder / "elsewhere")


def _unreadable(site: Partner) -> None:
    (site.crls / "1.crl").write_bytes(b"<html>Not found</html>")


@pytest.mark.parametrize("spoil", [_stale, _of_tomorrow, _of_another, _forged, _empty, _gone, _unreadable])
async def test_without_a_list_that_counts_today_nothing_goes(
    spoil: Callable[[Partner], None], site: Partner, start: Start
) -> None:
    spoil(site)
    partner = await start()

    refused(await deliver(site, partner), Code.CHAIN_REVOCATION_UNKNOWN)

    assert [] == partner.seen


async def test_a_list_in_der_counts_as_well(site: Partner, start: Start) -> None:
    _empty(site)
    (site.crls / "private-root.crl").write_bytes(site.authority.revocation_list().public_bytes(Encoding.DER))
    partner = await start()

    assert DeliveryOutcome.DELIVERED is (await deliver(site, partner)).outcome


# ---- how it is protected ---------------------------------------------------------------------------------------


async def test_a_server_with_tls_1_1_only_gets_nothing(site: Partner, start: Start, tmp_path: Path) -> None:
    context = server_context(site.partner, tmp_path, root=site.root)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    partner = await start(context=context)

    refused(await deliver(site, partner), Code.CHAIN_WITHOUT_TLS)

    assert [] == partner.seen


async def test_a_server_with_cbc_suites_only_gets_nothing(site: Partner, start: Start, tmp_path: Path) -> None:
    context = server_context(site.partner, tmp_path, root=site.root)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA256")
    partner = await start(context=context)

    refused(await deliver(site, partner), Code.CHAIN_WITHOUT_TLS)


async def test_a_server_that_speaks_in_clear_gets_nothing(site: Partner) -> None:
    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(response(200, b"welcome"))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(speak, HOST, 0)
    partner = ScriptedPartner(port=server.sockets[0].getsockname()[1])
    async with server:
        refused(await deliver(site, partner), Code.CHAIN_WITHOUT_TLS)


# ---- who we are ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("oin", "lifetime"),
    [("own", (-9 * _DAY, -_DAY)), ("own", (_DAY, 9 * _DAY)), (STRANGER, (-_DAY, _DAY)), (None, (-_DAY, _DAY))],
    ids=["expired", "not yet valid", "another OIN", "no OIN"],
)
async def test_with_a_certificate_of_our_own_that_does_not_count_nobody_is_called(
    oin: str | None, lifetime: tuple[dt.timedelta, dt.timedelta], site: Partner, start: Start
) -> None:
    own = site.authority.issue(OWN if oin == "own" else oin, lifetime=lifetime)
    partner = await start()

    refused(await deliver(site, partner, own=own.write(site.folder, "spoilt")), Code.CHAIN_OWN_CERTIFICATE)

    assert 0 == partner.connections


async def test_with_the_key_of_another_certificate_nobody_is_called(site: Partner, start: Start) -> None:
    _, key = site.partner.write(site.folder, "other")
    partner = await start()

    refused(await deliver(site, partner, own=(site.own_certificate, key)), Code.CHAIN_OWN_CERTIFICATE)

    assert 0 == partner.connections


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_partner_that_does_not_take_our_certificate_has_taken_nothing(
    version: ssl.TLSVersion, site: Partner, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    root, _ = Authority("Another").write(elsewhere)
    context = server_context(site.partner, tmp_path, root=root)
    context.maximum_version = version

    with refusing(context) as partner:
        refused(await deliver(site, partner), Code.CHAIN_NOT_ADMITTED)


async def test_without_its_line_in_the_transaction_log_nothing_goes(site: Partner, start: Start) -> None:
    site.transactions.mkdir()
    partner = await start()

    refused(await deliver(site, partner), Code.AUDIT_UNAVAILABLE)

    assert 0 == partner.connections


async def test_the_line_in_the_transaction_log_is_there_before_the_request(site: Partner, start: Start) -> None:
    lines: list[dict[str, str]] = []

    def answer(seen: Seen) -> bytes:
        lines.extend(json.loads(line) for line in site.transactions.read_text().splitlines())
        return response(201, site.partner.sign(seen.claims()))

    partner = await start(ScriptedPartner(answer=answer))
    await deliver(site, partner)

    (line,) = lines
    assert partner.seen[0].headers["fsc-transaction-id"] == line["transaction_id"]
    assert ("DIRECTION_OUTGOING", PARTNER, "sluis-deliveries", "$1$4$x") == (
        line["direction"],
        line["destination"],
        line["service_name"],
        line["grant_hash"],
    )
    assert line["created_at"].endswith("Z")


# ---- receipts --------------------------------------------------------------------------------------------------

_WRONG: dict[str, dict[str, object]] = {
    "another transaction": {"transactionId": "0190b3a0-0000-7000-8000-000000000000"},
    "another delivery": {"idempotencyKey": "f" * 40},
    "another digest": {"sha256": "0" * 64},
    "another size": {"size": 1},
    "another sender": {"sender": STRANGER},
    "another receiver": {"receiver": STRANGER},
    "another form": {"format": "sluis-receipt/2"},
    "no time": {"receivedAt": None},
}


@pytest.mark.parametrize("changes", _WRONG.values(), ids=_WRONG.keys())
async def test_a_receipt_for_something_else_is_none(changes: dict[str, object], site: Partner, start: Start) -> None:
    partner = await start(taking(site, **changes))

    result = await deliver(site, partner)

    assert (DeliveryOutcome.UNCERTAIN, Code.CHAIN_RECEIPT_INVALID, "") == (result.outcome, result.code, result.receipt)


_FORGED: dict[str, Callable[[Partner, Seen], bytes]] = {
    "garbage": lambda _, __: b"\x00\xff<html>OK</html>",
    "nothing": lambda _, __: b"",
    "unsigned": lambda _, seen: json.dumps(seen.claims()).encode(),
    "signed by somebody of the same authority": lambda site, seen: site.authority.issue(PARTNER).sign(seen.claims()),
    "signed by somebody in the partner's name": lambda site, seen: site.authority.issue(STRANGER).sign(
        seen.claims(), names=site.partner
    ),
    "signed by nobody": lambda site, seen: site.partner.sign(seen.claims(), algorithm="none"),
    "signed by our own key": lambda site, seen: site.own.sign(seen.claims()),
    "naming another certificate": lambda site, seen: site.partner.sign(seen.claims(), names=site.own),
    "of a list": lambda site, seen: site.partner.sign([seen.claims()]),
    "with another end": lambda site, seen: site.partner.sign(seen.claims())[:-8] + b"AAAAAAAA",
}


@pytest.mark.parametrize("forge", _FORGED.values(), ids=_FORGED.keys())
@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_a_success_with_garbage_is_no_receipt(
    status: int, forge: Callable[[Partner, Seen], bytes], site: Partner, start: Start
) -> None:
    body = b"" if status == 204 else None
    partner = await start(
        ScriptedPartner(answer=lambda seen: response(status, forge(site, seen) if body is None else body))
    )

    result = await deliver(site, partner)

    assert (DeliveryOutcome.UNCERTAIN, Code.CHAIN_RECEIPT_INVALID, "") == (result.outcome, result.code, result.receipt)


async def test_a_huge_answer_is_not_read_to_its_end(site: Partner, start: Start) -> None:
    partner = await start(ScriptedPartner(flood=True))

    result = await deliver(site, partner)

    assert (DeliveryOutcome.UNCERTAIN, Code.CHAIN_RECEIPT_INVALID) == (result.outcome, result.code)
    assert partner.written < 32 * 1024 * 1024


async def test_an_answer_with_endless_headers_is_none(site: Partner, start: Start) -> None:
    partner = await start(ScriptedPartner(answer=lambda _: b"HTTP/1.1 201 X\r\n" + b"X: y\r\n" * 400_000))

    result = await deliver(site, partner)

    assert (DeliveryOutcome.UNCERTAIN, Code.CHAIN_OUTCOME_UNKNOWN) == (result.outcome, result.code)


# ---- answers ---------------------------------------------------------------------------------------------------

_ANSWERS = {
    **dict.fromkeys([408, 425, 429, 503], (DeliveryOutcome.TRANSIENT, Code.CHAIN_DEFERRED)),
    **dict.fromkeys([401, 403, 404, 405, 407], (DeliveryOutcome.TRANSIENT, Code.CHAIN_NOT_ADMITTED)),
    **dict.fromkeys([300, 301, 302, 303, 307, 308], (DeliveryOutcome.TRANSIENT, Code.CHAIN_NOT_ADMITTED)),
    **dict.fromkeys([409, 500, 502, 504, 599], (DeliveryOutcome.UNCERTAIN, Code.CHAIN_OUTCOME_UNKNOWN)),
    **dict.fromkeys([400, 410, 411, 413, 415, 422, 451], (DeliveryOutcome.PERMANENT, Code.CHAIN_REFUSED)),
}


@pytest.mark.parametrize(("status", "expected"), _ANSWERS.items())
async def test_each_status_means_what_the_catalogue_says(
    status: int, expected: tuple[DeliveryOutcome, Code], site: Partner, start: Start
) -> None:
    partner = await start(ScriptedPartner(answer=lambda _: problem(status)))

    result = await deliver(site, partner)

    assert (*expected, status) == (result.outcome, result.code, result.status)


async def test_what_the_partner_says_of_a_problem_stays_with_it(site: Partner, start: Start) -> None:
    partner = await start(ScriptedPartner(answer=lambda _: problem(400, "V-nummer 0123456789 is onbekend")))

    assert "0123456789" not in repr(await deliver(site, partner))


@pytest.mark.parametrize(
    ("said", "seconds"), [("120", 120), ("0", 0), ("-5", 0), ("Fri, 20 Nov 2026 10:00:00 GMT", 0), ("9" * 40, 0)]
)
async def test_retry_after_is_passed_on_in_seconds(said: str, seconds: int, site: Partner, start: Start) -> None:
    partner = await start(ScriptedPartner(answer=lambda _: problem(503, Retry_After=said)))

    assert seconds == (await deliver(site, partner)).retry_after_seconds


async def test_a_redirect_is_never_followed(site: Partner, start: Start) -> None:
    elsewhere = await start()
    partner = await start(ScriptedPartner(answer=lambda _: response(307, Location=f"{elsewhere.url}/deliveries")))

    refused(await deliver(site, partner), Code.CHAIN_NOT_ADMITTED)

    assert 0 == elsewhere.connections


async def test_proxies_of_the_environment_are_not_used(
    site: Partner, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    partner = await start()

    assert DeliveryOutcome.DELIVERED is (await deliver(site, partner)).outcome


# ---- connections that break ------------------------------------------------------------------------------------


async def test_a_connection_that_is_cut_after_the_body_leaves_the_outcome_unknown(site: Partner, start: Start) -> None:
    partner = await start(ScriptedPartner(cut=True))

    result = await deliver(site, partner)

    assert (DeliveryOutcome.UNCERTAIN, Code.CHAIN_OUTCOME_UNKNOWN) == (result.outcome, result.code)
    assert 1 == len(partner.seen)


async def test_a_server_that_hangs_after_the_body_leaves_the_outcome_unknown(site: Partner, start: Start) -> None:
    partner = await start(ScriptedPartner(hang=True))

    result = await deliver(site, partner, timeout_seconds=1)

    assert (DeliveryOutcome.UNCERTAIN, Code.CHAIN_OUTCOME_UNKNOWN) == (result.outcome, result.code)


async def test_a_server_that_answers_byte_by_byte_gains_no_time(site: Partner, start: Start) -> None:
    partner = taking(site)
    partner.drip = True
    await start(partner)
    begun = asyncio.get_running_loop().time()

    result = await deliver(site, partner, timeout_seconds=1)

    assert DeliveryOutcome.UNCERTAIN is result.outcome
    assert asyncio.get_running_loop().time() - begun < 10


async def test_a_server_that_never_finishes_the_handshake_has_taken_nothing(site: Partner) -> None:
    # The kernel accepts, and nobody ever reads.
    with socket.create_server((HOST, 0)) as server:
        partner = ScriptedPartner(port=server.getsockname()[1])

        refused(await deliver(site, partner, timeout_seconds=1), Code.CHAIN_UNREACHABLE)


async def test_a_question_that_fails_says_nothing_about_the_parcel(site: Partner, start: Start) -> None:
    partner = await start(ScriptedPartner(cut=True))

    result = await site.courier(url=partner.url).probe(chain_parcel())

    assert result is not None
    refused(result, Code.CHAIN_OUTCOME_UNKNOWN)


@pytest.mark.parametrize("status", [400, 409, 410, 500, 503])
async def test_no_failure_of_a_question_says_that_a_parcel_is_lost(status: int, site: Partner, start: Start) -> None:
    partner = await start(ScriptedPartner(answer=lambda _: problem(status)))

    result = await site.courier(url=partner.url).probe(chain_parcel())

    assert result is not None
    refused(result, Code.CHAIN_DEFERRED)


async def test_a_page_that_is_not_found_at_another_server_is_no_answer(site: Partner, start: Start) -> None:
    partner = await start(
        ScriptedPartner(answer=lambda _: response(404, b"<h1>Not found</h1>", Content_Type="text/html"))
    )
    courier = site.courier(url=partner.url)

    result = await courier.probe(chain_parcel())
    with pytest.raises(SluisError) as caught:
        await courier.check()

    assert result is not None
    refused(result, Code.CHAIN_NOT_ADMITTED)
    assert (Code.CHAIN_NOT_ADMITTED, Oin(PARTNER)) == (caught.value.code, caught.value.where)


async def test_an_organisation_that_the_settings_do_not_know_waits(site: Partner, start: Start) -> None:
    partner = await start()

    result = await site.courier(url=partner.url).deliver(chain_parcel(address=STRANGER))

    refused(result, Code.CHAIN_PEER_UNKNOWN)
    assert 0 == partner.connections
