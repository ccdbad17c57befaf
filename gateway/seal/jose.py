"""The JOSE engine behind the port `ChainSealer`: a JWS inside a JWE, both compact (RFC 7515, RFC 7516).

Numbered as the code does it:
1. There is exactly one recipient, of several pinned certificates the last, which was trusted last. It is pinned by its
   SHA-256, usable now, chains to the root of the chain facility, is on no list of today that each of its issuers must
   have, and is on the recipient's OIN.
2. The content is signed with the key of the site's own certificate: PS256, or ES256/384/512 by its curve. The header
   names that certificate by `x5t#S256`, and the form of the content by `cty`.
3. The signed content is encrypted with A256GCM, its key by RSA-OAEP-256 or ECDH-ES+A256KW. `cty` is `JOSE`, so that
   whoever opens it knows that a signature is to be checked (RFC 7516 section 4.1.12).
Sign, then encrypt: nobody on the way learns who signed, and nobody can put a signature of their own around it.
"""

import base64
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from joserfc import jwe, jws
from joserfc.jwk import ECKey, RSAKey

from gateway.formats.certificates import is_valid_at, oin_of, read_certificate, signing_algorithm, thumbprint
from gateway.package.errors import Code, SluisError
from gateway.package.facts import KEY_REFUSALS, KeyHealth
from gateway.package.ids import Fingerprint, KeyKind, PackageId, RecipientId, keyed_digest, kind_of
from gateway.seal.certificates import Certificate, first_fault
from gateway.seal.chain_port import ChainMessage

CONTENT_ENCRYPTION: Final = "A256GCM"
_NAME_DIGITS = 40


class TarMessage:
    """Sluis's own form: the tar that a file drop has. Implements `ChainMessage`."""

    media_type = "application/x-tar"

    def write(self, container: Iterator[bytes], /) -> bytes:
        """See the port."""
        return b"".join(container)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCertificate:
    """The site's own certificate and its key, both in PEM. Raises SluisError `signing-key-unusable`."""

    certificate: x509.Certificate
    key: bytes = field(repr=False)

    @classmethod
    def read(cls, certificate: bytes, key: bytes) -> "OwnCertificate":
        """Read both, and see that they belong together."""
        try:
            own = read_certificate(certificate)
            public = serialization.load_pem_private_key(key, password=None).public_key()
        except (ValueError, TypeError) as error:
            raise SluisError(Code.SIGNING_KEY_UNUSABLE, where="chain") from error
        if public != own.public_key() or signing_algorithm(own) is None:
            raise SluisError(Code.SIGNING_KEY_UNUSABLE, where="chain")
        return cls(certificate=own, key=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoseSealer:
    """Implements `ChainSealer`; pure but for what it is given.

    Args:
        own: what signs.
        find: gives a pinned certificate, None when there is none or another lies in its place.
        trusted: tells of a certificate whether the chain's root vouches for it, and whether it is revoked.
        name_key: at least 32 bytes; makes the names of deliveries unguessable.
        max_bytes: how much content one message may hold; all of it is in memory, some five times over.
        now: the clock by which certificates are judged.
        message: the form of what is signed.
    """

    own: OwnCertificate
    find: Callable[[Fingerprint], Certificate | None]
    trusted: Callable[[Certificate, dt.datetime], KeyHealth]
    name_key: bytes = field(repr=False)
    max_bytes: int
    now: Callable[[], dt.datetime]
    message: ChainMessage = field(default_factory=TarMessage)

    def seal(self, container: Iterator[bytes], /, *, recipients: tuple[Fingerprint, ...], address: str) -> bytes:
        """See the port."""
        recipient = self._certificate(recipients, address)
        signed = self._signed(self.message.write(container))
        return _encrypted(signed, recipient).encode("ascii")

    def name_of(self, package: PackageId, recipient: RecipientId, /) -> str:
        """See the port."""
        content = f"{package}\x00{recipient}".encode()
        return keyed_digest(self.name_key, purpose="chain-delivery", content=content)[:_NAME_DIGITS]

    def health(self, fingerprint: Fingerprint, /) -> KeyHealth:
        """See the port."""
        return self._looked_at(fingerprint)[0]

    def names_another(self, fingerprint: Fingerprint, /, *, address: str) -> bool:
        """See the port."""
        found = self._looked_at(fingerprint)[1]
        return found is not None and oin_of(found.content) != address

    def _certificate(self, recipients: tuple[Fingerprint, ...], address: str) -> x509.Certificate:
        """Give the one certificate to encrypt to (1)."""
        if not recipients:
            raise SluisError(Code.KEY_MISSING)
        health, certificate = self._looked_at(recipients[-1])
        if certificate is None or health in KEY_REFUSALS:
            raise SluisError(KEY_REFUSALS.get(health, Code.KEY_UNUSABLE))
        if self.names_another(recipients[-1], address=address):
            raise SluisError(Code.KEY_OTHER_OIN)
        return certificate.content

    def _looked_at(self, fingerprint: Fingerprint) -> tuple[KeyHealth, Certificate | None]:
        if kind_of(fingerprint) is not KeyKind.X509:
            return KeyHealth.UNUSABLE, None
        found = self.find(fingerprint)
        if found is None:
            return KeyHealth.MISSING, None
        now = self.now()
        return first_fault(found.health(now), self.trusted(found, now)), found

    def _signed(self, content: bytes) -> str:
        """Sign (2)."""
        own = self.own.certificate
        algorithm = signing_algorithm(own)
        if algorithm is None or not is_valid_at(own, self.now()):
            raise SluisError(Code.SIGNING_KEY_UNUSABLE, where="chain")
        header = {"alg": algorithm, "x5t#S256": _base64url(thumbprint(own)), "cty": self.message.media_type}
        key = RSAKey.import_key(self.own.key) if algorithm == "PS256" else ECKey.import_key(self.own.key)
        return jws.serialize_compact(header, content, key, algorithms=[algorithm])


def _encrypted(signed: str, certificate: x509.Certificate) -> str:
    """Encrypt (3)."""
    public = certificate.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    curved = isinstance(public, EllipticCurvePublicKey)
    algorithm = "ECDH-ES+A256KW" if curved else "RSA-OAEP-256"
    header = {
        "alg": algorithm,
        "enc": CONTENT_ENCRYPTION,
        "x5t#S256": _base64url(thumbprint(certificate)),
        "cty": "JOSE",
    }
    key = ECKey.import_key(pem) if curved else RSAKey.import_key(pem)
    return jwe.encrypt_compact(header, signed, key, algorithms=[algorithm, CONTENT_ENCRYPTION])


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
