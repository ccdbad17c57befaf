"""Promises of /packages, through the real application."""

import json

import httpx
import pytest

from gateway.entrypoints.api.settings import ApiSettings
from gateway.package.ids import PackageId
from tests.contract.api.fake_gateway import AN_ID, FakeGateway
from tests.contract.api.manifests import manifest, with_documents

PATH = f"/v1/packages/{AN_ID}"


def problem(response: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert (status, code) == (response.status_code, response.json()["code"])
    assert "application/problem+json" == response.headers["content-type"]
    body = response.json()
    assert isinstance(body, dict)
    assert {"type", "title", "status", "detail", "instance", "code", "remedy", "helper", "errors"} <= set(body)
    assert body["status"] == response.status_code
    return body


async def test_a_new_package_is_201_with_its_location(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/packages", json=manifest())
    assert 201 == response.status_code
    assert PATH == response.headers["location"]
    assert ("received", [], "2026-11-20T08:30:00Z") == tuple(
        response.json()[key] for key in ("state", "expected", "receivedAt")
    )


@pytest.mark.parametrize(
    ("said", "expected"), [(["00-a-b-01"], "00-a-b-01"), ([], ""), (["00-a-b-01", "00-c-d-01"], "")]
)
async def test_the_callers_trace_is_handed_on_unless_it_is_said_twice(
    said: list[str], expected: str, client: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    headers = [("traceparent", each) for each in said]

    response = await client.post("/v1/packages", json=manifest(), headers=headers)

    assert (201, expected) == (response.status_code, gateway.traceparent)


async def test_the_same_package_again_is_200_and_the_same_package(client: httpx.AsyncClient) -> None:
    first = await client.post("/v1/packages", json=manifest())
    again = await client.post("/v1/packages", json=manifest())
    assert 200 == again.status_code
    assert first.json() == again.json()
    assert 1 == len((await client.get("/v1/packages")).json()["packages"])


async def test_the_same_id_with_other_content_is_a_conflict(client: httpx.AsyncClient) -> None:
    await client.post("/v1/packages", json=manifest())
    problem(await client.post("/v1/packages", json=manifest(purpose="care")), 409, "id-conflict")


async def test_another_persons_id_is_a_conflict_that_shows_nothing(
    client: httpx.AsyncClient, other: httpx.AsyncClient
) -> None:
    await client.post("/v1/packages", json=manifest())
    answer = await other.post("/v1/packages", json=manifest())
    problem(answer, 409, "id-conflict")
    assert "Voorbeeld" not in answer.text


async def test_documents_complete_a_package_and_may_come_twice(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    made = await client.post("/v1/packages", json=with_documents("een.txt", "twee.txt"))
    assert ("incomplete", [1, 2]) == (made.json()["state"], [each["number"] for each in made.json()["expected"]])
    for _ in range(2):
        first = await put(client, 1, b"een")
        assert (200, [2]) == (first.status_code, [each["number"] for each in first.json()["expected"]])
    last = await put(client, 2, b"twee")
    assert ("received", []) == (last.json()["state"], last.json()["expected"])
    assert b"twee" == gateway.content[PackageId(AN_ID), 2]


async def put(client: httpx.AsyncClient, number: int | str, content: bytes) -> httpx.Response:
    headers = {"Content-Type": "application/octet-stream"}
    return await client.put(f"{PATH}/documents/{number}", content=content, headers=headers)


async def test_a_document_is_refused_when_it_is_not_the_declared_one(client: httpx.AsyncClient) -> None:
    declared = with_documents("een.txt")
    declared["documents"][0]["sha256"] = "0" * 64
    await client.post("/v1/packages", json=declared)
    body = problem(await put(client, 1, b"een"), 400, "document-digest-mismatch")
    assert "document 1" in str(body["detail"])


async def test_a_document_that_nobody_declared_is_refused(client: httpx.AsyncClient) -> None:
    await client.post("/v1/packages", json=with_documents("een.txt"))
    problem(await put(client, 2, b"twee"), 409, "document-not-expected")
    problem(await put(client, 0, b"nul"), 400, "request-invalid")
    problem(await put(client, "x", b"nul"), 400, "request-invalid")


async def test_a_document_is_a_raw_stream_only(client: httpx.AsyncClient) -> None:
    await client.post("/v1/packages", json=with_documents("een.txt"))
    path = f"{PATH}/documents/1"
    problem(await client.put(path, json={}), 415, "media-type-unsupported")
    problem(await client.put(path, content=b"een"), 415, "media-type-unsupported")
    packed = {"Content-Type": "application/octet-stream", "Content-Encoding": "gzip"}
    problem(await client.put(path, content=b"een", headers=packed), 415, "media-type-unsupported")


async def test_another_persons_package_is_not_found_whatever_is_asked(
    client: httpx.AsyncClient, other: httpx.AsyncClient
) -> None:
    await client.post("/v1/packages", json=with_documents("een.txt"))
    for path in (PATH, f"{PATH}/decision", f"{PATH}/slip"):
        problem(await other.get(path), 404, "not-found")
    problem(await put(other, 1, b"een"), 404, "not-found")
    assert [] == (await other.get("/v1/packages")).json()["packages"]


async def test_decision_and_slip_are_not_found_until_they_are_there(client: httpx.AsyncClient) -> None:
    await client.post("/v1/packages", json=with_documents("een.txt"))
    problem(await client.get(f"{PATH}/decision"), 404, "not-found")
    problem(await client.get(f"{PATH}/slip"), 404, "not-found")
    await put(client, 1, b"een")
    for _ in range(3):
        await client.get(PATH)
    decision = (await client.get(f"{PATH}/decision")).json()
    verdicts = {each["path"]: each["verdict"] for each in decision["recipients"][0]["fields"]}
    assert {"name": "release", "address": "strip"} == verdicts
    assert "done" == (await client.get(f"{PATH}/slip")).json()["state"]


async def test_a_decision_shows_no_address_and_no_key(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/previews", json=manifest())
    assert 200 == answer.status_code
    assert "post@gemeente.example" not in answer.text
    assert "keys" not in answer.text


async def test_pages_hold_every_package_once_newest_first(client: httpx.AsyncClient) -> None:
    made = [(await client.post("/v1/packages", json=manifest(id=None))).json()["id"] for _ in range(5)]
    found, cursor, pages = [], "", 0
    while pages == 0 or cursor:
        page = (await client.get("/v1/packages", params={"limit": 2, "cursor": cursor})).json()
        found += [each["id"] for each in page["packages"]]
        cursor, pages = page["cursor"], pages + 1
    assert (made[::-1], 3) == (found, pages)


async def test_packages_are_found_by_state(client: httpx.AsyncClient) -> None:
    await client.post("/v1/packages", json=with_documents("een.txt"))
    await client.post("/v1/packages", json=manifest(id=None))
    found = (await client.get("/v1/packages", params={"state": "incomplete"})).json()["packages"]
    assert [AN_ID] == [each["id"] for each in found]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "state=nowhere", "cursor=nobody", "page=2", "limit=1&limit=2"]
)
async def test_a_query_that_is_not_in_the_document_is_refused(client: httpx.AsyncClient, query: str) -> None:
    body = problem(await client.get(f"/v1/packages?{query}"), 400, "request-invalid")
    assert body["errors"]


async def test_a_query_where_none_is_read_is_refused_by_name(client: httpx.AsyncClient) -> None:
    body = problem(await client.get("/v1/recipients?kind=ngo"), 400, "request-invalid")
    assert [{"where": "kind", "expected": "no such parameter"}] == body["errors"]


@pytest.mark.parametrize("text", ["x", "{0190a0b0-0000-7000-8000-00000000beef}", "0190a0b00000700080000000000000beef"])
async def test_an_id_that_is_no_uuid_in_its_usual_form_is_refused(client: httpx.AsyncClient, text: str) -> None:
    problem(await client.get(f"/v1/packages/{text}"), 400, "id-invalid")


async def test_every_fault_of_a_manifest_is_told_at_once(client: httpx.AsyncClient) -> None:
    broken = manifest(subject={"name": "B", "dateOfBirth": "1990-13-01"}, purpose="Not A Slug", surprise=1)
    body = problem(await client.post("/v1/packages", json=broken), 400, "manifest-invalid")
    places = json.dumps(body["errors"])
    assert all(place in places for place in ("dateOfBirth", "purpose", "surprise"))
    assert "1990-13-01" not in json.dumps(body)


@pytest.mark.parametrize(
    "text",
    [
        b'{"format": "sluis-package/1", "format": "sluis-package/1"}',
        b"\xff\xfe{",
        b'{"a": "\xc3\x28"}',
        b"",
        b"null",
        b"[" * 20_000,
        b'{"format": NaN}',
    ],
    ids=["key twice", "not UTF-8", "half UTF-8", "empty", "null", "very deep", "NaN"],
)
async def test_a_manifest_that_can_be_read_in_two_ways_or_in_none_is_refused(
    client: httpx.AsyncClient, text: bytes
) -> None:
    answer = await client.post("/v1/packages", content=text, headers={"Content-Type": "application/json"})
    assert (400, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert answer.json()["code"].startswith("manifest-")


async def test_a_manifest_over_the_limit_is_refused(client: httpx.AsyncClient, settings: ApiSettings) -> None:
    large = manifest(data={"name": "x" * settings.manifest_limit_bytes})
    body = problem(await client.post("/v1/packages", json=large), 413, "body-too-large")
    assert str(settings.manifest_limit_bytes) in str(body["title"])


async def test_a_manifest_of_another_type_is_refused_with_what_is_expected(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/packages", content=b"format: x", headers={"Content-Type": "application/yaml"})
    assert "multipart/form-data" in str(problem(answer, 415, "media-type-unsupported")["remedy"])


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"recipients": ["niemand"]}, 400, "recipient-unknown"),
        ({"purpose": "curiosity"}, 400, "purpose-unknown"),
        ({"sender": {"organisation": "IND", "name": "X"}}, 403, "sender-mismatch"),
        ({"data": None}, 400, "package-empty"),
    ],
)
async def test_what_the_gateway_refuses_is_told_with_its_own_code(
    client: httpx.AsyncClient, changes: dict[str, object], status: int, code: str
) -> None:
    problem(await client.post("/v1/packages", json=manifest(**changes)), status, code)


async def test_an_unforeseen_error_shows_nothing_of_itself(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    gateway.failure = RuntimeError("B. Voorbeeld lives in Dorpsstraat 1")
    answer = await client.post("/v1/packages", json=manifest())
    problem(answer, 500, "internal-error")
    assert "Dorpsstraat" not in answer.text
    assert "API-Version" in answer.headers


async def test_recipients_are_listed_without_address_and_key(client: httpx.AsyncClient) -> None:
    register = (await client.get("/v1/recipients")).json()["recipients"]
    assert {"id", "kind", "organisation", "name", "channels", "purposes"} == set(register[0])
