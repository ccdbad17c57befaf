"""Builds the couriers to the SFTP servers of the settings. Loaded only for a site that names one."""

from pathlib import Path

from gateway.bootstrap.channel_settings import SftpServerSettings
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.secret_files import read_secret_file
from gateway.bootstrap.settings import SiteSettings
from gateway.deliver.file_drop import Servers
from gateway.deliver.sftp import SftpCourier
from gateway.deliver.sftp_connection import SftpSettings, read_host_key, read_own_key
from gateway.package.drop_addresses import DropScheme
from gateway.package.errors import Code, SluisError


def sftp_couriers(site: SiteLayout, settings: SiteSettings) -> Servers:
    """Build a courier to each server, by its name in the settings. Raises SluisError `setting-invalid`."""
    return {
        (DropScheme.SFTP, name): SftpCourier(settings=_settings(site.root, name, each))
        for name, each in settings.sftp.items()
    }


def _settings(root: Path, name: str, server: SftpServerSettings) -> SftpSettings:
    where = f"sftp.{name}"
    secret = read_secret_file(root / server.key_file, f"{where}.keyFile")
    try:
        key = read_own_key(secret)
    except ValueError as error:
        fault = (f"{where}.keyFile", "an Ed25519, ECDSA or RSA key (3072 bits) without a pass-phrase expected")
        raise SluisError(Code.SETTING_INVALID, where=f"{where}.keyFile", faults=(fault,)) from error
    try:
        host_keys = tuple(read_host_key(line) for line in server.host_keys)
    except ValueError as error:
        fault = (f"{where}.hostKeys", "public keys such as 'ssh-ed25519 AAAA…' expected; RSA from 3072 bits on")
        raise SluisError(Code.SETTING_INVALID, where=f"{where}.hostKeys", faults=(fault,)) from error
    return SftpSettings(
        name=name,
        host=server.host,
        port=server.port,
        user=server.user,
        host_keys=host_keys,
        key=key,
        folder=server.folder,
        connections=server.connections,
        connect_timeout_seconds=server.connect_seconds,
        timeout_seconds=server.timeout_seconds,
    )
