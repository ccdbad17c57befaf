"""The NL GOV API Design Rules 2.2 in our own words, over the OpenAPI document and over real answers.

Each test names its rule's id; https://logius-standaarden.github.io/API-Design-Rules/
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest

from gateway.entrypoints.api.app import build_app
from gateway.entrypoints.api.openapi import build_document
from gateway.entrypoints.api.settings import ApiSettings
from tests.contract.api.fake_gateway import FakeGateway
from tests.contract.api.manifests import manifest

Operation = tuple[str, str, dict[str, Any]]
CAMEL_CASE = re.compile(r"[a-z][a-z0-9]*([A-Z][a-z0-9]*)*\Z")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    settings = ApiSettings()
    return build_document(build_app(FakeGateway(), settings=settings), settings)


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> list[Operation]:
    return [(path, method, each) for path, item in document["paths"].items() for method, each in item.items()]


def resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def answers(operations: list[Operation]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for path, method, each in operations:
        for status, answer in each["responses"].items():
            yield f"{method} {path} {status}", int(status), answer


def test_core_doc_openapi_the_document_is_version_3_1_with_every_path_of_the_design(document: dict[str, Any]) -> None:
    assert "3.1.0" == document["openapi"]
    assert {
        "/packages": {"post", "get"},
        "/packages/{id}": {"get"},
        "/packages/{id}/documents/{n}": {"put"},
        "/packages/{id}/decision": {"get"},
        "/packages/{id}/slip": {"get"},
        "/packages/{id}/reviews": {"post"},
        "/packages/{id}/withdrawal": {"post"},
        "/holds": {"get"},
        "/holds/{id}": {"get"},
        "/holds/{id}/documents/{n}": {"get"},
        "/holds/{id}/documents/{n}/pages/{page}": {"get"},
        "/previews": {"post"},
        "/recipients": {"get"},
        "/replays/{id}": {"get"},
        "/policy": {"get"},
        "/policy/changes": {"get"},
        "/policy/proposals": {"post"},
        "/policy/approvals": {"post"},
        "/keys": {"get", "post"},
        "/keys/trusts": {"post"},
        "/keys/retirements": {"post"},
        "/keys/rotations": {"post"},
        "/keys/pseudonyms": {"post"},
        "/recipients/{id}/tests": {"post"},
        "/audit/deletions": {"post"},
        "/tokens": {"post"},
        "/openapi.json": {"get"},
    } == {path: set(item) for path, item in document["paths"].items()}


def test_core_uri_version_the_major_version_stands_in_the_server_and_in_no_path(document: dict[str, Any]) -> None:
    assert all(re.search(r"/v[0-9]+\Z", server["url"]) for server in document["servers"])
    assert document["servers"]
    assert not any(path.startswith("/v") for path in document["paths"])


def test_core_doc_openapi_contact_name_url_and_email_are_there(document: dict[str, Any]) -> None:
    contact = document["info"]["contact"]
    assert all(contact[key] for key in ("name", "url", "email"))
    assert contact["email"].endswith(".example")


def test_core_semver_the_version_is_three_numbers(document: dict[str, Any]) -> None:
    assert re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", document["info"]["version"])


def test_core_no_trailing_slash_and_kebab_case_paths(document: dict[str, Any]) -> None:
    segment = re.compile(r"(/([a-z0-9-]+|\{[a-z]+\}|openapi\.json))+\Z")
    assert [] == [path for path in document["paths"] if not segment.match(path)]


def test_core_query_keys_camel_case(operations: list[Operation]) -> None:
    keys = [each["name"] for *_, op in operations for each in op.get("parameters", []) if each["in"] == "query"]
    assert ["cursor", "limit", "recipient", "side", "state"] == sorted(set(keys))
    assert all(CAMEL_CASE.match(key) for key in keys)


def test_every_property_is_camel_case_and_every_schema_pascal_case(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    properties = {name for schema in schemas.values() for name in schema.get("properties", {})}
    assert properties
    assert [] == [name for name in properties if not CAMEL_CASE.match(name)]
    assert [] == [name for name in schemas if not re.fullmatch(r"([A-Z][a-z0-9]*)+", name)]


def test_core_version_header_every_answer_declares_it(operations: list[Operation]) -> None:
    assert [] == [place for place, _, answer in answers(operations) if "API-Version" not in answer["headers"]]


def test_core_error_handling_problem_details_every_error_is_one(
    document: dict[str, Any], operations: list[Operation]
) -> None:
    for place, status, answer in answers(operations):
        if status < 400:
            continue
        assert ["application/problem+json"] == list(answer["content"]), place
        schema = resolve(document, answer["content"]["application/problem+json"]["schema"])
        assert {"status", "title", "detail", "type", "instance", "code"} <= set(schema["required"]), place


def test_core_error_handling_invalid_input_is_400_and_nowhere_422(operations: list[Operation]) -> None:
    for path, method, each in operations:
        assert "400" in each["responses"], (method, path)
        assert "422" not in each["responses"], (method, path)


def test_core_date_time_every_moment_has_a_zone_and_every_date_no_time(document: dict[str, Any]) -> None:
    formats = {
        name: schema.get("format") or [each.get("format") for each in schema.get("anyOf", [])][:1]
        for body in document["components"]["schemas"].values()
        for name, schema in body.get("properties", {}).items()
    }
    assert "date-time" == formats["receivedAt"]
    assert ["date"] == formats["signedOn"]
    assert not {"time", "date-time-local"} & {each for each in formats.values() if isinstance(each, str)}


def test_operation_ids_and_tags_are_each_unique_and_explained(
    document: dict[str, Any], operations: list[Operation]
) -> None:
    ids = [each["operationId"] for *_, each in operations]
    assert len(ids) == len(set(ids))
    assert {tag["name"] for tag in document["tags"]} == {tag for *_, each in operations for tag in each["tags"]}


def test_every_reference_in_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(document)))
    assert found == found & set(document["components"]["schemas"])
    assert {"HTTPValidationError", "ValidationError"}.isdisjoint(document["components"]["schemas"])


def test_every_example_is_valid(document: dict[str, Any], operations: list[Operation]) -> None:
    examples = 0
    for path, method, each in operations:
        for media in each.get("requestBody", {}).get("content", {}).values():
            if "example" in media:
                root = {**media["schema"], "components": document["components"]}
                assert jsonschema_rs.is_valid(root, media["example"]), (method, path)
                examples += 1
    assert 12 == examples


def test_no_answer_and_no_path_holds_a_v_number_or_bsn_in_its_uri(document: dict[str, Any]) -> None:
    assert [] == re.findall(r"(?i)vnumber|bsn", str([list(document["paths"]), document["servers"]]))


SECURITY_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "api-version": "1.0.0",
}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/recipients"),
        ("GET", "/v1/openapi.json"),
        ("GET", "/v1/nowhere"),
        ("DELETE", "/v1/packages"),
        ("POST", "/v1/packages"),
        ("GET", "/health/live"),
        ("GET", "/docs"),
    ],
)
async def test_core_transport_security_headers_are_on_every_answer(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await client.request(method, path)
    assert SECURITY_HEADERS == {name: answer.headers.get(name) for name in SECURITY_HEADERS}
    assert answer.headers["x-request-id"]


async def test_core_publish_openapi_anyone_may_read_the_document_from_anywhere(on_tcp: httpx.AsyncClient) -> None:
    answer = await on_tcp.get("/v1/openapi.json")
    assert (200, "*") == (answer.status_code, answer.headers["access-control-allow-origin"])
    assert "3.1.0" == answer.json()["openapi"]


async def test_core_transport_cors_no_other_answer_is_for_other_origins(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/recipients", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/v1/packages/", "/v1/recipients/", "/health/live/", "/v1/", "/v1", "/", "//v1/packages"]
)
async def test_core_no_trailing_slash_is_not_found_and_no_redirect(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"http://localhost{path}")
    assert (404, "not-found") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/v1/docs"])
async def test_pages_that_load_scripts_from_elsewhere_are_not_there(client: httpx.AsyncClient, path: str) -> None:
    assert 404 == (await client.get(path)).status_code


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/v1/packages", {"GET", "POST"}),
        ("POST", "/v1/recipients", {"GET"}),
        ("GET", "/v1/previews", {"POST"}),
        ("OPTIONS", "/v1/packages/x/documents/1", {"PUT"}),
    ],
)
async def test_core_http_methods_another_method_is_told_which_ones_there_are(
    client: httpx.AsyncClient, method: str, path: str, allow: set[str]
) -> None:
    answer = await client.request(method, path)
    assert (405, "method-not-allowed") == (answer.status_code, answer.json()["code"])
    assert allow == set(answer.headers["allow"].split(", "))


async def test_the_instance_of_a_problem_is_the_request_that_the_header_names(client: httpx.AsyncClient) -> None:
    first, second = await client.get("/v1/nowhere"), await client.get("/v1/nowhere")
    assert f"urn:uuid:{first.headers['x-request-id']}" == first.json()["instance"]
    assert first.json()["instance"] != second.json()["instance"]


async def test_a_problem_speaks_the_language_that_is_asked_for(gateway: FakeGateway) -> None:
    from tests.contract.api.conftest import UID, client_as

    settings = ApiSettings(translate=lambda text, language: f"{language.value}: {text}")
    async with client_as(build_app(gateway, settings=settings), UID) as client:
        for header, language in (("nl-NL,en;q=0.5", "nl"), ("fr", "en"), ("nl;q=0.1, en", "en"), ("nl;q=x", "en")):
            answer = await client.get("/v1/nowhere", headers={"Accept-Language": header})
            assert language == answer.headers["content-language"]
            assert answer.json()["title"].startswith(f"{language}: ")
            assert answer.json()["remedy"].startswith(f"{language}: ")


async def test_a_reason_that_has_no_dutch_is_translated(gateway: FakeGateway) -> None:
    from tests.contract.api.conftest import UID, client_as

    settings = ApiSettings(translate=lambda text, language: f"{language.value}: {text}")
    async with client_as(build_app(gateway, settings=settings), UID) as client:
        decision = (await client.post("/v1/previews", json=manifest())).json()
    reasons = {each["path"]: each["reason"]["nl"] for each in decision["recipients"][0]["fields"]}
    assert {"name": "Dit mag de ontvanger hebben.", "address": "nl: Not needed for this purpose."} == reasons
