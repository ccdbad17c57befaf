"""Promises about `/metrics`: numbers about packages are for those of the site alone."""

import httpx
from starlette.types import ASGIApp

from gateway.package.views import TokenGrant
from tests.contract.api.conftest import client_as
from tests.contract.api.fake_gateway import ALL_SCOPES, FakeGateway, caseworker
from tests.contract.api.test_packages import problem

WATCHES = {"Authorization": "Bearer watches"}


def watching(gateway: FakeGateway) -> FakeGateway:
    gateway.tokens["watches"] = TokenGrant(submitter=caseworker(), scopes=frozenset({"metrics:read"}))
    gateway.tokens["less"] = TokenGrant(submitter=caseworker(), scopes=ALL_SCOPES - {"metrics:read"})
    return gateway


async def test_whoever_can_open_the_socket_reads_the_numbers(app: ASGIApp) -> None:
    async with client_as(app, 9999) as somebody:
        answer = await somebody.get("/metrics")

    assert (200, "text/plain; version=0.0.4; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    assert "gateway_ready 1.0" in answer.text


async def test_a_stranger_on_tcp_reads_no_number(on_tcp: httpx.AsyncClient) -> None:
    problem(await on_tcp.get("/metrics"), 401, "not-authenticated")


async def test_a_token_for_the_numbers_reads_them_and_nothing_else(
    gateway: FakeGateway, on_tcp: httpx.AsyncClient
) -> None:
    watching(gateway)

    assert 200 == (await on_tcp.get("/metrics", headers=WATCHES)).status_code
    problem(await on_tcp.get("/v1/packages", headers=WATCHES), 403, "not-permitted")


async def test_a_token_for_all_else_does_not_read_the_numbers_on_the_socket_either(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    watching(gateway)

    problem(await client.get("/metrics", headers={"Authorization": "Bearer less"}), 403, "not-permitted")


async def test_the_numbers_take_no_parameter(on_socket: httpx.AsyncClient) -> None:
    problem(await on_socket.get("/metrics", params={"name": "up"}), 400, "request-invalid")
