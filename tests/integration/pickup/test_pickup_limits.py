"""What the pick-up service takes from one address and in all, how long it waits, and who is slowed down."""

import asyncio
import hashlib
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from gateway.entrypoints.api.server import SignalFreeServer
from gateway.entrypoints.pickup import push_app
from gateway.entrypoints.pickup.listening import ConnectionLimits, GuardedListener, PickupProtocol
from gateway.entrypoints.pickup.push_app import PushSide
from gateway.entrypoints.pickup.store import ParcelStore
from gateway.entrypoints.pickup.visitors import Throttle, address_of
from tests.integration.pickup.running import TOKEN, Parcel, RunningPickup, sealed, shown

UNPROVEN = shown(bytes(32), bytes(32))
PATIENCE = 10.0


class Hasty(PickupProtocol):
    """The service's own protocol, with less time."""

    header_seconds: ClassVar[float] = 0.3
    stall_seconds = 0.3


async def _endless(_request: Request) -> Response:
    async def zeros() -> AsyncIterator[bytes]:
        for _ in range(4096):
            yield bytes(65_536)

    return StreamingResponse(zeros())


@asynccontextmanager
async def hasty() -> AsyncIterator[tuple[str, int]]:
    """Serve something large on a guarded listener."""
    app = Starlette(routes=[Route("/", _endless), Route("/short", lambda _: Response("short"), methods=["POST"])])
    config = uvicorn.Config(app, http=Hasty, ws="none", lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    up = asyncio.Event()
    server = SignalFreeServer(config, up)
    limits = ConnectionLimits(in_all=9, for_one=9)
    with GuardedListener(("127.0.0.1", 0), limits=limits, backlog=16) as listener:
        running = asyncio.create_task(server.serve(sockets=[listener]))
        await up.wait()
        yield listener.getsockname()
        server.should_exit = True
        await running


async def cut_off(reader: asyncio.StreamReader) -> bool:
    """Tell whether a connection comes to its end in time; what is read meanwhile is thrown away."""
    try:
        async with asyncio.timeout(PATIENCE):
            while await reader.read(65_536):
                pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


async def loses_its_connection(begin: bytes, again: bytes) -> bool:
    """Say the beginning, then a little again and again without an end; tell whether the service cuts it off."""
    async with hasty() as address:
        reader, writer = await asyncio.open_connection(*address)

        async def trickle() -> None:
            writer.write(begin)
            while True:
                writer.write(again)
                await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        ended = await cut_off(reader)
        trickling.cancel()
        writer.close()
    return ended


async def test_a_slowloris_whose_head_never_ends_loses_its_connection() -> None:
    assert await loses_its_connection(b"GET / HTTP/1.1\r\n", b"X-A: b\r\n")


async def test_a_body_that_goes_on_after_its_answer_loses_its_connection() -> None:
    head = b"POST /short HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    assert await loses_its_connection(head, b"x")


async def test_a_slow_reader_who_takes_nothing_is_cut_off() -> None:
    async with hasty() as address:
        plain = socket.create_connection(address)
        plain.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(plain, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        # Nothing is read until the server must have given up.
        await asyncio.sleep(2.0)
        taken, ended = 0, False
        try:
            async with asyncio.timeout(PATIENCE):
                while piece := await loop.sock_recv(plain, 1 << 20):
                    taken += len(piece)
                ended = True
        except ConnectionError:
            ended = True
        plain.close()

    assert ended
    assert taken < 4096 * 65_536


async def test_a_gateway_that_dies_in_the_middle_of_its_parcel_holds_no_place_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push_app, "_PIECE_SECONDS", 0.1)
    store, parcel = ParcelStore(tmp_path / "parcels", now=lambda: parcel.description.until), sealed()
    store.prepare()
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    side = PushSide(store, token_sha256=digest, max_bytes=1 << 20)
    headers = {"Authorization": f"Bearer {TOKEN}", "Sluis-Description": parcel.header()}

    async def stalls() -> AsyncIterator[bytes]:
        yield parcel.ciphertext[:5]
        await asyncio.sleep(3600)

    async def asked() -> list[int]:
        said: list[int] = []
        pieces = stalls()

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": await anext(pieces), "more_body": True}

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                said.append(int(str(message["status"])))

        scope = {
            "type": "http",
            "method": "PUT",
            "path": f"/v1/parcels/{parcel.id}",
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
        await side.app()(scope, receive, send)  # type: ignore[arg-type] # the messages are ASGI's.
        return said

    assert [408] == await asked()
    assert [] == list((tmp_path / "parcels").iterdir())


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPickup]:
    folder = tmp_path_factory.mktemp("postbus") / "pickup"
    with RunningPickup(folder, maxConnections=5, maxPerAddress=3) as running:
        yield running


def knock(service: RunningPickup, stack: ExitStack, *, source: str = "127.0.0.1") -> socket.socket:
    parts = urlsplit(service.public)
    address = (parts.hostname or "", parts.port or 0)
    return stack.enter_context(socket.create_connection(address, timeout=1, source_address=(source, 0)))


def is_open(connection: socket.socket) -> bool:
    """Tell whether the far side waits for our TLS handshake; a refused connection ends at once."""
    try:
        return connection.recv(1) != b""
    except TimeoutError:
        return True
    except ConnectionError:
        return False


def test_one_address_gets_so_many_connections_and_no_more_also_before_any_handshake(narrow: RunningPickup) -> None:
    with ExitStack() as stack:
        taken = [is_open(knock(narrow, stack)) for _ in range(4)]
        other = is_open(knock(narrow, stack, source="127.0.0.2"))

    assert ([True, True, True, False], True) == (taken, other)


def test_all_addresses_together_get_so_many_connections_and_a_place_that_is_given_back_is_free(
    narrow: RunningPickup,
) -> None:
    with ExitStack() as stack:
        taken = [is_open(knock(narrow, stack, source=f"127.0.0.{each // 2 + 10}")) for each in range(6)]
    deadline = time.monotonic() + PATIENCE
    answered = False
    while not answered and time.monotonic() < deadline:
        try:
            with narrow.client() as client:
                answered = client.get(f"{narrow.public}/pickup.css").status_code == httpx.codes.OK
        except httpx.TransportError:
            time.sleep(0.05)

    assert [True] * 5 + [False] == taken
    assert answered


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPickup]:
    folder = tmp_path_factory.mktemp("postbus") / "pickup"
    with RunningPickup(folder, trustedProxies=["127.0.0.1"]) as running:
        yield running


def asked(client: httpx.Client, parcel: Parcel, *, by: str, headers: dict[str, str]) -> tuple[int, float]:
    begun = time.monotonic()
    answer = client.post(f"/parcels/{parcel.id}/entry", headers={**headers, "X-Forwarded-For": by})
    return answer.status_code, time.monotonic() - begun


def test_who_guesses_on_is_slowed_down_and_neither_the_rightful_recipient_nor_anybody_else_is(
    proxied: RunningPickup,
) -> None:
    parcel = sealed()
    proxied.put(parcel)
    guesser = "198.51.100.7, 192.0.2.1"
    with proxied.client() as client:
        client.base_url = httpx.URL(proxied.public)
        before = {asked(client, parcel, by=guesser, headers=UNPROVEN)[0] for _ in range(30)}
        slowed, waited = asked(client, parcel, by="203.0.113.9, 192.0.2.1", headers=UNPROVEN)
        right, at_once = asked(client, parcel, by=guesser, headers=parcel.shown)
        other, also_at_once = asked(client, parcel, by="192.0.2.2", headers=UNPROVEN)

    assert ({404}, 429, 200, 404) == (before, slowed, right, other)
    assert waited >= 2.0 > max(at_once, also_at_once)
    assert 0 == proxied.report(parcel)["wrong"]


def test_who_has_the_link_is_told_of_the_tries_left_also_when_slowed_down(proxied: RunningPickup) -> None:
    parcel = sealed()
    proxied.put(parcel)
    with proxied.client() as client:
        client.base_url = httpx.URL(proxied.public)
        for _ in range(30):
            asked(client, parcel, by="192.0.2.77", headers=UNPROVEN)
        headers = {**parcel.wrong, "X-Forwarded-For": "192.0.2.77"}
        answer = client.post(f"/parcels/{parcel.id}/entry", headers=headers)

    assert (401, 4) == (answer.status_code, answer.json()["left"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        ("10.0.0.5", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.5", ["203.0.113.1, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.5", ["203.0.113.1", "198.51.100.7, 10.0.0.6"], "198.51.100.7"),
        ("10.0.0.5", [], ""),
        ("::ffff:10.0.0.5", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", ["198.51.100.7"], "2001:db8:1:2::"),
        ("10.0.0.5", ["x" * 5000], "x" * 45),
    ],
)
def test_only_a_proxy_out_of_the_settings_says_for_whom_it_asks(peer: str, forwarded: list[str], counted: str) -> None:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    request = Request({"type": "http", "client": (peer, 1), "headers": headers})

    assert counted == address_of(request, frozenset({"10.0.0.5", "10.0.0.6"}))


def test_an_address_that_failed_too_often_is_forgotten_after_ten_minutes() -> None:
    moment = [0.0]
    throttle = Throttle(monotonic=lambda: moment[0])
    early = [throttle.note("192.0.2.1") for _ in range(31)]
    moment[0] = 601.0

    assert [False] * 30 + [True] == early
    assert not throttle.note("192.0.2.1")
