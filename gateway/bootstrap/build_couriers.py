"""Builds what brings sealed parcels out, out of a site's settings. The only place that knows the couriers."""

import secrets
from collections.abc import Callable, Mapping

from gateway.bootstrap.build_chain import build_trust
from gateway.bootstrap.build_work import build_templates, open_channels
from gateway.bootstrap.clock import clock_of
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.secret_files import read_secret_file
from gateway.bootstrap.settings import SiteSettings
from gateway.deliver.chain import ChainCourier, ChainPeer, ChainSettings
from gateway.deliver.chain_log import TransactionLog
from gateway.deliver.drop import DropCourier
from gateway.deliver.file_drop import FileDropCourier, RemoteCourier
from gateway.deliver.notice_mail import NoticeMailer
from gateway.deliver.notice_maildir import NoticeMaildir
from gateway.deliver.port import Courier, Pickups
from gateway.deliver.postbus import TEMPLATE, PostbusCourier, PostbusSettings
from gateway.deliver.smtp import SmtpCourier, SmtpSettings
from gateway.package.oin import Oin
from gateway.package.states import Channel


def build_couriers(site: SiteLayout, settings: SiteSettings) -> Mapping[Channel, Courier]:
    """Build a courier for each channel that the settings connect. Raises SluisError `setting-invalid`."""
    makers: dict[Channel, Callable[[], Courier]] = {
        Channel.CHAIN_FACILITY: lambda: _chain_courier(site, settings),
        Channel.FILE_DROP: lambda: _file_drop(site, settings),
        Channel.SECURE_MAIL: lambda: SmtpCourier(settings=_smtp_settings(site, settings)),
        Channel.POSTBUS: lambda: _postbus(site, settings),
    }
    return {channel: makers[channel]() for channel in sorted(open_channels(settings))}


def pickups_of(couriers: Mapping[Channel, Courier]) -> Pickups | None:
    """Give who asks the pick-up service: the courier that brings parcels there, if there is one."""
    postbus = couriers.get(Channel.POSTBUS)
    return postbus if isinstance(postbus, PostbusCourier) else None


def _postbus(site: SiteLayout, settings: SiteSettings) -> PostbusCourier:
    wanted, mailer = settings.postbus, build_mailer(site, settings)
    if wanted is None or mailer is None:
        raise ValueError("no postbus in the settings")
    templates = build_templates(site)
    return PostbusCourier(
        settings=PostbusSettings(
            url=wanted.url,
            push_url=wanted.push_url,
            ca_file=site.root / wanted.ca_file if wanted.ca_file else None,
            token=read_secret_file(site.root / wanted.token_file, "postbus.tokenFile").decode("ascii", "replace"),
            timeout_seconds=wanted.timeout_seconds,
        ),
        mailer=mailer,
        render=lambda language, context: templates.render(TEMPLATE, language=language, context=context),
        now=clock_of(settings),
    )


def build_mailer(site: SiteLayout, settings: SiteSettings) -> NoticeMailer | None:
    """Build what sends notices to the organisation's own people; None without a mail server."""
    if settings.mail is None:
        return None
    return NoticeMailer(
        settings=_smtp_settings(site, settings), from_name=settings.mail.from_name or settings.organisation
    )


def _chain_courier(site: SiteLayout, settings: SiteSettings) -> ChainCourier:
    chain = settings.chain
    if chain is None:
        raise ValueError("no chain facility in the settings")
    peers = {
        Oin(oin): ChainPeer(url=each.url, service_name=each.service_name, grant_hash=each.grant_hash)
        for oin, each in chain.peers.items()
    }
    return ChainCourier(
        settings=ChainSettings(
            own_oin=Oin(chain.own_oin),
            peers=peers,
            connections=chain.connections,
            connect_seconds=chain.connect_seconds,
            timeout_seconds=chain.timeout_seconds,
        ),
        trust=build_trust(site, settings, chain),
        log=TransactionLog(site.transaction_log),
        now=clock_of(settings),
        random=secrets.token_bytes,
    )


def _file_drop(site: SiteLayout, settings: SiteSettings) -> FileDropCourier:
    servers: Mapping[str, RemoteCourier] = {}
    if settings.sftp:
        from gateway.bootstrap import sftp_servers  # noqa: PLC0415 - megabytes that most sites do not need

        servers = sftp_servers.sftp_couriers(site, settings)
    return FileDropCourier(own=DropCourier(root=site.drop), servers=servers)


def build_bounces(site: SiteLayout, settings: SiteSettings) -> NoticeMaildir | None:
    """Build what reads reports on our mails; None where the settings name no maildir."""
    bounces = settings.mail.bounces if settings.mail else None
    return NoticeMaildir(site.root / bounces.maildir) if bounces else None


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
