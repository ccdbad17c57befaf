"""Promises about who is let in, through the application and through real sockets."""

import json
import os

import httpx
import pytest
from starlette.types import ASGIApp

from tests.contract.api.conftest import UID, client_as
from tests.contract.api.fake_gateway import ALL_SCOPES, AN_ID, FakeGateway
from tests.contract.api.manifests import manifest
from tests.contract.api.test_packages import problem

TOKEN = {"Authorization": "Bearer all"}


async def test_the_kernel_says_who_is_at_the_socket(on_socket: httpx.AsyncClient) -> None:
    answer = await on_socket.post("/v1/packages", json=manifest())
    assert (201, "a-voorbeeld") == (answer.status_code, answer.json()["submitter"])


async def test_a_user_who_is_nobody_here_is_not_let_in(app: ASGIApp) -> None:
    async with client_as(app, 9999) as stranger:
        answer = await stranger.post("/v1/packages", json=manifest())
    problem(answer, 401, "not-authenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_says_which_person_a_user_plays(on_socket: httpx.AsyncClient) -> None:
    headers = {"Authorization": "Bearer other"}
    answer = await on_socket.post("/v1/packages", json=manifest(), headers=headers)
    assert "b-voorbeeld" == answer.json()["submitter"]
    assert 404 == (await on_socket.get(f"/v1/packages/{AN_ID}")).status_code


@pytest.mark.parametrize("header", ["Bearer unknown", "Bearer ", "Bearer", "Basic YTpi", "all", ""])
async def test_a_bad_token_is_refused_also_where_the_user_is_known(client: httpx.AsyncClient, header: str) -> None:
    problem(await client.get("/v1/recipients", headers={"Authorization": header}), 401, "not-authenticated")


async def test_two_authorizations_are_refused(client: httpx.AsyncClient) -> None:
    twice = [("Authorization", "Bearer all"), ("Authorization", "Bearer other")]
    problem(await client.get("/v1/recipients", headers=twice), 401, "not-authenticated")


async def test_tcp_takes_a_token(on_tcp: httpx.AsyncClient) -> None:
    problem(await on_tcp.post("/v1/packages", json=manifest()), 401, "not-authenticated")
    assert 201 == (await on_tcp.post("/v1/packages", json=manifest(), headers=TOKEN)).status_code


async def test_a_token_may_do_no_more_than_its_scopes(client: httpx.AsyncClient) -> None:
    headers = {"Authorization": "Bearer read"}
    assert 200 == (await client.get("/v1/packages", headers=headers)).status_code
    problem(await client.post("/v1/packages", json=manifest(), headers=headers), 403, "not-permitted")
    problem(await client.post("/v1/previews", json=manifest(), headers=headers), 403, "not-permitted")
    problem(await client.get("/v1/recipients", headers=headers), 403, "not-permitted")


@pytest.mark.parametrize(
    "host",
    ["rebound.example", "rebound.example:80", "127.0.0.1.rebound.example", "localhost.", "192.0.2.1", "", "[::2]"],
)
async def test_dns_rebinding_to_another_host_name_is_refused(on_tcp: httpx.AsyncClient, host: str) -> None:
    for path in ("/v1/recipients", "/v1/openapi.json", "/health/live"):
        answer = await on_tcp.get(path, headers={**TOKEN, "Host": host})
        problem(answer, 421, "host-refused")


async def test_this_machine_may_be_called_by_each_of_its_names(app: ASGIApp) -> None:
    async with client_as(app, None) as tcp:
        for host in ("localhost", "localhost:8443", "127.0.0.1:8443", "[::1]", "[::1]:8443"):
            assert 200 == (await tcp.get("/v1/recipients", headers={**TOKEN, "Host": host})).status_code


async def test_forwarded_headers_are_believed_by_nobody(
    on_tcp: httpx.AsyncClient, on_socket: httpx.AsyncClient
) -> None:
    forged = {
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Host": "localhost",
        "X-Forwarded-User": "a-voorbeeld",
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=127.0.0.1;host=localhost",
    }
    problem(await on_tcp.get("/v1/recipients", headers=forged), 401, "not-authenticated")
    problem(await on_tcp.get("/v1/recipients", headers={**forged, **TOKEN, "Host": "x.example"}), 421, "host-refused")
    answer = await on_socket.post(
        "/v1/packages", json=manifest(), headers={**forged, "X-Forwarded-User": "b-voorbeeld"}
    )
    assert "a-voorbeeld" == answer.json()["submitter"]


async def test_a_person_gets_a_token_on_the_socket(on_socket: httpx.AsyncClient, on_tcp: httpx.AsyncClient) -> None:
    wanted = {"person": "c-voorbeeld", "scopes": ["recipients:read"]}
    granted = await on_socket.post("/v1/tokens", json=wanted)
    assert (201, 3600) == (granted.status_code, granted.json()["expiresInSeconds"])
    headers = {"Authorization": f"Bearer {granted.json()['token']}"}
    assert 200 == (await on_tcp.get("/v1/recipients", headers=headers)).status_code
    assert 403 == (await on_tcp.get("/v1/packages", headers=headers)).status_code


async def test_a_token_is_good_for_everything_when_no_scope_is_named(client: httpx.AsyncClient) -> None:
    granted = await client.post("/v1/tokens", json={"person": "a-voorbeeld"})
    assert ALL_SCOPES == set(granted.json()["scopes"])


async def test_a_person_whom_the_user_may_not_be_gets_no_token(client: httpx.AsyncClient) -> None:
    problem(await client.post("/v1/tokens", json={"person": "b-voorbeeld"}), 403, "not-permitted")


async def test_no_token_is_made_over_tcp(on_tcp: httpx.AsyncClient, gateway: FakeGateway) -> None:
    before = dict(gateway.tokens)
    answer = await on_tcp.post("/v1/tokens", json={"person": "a-voorbeeld"}, headers=TOKEN)
    problem(answer, 403, "not-permitted")
    assert before == gateway.tokens


@pytest.mark.parametrize(
    "text",
    [
        '{"person": "a-voorbeeld", "person": "a-voorbeeld"}',
        '{"person": "a-voorbeeld", "roles": ["administrator"]}',
        '{"person": "a-voorbeeld", "scopes": []}',
        '{"person": "a-voorbeeld", "scopes": ["everything"]}',
        '{"person": 1}',
        "{}",
        "[]",
        "x",
        "\ud800",
    ],
)
async def test_a_request_for_a_token_is_read_strictly(client: httpx.AsyncClient, text: str) -> None:
    content = text.encode("utf-8", "surrogatepass")
    answer = await client.post("/v1/tokens", content=content, headers={"Content-Type": "application/json"})
    assert problem(answer, 400, "request-invalid")["errors"]


async def test_health_is_for_everybody_and_its_numbers_for_the_known(
    on_socket: httpx.AsyncClient, on_tcp: httpx.AsyncClient
) -> None:
    await on_socket.post("/v1/packages", json=manifest())
    assert "alive" == (await on_tcp.get("/health/live")).json()["status"]
    assert {} == (await on_tcp.get("/health/ready")).json()["packages"]
    for known in (await on_socket.get("/health/ready"), await on_tcp.get("/health/ready", headers=TOKEN)):
        assert {"received": 1} == known.json()["packages"]


async def test_a_service_that_is_not_ready_says_why(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    gateway.problems = (("disk-full", "spool"),)
    body = problem(await client.get("/health/ready"), 503, "service-busy")
    assert [{"code": "disk-full", "where": "spool"}] == body["problems"]


async def test_the_peer_is_this_very_process(on_socket: httpx.AsyncClient, gateway: FakeGateway) -> None:
    del gateway.people[os.getuid()]
    problem(await on_socket.get("/v1/recipients"), 401, "not-authenticated")
    assert UID in gateway.people
    assert json.loads((await on_socket.get("/health/ready")).text)["ready"]
