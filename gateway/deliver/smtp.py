"""The courier for secure mail: one recipient, one transaction, over a few reused TLS connections.

Rules, in order:
1. No more connections than the settings allow, in all and for one domain, and no more mails a minute for that. An idle
   connection is used again, checked first when it has rested long, and dismissed when it has rested too long.
2. A connection that turns out to be dead before MAIL was accepted costs nothing: the next one is tried.
3. Every failure of the far side becomes a result. It is uncertain only once the final dot was on its way.
4. A connection goes back only from a known state; otherwise, and when cancelled, it is closed.
"""

import asyncio
import ssl
import time
from contextlib import suppress

import aiosmtplib

from gateway.deliver.domain_limits import DomainLimitError, DomainLimits
from gateway.deliver.envelope import check_mailbox, result_of_message, result_of_refusal
from gateway.deliver.idle_connections import IdleConnections
from gateway.deliver.smtp_connection import (
    CLOSING,
    ClosingError,
    Connection,
    RefusedError,
    SmtpSettings,
    WithoutRequireTlsError,
    WithoutTlsError,
    client_context,
    connect,
)
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code, SluisError
from gateway.package.states import Channel, SealedParcel

__all__ = ["SmtpCourier", "SmtpSettings", "domain_limits"]

# What a broken connection, a broken server or a broken certificate can raise; anything else is a fault of our own.
_FAILURES = (
    aiosmtplib.SMTPException,
    OSError,
    TimeoutError,
    RefusedError,
    WithoutTlsError,
    WithoutRequireTlsError,
)
_STALE = (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, ConnectionError, ClosingError)
_BROKEN = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.MAIL_UNREACHABLE)
_BROKEN_AT_THE_END = DeliveryResult(outcome=DeliveryOutcome.UNCERTAIN, code=Code.MAIL_OUTCOME_UNKNOWN)


class SmtpCourier:
    """Implements the port `Courier` for secure mail.

    A relay can not be asked about an earlier message, so `probe` never knows. `deliver` raises SluisError
    `payload-corrupt` when the ciphertext is not what was sealed; nothing has been delivered then. `domains` counts the
    mail to each domain, together with what others send there.
    """

    def __init__(self, *, settings: SmtpSettings, domains: DomainLimits | None = None) -> None:
        self._settings = settings
        self._context = client_context(settings.ca_file)
        self._domains = domains or domain_limits(settings)
        self._places = asyncio.Semaphore(settings.connections)
        self._idle: IdleConnections[Connection] = IdleConnections(idle_seconds=settings.idle_seconds)

    @property
    def channel(self) -> Channel:
        """See the port."""
        return Channel.SECURE_MAIL

    async def deliver(self, parcel: SealedParcel, /) -> DeliveryResult:
        """See the port."""
        try:
            check_mailbox(parcel.address)
        except SluisError as error:
            return DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=error.code)
        try:
            async with self._domains.turn(parcel.address), self._places:
                try:
                    connection = await self._begin(parcel)
                except _FAILURES as error:
                    return _result_before(error)
                return await self._hand_over(connection, parcel)
        except DomainLimitError:
            return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.MAIL_DOMAIN_LIMIT)

    async def probe(self, _parcel: SealedParcel, /) -> DeliveryResult | None:
        """See the port."""
        return None

    async def check(self) -> None:
        """See the port."""
        try:
            connection = await connect(self._settings, context=self._context)
            try:
                connection.require_promise()
            finally:
                await connection.quit()
        except _FAILURES as error:
            result = _result_before(error)
            detail = {} if result.status is None else {"status": result.status}
            raise SluisError(Code(result.code), where="smtp", detail=detail) from error

    async def aclose(self) -> None:
        """See the port."""
        await self._idle.aclose()

    async def _begin(self, parcel: SealedParcel) -> Connection:
        """Open a transaction: on idle connections as long as they prove stale (rule 2), then on a new one."""
        while (idle := self._idle.take()) is not None:
            with suppress(*_STALE):
                return await _begin_on(idle, parcel)
        return await _begin_on(await connect(self._settings, context=self._context), parcel)

    async def _hand_over(self, connection: Connection, parcel: SealedParcel) -> DeliveryResult:
        sound = False
        try:
            status = await connection.hand_over(parcel.address, parcel.ciphertext)
            sound = status != CLOSING
            return result_of_message(status)
        except RefusedError as error:
            sound = not isinstance(error, ClosingError)
            return result_of_refusal(error.status)
        except _FAILURES:
            return _BROKEN_AT_THE_END if connection.ending else _BROKEN
        finally:
            if sound:
                self._idle.keep(connection)
            else:
                connection.drop()


def domain_limits(settings: SmtpSettings) -> DomainLimits:
    """Make what counts the mail to each domain; whoever else mails to recipients is to share it."""
    return DomainLimits(at_once=settings.domain_connections, per_minute=settings.domain_per_minute, now=time.monotonic)


async def _begin_on(connection: Connection, parcel: SealedParcel) -> Connection:
    try:
        await connection.begin(name=parcel.name, size=parcel.ciphertext.size)
    except BaseException:
        connection.drop()
        raise
    return connection


def _result_before(error: Exception) -> DeliveryResult:
    """Say what a failure means that came before the relay had accepted anything of the message."""
    if isinstance(error, RefusedError):
        return result_of_refusal(error.status)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        # A greeting, an EHLO or a log-in that was refused is no judgement on the message, whatever its first digit.
        return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.MAIL_DEFERRED, status=error.code)
    return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=_connection_fault(error))


def _connection_fault(error: BaseException | None) -> Code:
    """Find out why there was no connection; the library wraps what ssl raises, so the causes count too."""
    while error is not None:
        match error:
            case ssl.SSLCertVerificationError():
                return Code.MAIL_CERTIFICATE_INVALID
            case WithoutRequireTlsError():
                return Code.MAIL_WITHOUT_REQUIRETLS
            case ssl.SSLError() | WithoutTlsError():
                return Code.MAIL_WITHOUT_TLS
        error = error.__cause__ or error.__context__
    return Code.MAIL_UNREACHABLE
