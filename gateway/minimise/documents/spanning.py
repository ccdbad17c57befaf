"""Finds where a text goes on elsewhere: on the next page, or in the next line of its own column.

A name that is broken there stands in two passages, and half of it in neither is a name. Both lines are read as one
passage more, where the first ends in the middle of a word or in a name, and the other can go on with it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from gateway.minimise.documents.layout import Line, Placed, line_of, placed_of

_NEXT_LINES: Final = 5
"""Lines at the end of a page and the beginning of the next that are looked at: a footer and a header are among them."""
_NAME_LINES: Final = 2
_MOST: Final = 200
"""Lines of a page that end in the middle of a word and are not gone on with."""
_FURTHER: Final = 3
"""How far below a line the next one of its column may stand, in heights."""
_GUTTER: Final = 1.0
"""Heights, between columns."""
_BROKEN: Final = re.compile(r"[^\W\d_]-\Z")
_NAMED: Final = re.compile(r"\b[A-Z\u00c0-\u00de][^\W\d_'-]+\Z")
_DIGITS: Final = re.compile(r"\d+")
_GOES_ON: Final = re.compile(r"[^\W\d_]")
_CAPITAL: Final = re.compile(r"[A-Z\u00c0-\u00de]")


def over_columns(lines: Sequence[Line], known: Iterable[Placed], *, page: int) -> list[Placed]:
    """Give the passages of words that are broken within a page, of its lines before they were put into rows."""
    texts = [placed.text for placed in known]
    straight = [part for line in lines if not line.turned for part in _parts(line)]
    broken = [line for line in straight if _BROKEN.search(line.text)][:_MOST]
    return [
        placed_of([line, other], page=page)
        for line in broken
        for other in (_below(line, straight), _beside(line, straight))
        if other is not None
        and _GOES_ON.match(other.text)
        and not any(f"{line.text}\n{other.text}" in text for text in texts)
    ]


def over_pages(before: Sequence[Placed], after: Sequence[Placed], *, page: int) -> list[Placed]:
    """Give the passages that begin at the end of this page and end on the next one."""
    ends, starts = list(_lines(before)), list(_lines(after))
    last = sorted(_without(ends, starts), key=lambda line: line.around[3])[-_NEXT_LINES:]
    first = sorted(_without(starts, ends), key=lambda line: line.around[1])[:_NEXT_LINES]
    broken = [(one, other, "\n") for one in last for other in first if _is_broken(one, other)]
    # A name is no name any more when a line ends within it, unless the other half is one by itself.
    named = [(one, other, " ") for one in last[-_NAME_LINES:] for other in first[:_NAME_LINES] if _is_named(one, other)]
    return [
        replace(placed_of([one, other], page=page, between=between), turns=1)
        for one, other, between in (*broken, *named)
    ]


def _parts(line: Line) -> Iterator[Line]:
    """Cut a line where columns stand beside each other, which a file may draw as one line."""
    begin, right = 0, line.around[0]
    for at, box in enumerate(line.boxes):
        if box is None:
            continue
        if box[0] - right > _GUTTER * line.height:
            yield from _part(line, begin, at)
            begin = at
        right = box[2]
    yield from _part(line, begin, len(line.text))


def _part(line: Line, begin: int, end: int) -> Iterator[Line]:
    part = line_of(line.text[begin:end], line.boxes[begin:end])
    if part is not None:
        yield part


def _lines(passages: Iterable[Placed]) -> Iterator[Line]:
    return (line for placed in passages for line in placed.lines if not line.turned)


def _without(lines: Iterable[Line], others: Iterable[Line]) -> list[Line]:
    """Drop what stands on the other page as well, but for its digits: headers and footers."""
    known = {_DIGITS.sub("", other.text) for other in others}
    return [line for line in lines if _DIGITS.sub("", line.text) not in known]


def _is_broken(one: Line, other: Line) -> bool:
    return _BROKEN.search(one.text) is not None and _GOES_ON.match(other.text) is not None


def _is_named(one: Line, other: Line) -> bool:
    return _NAMED.search(one.text) is not None and _CAPITAL.match(other.text) is not None


def _below(line: Line, lines: Sequence[Line]) -> Line | None:
    """Give the next line of its column."""
    under = (
        other
        for other in lines
        if line.around[3] - line.height / 2 < other.around[1] < line.around[3] + _FURTHER * line.height
        and other.around[0] < line.around[2]
        and line.around[0] < other.around[2]
    )
    return min(under, key=lambda other: (other.around[1], other.around[0]), default=None)


def _beside(line: Line, lines: Sequence[Line]) -> Line | None:
    """Give the first line of the next column."""
    right = [other for other in lines if other.around[0] >= line.around[2]]
    if not right:
        return None
    edge = min(other.around[0] for other in right) + 2 * line.height
    return min((other for other in right if other.around[0] <= edge), key=lambda other: other.around[1])
