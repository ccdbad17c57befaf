"""The stage minimise: carries the decision out, one parcel for each cleared recipient, and searches what it made.

Rules:
1. Only what a verdict releases goes. A verdict that this stage can not carry out stops it; nothing is quietly skipped.
2. A document leaves under a number and its kind: the sender's file name may hold a person's name.
3. Every parcel is searched for residue before any parcel is handed on. One residue holds the whole package.
4. Nothing to send is no parcel: an empty message would only say that there is something about this person.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from gateway.minimise.betraying import Residue, residue_of
from gateway.minimise.projecting import project, released_paths
from gateway.minimise.residue import search_data, search_document, search_left_out, search_line, search_name
from gateway.minimise.stripped import values_of
from gateway.minimise.writing import write_data, write_left_out
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Searchability
from gateway.package.manifest import Manifest
from gateway.package.problems import reason_of
from gateway.package.states import (
    Cleared,
    Contents,
    Data,
    Document,
    Evidence,
    Held,
    Minimised,
    Parcel,
    ParcelDocument,
    RecipientDecision,
    Verdict,
)

_CARRIED_OUT = frozenset({Verdict.RELEASE, Verdict.STRIP, Verdict.BLOCK})
# What a person can mend in the package; anything else is trouble of ours and not a reason to hold.
_HOLDING = frozenset({Code.RESIDUE_FOUND, Code.DATA_UNREADABLE, Code.PACKAGE_EMPTY})


def minimise(cleared: Cleared, *, contents: Contents) -> Minimised | Held:
    """Make the parcels of a cleared package, or hold it for residue.

    Raises SluisError `payload-corrupt` out of the spool; ValueError when a decision asks for what does not exist here:
    to redact, to send a document that was not found searchable, to clear a recipient that something is held for.
    """
    try:
        parcels = tuple(_parcels(cleared, contents=contents))
    except SluisError as error:
        if error.code not in _HOLDING:
            raise
        return Held(
            package=cleared.examined.package,
            reasons=(reason_of(error),),
            where=error.where,
            decision=cleared.decision,
        )
    return Minimised(cleared=cleared, parcels=parcels)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reduced:
    """The data for recipients with the same released paths, and what may not occur in anything that they get."""

    data: bytes | None = field(repr=False)
    residue: Residue = field(repr=False)


def _parcels(cleared: Cleared, *, contents: Contents) -> Iterator[Parcel]:
    for recipient in cleared.decision.cleared():
        _refuse_what_can_not_be_done(recipient)
        yield _parcel(recipient, cleared=cleared, contents=contents)


def _refuse_what_can_not_be_done(recipient: RecipientDecision) -> None:
    verdicts = {each.verdict for each in recipient.fields} | {each.verdict for each in recipient.documents}
    if not verdicts <= _CARRIED_OUT:
        raise ValueError("a cleared recipient has only released, stripped and blocked parts")


def _parcel(recipient: RecipientDecision, *, cleared: Cleared, contents: Contents) -> Parcel:
    evidence = cleared.examined.evidence
    reduced = _reduce(recipient, data=evidence.data or Data(shape="list", rows=()))
    documents = _released_documents(recipient, cleared=cleared)
    _search_documents(documents, evidence=evidence, contents=contents, residue=reduced.residue)
    _search_quoted(cleared.examined.package.manifest, residue=reduced.residue)
    if reduced.data is None and not documents:
        raise SluisError(Code.PACKAGE_EMPTY)
    left_out = write_left_out(recipient) if recipient.tell_left_out else None
    if left_out is not None:
        search_left_out(left_out, residue=reduced.residue)
    return Parcel(
        recipient=recipient,
        data=reduced.data,
        left_out=left_out,
        documents=tuple(_as_it_leaves(document, contents=contents) for document in documents),
    )


def _reduce(recipient: RecipientDecision, *, data: Data) -> _Reduced:
    released = released_paths(recipient.fields)
    residue = residue_of(values_of(data, recipient.fields, released=released))
    projected = project(data, released)
    if not projected:
        return _Reduced(data=None, residue=residue)
    written = write_data(projected)
    search_data(written, projected=projected, released=released, residue=residue)
    return _Reduced(data=written, residue=residue)


def _released_documents(recipient: RecipientDecision, *, cleared: Cleared) -> list[Document]:
    by_number = {document.number: document for document in cleared.examined.package.documents}
    return [by_number[each.number] for each in recipient.documents if each.verdict is Verdict.RELEASE]


def _search_documents(documents: list[Document], *, evidence: Evidence, contents: Contents, residue: Residue) -> None:
    for document in documents:
        if evidence.documents.get(document.number) is not Searchability.TEXT:
            raise ValueError("a released document was found searchable before")
        search_name(document.kind, number=document.number, residue=residue)
        reader = contents.open(document)
        try:
            search_document(reader, number=document.number, residue=residue)
        finally:
            reader.close()


def _search_quoted(manifest: Manifest, *, residue: Residue) -> None:
    """Search what the letter quotes: people write a name into a reference."""
    reference = manifest.request.reference if manifest.request else None
    for where, text in (("request.reference", reference), ("sender.unit", manifest.sender.unit)):
        if text is not None:
            search_line(text, where=where, residue=residue)


def _as_it_leaves(document: Document, *, contents: Contents) -> ParcelDocument:
    return ParcelDocument(
        name=f"{document.number:02d}-{document.kind}.txt",
        media_type="text/plain; charset=utf-8",
        size=document.size,
        open=partial(contents.open, document),
    )
