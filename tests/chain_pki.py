"""A private authority for the chain facility: certificates with an OIN, and revocation lists. Made by cryptography."""

import base64
import datetime as dt
import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

OWN = "00000099000000001000"
PARTNER = "00000099000000002000"
STRANGER = "00000099000000003000"
DAY = dt.timedelta(days=1)
_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


@dataclass(frozen=True)
class Identity:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: _Key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        pkcs8 = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption())

    @property
    def pin(self) -> str:
        return "x509:" + self.certificate.fingerprint(hashes.SHA256()).hex()

    def sign(self, claims: object, *, names: "Identity | None" = None, algorithm: str = "") -> bytes:
        """Sign a compact JWS with cryptography alone; `names` is whom it claims to be signed by."""
        certificate = base64.b64encode((names or self).der).decode()
        curved = isinstance(self.key, ec.EllipticCurvePrivateKey)
        header = {"alg": algorithm or ("ES256" if curved else "PS256"), "x5c": [certificate]}
        signed = b".".join(base64url(json.dumps(each).encode()) for each in (header, claims))
        return signed + b"." + base64url(b"" if algorithm == "none" else self._signature(signed))

    def _signature(self, signed: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(signed, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        r, s = decode_dss_signature(self.key.sign(signed, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Put both into a folder; give the paths of certificate and key."""
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_bytes(self.pem)
        key.write_bytes(self.key_pem)
        key.chmod(0o600)
        return certificate, key


class Authority:
    """A root that issues certificates of organisations."""

    def __init__(self, name: str = "Testhierarchie Private Root") -> None:
        self._key = ec.generate_private_key(ec.SECP384R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names = (*_ROOT, (x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), False))
        self.root = self._signed(self._key, self._name, lifetime=(-DAY, 300 * DAY), extensions=names)

    def issue(
        self,
        oin: str | None,
        *,
        host: str = "127.0.0.1",
        lifetime: tuple[dt.timedelta, dt.timedelta] = (-DAY, 100 * DAY),
        bits: int = 0,
    ) -> Identity:
        """Issue a certificate on an OIN for a host; `bits` makes it RSA, else it is P-256."""
        key: _Key
        key = rsa.generate_private_key(65_537, bits) if bits else ec.generate_private_key(ec.SECP256R1())
        attributes = [x509.NameAttribute(NameOID.COMMON_NAME, host)]
        if oin is not None:
            attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, oin))
        extensions = ((x509.SubjectAlternativeName([_named(host)]), False), (_usage(), True))
        return Identity(self._signed(key, x509.Name(attributes), lifetime=lifetime, extensions=extensions), key)

    def under(self, other: "Authority") -> Identity:
        """Give another authority's key with a certificate by this one: an authority in between."""
        names = (
            *_ROOT,
            (x509.SubjectKeyIdentifier.from_public_key(other._key.public_key()), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False),
        )
        signed = self._signed(other._key, other._name, lifetime=(-DAY, 200 * DAY), extensions=names)
        return Identity(signed, other._key)

    def revocation_list(
        self, *revoked: Identity, since: dt.timedelta = -DAY, until: dt.timedelta = 7 * DAY
    ) -> x509.CertificateRevocationList:
        """Sign a list that counts from and until so long from now."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._name)
        builder = builder.last_update(now() + since).next_update(now() + until)
        for each in revoked:
            serial = each.certificate.serial_number
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now() - DAY).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self._key, hashes.SHA384())

    def write(self, folder: Path, *lists: x509.CertificateRevocationList) -> tuple[Path, Path]:
        """Put the root and lists (a fresh one of nobody without any) into a folder; give their paths."""
        root, crls = folder / "root.pem", folder / "crls"
        root.write_bytes(self.root.public_bytes(serialization.Encoding.PEM))
        crls.mkdir(exist_ok=True)
        for number, each in enumerate(lists or (self.revocation_list(),)):
            (crls / f"{number}.pem").write_bytes(each.public_bytes(serialization.Encoding.PEM))
        return root, crls

    def _signed(
        self,
        key: _Key,
        subject: x509.Name,
        *,
        lifetime: tuple[dt.timedelta, dt.timedelta],
        extensions: Iterable[tuple[x509.ExtensionType, bool]],
    ) -> x509.Certificate:
        begin, end = lifetime
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now() + begin).not_valid_after(now() + end)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self._key, hashes.SHA384())


def _usage(*, root: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not root,
        content_commitment=False,
        key_encipherment=not root,
        data_encipherment=False,
        key_agreement=not root,
        key_cert_sign=root,
        crl_sign=root,
        encipher_only=False,
        decipher_only=False,
    )


_ROOT: tuple[tuple[x509.ExtensionType, bool], ...] = (
    (x509.BasicConstraints(ca=True, path_length=None), True),
    (_usage(root=True), True),
)


def _named(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
