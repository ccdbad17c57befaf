"""The HTTP/1.1 protocol of uvicorn, made fit for a door: it knows its peer and does not wait for ever.

1. The peer's credentials are read from the kernel once per connection and put into each request's scope.
2. A request line and headers that do not come in time, or do not end, close the connection.
3. What is no HTTP is answered as problem details too.
"""

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, cast

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.entrypoints.api.identity import PEER_KEY, Peer, peer_of
from gateway.entrypoints.api.problem_details import problem_body
from gateway.entrypoints.api.problem_json import MEDIA_TYPE
from gateway.entrypoints.api.settings import API_VERSION, ApiSettings
from gateway.package.errors import Code, SluisError
from gateway.package.states import Language

if TYPE_CHECKING:
    import socket

_HEADER_LIMIT_BYTES = 65_536


class DoorProtocol(HttpToolsProtocol):
    """One connection. `settings` is bound by `protocol_for`."""

    settings: ClassVar[ApiSettings]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the kernel who it is, and give the first request its time."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._peer: Peer | None = peer_of(cast("socket.socket", transport.get_extra_info("socket")))
        self._header_bytes = 0
        self._header_timer: asyncio.TimerHandle | None = None
        self._start_header_time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer."""
        self._stop_header_time()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser; headers that go on and on end here, also one endless line that the parser keeps."""
        if self._header_timer is None and not self._in_request():
            self._start_header_time()
        self._header_bytes += len(data)
        super().data_received(data)
        if self._header_timer is not None and self._header_bytes > _HEADER_LIMIT_BYTES:
            self.send_400_response("")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count headers and trailers. Raises ValueError, which the parser turns into a bad request."""
        self._kept_bytes += len(name) + len(value)
        if self._kept_bytes > _HEADER_LIMIT_BYTES:
            raise ValueError("headers over the limit")
        super().on_header(name, value)

    def on_message_begin(self) -> None:
        """Tell the request who is at the other end."""
        super().on_message_begin()
        self._kept_bytes = 0
        cast("dict[str, Any]", self.scope)[PEER_KEY] = self._peer

    def on_headers_complete(self) -> None:
        """Stop the time of the headers."""
        self._stop_header_time()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the signature is uvicorn's own
        """Answer what is no HTTP; uvicorn's own text is not sent."""
        if self.transport.is_closing():
            return
        self.transport.write(_bad_request(self.settings))
        self.transport.close()

    def _in_request(self) -> bool:
        return bool(self.cycle) and not self.cycle.response_complete

    def _start_header_time(self) -> None:
        self._header_bytes = 0
        self._header_timer = self.loop.call_later(self.settings.chunk_limit_seconds, self._give_up)

    def _stop_header_time(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _give_up(self) -> None:
        self._header_timer = None
        self.transport.close()


def protocol_for(settings: ApiSettings) -> type[DoorProtocol]:
    """Bind the protocol to settings; uvicorn makes the connections itself and hands over no more than its own."""
    return type("BoundDoorProtocol", (DoorProtocol,), {"settings": settings})


def _bad_request(settings: ApiSettings) -> bytes:
    error = SluisError(Code.REQUEST_INVALID, faults=(("request", "HTTP/1.1"),))
    body = problem_body(error, translate=settings.translate, language=Language.EN, base_url=settings.problem_base_url)
    text = orjson.dumps(body | {"instance": "about:blank"})
    head = (
        f"HTTP/1.1 400 Bad Request\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {len(text)}\r\n"
        f"api-version: {API_VERSION}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + text
