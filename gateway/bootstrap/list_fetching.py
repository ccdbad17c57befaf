"""Fetches revocation lists from the addresses that the settings name: `sluis keys fetch-lists`.

Rules, in order:
1. Only what site.yaml names is asked, never what a certificate names: whoever made that would choose whom this machine
   calls. No proxy of the environment, and no redirect is followed.
2. HTTP will do, as RFC 5280 section 8 has it: what comes is believed for its signature alone.
   HTTPS is that of our couriers.
3. At most 16 MiB, in at most one minute.
4. A list is taken when an issuer has signed it whom the trust anchors vouch for, when it is of today, and when it is no
   older than the one that lies there and of the same issuer: an old list, played back, would take a revocation away,
   and so would the good list of another issuer.
5. It is written aside, flushed and renamed. On any fault the old one stays, and the fault is told.
"""

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from cryptography import x509

from gateway.bootstrap.build_work import build_certificate_trust, build_partner_trust
from gateway.bootstrap.durable_files import storing, write_durably
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.outside_tls import outside_context
from gateway.bootstrap.settings import SiteSettings
from gateway.formats.certificates import read_revocation_lists
from gateway.package.errors import Code, SluisError
from gateway.seal.certificate_files import CertificateTrust
from gateway.seal.certificates import Certificate
from gateway.seal.revocation import is_of_today, is_signed_by, path_of, same_name

MAX_LIST_BYTES: Final = 16 * 1024 * 1024
_SECONDS: Final = 60.0
_WAIT_SECONDS: Final = 10.0
_OK = 200
_List = x509.CertificateRevocationList


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedList:
    """One list that was asked for: the setting and its name there, until when the one that lies there now counts.

    `error` is None when it was taken, or lay there already.
    """

    place: str
    until: dt.datetime | None = None
    error: SluisError | None = None


def fetch_lists(site: SiteLayout, settings: SiteSettings, *, now: dt.datetime) -> tuple[FetchedList, ...]:
    """Fetch every list that the settings name, each for itself. Raises SluisError `setting-invalid` when none is."""
    sources = list(_sources(site, settings))
    if not sources:
        fault = ("seal.revocationLists", "names with addresses expected, here or under chain.revocationLists")
        raise SluisError(Code.SETTING_INVALID, where="site.yaml", faults=(fault,))
    others = _brought_issuers(site.keys)
    return tuple(_fetched(each, others, now) for each in sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    place: str
    url: str
    target: Path
    trust: CertificateTrust


def _sources(site: SiteLayout, settings: SiteSettings) -> Iterator[_Source]:
    trust, chain = build_certificate_trust(site, settings), settings.chain
    if trust is not None and settings.seal.certificate_trust:
        yield from _named(settings.seal.revocation_lists, site.root / settings.seal.certificate_trust, "seal", trust)
    if chain is not None:
        partners = build_partner_trust(site, chain)
        yield from _named(chain.revocation_lists, site.root / chain.crl_folder, "chain", partners)


def _named(lists: dict[str, str] | None, folder: Path, section: str, trust: CertificateTrust) -> Iterator[_Source]:
    for name, url in sorted((lists or {}).items()):
        place = f"{section}.revocationLists.{name}"
        yield _Source(place=place, url=url, target=folder / f"{name}.crl", trust=trust)


def _fetched(source: _Source, others: Sequence[x509.Certificate], now: dt.datetime) -> FetchedList:
    try:
        with storing(source.place):
            until = _take(source, _download(source), others, now)
    except SluisError as error:
        return FetchedList(place=source.place, error=error)
    return FetchedList(place=source.place, until=until)


def _download(source: _Source) -> bytes:
    """Give what lies under an address (1, 3). Raises SluisError `revocation-list-not-fetched`."""
    until, content = time.monotonic() + _SECONDS, bytearray()
    tls = outside_context(Path(), where=source.place, ca_file=None)
    try:
        with (
            httpx.Client(verify=tls, trust_env=False, follow_redirects=False, timeout=_WAIT_SECONDS) as client,
            client.stream("GET", source.url, headers={"Accept-Encoding": "identity"}) as response,
        ):
            if response.status_code != _OK:
                raise _refused(source, f"an answer with status 200 expected, not {response.status_code}")
            for piece in response.iter_raw():
                content += piece
                if len(content) > MAX_LIST_BYTES or time.monotonic() > until:
                    raise _refused(source, f"at most {MAX_LIST_BYTES} bytes within {_SECONDS:.0f} seconds expected")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _refused(source, "an answer expected") from error
    return bytes(content)


def _take(source: _Source, content: bytes, others: Sequence[x509.Certificate], now: dt.datetime) -> dt.datetime | None:
    """Judge what came and put it in place of the old one (4, 5). Raises SluisError `revocation-list-not-fetched`."""
    try:
        (listed,) = read_revocation_lists(content)
    except ValueError as error:
        raise _refused(source, "one revocation list in DER or PEM expected") from error
    if not _is_signed(listed, source.trust, others):
        raise _refused(source, "the signature of an issuer expected whom the trust anchors vouch for")
    if not is_of_today(listed, now):
        raise _refused(source, "a list whose thisUpdate has come and whose nextUpdate has not passed expected")
    lying = _lying(source.target)
    if any(not same_name(old.issuer, listed.issuer) for old in lying):
        raise _refused(source, "a list of the issuer expected whose list lies there; if it changed, remove that file")
    if any(old.last_update_utc > listed.last_update_utc for old in lying):
        raise _refused(source, "a list that is no older than the one that lies there expected")
    write_durably(source.target, content)
    return listed.next_update_utc


def _is_signed(listed: _List, trust: CertificateTrust, others: Sequence[x509.Certificate]) -> bool:
    anchors, pool = trust.anchors(), [*trust.issuers(), *others]
    signers = (each for each in pool if is_signed_by(listed, each))
    return any(path_of(each, chain=pool, anchors=anchors)[-1] in anchors for each in signers)


def _lying(target: Path) -> Sequence[_List]:
    """Give the lists that lie there; a file that is none is replaced."""
    with suppress(OSError, ValueError):
        return tuple(read_revocation_lists(target.read_bytes()))
    return ()


def _brought_issuers(keys: Path) -> list[x509.Certificate]:
    """Give the issuers that came with recipients' certificates: whose list it is, only they may know."""
    found: list[x509.Certificate] = []
    for path in sorted(keys.glob("x509-*.pem")):
        with suppress(OSError, ValueError):
            found += Certificate.from_pem(path.read_bytes()).chain
    return found


def _refused(source: _Source, expected: str) -> SluisError:
    return SluisError(Code.REVOCATION_LIST_NOT_FETCHED, where=source.place, faults=((source.place, expected),))
