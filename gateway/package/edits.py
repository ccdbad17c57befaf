"""What a reviewer changes in a document before it goes: places in it, and how much; never a value.

Rules:
1. `seen` names what the reviewer looked at: the document's passages and what was found in them. Of a document that is
   read otherwise later, no place means what it meant, and nothing is given out.
2. What a recipient does not get is never lifted, whatever a reviewer says; only what was taken for another person's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from gateway.package.facts import Counted

Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A place in a document: the passage's number from 0, and code points in it, `end` exclusive."""

    passage: int
    start: int
    end: int

    def is_within(self, texts: Sequence[str]) -> bool:
        """Tell whether it is a place in a document with these passages."""
        return 0 <= self.passage < len(texts) and 0 <= self.start < self.end <= len(texts[self.passage])


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A rectangle of a page, as shares of its width and height from the top left; `page` counts from 1."""

    page: int
    left: Share
    top: Share
    right: Share
    bottom: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """The changes in one document: findings that `lifted` touches stay, what is `added` or lies in `areas` goes."""

    seen: str = ""
    lifted: tuple[Span, ...] = ()
    added: tuple[Span, ...] = ()
    areas: tuple[Area, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lifted or self.added or self.areas)


NO_EDITS: Final = Edits()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEdits:
    """The changes in the document with this number; `lifted` counts the findings that stay by them."""

    number: int
    edits: Edits
    lifted: tuple[Counted, ...] = ()

    @property
    def added(self) -> int:
        """Count what goes besides."""
        return len(self.edits.added) + len(self.edits.areas)
