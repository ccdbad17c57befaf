"""Asks a system outside over HTTPS: one question, one answer, within one deadline, and nothing that was not promised.

Rules:
1. TLS 1.2 or newer, the certificate verified. Only `https`, no redirect is followed, no proxy of the environment used,
   no cookie kept, nothing unpacked.
2. The deadline is for the whole exchange: connecting, TLS, headers and body. A server that sends a byte now and then
   gains nothing by it. Only looking up a name takes as long as this machine's resolver allows.
3. A body has a bound. What goes wrong, is too long or too late raises `UnansweredError`, without a word of it: the
   question may be personal, and so may the answer. An address in an answer that is none is no answer either.
4. Connections are kept for a short while. A question over one that the other side closed meanwhile is asked once more:
   only questions are asked here, nothing is changed.
5. A system that used up its whole deadline is left alone for some seconds: who asks it meanwhile has no answer at
   once. Else a handful of packages that need a slow system would keep every worker waiting, and all others with them.
"""

import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpcore

OK: Final = 200
NOT_FOUND: Final = 404
_KEEP_SECONDS = 15.0
_MOST_CONNECTIONS = 4
_HTTPS_PORT = 443
_MOST_DECODINGS = 4
_REST_SECONDS = 5.0
# A time-out on a socket may come a moment before the deadline that it was made of.
_SLACK_SECONDS = 0.1
_CLOSED = (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError)
_Option = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class UnansweredError(Exception):
    """There is no answer that may be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: a status, and a whole body within its bound."""

    status: int
    body: bytes = field(repr=False)

    def json_object(self) -> dict[str, Any]:
        """Read the body as a JSON object. Raises UnansweredError."""
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise UnansweredError from error
        if not isinstance(content, dict):
            raise UnansweredError
        return content


class HttpsPeer:
    """One system outside, below one address.

    `authorisation` gives the value of the header of that name for each question; `timeout_seconds` is for everything
    that is asked about one package there.
    """

    def __init__(
        self, root: str, *, tls: ssl.SSLContext, authorisation: Callable[[], str], timeout_seconds: float
    ) -> None:
        self._root = root.rstrip("/")
        self._authorisation = authorisation
        self._timeout = timeout_seconds
        self._rests_until = 0.0
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=_MOST_CONNECTIONS,
            keepalive_expiry=_KEEP_SECONDS,
            network_backend=_ByMoment(),
        )

    def deadline(self) -> float:
        """Give the moment until which what begins now may take, by the monotonic clock."""
        return time.monotonic() + self._timeout

    def ask(self, path: str, *, most: int, until: float) -> Answer:
        """Ask below the root; `most` bounds the body in bytes. Raises UnansweredError."""
        with self._asked(self._root + path, until=until) as response:
            return Answer(status=response.status, body=b"".join(_bounded(response, most=most, until=until)))

    def download(self, url: str, *, most: int, until: float) -> Iterator[bytes]:
        """Give what lies under an address below the root, in pieces. Raises UnansweredError, also half-way.

        An address elsewhere, in an answer, would have us show our credentials there, or reach into our own network.
        """
        if not url.startswith(f"{self._root}/") or _climbs(url.removeprefix(self._root)):
            raise UnansweredError
        with self._asked(url, until=until) as response:
            if response.status != OK:
                raise UnansweredError
            yield from _bounded(response, most=most, until=until)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._pool.close()

    @contextmanager
    def _asked(self, url: str, *, until: float) -> Iterator[httpcore.Response]:
        if time.monotonic() < self._rests_until:
            raise UnansweredError
        try:
            request = self._request(url, until=until)
        except (TypeError, ValueError) as error:
            # An address that is no text in ASCII, or no address.
            raise UnansweredError from error
        try:
            response = self._send(request)
            try:
                if any(name.lower() == b"content-encoding" for name, _ in response.headers):
                    raise UnansweredError
                yield response
            finally:
                response.close()
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            raise UnansweredError from error
        finally:
            if time.monotonic() > until - _SLACK_SECONDS:
                self._rests_until = time.monotonic() + _REST_SECONDS

    def _send(self, request: httpcore.Request) -> httpcore.Response:
        try:
            return self._pool.handle_request(request)
        except _CLOSED:
            return self._pool.handle_request(request)

    def _request(self, url: str, *, until: float) -> httpcore.Request:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _HTTPS_PORT
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return httpcore.Request(
            "GET",
            httpcore.URL(scheme="https", host=host, port=port, target=target),
            headers={
                "Host": parts.netloc,
                "Accept": "application/json, application/octet-stream",
                "Accept-Encoding": "identity",
                "Authorization": self._authorisation(),
            },
            # A moment for all of these but the pool's: see `_ByMoment`.
            extensions={
                "timeout": {"connect": until, "read": until, "write": until, "pool": max(until - time.monotonic(), 0)}
            },
        )


def _climbs(path: str) -> bool:
    """Tell whether a path may lead out of the folder that it begins in, also for a server that decodes it twice."""
    for _ in range(_MOST_DECODINGS):
        if any(part in (".", "..") for part in re.split(r"[/\\?#;]", path)):
            return True
        path, before = unquote(path), path
        if path == before:
            return False
    return True


def _bounded(response: httpcore.Response, *, most: int, until: float) -> Iterator[bytes]:
    left = most
    for piece in response.iter_stream():
        left -= len(piece)
        if left < 0 or time.monotonic() > until:
            raise UnansweredError
        yield piece


class _ByMoment(httpcore.NetworkBackend):
    """Takes what it is given as a time-out for a moment, so that one deadline holds for everything together."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[_Option] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's addresses that answers, all of them within what is left."""
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                stream = self._inner.connect_tcp(str(address[0]), port, _left(timeout), local_address, socket_options)
            except httpcore.ConnectError:
                continue
            return _StreamByMoment(stream)
        raise httpcore.ConnectError


class _StreamByMoment(httpcore.NetworkStream):
    """A stream likewise."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _StreamByMoment(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(moment: float | None) -> float:
    """Tell how many seconds are left. Raises httpcore.ReadTimeout when none are; None would be for ever."""
    left = (moment or 0.0) - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
