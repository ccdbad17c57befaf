"""Certificates in files of the site: the recipients', whom it trusts to vouch for them, and its own with its key.

Rules:
1. A recipient's certificate counts only when its digest is the one that the register pins; a file under that name with
   another certificate is no certificate at all.
2. Where the site names trust anchors, each certificate has to chain to one of them besides, at each sealing; issuers in
   between may follow it in its own file. Revocation lists count as `gateway.seal.revocation` says: of one that can not
   be read, or that is not of today, nobody knows whom it would revoke.
3. The own private key is a file that nobody else can read; it is read when it has changed.
"""

import datetime as dt
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import verification

from gateway.formats.certificates import read_revocation_lists
from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint, KeyKind, key_file, kind_of
from gateway.seal.certificates import Certificate, first_fault
from gateway.seal.cms_writing import Signer
from gateway.seal.revocation import path_of, revocation

_ANCHORS = "*.pem"
_LIST_ENDING = ".crl"
_MOST_BYTES = 16 * 1024 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_Stamp = tuple[tuple[str, int, int], ...]
_Lists = tuple[x509.CertificateRevocationList, ...]


class CertificateTrust:
    """Who vouches for certificates, and which are revoked, after files of the site.

    Args:
        anchors: a folder of which each `*.pem` counts, or one file.
        lists: a folder of revocation lists: each `*.crl`, or with `required` every file in it.
        place: the setting that is named when something is wrong with them.
        required: whether each issuer has to have a list.
        named: files of lists that have to be there.
        between: a file with issuers in between, beside those in a certificate's own file.
    """

    def __init__(
        self,
        anchors: Path,
        *,
        lists: Path,
        place: str,
        required: bool = False,
        named: tuple[str, ...] = (),
        between: Path | None = None,
    ) -> None:
        self._anchors_at, self._lists_at, self.place = anchors, lists, place
        self._required, self._named, self._between_at = required, named, between
        self._read: tuple[_Stamp, _Lists] | None = None

    def check(self) -> None:
        """Look whether there are trust anchors and only lists that can be read. Raises SluisError `setting-invalid`."""
        faults = [] if self.anchors() else [(_ANCHORS, "a folder with certificates in PEM expected")]
        if self.lists() is None:
            faults.append((f"*{_LIST_ENDING}", "revocation lists that can be read, in DER or PEM, expected"))
        if faults:
            raise SluisError(Code.SETTING_INVALID, where=self.place, faults=tuple(faults))

    def health(self, certificate: Certificate, now: dt.datetime) -> KeyHealth:
        """Tell what these files say: usable, revoked, not vouched for, or that nobody knows whether it is revoked."""
        anchors, lists = self.anchors(), self.lists()
        chain = (*certificate.chain, *self._between())
        path = path_of(certificate.content, chain=chain, anchors=anchors)
        revoked = KeyHealth.REVOCATION_UNKNOWN
        if lists is not None:
            revoked = revocation(path, lists, now=now, required=self._required)
        if revoked is KeyHealth.REVOKED:
            return revoked
        return revoked if _vouched(certificate.content, chain, anchors, now) else KeyHealth.NOT_VOUCHED

    def anchors(self) -> list[x509.Certificate]:
        """Give the anchors; a file that can not be read vouches for nobody."""
        one = self._anchors_at
        return _certificates(sorted(one.glob(_ANCHORS)) if one.is_dir() else [one])

    def issuers(self) -> list[x509.Certificate]:
        """Give all whose lists can be verified without a certificate at hand: the anchors, and those in between."""
        return [*self.anchors(), *self._between()]

    def lists(self) -> _Lists | None:
        """Give the revocation lists; None when one can not be read, or one that the settings name is not there."""
        try:
            # An ending in capitals is a list too: whoever put it there counts on it.
            paths = sorted(path for path in self._lists_at.iterdir() if self._is_list(path))
            if not set(self._named) <= {path.name for path in paths}:
                return None
            stamp = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in paths)
            if self._read is None or self._read[0] != stamp:
                found = (each for path in paths for each in read_revocation_lists(_content(path)))
                self._read = stamp, tuple(found)
        except (OSError, ValueError):
            return None
        return self._read[1]

    def _is_list(self, path: Path) -> bool:
        if self._required:
            return not path.name.startswith(".") and path.is_file()
        return path.suffix.lower() == _LIST_ENDING

    def _between(self) -> list[x509.Certificate]:
        return _certificates([self._between_at] if self._between_at else [])


def _certificates(paths: Iterable[Path]) -> list[x509.Certificate]:
    found: list[x509.Certificate] = []
    for path in paths:
        with suppress(OSError, ValueError):
            found += x509.load_pem_x509_certificates(_content(path))
    return found


def _vouched(
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    now: dt.datetime,
) -> bool:
    if not anchors:
        return False
    # What the certificate itself is for, `Certificate` judges; the profile here is of its issuers.
    policies = {
        "ca_policy": verification.ExtensionPolicy.webpki_defaults_ca(),
        "ee_policy": verification.ExtensionPolicy.permit_all(),
    }
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store(list(anchors)))
        .time(now.astimezone(dt.UTC).replace(tzinfo=None))
        .extension_policies(**policies)
        .build_client_verifier()
    )
    try:
        verifier.verify(certificate, list(chain))
    except verification.VerificationError:
        return False
    return True


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
        return first_fault(certificate.health(now), vouched)


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


def _content(path: Path) -> bytes:
    """Read a file. Raises ValueError for one that no certificate or list is as large as."""
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError("a smaller file expected")
    return path.read_bytes()
