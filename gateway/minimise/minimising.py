"""The stage minimise: carries the decision out, one parcel for each cleared recipient, and searches what it made.

Rules:
1. Only what a verdict releases goes. A verdict that this stage can not carry out stops it; nothing is quietly skipped.
2. Documents go as `leaving.py` says.
3. Every parcel is searched for residue before any parcel is handed on. One residue holds the whole package.
4. Nothing to send is no parcel: an empty message would only say that there is something about this person.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.minimise.added import search_added
from gateway.minimise.betraying import Residue, residue_of
from gateway.minimise.leaving import Leaving
from gateway.minimise.port import DocumentRebuild
from gateway.minimise.projecting import project, released_paths
from gateway.minimise.residue import search_data, search_left_out, search_line
from gateway.minimise.stripped import values_of
from gateway.minimise.writing import write_data, write_left_out
from gateway.package.errors import Code, SluisError
from gateway.package.manifest import Manifest
from gateway.package.problems import reason_of
from gateway.package.states import (
    Cleared,
    Contents,
    Data,
    Held,
    Minimised,
    Parcel,
    RecipientDecision,
    Verdict,
)

_CARRIED_OUT = frozenset({Verdict.RELEASE, Verdict.STRIP, Verdict.BLOCK})
# What a person can mend in the package; anything else is trouble of ours and not a reason to hold.
_HOLDING = frozenset(
    {
        Code.RESIDUE_FOUND,
        Code.ADDED_ELSEWHERE,
        Code.DOCUMENT_NOT_REBUILT,
        Code.DATA_UNREADABLE,
        Code.PACKAGE_EMPTY,
    }
)


def minimise(cleared: Cleared, *, contents: Contents, documents: DocumentRebuild) -> Minimised | Held:
    """Make the parcels of a cleared package, or hold it for residue.

    Raises SluisError `payload-corrupt` out of the spool, and what writing documents anew raises; ValueError when a
    decision asks for what can not be: to send a document that was not found searchable, to redact a field, to clear a
    recipient that something is held for.
    """
    try:
        leaving = Leaving(cleared=cleared, contents=contents, rebuilder=documents)
        parcels = tuple(_parcels(cleared, leaving=leaving))
        search_added(leaving, parcels=parcels)
    except SluisError as error:
        if error.code not in _HOLDING:
            raise
        return Held(
            package=cleared.examined.package,
            reasons=(reason_of(error),),
            where=error.where,
            detail=dict(error.detail),
            decision=cleared.decision,
        )
    return Minimised(cleared=cleared, parcels=parcels)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reduced:
    """The data for recipients with the same released paths, and what may not occur in anything that they get."""

    data: bytes | None = field(repr=False)
    released: frozenset[str]
    residue: Residue = field(repr=False)


def _parcels(cleared: Cleared, *, leaving: Leaving) -> Iterator[Parcel]:
    for recipient in cleared.decision.cleared():
        _refuse_what_can_not_be_done(recipient)
        yield _parcel(recipient, cleared=cleared, leaving=leaving)


def _refuse_what_can_not_be_done(recipient: RecipientDecision) -> None:
    fields = {each.verdict for each in recipient.fields}
    documents = {each.verdict for each in recipient.documents}
    if not (fields <= _CARRIED_OUT and documents <= _CARRIED_OUT | {Verdict.REDACT}):
        raise ValueError("a cleared recipient has only released, redacted, stripped and blocked parts")


def _parcel(recipient: RecipientDecision, *, cleared: Cleared, leaving: Leaving) -> Parcel:
    evidence = cleared.examined.evidence
    data = evidence.data or Data(shape="list", rows=())
    reduced = _reduce(recipient, data=data)
    documents = tuple(leaving.documents_for(recipient, residue=reduced.residue))
    _search_quoted(cleared.examined.package.manifest, residue=reduced.residue)
    if reduced.data is None and not documents:
        raise SluisError(Code.PACKAGE_EMPTY)
    left_out = write_left_out(recipient) if recipient.tell_left_out else None
    if left_out is not None:
        search_left_out(left_out, residue=reduced.residue)
    return Parcel(recipient=recipient, data=reduced.data, left_out=left_out, documents=documents)


def _reduce(recipient: RecipientDecision, *, data: Data) -> _Reduced:
    released = released_paths(recipient.fields)
    residue = residue_of(values_of(data, recipient.fields, released=released))
    projected = project(data, released)
    if not projected:
        return _Reduced(data=None, released=released, residue=residue)
    written = write_data(projected)
    search_data(written, projected=projected, released=released, residue=residue)
    return _Reduced(data=written, released=released, residue=residue)


def _search_quoted(manifest: Manifest, *, residue: Residue) -> None:
    """Search what the letter quotes: people write a name into a reference."""
    reference = manifest.request.reference if manifest.request else None
    for where, text in (("request.reference", reference), ("sender.unit", manifest.sender.unit)):
        if text is not None:
            search_line(text, where=where, residue=residue)
