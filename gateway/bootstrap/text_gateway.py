"""Builds what sends codes as text messages. Loaded only for a site that does."""

from collections.abc import Callable

from gateway.bootstrap.build_work import build_templates
from gateway.bootstrap.channel_settings import SmsSettings
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.secret_files import read_secret_file
from gateway.deliver.text_messages import TextGateway, TextGatewaySettings
from gateway.package.pickup import PickUp
from gateway.package.states import Language
from gateway.texting import TEMPLATE


def build_text_gateway(site: SiteLayout, wanted: SmsSettings) -> TextGateway:
    """Build it; nothing is asked yet. Raises SluisError `setting-invalid`."""
    return TextGateway(
        TextGatewaySettings(
            url=wanted.url,
            ca_file=site.root / wanted.ca_file if wanted.ca_file else None,
            token=read_secret_file(site.root / wanted.token_file, "sms.tokenFile"),
            sender=wanted.sender,
            body=wanted.body,
            timeout_seconds=wanted.timeout_seconds,
        )
    )


def code_text(site: SiteLayout, *, organisation: str) -> Callable[[PickUp], str]:
    """Give what writes a text message, in its recipient's language."""
    templates = build_templates(site)

    def write(pickup: PickUp) -> str:
        context = {"code": pickup.spoken(), "reference": pickup.reference, "organisation": organisation}
        return templates.render(TEMPLATE, language=Language(pickup.language), context=context).strip()

    return write
