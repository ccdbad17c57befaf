"""Reads what the chain facility asks of an X.509 certificate: whose it is, its thumbprint, and how it signs.

Only certificates that somebody has pinned or that TLS has verified come here; nothing is verified in this module.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from gateway.package.errors import SluisError
from gateway.package.oin import Oin, parse_oin

_ALGORITHM_OF_CURVE: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_CRL_MARK = b"-----BEGIN X509 CRL-----"
_CRL_END = b"-----END X509 CRL-----"


def read_certificate(content: bytes) -> x509.Certificate:
    """Read one certificate, in PEM (the first of the file) or DER. Raises ValueError."""
    if b"-----BEGIN" in content:
        return x509.load_pem_x509_certificate(content)
    return x509.load_der_x509_certificate(content)


def read_revocation_lists(content: bytes) -> Iterator[x509.CertificateRevocationList]:
    """Read the revocation lists of one file: any number in PEM, or one in DER. Raises ValueError."""
    if _CRL_MARK not in content:
        yield x509.load_der_x509_crl(content)
        return
    for part in content.split(_CRL_MARK)[1:]:
        yield x509.load_pem_x509_crl(_CRL_MARK + part.partition(_CRL_END)[0] + _CRL_END)


def der_of(certificate: x509.Certificate) -> bytes:
    """Give the certificate's own bytes."""
    return certificate.public_bytes(serialization.Encoding.DER)


def thumbprint(certificate: x509.Certificate) -> bytes:
    """Give the SHA-256 of the certificate's own bytes: what `x5t#S256` and a pin hold."""
    return hashlib.sha256(der_of(certificate)).digest()


def oin_of(certificate: x509.Certificate) -> Oin | None:
    """Give the OIN in the subject's serialNumber (Digikoppeling PKI001); None when there is not exactly one."""
    try:
        (found,) = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
        return parse_oin(str(found.value))
    except (ValueError, SluisError):
        return None


def signing_algorithm(certificate: x509.Certificate) -> str | None:
    """Give the JWS algorithm of a certificate's key (RFC 7518 section 3.1); None for one that we do not use."""
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey):
        return "PS256"
    return _ALGORITHM_OF_CURVE.get(key.curve.name) if isinstance(key, EllipticCurvePublicKey) else None


def is_valid_at(certificate: x509.Certificate, now: dt.datetime) -> bool:
    """Tell whether a moment lies within the certificate's validity."""
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
