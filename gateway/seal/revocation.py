"""Whether a certificate or one that vouches for it is revoked, by lists whose issuers have signed them (RFC 5280).

Pure: certificates, lists and the time come in. Rules, in order:
1. A list is asked about a certificate when it bears the name of its issuer, and counts when that issuer's key has
   signed it: whoever can only write a file can neither revoke anybody nor hide a revocation (section 6.3.3 f-g).
2. Whoever stands on a list that counts is revoked, also when that list is old.
3. "Not revoked" needs a list that counts, is of today (its thisUpdate has come, its nextUpdate has not passed) and is
   about this certificate: no delta, no indirect list, no list of other kinds of certificates or of other reasons, none
   with a critical extension that is not known here (section 5.2). Without such a list nobody knows.
4. Where there is no list of an issuer at all, nobody promised one; with `required`, nobody knows then either.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from gateway.package.facts import KeyHealth

_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension)
_LONGEST_PATH = 8
_KNOWN_EXTENSIONS = (x509.CRLNumber, x509.AuthorityKeyIdentifier, x509.IssuingDistributionPoint)


def path_of(
    certificate: x509.Certificate, *, chain: Iterable[x509.Certificate], anchors: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """Give a certificate, who issued it, who issued that one, up to an anchor or as far as is known.

    Signatures are looked at and times are not, so that an expired certificate's revocation is found too.
    """
    pool = (*anchors, *chain)
    path = [certificate]
    while path[-1] not in anchors and len(path) < _LONGEST_PATH:
        issuer = next((each for each in pool if each not in path and _issued(each, path[-1])), None)
        if issuer is None:
            break
        path.append(issuer)
    return tuple(path)


def revocation(
    path: Sequence[x509.Certificate],
    lists: Sequence[x509.CertificateRevocationList],
    *,
    now: dt.datetime,
    required: bool,
) -> KeyHealth:
    """Tell of a path whether anybody on it is revoked: usable, revoked, or that nobody knows."""
    known = True
    for certificate, issuer in pairwise(path):
        named = [each for each in lists if same_name(each.issuer, certificate.issuer)]
        counting = [each for each in named if is_signed_by(each, issuer)]
        serial = certificate.serial_number
        if any(each.get_revoked_certificate_by_serial_number(serial) is not None for each in counting):
            return KeyHealth.REVOKED
        promised = bool(named) or required
        known = known and (not promised or any(_answers(each, certificate, now) for each in counting))
    return KeyHealth.USABLE if known else KeyHealth.REVOCATION_UNKNOWN


def is_signed_by(listed: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Tell whether an issuer that may sign lists has signed one."""
    try:
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        usage = None
    except _UNREADABLE:
        return False
    if usage is not None and not usage.crl_sign:
        return False
    try:
        return same_name(listed.issuer, issuer.subject) and listed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # of an unfit kind of key it raises TypeError
    except _UNREADABLE:
        return False


def is_of_today(listed: x509.CertificateRevocationList, now: dt.datetime) -> bool:
    """Tell whether a list counts at a moment; one that does not say until when never does (section 5.1.2.5)."""
    ends = listed.next_update_utc
    return ends is not None and listed.last_update_utc <= now <= ends


def _answers(listed: x509.CertificateRevocationList, certificate: x509.Certificate, now: dt.datetime) -> bool:
    """Tell whether "not on it" of a list means "not revoked" of a certificate (3)."""
    try:
        extensions = list(listed.extensions)
        if any(each.critical and not isinstance(each.value, _KNOWN_EXTENSIONS) for each in extensions):
            return False
        points = [each.value for each in extensions if isinstance(each.value, x509.IssuingDistributionPoint)]
        return is_of_today(listed, now) and all(_is_about(each, certificate) for each in points)
    except _UNREADABLE:
        return False


def _is_about(point: x509.IssuingDistributionPoint, certificate: x509.Certificate) -> bool:
    partial = point.indirect_crl or point.only_contains_attribute_certs or point.only_some_reasons is not None
    other_kind = point.only_contains_user_certs if _is_authority(certificate) else point.only_contains_ca_certs
    if partial or other_kind or point.relative_name is not None:
        return False
    return point.full_name is None or bool(set(point.full_name) & set(_distribution_points(certificate)))


def _distribution_points(certificate: x509.Certificate) -> Iterator[x509.GeneralName]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return
    for each in points:
        yield from each.full_name or ()


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *_UNREADABLE):
        return False
    return True


def same_name(one: x509.Name, other: x509.Name) -> bool:
    """Compare names without regard to capitals, which authorities do not always write alike (section 7.1)."""
    return one == other or one.rfc4514_string().casefold() == other.rfc4514_string().casefold()
