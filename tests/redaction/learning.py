"""Learns what the signs around dates of birth and towns of homes weigh: `python -m tests.redaction.learning`.

A logistic regression on the open documents and sentences, by plain gradient steps from nothing, so that the same texts
give the same list on every machine. What is held out is not looked at.
"""

import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known
from gateway.minimise.people.lists import Lists
from gateway.minimise.people.normalising import normalise
from gateway.minimise.people.weighing import Signs, signs_of
from gateway.minimise.people.weights import Weights
from gateway.minimise.people.words import Vocabulary
from gateway.minimise.word_lists import OF_BIRTHS, OF_HOMES, read_lists
from tests.redaction.corpus import Item, Label, documents, items

_PARTS: Final = ("open", "open_2")
_SENTENCES: Final = 20
_LEAST_TEXTS: Final = 3
"""A sign of fewer texts says more about them than about the language."""
_ROUNDS: Final = 400
_STEP: Final = 0.5
_SHRINK: Final = 3.0
_LEAST_WEIGHT: Final = 0.05


@dataclass(frozen=True, slots=True)
class Example:
    """The signs around one spot, and whether it is what is looked for."""

    signs: frozenset[str]
    right: bool


def main() -> None:
    """Learn both lists and write them."""
    lists = replace(read_lists(), of_births=Weights(), of_homes=Weights())
    births: list[list[Example]] = []
    homes: list[list[Example]] = []
    for item in (*(each for part in _PARTS for each in documents(part)), *items("open", names=_SENTENCES)):
        signs, outside = _signs_in(item, lists)
        births.append([*_births(item, signs, outside)])
        homes.append([*_homes(item, signs, outside)])
    for path, texts, head in ((OF_BIRTHS, births, "a date of birth"), (OF_HOMES, homes, "the town of a home")):
        _write(path, learnt(texts), head)
        count = sum(len(text) for text in texts)
        sys.stdout.write(f"{path.name}: {count} examples, {sum(each.right for text in texts for each in text)} right\n")


def learnt(texts: Sequence[Sequence[Example]]) -> Weights:
    """Give the weights of the signs that stand in enough texts."""
    support = Counter(sign for text in texts for sign in {sign for each in text for sign in each.signs})
    kept = {sign for sign, count in support.items() if count >= _LEAST_TEXTS}
    examples = [(sorted(each.signs & kept), each.right) for text in texts for each in text]
    of = dict.fromkeys(sorted(kept), 0.0)
    squares = dict.fromkeys(of, 1e-6)
    bias, bias_square = 0.0, 1e-6
    for _ in range(_ROUNDS):
        slopes = {sign: _SHRINK * weight for sign, weight in of.items()}
        bias_slope = 0.0
        for signs, right in examples:
            odds = bias + sum(of[sign] for sign in signs)
            wrong = 1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))) - right
            bias_slope += wrong
            for sign in signs:
                slopes[sign] += wrong
        bias_square += bias_slope**2
        bias -= _STEP * bias_slope / math.sqrt(bias_square)
        for sign, slope in slopes.items():
            squares[sign] += slope**2
            of[sign] -= _STEP * slope / math.sqrt(squares[sign])
    return Weights(bias, {sign: weight for sign, weight in of.items() if abs(weight) >= _LEAST_WEIGHT})


def _write(path: Path, weights: Weights, what: str) -> None:
    lines = [f"# What the signs around {what} weigh; made by `python -m tests.redaction.learning`."]
    lines += (f"{weight:.2f}\t{sign}" for sign, weight in (("", weights.bias), *sorted(weights.of.items())))
    path.write_text("\n".join(lines) + "\n", "utf-8")


_Outside = Sequence[int]


def _signs_in(item: Item, lists: Lists) -> tuple[Signs, _Outside]:
    """Find the signs of a text, and for each place of its normal form the place outside."""
    (found,) = find_people([item.text], known=Known(names=(item.subject,)), lists=lists)
    normal = normalise(item.text)
    inside = []
    for each in found:
        start, end = normal.inside(each.start, each.end)
        inside.append(replace(each, start=start, end=end))
    return signs_of(normal.text, inside, Vocabulary(lists)), normal.starts


def _births(item: Item, signs: Signs, outside: _Outside) -> Iterator[Example]:
    for spot, around in signs.dates():
        labels = _labels_at(item, outside[spot.start], outside[spot.end - 1])
        if any(label.role == "official" for label in labels):
            continue
        yield Example(frozenset(around), any(label.kind == "GEBOORTEDATUM" for label in labels))


def _homes(item: Item, signs: Signs, outside: _Outside) -> Iterator[Example]:
    for spot, around in signs.towns():
        labels = _labels_at(item, outside[spot.start], outside[spot.end - 1])
        right = any(label.role == "third_party" and label.kind == "PLAATS" for label in labels)
        if right or not any(label.role in {"third_party", "official"} for label in labels):
            yield Example(frozenset(around), right)


def _labels_at(item: Item, first: int, last: int) -> list[Label]:
    return [label for label in item.labels if label.start <= last and first < label.end]


if __name__ == "__main__":
    main()
