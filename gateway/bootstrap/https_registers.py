"""Builds the registers that are asked over HTTPS. Loaded only for a site that names one."""

import ssl

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.secret_files import read_secret_file
from gateway.bootstrap.setting_types import PeerSettings
from gateway.bootstrap.settings import BarServiceSettings, CaseSystemSettings
from gateway.evidence.https_peer import HttpsPeer
from gateway.evidence.https_registers import BarOverHttps, ZgwCaseSystem, zgw_token
from gateway.package.errors import Code, SluisError


def case_system(site: SiteLayout, named: CaseSystemSettings) -> ZgwCaseSystem:
    """Build the case system with the ZGW Documenten API. Raises SluisError `setting-invalid`."""
    client_id = named.client_id
    secret = read_secret_file(site.root / named.secret_file, "registers.caseSystem.secretFile")
    peer = HttpsPeer(
        named.url,
        tls=_tls(site, named, "registers.caseSystem"),
        authorisation=lambda: zgw_token(client_id, secret),
        timeout_seconds=named.timeout_seconds,
    )
    return ZgwCaseSystem(peer, organisation=named.source_organisation or "")


def bar_service(site: SiteLayout, named: BarServiceSettings) -> BarOverHttps:
    """Build the register of the bar. Raises SluisError `setting-invalid`."""
    token = read_secret_file(site.root / named.token_file, "registers.barService.tokenFile")
    if not token.isascii() or not token.decode("ascii").isprintable():
        raise SluisError(Code.SETTING_INVALID, where="registers.barService.tokenFile")
    peer = HttpsPeer(
        named.url,
        tls=_tls(site, named, "registers.barService"),
        authorisation=lambda: f"Bearer {token.decode('ascii')}",
        timeout_seconds=named.timeout_seconds,
    )
    return BarOverHttps(peer)


def _tls(site: SiteLayout, peer: PeerSettings, where: str) -> ssl.SSLContext:
    """Verify by the CA file of the settings and no other authority, or by those of this machine."""
    try:
        context = ssl.create_default_context(cafile=site.root / peer.ca_file if peer.ca_file else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # What an administrator's environment asks for debugging would hold the keys of every connection.
        context.keylog_filename = None  # type: ignore[assignment]  # None is how Python is told that there is none.
        if peer.client_certificate_file and peer.client_key_file:
            key = site.root / peer.client_key_file
            read_secret_file(key, f"{where}.clientKeyFile")
            # A key with a pass-phrase is an error; without one given here, it would be asked for on the terminal.
            context.load_cert_chain(site.root / peer.client_certificate_file, key, password="")
    except (OSError, ValueError) as error:
        raise SluisError(Code.SETTING_INVALID, where=where) from error
    return context
