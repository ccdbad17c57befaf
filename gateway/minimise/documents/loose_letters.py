"""Letters that are set off the line: on a wave, on stairs, below each other, on an arc.

A layer has each of them as a line of its own, and of such lines nobody reads a name. Rules:
1. Pieces of a few letters that are drawn one after the other, each next to the one before it and never turning back,
   are read as one text as well.
2. What then still lies about beside its like is scattered: which letter follows which is not known, and only who looks
   at the picture can tell.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import hypot
from typing import Final

from gateway.minimise.documents.layout import Box, Line, line_of, rows_of

_PIECE: Final = 4
"""Letters, of a piece that may be part of a word."""
_TURNED_PIECE: Final = 14
"""The same on a wide arc, where a few letters stand on one slope."""
_LOOSE: Final = 2
_FEWEST: Final = 3
"""Different letters, of a text by rule 1. A column of `M` and `V` is none."""
_REACH: Final = 2.5
"""From the middle of a letter to that of the next, a space between them included, in sizes of a letter."""
_WORD_STEP: Final = 1.5
"""How much longer than usual the way from one piece to the next is, between words."""
_SPELLED: Final = 4
"""Different letters that lie about together, from which they may be a name."""
_BESIDE: Final = 3
"""Sizes of a letter, within which letters lie beside each other."""


def joined_up(pieces: Sequence[Line]) -> list[tuple[Line, list[Line]]]:
    """Rule 1: give each text, and the pieces that it is made of."""
    chains: list[list[Line]] = []
    for piece in pieces:
        if chains and _goes_on(chains[-1], piece):
            chains[-1].append(piece)
        else:
            chains.append([piece])
    longer = [chain for chain in chains if len(chain) > 1 and len(_letters(chain)) >= _FEWEST]
    return [(line, chain) for chain in longer if (line := _one_line(chain)) is not None]


def scattered(pieces: Sequence[Line], known: Iterable[Line]) -> list[Box]:
    """Rule 2: give the boxes of letters that lie about; `known` pieces are part of a text by rule 1."""
    placed = {box for piece in known for box in piece.boxes}
    loose = [line for line in rows_of(pieces) if len(_drawn(line)) <= _LOOSE and _letters([line])]
    reach = _BESIDE * max((_size(line.around) for line in loose), default=1.0)
    fields: dict[tuple[int, int], list[Line]] = {}
    for line in loose:
        x, y = _middle(line.around)
        fields.setdefault((int(x // reach), int(y // reach)), []).append(line)
    found = []
    for (column, row), lines in fields.items():
        around = [(column + aside, row + down) for aside in (-1, 0, 1) for down in (-1, 0, 1)]
        beside = [line for place in around for line in fields.get(place, ())]
        # A text of which letters beside it are no part may well have been put together wrongly.
        if len(_letters(beside)) >= _SPELLED and not placed.issuperset(box for line in beside for box in line.boxes):
            found += [box for line in lines for _, box in _drawn(line)]
    return found


def _goes_on(chain: Sequence[Line], piece: Line) -> bool:
    last = chain[-1]
    most = _TURNED_PIECE if last.turned or piece.turned else _PIECE
    if max(len(_drawn(last)), len(_drawn(piece))) > most:
        return False
    before, box = _drawn(last)[-1][1], _drawn(piece)[0][1]
    step = _step(before, box)
    if not 0 < hypot(*step) <= _REACH * max(_size(before), _size(box)):
        return False
    earlier = [each for line in chain[-2:] for _, each in _drawn(line)][-2:]
    way = _step(*earlier) if len(earlier) > 1 else step
    return way[0] * step[0] + way[1] * step[1] > 0


def _one_line(chain: Sequence[Line]) -> Line | None:
    """Read pieces as one, with spaces where the distance says so; those within a piece may be guessed."""
    letters = [(letter, box, not at) for line in chain for at, (letter, box) in enumerate(_drawn(line))]
    steps = [hypot(*_step(one, other)) for (_, one, _), (_, other, _) in pairwise(letters)]
    usual = _median(steps)
    between = _median([step for step, (_, _, begins) in zip(steps, letters[1:], strict=True) if begins])
    text, boxes = letters[0][0], list[Box | None]([letters[0][1]])
    for (letter, box, begins), step in zip(letters[1:], steps, strict=True):
        if step > _WORD_STEP * (max(usual, between) if begins else usual):
            text, boxes = text + " ", [*boxes, None]
        text, boxes = text + letter, [*boxes, box]
    return line_of(text, boxes, turned=True)


def _median(steps: Sequence[float]) -> float:
    return sorted(steps)[len(steps) // 2]


def _drawn(line: Line) -> list[tuple[str, Box]]:
    return [(letter, box) for letter, box in zip(line.text, line.boxes, strict=True) if box is not None]


def _letters(lines: Iterable[Line]) -> set[str]:
    return {letter.casefold() for line in lines for letter in line.text if letter.isalnum()}


def _step(one: Box, other: Box) -> tuple[float, float]:
    (x1, y1), (x2, y2) = _middle(one), _middle(other)
    return x2 - x1, y2 - y1


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _size(box: Box) -> float:
    return max(box[2] - box[0], box[3] - box[1], 1.0)
