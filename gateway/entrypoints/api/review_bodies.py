"""The bodies of a review: a held document as it is shown, and what a privacy officer decides."""

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from gateway.entrypoints.api.schemas import Body
from gateway.package.document_view import DocumentView
from gateway.package.edits import Area, DocumentEdits, Edits, Span
from gateway.package.facts import Kind, Whose
from gateway.package.ids import PackageId
from gateway.package.manifest import MAX_DOCUMENTS
from gateway.package.reviews import MAX_EDITS, MAX_GROUND, MAX_TEXT, Opinion, ReviewReason, ReviewVerdict

Share = Annotated[float, Field(ge=0, le=1, description="Share of the page's width or height")]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]


class _Asked(Body):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True)


class SpanBody(_Asked):
    """A place in a document: a passage, counted from 0, and code points in it; `end` is the first one after it."""

    passage: Count
    start: Count
    end: Count


class AreaBody(_Asked):
    """A rectangle of a page, counted from 1."""

    page: Annotated[int, Field(ge=1, le=100_000)]
    left: Share
    top: Share
    right: Share
    bottom: Share


class PassageBody(Body):
    """One text of a document; `page` is 0 where there are no pages."""

    page: int
    text: str


class FindingBody(SpanBody):
    """Something that was found, and what becomes of it for this recipient."""

    kind: Kind
    whose: Whose
    certain: bool
    goes: bool
    liftable: bool
    label: str
    boxes: list[AreaBody]


class HeldDocumentBody(Body):
    """A document of a held package as it came, and as it would go to one recipient. All of it is personal data.

    `pages` counts the pictures of pages that can be asked for; 0 for a document that has none.
    """

    id: str
    number: int
    kind: str
    recipient: str
    type: str
    seen: str
    pages: int
    pictures: int
    passages: list[PassageBody]
    findings: list[FindingBody]


class DocumentEditsBody(_Asked):
    """Changes in one document, for every recipient; `seen` says what they are changes of."""

    document: Annotated[int, Field(ge=1, le=MAX_DOCUMENTS + 3)]
    seen: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    lifted: Annotated[tuple[SpanBody, ...], Field(max_length=MAX_EDITS)] = ()
    added: Annotated[tuple[SpanBody, ...], Field(max_length=MAX_EDITS)] = ()
    areas: Annotated[tuple[AreaBody, ...], Field(max_length=MAX_EDITS)] = ()


class ReviewRequest(_Asked):
    """What a privacy officer decides on a hold: a reason as a code, and in words that stay encrypted.

    `ground` is the law that permits it; it is required to release special or criminal data. `edits` say what stays of
    what would be redacted in the documents, and what is redacted besides.
    """

    verdict: ReviewVerdict
    reason_code: ReviewReason
    text: Annotated[str, StringConstraints(max_length=MAX_TEXT)] = ""
    ground: Annotated[str, StringConstraints(max_length=MAX_GROUND)] = ""
    edits: Annotated[tuple[DocumentEditsBody, ...], Field(max_length=MAX_DOCUMENTS)] = ()


def render_held_document(package: PackageId, view: DocumentView) -> HeldDocumentBody:
    """Write a document of a hold for a reviewer."""
    return HeldDocumentBody(
        id=package,
        number=view.number,
        kind=view.kind,
        recipient=view.recipient,
        type=view.type,
        seen=view.seen,
        pages=len(view.before),
        pictures=view.pictures,
        passages=[PassageBody(page=each.page, text=each.text) for each in view.passages],
        findings=[
            FindingBody(
                passage=each.span.passage,
                start=each.span.start,
                end=each.span.end,
                kind=each.kind,
                whose=each.whose,
                certain=each.certain,
                goes=each.goes,
                liftable=each.liftable,
                label=each.label,
                boxes=[
                    AreaBody(page=box.page, left=box.left, top=box.top, right=box.right, bottom=box.bottom)
                    for box in each.boxes
                ],
            )
            for each in view.findings
        ],
    )


def opinion_of(said: ReviewRequest) -> Opinion:
    """Read what a reviewer says."""
    return Opinion(
        verdict=said.verdict,
        reason=said.reason_code,
        text=said.text,
        ground=said.ground,
        edits=tuple(map(_edits, said.edits)),
    )


def _edits(said: DocumentEditsBody) -> DocumentEdits:
    edits = Edits(
        seen=said.seen,
        lifted=tuple(Span(**each.model_dump()) for each in said.lifted),
        added=tuple(Span(**each.model_dump()) for each in said.added),
        areas=tuple(Area(**each.model_dump()) for each in said.areas),
    )
    return DocumentEdits(number=said.document, edits=edits)
