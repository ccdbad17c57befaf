"""A held document as a reviewer sees it before anything goes. Every text and picture in it is secret."""

from dataclasses import dataclass, field

from gateway.package.edits import Area, Span
from gateway.package.facts import Kind, Whose


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewedPassage:
    """One text of the document; `page` counts from 1 and is 0 where there are no pages."""

    text: str = field(repr=False)
    page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewedFinding:
    """Something that was found: where, what, whose, and whether it goes out for this recipient.

    `liftable`: a reviewer may say that it stays. `label` is what would stand in its place. `boxes` are where it stands
    on its page, one for each line; none in a document without pictures of pages.
    """

    span: Span
    kind: Kind
    whose: Whose
    certain: bool
    goes: bool
    liftable: bool
    label: str
    boxes: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """One document as it came and as it would go to one recipient.

    `number` and `kind` are the manifest's. `type` is its type, such as `pdf`; `seen` names what is seen here
    (`gateway.package.edits`). `before` and `after` are its pages as PNG, in order; empty when it is not rebuilt as
    pictures, or has too many. `pictures` counts what stays on its pages and nobody could search.
    """

    number: int = 0
    kind: str = ""
    recipient: str = ""
    type: str
    seen: str
    passages: tuple[ViewedPassage, ...] = field(repr=False)
    findings: tuple[ViewedFinding, ...] = ()
    pictures: int = 0
    before: tuple[bytes, ...] = field(default=(), repr=False)
    after: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def size(self) -> int:
        """Say how much memory its texts and pictures take, in bytes and about."""
        return sum(map(len, (*self.before, *self.after))) + sum(4 * len(each.text) for each in self.passages)
