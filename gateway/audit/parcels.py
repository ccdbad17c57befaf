"""Which parcels left, out of the tables of the ledger: what `disclosures` tells of lines, for many at once. Pure.

Rules, in order:
1. A parcel counts when it is a disclosure (`disclosures`), certain or in doubt: once, when it first left or may have.
2. What a decision says (colleague, rules, category, code) is asked of the decision by which it left. A code and the
   name of an event are asked of the events that say that it left: a doubt has a code that no decision has.
3. The work grows with the parcels and the lines of the code that is asked for: none is looked for among all others.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

import orjson

from gateway.audit.disclosures import Course, Fate
from gateway.audit.events import EventAction
from gateway.audit.ledger_questions import Filter, Query, courses
from gateway.audit.ledger_rows import moment

Rows = Callable[[str, Mapping[str, Any]], Iterable[Any]]
"""Asks the tables, and gives rows one after another."""

_DECIDED: Final = EventAction.PACKAGE_POLICY_EVALUATED.value
CATEGORIES: Final = """
    SELECT event_category.line, category FROM json_each(:lines) AS asked
    JOIN event_category ON event_category.line = asked.value
"""
"""Asks for the categories that stand on these lines, a list in JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one recipient got of one package, or may have got; `decided` is the line of the decision, if any."""

    package: str
    recipient: str
    channel: str
    at: dt.datetime
    fate: Fate
    decided: int | None


def parcels_of(rows: Rows, wanted: Filter) -> list[Parcel]:
    """Give the parcels that fit. Raises what `rows` does; TypeError, OverflowError for values that no line becomes."""
    fits = _fitting(rows, wanted)
    found = []
    for (package, recipient), events in groupby(rows(*courses(wanted)), key=_parcel):
        course = Course[Any]()
        for event in events:
            course.take(_text(event["action"]), event["reason"], event["channel"], event)
        course.end()
        left = course.left
        if course.fate is not None and left is not None and fits(left, course):
            found.append(
                Parcel(
                    package=package,
                    recipient=recipient,
                    channel=_text(left["channel"] or ""),
                    at=moment(left["at"]),
                    fate=course.fate,
                    decided=None if course.decided is None else course.decided["line"],
                )
            )
    return found


def categories_of(rows: Rows, parcels: Iterable[Parcel]) -> Iterator[tuple[Parcel, str]]:
    """Give each parcel with each category of data that the decision let go."""
    by_line = {each.decided: each for each in parcels if each.decided is not None}
    for row in rows(CATEGORIES, {"lines": orjson.dumps([*by_line]).decode()}):
        yield by_line[row["line"]], _text(row["category"])


def largest_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Order counts: largest first, and those alike by name."""
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def counts_of(rows: Rows, wanted: Filter) -> dict[str, list[tuple[str, int]]]:
    """Count the parcels that fit by what they have in common. Raises as `parcels_of` does."""
    found = parcels_of(rows, wanted)
    return {
        "recipients": largest_first(Counter(each.recipient for each in found)),
        "categories": largest_first(Counter(category for _, category in categories_of(rows, found))),
        "channels": largest_first(Counter(each.channel for each in found)),
        "months": sorted(Counter(each.at.strftime("%Y-%m") for each in found).items()),
        "states": largest_first(Counter(each.fate.value for each in found)),
    }


def _fitting(rows: Rows, wanted: Filter) -> Callable[[Any, Course[Any]], bool]:
    """Give what tells whether a parcel fits, by its first moment, its decision and the events by which it left."""
    decision = replace(wanted, recipient=None, package=None, action=_DECIDED, since=None, until=None, code=None)
    decided = _lines(rows, decision) if decision != Filter(action=_DECIDED) else None
    coded = _lines(rows, Filter(code=wanted.code)) if wanted.code is not None else None

    def fits(left: Any, course: Course[Any]) -> bool:
        line = None if course.decided is None else course.decided["line"]
        at = moment(left["at"])
        return (
            (wanted.since is None or at >= wanted.since)
            and (wanted.until is None or at <= wanted.until)
            and (decided is None or line in decided)
            and (coded is None or line in coded or any(each["line"] in coded for each in course.leaving))
            and (wanted.action is None or any(each["action"] == wanted.action for each in course.leaving))
        )

    return fits


def _lines(rows: Rows, wanted: Filter) -> frozenset[int]:
    where = wanted.conditions()
    query = Query(f"SELECT line FROM event WHERE {where.text}", where.values)  # noqa: S608 - our own parts
    return frozenset(row["line"] for row in rows(*query))


def _parcel(row: Any) -> tuple[str, str]:
    return _text(row["package"]), _text(row["recipient"])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text expected")
    return value
