"""Builds the registers that evidence asks, out of the settings; one that they do not name can not be asked."""

import datetime as dt
import ssl
from collections.abc import Iterator
from pathlib import Path

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import PeerSettings, RegisterSettings, SiteSettings
from gateway.evidence.https_peer import HttpsPeer
from gateway.evidence.https_registers import BarOverHttps, ZgwCaseSystem, zgw_token
from gateway.evidence.port import BarRegister, CaseSystem, NotConnected, Registers
from gateway.evidence.register_files import BarSnapshot, CaseFolder, WithdrawalFile
from gateway.evidence.signed_pdf import PdfSignatures
from gateway.package.errors import Code, SluisError

Checked = PdfSignatures | ZgwCaseSystem | BarOverHttps


def build_registers(site: SiteLayout, settings: SiteSettings) -> Registers:
    """Build the registers that the settings name; nothing is asked yet. Raises SluisError `setting-invalid`."""
    named = settings.registers
    return Registers(
        cases=_cases(site, named),
        withdrawals=WithdrawalFile(site.root / named.withdrawals) if named.withdrawals else NotConnected(),
        bar=_bar(site, named),
        signatures=PdfSignatures(site.root / named.signature_trust) if named.signature_trust else NotConnected(),
    )


def to_check(registers: Registers) -> Iterator[tuple[str, Checked]]:
    """Give those registers that can be asked whether they answer, by what they are called in `sluis check`."""
    named = {"case system": registers.cases, "bar register": registers.bar, "trust anchors": registers.signatures}
    for name, register in named.items():
        if isinstance(register, Checked):
            yield name, register


def close_registers(registers: Registers) -> None:
    """Close the connections that were kept; a worker keeps its own for as long as it lives."""
    for register in (registers.cases, registers.bar):
        if isinstance(register, ZgwCaseSystem | BarOverHttps):
            register.close()


def _cases(site: SiteLayout, named: RegisterSettings) -> CaseSystem:
    if named.case_system is None:
        return CaseFolder(site.root / named.case_folder) if named.case_folder else NotConnected()
    client_id, organisation = named.case_system.client_id, named.case_system.source_organisation
    secret = _secret(site.root / named.case_system.secret_file, "registers.caseSystem.secretFile")
    peer = HttpsPeer(
        named.case_system.url,
        tls=_tls(site, named.case_system, "registers.caseSystem"),
        authorisation=lambda: zgw_token(client_id, secret),
        timeout_seconds=named.case_system.timeout_seconds,
    )
    return ZgwCaseSystem(peer, organisation=organisation or "")


def _bar(site: SiteLayout, named: RegisterSettings) -> BarRegister:
    if named.bar_service is None:
        max_age = dt.timedelta(seconds=named.bar_max_age_seconds)
        return BarSnapshot(site.root / named.bar, max_age=max_age) if named.bar else NotConnected()
    token = _secret(site.root / named.bar_service.token_file, "registers.barService.tokenFile")
    if not token.isascii() or not token.decode("ascii").isprintable():
        raise SluisError(Code.SETTING_INVALID, where="registers.barService.tokenFile")
    peer = HttpsPeer(
        named.bar_service.url,
        tls=_tls(site, named.bar_service, "registers.barService"),
        authorisation=lambda: f"Bearer {token.decode('ascii')}",
        timeout_seconds=named.bar_service.timeout_seconds,
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
            _secret(key, f"{where}.clientKeyFile")
            # A key with a pass-phrase is an error; without one given here, it would be asked for on the terminal.
            context.load_cert_chain(site.root / peer.client_certificate_file, key, password="")
    except (OSError, ValueError) as error:
        raise SluisError(Code.SETTING_INVALID, where=where) from error
    return context


def _secret(path: Path, where: str) -> bytes:
    """Read a secret that nobody else may read. Raises SluisError `setting-invalid`."""
    try:
        status, content = path.stat(), path.read_bytes().strip()
    except OSError as error:
        raise SluisError(Code.SETTING_INVALID, where=where) from error
    if not content:
        raise SluisError(Code.SETTING_INVALID, where=where, faults=((where, "a secret in the file expected"),))
    if status.st_mode & 0o077:
        raise SluisError(Code.SETTING_INVALID, where=where, faults=((where, "a file of mode 0600 expected"),))
    return content
