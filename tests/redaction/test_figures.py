"""The search for people finds as much as it did, and keeps as much, for names of every origin."""

import json

from gateway.minimise.word_lists import read_lists
from tests.redaction.__main__ import FIGURES, PARTS, texts_of
from tests.redaction.scoring import score

_FALL = 0.02
_FEW = 20
"""A rate of fewer is moved by one text more than by a rule."""


def test_no_figure_falls_more_than_two_points_below_what_was_reached() -> None:
    reached = json.loads(FIGURES.read_text("utf-8"))
    lists = read_lists()

    assert {*PARTS} == {*reached}
    fallen: dict[str, tuple[float, float]] = {}
    for part, rates in reached.items():
        now = score(texts_of(part), lists)
        assert set(rates) == set(now.all)
        fallen |= {
            f"{part}: {what}": (rate, now.rate(what))
            for what, rate in rates.items()
            if now.rate(what) < rate - _FALL and now.all[what] >= _FEW
        }

    assert {} == fallen
