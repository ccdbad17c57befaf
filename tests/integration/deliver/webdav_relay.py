"""Stands between a courier and a WebDAV server with the server's own certificate, and does what proxies do wrong."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.integration.deliver.webdav_server import HOST, WebDavFolders


@dataclass
class Relay:
    """`answers` are given instead of the server's, by method; of what is in `loses`, the answer never comes back.

    An empty answer is none at all, and the connection stays open. `rewrite` changes what goes to the server, before it
    gets there. `seen` are the methods in their order.
    """

    port: int = 0
    answers: Mapping[str, bytes] = field(default_factory=dict)
    loses: frozenset[str] = frozenset()
    rewrite: Callable[[bytes], bytes] = lambda content: content
    seen: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    def method_of(self, content: bytes) -> str:
        """Give the method of a request that begins with this; empty for what is none."""
        word, _, rest = content.partition(b" ")
        return word.decode() if word.isalpha() and word.isupper() and b" HTTP/1.1\r\n" in rest else ""


@asynccontextmanager
async def relaying(server: WebDavFolders) -> AsyncIterator[Relay]:
    relay = Relay()
    front = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    front.load_cert_chain(server.certificate)
    back = ssl.create_default_context(cafile=str(server.ca_file))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, downstream = await asyncio.open_connection(HOST, server.port, ssl=back)
        returning = asyncio.create_task(_pass(upstream, writer))
        with suppress(OSError):
            while content := await reader.read(65_536):
                if method := relay.method_of(content):
                    relay.seen.append(method)
                if (answer := relay.answers.get(method)) is not None:
                    writer.write(answer)
                    continue
                if method in relay.loses:
                    returning.cancel()
                    await asyncio.wait([returning])
                downstream.write(relay.rewrite(content))
                await downstream.drain()
                if method in relay.loses:
                    # The server has answered, so it has done it.
                    await upstream.read(65_536)
                    writer.transport.abort()
        returning.cancel()
        await asyncio.wait([returning])
        for each in (writer, downstream):
            each.transport.abort()

    listening = await asyncio.start_server(serve, HOST, 0, ssl=front)
    relay.port = listening.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        listening.close()
        await asyncio.sleep(0.05)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while content := await reader.read(65_536):
            writer.write(content)
            await writer.drain()
    writer.transport.abort()
