"""A connection that is given up before the other side has said a word is closed, and not left to the next clean-up."""

import asyncio
import gc
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

import pytest

from gateway.bootstrap.posting import post
from gateway.deliver.postbus_connection import PostbusConnection, PostbusSettings
from gateway.deliver.text_messages import TextGateway, TextGatewaySettings

LONG = 30.0


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that takes connections and says nothing; what nobody closed stays open while it runs."""
    gc.disable()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LONG)
        yield server
    gc.enable()


def posted(url: str, *, seconds: float = LONG) -> Awaitable[object]:
    return post(url, b"x", context=ssl.create_default_context(), seconds=seconds, most_bytes=100)


async def asked_at_the_postbus(url: str) -> None:
    settings = PostbusSettings(url=url, push_url=url, ca_file=None, token="t", timeout_seconds=LONG)
    connection = PostbusConnection(settings)
    try:
        await connection.ask("GET", "/")
    finally:
        await connection.aclose()


async def texted(url: str) -> None:
    settings = TextGatewaySettings(url=url, ca_file=None, token=b"t", sender="s", body={}, timeout_seconds=LONG)
    await TextGateway(settings).send("+31600000000", "text")


def given_up(connection: socket.socket) -> bool:
    """Tell whether the client closed what it had opened; its first words of the handshake are passed over."""
    connection.settimeout(2)
    with suppress(TimeoutError):
        while connection.recv(4096):
            pass
        return True
    return False


def at(server: socket.socket) -> str:
    return f"https://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("ask", [posted, asked_at_the_postbus, texted])
async def test_who_is_cancelled_in_the_handshake_leaves_no_connection_open(
    ask: Callable[[str], Awaitable[object]], silent: socket.socket
) -> None:
    asking = asyncio.ensure_future(ask(at(silent)))
    connection, _ = await asyncio.to_thread(silent.accept)
    with connection:
        assert await asyncio.to_thread(connection.recv, 1)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking

        assert await asyncio.to_thread(given_up, connection)


async def test_who_waits_too_long_for_a_handshake_leaves_no_connection_open(silent: socket.socket) -> None:
    with suppress(OSError):
        await posted(at(silent), seconds=0.2)
    connection, _ = silent.accept()
    with connection:
        assert await asyncio.to_thread(given_up, connection)
