"""Reads a revocation list (RFC 5280, section 5) that an administrator has put among the trust anchors.

It is loaded by who verifies a signed paper and by `sluis check`, so that both mean the same by a list that counts.
"""

from collections.abc import Iterator

from asn1crypto import crl, pem

_KIND = "X509 CRL"
_UNREADABLE = (ValueError, TypeError, KeyError, OverflowError)


def revoked_by(content: bytes) -> frozenset[tuple[str, int]]:
    """Give the issuers and serial numbers on the lists of a file in DER or PEM. Raises ValueError for what is none."""
    try:
        found = [frozenset(_entries(coded)) for coded in _coded(content)]
    except _UNREADABLE as error:
        raise ValueError("a revocation list expected") from error
    if not found:
        raise ValueError("a revocation list expected")
    return frozenset().union(*found)


def _coded(content: bytes) -> Iterator[bytes]:
    if not pem.detect(content):
        yield content
        return
    # A file of several lists: one that was passed over would leave its certificates unrevoked.
    for kind, _, coded in pem.unarmor(content, multiple=True):
        if kind != _KIND:
            raise ValueError("only revocation lists expected")
        yield coded


def _entries(coded: bytes) -> Iterator[tuple[str, int]]:
    listed = crl.CertificateList.load(coded, strict=True)["tbs_cert_list"]
    issuer = listed["issuer"].hashable
    for each in listed["revoked_certificates"]:
        yield issuer, each["user_certificate"].native
