"""Hands syslog messages to a receiver over TLS (RFC 5425), and knows whether it has read them.

Syslog has no acknowledgement. What TCP has taken may still lie in a buffer of a receiver that crashes, so "sent" says
nothing. TLS can say more: a receiver has to answer the end of a connection (RFC 5425 section 4.4, "MUST"), and its own
end comes behind everything that it was sent. Rules, in order:
1. The certificate and the name are verified, always; no line goes over a connection without.
2. Each batch has a connection of its own, ended by our `close_notify`. It has arrived when the receiver's comes back:
   its program, not only its machine, has then read every byte before.
3. A receiver may also end because it refuses us (rsyslog does so to a client without its certificate), before it reads
   anything. So its machine has to have taken every byte, too, and the connection must not be reset: a system resets one
   that a program leaves with bytes unread.
4. A receiver that ends connections without `close_notify` is believed by the third rule alone, where a setting says so.
5. All of it happens within one deadline; whoever waits can be cancelled at any point.
"""

import asyncio
import fcntl
import ssl
import struct
import termios
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

_READ: Final = 65_536
_MOST_READ: Final = 1_048_576
_MOMENT_SECONDS: Final = 0.01
_INT: Final = struct.Struct("i")
_T = TypeVar("_T")


class TlsReceiver:
    """One receiver. `strict`: only an answered end counts as arrival."""

    def __init__(self, host: str, port: int, *, context: ssl.SSLContext, strict: bool, seconds: float) -> None:
        self._host = host
        self._port = port
        self._context = context
        self._strict = strict
        self._seconds = seconds

    async def deliver(self, frames: Iterable[bytes]) -> None:
        """Hand over framed messages; return when the receiver has read them. Raises OSError, also for a late answer."""
        try:
            async with asyncio.timeout(self._seconds), self._connected() as connection:
                await connection.write(b"".join(frames))
                await connection.end(strict=self._strict)
        except OSError:
            # What TLS finds wrong with a certificate is a ValueError too, and says more by itself.
            raise
        except ValueError as error:
            # A name that is none (IDNA), or a socket that was closed under our hands.
            raise OSError("the receiver can not be reached") from error

    async def check(self) -> None:
        """Connect and end, so that it is known whether lines could go. Raises OSError."""
        await self.deliver(())

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator["_Connection"]:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            # What is drained lies with the kernel, not in a buffer of ours.
            writer.transport.set_write_buffer_limits(0)
            connection = _Connection(reader, writer, context=self._context, host=self._host)
            await connection.shake_hands()
            yield connection
        finally:
            writer.transport.abort()


class _CutOffError(OSError):
    """The connection ended, and TLS did not say so."""


class _Connection:
    """TLS over one stream, step by step: asyncio's own does not tell how a connection ended."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, context: ssl.SSLContext, host: str
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._read = self._flushed = 0

    async def shake_hands(self) -> None:
        """Agree on keys and verify who it is. Raises OSError."""
        await self._step(self._tls.do_handshake)

    async def write(self, content: bytes) -> None:
        """Give bytes to the kernel. Raises OSError."""
        if content:
            self._tls.write(content)
            await self._flush()

    async def end(self, *, strict: bool) -> None:
        """Say that this is all, and wait until the receiver says so too. Raises OSError."""
        try:
            await self._step(self._tls.unwrap)
        except _CutOffError:
            if strict:
                raise
            if self._unsent() <= self._flushed:
                # It closed in good order with nothing left to read, and at most our farewell came too late.
                return
        self._writer.write_eof()
        while await self._reader.read(_READ):
            self._count(_READ)
        while self._unsent():  # noqa: ASYNC110 - the kernel tells nobody when the last byte was taken.
            await asyncio.sleep(_MOMENT_SECONDS)

    def _unsent(self) -> int:
        """Count the bytes that the receiver's machine has not acknowledged (tcp(7), SIOCOUTQ)."""
        answer = fcntl.ioctl(self._writer.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(_INT.size))
        return int(_INT.unpack(answer)[0])

    async def _step(self, step: Callable[[], _T]) -> _T:
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._fill()
            else:
                await self._flush()
                return result

    async def _flush(self) -> None:
        if content := self._outgoing.read():
            self._flushed = len(content)
            self._writer.write(content)
            await self._writer.drain()

    async def _fill(self) -> None:
        content = await self._reader.read(_READ)
        self._count(len(content))
        if not content:
            # Told to the TLS of Python before 3.11.4, this would pass for an answered end.
            raise _CutOffError("the receiver ended without a word")
        self._incoming.write(content)

    def _count(self, more: int) -> None:
        self._read += more
        if self._read > _MOST_READ:
            raise OSError("the receiver says too much")
