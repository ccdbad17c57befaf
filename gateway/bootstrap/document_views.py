"""Held documents as a reviewer sees them; and a reviewer's changes, checked against them.

Rules:
1. What is not in the package, or does not go to whom it is asked for, is refused before anything is searched.
2. A change that is not of the document as it reads now is refused before anything is decided.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from functools import partial

from gateway.bootstrap.shown_documents import Key, Shown, ShownDocuments
from gateway.package.document_view import DocumentView, ViewedFinding
from gateway.package.edits import Area, DocumentEdits, Span
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Counted
from gateway.package.ids import PackageId
from gateway.package.reviews import DOCUMENT_EXPECTED, LIFT_EXPECTED, PLACE_EXPECTED, SEEN_EXPECTED
from gateway.parts import Parts, Past, WantedDocument, WantedDocuments
from gateway.pipeline import Pipeline
from gateway.spool.candidates import stream_of
from gateway.spool.port import Stored

Fault = tuple[str, str]


class DocumentViews:
    """Shows documents of held packages; who may see them is asked elsewhere."""

    def __init__(self, pipeline: Pipeline, parts: Parts) -> None:
        self._pipeline = pipeline
        self._parts = parts
        self._shown = ShownDocuments()

    async def show(self, stored: Stored, wanted: WantedDocument) -> Shown:
        """Show one document. Raises as `gateway.showing.show`, `ShownDocuments.get`, and what finding it raises."""
        key = self._key(stored, wanted)
        if not _is_there(stored, key.number) or (key.recipient and key.recipient not in stored.row.recipients):
            raise SluisError(Code.NOT_FOUND)
        return await self._shown.get(key, partial(self._find, stored, replace(wanted, recipient=key.recipient)))

    def _key(self, stored: Stored, wanted: WantedDocument) -> Key:
        """Say what is asked for; when one recipient gets the package, nobody named is that one."""
        row = stored.row
        recipient = wanted.recipient or (row.recipients[0] if len(row.recipients) == 1 else "")
        return Key(row.id, wanted.number, recipient, self._parts.policy().digest)

    async def _find(self, stored: Stored, wanted: WantedDocument) -> DocumentView:
        asked = replace(wanted, past=await self._past(stored))
        return await self._parts.hands.show_document(stored.row, stored.payloads, self._parts.now(), asked)

    async def _past(self, stored: Stored) -> Past:
        journey = self._pipeline.journey_of(stored)
        question = journey.question(stored.payloads, vault=self._parts.vault)
        return Past(reviews=journey.record.reviews, history=await self._parts.spool.history(question))

    async def _views(self, stored: Stored, numbers: Sequence[int]) -> dict[int, DocumentView]:
        """Give documents as their first recipient gets them; those that nobody can see are not among them.

        What is not kept is read all at once: evidence is of the whole package, and is gathered once.
        """
        views: dict[int, DocumentView] = {}
        for number in numbers:
            known = self._shown.known(self._key(stored, WantedDocument(number=number)))
            if known is not None:
                views[number] = known.view
        if missing := tuple(each for each in numbers if each not in views and _is_there(stored, each)):
            found = await self._shown.in_turn(partial(self._read, stored, missing))
            views.update((number, view) for number, view in zip(missing, found, strict=True) if view is not None)
        return views

    async def _read(self, stored: Stored, numbers: tuple[int, ...]) -> tuple[DocumentView | None, ...]:
        wanted = WantedDocuments(numbers=numbers, past=await self._past(stored))
        return await self._parts.hands.read_documents(stored.row, stored.payloads, self._parts.now(), wanted)

    async def checked(self, stored: Stored, edits: Sequence[DocumentEdits]) -> tuple[DocumentEdits, ...]:
        """Give changes with what they lift counted. Raises `request-invalid` with every fault, and as `show`."""
        faults: list[Fault] = []
        counted = []
        read = await self._views(stored, [each.number for each in edits])
        for place, each in enumerate(edits):
            view = read.get(each.number)
            if view is None:
                faults.append((f"edits[{place}].document", DOCUMENT_EXPECTED))
                continue
            # The officer may have looked at it as it would go to another recipient, for whom more goes.
            views = [view, *self._shown.of(stored.row.id, each.number)]
            found = {finding.span: finding for shown in views for finding in shown.findings if finding.liftable}
            faults += ((f"edits[{place}].{where}", expected) for where, expected in _faults(each, view, liftable=found))
            lifted = (found[span] for span in dict.fromkeys(each.edits.lifted) if span in found)
            counted.append(replace(each, lifted=tuple(_counted(finding, view) for finding in lifted)))
        if faults:
            raise SluisError(Code.REQUEST_INVALID, faults=tuple(faults))
        return tuple(counted)

    def forget(self, package: PackageId) -> None:
        """Let go of what was shown of a package."""
        self._shown.forget(package)


def _is_there(stored: Stored, number: int) -> bool:
    return any(each.stream == stream_of(number) for each in stored.payloads)


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
