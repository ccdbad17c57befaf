"""Ordinary short mails to the organisation's own people, over the same protected way as everything else.

Rules, in order:
1. Never a way for a package: what is sent here is text that the house itself wrote, and the courier does not use it.
2. The connection is protected and verified as the courier's is; without that nothing is said.
3. One mail for each address, so that nobody reads who else was told.
"""

import datetime as dt
import email.headerregistry
import email.policy
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage

import aiosmtplib

from gateway.deliver.smtp_connection import (
    ClosingError,
    Connection,
    RefusedError,
    SmtpSettings,
    WithoutRequireTlsError,
    WithoutTlsError,
    client_context,
    connect,
)
from gateway.package.errors import Code, SluisError

_LATER = 4
_FAILURES = (
    aiosmtplib.SMTPException,
    OSError,
    TimeoutError,
    RefusedError,
    WithoutTlsError,
    WithoutRequireTlsError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeMail:
    """One mail to one of the organisation's own people; `mark` begins its Message-ID."""

    address: str = field(repr=False)
    mark: str
    subject: str
    text: str
    at: dt.datetime


class NoticeMailer:
    """Sends notices through the site's mail server, on a connection of its own. Raises SluisError `setting-invalid`."""

    def __init__(self, *, settings: SmtpSettings, from_name: str) -> None:
        self._settings = settings
        try:
            self._from = email.headerregistry.Address(from_name, addr_spec=settings.from_address)
        except ValueError as error:
            raise SluisError(Code.SETTING_INVALID, where="mail.fromName") from error
        self._context = client_context(settings.ca_file)

    async def send(self, mails: Sequence[NoticeMail], /) -> tuple[NoticeMail, ...]:
        """Send mails one after the other; give those that the server has not taken and that may go another time.

        One that the server refuses for good is not given back: asking again would not change its mind.
        """
        try:
            connection = await connect(self._settings, context=self._context)
        except _FAILURES:
            return tuple(mails)
        left: list[NoticeMail] = []
        for place, mail in enumerate(mails):
            try:
                status = await self._send_one(connection, mail)
            except _FAILURES:
                connection.drop()
                return (*left, *mails[place:])
            except BaseException:
                connection.drop()
                raise
            left += [mail] if status // 100 == _LATER else []
        await connection.quit()
        return tuple(left)

    async def deliver(self, mail: NoticeMail, /) -> int | None:
        """Send one mail now; give the server's status for it, or None when it is not known to have taken it."""
        try:
            connection = await connect(self._settings, context=self._context)
        except _FAILURES:
            return None
        try:
            status = await self._send_one(connection, mail)
            await connection.quit()
        except _FAILURES:
            connection.drop()
            return None
        except BaseException:
            # Nobody waits any more; what is half said is not said to its end.
            connection.drop()
            raise
        return status

    async def _send_one(self, connection: Connection, mail: NoticeMail) -> int:
        """Hand one mail over; give the server's answer to it. Raises what a broken or closing connection raises."""
        message = _Message(self._written(mail))
        try:
            await connection.begin(name=mail.mark, size=message.size)
            return await connection.hand_over(mail.address, message)
        except ClosingError:
            raise
        except RefusedError as error:
            return error.status

    def _written(self, mail: NoticeMail) -> bytes:
        message = EmailMessage(policy=email.policy.SMTP)
        message["From"] = self._from
        message["To"] = mail.address
        message["Subject"] = mail.subject
        message["Date"] = mail.at
        message["Message-ID"] = f"<{mail.mark}-{_short_digest(mail.address)}@{self._settings.local_hostname}>"
        # Nobody's absence notice is to answer it (RFC 3834 section 5).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text, cte="quoted-printable")
        return message.as_bytes()


class _Message:
    """A written mail as the connection takes it; satisfies the port `Ciphertext` by its form, and is none."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size = len(content)
        self.sha256 = hashlib.sha256(content).hexdigest()

    def chunks(self) -> Iterator[bytes]:
        yield self._content


def _short_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
