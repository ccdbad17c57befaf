"""Text messages by a gateway that takes JSON over HTTPS.

Rules, in order:
1. TLS 1.2 or newer with a verified certificate, no redirect, no proxy; the token is shown to nobody else.
2. 2xx means taken, and nothing of the answer is read but that. Everything else means that a person has to call; one try
   only, since a second one after a doubt would ring twice.
3. Number and text are put into the values of the body that the settings give, and nowhere else.
4. Neither number nor text comes into an error, a log or a name.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from gateway.deliver.tls import Opening, harden
from gateway.package.errors import Code, SluisError

Body = Mapping[str, str | list[str]]
_NOT_BEGUN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextGatewaySettings:
    """Where the gateway is, what it is shown, and the body that it takes with {number}, {text} and {sender} in it."""

    url: str
    ca_file: Path | None
    token: bytes = field(repr=False)
    sender: str
    body: Body
    timeout_seconds: float


class TextGateway:
    """Implements the port `TextMessages`. Raises SluisError `setting-invalid` for a CA file or token of no use."""

    def __init__(self, settings: TextGatewaySettings) -> None:
        self._settings = settings
        try:
            self._context = harden(
                ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
            )
        except OSError as error:
            raise SluisError(Code.SETTING_INVALID, where="sms.caFile") from error
        try:
            self._token = settings.token.decode("ascii")
        except UnicodeDecodeError as error:
            raise SluisError(Code.SETTING_INVALID, where="sms.tokenFile") from error

    async def send(self, number: str, text: str, /) -> str:
        """See the port."""
        try:
            async with asyncio.timeout(self._settings.timeout_seconds), self._client() as client:
                return await self._post(client, self._filled(number, text))
        except _NOT_BEGUN:
            return Code.SMS_UNREACHABLE.value
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            # An address that is none is what a redirect goes to; the library reads it though it does not follow.
            return Code.SMS_OUTCOME_UNKNOWN.value

    async def check(self) -> None:
        """See the port."""
        url = httpx.URL(self._settings.url)
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                _, writer = await asyncio.open_connection(url.host, url.port or 443, ssl=self._context)
                writer.close()
                await writer.wait_closed()
        except OSError as error:
            raise SluisError(Code.SMS_UNREACHABLE, where="sms.url") from error

    async def _post(self, client: httpx.AsyncClient, content: bytes) -> str:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        # The head of the answer says it all; a gateway that floods us with its body is not listened to.
        opening = Opening()
        request = client.stream(
            "POST", self._settings.url, content=content, headers=headers, extensions={"trace": opening.trace}
        )
        async with opening, request as answer:
            return "" if answer.is_success else Code.SMS_REFUSED.value

    def _client(self) -> httpx.AsyncClient:
        """Give a client of its own for each message: they are rare, and no connection is left open."""
        return httpx.AsyncClient(
            verify=self._context,
            timeout=self._settings.timeout_seconds,
            follow_redirects=False,
            trust_env=False,
        )

    def _filled(self, number: str, text: str) -> bytes:
        places = {"{number}": number, "{text}": text, "{sender}": self._settings.sender}

        def fill(value: str) -> str:
            # A whole value or nothing: what a text says is never searched for places.
            return places.get(value, value)

        filled = {
            key: fill(value) if isinstance(value, str) else [fill(each) for each in value]
            for key, value in self._settings.body.items()
        }
        return json.dumps(filled, ensure_ascii=False).encode()
