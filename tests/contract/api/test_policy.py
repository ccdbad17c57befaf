"""Rules over the API: how they stand, what would change, and the two people that a change takes."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import ASGIApp

from gateway.entrypoints.api.port import TokenGrant
from tests.contract.api.conftest import OTHER_UID, UID, client_as
from tests.contract.api.fake_gateway import ALL_SCOPES, FakeGateway, caseworker
from tests.contract.api.fake_rules import FIRST, SECOND
from tests.contract.api.test_packages import problem

OFFICER = ("privacy-officer",)


@pytest.fixture
async def proposer(app: ASGIApp, gateway: FakeGateway) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator, beside whom another set lies on disk."""
    gateway.people[UID] = caseworker(roles=("administrator",))
    gateway.rules.on_disk = SECOND
    async with client_as(app, UID) as opened:
        yield opened


@pytest.fixture
async def officer(app: ASGIApp, gateway: FakeGateway) -> AsyncIterator[httpx.AsyncClient]:
    gateway.people[OTHER_UID] = caseworker("b-voorbeeld", roles=OFFICER)
    async with client_as(app, OTHER_UID) as opened:
        yield opened


async def test_it_is_shown_what_is_in_force_what_lies_there_and_who_proposed_it(
    proposer: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    made = await proposer.post("/v1/policy/proposals", json={"digest": SECOND})
    shown = (await officer.get("/v1/policy")).json()

    assert (201, "/v1/policy") == (made.status_code, made.headers["Location"])
    assert (FIRST, SECOND, True) == (shown["inForce"], shown["onDisk"], shown["waits"])
    assert ("a-voorbeeld", SECOND) == (shown["proposal"]["proposedBy"], shown["proposal"]["digest"])
    assert shown["approval"] is None


async def test_what_would_change_is_told_with_addresses_and_lines(
    proposer: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    found = (await officer.get("/v1/policy/changes")).json()

    assert (FIRST, SECOND) == (found["before"], found["after"])
    assert "secure-mail b@b.example" == found["changes"][0]["after"]
    assert ["+    address: b@b.example"] == found["files"][0]["lines"][1:]


async def test_an_approval_brings_it_into_force_and_a_second_one_is_a_conflict(
    proposer: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    await proposer.post("/v1/policy/proposals", json={"digest": SECOND})
    approved = await officer.post("/v1/policy/approvals", json={"digest": SECOND})
    again = await officer.post("/v1/policy/approvals", json={"digest": SECOND})

    assert (201, SECOND, False) == (approved.status_code, approved.json()["inForce"], approved.json()["waits"])
    assert ("a-voorbeeld", "b-voorbeeld") == tuple(
        approved.json()["approval"][by] for by in ("proposedBy", "approvedBy")
    )
    problem(again, 409, "policy-changed")


async def test_ones_own_proposal_another_digest_and_nothing_new_are_refused_each_by_its_code(
    proposer: httpx.AsyncClient, officer: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    problem(await officer.post("/v1/policy/proposals", json={"digest": "f" * 64}), 409, "policy-changed")
    await officer.post("/v1/policy/proposals", json={"digest": SECOND})
    problem(await officer.post("/v1/policy/approvals", json={"digest": SECOND}), 403, "approval-own-proposal")
    gateway.rules.on_disk = FIRST
    problem(await officer.post("/v1/policy/proposals", json={"digest": FIRST}), 409, "policy-unchanged")


async def test_without_the_role_nothing_is_shown_proposed_or_approved(client: httpx.AsyncClient) -> None:
    for path in ("/v1/policy", "/v1/policy/changes"):
        problem(await client.get(path), 403, "not-permitted")
    for path in ("/v1/policy/proposals", "/v1/policy/approvals"):
        problem(await client.post(path, json={"digest": SECOND}), 403, "not-permitted")


async def test_a_token_needs_a_scope_of_its_own_to_look_to_propose_and_to_approve(
    client: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    person = caseworker("b-voorbeeld", roles=OFFICER)
    asked = {
        "policy:read": ("GET", "/v1/policy"),
        "policy-proposals:create": ("POST", "/v1/policy/proposals"),
        "policy-approvals:create": ("POST", "/v1/policy/approvals"),
    }
    for scope, (method, path) in asked.items():
        gateway.tokens["without"] = TokenGrant(submitter=person, scopes=ALL_SCOPES - {scope})
        answer = await client.request(
            method,
            path,
            json={"digest": SECOND} if method == "POST" else None,
            headers={"Authorization": "Bearer without"},
        )
        problem(answer, 403, "not-permitted")


@pytest.mark.parametrize(
    "body",
    [{}, {"digest": ""}, {"digest": "D" * 64}, {"digest": SECOND, "approver": "b"}, {"digest": 1}, []],
    ids=["empty", "no digest", "capitals", "a name of its own", "number", "list"],
)
async def test_a_digest_that_is_none_is_refused(officer: httpx.AsyncClient, body: object) -> None:
    for path in ("/v1/policy/proposals", "/v1/policy/approvals"):
        problem(await officer.post(path, json=body), 400, "request-invalid")
