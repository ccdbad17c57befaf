"""A TCP proxy on loopback that lets so many bytes through to the server, and then cuts every connection, or hangs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

HOST = "127.0.0.1"
_READ_BYTES = 16_384


@dataclass
class Cutter:
    """Where to connect, and how many bytes may still pass; None lets everything through.

    `hang` passes nothing on instead of cutting; `once` cuts one connection and lets all later ones through.
    """

    port: int = 0
    left: int | None = None
    hang: bool = False
    once: bool = False
    cuts: int = 0


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cutter: Cutter, *, counted: bool) -> None:
    with suppress(OSError):
        while content := await reader.read(_READ_BYTES):
            if counted and cutter.left is not None:
                cutter.left -= len(content)
                if cutter.left < 0:
                    cutter.cuts += 1
                    if cutter.once:
                        cutter.left = None
                    if cutter.hang:
                        await asyncio.sleep(3600)
                    break
            writer.write(content)
            await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def cutting(server_port: int, *, left: int | None, hang: bool = False) -> AsyncIterator[Cutter]:
    """Stand between a client and the server on this port."""
    cutter = Cutter(left=left, hang=hang)
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(HOST, server_port)
        ways = [
            asyncio.create_task(_pass(reader, server_writer, cutter, counted=True)),
            asyncio.create_task(_pass(server_reader, writer, cutter, counted=False)),
        ]
        running.update(ways)
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, server_writer):
            end.transport.abort()

    server = await asyncio.start_server(serve, HOST, 0)
    cutter.port = server.sockets[0].getsockname()[1]
    try:
        yield cutter
    finally:
        server.close()
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.sleep(0.05)
