"""The third job inside the sandbox: show a document to a reviewer, as it came and as it would go.

Rules:
1. It is searched as the other jobs search it, so that what is shown is what will be done.
2. Pictures of pages are made of what is rebuilt as pictures; whoever reviews another document reads its passages.
"""

from typing import Final

from gateway.minimise.documents.jobs import (
    Choice,
    Engine,
    Opening,
    Read,
    covered,
    goes,
    gone_of,
    label_of,
    marks_of,
    may_be_lifted,
    read_document,
    seen_of,
)
from gateway.minimise.documents.model import PagePictures, Pictured
from gateway.minimise.people.findings import Finding, Known
from gateway.package.document_view import DocumentView, ViewedFinding, ViewedPassage
from gateway.package.edits import Span

MOST_PAGES: Final = 200
"""Above it no pictures are made: they would be more than one answer holds."""


def view(content: bytes, name: str, *, known: Known, choice: Choice, engine: Engine) -> DocumentView:
    """Show a document as `choice` would let it go. Raises UnreadableError for one that can not be searched."""
    opening = Opening(engine)
    read = read_document(content, name, known=known, opening=opening)
    pictures = _pictures(read, choice=choice)
    return DocumentView(
        type=read.findings.type.value if read.findings.type is not None else "",
        seen=seen_of(read.texts),
        passages=tuple(ViewedPassage(text=each.text, page=each.page) for each in read.opened.passages),
        findings=tuple(
            _viewed(each, number, read=read, choice=choice) for number, found in enumerate(read.found) for each in found
        ),
        pictures=read.findings.pictures,
        before=tuple(each.before for each in pictures),
        after=tuple(each.after for each in pictures),
    )


def _pictures(read: Read, *, choice: Choice) -> tuple[PagePictures, ...]:
    opened = read.opened
    if not isinstance(opened, Pictured) or read.findings.pages > MOST_PAGES:
        return ()
    gone = (gone_of(number, found, choice=choice) for number, found in enumerate(read.found))
    marks = [marks_of(each, choice=choice) for each in gone]
    return tuple(opened.page_pictures(marks, covered(choice)))


def _viewed(finding: Finding, number: int, *, read: Read, choice: Choice) -> ViewedFinding:
    boxes = read.opened.boxes(number, finding.start, finding.end) if isinstance(read.opened, Pictured) else ()
    return ViewedFinding(
        span=Span(passage=number, start=finding.start, end=finding.end),
        kind=finding.kind,
        whose=finding.whose,
        certain=finding.certain,
        goes=goes(finding, number, choice=choice),
        liftable=may_be_lifted(finding),
        label=label_of(finding)[choice.language.value],
        boxes=tuple(boxes),
    )
