"""Documents within a document: attachments of mail, members of archives.

Rules:
1. Each goes through the same door as any document (`Tools.open_other`); one that can not be searched makes the whole
   unsearchable.
2. Their names never come along, since names of files name people. Of a name only its ending is looked at.
3. The passages of the whole are those of the parts one after the other; marks are given back to whose they are.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.minimise.documents.model import (
    Mark,
    Opened,
    Passage,
    Rebuilt,
    Tools,
    Trouble,
    UnreadableError,
)
from gateway.minimise.documents.recognising import type_by_ending
from gateway.minimise.documents.registry import reader_of

_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """A document within a document, and where its passages stand among those of the whole."""

    opened: Opened = field(repr=False)
    first: int
    count: int

    def marks(self, of_whole: Sequence[Sequence[Mark]]) -> Sequence[Sequence[Mark]]:
        """Give the marks that are its own."""
        return of_whole[self.first : self.first + self.count]


def opened_within(content: bytes, name: str, *, number: int, tools: Tools, passages: list[Passage]) -> Inner:
    """Open a document within a document, and add its passages. Raises UnreadableError."""
    ending = _ENDING.search(name)
    opened = tools.open_other(content, neutral_name(number, ending[0].casefold() if ending else ""))
    first = len(passages)
    tables = 1 + max((each.place.table for each in passages if each.place is not None), default=-1)
    passages += (_behind(each, tables) for each in opened.passages)
    return Inner(opened=opened, first=first, count=len(passages) - first)


def _behind(passage: Passage, tables: int) -> Passage:
    """Count the table of a cell on from those of the documents before it."""
    place = passage.place
    return passage if place is None else replace(passage, place=replace(place, table=place.table + tables))


def neutral_name(number: int, suffix: str) -> str:
    """Name a document by its place; the suffix has its dot."""
    return f"{number:02}-document{suffix}"


def rebuilt_within(
    inner: Sequence[Inner], marks: Sequence[Sequence[Mark]], left_behind: Counter[str]
) -> list[tuple[str, Rebuilt]]:
    """Write documents within a document anew, each under its neutral name; what stays behind is added up."""
    written: list[tuple[str, Rebuilt]] = []
    for number, each in enumerate(inner, 1):
        new = each.opened.rebuilt(each.marks(marks))
        left_behind.update(new.left_behind)
        written.append((neutral_name(number, new.suffix), new))
    return written


def second_text_of(name: str, content: bytes) -> str:
    """Give every text of a document within a rebuilt one, by the module of its ending. Raises UnreadableError."""
    kind = type_by_ending(name)
    if kind is None:
        raise UnreadableError(Trouble.NOT_KNOWN)
    return reader_of(kind).second_text(content)


def text_of_name(name: str) -> str:
    """Give what a name says beyond the number and the word that are of our own making."""
    number, _, rest = name.partition("-")
    return "" if number.isdecimal() and rest.startswith("document.") else name
