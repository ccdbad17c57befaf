"""Builds what reads a mailbox by IMAP. Loaded only for a site that has one."""

from gateway.bootstrap.channel_settings import ImapBoxSettings
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.secret_files import read_secret_file
from gateway.deliver.imap_connection import WHERE, ImapSettings
from gateway.deliver.notice_imap import NoticeMailbox


def build_imap_box(site: SiteLayout, wanted: ImapBoxSettings) -> NoticeMailbox:
    """Build it; nothing is asked of the server yet. Raises SluisError `setting-invalid`."""
    return NoticeMailbox(
        ImapSettings(
            host=wanted.host,
            port=wanted.port,
            implicit_tls=wanted.implicit_tls,
            ca_file=site.root / wanted.ca_file if wanted.ca_file else None,
            user=wanted.user,
            password=read_secret_file(site.root / wanted.password_file, f"{WHERE}.passwordFile"),
            folder=wanted.folder,
            move_to=wanted.move_to or "",
            connect_timeout_seconds=wanted.connect_seconds,
            timeout_seconds=wanted.timeout_seconds,
        )
    )
