"""Keys over the API: brought by one person, trusted by another, retired by two; the own one, and a test."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from starlette.types import ASGIApp

from gateway.entrypoints.api.port import TokenGrant
from gateway.package.ids import Fingerprint
from tests.contract.api.conftest import OTHER_UID, UID, client_as
from tests.contract.api.fake_gateway import ALL_SCOPES, FakeGateway, caseworker
from tests.contract.api.fake_keys import MUNICIPALITY, NEW, OWN, PINNED
from tests.contract.api.test_packages import problem

FILE = base64.b64encode(b"-----BEGIN PGP PUBLIC KEY BLOCK-----").decode()
BROUGHT = {"recipient": MUNICIPALITY, "source": "brief van 20 november", "content": FILE}
NAMED = {"recipient": MUNICIPALITY, "fingerprint": NEW}


@pytest.fixture
async def brings(app: ASGIApp, gateway: FakeGateway) -> AsyncIterator[httpx.AsyncClient]:
    gateway.people[UID] = caseworker(roles=("administrator", "privacy-officer"))
    async with client_as(app, UID) as opened:
        yield opened


@pytest.fixture
async def trusts(app: ASGIApp, gateway: FakeGateway) -> AsyncIterator[httpx.AsyncClient]:
    gateway.people[OTHER_UID] = caseworker("b-voorbeeld", roles=("privacy-officer",))
    async with client_as(app, OTHER_UID) as opened:
        yield opened


async def test_a_key_is_brought_trusted_and_the_old_one_retired(
    brings: httpx.AsyncClient, trusts: httpx.AsyncClient
) -> None:
    made = await brings.post("/v1/keys", json=BROUGHT)
    assert (201, "/v1/keys", "proposed") == (made.status_code, made.headers["Location"], made.json()["state"])
    trusted = await trusts.post("/v1/keys/trusts", json={**NAMED, "how": "telefonisch"})
    assert (201, "trusted", ["secure-mail"]) == (
        trusted.status_code,
        trusted.json()["state"],
        trusted.json()["channels"],
    )
    old = {"recipient": MUNICIPALITY, "fingerprint": PINNED}
    asked = await brings.post("/v1/keys/retirements", json=old)
    assert (201, "retire", "a-voorbeeld") == (asked.status_code, asked.json()["waitsFor"], asked.json()["askedBy"])
    gone = await trusts.post("/v1/keys/retirements", json=old)

    assert (201, "retired") == (gone.status_code, gone.json()["state"])
    shown = (await trusts.get("/v1/keys")).json()["keys"]
    assert [OWN, PINNED, NEW] == [each["fingerprint"] for each in shown]


async def test_a_key_that_is_there_already_is_answered_as_such(brings: httpx.AsyncClient) -> None:
    first, again = [await brings.post("/v1/keys", json=BROUGHT) for _ in range(2)]

    assert [(201, True), (200, False)] == [(each.status_code, each.json()["changed"]) for each in (first, again)]


async def test_who_brought_a_key_does_not_trust_it(brings: httpx.AsyncClient) -> None:
    await brings.post("/v1/keys", json=BROUGHT)
    answer = await brings.post("/v1/keys/trusts", json={**NAMED, "how": "telefonisch"})

    problem(answer, 403, "approval-own-proposal")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/keys", {**BROUGHT, "content": "geen base64!"}),
        ("/v1/keys", {**BROUGHT, "content": "A"}),
        ("/v1/keys", {**BROUGHT, "recipient": "../recipients"}),
        ("/v1/keys", {**BROUGHT, "source": ""}),
        ("/v1/keys", {**BROUGHT, "source": "een\nregel"}),
        ("/v1/keys/trusts", NAMED),
        ("/v1/keys/trusts", {**NAMED, "how": "  "}),
        ("/v1/keys/trusts", {**NAMED, "fingerprint": "B8C9", "how": "telefonisch"}),
        ("/v1/keys/rotations", {"starts": "volgende week"}),
        ("/v1/keys/pseudonyms", {"again": "ja"}),
        ("/v1/keys/pseudonyms", {"key": "k7"}),
    ],
)
async def test_what_is_not_said_properly_is_refused(brings: httpx.AsyncClient, path: str, body: dict[str, str]) -> None:
    problem(await brings.post(path, json=body), 400, "request-invalid")


async def test_a_recipient_is_tested_and_the_own_key_rotated(brings: httpx.AsyncClient) -> None:
    tested = await brings.post(f"/v1/recipients/{MUNICIPALITY}/tests")
    rotated = await brings.post("/v1/keys/rotations", json={"starts": "2027-01-04"})

    assert (201, "0000beef", [PINNED], OWN) == (
        tested.status_code,
        tested.json()["reference"],
        tested.json()["keys"],
        tested.json()["signedBy"],
    )
    assert (201, "2027-01-04", False) == (rotated.status_code, rotated.json()["starts"], rotated.json()["done"])
    problem(await brings.post("/v1/recipients/niemand/tests"), 400, "recipient-unknown")
    problem(await brings.post("/v1/keys/rotations", json={}), 409, "rotation-under-way")


async def test_a_key_of_pseudonyms_follows_and_a_second_one_in_a_row_only_when_it_is_meant(
    brings: httpx.AsyncClient,
) -> None:
    drawn = await brings.post("/v1/keys/pseudonyms", json={})

    assert (201, {"key": "k2", "file": "secrets/pseudonym-2.key"}) == (drawn.status_code, drawn.json())
    problem(await brings.post("/v1/keys/pseudonyms", json={}), 409, "pseudonym-key-recent")
    assert "k3" == (await brings.post("/v1/keys/pseudonyms", json={"again": True})).json()["key"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/keys", "keys:read"),
        ("POST", "/v1/keys", "keys:change"),
        ("POST", "/v1/keys/trusts", "keys:change"),
        ("POST", "/v1/keys/retirements", "keys:change"),
        ("POST", "/v1/keys/rotations", "keys:change"),
        ("POST", "/v1/keys/pseudonyms", "keys:change"),
        ("POST", f"/v1/recipients/{MUNICIPALITY}/tests", "recipient-tests:create"),
    ],
)
async def test_a_token_without_the_scope_does_nothing_with_keys(
    app: ASGIApp, gateway: FakeGateway, method: str, path: str, scope: str
) -> None:
    everything = caseworker(roles=("administrator", "privacy-officer"))
    gateway.tokens["less"] = TokenGrant(submitter=everything, scopes=ALL_SCOPES - {scope})
    async with client_as(app, None) as opened:
        answer = await opened.request(method, path, headers={"Authorization": "Bearer less"}, json={})

    problem(answer, 403, "not-permitted")


@pytest.mark.parametrize("pin", [f"x509:{'ab' * 32}", f"age1{'q' * 58}"])
async def test_keys_of_other_kinds_are_listed_too(brings: httpx.AsyncClient, gateway: FakeGateway, pin: str) -> None:
    key = Fingerprint(pin)
    gateway.key_desk.keys[key] = replace(gateway.key_desk.keys[PINNED], fingerprint=key)
    answer = await brings.get("/v1/keys")

    assert (200, [OWN, PINNED, pin]) == (answer.status_code, [each["fingerprint"] for each in answer.json()["keys"]])
