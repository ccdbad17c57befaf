"""Promises against those who send too much, too slowly, or no HTTP, on a real server with raw sockets."""

import asyncio
import contextlib
import json
import socket
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from gateway.entrypoints.api.server import ApiServer
from gateway.entrypoints.api.settings import ApiSettings
from tests.contract.api.conftest import running
from tests.contract.api.fake_gateway import AN_ID, FakeGateway
from tests.contract.api.manifests import with_documents

PUT = f"PUT /v1/packages/{AN_ID}/documents/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
POST = "POST /v1/packages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
THREE_GIB = 3 * 1024**3


class Raw:
    """A connection that says exactly what it is told to say."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, *texts: str | bytes) -> None:
        for text in texts:
            self.writer.write(text.encode() if isinstance(text, str) else text)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, object]]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        return int(head.split(" ")[1]), json.loads(await self.reader.readexactly(length))

    async def ended(self) -> bool:
        try:
            return b"" == await self.reader.read()
        except ConnectionError:
            return True


@pytest.fixture
async def raw(server: ApiServer, folder: Path) -> Raw:
    return Raw(*await asyncio.open_unix_connection(str(folder / "api.sock")))


@pytest.fixture(autouse=True)
async def closed(raw: Raw) -> object:
    yield
    raw.writer.close()


async def declared(on_socket: httpx.AsyncClient) -> None:
    assert 201 == (await on_socket.post("/v1/packages", json=with_documents("een.txt"))).status_code


@pytest.mark.parametrize("head", [PUT, POST])
async def test_three_gib_announced_are_refused_before_a_byte_is_read(
    on_socket: httpx.AsyncClient, raw: Raw, head: str
) -> None:
    await declared(on_socket)
    await raw.say(head, f"Content-Length: {THREE_GIB}\r\n\r\n")
    status, body = await raw.answer()
    assert (413, "body-too-large") == (status, body["code"])
    assert await raw.ended()


def flood(path: Path, head: str, piece: bytes, times: int) -> tuple[int, dict[str, object], int]:
    """Send a head and then a piece again and again until it is taken no more; give the answer and the bytes taken."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(head.encode())
        taken = 0
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(times):
                connection.sendall(piece)
                taken += len(piece)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while more := connection.recv(65_536):
                answer += more
    top, _, body = answer.partition(b"\r\n\r\n")
    return int(top.split(b" ")[1]), json.loads(body), taken


async def test_a_chunked_body_without_end_is_refused_as_soon_as_it_is_over(
    on_socket: httpx.AsyncClient, folder: Path, settings: ApiSettings, gateway: FakeGateway
) -> None:
    await declared(on_socket)
    head, chunk = PUT + "Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    times = THREE_GIB // 65_536
    status, body, taken = await asyncio.to_thread(flood, folder / "api.sock", head, chunk, times)
    assert (413, "body-too-large") == (status, body["code"])
    assert taken < 2 * settings.package_limit_bytes
    assert {} == gateway.content


async def test_a_client_that_falls_silent_is_cut_off(on_socket: httpx.AsyncClient, raw: Raw) -> None:
    await declared(on_socket)
    await raw.say(PUT, "Content-Length: 100\r\n\r\n", "half")
    status, body = await raw.answer()
    assert (408, "request-timeout") == (status, body["code"])
    assert await raw.ended()


async def test_a_client_that_dribbles_is_cut_off(on_socket: httpx.AsyncClient, raw: Raw) -> None:
    await declared(on_socket)
    await raw.say(PUT, "Content-Length: 100000\r\n\r\n")
    answered = asyncio.create_task(raw.answer())
    while not answered.done():
        await raw.say("x")
        await asyncio.sleep(0.02)
    status, body = await answered
    assert (408, "request-timeout") == (status, body["code"])


async def test_a_body_that_breaks_off_is_no_document(
    on_socket: httpx.AsyncClient, raw: Raw, gateway: FakeGateway
) -> None:
    await declared(on_socket)
    await raw.say(PUT, "Content-Length: 100\r\n\r\n", "half")
    await asyncio.sleep(0.05)
    raw.writer.close()
    await asyncio.sleep(0.05)
    view = (await on_socket.get(f"/v1/packages/{AN_ID}")).json()
    assert ("incomplete", 1) == (view["state"], view["expected"][0]["number"])
    assert {} == gateway.content


async def test_a_connection_that_says_nothing_is_closed(raw: Raw) -> None:
    assert await raw.ended()


async def test_headers_that_dribble_in_are_not_waited_for(raw: Raw) -> None:
    await raw.say("GET /v1/recipients HTTP/1.1\r\nHost: x\r\nX-A:")
    assert await raw.ended()


@pytest.mark.parametrize("piece", [b"a" * 10_000, b"\r\nX-A: b"], ids=["one line", "many lines"])
async def test_headers_without_end_are_refused(app: ASGIApp, settings: ApiSettings, folder: Path, piece: bytes) -> None:
    head = "GET /v1/recipients HTTP/1.1\r\nHost: x\r\nX-Long: "
    times = 10_000_000 // len(piece)
    # With time enough: it is their length that ends them, also where eight bytes at a time take long to send.
    patient = replace(settings, chunk_limit_seconds=60.0)
    async with running(ApiServer(app, socket_path=folder / "patient.sock", tcp=None, settings=patient)):
        status, body, taken = await asyncio.to_thread(flood, folder / "patient.sock", head, piece, times)
    assert (400, "request-invalid") == (status, body["code"])
    assert taken < 5_000_000


@pytest.mark.parametrize(
    "text",
    [
        "hello\r\n\r\n",
        "GET /v1/recipients HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /v1/recipients HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "GET /v1/r\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["no HTTP", "request smuggling", "negative length", "NUL in the path"],
)
async def test_what_is_no_http_is_a_problem_too(raw: Raw, text: str) -> None:
    await raw.say(text)
    status, body = await raw.answer()
    assert (400, "request-invalid") == (status, body["code"])


async def test_a_connection_is_used_again_and_again(raw: Raw) -> None:
    for _ in range(3):
        await raw.say("GET /v1/recipients HTTP/1.1\r\nHost: x\r\n\r\n")
        assert 200 == (await raw.answer())[0]


async def test_too_many_requests_at_once_are_told_to_come_back(gateway: FakeGateway) -> None:
    from gateway.entrypoints.api.app import build_app
    from tests.contract.api.conftest import UID, client_as

    async with client_as(build_app(gateway, settings=ApiSettings(requests_at_once=0)), UID) as client:
        answer = await client.get("/v1/recipients")
    assert (503, "service-busy", "1") == (answer.status_code, answer.json()["code"], answer.headers["retry-after"])
