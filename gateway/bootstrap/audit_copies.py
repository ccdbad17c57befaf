"""What goes elsewhere from the audit log, as the service runs it: its lines, its checkpoints, and timestamps."""

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.audit.log_files import AuditLogFiles
from gateway.bootstrap.audit_keys import read_audit_keys
from gateway.bootstrap.checkpoint_copies import CheckpointCopies
from gateway.bootstrap.export_targets import build_target
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.log_exports import LogExport, late_exports
from gateway.bootstrap.settings import SiteSettings

if TYPE_CHECKING:
    from gateway.bootstrap.timestamps import Timestamping


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCopies:
    """All of it; what a site does not have is absent."""

    exports: Sequence[LogExport]
    checkpoints: CheckpointCopies | None
    timestamping: "Timestamping | None"

    async def run(self) -> None:
        """Keep all of it going until cancelled; none of them ends by itself, or ends another."""
        async with asyncio.TaskGroup() as group:
            for export in self.exports:
                group.create_task(export.run())
            if self.checkpoints is not None:
                group.create_task(self.checkpoints.run())
            if self.timestamping is not None:
                group.create_task(self.timestamping.run())

    def notices(self) -> tuple[tuple[str, str], ...]:
        """Tell what has stayed behind, as (code, what)."""
        return (
            *late_exports(self.exports),
            *(self.checkpoints.notices() if self.checkpoints else ()),
            *(self.timestamping.notices() if self.timestamping else ()),
        )


def build_audit_copies(
    site: SiteLayout, settings: SiteSettings, audit: AuditLogFiles, now: Callable[[], dt.datetime]
) -> AuditCopies:
    """Build what the settings name. Raises SluisError `setting-invalid`, `audit-unavailable`."""
    return AuditCopies(
        exports=_exports(site, settings, audit, now),
        checkpoints=_checkpoints(site, settings, audit),
        timestamping=_timestamping(site, settings, audit),
    )


def _exports(
    site: SiteLayout, settings: SiteSettings, audit: AuditLogFiles, now: Callable[[], dt.datetime]
) -> Sequence[LogExport]:
    wanted = settings.audit
    return [
        LogExport(
            name=each.name,
            audit=audit,
            folder=site.audit_log,
            place=site.audit_places / f"export-{each.name}.json",
            target=build_target(site, each),
            checkpoints=each.checkpoints,
            every_seconds=wanted.export_seconds,
            late_seconds=wanted.export_late_seconds,
            now=now,
        )
        for each in wanted.exports
    ]


def _checkpoints(site: SiteLayout, settings: SiteSettings, audit: AuditLogFiles) -> CheckpointCopies | None:
    wanted = settings.audit.checkpoints
    if wanted is None:
        return None
    own, *_ = read_audit_keys(site)
    return CheckpointCopies(
        audit=audit,
        own=own,
        folder=site.root / wanted.folder,
        every_seconds=wanted.every_seconds,
        late_seconds=settings.audit.export_late_seconds,
    )


def _timestamping(site: SiteLayout, settings: SiteSettings, audit: AuditLogFiles) -> "Timestamping | None":
    if settings.audit.timestamps is None:
        return None
    from gateway.bootstrap import build_timestamps  # noqa: PLC0415 - megabytes that most sites do not need

    return build_timestamps.build_timestamping(site, settings.audit.timestamps, audit)
