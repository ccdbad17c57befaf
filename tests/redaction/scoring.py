"""Scores what was found against the labels: who must go, who must stay, and what was taken needlessly."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Finding, Known, Whose
from gateway.minimise.people.lists import Lists
from tests.redaction.corpus import Item, Label

_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(slots=True)
class Score:
    """Counts; a rate is what was right of what there was."""

    right: Counter[str] = field(default_factory=Counter)
    all: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def count(self, what: str, *, right: bool) -> None:
        """Count one more, right or wrong."""
        self.all[what] += 1
        self.right[what] += right

    def rate(self, what: str) -> float:
        """Give the rate of what was counted; 1 when there was nothing."""
        return self.right[what] / self.all[what] if self.all[what] else 1.0

    def rates(self) -> dict[str, float]:
        """Give all rates, to three decimals."""
        return {what: round(self.rate(what), 3) for what in sorted(self.all)}


def score(items: Sequence[Item], lists: Lists) -> Score:
    """Search every text by itself, with nothing known but the subject's name, and score it."""
    total = Score()
    for item in items:
        (found,) = find_people([item.text], known=Known(names=(item.subject,)), lists=lists)
        _count(item, [each for each in found if each.whose is not Whose.SUBJECT], total)
    return total


def _count(item: Item, taken: Sequence[Finding], total: Score) -> None:
    gone = [any(each.start <= at < each.end for each in taken) for at in range(len(item.text))]
    for label in item.labels:
        _count_label(item, label, gone, total)
    may_go = [label for label in item.labels if label.role in {"third_party", "official"}]
    for each in taken:
        right = any(each.start < label.end and label.start < each.end for label in may_go)
        total.count("precision", right=right)
        if not right:
            total.faults.append(f"taken {item.text[each.start : each.end]!r} ({each.kind}) in {item.text!r}")
    labelled = [label for label in item.labels if label.role != "decoy"]
    for word in _WORD.finditer(item.text):
        if not any(word.start() < label.end and label.start < word.end() for label in labelled):
            total.count("ordinary words kept", right=not any(gone[word.start() : word.end()]))


def _count_label(item: Item, label: Label, gone: Sequence[bool], total: Score) -> None:
    letters = [at for at in range(label.start, label.end) if item.text[at].isalnum()]
    text = item.text[label.start : label.end]
    if label.role == "third_party":
        right = all(gone[at] for at in letters)
        origin = [f"names {label.origin}"] if label.origin else []
        style = [f"texts {item.style}"] if item.style else []
        for what in ("recall", f"recall of {label.kind}", *origin, *style):
            total.count(what, right=right)
    elif label.role in {"subject", "decoy"}:
        right = not any(gone[at] for at in letters)
        total.count("subject kept" if label.role == "subject" else "decoys kept", right=right)
    else:
        return
    if not right:
        total.faults.append(
            f"{label.role} {text!r} ({label.kind} {label.origin}) in {item.text!r}, subject {item.subject!r}"
        )
