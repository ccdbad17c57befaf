"""Finds the newest timestamp over a site's audit log, for who verifies that log."""

from dataclasses import dataclass
from pathlib import Path

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import read_site_settings
from gateway.package.errors import Code, SluisError


@dataclass(frozen=True, slots=True)
class SiteTimestamp:
    """A timestamp that verified: over how many lines, from when (RFC 3339), and the file of its checkpoint."""

    size: int
    told: str
    checkpoint: Path


def newest_site_timestamp(site: SiteLayout) -> SiteTimestamp | None:
    """Find it; None for a site without any.

    Raises SluisError `setting-invalid` when nobody can say whose timestamps count, `audit-unavailable`.
    """
    if not site.audit_timestamps.is_dir():
        return None
    wanted = read_site_settings(site.settings).audit.timestamps
    if wanted is None:
        return None
    from gateway.bootstrap import build_timestamps  # noqa: PLC0415 - megabytes that most sites do not need

    try:
        found = build_timestamps.timestamp_folder(site, wanted).newest()
    except OSError as error:
        raise SluisError(Code.AUDIT_UNAVAILABLE, detail={"errno": error.errno or 0}) from error
    if found is None:
        return None
    return SiteTimestamp(found.size, found.at.strftime("%Y-%m-%dT%H:%M:%SZ"), found.checkpoint)
