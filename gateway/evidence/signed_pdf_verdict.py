"""What the signatures in one PDF prove; runs in the sandbox, where it is loaded for a paper that says it is signed.

Rules, each signature of the paper in turn; the worst counts:
1. The digest fits, and the signature is the certificate's. It covers its whole revision of the file. After it nothing
   came but signatures and what proves them: no field was filled in and no note put over the text, whatever the paper
   itself would allow. Otherwise `broken`: what a person reads is not what was signed.
2. Its certificate chains to an anchor, is meant for signing (non-repudiation), has not expired and is not revoked, now;
   or at the moment that a trusted time stamp in the signature proves. What a list of the site says is revoked is so,
   however old that list or that signature is, and the site's lists are all known. Otherwise `untrusted`.
3. A certificate that says that it is an organisation's (an identifier of an organisation, or the type of an electronic
   seal) is a `seal`. Any other names a person, also one that names an organisation beside it, and the name is that of
   `signedBy`. Otherwise `other-name`.
4. A paper over which the parser falls with an error has no signature that holds: `broken`.

Revocation is known from what the PDF and the site bring along; it is never fetched, and could not be: the sandbox has
no network.
"""

import base64
import datetime as dt
import io
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.qualified_asn1 import get_qc_statements
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from gateway.evidence.file_questions import SignatureQuestion
from gateway.evidence.revocation_lists import revoked_by
from gateway.package.facts import PaperSignature
from gateway.package.folding import words_of

_MOST_SIGNATURES = 20


def verdict(paper: bytes, question: SignatureQuestion, /) -> PaperSignature:
    """Verify a paper. Never `none`. Raises MemoryError: what took that much may hold, in a larger house."""
    try:
        return _at_once(_verdict(paper, question))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a hostile paper does to a parser, its signature does not hold.
        return PaperSignature.BROKEN


def _at_once(work: Coroutine[Any, Any, PaperSignature]) -> PaperSignature:
    """Run what waits for nothing, since nothing is fetched: an event loop would need a socket, and here is none."""
    try:
        work.send(None)
    except StopIteration as done:
        found: PaperSignature = done.value
        return found
    work.close()
    raise RuntimeError("a verifier that waits for nothing expected")


async def _verdict(paper: bytes, question: SignatureQuestion) -> PaperSignature:
    reader = PdfFileReader(io.BytesIO(paper))
    if not 0 < len(reader.embedded_signatures) <= _MOST_SIGNATURES:
        # It was signed, and its latest revision hides that; or nobody signs so often.
        return PaperSignature.BROKEN
    signatures = reader.embedded_regular_signatures
    trust = _Trust(reader, anchors=question.anchors, revocations=question.revocations)
    fields = {each.field_name for each in reader.embedded_signatures}
    at = dt.datetime.fromisoformat(question.at)
    found = [await _verdict_of(each, trust=trust, fields=fields, at=at) for each in signatures]
    if not signatures or PaperSignature.UNTRUSTED in found:
        # A time stamp alone is nobody's signature.
        return PaperSignature.BROKEN if PaperSignature.BROKEN in found else PaperSignature.UNTRUSTED
    if PaperSignature.BROKEN in found:
        return PaperSignature.BROKEN
    return _by_name([name for each in signatures for name in _names(each.signer_cert)], signed_by=question.signed_by)


class _Trust:
    """What the site and the paper bring along to judge a certificate by."""

    def __init__(self, reader: PdfFileReader, *, anchors: Sequence[str], revocations: Sequence[str] | None) -> None:
        self._anchors = [certificate for text in anchors for certificate in _certificates(text)]
        self._revoked = None if revocations is None else _revoked(revocations)
        try:
            self._store: DocumentSecurityStore | None = DocumentSecurityStore.read_dss(reader)
        except NoDSSFoundError:
            self._store = None

    def at(self, moment: dt.datetime, *, looking_back: bool = False) -> ValidationContext:
        """Give what pyhanko validates by, as of a moment; never the trust list of this machine, never the network."""
        known: dict[str, Any] = {
            "trust_roots": self._anchors,
            "moment": moment,
            "allow_fetching": False,
            "revocation_mode": "soft-fail",
            "retroactive_revinfo": looking_back,
        }
        if self._store is None:
            return ValidationContext(**known)
        return self._store.as_validation_context(known)

    def vouches_for(self, status: PdfSignatureStatus) -> bool:
        """Tell whether a certificate chains to an anchor, by certificates of which none is revoked by the site."""
        path = status.validation_path
        return (
            status.trusted
            and path is not None
            and self._revoked is not None
            and not any((each.issuer.hashable, each.serial_number) in self._revoked for each in path)
        )


def _revoked(lists: Sequence[str]) -> set[tuple[str, int]] | None:
    """Give what all lists together revoke; None when one of them is none, so that nobody knows."""
    try:
        return {each for content in lists for each in revoked_by(base64.b64decode(content))}
    except ValueError:
        return None


def _certificates(text: str) -> Iterator[x509.Certificate]:
    """Read the certificates of one file; one that is none vouches for nobody."""
    try:
        for kind, _, content in pem.unarmor(text.encode("latin-1"), multiple=True):
            if kind == "CERTIFICATE":
                yield x509.Certificate.load(content)
    except ValueError:
        return


async def _verdict_of(
    signature: EmbeddedPdfSignature, *, trust: _Trust, fields: set[str], at: dt.datetime
) -> PaperSignature | None:
    """Rules 1 and 2 for one signature; None when it holds."""
    status = await async_validate_pdf_signature(signature, trust.at(at))
    if not (status.intact and status.valid and _is_unchanged(status, fields=fields)):
        return PaperSignature.BROKEN
    stamp = status.timestamp_validity
    if not status.trusted and stamp is not None and stamp.intact and stamp.valid and stamp.trusted:
        then = trust.at(stamp.timestamp, looking_back=True)
        status = await async_validate_pdf_signature(signature, then, ts_validation_context=trust.at(at))
    return None if trust.vouches_for(status) else PaperSignature.UNTRUSTED


def _is_unchanged(status: PdfSignatureStatus, *, fields: set[str]) -> bool:
    if status.coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return True
    changes = status.diff_result
    if status.coverage is not SignatureCoverageLevel.ENTIRE_REVISION or not isinstance(changes, DiffResult):
        return False
    only_signed = changes.changed_form_fields <= fields and changes.modification_level is ModificationLevel.FORM_FILLING
    return bool(status.docmdp_ok) and (only_signed or changes.modification_level <= ModificationLevel.LTA_UPDATES)


def _by_name(names: list[str], *, signed_by: str) -> PaperSignature:
    """Rule 3; the order and spelling of a name's parts make no difference, as everywhere."""
    if not names or not signed_by:
        return PaperSignature.SEAL
    said = sorted(words_of(signed_by))
    return (
        PaperSignature.VALID
        if said and any(sorted(words_of(name)) == said for name in names)
        else PaperSignature.OTHER_NAME
    )


def _names(certificate: x509.Certificate) -> Iterator[str]:
    """Give the names of the person in a certificate; none for an organisation's seal (ETSI EN 319 412-2 and 412-3).

    An organisation beside a name is where that person works: it makes nobody's signature an organisation's.
    """
    subject: dict[str, Any] = certificate.subject.native
    given, surname = (_text(subject.get(each)) for each in ("given_name", "surname"))
    if given or surname:
        yield f"{given} {surname}"
    if given or surname or not ("organization_identifier" in subject or _is_for_seals(certificate)):
        yield _text(subject.get("common_name"))


def _is_for_seals(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate is of the type for electronic seals (ETSI EN 319 412-5, 4.2.3)."""
    types = [
        kind
        for each in get_qc_statements(certificate)
        if each["statement_id"].native == "qc_type"
        for kind in each["statement_info"].native
    ]
    return types == ["qct_eseal"]


def _text(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
