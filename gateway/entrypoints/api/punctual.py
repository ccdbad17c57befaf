"""The HTTP/1.1 protocol of uvicorn, which by itself waits for ever: here a request's head has its time and its length.

1. A request line and headers that do not come in time, or do not end, close the connection.
2. So does a body that goes on after its request was answered.
"""

import asyncio
from typing import ClassVar, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEADER_LIMIT_BYTES = 65_536


class PunctualProtocol(HttpToolsProtocol):
    """One connection; `header_seconds` is the time for each request's head."""

    header_seconds: ClassVar[float]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give the first request its time."""
        super().connection_made(cast("asyncio.Transport", transport))
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
        """Count from nothing."""
        super().on_message_begin()
        self._kept_bytes = 0

    def on_headers_complete(self) -> None:
        """Stop the time of the headers."""
        self._stop_header_time()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, once."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _in_request(self) -> bool:
        return bool(self.cycle) and not self.cycle.response_complete

    def _start_header_time(self) -> None:
        self._header_bytes = 0
        self._header_timer = self.loop.call_later(self.header_seconds, self._give_up)

    def _stop_header_time(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _give_up(self) -> None:
        self._header_timer = None
        self.transport.close()
