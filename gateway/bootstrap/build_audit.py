"""Builds the audit log, and all who do something with it besides writing events: outsiders, copies, numbers, people."""

import datetime as dt
import secrets
import socket
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway import __version__
from gateway.audit.log_files import AuditLogFiles
from gateway.bootstrap.audit_copies import AuditCopies, build_audit_copies
from gateway.bootstrap.audit_deletions import AuditDeletions, deletion_standing, followers_of
from gateway.bootstrap.audit_keys import read_audit_signer
from gateway.bootstrap.dropped_keys import DroppedKeys
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.metrics import Metrics
from gateway.bootstrap.people import PeopleRegister
from gateway.bootstrap.pseudonym_rotation import PseudonymRotation
from gateway.bootstrap.secrets_store import SiteSecrets, credentials_folder
from gateway.bootstrap.settings import SiteSettings
from gateway.bootstrap.standing_file import StandingFile
from gateway.bootstrap.tally import Tally
from gateway.bootstrap.witnesses import Witnesses, build_witnesses
from gateway.spool.sqlite import SqliteSpool

if TYPE_CHECKING:
    from gateway.bootstrap.logbook import Logbook


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditParts:
    """Who cosigns the log, gets its lines, counts them, has old ones deleted, and draws keys for its pseudonyms."""

    witnesses: Witnesses
    copies: AuditCopies
    logbook: "Logbook | None"
    deletions: AuditDeletions
    pseudonyms: PseudonymRotation
    metrics: Metrics

    def following(self) -> Iterator[Coroutine[Any, Any, None]]:
        """Give what runs for as long as the service does."""
        yield self.witnesses.run()
        yield self.copies.run()
        if self.logbook is not None:
            yield self.logbook.run()

    def notices(self) -> tuple[tuple[str, str], ...]:
        """Tell what does not get where it should, as (code, where)."""
        logbook = self.logbook.notices() if self.logbook else ()
        return (*self.witnesses.notices(), *logbook, *self.copies.notices())


def build_audit_log(site: SiteLayout, now: Callable[[], dt.datetime], tally: Tally) -> AuditLogFiles:
    """Build the log; `tally` is told of each event. Raises SluisError `setting-invalid`, `read-forbidden`."""
    return AuditLogFiles(
        directory=site.audit_log,
        signer=read_audit_signer(site, credentials=credentials_folder()),
        clock=now,
        random=secrets.token_bytes,
        version=__version__,
        host=socket.gethostname(),
        listener=tally,
    )


def build_audit_parts(
    site: SiteLayout,
    settings: SiteSettings,
    keys: SiteSecrets,
    *,
    audit: AuditLogFiles,
    spool: SqliteSpool,
    people: PeopleRegister,
    tally: Tally,
    now: Callable[[], dt.datetime],
) -> AuditParts:
    """Build them. Raises SluisError `setting-invalid`."""
    return AuditParts(
        witnesses=build_witnesses(site, settings, audit),
        copies=build_audit_copies(site, settings, audit, now),
        logbook=_logbook(site, settings, audit, spool, now),
        deletions=AuditDeletions(
            audit,
            retention=settings.audit.retention,
            proposals=StandingFile(deletion_standing(site), secret=keys.digest_key),
            followers=lambda: followers_of(site),
            people=people,
            organisation=settings.organisation,
            now=now,
        ),
        pseudonyms=PseudonymRotation(site, audit=audit, random=secrets.token_bytes, now=now),
        metrics=Metrics(
            tally=tally, log=audit, dropped=DroppedKeys(site.service_log), oldest=spool.oldest_under_way, now=now
        ),
    )


def _logbook(
    site: SiteLayout,
    settings: SiteSettings,
    audit: AuditLogFiles,
    spool: SqliteSpool,
    now: Callable[[], dt.datetime],
) -> "Logbook | None":
    if settings.audit.logbook is None:
        return None
    from gateway.bootstrap import build_logbook  # noqa: PLC0415 - megabytes that most sites do not need

    return build_logbook.build_logbook(site, settings.audit.logbook, audit=audit, spool=spool, now=now)
