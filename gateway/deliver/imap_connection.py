"""A connection to a mailbox by IMAP (RFC 9051, and 3501 before it), on which nothing is said before it is protected.

Rules, in order:
1. TLS from the first byte, or by STARTTLS before anything else; its certificate is verified. A server that greets as if
   we had logged in already, or offers no TLS, is left (RFC 8314 section 3, RFC 3501 section 11.1).
2. No answer is larger than a letter that we would read, and no step takes longer than its time, however slowly the
   server drips: the connection is cut from outside then, also from under a thread that waits for it.
3. What the library raises becomes ours here. No text of the server's goes anywhere.
"""

import imaplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gateway.deliver.delivery_notices import MAX_BYTES
from gateway.package.errors import Code, SluisError

WHERE = "mail.bounces.imap"
_LARGEST_LITERAL = 2 * MAX_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSettings:
    """The mailbox that letters come back to; times in seconds. Letters are moved to `move_to`, or marked when empty."""

    host: str
    port: int
    implicit_tls: bool
    ca_file: Path | None
    user: str = field(repr=False)
    password: bytes = field(repr=False)
    folder: str
    move_to: str
    connect_timeout_seconds: float
    timeout_seconds: float


class Line:
    """The wire of one connection: cut when a step takes too long, or when nobody waits any more. From any thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._end: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self._is_cut = False

    def attach(self, wire: socket.socket) -> None:
        """Keep an end of the wire of its own, by which it can be cut whatever is made of the other one."""
        with self._guard:
            self._end = wire.dup()
        if self._is_cut:
            self.cut()

    def cut(self) -> None:
        """End whatever is said on the wire; whoever waits there sees its end at once."""
        self._is_cut = True
        with self._guard, suppress(OSError):
            if self._end is not None:
                self._end.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Cut the wire when the step takes longer."""
        timer = threading.Timer(seconds, self.cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def close(self) -> None:
        """Give our end of the wire back."""
        with self._guard:
            if self._end is not None:
                self._end.close()
            self._end = None


class _Client(imaplib.IMAP4):
    """The library's client, on a wire that can be cut, and with a bound on what it reads at once."""

    def __init__(self, settings: ImapSettings, context: ssl.SSLContext, line: Line) -> None:
        self._wanted, self._context, self._line = settings, context, line
        super().__init__(settings.host, settings.port, settings.connect_timeout_seconds)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self._wanted.host, self._wanted.port), timeout)
        try:
            self._line.attach(plain)
            if not self._wanted.implicit_tls:
                return plain
            return self._context.wrap_socket(plain, server_hostname=self._wanted.host)
        except BaseException:
            plain.close()
            raise

    def read(self, size: int) -> bytes:
        """Read a literal of a size that the server names. Raises the library's `abort` for one that is no letter."""
        if size > _LARGEST_LITERAL:
            raise self.abort("a literal larger than any that was asked for")
        return super().read(size)


def connect(settings: ImapSettings, *, context: ssl.SSLContext, line: Line) -> imaplib.IMAP4:
    """Connect, protect and log in; blocking.

    Raises SluisError `bounces-unreachable`, `bounces-without-tls`, `bounces-certificate-invalid`,
    `bounces-login-refused`.
    """
    # Looking the host up, connecting, TLS, the greeting and the log-in: each of them may take this long.
    with line.within(settings.connect_timeout_seconds * 2 + settings.timeout_seconds):
        client = _protected(settings, context, line)
        try:
            with translated(Code.BOUNCES_LOGIN_REFUSED):
                client.sock.settimeout(settings.timeout_seconds)
                _log_in(client, settings)
        except BaseException:
            hang_up(client)
            raise
    return client


def hang_up(client: imaplib.IMAP4) -> None:
    """Let a connection go without a word."""
    with suppress(OSError, ValueError):
        client.shutdown()


@contextmanager
def translated(refused: Code) -> Iterator[None]:
    """Say what went wrong; `refused` is the code of a command that the server did not carry out."""
    try:
        yield
    except imaplib.IMAP4.readonly as error:
        raise SluisError(Code.BOUNCES_UNREADABLE, where=WHERE) from error
    except imaplib.IMAP4.abort as error:
        raise SluisError(Code.BOUNCES_UNREACHABLE, where=WHERE) from error
    except imaplib.IMAP4.error as error:
        raise SluisError(refused, where=WHERE) from error
    except (OSError, EOFError, ValueError) as error:
        raise SluisError(Code.BOUNCES_UNREACHABLE, where=WHERE) from error


def _protected(settings: ImapSettings, context: ssl.SSLContext, line: Line) -> imaplib.IMAP4:
    with _told_of_tls():
        with translated(Code.BOUNCES_UNREACHABLE):
            client = _Client(settings, context, line)
        try:
            with translated(Code.BOUNCES_WITHOUT_TLS):
                if not settings.implicit_tls:
                    _start_tls(client, context)
        except BaseException:
            hang_up(client)
            raise
    return client


@contextmanager
def _told_of_tls() -> Iterator[None]:
    """Tell a certificate that proves nothing, and a port without TLS, from a server that does not answer."""
    try:
        yield
    except SluisError as error:
        cause = error.__cause__
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise SluisError(Code.BOUNCES_CERTIFICATE_INVALID, where=WHERE) from cause
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
            # No TLS at all on that port, or none that is good enough.
            raise SluisError(Code.BOUNCES_WITHOUT_TLS, where=WHERE) from cause
        raise


def _start_tls(client: imaplib.IMAP4, context: ssl.SSLContext) -> None:
    if "STARTTLS" not in client.capabilities:
        raise SluisError(Code.BOUNCES_WITHOUT_TLS, where=WHERE)
    client.starttls(context)


def _log_in(client: imaplib.IMAP4, settings: ImapSettings) -> None:
    """Log in as SASL PLAIN, which carries any password; the older LOGIN is for servers that have no other."""
    if "AUTH=PLAIN" in client.capabilities:
        client.authenticate("PLAIN", lambda _: b"\0".join((b"", settings.user.encode(), settings.password)))
        return
    client.login(settings.user, settings.password.decode("ascii"))
