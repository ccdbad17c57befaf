"""The connection to the pick-up service of the postbus: what is said on it to whom, and why there is no answer.

Rules, in order:
1. HTTPS with a verified certificate as `gateway.deliver.tls` has it, no redirect, no proxy of the environment.
2. We prove who we are by a token and, where the settings name one, by a certificate. Neither is shown to anybody else.
3. Whatever goes wrong has its own code (`POSTBUS_FAULTS`), so that whoever reads it knows where to look.
4. It stands where the whole world can reach it: of an answer so much is read, in so much time, and nothing is unpacked.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from pydantic import BaseModel, ConfigDict

from gateway.deliver.tls import Handshake, Opening, causes_of, harden, is_about_our_certificate
from gateway.package.errors import Code, SluisError

_WHERE = "postbus.pushUrl"
_NOT_ADMITTED = frozenset({401, 403})
_BUSY = frozenset({408, 429, 500, 502, 503, 504})
_FULL = 507
_LARGEST_ANSWER = 64 * 1024
_ENDED = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostbusSettings:
    """Where the service is: for recipients (`url`), and for us (`push_url`); its certificate is always verified.

    `certificate_file` and `key_file` are our own, in PEM, for a service that asks for one.
    """

    url: str
    push_url: str
    ca_file: Path | None
    token: str = field(repr=False)
    certificate_file: Path | None = None
    key_file: Path | None = None
    timeout_seconds: float


class Report(BaseModel):
    """What the service says of a parcel; anything else is no answer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    ended: str
    opened: bool
    wrong: int
    receipts: list[str]
    sha256: str


class PostbusConnection:
    """Asks the service. Raises SluisError `setting-invalid` for files of no use."""

    def __init__(self, settings: PostbusSettings) -> None:
        self._handshake = Handshake(_context(settings), where="postbus")
        self._seconds = settings.timeout_seconds
        self._client = httpx.AsyncClient(
            base_url=settings.push_url,
            verify=self._handshake.context,
            headers={"Authorization": f"Bearer {settings.token}", "Accept-Encoding": "identity"},
            timeout=settings.timeout_seconds,
            follow_redirects=False,
            trust_env=False,
        )

    async def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: AsyncIterator[bytes] | None = None,
    ) -> httpx.Response:
        """Ask one thing. Raises SluisError, one of `POSTBUS_FAULTS`."""
        try:
            async with (
                Opening() as opening,
                self._client.stream(
                    method, path, headers=headers, content=content, extensions={"trace": opening.trace}
                ) as answer,
                asyncio.timeout(self._seconds),
            ):
                return httpx.Response(answer.status_code, content=await _bounded(answer))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            # The library reads where a redirect goes that it does not follow, and may find that it is no address.
            raise SluisError(self._fault_of(error, method), where=_WHERE) from error

    async def aclose(self) -> None:
        """Close it."""
        await self._client.aclose()

    def _fault_of(self, error: Exception, method: str) -> Code:
        """Say why there is no answer at all."""
        for cause in causes_of(error):
            match cause:
                case ssl.SSLWantReadError() | ssl.SSLWantWriteError() | ssl.SSLEOFError():
                    # The first two are how the library knows that it has to wait; the third is a connection that broke.
                    continue
                case ssl.SSLCertVerificationError():
                    return Code.POSTBUS_NOT_TRUSTED
                case ssl.SSLError() if is_about_our_certificate(cause):
                    return Code.POSTBUS_NOT_ADMITTED
                case ssl.SSLError():
                    return Code.POSTBUS_NOT_TRUSTED
        if self._handshake.was_asked and method != "PUT" and isinstance(error, _ENDED):
            # In TLS 1.3 a server refuses a certificate after our side of the handshake, and ours closes without a word.
            return Code.POSTBUS_NOT_ADMITTED
        return Code.POSTBUS_NOT_AS_AGREED if isinstance(error, httpx.DecodingError) else Code.POSTBUS_UNREACHABLE


async def _bounded(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > _LARGEST_ANSWER:
            raise SluisError(Code.POSTBUS_NOT_AS_AGREED, where=_WHERE)
    return bytes(body)


def fault_of_status(status: int) -> Code:
    """Say what an answer means that is none of those that were agreed on."""
    if status in _NOT_ADMITTED:
        return Code.POSTBUS_NOT_ADMITTED
    if status == _FULL:
        return Code.POSTBUS_FULL
    return Code.POSTBUS_UNREACHABLE if status in _BUSY else Code.POSTBUS_NOT_AS_AGREED


def _context(settings: PostbusSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
    except OSError as error:
        raise SluisError(Code.SETTING_INVALID, where="postbus.caFile") from error
    if settings.certificate_file is not None and settings.key_file is not None:
        try:
            # A key with a pass-phrase is an error; without one given here, it would be asked for on the terminal.
            context.load_cert_chain(settings.certificate_file, settings.key_file, password="")
        except (OSError, ValueError) as error:
            raise SluisError(Code.SETTING_INVALID, where="postbus.certificateFile, postbus.keyFile") from error
    return harden(context)
