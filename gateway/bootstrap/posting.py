"""Asks a service outside one thing by HTTP POST: no redirect, no proxy, so much of an answer in so much time."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import NamedTuple

from gateway.deliver.tls import Opening


class Answered(NamedTuple):
    """What came back; `retry_after` is what that header says, as it stands there."""

    status: int
    body: bytes
    media_type: str
    retry_after: str = ""


async def post(
    url: str,
    content: bytes,
    *,
    context: ssl.SSLContext,
    seconds: float,
    most_bytes: int,
    media_type: str = "application/octet-stream",
    secret: Mapping[str, str] | None = None,
) -> Answered:
    """Ask, and give the answer whatever its status. Raises OSError, also when it is too long or too late.

    `secret` is a header that lets us in.
    """
    import httpx  # noqa: PLC0415 - megabytes that most sites do not need

    headers = {"content-type": media_type, "accept-encoding": "identity", **(secret or {})}
    try:
        async with (
            Opening() as opening,
            asyncio.timeout(seconds),
            httpx.AsyncClient(verify=context, timeout=seconds, trust_env=False) as client,
            client.stream("POST", url, content=content, headers=headers, extensions={"trace": opening.trace}) as answer,
        ):
            body = bytearray()
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > most_bytes:
                    raise OSError("the answer is too long")
            said = answer.headers
            return Answered(answer.status_code, bytes(body), said.get("content-type", ""), said.get("retry-after", ""))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OSError("the service can not be reached") from error
