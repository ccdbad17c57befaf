"""One request on the chain facility: one connection, one answer, within one deadline.

Numbered as the code does it:
1. A new connection for each request, so that certificates and revocation lists are checked each time. No proxy of the
   environment, no redirect, no cookie, nothing unpacked.
2. Between the handshake and the first byte of the request: the other side has asked for our certificate, and the OIN in
   its own is the one of the register. Else the connection is closed.
3. From the first byte of the body on, a broken connection leaves the outcome unknown; an alert of TLS does not, for who
   sends one has refused us before it read anything.
4. The answer has a bound; what is longer is no answer. The text of an error is never read.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from gateway.deliver.chain_receipt import MAX_BYTES
from gateway.deliver.tls import Handshake, causes_of, is_about_our_certificate
from gateway.formats.certificates import oin_of, read_certificate
from gateway.package.errors import Code
from gateway.package.oin import Oin

_SUCCESS: Final = 2
# Verification results of OpenSSL (x509_vfy.h).
_REVOKED: Final = 23
_NOTHING_KNOWN: Final = frozenset({3, 5, 8, 11, 12, 15, 16, 33, 35, 36, 44, 54})


class ChainError(Exception):
    """There is no answer. `begun` tells that the other side may have what was sent."""

    def __init__(self, code: Code, *, begun: bool = False) -> None:
        super().__init__(code.value)
        self.code = code
        self.begun = begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of whom; durations in seconds, `timeout_seconds` for all of it together."""

    method: str
    url: str
    receiver: Oin
    headers: Mapping[str, str]
    content: bytes = field(default=b"", repr=False)
    connect_seconds: float
    timeout_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer; `body` of a success only, None when longer than any receipt; `certificate` of who gave it in DER.

    `is_problem` tells that it is of the interface that was asked (RFC 9457), and not of some other server's making.
    """

    status: int
    is_problem: bool
    retry_after_seconds: float
    certificate: bytes = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


class _Watch:
    """Follows one request through the library, and looks at the other side before anything is said (2)."""

    def __init__(self, handshake: Handshake, receiver: Oin) -> None:
        self._handshake = handshake
        self._receiver = receiver
        self.begun = False
        self.certificate = b""
        self._socket: Any = None

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take one event of the library (httpcore, "trace" extension)."""
        if event == "connection.connect_tcp.complete":
            self._socket = info["return_value"]
        elif event == "connection.start_tls.complete":
            stream = info["return_value"]
            try:
                self._look(stream.get_extra_info("ssl_object"))
            except ChainError:
                await stream.aclose()
                raise
        elif event == "http11.send_request_headers.started" and not self.certificate:
            raise RuntimeError("nothing is said before the other side was looked at")
        elif event == "http11.send_request_body.started":
            self.begun = True

    async def aclose(self) -> None:
        """Close the connection: the library forgets one that is cancelled in the handshake."""
        if self._socket is not None:
            await self._socket.aclose()

    def _look(self, connection: ssl.SSLObject) -> None:
        if not self._handshake.was_asked:
            raise ChainError(Code.CHAIN_NOT_MUTUAL)
        self.certificate = connection.getpeercert(binary_form=True) or b""
        try:
            oin = oin_of(read_certificate(self.certificate))
        except ValueError as error:
            # TLS believes it, and nobody can tell whose it is.
            raise ChainError(Code.CHAIN_CERTIFICATE_INVALID) from error
        if oin != self._receiver:
            raise ChainError(Code.CHAIN_WRONG_OIN)


async def ask(request: Request, *, handshake: Handshake) -> Answer:
    """Make one request. Raises ChainError."""
    watch = _Watch(handshake, request.receiver)
    try:
        async with asyncio.timeout(request.timeout_seconds), _client(request, handshake) as client:
            return await _answer(client, request, watch)
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, TimeoutError) as error:
        raise _fault(error, watch) from error
    finally:
        await watch.aclose()


def _client(request: Request, handshake: Handshake) -> httpx.AsyncClient:
    """Make the client of one request (1)."""
    return httpx.AsyncClient(
        verify=handshake.context,
        trust_env=False,
        follow_redirects=False,
        http2=False,
        limits=httpx.Limits(max_connections=1, max_keepalive_connections=0),
        timeout=httpx.Timeout(request.timeout_seconds, connect=request.connect_seconds),
    )


async def _answer(client: httpx.AsyncClient, request: Request, watch: _Watch) -> Answer:
    async with client.stream(
        request.method,
        request.url,
        headers={"Accept-Encoding": "identity", **request.headers},
        content=request.content or None,
        extensions={"trace": watch.trace},
    ) as response:
        good = response.status_code // 100 == _SUCCESS
        return Answer(
            status=response.status_code,
            is_problem=response.headers.get("Content-Type", "").startswith("application/problem+json"),
            retry_after_seconds=_seconds(response.headers.get("Retry-After", "")),
            certificate=watch.certificate,
            body=await _bounded(response) if good else None,
        )


async def _bounded(response: httpx.Response) -> bytes | None:
    body = bytearray()
    # As it came: nothing is unpacked, so that a small answer can not become a large one.
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MAX_BYTES:
            return None
    return bytes(body)


def _seconds(text: str) -> float:
    """Read Retry-After in seconds (RFC 9110 section 10.2.3); a date, which takes a common clock, counts for nothing."""
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0.0  # noqa: PLR2004 - 30 years.


def _fault(error: Exception, watch: _Watch) -> ChainError:
    """Say why there is no answer (3)."""
    for cause in causes_of(error):
        match cause:
            case ssl.SSLWantReadError() | ssl.SSLWantWriteError():
                # Not a fault: how the library knows that it has to wait.
                continue
            case ssl.SSLCertVerificationError():
                return ChainError(_verification_fault(cause.verify_code))
            case ssl.SSLError() if is_about_our_certificate(cause):
                # TLS 1.3 says so after the handshake, when our request is on its way already.
                return ChainError(Code.CHAIN_NOT_ADMITTED)
            case ssl.SSLError() if not watch.certificate:
                return ChainError(Code.CHAIN_WITHOUT_TLS)
    return ChainError(Code.CHAIN_OUTCOME_UNKNOWN if watch.begun else Code.CHAIN_UNREACHABLE, begun=watch.begun)


def _verification_fault(code: int) -> Code:
    if code == _REVOKED:
        return Code.CHAIN_CERTIFICATE_REVOKED
    return Code.CHAIN_REVOCATION_UNKNOWN if code in _NOTHING_KNOWN else Code.CHAIN_CERTIFICATE_INVALID
