"""Builds what asks for timestamps out of the settings; loaded only where they are wanted."""

from cryptography import x509

from gateway.audit.log_files import AuditLogFiles
from gateway.bootstrap.audit_copy_settings import TimestampSettings
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.outside_tls import outside_context
from gateway.bootstrap.timestamps import TimestampFolder, Timestamping
from gateway.package.errors import Code, SluisError


def build_timestamping(site: SiteLayout, wanted: TimestampSettings, audit: AuditLogFiles) -> Timestamping:
    """Build what asks. Raises SluisError `setting-invalid` for files of certificates that can not be used."""
    return Timestamping(
        audit=audit,
        kept=timestamp_folder(site, wanted),
        url=wanted.url,
        context=outside_context(site.root, where="audit.timestamps.tlsCaFile", ca_file=wanted.tls_ca_file),
        every_seconds=wanted.every_seconds,
        late_seconds=wanted.late_seconds,
        timeout_seconds=wanted.timeout_seconds,
    )


def timestamp_folder(site: SiteLayout, wanted: TimestampSettings) -> TimestampFolder:
    """Give the timestamps of a site. Raises SluisError `setting-invalid` when the roots can not be read."""
    try:
        roots = x509.load_pem_x509_certificates((site.root / wanted.ca_file).read_bytes())
    except (OSError, ValueError) as error:
        raise SluisError(Code.SETTING_INVALID, where="audit.timestamps.caFile") from error
    return TimestampFolder(site.audit_timestamps, roots)
