"""A TCP proxy on loopback that keeps every byte that passes: what somebody on the network sees."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"


@dataclass
class Recording:
    """The bytes of both directions, and the port to connect to."""

    port: int = 0
    to_server: bytearray = field(default_factory=bytearray)
    to_client: bytearray = field(default_factory=bytearray)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray) -> None:
    with suppress(OSError):
        while content := await reader.read(65_536):
            kept += content
            writer.write(content)
            await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def recording(server_port: int) -> AsyncIterator[Recording]:
    """Stand between a client and the server on this port."""
    seen = Recording()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(HOST, server_port)
        await asyncio.gather(_pass(reader, server_writer, seen.to_server), _pass(server_reader, writer, seen.to_client))

    server = await asyncio.start_server(serve, HOST, 0)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
        await asyncio.sleep(0.05)
