"""For `sluis check`: could what goes elsewhere from the audit log go there? Nothing is sent, nothing written."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from gateway.bootstrap.audit_copy_settings import ExportSettings, TimestampSettings
from gateway.bootstrap.checkpoint_copies import require_folder
from gateway.bootstrap.export_targets import build_target
from gateway.bootstrap.finding import Finding
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import SiteSettings
from gateway.package.errors import Code, SluisError


async def audit_copy_findings(site: SiteLayout, settings: SiteSettings) -> list[Finding]:
    """Look at each export, at the folder of checkpoints, and at the roots of timestamps."""
    wanted = settings.audit
    found = [await _finding("audit export", each.name, partial(_export, site, each)) for each in wanted.exports]
    if wanted.checkpoints is not None:
        folder = site.root / wanted.checkpoints.folder
        found.append(await _finding("audit checkpoints", "checkpoints", partial(_folder, folder)))
    if wanted.timestamps is not None:
        found.append(await _finding("audit timestamps", "timestamps", partial(_timestamps, site, wanted.timestamps)))
    return found


async def _finding(name: str, where: str, look: Callable[[], Awaitable[None]]) -> Finding:
    try:
        await look()
    except SluisError as error:
        return Finding(name=name, where=where, error=error)
    except OSError:
        return Finding(name=name, where=where, error=SluisError(Code.AUDIT_COPY_FAILED, where=where))
    return Finding(name=name, where=where)


async def _export(site: SiteLayout, wanted: ExportSettings) -> None:
    await build_target(site, wanted).check()


async def _folder(folder: Path) -> None:
    require_folder(folder)


async def _timestamps(site: SiteLayout, wanted: TimestampSettings) -> None:
    from gateway.bootstrap import build_timestamps  # noqa: PLC0415 - megabytes that most sites do not need

    build_timestamps.timestamp_folder(site, wanted)
