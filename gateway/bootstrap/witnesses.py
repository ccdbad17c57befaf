"""Lets witnesses cosign the audit log: after each, what the log said until then can not be rewritten unseen.

Rules, in order:
1. HTTPS with a verified certificate, no redirect, no proxy, so much of an answer in so much time; a witness gets
   checkpoints and hashes, and no line.
2. A witness that can not be reached stops nothing, and is told of once it was missed for `late_seconds`. One that says
   that this is another log than it knew is told of at once: somebody has rewritten one of the two.
3. What a witness signed counts only when its key in `audit/vkeys` verifies it.
"""

import asyncio
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.notes import Note, NoteKey
from gateway.audit.witnessing import SIZE, Request, cosigned
from gateway.bootstrap.audit_keys import read_audit_keys
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.logging_library import structlog
from gateway.bootstrap.outside_tls import outside_context
from gateway.bootstrap.posting import Answered, post
from gateway.bootstrap.settings import SiteSettings
from gateway.bootstrap.watch import report_miss
from gateway.package.errors import Code, SluisError

_TIMEOUT_SECONDS: Final = 20.0
_MOST_BYTES: Final = 10_000
_CONFLICT: Final = 409
_NOT_GROWN: Final = 422
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWitness:
    """A witness: its key, where it is asked, and how its certificate is verified."""

    key: NoteKey
    url: str
    context: ssl.SSLContext


@dataclass(slots=True)
class _Standing:
    """How it stands with a witness: how many lines it saw, since when it is missed, and whether it contradicts us.

    `whole_at` is when it last knew the whole log, in seconds since 1970; 0 when it has not since the start.
    """

    size: int = 0
    whole_at: float = 0.0
    missed_since: float | None = None
    contradicts: bool = False


@dataclass(slots=True, kw_only=True)
class Witnesses:
    """Asks each witness in turn; `late_seconds` is how long one may be missed."""

    audit: AuditLogFiles
    known: Sequence[KnownWitness]
    every_seconds: float
    late_seconds: float
    _standings: dict[str, _Standing] = field(default_factory=dict)

    async def run(self) -> None:
        """Ask all witnesses, again and again, until cancelled."""
        while self.known:
            for witness in self.known:
                await self._ask(witness)
            await asyncio.sleep(self.every_seconds)

    def notices(self) -> tuple[tuple[str, str], ...]:
        """Tell which witness contradicts the log, or is missed for too long, as (code, name)."""
        found = []
        for witness in self.known:
            standing = self._standing_of(witness)
            if standing.contradicts:
                found.append((Code.WITNESS_CONTRADICTS.value, witness.key.name))
            elif standing.missed_since is not None and time.monotonic() - standing.missed_since >= self.late_seconds:
                found.append((Code.WITNESS_MISSED.value, witness.key.name))
        return tuple(found)

    def last_whole(self) -> dict[str, float]:
        """Tell of each witness when it last knew the whole log, in seconds since 1970; 0 when not since the start."""
        return {witness.key.name: self._standing_of(witness).whole_at for witness in self.known}

    async def _ask(self, witness: KnownWitness) -> None:
        standing = self._standing_of(witness)
        try:
            note = self.audit.checkpoint()
            if note is None or read_checkpoint(note).size == standing.size:
                standing.whole_at = time.time() if note else 0.0
                return
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                answer = await self._asked(witness, standing, note)
            standing.contradicts = answer.status in (_CONFLICT, _NOT_GROWN)
            # What is no cosignature, an error above all, has none of the witness's key under it.
            await asyncio.to_thread(self.audit.keep_cosigned, cosigned(note, answer.body, witness.key))
        except Exception as error:  # noqa: BLE001 - whatever it is, it stops nothing, and is asked again.
            if standing.missed_since is None:
                standing.missed_since = time.monotonic()
                report_miss("witness-missed", error)
        else:
            standing.size, standing.missed_since = read_checkpoint(note).size, None
            standing.whole_at = time.time()

    async def _asked(self, witness: KnownWitness, standing: _Standing, note: Note) -> Answered:
        """Ask with what it saw last as far as we know; it says what it really saw, and is asked with that."""
        size = read_checkpoint(note).size
        answer = await _post(witness, Request(standing.size, tuple(self.audit.growth(standing.size, size)), note))
        if answer.status == _CONFLICT and answer.media_type == SIZE:
            seen = int(answer.body)
            if seen != standing.size and 0 <= seen <= size:
                standing.size = seen
                return await _post(witness, Request(seen, tuple(self.audit.growth(seen, size)), note))
        return answer

    def _standing_of(self, witness: KnownWitness) -> _Standing:
        return self._standings.setdefault(witness.key.name, _Standing())


async def _post(witness: KnownWitness, request: Request) -> Answered:
    """Ask one thing. Raises OSError."""
    return await post(
        f"{witness.url}/add-checkpoint",
        request.as_bytes(),
        context=witness.context,
        seconds=_TIMEOUT_SECONDS,
        most_bytes=_MOST_BYTES,
    )


def build_witnesses(site: SiteLayout, settings: SiteSettings, audit: AuditLogFiles) -> Witnesses:
    """Build what asks the witnesses that the settings name. Raises SluisError `setting-invalid`."""
    keys = {key.name: key for key in read_audit_keys(site)[1:]}
    unknown = [each.name for each in settings.audit.witnesses if each.name not in keys]
    if unknown:
        fault = ("audit.witnesses", "a witness whose public key stands in audit/vkeys expected")
        raise SluisError(Code.SETTING_INVALID, where="site.yaml", faults=(fault,))
    known = [
        KnownWitness(
            key=keys[each.name],
            url=each.url,
            context=outside_context(site.root, where="audit.witnesses.caFile", ca_file=each.ca_file),
        )
        for each in settings.audit.witnesses
    ]
    return Witnesses(
        audit=audit,
        known=known,
        every_seconds=settings.audit.witness_seconds,
        late_seconds=settings.audit.witness_late_seconds,
    )
