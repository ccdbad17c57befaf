"""Revocation lists at the moment of sealing: what is old, forged, partial or missing says nobody is safe.

The lists are real ones in files, for CMS (a folder of the site) and for the chain facility (one root, lists required).
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KEY_REFUSALS, KeyHealth
from gateway.package.ids import parse_key
from gateway.seal.certificate_files import CertificateTrust
from gateway.seal.certificates import Certificate
from gateway.seal.jose import JoseSealer, OwnCertificate
from tests.chain_pki import DAY, OWN, PARTNER, Authority, Identity, now

NAME = "Testhierarchie Private Root"


def trust(folder: Path, authority: Authority, *lists: bytes, required: bool = False) -> CertificateTrust:
    """Lay a root and lists into a folder, as an administrator would."""
    (folder / "root.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    for number, each in enumerate(lists):
        (folder / f"{number}.crl").write_bytes(each)
    (folder / "lists").mkdir(exist_ok=True)
    for number, each in enumerate(lists if required else ()):
        (folder / "lists" / str(number)).write_bytes(each)
    if required:
        return CertificateTrust(folder / "root.pem", lists=folder / "lists", place="chain.crlFolder", required=True)
    return CertificateTrust(folder, lists=folder, place="seal.certificateTrust")


def pem(listed: x509.CertificateRevocationList) -> bytes:
    return listed.public_bytes(Encoding.PEM)


def special(authority: Authority, extension: x509.ExtensionType, *, critical: bool = True) -> bytes:
    """Sign a list of nobody that is about less than every certificate."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(authority.root.subject)
    builder = builder.last_update(now() - DAY).next_update(now() + DAY).add_extension(extension, critical=critical)
    return pem(builder.sign(authority._key, hashes.SHA384()))


def scope(**parts: object) -> x509.IssuingDistributionPoint:
    plain = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**{**plain, **parts})  # type: ignore[arg-type]  # by name, in a test


UNKNOWN: dict[str, Callable[[Authority, Identity], bytes]] = {
    "past its nextUpdate": lambda a, _: pem(a.revocation_list(since=-9 * DAY, until=-DAY)),
    "from tomorrow": lambda a, _: pem(a.revocation_list(since=DAY, until=9 * DAY)),
    "forged: signed by another key under the same name": lambda _, __: pem(Authority(NAME).revocation_list()),
    "a delta": lambda a, _: special(a, x509.DeltaCRLIndicator(1)),
    "of authorities only": lambda a, _: special(a, scope(only_contains_ca_certs=True)),
    "indirect": lambda a, _: special(a, scope(indirect_crl=True)),
    "of some reasons only": lambda a, _: special(
        a, scope(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise}))
    ),
    "of another distribution point": lambda a, _: special(
        a, scope(full_name=[x509.UniformResourceIdentifier("http://elders.example/a.crl")])
    ),
    "with a critical extension that nobody knows": lambda a, _: special(
        a, x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
    ),
    "no list at all": lambda _, __: b"niets",
}


@pytest.mark.parametrize("required", [False, True], ids=["folder", "chain"])
@pytest.mark.parametrize("make", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_a_list_that_can_not_say_that_nobody_is_revoked_stops_the_sealing(
    make: Callable[[Authority, Identity], bytes], required: bool, tmp_path: Path
) -> None:
    authority = Authority(NAME)
    partner = authority.issue(PARTNER)
    judge = trust(tmp_path, authority, make(authority, partner), required=required)

    assert KeyHealth.REVOCATION_UNKNOWN is judge.health(Certificate.from_pem(partner.pem), now())


@pytest.mark.parametrize("until", [dt.timedelta(days=7), dt.timedelta(hours=-1)], ids=["of-today", "old"])
def test_whoever_stands_on_a_list_is_revoked_also_when_that_list_is_old(until: dt.timedelta, tmp_path: Path) -> None:
    authority = Authority()
    partner = authority.issue(PARTNER)
    judge = trust(tmp_path, authority, pem(authority.revocation_list(partner, until=until)))

    assert KeyHealth.REVOKED is judge.health(Certificate.from_pem(partner.pem), now())


def test_a_forged_list_revokes_nobody_beside_a_good_one(tmp_path: Path) -> None:
    authority, forger = Authority(NAME), Authority(NAME)
    partner = authority.issue(PARTNER)
    lists = (pem(authority.revocation_list()), pem(forger.revocation_list(partner)))

    assert KeyHealth.USABLE is trust(tmp_path, authority, *lists).health(Certificate.from_pem(partner.pem), now())


def test_a_list_of_today_counts_beside_one_that_has_passed(tmp_path: Path) -> None:
    authority = Authority()
    partner = authority.issue(PARTNER)
    lists = (pem(authority.revocation_list(since=-9 * DAY, until=-DAY)), pem(authority.revocation_list()))

    assert KeyHealth.USABLE is trust(tmp_path, authority, *lists).health(Certificate.from_pem(partner.pem), now())


def test_an_issuer_in_between_that_is_revoked_takes_its_certificates_along(tmp_path: Path) -> None:
    authority = Authority()
    between, partner = under_another(authority)
    both = Certificate.from_pem(partner.pem + between.pem)
    judge = trust(tmp_path, authority, pem(authority.revocation_list()))
    assert KeyHealth.USABLE is judge.health(both, now())

    revoking = trust(tmp_path, authority, pem(authority.revocation_list(between)))

    assert KeyHealth.REVOKED is revoking.health(both, now())


def test_the_chain_facility_needs_a_list_of_each_issuer(tmp_path: Path) -> None:
    authority = Authority()
    between, partner = under_another(authority)
    judge = trust(tmp_path, authority, pem(authority.revocation_list()), required=True)

    assert KeyHealth.REVOCATION_UNKNOWN is judge.health(Certificate.from_pem(partner.pem + between.pem), now())
    assert KeyHealth.NOT_VOUCHED is trust(
        tmp_path, Authority("Een ander"), pem(authority.revocation_list()), required=True
    ).health(Certificate.from_pem(authority.issue(PARTNER).pem), now())


@pytest.mark.parametrize(
    "health", [KeyHealth.REVOCATION_UNKNOWN, KeyHealth.NOT_VOUCHED, KeyHealth.REVOKED], ids=lambda each: each.value
)
def test_the_chain_facility_asks_at_each_sealing_and_seals_nothing_on_doubt(health: KeyHealth, tmp_path: Path) -> None:
    authority = Authority()
    own, partner = authority.issue(OWN), authority.issue(PARTNER)
    known = Certificate.from_pem(partner.pem)
    lists = {
        KeyHealth.REVOCATION_UNKNOWN: authority.revocation_list(since=-9 * DAY, until=-DAY),
        KeyHealth.NOT_VOUCHED: authority.revocation_list(),
        KeyHealth.REVOKED: authority.revocation_list(partner),
    }
    judge = trust(tmp_path, authority, pem(authority.revocation_list()), required=True)
    sealer = JoseSealer(
        own=OwnCertificate.read(own.pem, own.key_pem),
        find={known.pin: known}.get,
        trusted=judge.health,
        name_key=b"n" * 32,
        max_bytes=1024,
        now=now,
    )
    assert sealer.seal(iter([b"eerst goed"]), recipients=(parse_key(partner.pin),), address=PARTNER)

    # As a fetch or an administrator would change the files, while the service runs.
    root = Authority("Een ander") if health is KeyHealth.NOT_VOUCHED else authority
    trust(tmp_path, root, pem(lists[health]), required=True)

    with pytest.raises(SluisError) as refusal:
        sealer.seal(iter([b"geheim"]), recipients=(parse_key(partner.pin),), address=PARTNER)
    assert KEY_REFUSALS[health] is refusal.value.code
    assert refusal.value.code in {Code.KEY_REVOCATION_UNKNOWN, Code.KEY_NOT_VOUCHED, Code.KEY_REVOKED}


def under_another(authority: Authority) -> tuple[Identity, Identity]:
    """Give an authority in between, and a partner under it."""
    lower = Authority("Tussen")
    return authority.under(lower), lower.issue(PARTNER)
