"""Reads request bodies as they come, under a limit of size and of patience; nothing is ever spooled.

1. A Content-Length over the limit is refused before the first byte is read; a chunked body as soon as it is over.
2. A client may be silent for a while, but not dribble for ever: its patience grows with what it has sent.
3. A body that breaks off is an error, never a short body.
"""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.types import Message

from gateway.entrypoints.api.problem_json import header_of
from gateway.entrypoints.api.settings import ApiSettings
from gateway.package.errors import Code, SluisError


def patience(settings: ApiSettings, *, received: int, waited: float) -> float:
    """Give the seconds that we still wait for the next bytes, after this many bytes and seconds of waiting."""
    earned = settings.chunk_limit_seconds + received / settings.slowest_bytes_per_second
    return max(0.0, min(settings.chunk_limit_seconds, earned - waited))


def media_type(request: Request) -> str:
    """Give the media type of a body, without parameters. Raises SluisError `media-type-unsupported` when packed."""
    if header_of(request.scope, b"content-encoding").lower() not in {"", "identity"}:
        raise SluisError(Code.MEDIA_TYPE_UNSUPPORTED, where="Content-Encoding", detail={"expected": "identity"})
    return header_of(request.scope, b"content-type").partition(";")[0].strip().lower()


def require_media_type(request: Request, expected: str) -> None:
    """Refuse a body of another type. Raises SluisError `media-type-unsupported`."""
    if media_type(request) != expected:
        raise SluisError(Code.MEDIA_TYPE_UNSUPPORTED, where="Content-Type", detail={"expected": expected})


async def body_chunks(request: Request, *, limit: int, settings: ApiSettings) -> AsyncIterator[bytes]:
    """Give the body in pieces, each at most what the connection read at once.

    Raises SluisError `body-too-large`, `request-timeout`, or `request-invalid` for a body that breaks off.
    """
    _require_length(request, limit=limit)
    loop, received, waited, more = asyncio.get_running_loop(), 0, 0.0, True
    while more:
        began = loop.time()
        message = await _next_message(request, seconds=patience(settings, received=received, waited=waited))
        waited += loop.time() - began
        chunk, more = message.get("body", b""), message.get("more_body", False)
        received += len(chunk)
        if received > limit:
            raise SluisError(Code.BODY_TOO_LARGE, detail={"limit": limit})
        if chunk:
            yield chunk


async def whole_body(request: Request, *, limit: int, settings: ApiSettings) -> bytes:
    """Give the whole body at once; raises as `body_chunks`."""
    chunks = [chunk async for chunk in body_chunks(request, limit=limit, settings=settings)]
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _require_length(request: Request, *, limit: int) -> None:
    length = header_of(request.scope, b"content-length")
    if length and (not length.isdecimal() or int(length) > limit):
        raise SluisError(Code.BODY_TOO_LARGE, detail={"limit": limit})


async def _next_message(request: Request, *, seconds: float) -> Message:
    try:
        async with asyncio.timeout(seconds):
            message = await request.receive()
    except TimeoutError:
        raise SluisError(Code.REQUEST_TIMEOUT) from None
    if message["type"] != "http.request":
        raise SluisError(Code.REQUEST_INVALID, where="body", faults=(("body", "the whole body"),))
    return message
