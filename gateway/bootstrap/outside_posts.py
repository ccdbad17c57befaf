"""Posts to a service of others over HTTPS: so much of an answer in so much time, no redirect, no proxy.

The certificate is verified as `gateway.deliver.tls` says. The deadline is for the whole exchange: a service that sends
a byte now and then gains nothing by it.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from gateway.bootstrap.secret_files import read_secret_file
from gateway.deliver.tls import harden
from gateway.package.errors import Code, SluisError


class Posted(NamedTuple):
    """What a service answered: status, body as it was sent, and headers by their names in small letters."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Where something is posted, and how much of an answer is read, within how many seconds."""

    url: str
    context: ssl.SSLContext = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    most_bytes: int
    seconds: float

    async def send(self, content: bytes) -> Posted:
        """Post one thing. Raises OSError, TimeoutError among them, when there is no whole answer in time."""
        import httpx  # noqa: PLC0415 - megabytes that most sites do not need

        try:
            async with (
                asyncio.timeout(self.seconds),
                httpx.AsyncClient(verify=self.context, timeout=self.seconds, trust_env=False) as client,
                client.stream("POST", self.url, content=content, headers=dict(self.headers)) as answer,
            ):
                body = bytearray()
                async for piece in answer.aiter_raw():
                    body += piece
                    if len(body) > self.most_bytes:
                        raise OSError("the answer is too long")
                return Posted(
                    answer.status_code, bytes(body), {key.lower(): each for key, each in answer.headers.items()}
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise OSError("there is no answer") from error


def outside_context(
    ca_file: Path | None, *, where: str, certificate: Path | None = None, key: Path | None = None
) -> ssl.SSLContext:
    """Verify by a CA file and no other authority, or by those of this machine; show a certificate of ours, if any.

    `where` is the setting that these stand under. Raises SluisError `setting-invalid`.
    """
    try:
        context = harden(ssl.create_default_context(cafile=ca_file))
    except OSError as error:
        raise SluisError(Code.SETTING_INVALID, where=f"{where}.caFile") from error
    if certificate is None or key is None:
        return context
    read_secret_file(key, f"{where}.clientKeyFile")
    try:
        # A key with a pass-phrase is an error; without one given here, it would be asked for on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        raise SluisError(Code.SETTING_INVALID, where=f"{where}.clientCertificateFile") from error
    return context
