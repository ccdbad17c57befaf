"""The API over the fake gateway: in process, over a real Unix socket, and over real loopback TCP."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.entrypoints.api.app import build_app
from gateway.entrypoints.api.identity import PEER_KEY, Peer
from gateway.entrypoints.api.port import TokenGrant
from gateway.entrypoints.api.server import ApiServer
from gateway.entrypoints.api.settings import ApiSettings
from tests.contract.api.fake_gateway import ALL_SCOPES, FakeGateway, caseworker

UID = 4711
OTHER_UID = 4712


@pytest.fixture
def settings() -> ApiSettings:
    """Small limits, so that no test has to send much."""
    return ApiSettings(
        manifest_limit_bytes=20_000,
        package_limit_bytes=3_000_000,
        preview_limit_bytes=100_000,
        chunk_limit_seconds=0.3,
    )


@pytest.fixture
def gateway() -> FakeGateway:
    fake = FakeGateway()
    fake.people = {UID: caseworker(), OTHER_UID: caseworker("b-voorbeeld"), os.getuid(): caseworker()}
    fake.may_be = {UID: {"a-voorbeeld"}, os.getuid(): {"a-voorbeeld", "c-voorbeeld"}}
    fake.tokens["all"] = TokenGrant(submitter=caseworker(), scopes=ALL_SCOPES)
    fake.tokens["read"] = TokenGrant(submitter=caseworker(), scopes=frozenset({"packages:read"}))
    fake.tokens["other"] = TokenGrant(submitter=caseworker("b-voorbeeld"), scopes=ALL_SCOPES)
    return fake


def as_peer(app: ASGIApp, uid: int | None) -> ASGIApp:
    """Put a peer into each request's scope, as the protocol does from the kernel's word; None stands for TCP."""

    async def with_peer(scope: Scope, receive: Receive, send: Send) -> None:
        scope[PEER_KEY] = None if uid is None else Peer(pid=1, uid=uid, gid=uid)
        await app(scope, receive, send)

    return with_peer


@pytest.fixture
def app(gateway: FakeGateway, settings: ApiSettings) -> ASGIApp:
    return build_app(gateway, settings=settings)


@contextlib.asynccontextmanager
async def client_as(app: ASGIApp, uid: int | None) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(as_peer(app, uid))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.fixture
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody known by the socket."""
    async with client_as(app, UID) as client:
        yield client


@pytest.fixture
async def other(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """Another caseworker, known by the socket."""
    async with client_as(app, OTHER_UID) as client:
        yield client


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short private folder: the path of a Unix socket ends at 107 bytes."""
    made = Path(tempfile.mkdtemp(dir="/tmp", prefix="s"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
async def server(app: ASGIApp, settings: ApiSettings, folder: Path) -> AsyncIterator[ApiServer]:
    """A real server on a Unix socket and on loopback TCP."""
    made = ApiServer(app, socket_path=folder / "api.sock", tcp=("127.0.0.1", 0), settings=settings)
    async with running(made):
        yield made


@contextlib.asynccontextmanager
async def running(server: ApiServer) -> AsyncIterator[None]:
    task = asyncio.create_task(server.run())
    started = asyncio.create_task(server.started.wait())
    await asyncio.wait({task, started}, return_when=asyncio.FIRST_COMPLETED)
    started.cancel()
    try:
        yield
    finally:
        server.stop()
        await task


@pytest.fixture
async def on_socket(server: ApiServer, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A real client over the Unix socket: this very process, as the kernel sees it."""
    transport = httpx.AsyncHTTPTransport(uds=str(folder / "api.sock"))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", trust_env=False) as client:
        yield client


@pytest.fixture
async def on_tcp(server: ApiServer) -> AsyncIterator[httpx.AsyncClient]:
    """A real client over loopback TCP, known by nothing."""
    assert server.tcp_address is not None
    host, port = server.tcp_address
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}", trust_env=False) as client:
        yield client
