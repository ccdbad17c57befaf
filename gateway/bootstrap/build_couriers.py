"""Builds what brings sealed parcels out, out of a site's settings. The only place that knows the couriers."""

import datetime as dt
from collections.abc import Callable, Mapping

from gateway.bootstrap.build_work import build_templates, open_channels
from gateway.bootstrap.clock import clock_of
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.secret_files import read_secret_file
from gateway.bootstrap.settings import ZONE, SiteSettings
from gateway.deliver.domain_limits import DomainLimits
from gateway.deliver.drop import DropCourier
from gateway.deliver.file_drop import FileDropCourier, Servers
from gateway.deliver.notice_mail import NoticeMailer
from gateway.deliver.notice_maildir import NoticeMaildir
from gateway.deliver.port import Courier, NoticeBox, Pickups, Uploads
from gateway.deliver.smtp import SmtpCourier, SmtpSettings, domain_limits
from gateway.deliver.upload_folder import SENT, TEMPLATE, UploadFolderCourier
from gateway.package.states import Channel, Language


def build_couriers(site: SiteLayout, settings: SiteSettings) -> Mapping[Channel, Courier]:
    """Build a courier for each channel that the settings connect. Raises SluisError `setting-invalid`."""
    # One count for all mail to recipients: the links of the postbus go to the same servers.
    domains = domain_limits(_smtp_settings(site, settings)) if settings.mail else None
    makers: dict[Channel, Callable[[], Courier]] = {
        Channel.CHAIN_FACILITY: lambda: _chain(site, settings),
        Channel.FILE_DROP: lambda: _file_drop(site, settings),
        Channel.SECURE_MAIL: lambda: SmtpCourier(settings=_smtp_settings(site, settings), domains=domains),
        Channel.POSTBUS: lambda: _postbus(site, settings, domains),
    }
    return {channel: makers[channel]() for channel in sorted(open_channels(settings))}


def pickups_of(couriers: Mapping[Channel, Courier]) -> Pickups | None:
    """Give who asks the pick-up service: the courier that brings parcels there, if there is one."""
    postbus: object = couriers.get(Channel.POSTBUS)
    return postbus if isinstance(postbus, Pickups) else None


def build_mailer(site: SiteLayout, settings: SiteSettings) -> NoticeMailer | None:
    """Build what sends notices to the organisation's own people; None without a mail server."""
    if settings.mail is None:
        return None
    return NoticeMailer(
        settings=_smtp_settings(site, settings), from_name=settings.mail.from_name or settings.organisation
    )


def _chain(site: SiteLayout, settings: SiteSettings) -> Courier:
    from gateway.bootstrap import chain_courier  # noqa: PLC0415 - megabytes that most sites do not need

    return chain_courier.build_chain_courier(site, settings)


def _postbus(site: SiteLayout, settings: SiteSettings, domains: DomainLimits | None) -> Courier:
    from gateway.bootstrap import postbus_courier  # noqa: PLC0415 - megabytes that most sites do not need

    mailer = build_mailer(site, settings)
    if mailer is None or domains is None:
        raise ValueError("no mail server in the settings")
    return postbus_courier.build_postbus_courier(site, settings, mailer=mailer, domains=domains)


def _file_drop(site: SiteLayout, settings: SiteSettings) -> FileDropCourier:
    servers: Servers = {}
    if settings.sftp:
        from gateway.bootstrap import sftp_servers  # noqa: PLC0415 - megabytes that most sites do not need

        servers = {**servers, **sftp_servers.sftp_couriers(site, settings)}
    if settings.webdav:
        from gateway.bootstrap import webdav_servers  # noqa: PLC0415 - megabytes that most sites do not need

        servers = {**servers, **webdav_servers.webdav_couriers(site, settings)}
    return FileDropCourier(own=DropCourier(root=site.drop), servers=servers, uploads=_upload_folder(site, settings))


def _upload_folder(site: SiteLayout, settings: SiteSettings) -> UploadFolderCourier | None:
    wanted = settings.bestandenpostbus
    if wanted is None:
        return None
    templates, days = build_templates(site), dt.timedelta(seconds=settings.retry.give_up_after_seconds)

    def note(mailbox: str, at: dt.datetime) -> str:
        context = {"mailbox": mailbox, "until": (at + days).astimezone(ZONE).date(), "sent": SENT}
        both = (templates.render(TEMPLATE, language=each, context=context).strip() for each in Language)
        return "\n\n---\n\n".join(both) + "\n"

    return UploadFolderCourier(root=site.root / wanted.folder, note=note, now=clock_of(settings))


def uploads_of(couriers: Mapping[Channel, Courier]) -> Uploads | None:
    """Give who knows what people have uploaded, if there is such a folder."""
    drop = couriers.get(Channel.FILE_DROP)
    return drop.uploads if isinstance(drop, FileDropCourier) else None


def build_bounces(site: SiteLayout, settings: SiteSettings) -> NoticeBox | None:
    """Build what reads reports on our mails; None where the settings name no place. Raises `setting-invalid`."""
    bounces = settings.mail.bounces if settings.mail else None
    if bounces is None:
        return None
    if bounces.imap is not None:
        from gateway.bootstrap import imap_box  # noqa: PLC0415 - a library that most sites do not need

        return imap_box.build_imap_box(site, bounces.imap)
    return NoticeMaildir(site.root / (bounces.maildir or ""))


def _smtp_settings(site: SiteLayout, settings: SiteSettings) -> SmtpSettings:
    mail = settings.mail
    if mail is None:
        raise ValueError("no mail server in the settings")
    return SmtpSettings(
        host=mail.host,
        port=mail.port,
        ca_file=site.root / mail.ca_file if mail.ca_file else None,
        implicit_tls=mail.implicit_tls,
        require_tls=mail.require_tls,
        user=mail.user or "",
        password=read_secret_file(site.root / mail.password_file, "mail.passwordFile") if mail.password_file else b"",
        local_hostname=mail.from_address.partition("@")[2],
        from_address=mail.from_address,
        connections=mail.connections,
        domain_connections=mail.domain_connections,
        domain_per_minute=mail.domain_per_minute,
        timeout_seconds=mail.timeout_seconds,
        connect_timeout_seconds=mail.connect_seconds,
    )
