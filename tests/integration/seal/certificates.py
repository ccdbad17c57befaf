"""Real certificates for tests, made by openssl: a private CA and certificates of every kind of trouble."""

import datetime as dt
import hashlib
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.package.ids import Fingerprint, key_file
from gateway.seal.certificate_files import CertificateFolder, CertificateTrust, SigningFiles
from gateway.seal.cms import CmsSealer
from tests.integration.seal.homes import now

RSA = ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
P256 = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
ENCRYPTS = "keyUsage=critical,keyEncipherment,keyAgreement\nsubjectAltName=email:post@{name}.example\n"
SIGNS = "keyUsage=critical,digitalSignature\nsubjectAltName=email:sluis@afzender.example\n"
ISSUES = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"


def openssl(*arguments: str | Path, stdin: bytes = b"", fails: bool = False) -> bytes:
    """Run openssl as a recipient would; `fails` says that it has to refuse."""
    command = ["openssl", *map(str, arguments)]
    result = subprocess.run(command, input=stdin, capture_output=True, timeout=120, check=False)
    assert fails == (result.returncode != 0), result.stderr.decode()
    return result.stdout


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked of a certificate; days from today."""

    algorithm: tuple[str, ...] = RSA
    usage: str = ENCRYPTS
    digest: str = "sha256"
    starts: int = -2
    ends: int = 365


KINDS = {
    "ok": Wanted(),
    "other": Wanted(algorithm=P256),
    "p-384": Wanted(algorithm=("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384")),
    "p-521": Wanted(algorithm=("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521")),
    "expired": Wanted(starts=-20, ends=-10),
    "not-yet": Wanted(starts=10, ends=20),
    "revoked": Wanted(),
    "rsa-1024": Wanted(algorithm=("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")),
    "sha-1": Wanted(digest="sha1"),
    "brainpool": Wanted(algorithm=("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1")),
    "ed25519": Wanted(algorithm=("-algorithm", "ED25519")),
    "small-curve": Wanted(algorithm=("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp224r1")),
    "rsa-pss": Wanted(algorithm=("-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048")),
    "no-usage": Wanted(usage=SIGNS),
    "no-word-on-usage": Wanted(usage="subjectAltName=email:post@{name}.example\n"),
}


@dataclass
class CertificateHouse:
    """A site's certificates and a recipient's side, in one folder; keys by kind once they were made."""

    root: Path
    keys: dict[str, Fingerprint] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("keys", "trust", "made"):
            (self.root / name).mkdir()
        self.issue("ca", Wanted(algorithm=P256, usage=ISSUES), issuer="")
        (self.root / "trust" / "ca.pem").write_bytes(self.certificate("ca").read_bytes())
        self.issue("signer", Wanted(usage=SIGNS))

    def certificate(self, name: str) -> Path:
        return self.root / "made" / f"{name}.pem"

    def key(self, name: str) -> Path:
        return self.root / "made" / f"{name}.key"

    def issue(self, name: str, wanted: Wanted, *, issuer: str = "ca") -> Path:
        """Make a key and a certificate; without an issuer it signs itself."""
        made = self.root / "made"
        openssl("genpkey", *wanted.algorithm, "-out", self.key(name))
        self.key(name).chmod(0o600)
        (made / "request.cnf").write_text(f"[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN={name}\nO=Voorbeeld é\n")
        request = made / f"{name}.csr"
        openssl("req", "-new", "-utf8", "-config", made / "request.cnf", "-key", self.key(name), "-out", request)
        (made / "ca.cnf").write_text(
            "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nnew_certs_dir=.\nrand_serial=yes\npolicy=p\nunique_subject=no\n"
            "default_md=sha256\nemail_in_dn=no\n[p]\nCN=supplied\nO=supplied\n"
        )
        (made / "usage.cnf").write_text(wanted.usage.format(name=name))
        self._sign(name, wanted, issuer=issuer or name, alone=not issuer)
        return self.certificate(name)

    def pin(self, name: str) -> Fingerprint:
        """Lay a certificate among the recipients' and give its pin."""
        pem = self.certificate(name).read_bytes()
        encoded = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
        pin = Fingerprint(f"x509:{hashlib.sha256(encoded).hexdigest()}")
        (self.root / "keys" / str(key_file(pin))).write_bytes(pem)
        self.keys[name] = pin
        return pin

    def make(self, *kinds: str) -> None:
        for kind in kinds:
            self.issue(kind, KINDS[kind])
            self.pin(kind)
            if kind == "revoked":
                self.revoke(kind)

    def swap(self, name: str) -> None:
        """Lay another certificate under the name of one that was pinned."""
        self.issue(name, KINDS["ok"])
        pin = self.pin(name)
        (self.root / "keys" / str(key_file(pin))).write_bytes(self.certificate("signer").read_bytes())

    def revoke(self, name: str) -> None:
        """Have the CA list a certificate as revoked, and lay the list among the trust anchors."""
        made = self.root / "made"
        ca = ("-config", "ca.cnf", "-keyfile", self.key("ca"), "-cert", self.certificate("ca"))
        self._in_made("ca", *ca, "-revoke", self.certificate(name))
        self._in_made("ca", *ca, "-gencrl", "-crldays", "30", "-out", made / "list.crl")
        (self.root / "trust" / "list.crl").write_bytes((made / "list.crl").read_bytes())

    def trust(self) -> CertificateTrust:
        return CertificateTrust(self.root / "trust", lists=self.root / "trust", place="seal.certificateTrust")

    def sealer(self, *, signer: str = "signer", vouched: bool = True) -> CmsSealer:
        trust = self.trust() if vouched else None
        return CmsSealer(
            recipients=CertificateFolder(self.root / "keys", trust=trust),
            signing=SigningFiles(
                certificate=self.certificate(signer) if signer else None,
                key=self.key(signer) if signer else None,
                trust=trust,
            ),
            now=now,
        )

    def decrypt(self, sealed: bytes, name: str, *, fails: bool = False, form: str = "DER") -> bytes:
        """Decrypt with openssl as a recipient; what it gives is what was signed."""
        return openssl(
            "cms", "-decrypt", "-inform", form, "-inkey", self.key(name), "-recip", self.certificate(name),
            stdin=sealed, fails=fails,
        )  # fmt: skip

    def verify(self, signed: bytes, *, form: str = "DER", fails: bool = False) -> bytes:
        """Verify with openssl, against the CA alone, and give what was signed."""
        return openssl(
            "cms", "-verify", "-inform", form, "-binary", "-purpose", "any", "-CAfile", self.certificate("ca"),
            stdin=signed, fails=fails,
        )  # fmt: skip

    def open(self, sealed: bytes, name: str) -> bytes:
        """Open a message wholly: decrypted, its signature verified; a mail's text as the S/MIME that it is."""
        if sealed.isascii():
            mail = b"Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n" + sealed
            return self.verify(self.decrypt(mail, name, form="SMIME"), form="SMIME")
        return self.verify(self.decrypt(sealed, name))

    def _sign(self, name: str, wanted: Wanted, *, issuer: str, alone: bool) -> None:
        made = self.root / "made"
        (made / "index").touch()
        (made / "index.attr").touch()
        at = dt.datetime.now(dt.UTC)
        dates = [(at + dt.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ") for days in (wanted.starts, wanted.ends)]
        who = ("-selfsign",) if alone else ("-cert", self.certificate(issuer))
        self._in_made(
            "ca", "-batch", "-notext", "-utf8", "-config", "ca.cnf", *who, "-keyfile", self.key(issuer),
            "-md", wanted.digest, "-startdate", dates[0], "-enddate", dates[1], "-extfile", "usage.cnf",
            "-in", f"{name}.csr", "-out", self.certificate(name),
        )  # fmt: skip

    def _in_made(self, *arguments: str | Path) -> None:
        command = ["openssl", *map(str, arguments)]
        result = subprocess.run(command, cwd=self.root / "made", capture_output=True, timeout=60, check=False)
        assert result.returncode == 0, result.stderr.decode()
