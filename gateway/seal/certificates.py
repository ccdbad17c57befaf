"""What is known of an X.509 certificate, and whether it can be sealed for or signed with at a moment.

Pure: reads PEM and judges it against a time that is given. The pin is the SHA-256 of the DER certificate, so that no
name in it has to be believed. Rules, in the order in which they are judged:
1. Revoked, where a list of its issuer says so (`gateway.seal.revocation`).
2. Expired, or not valid yet.
3. Weak (BSI TR-02102-1, NIST SP 800-131A): RSA below 2048 bits, an elliptic curve below 256, held together by a
   signature with MD5 or SHA-1.
4. Unusable: another kind of key than RSA or the curves P-256, P-384 and P-521 (RFC 8551 section 2.3); not meant for it,
   by its own key usage (RFC 5280 section 4.2.1.3). A certificate that does not say what it is for is not used.
"""

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.formats.certificates import is_valid_at
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.seal import der

_MIN_RSA_BITS = 2048
_FINE_RSA_BITS = 3072
_MIN_CURVE_BITS = 256
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_PLAIN_RSA = x509.ObjectIdentifier("1.2.840.113549.1.1.1")
_BROKEN_HASHES = (hashes.MD5, hashes.SHA1)
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_TBS_SERIAL, _TBS_ISSUER = 1, 3
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension)


def first_fault(own: KeyHealth, trusted: KeyHealth) -> KeyHealth:
    """Choose what is said of a certificate: that it is revoked, else a fault of its own, else what others say of it."""
    return trusted if own is KeyHealth.USABLE or trusted is KeyHealth.REVOKED else own


@dataclass(frozen=True)
class Certificate:
    """A certificate with those that came in one file with it: what an issuer's certificate would be looked for in."""

    content: x509.Certificate = field(repr=False)
    chain: tuple[x509.Certificate, ...] = field(default=(), repr=False)

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Read one certificate and what follows it. Raises ValueError for anything else, and for a private key."""
        if b"PRIVATE KEY" in pem:
            raise ValueError("a certificate without its key expected")
        found = [x509.load_pem_x509_certificate(block) for block in _PEM.findall(pem)]
        if not found:
            raise ValueError("a certificate in PEM expected")
        return cls(found[0], tuple(found[1:]))

    @property
    def pin(self) -> Fingerprint:
        """Give what pins it in the register."""
        return Fingerprint(f"x509:{hashlib.sha256(self.encoded()).hexdigest()}")

    def encoded(self) -> bytes:
        """Give its DER."""
        return self.content.public_bytes(Encoding.DER)

    def issuer_and_serial(self) -> bytes:
        """Give the DER of its IssuerAndSerialNumber (RFC 5652 section 10.2.4), each as it stands in the certificate.

        Raises ValueError for a certificate of X.509 version 1.
        """
        parts = list(der.elements(der.inside(self.content.tbs_certificate_bytes)))
        if parts[0][0] != der.context(0):
            raise ValueError("a certificate of version 3 expected")
        return der.sequence(parts[_TBS_ISSUER], parts[_TBS_SERIAL])

    @cached_property
    def key(self) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None:
        """Give its public key when it is of a kind that is sealed for, else None."""
        try:
            found = self.content.public_key()
            # An RSA key that its issuer restricts to signatures (RSASSA-PSS) has another identifier.
            plain = self.content.public_key_algorithm_oid == _PLAIN_RSA
        except _UNREADABLE:
            return None
        if isinstance(found, ec.EllipticCurvePublicKey) or (isinstance(found, rsa.RSAPublicKey) and plain):
            return found
        return None

    def addresses(self) -> frozenset[str]:
        """Give the mail addresses that it bears (RFC 8550 section 3)."""
        named = self.content.subject.get_attributes_for_oid(x509.NameOID.EMAIL_ADDRESS)
        found = {str(each.value) for each in named}
        try:
            names = self.content.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (x509.ExtensionNotFound, *_UNREADABLE):
            return frozenset(found)
        return frozenset(found | set(names.get_values_for_type(x509.RFC822Name)))

    def is_small(self) -> bool:
        """Tell whether its RSA key is below 3072 bits: strong enough today, and not for what is kept for long."""
        return isinstance(self.key, rsa.RSAPublicKey) and self.key.key_size < _FINE_RSA_BITS

    def health(self, now: dt.datetime) -> KeyHealth:
        """Tell whether it can be encrypted to at a moment, apart from revocation and who vouches for it."""
        found = self._strength(now)
        if found is not KeyHealth.USABLE:
            return found
        usage = self._usage()
        if isinstance(self.key, rsa.RSAPublicKey):
            fits = usage is not None and usage.key_encipherment
        else:
            fits = usage is not None and usage.key_agreement
        return KeyHealth.USABLE if fits else KeyHealth.UNUSABLE

    def signing_health(self, now: dt.datetime) -> KeyHealth:
        """Tell whether it can be signed with at a moment, by its validity, its strength and its key usage."""
        found = self._strength(now)
        if found is not KeyHealth.USABLE:
            return found
        usage = self._usage()
        fits = usage is not None and (usage.digital_signature or usage.content_commitment)
        return KeyHealth.USABLE if fits else KeyHealth.UNUSABLE

    def _strength(self, now: dt.datetime) -> KeyHealth:
        if not is_valid_at(self.content, now):
            return KeyHealth.EXPIRED if self.content.not_valid_after_utc < now else KeyHealth.NOT_YET_VALID
        if self.key is None:
            return KeyHealth.UNUSABLE
        least = _MIN_RSA_BITS if isinstance(self.key, rsa.RSAPublicKey) else _MIN_CURVE_BITS
        try:
            broken = isinstance(self.content.signature_hash_algorithm, _BROKEN_HASHES)
        except _UNREADABLE:
            return KeyHealth.UNUSABLE
        if self.key.key_size < least or broken:
            return KeyHealth.WEAK
        if isinstance(self.key, ec.EllipticCurvePublicKey) and not isinstance(self.key.curve, _CURVES):
            return KeyHealth.UNUSABLE
        return KeyHealth.USABLE

    def _usage(self) -> x509.KeyUsage | None:
        try:
            return self.content.extensions.get_extension_for_class(x509.KeyUsage).value
        except (x509.ExtensionNotFound, *_UNREADABLE):
            return None
