"""The outermost layer of every request, as plain ASGI.

1. Every answer carries the API version, the request's id and the security headers (NL GOV ADR 2.2 /core/version-header
   and /core/transport/security-headers), on errors too. Only a page brings a content security policy of its own.
2. What is not addressed to this machine, or is too much at once, is refused before anything of it is read.
3. Every error becomes problem details; what we did not foresee says nothing of its text, outside or in a log.
"""

import os
import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.entrypoints.api.identity import require_own_host
from gateway.entrypoints.api.problem_json import REQUEST_ID_KEY, header_of, problem_response
from gateway.entrypoints.api.settings import API_VERSION, ApiSettings
from gateway.package.errors import Code, SluisError

_CONSTANT_HEADERS: list[tuple[bytes, bytes]] = [
    (b"api-version", API_VERSION.encode()),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]
_CONTENT_SECURITY_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_FIRST_ERROR = 400
_SMALL_BODY = 65_536


class Shell:
    """Wraps the application; one per process, counts the requests under way."""

    def __init__(self, app: ASGIApp, *, settings: ApiSettings) -> None:
        self._app = app
        self._settings = settings
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; anything that is not HTTP goes through untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        self._under_way += 1
        try:
            await self._handle(scope, receive, answer)
        finally:
            self._under_way -= 1

    async def _handle(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            require_own_host(scope)
            self._require_room()
            await self._app(scope, receive, answer)
        except SluisError as error:
            await self._refuse(error, scope, receive, answer)
        except Exception as error:  # noqa: BLE001 - the text of an unforeseen error may hold personal data
            self._settings.on_failure(answer.request_id, error)
            await self._refuse(SluisError(Code.INTERNAL_ERROR), scope, receive, answer)

    def _require_room(self) -> None:
        if self._under_way > self._settings.requests_at_once:
            raise SluisError(Code.SERVICE_BUSY)

    async def _refuse(self, error: SluisError, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        if not answer.started:
            await problem_response(error, scope, settings=self._settings)(scope, receive, answer)


class _Answer:
    """Sends on, with the headers that every answer carries, and remembers whether the answer has begun."""

    __slots__ = ("_scope", "_send", "request_id", "started")

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self.started = False
        self.request_id = str(uuid.UUID(bytes=os.urandom(16), version=4))
        scope[REQUEST_ID_KEY] = self.request_id

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            own = (b"x-request-id", self.request_id.encode())
            brought = list(message.get("headers", ()))
            message["headers"] = [*brought, own, *_CONSTANT_HEADERS]
            # A browser holds a page to every policy that it gets, so a page with its own gets that one only.
            if not any(name == _CONTENT_SECURITY_POLICY[0] for name, _ in brought):
                message["headers"].append(_CONTENT_SECURITY_POLICY)
            if message["status"] >= _FIRST_ERROR and _brings_a_body(self._scope):
                # What was refused is not read to its end: the connection goes instead of gigabytes.
                message["headers"].append((b"connection", b"close"))
        await self._send(message)


def _brings_a_body(scope: Scope) -> bool:
    length = header_of(scope, b"content-length")
    return bool(header_of(scope, b"transfer-encoding")) or (length.isdecimal() and int(length) > _SMALL_BODY)
