"""What the gateway may ask the pick-up service, on an address of its own, with a token: it brings, asks and recalls.

The service knows the token's SHA-256 only. It asks nothing of the gateway, whose address it does not even know.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.entrypoints.pickup.store import Description, ParcelStore, RefusedError, as_report

DESCRIPTION_HEADER: Final = "Sluis-Description"
_PIECE_SECONDS: Final = 60.0
_PREFIX: Final = "Bearer "
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

Handler = Callable[[Request], Awaitable[Response]]


class PushSide:
    """The gateway's side of the store; `token_sha256` in hexadecimal, `max_bytes` for one parcel."""

    def __init__(self, store: ParcelStore, *, token_sha256: str, max_bytes: int) -> None:
        self._store = store
        self._token_sha256 = token_sha256
        self._max_bytes = max_bytes

    def app(self) -> Starlette:
        """Give the application."""
        return Starlette(
            routes=[
                Route("/v1", self._known(self._look), methods=["GET"]),
                Route("/v1/parcels/{parcel:str}", self._known(self._put), methods=["PUT"]),
                Route("/v1/parcels/{parcel:str}", self._known(self._report), methods=["GET"]),
                Route("/v1/parcels/{parcel:str}", self._known(self._recall), methods=["DELETE"]),
            ]
        )

    def _known(self, handler: Handler) -> Handler:
        """Let nobody pass without the token, and turn what the store refuses into an answer."""

        async def known(request: Request) -> Response:
            shown = request.headers.get("authorization", "")
            digest = hashlib.sha256(shown.removeprefix(_PREFIX).encode()).hexdigest()
            if not shown.startswith(_PREFIX) or not hmac.compare_digest(digest, self._token_sha256):
                return Response(status_code=401, headers=_HEADERS)
            try:
                return await handler(request)
            except RefusedError as refused:
                return Response(refused.code, status_code=refused.status, headers=_HEADERS)
            except OSError:
                return Response("not-kept", status_code=507, headers=_HEADERS)

        return known

    async def _look(self, _request: Request) -> Response:
        return Response('{"format": "sluis-pickup/1"}', media_type="application/json", headers=_HEADERS)

    async def _put(self, request: Request) -> Response:
        pieces = _in_time(request.stream())
        try:
            description = _description(request.headers.get(DESCRIPTION_HEADER, ""))
            if description.size > self._max_bytes:
                raise RefusedError(413, "too-large")
            new = await self._take(request.path_params["parcel"], description, pieces)
        finally:
            # To its end: who is answered and cut off in the middle of a body may never read the answer.
            async for _ in pieces:
                pass
        return Response(status_code=201 if new else 200, headers=_HEADERS)

    async def _take(self, parcel: str, description: Description, pieces: AsyncIterator[bytes]) -> bool:
        """Take a parcel in; False when it is there already. Raises RefusedError."""
        arrival = await asyncio.to_thread(self._store.begin, parcel, description)
        if arrival is None:
            return False
        try:
            async for piece in pieces:
                await asyncio.to_thread(arrival.write, piece)
            await asyncio.to_thread(self._store.finish, parcel, arrival)
        finally:
            await asyncio.to_thread(arrival.leave)
        return True

    async def _report(self, request: Request) -> Response:
        parcel = await asyncio.to_thread(self._store.report, request.path_params["parcel"])
        return Response(as_report(parcel), media_type="application/json", headers=_HEADERS)

    async def _recall(self, request: Request) -> Response:
        await asyncio.to_thread(self._store.recall, request.path_params["parcel"])
        return Response(status_code=204, headers=_HEADERS)


async def _in_time(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Give the pieces of a body, each in its time. Raises RefusedError 408: a gateway that died holds no place."""
    while True:
        try:
            async with asyncio.timeout(_PIECE_SECONDS):
                piece = await anext(pieces, None)
        except TimeoutError:
            raise RefusedError(408, "too-slow") from None
        if piece is None:
            return
        yield piece


def _description(header: str) -> Description:
    try:
        return Description.model_validate_json(base64.b64decode(header, validate=True))
    except (binascii.Error, ValidationError) as error:
        raise RefusedError(422, "not-as-described") from error
