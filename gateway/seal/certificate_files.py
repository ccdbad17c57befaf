"""Certificates in files of the site: the recipients', whom it trusts to vouch for them, and its own with its key.

Rules:
1. A recipient's certificate counts only when its digest is the one that the register pins; a file under that name with
   another certificate is no certificate at all.
2. Where the site names a folder with trust anchors (`*.pem`), each certificate has to chain to one of them besides;
   issuers in between may follow it in its own file. Revocation lists (`*.crl`) in that folder count too: one that can
   not be read might revoke anybody.
3. The own private key is a file that nobody else can read; it is read when it has changed.
"""

import datetime as dt
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import verification

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint, KeyKind, key_file, kind_of
from gateway.seal.certificates import Certificate
from gateway.seal.cms_writing import Signer

_ANCHORS = "*.pem"
_LIST_ENDING = ".crl"
_MOST_BYTES = 16 * 1024 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_Serial = tuple[str, int]
_Stamp = tuple[tuple[str, int, int], ...]
RevokedBy = Callable[[bytes], frozenset[_Serial]]


class CertificateTrust:
    """Who vouches for certificates, and which are revoked, after a folder of the site.

    `revoked_by` reads one revocation list and raises ValueError for what is none.
    """

    def __init__(self, folder: Path, *, revoked_by: RevokedBy) -> None:
        self._folder = folder
        self._revoked_by = revoked_by
        self._read: tuple[_Stamp, frozenset[_Serial] | None] | None = None

    def check(self) -> None:
        """Look whether there are trust anchors and only lists that count. Raises SluisError `setting-invalid`."""
        faults = [] if self._anchors() else [(_ANCHORS, "a folder with certificates in PEM expected")]
        if self._revoked() is None:
            faults.append(("*.crl", "revocation lists that can be read, in DER or PEM, expected"))
        if faults:
            raise SluisError(Code.SETTING_INVALID, where="seal.certificateTrust", faults=tuple(faults))

    def health(self, certificate: Certificate, now: dt.datetime) -> KeyHealth:
        """Tell what this folder says of a certificate: usable, revoked, or unusable when nobody vouches for it."""
        revoked = self._revoked()
        if revoked is None:
            return KeyHealth.UNUSABLE
        if any(_serial(each) in revoked for each in (certificate.content, *certificate.chain)):
            return KeyHealth.REVOKED
        return KeyHealth.USABLE if self._vouched(certificate, now) else KeyHealth.UNUSABLE

    def _vouched(self, certificate: Certificate, now: dt.datetime) -> bool:
        anchors = self._anchors()
        if not anchors:
            return False
        # What the certificate itself is for, `Certificate` judges; the profile here is of its issuers.
        policies = {
            "ca_policy": verification.ExtensionPolicy.webpki_defaults_ca(),
            "ee_policy": verification.ExtensionPolicy.permit_all(),
        }
        verifier = (
            verification.PolicyBuilder()
            .store(verification.Store(anchors))
            .time(now.astimezone(dt.UTC).replace(tzinfo=None))
            .extension_policies(**policies)
            .build_client_verifier()
        )
        try:
            verifier.verify(certificate.content, list(certificate.chain))
        except verification.VerificationError:
            return False
        return True

    def _anchors(self) -> list[x509.Certificate]:
        """Give the anchors; a file that can not be read vouches for nobody."""
        found: list[x509.Certificate] = []
        for path in sorted(self._folder.glob(_ANCHORS)):
            with suppress(OSError, ValueError):
                found += x509.load_pem_x509_certificates(_content(path))
        return found

    def _revoked(self) -> frozenset[_Serial] | None:
        """Give who is revoked; None when a list can not be read."""
        try:
            # An ending in capitals is a list too: whoever put it there counts on it.
            lists = sorted(path for path in self._folder.glob("*") if path.suffix.lower() == _LIST_ENDING)
            stamp = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in lists)
            if self._read is None or self._read[0] != stamp:
                self._read = stamp, frozenset().union(*(self._revoked_by(_content(path)) for path in lists))
        except (OSError, ValueError):
            return None
        return self._read[1]


class CertificateFolder:
    """The recipients' certificates, `x509-SHA256.pem` in one folder."""

    def __init__(self, folder: Path, *, trust: CertificateTrust | None = None) -> None:
        self._folder = folder
        self._trust = trust

    def find(self, pin: Fingerprint) -> Certificate | None:
        """Give the certificate with this digest; None when there is none, or another lies in its place."""
        name = key_file(pin) if kind_of(pin) is KeyKind.X509 else None
        if name is None:
            return None
        try:
            found = Certificate.from_pem(_content(self._folder / name))
        except (OSError, ValueError):
            return None
        return found if found.pin == pin else None

    def health(self, pin: Fingerprint, now: dt.datetime) -> KeyHealth:
        """Tell whether a pinned certificate can be encrypted to at a moment."""
        certificate = self.find(pin)
        if certificate is None:
            return KeyHealth.MISSING
        vouched = self._trust.health(certificate, now) if self._trust else KeyHealth.USABLE
        own = certificate.health(now)
        # What has been revoked is said first, and a fault of its own before that nobody vouches for it.
        return vouched if own is KeyHealth.USABLE or vouched is KeyHealth.REVOKED else own


class SigningFiles:
    """The site's own signing certificate and its private key, in PEM.

    Args:
        certificate: the certificate, its issuers after it; None when the site names none.
        key: the private key, mode 0600, without a pass-phrase.
        trust: whose revocation lists count for it too.
    """

    def __init__(self, *, certificate: Path | None, key: Path | None, trust: CertificateTrust | None = None) -> None:
        self._certificate = certificate
        self._key = key
        self._trust = trust
        self._read: tuple[_Stamp, Signer] | None = None

    def signer(self, now: dt.datetime) -> Signer:
        """Give who signs at a moment. Raises SluisError `signing-key-unusable` that says what is wrong with what."""
        if self._certificate is None or self._key is None:
            fault = "a certificate and its key expected: without them nothing is sealed for an X.509 certificate"
            raise _unusable("seal.certificateFile", fault)
        signer = self._loaded(self._certificate, self._key)
        health = signer.certificate.signing_health(now)
        if health is KeyHealth.USABLE and self._trust is not None:
            health = self._trust.health(signer.certificate, now)
        if health is not KeyHealth.USABLE:
            raise _unusable("seal.certificateFile", f"a certificate that can be signed with expected; it is {health}")
        return signer

    def _loaded(self, certificate: Path, key: Path) -> Signer:
        try:
            stamp = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in (certificate, key))
            if self._read is None or self._read[0] != stamp:
                self._read = stamp, _signer(certificate, key)
        except OSError as error:
            raise _unusable("seal.certificateFile", "two files that can be read expected") from error
        return self._read[1]


def _signer(certificate: Path, key: Path) -> Signer:
    if key.stat().st_mode & _OTHERS:
        raise _unusable("seal.certificateKeyFile", "a file that nobody else can read (mode 0600) expected")
    try:
        own = Certificate.from_pem(_content(certificate))
    except ValueError as error:
        raise _unusable("seal.certificateFile", "a certificate in PEM expected") from error
    try:
        private = load_pem_private_key(_content(key), password=None)
    except (ValueError, TypeError) as error:
        raise _unusable("seal.certificateKeyFile", "a private key in PEM, without a pass-phrase, expected") from error
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) or private.public_key() != own.key:
        raise _unusable("seal.certificateKeyFile", "the key of the certificate expected")
    return Signer(certificate=own, key=private)


def _unusable(place: str, expectation: str) -> SluisError:
    return SluisError(Code.SIGNING_KEY_UNUSABLE, where=place, faults=((place, expectation),))


def _serial(certificate: x509.Certificate) -> _Serial:
    """Name a certificate as the reader of revocation lists does."""
    from asn1crypto import x509 as asn1_x509  # noqa: PLC0415 - a parser that only sites with lists need

    issuer: str = asn1_x509.Name.load(certificate.issuer.public_bytes()).hashable
    return issuer, certificate.serial_number


def _content(path: Path) -> bytes:
    """Read a file. Raises ValueError for one that no certificate or list is as large as."""
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError("a smaller file expected")
    return path.read_bytes()
