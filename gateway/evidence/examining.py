"""The stage evidence: gathers every fact that the decision may use, so that the decision fetches nothing.

Rules:
1. Facts only. Nothing is allowed or refused here; what can not be read raises and holds the package.
2. The day is the day in the organisation's zone, because ages, terms and reviews are counted there.
3. The package's data comes from the manifest, or from its one data file; the file's name says which kind it must be.
4. Registers are asked, never written to: a preview asks the same.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

from gateway.evidence.ages import ages_on
from gateway.evidence.data_bounds import MAX_DATA_BYTES
from gateway.evidence.data_files import SUFFIXES, read_data
from gateway.evidence.documents import Searching, search_documents
from gateway.evidence.papers import NO_PAPER, PaperFacts, look_at
from gateway.evidence.port import FileReader, Registers
from gateway.package.errors import Code, SluisError
from gateway.package.facts import ConsentFacts, Filing, KeyHealth, Paper, PaperSignature
from gateway.package.history import NOTHING_SENT, History
from gateway.package.ids import Fingerprint, RecipientId
from gateway.package.known import Known
from gateway.package.manifest import FileRole, PartialDate
from gateway.package.reviews import Review
from gateway.package.states import Channel, Contents, Data, Document, Evidence, Examined, Package


def examine(
    package: Package,
    *,
    contents: Contents,
    fingerprints: tuple[Fingerprint, ...],
    key_health: Callable[[Fingerprint], KeyHealth],
    open_channels: frozenset[Channel],
    now: dt.datetime,
    zone: ZoneInfo,
    registers: Registers,
    bar_numbers: Mapping[RecipientId, str],
    files: FileReader,
    searching: Searching,
    known_of: Callable[[Data | None], Known],
    reviews: tuple[Review, ...] = (),
    history: History = NOTHING_SENT,
) -> Examined:
    """Gather the evidence for one package; `now` is an aware time.

    `bar_numbers` are those of the lawyers among its recipients. `known_of` says what the data tells of people. `files`
    reads what takes a parser of a foreign format.

    Raises SluisError `data-unreadable`, `data-ambiguous`, `fields-too-many`, `package-too-large`, `payload-corrupt`;
    `data-reading-failed` and `paper-reading-failed` for a file that its parser died of, and what the ports raise;
    ValueError when our own code hands in a time without a zone.
    """
    if now.tzinfo is None:
        raise ValueError("a time with its zone expected")
    today = now.astimezone(zone).date()
    youngest, oldest = ages_on(today, _birth_date(package))
    data = _data(package, contents=contents, files=files)
    known = known_of(data)
    documents = search_documents(package, contents=contents, known=known, searching=searching)
    look = partial(_paper, package, contents=contents, files=files)
    mandate, mandate_signature = _mandate(package, look=look, registers=registers, now=now)
    evidence = Evidence(
        today=today,
        youngest=youngest,
        oldest=oldest,
        keys={fingerprint: key_health(fingerprint) for fingerprint in fingerprints},
        documents=documents.searchability,
        findings=documents.findings,
        known=known,
        told=documents.told,
        open_channels=open_channels,
        data=data,
        consent=_consent(package, look=look, registers=registers, now=now, today=today),
        mandate=mandate,
        mandate_signature=mandate_signature,
        bar={each: registers.bar.standing(number, on=today) for each, number in bar_numbers.items()},
        reviews=reviews,
        history=history,
    )
    return Examined(package=package, evidence=evidence)


class _Look(Protocol):
    """Looks at the paper of a role."""

    def __call__(
        self, role: FileRole, /, *, verify: Callable[[bytes], PaperSignature]
    ) -> tuple[PaperFacts, PaperSignature]: ...


def _consent(
    package: Package, *, look: _Look, registers: Registers, now: dt.datetime, today: dt.date
) -> ConsentFacts | None:
    consent = package.manifest.consent
    if consent is None:
        return None
    verify = partial(registers.signatures.verify, signed_by=consent.signed_by or "", at=now)
    paper, signature = look(FileRole.CONSENT, verify=verify)
    reference = consent.case_reference
    signed_on = consent.signed_on
    youngest, _ = ages_on(signed_on, _birth_date(package)) if signed_on is not None else (None, None)
    return ConsentFacts(
        paper=paper.paper,
        filing=registers.cases.filing(reference, sha256=paper.sha256) if reference else Filing.NOT_FILED,
        # Without a reference it is held for that; whether it was withdrawn can then not be asked, and is not claimed.
        withdrawn=registers.withdrawals.withdrawn(reference or "", on=today),
        signature=signature,
        youngest=youngest,
    )


def _mandate(package: Package, *, look: _Look, registers: Registers, now: dt.datetime) -> tuple[Paper, PaperSignature]:
    mandate = package.manifest.mandate
    signed_by = (mandate.signed_by if mandate else None) or ""
    verify = partial(registers.signatures.verify, signed_by=signed_by, at=now)
    paper, signature = look(FileRole.MANDATE, verify=verify)
    return paper.paper, signature


def _paper(
    package: Package,
    role: FileRole,
    *,
    contents: Contents,
    files: FileReader,
    verify: Callable[[bytes], PaperSignature],
) -> tuple[PaperFacts, PaperSignature]:
    """Look at a signed paper; one that says that it is digitally signed is verified."""
    found = next((document for document in package.documents if document.role is role), None)
    if found is None:
        return NO_PAPER, PaperSignature.NONE
    try:
        with closing(contents.open(found)) as reader:
            facts = look_at(reader, files=files)
        return facts, PaperSignature.NONE if facts.signed is None else verify(facts.signed)
    except SluisError as error:
        if error.code is not Code.PAPER_READING_FAILED:
            raise
        # Who asked about the bytes does not know which of the two papers they are.
        raise SluisError(error.code, where=f"{role.value}.document") from None


def _birth_date(package: Package) -> PartialDate | None:
    text = package.manifest.subject.date_of_birth
    return PartialDate.parse(text) if text is not None else None


def _data(package: Package, *, contents: Contents, files: FileReader) -> Data | None:
    record = package.manifest.data
    if record is not None:
        return Data(shape="record", rows=(record,))
    found = next((document for document in package.documents if document.role is FileRole.DATA), None)
    return None if found is None else _read_data_file(found, contents=contents, files=files)


def _read_data_file(document: Document, *, contents: Contents, files: FileReader) -> Data:
    if document.size > MAX_DATA_BYTES:
        raise SluisError(Code.PACKAGE_TOO_LARGE, detail={"limit": MAX_DATA_BYTES})
    suffix = document.name[document.name.rfind(".") :].casefold()
    if suffix not in SUFFIXES:
        raise SluisError(Code.DATA_UNREADABLE, where="dataFile")
    reader = contents.open(document)
    try:
        return read_data(_whole(reader.read), suffix=suffix, files=files)
    finally:
        reader.close()


def _whole(read: Callable[[int], bytes]) -> bytes:
    """Read to the end, one byte more than allowed at most; the parser then refuses the size."""
    parts: list[bytes] = []
    missing = MAX_DATA_BYTES + 1
    while missing and (part := read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
