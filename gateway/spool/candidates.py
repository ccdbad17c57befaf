"""From a candidate at the door to a row, and from a row back to a package. Pure.

A candidate's payloads are encrypted already, but nothing of it is durable before the spool has accepted it.
"""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.package.encoding import Decided, Record, encode_record
from gateway.package.history import Marks
from gateway.package.identity import by_name
from gateway.package.ids import PackageId, RecipientId
from gateway.package.manifest import FileRole, Manifest, Subject
from gateway.package.states import (
    Decision,
    DeliveryState,
    Document,
    Package,
    PackageState,
    RecipientDecision,
    Source,
    Submitter,
    Verdict,
)
from gateway.spool.port import (
    DeliveryRow,
    HistoryQuestion,
    NewDelivery,
    NewPackage,
    PackageContents,
    PackageKeys,
    PackageRow,
    Payload,
    Sending,
    Vault,
)

MANIFEST_STREAM = "manifest"

_GOES = frozenset({Verdict.RELEASE, Verdict.REDACT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A package at the door: checked in form; `complete` when every declared file is there."""

    id: PackageId
    claim: str
    source: Source
    submitter: Submitter
    manifest: Manifest = field(repr=False)
    entry: str = field(repr=False)
    keys: PackageKeys
    payloads: tuple[Payload, ...]
    complete: bool


def stream_of(number: int) -> str:
    """Name the stream of a declared file."""
    return f"document-{number}"


def manifest_bytes(manifest: Manifest) -> bytes:
    """Write a manifest as it rests in the spool."""
    return manifest.model_dump_json(by_alias=True).encode()


def new_record(candidate: Candidate, *, vault: Vault) -> Record:
    """Say what is kept of a candidate beside its payloads."""
    marks = marks_of(candidate.manifest, organisation=candidate.submitter.organisation, vault=vault)
    return Record(entry=candidate.entry, marks=marks)


def new_package(candidate: Candidate, record: Record, *, vault: Vault, at: dt.datetime) -> NewPackage:
    """Say what the spool keeps of a candidate."""
    return NewPackage(
        id=candidate.id,
        claim=candidate.claim,
        state=PackageState.RECEIVED if candidate.complete else PackageState.INCOMPLETE,
        source=candidate.source,
        person=candidate.submitter.person,
        uid=candidate.submitter.uid,
        organisation=candidate.submitter.organisation,
        purpose=candidate.manifest.purpose,
        recipients=tuple(RecipientId(each) for each in candidate.manifest.recipients),
        at=at,
        content_digest=content_digest(candidate, vault=vault),
        content_key=candidate.keys.wrapped_content,
        record_key=candidate.keys.wrapped_record,
        record=vault.seal_record(candidate.id, candidate.keys, encode_record(record)),
        payloads=candidate.payloads,
    )


def content_digest(candidate: Candidate, *, vault: Vault) -> str:
    """Digest what makes two packages with one id the same: the manifest, and in the outbox each document too."""
    documents = [p.digest for p in candidate.payloads if p.stream != MANIFEST_STREAM] if candidate.complete else []
    parts = [manifest_bytes(candidate.manifest), *(each.encode() for each in sorted(documents))]
    return vault.digest("package", b"\x00".join(parts))


def marks_of(manifest: Manifest, *, organisation: str, vault: Vault) -> Marks:
    """Make the marks by which the history knows a package: keyed digests, and the streams that belong to its content.

    Who sent it, why and with which consent make no difference: that the same data went to the same recipient does.
    """
    whom = "\x00".join((organisation.casefold(), *_identity(manifest.subject)))
    subject = vault.digest("history-subject", whom.encode())
    data = json.dumps(manifest.data, sort_keys=True).encode()
    content = (FileRole.DOCUMENT, FileRole.DATA)
    return Marks(
        subject=subject,
        data=vault.digest("history-data", subject.encode() + data),
        streams=tuple(stream_of(file.number) for file in manifest.declared_files() if file.role in content),
    )


def history_question(
    marks: Marks,
    payloads: Iterable[Payload],
    *,
    organisation: str,
    recipients: tuple[RecipientId, ...],
    vault: Vault,
) -> HistoryQuestion:
    """Say what the guard asks of the history about a package that has arrived whole."""
    return HistoryQuestion(
        organisation=organisation,
        recipients=recipients,
        subject=marks.subject,
        content=_content_mark(marks, payloads, vault=vault),
    )


def sendings_of(question: HistoryQuestion, decision: Decision | None) -> tuple[Sending, ...]:
    """Say what becomes history of a package that goes: one line for each recipient that gets it."""
    return tuple(
        Sending(
            recipient=each.recipient,
            kind=each.kind.value,
            organisation=question.organisation,
            subject=question.subject,
            content=question.content,
            went=_went(each),
        )
        for each in (decision.cleared() if decision else ())
    )


def _went(decision: RecipientDecision) -> int:
    """Count the fields and documents that go to one recipient."""
    fields = sum(each.verdict in _GOES for each in decision.fields)
    return fields + sum(each.verdict in _GOES for each in decision.documents)


def _content_mark(marks: Marks, payloads: Iterable[Payload], *, vault: Vault) -> str:
    """Digest what a package holds: its data and its documents, by their keyed digests.

    A document that is not there, as in a preview of a large one, makes it the content of no other package.
    """
    digests = {each.stream: each.digest for each in payloads}
    parts = [marks.data, *(digests.get(stream, "") for stream in marks.streams)]
    return vault.digest("history-content", "\x00".join(parts).encode())


def _identity(subject: Subject) -> tuple[str, ...]:
    """Say who it is about: by V-number, or else by name however it is written, and what is known of the birth date."""
    if subject.v_number is not None:
        return ("v-number", subject.v_number)
    return ("name", *by_name(subject.name, subject.date_of_birth or ""))


def decision_digest(decided: Decided, *, vault: Vault) -> str:
    """Digest what was asked and what was decided, exactly as both are kept for replay."""
    return vault.digest("decision", b"\x00".join((decided.question.encode(), decided.decision.encode())))


def row_of(new: NewDelivery, *, at: dt.datetime) -> DeliveryRow:
    """Say how a delivery stands that was committed just now, with the intent of its first attempt."""
    return DeliveryRow(
        recipient=new.recipient,
        channel=new.channel,
        state=DeliveryState.SENDING,
        name=new.name,
        size=new.size,
        sha256=new.sha256,
        sealed=new.sealed,
        file=new.file,
        manifest=new.manifest,
        signature=new.signature,
        attempt=1,
        first_tried_at=at,
        due=None,
        code="",
    )


def package_of(row: PackageRow, *, payloads: tuple[Payload, ...], contents: PackageContents) -> Package:
    """Read a package back out of the spool. Raises SluisError `payload-corrupt`."""
    manifest = read_manifest(contents)
    return Package(
        id=row.id,
        source=row.source,
        submitter=Submitter(person=row.person, organisation=row.organisation, roles=(), uid=row.uid),
        received_at=row.received_at,
        manifest=manifest,
        documents=documents_of(manifest, payloads),
    )


def read_manifest(contents: PackageContents) -> Manifest:
    """Read a package's manifest back. Raises SluisError `payload-corrupt`."""
    reader = contents.open_stream(MANIFEST_STREAM)
    try:
        return Manifest.model_validate_json(reader.read())
    finally:
        reader.close()


def documents_of(manifest: Manifest, payloads: tuple[Payload, ...]) -> tuple[Document, ...]:
    """Put what the manifest declares beside what has arrived; a file that has not arrived is left out."""
    kept = {payload.stream: payload for payload in payloads}
    categories = {number: tuple(doc.declared_categories) for number, doc in enumerate(manifest.documents, 1)}
    return tuple(
        Document(
            number=file.number,
            role=file.role,
            kind=file.kind,
            size=kept[stream].size,
            digest=kept[stream].digest,
            stream=stream,
            declared_categories=categories.get(file.number, ()),
            name=file.name,
        )
        for file in manifest.declared_files()
        if (stream := stream_of(file.number)) in kept
    )
