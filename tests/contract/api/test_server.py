"""Promises of the server about its socket and its address."""

import asyncio
import os
import signal
import socket
import stat
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from gateway.entrypoints.api.server import ApiServer
from gateway.entrypoints.api.settings import ApiSettings
from gateway.entrypoints.api.socket_path import short_path
from gateway.package.errors import Code, SluisError
from tests.contract.api.conftest import running


def server_on(path: Path | None, app: ASGIApp, *, tcp: tuple[str, int] | None = None) -> ApiServer:
    return ApiServer(app, socket_path=path, tcp=tcp, settings=ApiSettings())


async def refused(server: ApiServer) -> Code:
    with pytest.raises(SluisError) as caught:
        await server.run()
    return caught.value.code


async def test_the_socket_is_private_and_goes_with_the_server(app: ASGIApp, folder: Path) -> None:
    path = folder / "run" / "api.sock"
    async with running(server_on(path, app)):
        assert (0o700, 0o600) == (stat.S_IMODE(path.parent.stat().st_mode), stat.S_IMODE(path.stat().st_mode))
    assert not path.exists()


async def test_a_group_passes_through_to_the_socket_and_nobody_else(app: ASGIApp, folder: Path) -> None:
    path, group = folder / "run" / "api.sock", os.getgroups()[-1] if os.getgroups() else os.getgid()
    server = ApiServer(app, socket_path=path, tcp=None, settings=ApiSettings(), socket_group=group)
    for _ in range(2):
        async with running(server):
            modes = [(stat.S_IMODE(place.stat().st_mode), place.stat().st_gid) for place in (path.parent, path)]
            assert [(0o710, group), (0o660, group)] == modes
        server = ApiServer(app, socket_path=path, tcp=None, settings=ApiSettings(), socket_group=group)


@pytest.fixture
def writable_folder(folder: Path) -> Path:
    folder.chmod(0o730)
    return folder


async def test_a_folder_that_a_group_may_write_to_is_refused_also_with_that_group(
    app: ASGIApp, writable_folder: Path
) -> None:
    path = writable_folder / "api.sock"
    server = ApiServer(app, socket_path=path, tcp=None, settings=ApiSettings(), socket_group=os.getgid())
    assert Code.SETTING_INVALID == await refused(server)


@pytest.fixture
def open_folder(folder: Path) -> Path:
    folder.chmod(0o750)
    return folder


async def test_a_folder_that_others_may_enter_is_refused(app: ASGIApp, open_folder: Path) -> None:
    assert Code.SETTING_INVALID == await refused(server_on(open_folder / "api.sock", app))


async def test_a_socket_left_by_a_dead_service_is_replaced(app: ASGIApp, folder: Path) -> None:
    path = folder / "api.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    async with (
        running(server_on(path, app)),
        httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(path)), base_url="http://localhost") as client,
    ):
        assert 200 == (await client.get("/health/live")).status_code


async def test_a_second_service_leaves_the_first_one_alone(app: ASGIApp, folder: Path) -> None:
    path = folder / "api.sock"
    async with running(server_on(path, app)):
        assert Code.SITE_IN_USE == await refused(server_on(path, app))
        assert path.is_socket()


@pytest.mark.parametrize("kind", ["file", "link"])
async def test_what_is_no_socket_is_never_removed(app: ASGIApp, folder: Path, kind: str) -> None:
    path = folder / "api.sock"
    if kind == "file":
        path.write_text("precious")
    else:
        path.symlink_to(folder / "elsewhere")
    assert Code.SETTING_INVALID == await refused(server_on(path, app))
    assert path.is_symlink() or path.read_text() == "precious"


async def test_a_site_may_lie_deeper_than_a_socket_path_is_long(app: ASGIApp, folder: Path) -> None:
    path = folder / ("deep" * 40) / "run" / "api.sock"
    path.parent.parent.mkdir(mode=0o700)
    async with running(server_on(path, app)):
        with short_path(path) as name:
            transport = httpx.AsyncHTTPTransport(uds=name)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                assert 200 == (await client.get("/health/live")).status_code


EVERYWHERE = "0.0.0.0"  # noqa: S104 - this is the very address that is refused


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "192.0.2.1", "sluis.example", ""])
async def test_an_address_that_others_can_reach_is_refused(app: ASGIApp, host: str) -> None:
    assert Code.SETTING_INVALID == await refused(server_on(None, app, tcp=(host, 0)))


async def test_a_taken_port_is_told(app: ASGIApp) -> None:
    first = server_on(None, app, tcp=("localhost", 0))
    async with running(first):
        assert first.tcp_address is not None
        assert Code.SETTING_INVALID == await refused(server_on(None, app, tcp=first.tcp_address))


async def test_a_server_without_any_address_is_a_mistake_of_ours(app: ASGIApp) -> None:
    with pytest.raises(ValueError, match="socket"):
        server_on(None, app)


async def test_a_cancelled_server_leaves_no_socket_behind(app: ASGIApp, folder: Path) -> None:
    path = folder / "api.sock"
    server = server_on(path, app)
    task = asyncio.create_task(server.run())
    await server.started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not path.exists()


async def test_signals_are_left_to_whoever_runs_the_loop(app: ASGIApp, folder: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    async with running(server_on(folder / "api.sock", app)):
        assert before == signal.getsignal(signal.SIGTERM)
