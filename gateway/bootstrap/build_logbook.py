"""Builds what tells the Logboek Dataverwerkingen, and looks whether it listens. Loaded only for a site that has one."""

import datetime as dt
from collections.abc import Awaitable, Callable
from functools import partial

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.processing import Register
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.log_following import LogFollower
from gateway.bootstrap.logbook import PLACE, REFUSED, Logbook, Places
from gateway.bootstrap.logbook_otlp import MEDIA_TYPE, NotNow, Said, request_of, said_by
from gateway.bootstrap.logbook_refused import RefusedLines
from gateway.bootstrap.logbook_settings import LogbookSettings
from gateway.bootstrap.logbook_starts import Starts
from gateway.bootstrap.outside_tls import outside_context
from gateway.bootstrap.posting import post
from gateway.bootstrap.secret_files import read_secret_file
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId
from gateway.spool.sqlite import SqliteSpool

_MOST_BYTES = 65_536
_WHERE = "audit.logbook"


def build_logbook(
    site: SiteLayout,
    wanted: LogbookSettings,
    *,
    audit: AuditLogFiles,
    spool: SqliteSpool,
    now: Callable[[], dt.datetime],
) -> Logbook:
    """Build it; nothing is asked yet. Raises SluisError `setting-invalid`."""
    return Logbook(
        open_places=partial(_open_places, site),
        size=partial(_size, audit),
        post=_posting(site, wanted, now),
        purpose_of=partial(_purpose_of, spool),
        register=Register(
            default_activity=wanted.default_activity,
            activities=wanted.activities,
            subject_types=wanted.subject_types,
            applications=wanted.applications,
        ),
        now=now,
        batch_events=wanted.batch_events,
        look_seconds=wanted.look_seconds,
        late_seconds=wanted.late_seconds,
    )


async def check_logbook(site: SiteLayout, wanted: LogbookSettings, *, now: Callable[[], dt.datetime]) -> None:
    """Ask the logbook for nothing: whether it is there, and lets us in.

    Some say 400 to a request without a record; they have read it. Raises SluisError `setting-invalid`,
    `logbook-unreachable`.
    """
    ask = _posting(site, wanted, now)
    try:
        said = await ask(request_of(()))
    except OSError as error:
        raise SluisError(Code.LOGBOOK_UNREACHABLE, where=_WHERE) from error
    if isinstance(said, NotNow):
        raise SluisError(Code.LOGBOOK_UNREACHABLE, where=_WHERE, detail={"status": said.status})


def _posting(
    site: SiteLayout, wanted: LogbookSettings, now: Callable[[], dt.datetime]
) -> Callable[[bytes], Awaitable[Said]]:
    context = outside_context(
        site.root,
        where=_WHERE,
        ca_file=wanted.ca_file,
        certificate=wanted.client_certificate_file,
        key=wanted.client_key_file,
    )
    secret = _secret(site, wanted)

    async def send(content: bytes) -> Said:
        answered = await post(
            wanted.url,
            content,
            context=context,
            seconds=wanted.timeout_seconds,
            most_bytes=_MOST_BYTES,
            media_type=MEDIA_TYPE,
            secret=secret,
        )
        return said_by(answered, now=now())

    return send


def _secret(site: SiteLayout, wanted: LogbookSettings) -> dict[str, str]:
    if wanted.secret_file is None:
        return {}
    secret = read_secret_file(site.root / wanted.secret_file, f"{_WHERE}.secretFile")
    if not secret.isascii() or not secret.decode("ascii").isprintable():
        raise SluisError(Code.SETTING_INVALID, where=f"{_WHERE}.secretFile")
    return {wanted.secret_header: secret.decode("ascii")}


def _open_places(site: SiteLayout) -> Places:
    follower = LogFollower(site.audit_log, site.root / PLACE)
    follower.begin()
    return Places(
        follower=follower,
        starts=Starts(site.audit_log),
        refused=RefusedLines(site.root / REFUSED),
    )


def _size(audit: AuditLogFiles) -> int | None:
    note = audit.checkpoint()
    return None if note is None else read_checkpoint(note).size


async def _purpose_of(spool: SqliteSpool, package: PackageId) -> str:
    """Give what a package is for; its row stays after all else of it is gone."""
    stored = await spool.load(package)
    return "" if stored is None else stored.row.purpose
