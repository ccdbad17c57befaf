"""The HTTP/1.1 protocol of uvicorn, made fit for a door: it knows its peer and does not wait for ever.

1. The peer's credentials are read from the kernel once per connection and put into each request's scope.
2. A request's head has its time and its length (`gateway.entrypoints.api.punctual`).
3. What is no HTTP is answered as problem details too.
"""

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, cast

import orjson

from gateway.entrypoints.api.identity import PEER_KEY, Peer, peer_of
from gateway.entrypoints.api.problem_details import problem_body
from gateway.entrypoints.api.problem_json import MEDIA_TYPE
from gateway.entrypoints.api.punctual import PunctualProtocol
from gateway.entrypoints.api.settings import API_VERSION, ApiSettings
from gateway.package.errors import Code, SluisError
from gateway.package.states import Language

if TYPE_CHECKING:
    import socket


class DoorProtocol(PunctualProtocol):
    """One connection. `settings` is bound by `protocol_for`."""

    settings: ClassVar[ApiSettings]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the kernel who it is, and give the first request its time."""
        super().connection_made(transport)
        self._peer: Peer | None = peer_of(cast("socket.socket", transport.get_extra_info("socket")))

    def on_message_begin(self) -> None:
        """Tell the request who is at the other end."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[PEER_KEY] = self._peer

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the signature is uvicorn's own
        """Answer what is no HTTP; uvicorn's own text is not sent."""
        if self.transport.is_closing():
            return
        self.transport.write(_bad_request(self.settings))
        self.transport.close()


def protocol_for(settings: ApiSettings) -> type[DoorProtocol]:
    """Bind the protocol to settings; uvicorn makes the connections itself and hands over no more than its own."""
    bound = {"settings": settings, "header_seconds": settings.chunk_limit_seconds}
    return type("BoundDoorProtocol", (DoorProtocol,), bound)


def _bad_request(settings: ApiSettings) -> bytes:
    error = SluisError(Code.REQUEST_INVALID, faults=(("request", "HTTP/1.1"),))
    body = problem_body(error, translate=settings.translate, language=Language.EN, base_url=settings.problem_base_url)
    text = orjson.dumps(body | {"instance": "about:blank"})
    head = (
        f"HTTP/1.1 400 Bad Request\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {len(text)}\r\n"
        f"api-version: {API_VERSION}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + text
