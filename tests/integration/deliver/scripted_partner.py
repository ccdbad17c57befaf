"""A chain partner on loopback that answers as a test says: the faults that the reference receiver does not have."""

import asyncio
import hashlib
import json
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.chain_pki import OWN, PARTNER, Identity

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Seen:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def claims(self, **changes: object) -> dict[str, object]:
        """Give what a right receipt for it says."""
        return {
            "format": "sluis-receipt/1",
            "transactionId": self.headers["fsc-transaction-id"],
            "idempotencyKey": self.headers["idempotency-key"],
            "sha256": hashlib.sha256(self.body).hexdigest(),
            "size": len(self.body),
            "sender": OWN,
            "receiver": PARTNER,
            "receivedAt": "2026-11-20T10:00:00.000Z",
            **changes,
        }


def response(status: int, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def problem(status: int, text: str = "", **headers: str) -> bytes:
    body = json.dumps({"status": status, "title": text, "detail": text}).encode()
    return response(status, body, Content_Type="application/problem+json", **headers)


@dataclass
class ScriptedPartner:
    """What it was told to do, and what it has seen."""

    answer: Callable[[Seen], bytes] = lambda _: problem(404)
    hang: bool = False
    cut: bool = False
    flood: bool = False
    drip: bool = False
    port: int = 0
    connections: int = 0
    written: int = 0
    seen: list[Seen] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}/sluis/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            seen = await _request(reader)
            self.seen.append(seen)
            await self._answer(writer, seen)
        writer.transport.abort()

    async def _answer(self, writer: asyncio.StreamWriter, seen: Seen) -> None:
        if self.cut:
            return
        if self.hang:
            await asyncio.sleep(3600)
        if self.flood:
            writer.write(b"HTTP/1.1 201 X\r\nConnection: close\r\n\r\n")
            while True:
                writer.write(bytes(65_536))
                await writer.drain()
                self.written += 65_536
        for piece in _pieces(self.answer(seen), 1 if self.drip else 65_536):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.1 if self.drip else 0)
        writer.close()
        await writer.wait_closed()


def _pieces(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


async def _request(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Seen(method, path, headers, body)


def server_context(identity: Identity, folder: Path, *, root: Path, asks: bool = True) -> ssl.SSLContext:
    """Make the context of an honest server; `asks` says whether it demands a client's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*identity.write(folder, "scripted"))
    if asks:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(root)
    return context


@asynccontextmanager
async def running(partner: ScriptedPartner, context: ssl.SSLContext | None) -> AsyncIterator[ScriptedPartner]:
    """Let it listen; without a context in clear text."""
    server = await asyncio.start_server(partner.serve, HOST, 0, ssl=context)
    partner.port = server.sockets[0].getsockname()[1]
    try:
        yield partner
    finally:
        server.close()
        await asyncio.sleep(0.05)


@contextmanager
def refusing(context: ssl.SSLContext) -> Iterator[ScriptedPartner]:
    """Let one client try a handshake, and say why it fails by an alert; asyncio's own server just leaves."""

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = context.wrap_bio(incoming, outgoing, server_side=True)
            with suppress(ssl.SSLCertVerificationError):
                while True:
                    try:
                        tls.do_handshake()
                        break
                    except ssl.SSLWantReadError:
                        client.sendall(outgoing.read())
                        incoming.write(client.recv(65_536))
            client.sendall(outgoing.read())
            client.shutdown(socket.SHUT_WR)
            while client.recv(65_536):
                continue

    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield ScriptedPartner(port=listener.getsockname()[1])
        thread.join(30)
