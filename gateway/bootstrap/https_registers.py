"""Builds the registers that are asked over HTTPS. Loaded only for a site that names one."""

import ssl

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.outside_tls import outside_context
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
    return outside_context(
        site.root,
        where=where,
        ca_file=peer.ca_file,
        certificate=peer.client_certificate_file,
        key=peer.client_key_file,
    )
