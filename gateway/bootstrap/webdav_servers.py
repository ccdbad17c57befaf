"""Builds the couriers to the WebDAV servers of the settings. Loaded only for a site that names one."""

from pathlib import Path

from gateway.bootstrap.channel_settings import WebDavServerSettings
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.secret_files import read_secret_file
from gateway.bootstrap.settings import SiteSettings
from gateway.deliver.file_drop import Servers
from gateway.deliver.webdav import WebDavCourier
from gateway.deliver.webdav_connection import WebDavSettings
from gateway.package.drop_addresses import DropScheme


def webdav_couriers(site: SiteLayout, settings: SiteSettings) -> Servers:
    """Build a courier to each server, by its name in the settings. Raises SluisError `setting-invalid`."""
    return {
        (DropScheme.WEBDAV, name): WebDavCourier(settings=_settings(site.root, name, each))
        for name, each in settings.webdav.items()
    }


def _settings(root: Path, name: str, server: WebDavServerSettings) -> WebDavSettings:
    return WebDavSettings(
        name=name,
        url=server.url,
        user=server.user,
        password=read_secret_file(root / server.password_file, f"webdav.{name}.passwordFile"),
        ca_file=root / server.ca_file if server.ca_file else None,
        connections=server.connections,
        connect_timeout_seconds=server.connect_seconds,
        timeout_seconds=server.timeout_seconds,
    )
