"""Asks a service outside one thing by HTTP POST: no redirect, no proxy, so much of an answer in so much time."""

import asyncio
import ssl
from typing import NamedTuple


class Answered(NamedTuple):
    """What came back."""

    status: int
    body: bytes
    media_type: str


async def post(
    url: str,
    content: bytes,
    *,
    context: ssl.SSLContext,
    seconds: float,
    most_bytes: int,
    media_type: str = "application/octet-stream",
) -> Answered:
    """Ask, and give the answer whatever its status. Raises OSError, also when it is too long or too late."""
    import httpx  # noqa: PLC0415 - megabytes that most sites do not need

    headers = {"content-type": media_type, "accept-encoding": "identity"}
    try:
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(verify=context, timeout=seconds, trust_env=False) as client,
            client.stream("POST", url, content=content, headers=headers) as answer,
        ):
            body = bytearray()
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > most_bytes:
                    raise OSError("the answer is too long")
            return Answered(answer.status_code, bytes(body), answer.headers.get("content-type", ""))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OSError("the service can not be reached") from error
