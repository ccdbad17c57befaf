"""Timestamps over checkpoints (RFC 3161): somebody whose business it is says when the log was what it was.

Rules, in order:
1. A reply is verified before it is kept: it was granted, for this checkpoint, with our number in it (nonce), signed by
   a certificate for timestamps that leads to the roots in the settings.
2. `audit/timestamps/SIZE.checkpoint` is what was stamped, `SIZE.tsr` the reply; `openssl ts -verify` accepts them. What
   lies there stays as it is, also when it does not verify: another one over as many lines is `SIZE-2`.
3. Some services send their certificates in an order that DER forbids and strict readers refuse (OpenSSL 3.0 with a
   chain). They lie outside what is signed, so they are put in order, and then everything is verified as it is kept.
4. A service that fails stops nothing. It is asked again, ever more seldom, and told of once the newest timestamp is too
   old for a log that has grown since.
5. A timestamp from the future is kept, since it verified, and told of: one of two clocks is wrong. It does not count as
   new for longer than any other; else nothing would be stamped until that time has come.
"""

import asyncio
import datetime as dt
import itertools
import math
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import rfc3161_client
from asn1crypto import tsp
from cryptography import x509

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.notes import Note
from gateway.bootstrap.durable_files import write_durably
from gateway.bootstrap.logging_library import structlog
from gateway.bootstrap.posting import post
from gateway.bootstrap.watch import report_miss
from gateway.deliver.retry import RetryPolicy, wait_seconds
from gateway.package.errors import Code

_NAME: Final = "timestamps"
_QUERY: Final = "application/timestamp-query"
_OK: Final = 200
_MOST_BYTES: Final = 65_536
_FIRST_PAUSE: Final = 60.0
_LONGEST_PAUSE: Final = 3600.0
_AHEAD: Final = dt.timedelta(minutes=1)
_KEPT: Final = re.compile(r"([0-9]{1,15})(?:-([1-9][0-9]{0,5}))?")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A timestamp that verified: over how many lines, from when, and the file of the checkpoint that it is over."""

    size: int
    at: dt.datetime
    checkpoint: Path


class TimestampFolder:
    """The timestamps of one log; `roots` are whom their certificates have to lead to."""

    def __init__(self, folder: Path, roots: list[x509.Certificate]) -> None:
        self._folder = folder
        self._roots = roots

    def newest(self) -> Timestamp | None:
        """Find the newest timestamp that verifies; None when there is none. Raises OSError."""
        for size, _, path in sorted(self._kept(), reverse=True):
            checkpoint = path.with_suffix(".checkpoint")
            try:
                _, at = verified_reply(path.read_bytes(), checkpoint.read_bytes(), roots=self._roots)
            except (ValueError, FileNotFoundError):
                continue
            return Timestamp(size, at, checkpoint)
        return None

    def _kept(self) -> Iterator[tuple[int, int, Path]]:
        for path in self._folder.glob("*.tsr"):
            if found := _KEPT.fullmatch(path.stem):
                yield int(found[1]), int(found[2] or 1), path

    def _unused(self, size: int) -> Path:
        """Give the name of a checkpoint over so many lines beside which nothing lies yet."""
        names = itertools.chain((f"{size}",), (f"{size}-{number}" for number in itertools.count(2)))
        paths = (self._folder / f"{name}.checkpoint" for name in names)
        return next(each for each in paths if not each.exists() and not each.with_suffix(".tsr").exists())

    def keep(self, size: int, *, note: bytes, reply: bytes, nonce: int) -> Timestamp:
        """Verify a reply and keep it with its checkpoint, beside all that was kept before.

        Raises ValueError for one that does not verify, OSError.
        """
        reply, at = verified_reply(reply, note, roots=self._roots, nonce=nonce)
        self._folder.mkdir(mode=0o750, exist_ok=True)
        checkpoint = self._unused(size)
        write_durably(checkpoint, note)
        write_durably(checkpoint.with_suffix(".tsr"), reply)
        return Timestamp(size, at, checkpoint)


@dataclass(slots=True, kw_only=True)
class Timestamping:
    """Asks the service at `url` for a timestamp over the newest checkpoint, every so often."""

    audit: AuditLogFiles
    kept: TimestampFolder
    url: str
    context: ssl.SSLContext
    every_seconds: float
    late_seconds: float
    timeout_seconds: float
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    _newest: Timestamp | None = field(default=None)
    _got: float | None = field(default=None)
    _looked: bool = field(default=False)
    _began: float = field(default_factory=time.monotonic)
    _failed: int = field(default=0)

    async def run(self) -> None:
        """Ask whenever it is time, until cancelled."""
        first = min(self.every_seconds, _FIRST_PAUSE)
        pauses = RetryPolicy(first_seconds=first, max_seconds=max(first, min(self.every_seconds, _LONGEST_PAUSE)))
        while True:
            try:
                await self.stamp_when_due()
            except Exception as error:  # noqa: BLE001 - whatever it is, it ends neither this nor what runs beside it.
                if not self._failed:
                    report_miss("timestamp-missed", error)
                self._failed += 1
            else:
                self._failed = 0
            await asyncio.sleep(wait_seconds(pauses, attempt=max(self._failed, 1)))

    async def stamp_when_due(self) -> None:
        """Get a timestamp when the newest is old enough and the log has grown. Raises OSError, ValueError."""
        if not self._looked:
            self._newest = await asyncio.to_thread(self.kept.newest)
            self._looked = True
        note = self.audit.checkpoint()
        if note is not None and self._has_grown(note) and self._age() >= self.every_seconds:
            await self.stamp(note)

    async def stamp(self, note: Note) -> None:
        """Get a timestamp over a checkpoint, keep it. Raises OSError, ValueError for a reply that does not verify."""
        content = note.as_bytes()
        request = (
            rfc3161_client.TimestampRequestBuilder()
            .data(content)
            .hash_algorithm(rfc3161_client.HashAlgorithm.SHA256)
            .build()
        )
        answer = await post(
            self.url,
            request.as_bytes(),
            context=self.context,
            seconds=self.timeout_seconds,
            most_bytes=_MOST_BYTES,
            media_type=_QUERY,
        )
        if answer.status != _OK or request.nonce is None:
            raise OSError("the service gives no timestamp")
        size = read_checkpoint(note).size
        self._newest = await asyncio.to_thread(
            self.kept.keep, size, note=content, reply=answer.body, nonce=request.nonce
        )
        self._got = time.monotonic()

    def notices(self) -> tuple[tuple[str, str], ...]:
        """Tell that the newest timestamp is too old for what the log has become, or from the future: (code, what)."""
        note, age = self.audit.checkpoint(), self._age()
        waited = age if math.isfinite(age) else time.monotonic() - self._began
        late = note is not None and self._looked and self._has_grown(note) and waited >= self.late_seconds
        codes = [Code.AUDIT_COPY_FAILED] if late else []
        if self._newest is not None and self._newest.at - self.now() > _AHEAD:
            codes.append(Code.TIMESTAMP_AHEAD)
        return tuple((each.value, _NAME) for each in codes)

    def _has_grown(self, note: Note) -> bool:
        return self._newest is None or read_checkpoint(note).size != self._newest.size

    def _age(self) -> float:
        """Tell how old the newest is, by what it says; of one from the future, by when it came since the start."""
        if self._newest is not None and (age := (self.now() - self._newest.at).total_seconds()) >= 0:
            return age
        return math.inf if self._newest is None or self._got is None else time.monotonic() - self._got


def verified_reply(
    reply: bytes, message: bytes, *, roots: list[x509.Certificate], nonce: int | None = None
) -> tuple[bytes, dt.datetime]:
    """Verify a reply over a message; give it as it can be kept, and the time that it bears.

    Raises ValueError, without the cause: what a hostile service answers may be anything.
    """
    try:
        decoded = rfc3161_client.decode_timestamp_response(reply)
    except ValueError:
        reply = _in_order(reply)
        decoded = _decoded(reply)
    verifier = rfc3161_client.VerifierBuilder(roots=list(roots), nonce=nonce).build()
    try:
        verifier.verify_message(decoded, message)
        at = decoded.tst_info.gen_time
    except Exception as error:
        raise ValueError("the timestamp does not verify") from error
    return reply, at


def _decoded(reply: bytes) -> rfc3161_client.TimeStampResponse:
    try:
        return rfc3161_client.decode_timestamp_response(reply)
    except ValueError as error:
        raise ValueError("the reply is no timestamp") from error


def _in_order(reply: bytes) -> bytes:
    try:
        found: bytes = tsp.TimeStampResp.load(reply, strict=True).dump(force=True)
    except Exception as error:
        raise ValueError("the reply is no timestamp") from error
    return found
