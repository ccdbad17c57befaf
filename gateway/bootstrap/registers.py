"""Builds the registers that evidence asks, out of the settings; one that they do not name can not be asked."""

import datetime as dt

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import SiteSettings
from gateway.evidence.port import NotConnected, Registers
from gateway.evidence.register_files import BarSnapshot, CaseFolder, WithdrawalFile
from gateway.evidence.signed_pdf import PdfSignatures


def build_registers(site: SiteLayout, settings: SiteSettings) -> Registers:
    """Build the registers that the settings name; nothing is asked yet."""
    named, nobody = settings.registers, NotConnected()
    max_age = dt.timedelta(seconds=named.bar_max_age_seconds)
    return Registers(
        cases=CaseFolder(site.root / named.case_folder) if named.case_folder else nobody,
        withdrawals=WithdrawalFile(site.root / named.withdrawals) if named.withdrawals else nobody,
        bar=BarSnapshot(site.root / named.bar, max_age=max_age) if named.bar else nobody,
        signatures=PdfSignatures(site.root / named.signature_trust) if named.signature_trust else nobody,
    )
