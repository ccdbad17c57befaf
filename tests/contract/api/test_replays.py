"""Replays over the API: who may ask, what is answered when the decision is the same, and when it is not."""

import uuid
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import ASGIApp

from gateway.package.errors import Code, SluisError
from tests.contract.api.conftest import OTHER_UID, client_as
from tests.contract.api.fake_gateway import TAMPERED, FakeGateway, caseworker
from tests.contract.api.manifests import manifest
from tests.contract.api.test_packages import problem


@pytest.fixture
async def watcher(app: ASGIApp, gateway: FakeGateway) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody of the security team."""
    gateway.people[OTHER_UID] = caseworker("b-voorbeeld", roles=("security",))
    async with client_as(app, OTHER_UID) as opened:
        yield opened


async def decided(client: httpx.AsyncClient) -> str:
    """Hand a package in; give the path by which its decision is replayed, as the decision names it."""
    made = (await client.post("/v1/packages", json=manifest(id=str(uuid.uuid4())))).json()
    await client.get(f"/v1/packages/{made['id']}")
    (one,) = (await client.get(f"/v1/packages/{made['id']}/decision")).json()["decided"]
    return f"/v1/replays/{one['auditId']}"


async def test_a_decision_names_the_id_by_which_it_is_replayed_and_the_replay_shows_it_whole(
    client: httpx.AsyncClient, watcher: httpx.AsyncClient
) -> None:
    found = (await watcher.get(await decided(client))).json()

    assert (True, [], "d" * 64) == (found["same"], found["differences"], found["policyDigest"])
    assert {"name": "release"}.items() <= {
        each["path"]: each["verdict"] for each in found["decision"]["recipients"][0]["fields"]
    }.items()


async def test_a_decision_that_differs_names_each_place_and_is_not_called_the_same(
    client: httpx.AsyncClient, watcher: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    gateway.differences = (("outcome", "cleared", "held"),)

    found = (await watcher.get(await decided(client))).json()

    assert False is found["same"]
    assert [{"place": "outcome", "kept": "cleared", "found": "held"}] == found["differences"]


async def test_what_was_kept_and_changed_since_is_no_decision_at_all(
    client: httpx.AsyncClient, watcher: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    gateway.differences = TAMPERED

    found = (await watcher.get(await decided(client))).json()

    assert (False, None) == (found["same"], found["decision"])


async def test_a_caseworker_replays_nothing(client: httpx.AsyncClient) -> None:
    problem(await client.get(await decided(client)), 403, "not-permitted")


async def test_an_unknown_id_is_not_found_and_what_is_no_id_is_refused(watcher: httpx.AsyncClient) -> None:
    problem(await watcher.get(f"/v1/replays/{uuid.uuid4()}"), 404, "not-found")
    problem(await watcher.get("/v1/replays/gisteren"), 400, "id-invalid")


@pytest.mark.parametrize(
    ("code", "status"),
    [(Code.EVENT_NO_DECISION, 409), (Code.DECISION_NOT_KEPT, 410), (Code.POLICY_UNAVAILABLE, 503)],
)
async def test_what_can_not_be_replayed_says_why(
    client: httpx.AsyncClient, watcher: httpx.AsyncClient, gateway: FakeGateway, code: Code, status: int
) -> None:
    path = await decided(client)
    gateway.failure = SluisError(code)

    problem(await watcher.get(path), status, code.value)
