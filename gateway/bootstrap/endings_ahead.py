"""What ends of the site's own certificates and of the revocation lists that it trusts, so that it is warned of in time.

Rules:
1. An own certificate counts with those that follow it in its file: the first of them that ends breaks the chain.
2. Of the lists of one issuer the one that lasts longest counts. A list lives for hours or for months, as its authority
   likes, so it is warned of when it is within the same days as a key and more than half of its own time is over: one
   that is fetched again in time is never warned of.
3. What can not be read is told by those who need it (`sluis check`), and not here.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from cryptography import x509

from gateway.bootstrap.build_work import build_certificate_trust, build_partner_trust
from gateway.bootstrap.finding import Finding
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import SiteSettings
from gateway.package.errors import Code, SluisError
from gateway.package.key_views import warned_stage

_ENDED: Final = {
    "seal.certificateFile": Code.SIGNING_KEY_UNUSABLE,
    "chain.certificateFile": Code.CHAIN_OWN_CERTIFICATE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAhead:
    """Something of the site that ends soon or has ended; `place` is the setting that names it, and whose it is."""

    code: Code
    place: str
    expires: dt.datetime
    days_left: int


def ends_ahead(site: SiteLayout, settings: SiteSettings, *, now: dt.datetime) -> tuple[EndAhead, ...]:
    """Find what ends within the days that keys are warned of; blocking."""
    return (*_own_certificates(site, settings, now), *_lists(site, settings, now))


def end_findings(ends: Iterable[EndAhead]) -> Iterator[Finding]:
    """Doubt what ends soon."""
    for each in ends:
        is_list = each.code is Code.REVOCATION_LIST_ENDS_SOON
        name = "revocation list" if is_list else "own certificate"
        yield Finding(name=name, where=each.place, doubts=(SluisError(each.code, where=each.place),))


def _own_certificates(site: SiteLayout, settings: SiteSettings, now: dt.datetime) -> Iterator[EndAhead]:
    for place, name in _files(settings):
        found: list[x509.Certificate] = []
        with suppress(OSError, ValueError):
            found = x509.load_pem_x509_certificates((site.root / name).read_bytes())
        ends = [each.not_valid_after_utc for each in found]
        if ends:
            code = _ENDED.get(place, Code.KEY_EXPIRES_SOON) if min(ends) < now else Code.KEY_EXPIRES_SOON
            yield from _ahead(code, place, min(ends), now)


def _files(settings: SiteSettings) -> Iterator[tuple[str, str]]:
    if settings.seal.certificate_file:
        yield "seal.certificateFile", settings.seal.certificate_file
    if settings.chain:
        yield "chain.certificateFile", settings.chain.certificate_file
    registers = settings.registers
    for name, peer in (("caseSystem", registers.case_system), ("barService", registers.bar_service)):
        if peer and peer.client_certificate_file:
            yield f"registers.{name}.clientCertificateFile", peer.client_certificate_file


def _lists(site: SiteLayout, settings: SiteSettings, now: dt.datetime) -> Iterator[EndAhead]:
    trusts = [build_certificate_trust(site, settings)]
    if settings.chain:
        trusts.append(build_partner_trust(site, settings.chain))
    for trust in filter(None, trusts):
        latest: dict[str, x509.CertificateRevocationList] = {}
        for each in sorted(trust.lists() or (), key=lambda one: one.next_update_utc or one.last_update_utc):
            latest[each.issuer.rfc4514_string()] = each
        for issuer, listed in latest.items():
            ends = listed.next_update_utc or listed.last_update_utc
            if ends - now <= (ends - listed.last_update_utc) / 2:
                yield from _ahead(Code.REVOCATION_LIST_ENDS_SOON, f"{trust.place} {issuer}", ends, now)


def _ahead(code: Code, place: str, ends: dt.datetime, now: dt.datetime) -> Iterator[EndAhead]:
    left = (ends - now).days
    if warned_stage(left) is not None:
        yield EndAhead(code=code, place=place, expires=ends, days_left=left)
