"""The courier and the reference receiver of `deploy/` together, over the wire."""

import asyncio
import json
import re
import secrets
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from gateway.package.delivery_results import DeliveryOutcome
from gateway.package.errors import Code
from tests.chain_partner import HOST, Partner
from tests.chain_pki import OWN, PARTNER, STRANGER, Identity
from tests.unit.deliver.parcels import chain_parcel

_TRANSACTION = "0190b3a0-1111-7222-8333-444444444444"


@pytest.fixture(scope="module")
def partner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    with Partner(tmp_path_factory.mktemp("partner")).running() as running:
        yield running


def client(partner: Partner, *, identity: Identity | None = None) -> httpx.Client:
    """Make a plain client with a certificate of the authority."""
    context = ssl.create_default_context(cafile=partner.root)
    context.load_cert_chain(*(identity or partner.own).write(partner.folder, "client"))
    return httpx.Client(verify=context, base_url=partner.url, trust_env=False)


def headers(**changes: str) -> dict[str, str]:
    return {
        "Content-Type": "application/jose",
        "Fsc-Transaction-Id": _TRANSACTION,
        "Idempotency-Key": secrets.token_hex(20),
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }


@asynccontextmanager
async def cutting(port: int, *, after_bytes: int) -> AsyncIterator[int]:
    """Stand between, pass all to the server, and cut once so much has gone there and the server has answered.

    Only the first connection that comes so far is cut.
    """
    cut = False

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(HOST, port)
        passed = 0

        async def there() -> None:
            nonlocal passed
            while content := await reader.read(65_536):
                passed += len(content)
                server_writer.write(content)

        async def back() -> None:
            nonlocal cut
            while content := await server_reader.read(65_536):
                if passed > after_bytes and not cut:
                    cut = True
                    # The receiver has it, and says so; nobody hears it.
                    await server_reader.read()
                    return
                writer.write(content)

        going = asyncio.create_task(there())
        with suppress(OSError):
            await back()
        going.cancel()
        for each in (writer, server_writer):
            each.transport.abort()

    server = await asyncio.start_server(serve, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0.05)


async def test_a_parcel_whose_receipt_got_lost_is_found_and_does_not_go_twice(tmp_path: Path) -> None:
    parcel = chain_parcel(secrets.token_bytes(200_000))
    with Partner(tmp_path).running() as partner:
        async with cutting(partner.port, after_bytes=100_000) as port:
            lost = await partner.courier(url=f"https://{HOST}:{port}/sluis/v1").deliver(parcel)
        found = await partner.courier().probe(parcel)
        again = await partner.courier().deliver(parcel)

        assert (DeliveryOutcome.UNCERTAIN, Code.CHAIN_OUTCOME_UNKNOWN) == (lost.outcome, lost.code)
        assert found is not None
        assert DeliveryOutcome.DELIVERED is found.outcome
        assert found.receipt
        assert (DeliveryOutcome.DELIVERED, 200) == (again.outcome, again.status)
        assert 1 == len(partner.arrived())


async def test_other_content_under_a_name_that_came_before_is_refused_for_good(partner: Partner) -> None:
    first = await partner.courier().deliver(chain_parcel(b"one"))
    second = await partner.courier().deliver(chain_parcel(b"two"))

    assert DeliveryOutcome.DELIVERED is first.outcome
    assert (DeliveryOutcome.PERMANENT, Code.CHAIN_REFUSED, 422) == (second.outcome, second.code, second.status)


async def test_a_receiver_that_opens_refuses_what_it_can_not_open(tmp_path: Path) -> None:
    with Partner(tmp_path).running(opens=True) as partner:
        result = await partner.courier().deliver(chain_parcel())

        assert (DeliveryOutcome.PERMANENT, Code.CHAIN_REFUSED, 400) == (result.outcome, result.code, result.status)
        assert [] == partner.arrived()


async def test_our_own_certificate_when_it_is_revoked_opens_no_door(tmp_path: Path) -> None:
    partner = Partner(tmp_path)
    partner.authority.write(tmp_path, partner.authority.revocation_list(partner.own))
    with partner.running():
        result = await partner.courier().deliver(chain_parcel())

        assert result.outcome in {DeliveryOutcome.TRANSIENT, DeliveryOutcome.UNCERTAIN}
        assert result.code in {Code.CHAIN_NOT_ADMITTED, Code.CHAIN_OUTCOME_UNKNOWN}
        assert [] == partner.arrived()


def test_without_a_certificate_there_is_no_answer(partner: Partner) -> None:
    context = ssl.create_default_context(cafile=partner.root)

    with httpx.Client(verify=context, trust_env=False) as nobody, pytest.raises(httpx.TransportError):
        nobody.get(f"{partner.url}/openapi.json")


def test_another_organisation_of_the_same_authority_is_not_admitted(partner: Partner) -> None:
    with client(partner, identity=partner.authority.issue(STRANGER)) as stranger:
        answer = stranger.post("/deliveries", content=b"x", headers=headers())

    assert 403 == answer.status_code
    assert "sender-unknown" == answer.json()["code"]


@pytest.mark.parametrize(
    ("path", "changes", "status"),
    [
        ("/deliveries/", {}, 404),
        ("/elsewhere", {}, 404),
        ("/deliveries", {"Content_Type": "application/json"}, 415),
        ("/deliveries", {"Idempotency_Key": "../../etc/passwd"}, 400),
        ("/deliveries", {"Idempotency_Key": ""}, 400),
        ("/deliveries", {"Fsc_Transaction_Id": "0190b3a0-1111-4222-8333-444444444444"}, 400),
    ],
)
def test_what_is_not_right_is_a_problem_with_a_code_and_leaves_nothing(
    path: str, changes: dict[str, str], status: int, partner: Partner
) -> None:
    before = partner.arrived()
    with client(partner) as sender:
        answer = sender.post(path, content=b"x" * 300_000, headers=headers(**changes))

    assert status == answer.status_code == answer.json()["status"]
    assert {"type", "title", "status", "detail", "code"} == set(answer.json())
    assert "application/problem+json" == answer.headers["Content-Type"]
    assert before == partner.arrived()


def test_every_answer_has_the_headers_of_the_design_rules(partner: Partner) -> None:
    with client(partner) as sender:
        answers = [
            sender.get("/openapi.json", headers=headers()),
            sender.get(f"/deliveries/{'a' * 40}", headers=headers()),
            sender.post("/deliveries", content=b"x", headers=headers()),
        ]

    assert [200, 404, 201] == [answer.status_code for answer in answers]
    for answer in answers:
        assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", answer.headers["API-Version"])
        assert "no-store" == answer.headers["Cache-Control"]
        assert "nosniff" == answer.headers["X-Content-Type-Options"]
        assert answer.headers["Strict-Transport-Security"]


def test_each_request_is_in_the_receivers_transaction_log(partner: Partner) -> None:
    with client(partner) as sender:
        sender.get(f"/deliveries/{'a' * 40}", headers=headers())
    lines = [json.loads(line) for line in (partner.store / "fsc-transactions.jsonl").read_text().splitlines()]

    assert {
        "transaction_id": _TRANSACTION,
        "direction": "DIRECTION_INCOMING",
        "source": OWN,
        "destination": PARTNER,
    } == {key: lines[-1][key] for key in ("transaction_id", "direction", "source", "destination")}


async def test_both_logs_name_the_same_transactions(tmp_path: Path) -> None:
    with Partner(tmp_path).running() as partner:
        await partner.courier().deliver(chain_parcel())
        await partner.courier().probe(chain_parcel())
        theirs = (partner.store / "fsc-transactions.jsonl").read_text().splitlines()
        ours = partner.transactions.read_text().splitlines()

        assert 2 == len(ours)
        assert [json.loads(line)["transaction_id"] for line in theirs] == [
            json.loads(line)["transaction_id"] for line in ours
        ]
