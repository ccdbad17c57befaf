"""Signed papers: a small PDF of our own, certificates made on the spot, signatures as people's programs make them."""

import datetime as dt
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers, timestamps
from pyhanko.sign.ades.qualified_asn1 import QcCertificateType, QcStatement, QcStatements
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
YEAR = dt.timedelta(days=365)
PERSON = {NameOID.GIVEN_NAME: "José", NameOID.SURNAME: "van den Berg", NameOID.COMMON_NAME: "J. van den Berg"}
SIGNER = "José van den Berg"
_ASK_HERE = x509.DistributionPoint(
    full_name=[x509.UniformResourceIdentifier("http://crl.example/uitgever.crl")],
    relative_name=None,
    reasons=None,
    crl_issuer=None,
)
_QC_STATEMENTS = "1.3.6.1.5.5.7.1.3"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Party:
    """Somebody with a certificate, and those that vouch for it, the nearest first; the anchor is not among them."""

    certificate: x509.Certificate
    key: Key
    chain: tuple[x509.Certificate, ...] = ()

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def certify(
    names: Mapping[x509.ObjectIdentifier, str],
    *,
    by: Party | None = None,
    authority: bool = False,
    begins: dt.datetime = NOW - YEAR,
    ends: dt.datetime = NOW + YEAR,
    stamps: bool = False,
    signs: bool = True,
    seals: bool = False,
    key: Key | None = None,
) -> Party:
    """Make a certificate; an authority certifies others, a stamping one gives the time, a sealing one is nobody's."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(oid, text) for oid, text in names.items()])
    usage = dict.fromkeys(
        ["key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"], False
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                **usage,
                digital_signature=not authority,
                content_commitment=signs and not authority,
                key_cert_sign=authority,
                crl_sign=authority,
            ),
            critical=True,
        )
        .add_extension(x509.CRLDistributionPoints([_ASK_HERE]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if seals:
        kind = QcStatement({"statement_id": "qc_type", "statement_info": QcCertificateType(["qct_eseal"])})
        statements = x509.UnrecognizedExtension(x509.ObjectIdentifier(_QC_STATEMENTS), QcStatements([kind]).dump())
        builder = builder.add_extension(statements, critical=False)
    if stamps:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    certificate = builder.sign(by.key if by else key, hashes.SHA256())
    # The anchor is known to whoever verifies, and is left out as usual.
    chain = (by.certificate, *by.chain) if by and by.certificate.issuer != by.certificate.subject else ()
    return Party(certificate, key, chain)


def root(name: str = "Stamcertificaat") -> Party:
    return certify({NameOID.COMMON_NAME: name}, authority=True, begins=NOW - 5 * YEAR, ends=NOW + 5 * YEAR)


@cache
def state() -> Party:
    """Give the anchor that a site trusts."""
    return root()


@cache
def issuer() -> Party:
    return certify(
        {NameOID.COMMON_NAME: "Uitgever"}, by=state(), authority=True, begins=NOW - 4 * YEAR, ends=NOW + 4 * YEAR
    )


@cache
def person() -> Party:
    return certify(PERSON, by=issuer())


def revocations(*revoked: Party, by: Party, on: dt.datetime = NOW - dt.timedelta(days=1)) -> bytes:
    """Make a revocation list (RFC 5280 section 5)."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(by.certificate.subject)
    builder = builder.last_update(on).next_update(NOW + YEAR)
    for each in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(each.certificate.serial_number).revocation_date(on)
        builder = builder.add_revoked_certificate(entry.build())
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
    builder = builder.add_extension(identifier, critical=False).add_extension(x509.CRLNumber(1), critical=False)
    return builder.sign(by.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def plain_pdf(text: str = "Ik machtig Stichting Vluchtelingenhulp Voorbeeld.", *, filler: int = 0) -> bytes:
    """Write a PDF of one page (ISO 32000-2, 7.5), with a text field that is empty."""
    content = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode("latin-1") + b" " * filler
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]/DA(/F1 12 Tf)>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 200]/Contents 4 0 R/Resources 7 0 R/Annots[6 0 R]>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(Ontvanger)/V()/Rect[20 20 300 40]/P 3 0 R>>",
        b"<</Font<</F1 5 0 R>>>>",
    ]
    out = b"%PDF-1.7\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + head + table + end


def signed(
    paper: bytes,
    by: Party,
    *,
    field: str = "Handtekening",
    stamp: tuple[Party, dt.datetime] | None = None,
    **more: Any,
) -> bytes:
    """Sign a PDF; with `stamp`, a time stamp by that party says that it was then."""
    signer = signers.SimpleSigner(
        signing_cert=_certificate(by.certificate),
        signing_key=_key(by.key),
        cert_registry=SimpleCertificateStore.from_certs(map(_certificate, by.chain)),
    )
    stamper = None
    if stamp is not None:
        clock, moment = stamp
        registry = SimpleCertificateStore.from_certs(map(_certificate, clock.chain))
        stamper = timestamps.DummyTimeStamper(
            _certificate(clock.certificate), _key(clock.key), certs_to_embed=registry, fixed_dt=moment
        )
    target = signers.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(paper)),
        signers.PdfSignatureMetadata(field_name=field, **more),
        signer=signer,
        timestamper=stamper,
    )
    return bytes(target.getvalue())


def with_revocations(paper: bytes, *lists: bytes) -> bytes:
    """Put revocation lists into a PDF (ISO 32000-2, 12.8.4.3)."""
    target = io.BytesIO(paper)
    DocumentSecurityStore.add_dss(target, None, crls=[asn1_crl.CertificateList.load(each) for each in lists])
    return target.getvalue()


def with_empty_field(paper: bytes, field: str = "Handtekening") -> bytes:
    """Add a place for a signature, and no signature."""
    return updated(paper, lambda writer: append_signature_field(writer, SigFieldSpec(field)))


def updated(paper: bytes, change: Callable[[IncrementalPdfFileWriter], object]) -> bytes:
    """Put a change behind a PDF, as an incremental update (ISO 32000-2, 7.5.6)."""
    writer = IncrementalPdfFileWriter(io.BytesIO(paper))
    change(writer)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def other_text(writer: IncrementalPdfFileWriter) -> None:
    """Replace what the page says."""
    page = writer.root["/Pages"]["/Kids"][0]
    content = generic.StreamObject(stream_data=b"BT /F1 12 Tf 20 100 Td (Ik machtig iedereen.) Tj ET")
    page["/Contents"] = writer.add_object(content)
    writer.update_container(page)


def filled_in(writer: IncrementalPdfFileWriter) -> None:
    """Fill in a field of the form."""
    field = writer.root["/AcroForm"]["/Fields"][0]
    field["/V"] = generic.TextStringObject("Stichting Anders")
    writer.update_container(field)


def note_over_it(writer: IncrementalPdfFileWriter) -> None:
    """Put a note over the text."""
    page = writer.root["/Pages"]["/Kids"][0]
    note = generic.DictionaryObject(
        {
            generic.NameObject("/Type"): generic.NameObject("/Annot"),
            generic.NameObject("/Subtype"): generic.NameObject("/FreeText"),
            generic.NameObject("/Contents"): generic.TextStringObject("ingetrokken"),
            generic.NameObject("/Rect"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 400, 200))),
        }
    )
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page)


def without_signatures(writer: IncrementalPdfFileWriter) -> None:
    """Hide that it was ever signed."""
    form = writer.root["/AcroForm"]
    form["/Fields"] = generic.ArrayObject([form["/Fields"].raw_get(0)])
    writer.update_container(form)


def trust_folder(folder: Path, *anchors: Party) -> Path:
    """Make a folder of trust anchors."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(anchors):
        (folder / f"{number}.pem").write_bytes(each.pem())
    return folder


def _certificate(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _key(key: Key) -> asn1_keys.PrivateKeyInfo:
    pkcs8 = serialization.PrivateFormat.PKCS8
    content = key.private_bytes(serialization.Encoding.DER, pkcs8, serialization.NoEncryption())
    return asn1_keys.PrivateKeyInfo.load(content)
