"""One connection to the mail relay: protected before anything else is said, then one transaction at a time.

Rules, in order:
1. TLS as `gateway.deliver.tls` has it; a relay without it gets no mail and no password.
2. TLS on every further hop is asked for as the site wishes (RFC 8689); where the site demands it, a relay that can not
   promise it gets no mail.
3. Every wait has a deadline.
4. From the write that holds the final dot on, a broken connection leaves the outcome unknown.
"""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

import aiosmtplib

from gateway.deliver.envelope import REQUIRETLS, check_mailbox, mail_arguments, rcpt_arguments, too_large
from gateway.deliver.mail_body import Piece, data_pieces
from gateway.deliver.tls import harden
from gateway.package.errors import Code, SluisError
from gateway.package.states import Ciphertext

RequireTls = Literal["never", "offered", "demanded"]
_READ_INLINE = 256 * 1024
_FAREWELL_SECONDS = 5
_TOO_LARGE = 552
CLOSING = 421


class WithoutTlsError(Exception):
    """The relay offers no STARTTLS, took it back, or left in the middle of it."""


class WithoutRequireTlsError(Exception):
    """The relay can not promise TLS on the further way (RFC 8689), and the site demands that promise."""


class RefusedError(Exception):
    """The relay answered something else than what was needed to go on.

    Args:
        status: the reply's code. Its text is left where it is: servers quote addresses in it.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ClosingError(RefusedError):
    """The relay said that it closes this connection (421); another one may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """Where the relay is and how to speak to it; durations in seconds.

    `ca_file` replaces the system's certificate authorities; `implicit_tls` speaks TLS from the first byte (port
    465) instead of by STARTTLS; `require_tls` asks for TLS on the further way where that is `offered`, `never`, or
    takes no relay without (`demanded`); `from_address` is the envelope's sender, who gets the delivery notices.
    `domain_connections` and `domain_per_minute` bound what one receiving domain gets. The wait
    for the reply to the final dot is long on purpose: giving up early sends the message twice (RFC 5321 4.5.3.2.6).
    Raises SluisError `setting-invalid`.
    """

    host: str
    port: int
    from_address: str
    local_hostname: str
    ca_file: Path | None = None
    implicit_tls: bool = False
    require_tls: RequireTls = "offered"
    user: str = ""
    password: bytes = field(default=b"", repr=False)
    connections: int = 4
    domain_connections: int | None = None
    domain_per_minute: int | None = None
    connect_timeout_seconds: float = 20
    timeout_seconds: float = 60
    final_timeout_seconds: float = 600
    recheck_seconds: float = 10
    idle_seconds: float = 60

    def __post_init__(self) -> None:
        try:
            check_mailbox(self.from_address)
            check_mailbox(f"postmaster@{self.local_hostname}")
        except SluisError as error:
            raise SluisError(Code.SETTING_INVALID, where="mail") from error
        durations = (self.connect_timeout_seconds, self.timeout_seconds, self.final_timeout_seconds)
        if not self.host or not 0 < self.port < 1 << 16 or self.connections < 1 or min(durations) <= 0:
            raise SluisError(Code.SETTING_INVALID, where="mail")


def client_context(ca_file: Path | None) -> ssl.SSLContext:
    """Make the one TLS context for all connections. Raises SluisError `setting-invalid` for an unusable CA file."""
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise SluisError(Code.SETTING_INVALID, where="mail.caFile") from error
    return harden(context)


class Connection:
    """A protected, greeted and logged-in connection; made by `connect`.

    `idle_since` is the event loop's time of its last release. `ending` tells that the final dot of the transaction
    at hand has begun to be sent.
    """

    def __init__(self, client: aiosmtplib.SMTP, settings: SmtpSettings) -> None:
        protocol, transport = client.protocol, client.transport
        if protocol is None or transport is None:
            raise aiosmtplib.SMTPServerDisconnected("connection lost")
        loop = asyncio.get_running_loop()
        self.idle_since = loop.time()
        self.ending = False
        self._client = client
        self._settings = settings
        self._protocol = protocol
        self._now = loop.time
        self._half_done = False
        # Lives as long as the connection: its destructor closes the transport from Python 3.12 on.
        # The cast: uvloop's transports keep asyncio's interface without its base classes.
        self._writer = asyncio.StreamWriter(cast("asyncio.WriteTransport", transport), protocol, None, loop)

    @property
    def extensions(self) -> Mapping[str, str]:
        """Give what the relay offers since TLS began: lower-case keyword to parameters."""
        return self._client.esmtp_extensions

    def require_promise(self) -> None:
        """Refuse a relay that does not promise TLS on the further way where the site demands it.

        Raises WithoutRequireTlsError.
        """
        if self._settings.require_tls == "demanded" and REQUIRETLS not in self.extensions:
            raise WithoutRequireTlsError

    async def begin(self, *, name: str, size: int) -> None:
        """Open a transaction for a message of this Message-ID and size in bytes.

        The size is held against the relay's own limit first, so that no large message is sent for nothing.
        Raises ClosingError or the library's error when the connection is gone, RefusedError when the relay will not,
        WithoutRequireTlsError when it may not have the message.
        """
        self.ending = False
        self.require_promise()
        if too_large(size, extensions=self.extensions):
            raise RefusedError(_TOO_LARGE)
        if self._half_done or self._now() - self.idle_since > self._settings.recheck_seconds:
            await self._command(b"RSET", consent={250})
        sender = self._settings.from_address
        arguments = mail_arguments(
            sender, name=name, size=size, extensions=self.extensions, require_tls=self._settings.require_tls != "never"
        )
        self._half_done = True
        await self._command(b"MAIL", *arguments, consent={250})

    async def hand_over(self, recipient: str, ciphertext: Ciphertext) -> int:
        """Name the recipient, send the message, and give the status of the reply to its final dot.

        Raises RefusedError for a refusal before the message, SluisError `payload-corrupt` before the final dot, and
        what the library raises when the connection breaks.
        """
        await self._command(b"RCPT", *rcpt_arguments(recipient, extensions=self.extensions), consent={250, 251})
        await self._command(b"DATA", consent={354})
        await self._send(data_pieces(ciphertext), inline=ciphertext.size <= _READ_INLINE)
        reply = await self._protocol.read_response(timeout=self._settings.final_timeout_seconds)
        self._half_done = False
        return reply.code

    def drop(self) -> None:
        """Close without a word, unsent bytes included: for a connection in an unknown state."""
        self._writer.transport.abort()
        self._client.close()

    def dismiss(self) -> None:
        """Say goodbye and close, without waiting for the answer."""
        with suppress(aiosmtplib.SMTPServerDisconnected):
            self._protocol.write(b"QUIT\r\n")
        self._client.close()

    async def quit(self) -> None:
        """Say goodbye, wait a moment for the answer, and close; the socket is closed when this returns."""
        with suppress(aiosmtplib.SMTPException, RefusedError, TimeoutError):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await self._command(b"QUIT", consent={221})
        self.drop()
        # The loop closes an aborted transport in its next turn.
        await asyncio.sleep(0)

    async def _send(self, pieces: Iterator[Piece], *, inline: bool) -> None:
        """Write the message, no faster than the relay takes it.

        A large message is read, hashed and checked in a thread; for a small one that would cost more than it saves.
        """
        while True:
            piece = next(pieces) if inline else await asyncio.to_thread(next, pieces)
            self._protocol.write(piece.content)
            if piece.last:
                self.ending = True
                return
            async with asyncio.timeout(self._settings.timeout_seconds):
                await self._writer.drain()

    async def _command(self, *words: bytes, consent: set[int]) -> None:
        reply = await self._client.execute_command(*words)
        if reply.code == CLOSING:
            raise ClosingError(reply.code)
        if reply.code not in consent:
            raise RefusedError(reply.code)


async def connect(settings: SmtpSettings, *, context: ssl.SSLContext) -> Connection:
    """Connect, greet, protect, greet again and log in, all within the connect time-out.

    Raises WithoutTlsError, RefusedError, and what the library, asyncio and ssl raise.
    """
    client = aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        local_hostname=settings.local_hostname,
        timeout=settings.timeout_seconds,
        use_tls=settings.implicit_tls,
        # The library would fall back to clear text on None; STARTTLS is asked for below, and proven after it.
        start_tls=False,
        tls_context=context,
    )
    try:
        async with asyncio.timeout(settings.connect_timeout_seconds):
            await client.connect()
            await _protect(client, settings, context=context)
            await client.ehlo()
            if settings.user:
                await client.login(settings.user, settings.password)
        return Connection(client, settings)
    except BaseException:
        client.close()
        raise


async def _protect(client: aiosmtplib.SMTP, settings: SmtpSettings, *, context: ssl.SSLContext) -> None:
    if not settings.implicit_tls:
        await client.ehlo()
        if not client.supports_extension("starttls"):
            raise WithoutTlsError
        try:
            await client.starttls()
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPServerDisconnected) as error:
            # Many servers leave without a word when they find no version or suite in common.
            raise WithoutTlsError from error
    if client.get_transport_info("sslcontext") is not context:
        raise WithoutTlsError
