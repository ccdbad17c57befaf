"""Held documents as a reviewer sees them, kept for a little while; and a reviewer's changes, checked against them.

Rules:
1. What is shown stays in memory, never on disk, for a few minutes and a few documents: pages of one document are asked
   for one after another, and searching a scan takes a minute.
2. A change that is not of the document as it reads now is refused before anything is decided.
"""

import datetime as dt
from collections import OrderedDict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.package.document_view import DocumentView, ViewedFinding
from gateway.package.edits import Area, DocumentEdits, Span
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Counted
from gateway.package.ids import PackageId, PersonId
from gateway.package.reviews import DOCUMENT_EXPECTED, LIFT_EXPECTED, PLACE_EXPECTED, SEEN_EXPECTED
from gateway.parts import Parts, Past, WantedDocument
from gateway.pipeline import Pipeline
from gateway.spool.port import Stored

_KEPT_FOR: Final = dt.timedelta(minutes=10)
_MOST_KEPT: Final = 4
_MOST_BYTES: Final = 64 * 1024 * 1024
Fault = tuple[str, str]
_Key = tuple[PackageId, WantedDocument, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    view: DocumentView = field(repr=False)
    until: dt.datetime
    told: set[PersonId] = field(default_factory=set)
    """Who looked at it, by the log."""


class DocumentViews:
    """Shows documents of held packages; who may see them is asked elsewhere."""

    def __init__(self, pipeline: Pipeline, parts: Parts) -> None:
        self._pipeline = pipeline
        self._parts = parts
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()

    async def show(self, stored: Stored, wanted: WantedDocument) -> DocumentView:
        """Show one document. Raises as `gateway.showing.show`, and what finding it in the spool raises."""
        now = self._parts.now()
        self._forget(now)
        key = stored.row.id, wanted, self._parts.policy().digest
        if key not in self._kept:
            journey = self._pipeline.journey_of(stored)
            question = journey.question(stored.payloads, vault=self._parts.vault)
            past = Past(reviews=journey.record.reviews, history=await self._parts.spool.history(question))
            asked = replace(wanted, past=past)
            view = await self._parts.hands.show_document(stored.row, stored.payloads, now, asked)
            self._kept[key] = _Kept(view=view, until=now + _KEPT_FOR)
            self._make_room()
            return view
        self._kept.move_to_end(key)
        return self._kept[key].view

    def told(self, stored: Stored, wanted: WantedDocument) -> set[PersonId]:
        """Give who looked at what was shown just now, by the log; whoever is told of is put in by the caller."""
        kept = self._kept.get((stored.row.id, wanted, self._parts.policy().digest))
        return kept.told if kept is not None else set()

    async def checked(self, stored: Stored, edits: Sequence[DocumentEdits]) -> tuple[DocumentEdits, ...]:
        """Give changes with what they lift counted. Raises `request-invalid` with every fault, and as `show`."""
        faults: list[Fault] = []
        counted = []
        for place, each in enumerate(edits):
            try:
                view = await self.show(stored, WantedDocument(number=each.number))
            except SluisError as error:
                if error.code not in (Code.NOT_FOUND, Code.DOCUMENT_NOT_SHOWN):
                    raise
                faults.append((f"edits[{place}].document", DOCUMENT_EXPECTED))
                continue
            # The officer may have looked at it as it would go to another recipient, for whom more goes.
            views = [view, *(kept.view for key, kept in self._kept.items() if _is_of(key, stored, each.number))]
            found = {finding.span: finding for shown in views for finding in shown.findings if finding.liftable}
            faults += ((f"edits[{place}].{where}", expected) for where, expected in _faults(each, view, liftable=found))
            lifted = (found[span] for span in dict.fromkeys(each.edits.lifted) if span in found)
            counted.append(replace(each, lifted=tuple(_counted(finding, view) for finding in lifted)))
        if faults:
            raise SluisError(Code.REQUEST_INVALID, faults=tuple(faults))
        return tuple(counted)

    def forget(self, package: PackageId) -> None:
        """Let go of what was shown of a package."""
        for key in [key for key in self._kept if key[0] == package]:
            del self._kept[key]

    def _forget(self, now: dt.datetime) -> None:
        for key in [key for key, kept in self._kept.items() if kept.until < now]:
            del self._kept[key]

    def _make_room(self) -> None:
        while len(self._kept) > 1 and (
            len(self._kept) > _MOST_KEPT or sum(each.view.size for each in self._kept.values()) > _MOST_BYTES
        ):
            self._kept.popitem(last=False)


def _is_of(key: _Key, stored: Stored, number: int) -> bool:
    package, wanted, _ = key
    return (package, wanted.number) == (stored.row.id, number)


def _faults(edits: DocumentEdits, view: DocumentView, *, liftable: Container[Span]) -> Iterator[Fault]:
    if edits.edits.seen != view.seen:
        yield "seen", SEEN_EXPECTED
        return
    for place, span in enumerate(edits.edits.lifted):
        if span not in liftable:
            yield f"lifted[{place}]", LIFT_EXPECTED
    for place, span in enumerate(edits.edits.added):
        if not span.is_within([each.text for each in view.passages]):
            yield f"added[{place}]", PLACE_EXPECTED
    for place, area in enumerate(edits.edits.areas):
        if not _is_on_a_page(area, view):
            yield f"areas[{place}]", PLACE_EXPECTED


def _is_on_a_page(area: Area, view: DocumentView) -> bool:
    return 1 <= area.page <= len(view.before) and 0 <= area.left < area.right <= 1 and 0 <= area.top < area.bottom <= 1


def _counted(finding: ViewedFinding, view: DocumentView) -> Counted:
    page = view.passages[finding.span.passage].page
    return Counted(kind=finding.kind, whose=finding.whose, page=page, certain=finding.certain)
