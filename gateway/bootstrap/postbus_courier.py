"""Builds the courier to the postbus. Loaded only for a site that has one."""

from gateway.bootstrap.build_work import build_templates
from gateway.bootstrap.clock import clock_of
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.secret_files import read_secret_file
from gateway.bootstrap.settings import SiteSettings
from gateway.deliver.domain_limits import DomainLimits
from gateway.deliver.notice_mail import NoticeMailer
from gateway.deliver.postbus import TEMPLATE, PostbusCourier, PostbusSettings


def build_postbus_courier(
    site: SiteLayout, settings: SiteSettings, *, mailer: NoticeMailer, domains: DomainLimits
) -> PostbusCourier:
    """Build the courier; `mailer` sends the links, within `domains`. Raises SluisError `setting-invalid`."""
    wanted = settings.postbus
    if wanted is None:
        raise ValueError("no postbus in the settings")
    templates = build_templates(site)
    key_file = site.root / wanted.key_file if wanted.key_file else None
    if key_file is not None:
        read_secret_file(key_file, "postbus.keyFile")
    return PostbusCourier(
        settings=PostbusSettings(
            url=wanted.url,
            push_url=wanted.push_url,
            ca_file=site.root / wanted.ca_file if wanted.ca_file else None,
            token=read_secret_file(site.root / wanted.token_file, "postbus.tokenFile").decode("ascii", "replace"),
            certificate_file=site.root / wanted.certificate_file if wanted.certificate_file else None,
            key_file=key_file,
            timeout_seconds=wanted.timeout_seconds,
        ),
        mailer=mailer,
        domains=domains,
        render=lambda language, context: templates.render(TEMPLATE, language=language, context=context),
        now=clock_of(settings),
    )
