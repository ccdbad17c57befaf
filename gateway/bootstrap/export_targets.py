"""Where exported lines go: a file, standard output, a syslog receiver over TLS.

Rules, in order:
1. `deliver` returns when all lines have arrived, and else raises OSError: then none counts, and all are given again.
2. A file is opened anew for each batch, only ever appended to, and flushed: whoever rotates it needs to tell nobody.
3. After a batch that broke off in the middle the next one begins with a line break, so that the torn line stands alone.
"""

import asyncio
import os
import select
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from gateway.audit.exports.forms import ExportForm, formatted, in_syslog
from gateway.audit.exports.syslog import framed
from gateway.bootstrap.audit_copy_settings import ExportSettings, SyslogSettings
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.outside_tls import outside_context
from gateway.bootstrap.tls_syslog import TlsReceiver

_APPENDING: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
_FILE_MODE: Final = 0o640
_PIECE: Final = 4096  # So much goes into a pipe that poll calls writable without blocking (pipe(7), PIPE_BUF).
_PATIENCE_SECONDS: Final = 20.0


class ExportTarget(Protocol):
    """A place for lines of the audit log.

    An implementer promises that `deliver` returns only when all lines have arrived, in their order.
    """

    async def deliver(self, lines: Sequence[bytes], /) -> None:
        """Hand over lines of the log, each without its line break. Raises OSError when any may not have arrived."""
        ...

    async def check(self) -> None:
        """Tell whether lines could go, without sending any. Raises OSError."""
        ...


class FileTarget:
    """Appends to a file, which is made when missing with mode 0640; its folder is not."""

    def __init__(self, path: Path, form: ExportForm) -> None:
        self._path = path
        self._form = form

    async def deliver(self, lines: Sequence[bytes], /) -> None:
        """See the port."""
        await asyncio.to_thread(self._append, lines)

    async def check(self) -> None:
        """See the port."""
        place = self._path if self._path.exists() else self._path.parent
        if not os.access(place, os.W_OK) or self._path.is_dir():
            raise OSError("the file can not be written")

    def _append(self, lines: Sequence[bytes]) -> None:
        content = _written(lines, self._form)
        descriptor = os.open(self._path, _APPENDING, _FILE_MODE)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            size = os.fstat(descriptor).st_size
            rest = memoryview(b"\n" + content if size and os.pread(descriptor, 1, size - 1) != b"\n" else content)
            while rest:
                rest = rest[file.write(rest) :]
            os.fdatasync(descriptor)


class StdoutTarget:
    """Writes to standard output, where journald listens; a reader that stands still is an error after a while."""

    def __init__(self, form: ExportForm, *, descriptor: int = 1, seconds: float = _PATIENCE_SECONDS) -> None:
        self._form = form
        self._descriptor = descriptor
        self._seconds = seconds
        self._torn = False

    async def deliver(self, lines: Sequence[bytes], /) -> None:
        """See the port."""
        await asyncio.to_thread(self._write, lines)

    async def check(self) -> None:
        """See the port."""
        os.fstat(self._descriptor)

    def _write(self, lines: Sequence[bytes]) -> None:
        content = b"\n" * self._torn + _written(lines, self._form)
        self._torn = True
        waiting = select.poll()
        waiting.register(self._descriptor, select.POLLOUT)
        rest = memoryview(content)
        while rest:
            if not waiting.poll(self._seconds * 1000):
                raise TimeoutError("nobody reads standard output")
            rest = rest[os.write(self._descriptor, rest[:_PIECE]) :]
        self._torn = False


class SyslogTarget:
    """Sends lines as syslog messages over TLS."""

    def __init__(self, receiver: TlsReceiver, form: ExportForm, *, enterprise: int) -> None:
        self._receiver = receiver
        self._form = form
        self._enterprise = enterprise

    async def deliver(self, lines: Sequence[bytes], /) -> None:
        """See the port."""
        await self._receiver.deliver(await asyncio.to_thread(self._frames, lines))

    async def check(self) -> None:
        """See the port."""
        await self._receiver.check()

    def _frames(self, lines: Sequence[bytes]) -> list[bytes]:
        return [framed(in_syslog(line, self._form, enterprise=self._enterprise)) for line in lines]


def build_target(site: SiteLayout, wanted: ExportSettings) -> ExportTarget:
    """Build the target of an export. Raises SluisError `setting-invalid` for certificates that can not be used."""
    if wanted.syslog is not None:
        receiver = _receiver(site, wanted.syslog, where=f"audit.exports.{wanted.name}.syslog")
        return SyslogTarget(receiver, wanted.format, enterprise=wanted.syslog.enterprise)
    if wanted.file is not None:
        return FileTarget(site.root / wanted.file, wanted.format)
    return StdoutTarget(wanted.format)


def _written(lines: Sequence[bytes], form: ExportForm) -> bytes:
    return b"".join(formatted(line, form) + b"\n" for line in lines)


def _receiver(site: SiteLayout, wanted: SyslogSettings, *, where: str) -> TlsReceiver:
    context = outside_context(
        site.root, where=where, ca_file=wanted.ca_file, certificate=wanted.certificate_file, key=wanted.key_file
    )
    return TlsReceiver(
        wanted.host,
        wanted.port,
        context=context,
        strict=wanted.close_notify == "required",
        seconds=wanted.timeout_seconds,
    )
