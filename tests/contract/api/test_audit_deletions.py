"""Deletions from the audit log over the API: proposed by one person, done when another one asks for the same."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import ASGIApp

from gateway.entrypoints.api.port import TokenGrant
from tests.contract.api.conftest import OTHER_UID, UID, client_as
from tests.contract.api.fake_gateway import ALL_SCOPES, FakeGateway, caseworker
from tests.contract.api.test_packages import problem

PATH = "/v1/audit/deletions"
ASKED = {"until": "2026-01-01"}


@pytest.fixture
async def administrator(app: ASGIApp, gateway: FakeGateway) -> AsyncIterator[httpx.AsyncClient]:
    gateway.people[UID] = caseworker(roles=("administrator",))
    async with client_as(app, UID) as opened:
        yield opened


@pytest.fixture
async def officer(app: ASGIApp, gateway: FakeGateway) -> AsyncIterator[httpx.AsyncClient]:
    gateway.people[OTHER_UID] = caseworker("b-voorbeeld", roles=("privacy-officer",))
    async with client_as(app, OTHER_UID) as opened:
        yield opened


async def test_the_first_person_proposes_and_the_second_one_deletes(
    administrator: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    proposed = await administrator.post(PATH, json=ASKED)
    deleted = await officer.post(PATH, json=ASKED)

    lines = {"first": 0, "last": 99, "until": "2026-01-01", "policy": "bewaarbeleid-2026"}
    by = {"proposedBy": "a-voorbeeld", "approvedBy": ""}
    assert (201, {"state": "proposed", **lines, **by}) == (proposed.status_code, proposed.json())
    by["approvedBy"] = "b-voorbeeld"
    assert (201, {"state": "deleted", **lines, **by}) == (deleted.status_code, deleted.json())


async def test_whoever_proposed_it_does_not_approve_it(officer: httpx.AsyncClient) -> None:
    await officer.post(PATH, json=ASKED)

    problem(await officer.post(PATH, json=ASKED), 403, "approval-own-proposal")


async def test_what_the_policy_keeps_is_not_deleted(officer: httpx.AsyncClient) -> None:
    problem(await officer.post(PATH, json={"until": "2026-01-02"}), 409, "audit-retention")


@pytest.mark.parametrize("body", [{}, {"until": "gisteren"}, {"until": 20260101}, {**ASKED, "policy": "eigen"}])
async def test_a_request_that_is_not_a_day_is_refused(officer: httpx.AsyncClient, body: dict[str, object]) -> None:
    problem(await officer.post(PATH, json=body), 400, "request-invalid")


async def test_a_token_without_the_scope_deletes_nothing(app: ASGIApp, gateway: FakeGateway) -> None:
    everything = caseworker(roles=("administrator", "privacy-officer"))
    gateway.tokens["less"] = TokenGrant(submitter=everything, scopes=ALL_SCOPES - {"audit-deletions:create"})
    async with client_as(app, None) as opened:
        answer = await opened.post(PATH, headers={"Authorization": "Bearer less"}, json=ASKED)

    problem(answer, 403, "not-permitted")
