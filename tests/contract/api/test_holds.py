"""Holds and reviews over the API: who may look, who may decide, and what is answered when that can not be."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from gateway.entrypoints.api.port import TokenGrant
from tests.contract.api.conftest import OTHER_UID, UID, client_as
from tests.contract.api.fake_gateway import ALL_SCOPES, AN_ID, FakeGateway, caseworker
from tests.contract.api.manifests import manifest
from tests.contract.api.test_packages import problem

RELEASE = {"verdict": "release", "reasonCode": "necessity-proven", "ground": "GDPR 9(2)(c); UAVG 30"}
REFUSE = {"verdict": "refuse", "reasonCode": "no-ground"}


@pytest.fixture
async def officer(app: ASGIApp, gateway: FakeGateway) -> AsyncIterator[httpx.AsyncClient]:
    """Another person than the sender, with the role."""
    gateway.people[OTHER_UID] = caseworker("b-voorbeeld", roles=("privacy-officer",))
    async with client_as(app, OTHER_UID) as opened:
        yield opened


async def held(client: httpx.AsyncClient, **changes: Any) -> str:
    """Hand a package in that comes to wait; each look moves the fake one step on."""
    made = await client.post("/v1/packages", json=manifest(id=str(uuid.uuid4()), purpose="guardianship", **changes))
    path = f"/v1/packages/{made.json()['id']}"
    states = [(await client.get(path)).json()["state"] for _ in range(2)]
    assert "held" == states[-1]
    return str(made.json()["id"])


async def test_an_officer_sees_what_waits_page_by_page_newest_first(
    client: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    made = [await held(client) for _ in range(3)]

    first = (await officer.get("/v1/holds?limit=2")).json()
    second = (await officer.get(f"/v1/holds?limit=2&cursor={first['cursor']}")).json()

    assert list(reversed(made)) == [each["id"] for page in (first, second) for each in page["holds"]]
    assert "" == second["cursor"]


async def test_what_a_hold_names_by_an_id_is_called_in_both_languages_too(
    client: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    made = await held(client)
    letter = manifest(documents=[{"file": "brief.txt", "kind": "letter"}])

    hold = (await officer.get(f"/v1/holds/{made}")).json()
    decision = (await officer.get(f"/v1/packages/{made}/decision")).json()
    fields = {each["path"]: each["label"] for each in decision["recipients"][0]["fields"]}
    preview = (await client.post("/v1/previews", json=letter)).json()
    documents = [(each["kind"], each["kindLabel"]) for each in preview["recipients"][0]["documents"]]

    assert ("guardianship", {"nl": "Voogdij", "en": "Guardianship"}) == (hold["purpose"], hold["purposeLabel"])
    assert {"nl": "Naam", "en": "Name"} == fields["name"]
    assert {"nl": "address", "en": "address"} == fields["address"]
    assert [("letter", {"nl": "Brief", "en": "Letter"})] == documents


async def test_one_hold_is_shown_with_the_necessity_that_has_to_be_judged(
    client: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    made = await held(client, necessity="De arts heeft dit nodig.")

    hold = (await officer.get(f"/v1/holds/{made}")).json()

    assert "De arts heeft dit nodig." == hold["necessity"]
    assert (True, [], ["special.second-person"]) == (hold["releasable"], hold["mend"], hold["ruleIds"])


async def test_a_review_is_answered_with_the_package_and_a_second_one_is_a_conflict(
    client: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    made = await held(client)

    answer = await officer.post(f"/v1/packages/{made}/reviews", json=REFUSE)
    again = await officer.post(f"/v1/packages/{made}/reviews", json=REFUSE)

    assert (201, "refused") == (answer.status_code, answer.json()["state"])
    assert f"/v1/packages/{made}" == answer.headers["Location"]
    problem(again, 409, "state-conflict")


async def test_nobody_decides_on_a_package_of_its_own(app: ASGIApp, gateway: FakeGateway) -> None:
    gateway.people[UID] = caseworker(roles=("caseworker", "privacy-officer"))
    async with client_as(app, UID) as both:
        made = await held(both)
        problem(await both.post(f"/v1/packages/{made}/reviews", json=RELEASE), 403, "review-own-package")


async def test_without_the_role_nothing_is_shown_or_decided(client: httpx.AsyncClient) -> None:
    problem(await client.get("/v1/holds"), 403, "not-permitted")
    problem(await client.get(f"/v1/holds/{AN_ID}"), 403, "not-permitted")
    problem(await client.post(f"/v1/packages/{AN_ID}/reviews", json=RELEASE), 403, "not-permitted")


async def test_a_token_needs_a_scope_of_its_own_for_holds_and_for_reviews(
    client: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    person = caseworker("b-voorbeeld", roles=("privacy-officer",))
    gateway.tokens["looks"] = TokenGrant(submitter=person, scopes=ALL_SCOPES - {"reviews:create"})
    gateway.tokens["decides"] = TokenGrant(submitter=person, scopes=frozenset({"reviews:create"}))
    looks, decides = ({"Authorization": f"Bearer {token}"} for token in ("looks", "decides"))

    assert 200 == (await client.get("/v1/holds", headers=looks)).status_code
    problem(await client.get("/v1/holds", headers=decides), 403, "not-permitted")
    problem(await client.post(f"/v1/packages/{AN_ID}/reviews", json=RELEASE, headers=looks), 403, "not-permitted")
    problem(await client.post(f"/v1/packages/{AN_ID}/reviews", json=RELEASE, headers=decides), 404, "not-found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**RELEASE, "verdict": "perhaps"},
        {**RELEASE, "reasonCode": "because"},
        {**RELEASE, "text": "x" * 2001},
        {**RELEASE, "reviewer": "b-voorbeeld"},
        {**RELEASE, "reasonCode": "no-ground"},
        {**REFUSE, "reasonCode": "necessity-proven"},
        {**REFUSE, "reasonCode": "other"},
    ],
    ids=["empty", "verdict", "reason", "too long", "a reviewer of its own", "no-ground", "proven", "other, no word"],
)
async def test_a_review_that_is_not_complete_or_contradicts_itself_is_refused(
    client: httpx.AsyncClient, officer: httpx.AsyncClient, body: dict[str, str]
) -> None:
    made = await held(client)

    problem(await officer.post(f"/v1/packages/{made}/reviews", json=body), 400, "request-invalid")
