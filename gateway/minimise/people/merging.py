"""Puts spans together: what overlaps becomes one finding, and which span holds a spot."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gateway.minimise.people.findings import Finding, Kind, Whose
from gateway.minimise.people.spots import Spot

_STRICTER: Final = {Whose.SUBJECT: 0, Whose.OFFICIAL: 1, Whose.THIRD_PARTY: 2}


def around(spot: Spot, spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Give the span that holds a spot, of spans in order."""
    at = bisect_right(spans, spot.start, key=lambda span: span[0])
    return spans[at - 1] if at and spot.start < spans[at - 1][1] else None


def merged(found: Sequence[Finding]) -> list[Finding]:
    """Make one finding of those that overlap: the whole span, and the stricter reading."""
    apart: list[Finding] = []
    for each in sorted(found, key=lambda one: (one.start, one.end)):
        if not apart or each.start >= apart[-1].end:
            apart.append(each)
            continue
        last = apart[-1]
        stricter = max((last, each), key=_strictness)
        # What a recipient does not get is no reason to call what lies under it certain: the decision saw that doubt.
        sure = all if stricter.kind is Kind.WITHHELD else any
        certain = sure((last.certain, each.certain))
        apart[-1] = replace(stricter, start=last.start, end=max(last.end, each.end), certain=certain)
    return apart


def _strictness(found: Finding) -> tuple[bool, int, bool, int]:
    return found.kind is Kind.WITHHELD, _STRICTER[found.whose], found.certain, found.end - found.start
