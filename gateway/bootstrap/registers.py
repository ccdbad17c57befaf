"""Builds the registers that evidence asks, out of the settings; one that they do not name can not be asked."""

import datetime as dt
from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import RegisterSettings, SiteSettings
from gateway.evidence.port import BarRegister, CaseSystem, FileReader, NotConnected, Registers
from gateway.evidence.register_files import BarSnapshot, CaseFolder, WithdrawalFile
from gateway.evidence.signed_pdf import PdfSignatures


@runtime_checkable
class Checked(Protocol):
    """A register that can be asked whether it answers."""

    def check(self) -> None:
        """Raise SluisError when it does not."""


@runtime_checkable
class _KeepsConnections(Protocol):
    def close(self) -> None: ...


def build_registers(site: SiteLayout, settings: SiteSettings, *, files: FileReader) -> Registers:
    """Build the registers that the settings name; nothing is asked yet. Raises SluisError `setting-invalid`.

    `files` is where a signed paper is parsed.
    """
    named = settings.registers
    trust = named.signature_trust
    return Registers(
        cases=_cases(site, named),
        withdrawals=WithdrawalFile(site.root / named.withdrawals) if named.withdrawals else NotConnected(),
        bar=_bar(site, named),
        signatures=PdfSignatures(site.root / trust, files=files) if trust else NotConnected(),
    )


def to_check(registers: Registers) -> Iterator[tuple[str, Checked]]:
    """Give those registers that can be asked whether they answer, by what they are called in `sluis check`."""
    named = {
        "case system": registers.cases,
        "withdrawals": registers.withdrawals,
        "bar register": registers.bar,
        "trust anchors": registers.signatures,
    }
    for name, register in named.items():
        if isinstance(register, Checked):
            yield name, register


def close_registers(registers: Registers) -> None:
    """Close the connections that were kept; a worker keeps its own for as long as it lives."""
    for register in (registers.cases, registers.bar):
        if isinstance(register, _KeepsConnections):
            register.close()


def _cases(site: SiteLayout, named: RegisterSettings) -> CaseSystem:
    if named.case_system is None:
        return CaseFolder(site.root / named.case_folder) if named.case_folder else NotConnected()
    from gateway.bootstrap import https_registers  # noqa: PLC0415 - two megabytes that most sites do not need

    return https_registers.case_system(site, named.case_system)


def _bar(site: SiteLayout, named: RegisterSettings) -> BarRegister:
    if named.bar_service is None:
        max_age = dt.timedelta(seconds=named.bar_max_age_seconds)
        return BarSnapshot(site.root / named.bar, max_age=max_age) if named.bar else NotConnected()
    from gateway.bootstrap import https_registers  # noqa: PLC0415 - see above

    return https_registers.bar_service(site, named.bar_service)
