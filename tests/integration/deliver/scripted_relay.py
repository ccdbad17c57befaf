"""A mail relay on loopback that answers as a test says: the faults that an honest server does not have."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum

HOST = "127.0.0.1"
HONEST = {
    "GREETING": b"220 relay.example ESMTP",
    "STARTTLS": b"220 go ahead",
    "AUTH": b"235 welcome",
    "MAIL": b"250 sender fine",
    "RCPT": b"250 recipient fine",
    "RSET": b"250 forgotten",
    "DATA": b"354 go ahead",
    "END": b"250 taken",
    "QUIT": b"221 goodbye",
}


class Fault(Enum):
    """What a relay can do instead of answering."""

    DROP = "drops the connection"
    HANG = "never answers"


Answer = bytes | Fault


@dataclass
class Relay:
    """What the relay was told to do, and what it has seen.

    `script` holds per command the answers to give, in order and over all connections; then it is honest. `END` is the
    final dot, `GREETING` the connection, `BODY` the first line of a message,
    `HANDSHAKE` what comes instead of TLS.
    """

    script: dict[str, list[Answer]]
    extensions: Sequence[str]
    context: ssl.SSLContext
    implicit_tls: bool = False
    port: int = 0
    connections: int = 0
    in_clear: list[str] = field(default_factory=list)
    protected: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    bodies_begun: int = 0

    def verbs(self) -> list[str]:
        """Give the commands that came through TLS, without their arguments."""
        return [line.split(" ", 1)[0] for line in self.protected]

    def answer(self, verb: str) -> Answer:
        """Take the next answer for a command."""
        planned = self.script.get(verb)
        return planned.pop(0) if planned else HONEST.get(verb, b"502 unknown")


class _DroppedError(Exception):
    """The relay has decided to leave."""


class _Session:
    def __init__(self, relay: Relay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._relay = relay
        self._reader = reader
        self._writer = writer
        self._tls = relay.implicit_tls

    async def run(self) -> None:
        await self._give("GREETING")
        while line := await self._reader.readline():
            text = line.decode("latin-1").rstrip("\r\n")
            (self._relay.protected if self._tls else self._relay.in_clear).append(text)
            verb = text.split(" ", 1)[0].upper()
            await self._greet() if verb == "EHLO" and "EHLO" not in self._relay.script else await self._obey(verb)

    async def _obey(self, verb: str) -> None:
        answer = await self._give(verb)
        if verb == "DATA" and answer.startswith(b"354"):
            await self._take_message()
        if verb == "STARTTLS" and answer.startswith(b"220"):
            if "HANDSHAKE" in self._relay.script:
                await self._give("HANDSHAKE")
                raise _DroppedError
            await self._writer.start_tls(self._relay.context)
            self._tls = True
        if verb == "QUIT" or answer.startswith(b"421"):
            raise _DroppedError

    async def _greet(self) -> None:
        offered = [*self._relay.extensions] if self._tls else ["STARTTLS"]
        if self._relay.script.get("STARTTLS") == []:
            offered = []
        lines = ["relay.example", *offered]
        marks = "-" * (len(lines) - 1) + " "
        self._writer.write("".join(f"250{mark}{line}\r\n" for mark, line in zip(marks, lines, strict=True)).encode())
        await self._writer.drain()

    async def _take_message(self) -> None:
        content = bytearray()
        self._relay.bodies_begun += 1
        if "BODY" in self._relay.script:
            await self._give("BODY")
        while (line := await self._reader.readline()) != b".\r\n":
            if not line:
                raise _DroppedError
            content += line.removeprefix(b".")
        self._relay.messages.append(bytes(content))
        await self._give("END")

    async def _give(self, verb: str) -> bytes:
        answer = self._relay.answer(verb)
        if answer is Fault.DROP:
            raise _DroppedError
        if isinstance(answer, Fault):
            await asyncio.Event().wait()
            raise _DroppedError
        self._writer.write(answer + b"\r\n")
        await self._writer.drain()
        return answer


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[Relay]:
    """Run the relay for as long as the context lasts: on a free port, or on the one that it had before."""
    sessions: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay.connections += 1
        task = asyncio.current_task()
        assert task is not None
        sessions.add(task)
        with suppress(_DroppedError, OSError, asyncio.CancelledError):
            await _Session(relay, reader, writer).run()
        writer.transport.abort()

    context = relay.context if relay.implicit_tls else None
    server = await asyncio.start_server(serve, HOST, relay.port, ssl=context)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
        # One turn of the loop for the aborted transports to close their sockets.
        await asyncio.sleep(0.01)
