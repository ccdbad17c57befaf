"""Looks a key up by its mail address in a Web Key Directory (draft-koch-openpgp-webkey-service, sections 3.1 and 4.1).

What a domain answers is a proposal and nothing more: whoever runs its web server chooses it. Rules, in order:
1. HTTPS as our couriers speak it, with a verified certificate of that host; no proxy of the environment, and no
   redirect is followed.
2. The advanced method first; the direct one only when the host of the advanced one can not be reached at all.
3. At most as many bytes as a key file may have, in at most ten seconds.
4. The command line asks, as the person who types it: the service itself reaches no web.
"""

import asyncio
import hashlib
import re
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx

from gateway.bootstrap.outside_tls import outside_context
from gateway.package.errors import Code, SluisError
from gateway.seal.key_description import MAX_KEY_BYTES

_ALPHABET: Final = "ybndrfg8ejkmcpqxot1uwisza345h769"  # z-base-32 (RFC 6189 section 5.1.6).
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$&'*+/=?^_`{|}~-]{1,64}@(?P<domain>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9]))"
)
_SECONDS: Final = 10.0
_BITS = 5
_FOUND = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """How directories are reached; `hosts` names another `host:port` for some of them, as a site's own DNS would."""

    ca_file: Path | None = None
    hosts: Mapping[str, str] = field(default_factory=dict)

    def fetch(self, address: str) -> bytes:
        """Give what the directory has for an address.

        Raises SluisError `address-invalid`, `key-lookup-failed`, `setting-invalid` for a file of authorities.
        """
        return asyncio.run(self._fetch(address))

    async def _fetch(self, address: str) -> bytes:
        ca_file = None if self.ca_file is None else str(self.ca_file)
        context = outside_context(Path(), where="keyDirectory.caFile", ca_file=ca_file)
        # One deadline for all of it: a server that sends a byte now and then would keep any other for ever.
        try:
            async with (
                asyncio.timeout(_SECONDS),
                httpx.AsyncClient(verify=context, trust_env=False, follow_redirects=False, timeout=_SECONDS) as client,
            ):
                for host, path in places(address):
                    content = await self._ask(client, host, path)
                    if content is not None:
                        return content
        except TimeoutError as error:
            raise SluisError(Code.KEY_LOOKUP_FAILED) from error
        raise SluisError(Code.KEY_LOOKUP_FAILED)

    async def _ask(self, client: httpx.AsyncClient, host: str, path: str) -> bytes | None:
        """Ask one place; None when its host can not be reached."""
        url = f"https://{self.hosts.get(host, host)}{path}"
        try:
            async with client.stream("GET", url, headers={"Host": host}, extensions={"sni_hostname": host}) as response:
                if response.status_code != _FOUND:
                    raise SluisError(Code.KEY_LOOKUP_FAILED, detail={"status": response.status_code})
                return await _bounded(response.aiter_bytes())
        except httpx.ConnectError as error:
            if isinstance(_root(error), ssl.SSLError):
                raise SluisError(Code.KEY_LOOKUP_FAILED, where=host) from error
            return None
        except httpx.HTTPError as error:
            raise SluisError(Code.KEY_LOOKUP_FAILED, where=host) from error


def places(address: str) -> Iterator[tuple[str, str]]:
    """Give host and path of the advanced and of the direct method. Raises SluisError `address-invalid`."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise SluisError(Code.ADDRESS_INVALID, where="--wkd")
    local, domain = address.rpartition("@")[0], found["domain"].lower()
    # The draft's own digest: it hides nothing and proves nothing.
    name = _in_z_base_32(hashlib.sha1(local.lower().encode(), usedforsecurity=False).digest())
    query = f"/hu/{name}?l={quote(local, safe='')}"
    yield f"openpgpkey.{domain}", f"/.well-known/openpgpkey/{domain}{query}"
    yield domain, f"/.well-known/openpgpkey{query}"


def _in_z_base_32(digest: bytes) -> str:
    bits = "".join(f"{byte:08b}" for byte in digest)
    return "".join(_ALPHABET[int(bits[start : start + _BITS], 2)] for start in range(0, len(bits), _BITS))


async def _bounded(chunks: AsyncIterator[bytes]) -> bytes:
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > MAX_KEY_BYTES:
            raise SluisError(Code.KEY_LOOKUP_FAILED, detail={"limit": MAX_KEY_BYTES})
    return bytes(content)


def _root(error: BaseException) -> BaseException:
    cause = error.__cause__ or error.__context__
    return error if cause is None else _root(cause)
