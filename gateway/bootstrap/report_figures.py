"""What the report for the security team shows of a period: counted from the ledger, never from content.

Rules, in order:
1. What went is a recipient of a package to whom it went, or may have: once, whatever was tried, on the first day. How
   many of those are in doubt is told beside it. `sluis audit stats` and `who-received` count the same (`parcels`).
2. Of whom it was about nothing is shown here, not even a pseudonym: that question is asked for one person at a time.
3. Days are those of the log, UTC.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.audit.disclosures import Fate
from gateway.audit.events import EventAction
from gateway.audit.ledger import Ledger
from gateway.audit.ledger_questions import Filter
from gateway.audit.ledger_rows import microseconds, moment
from gateway.audit.parcels import categories_of, largest_first, parcels_of

_MOST_BARS: Final = 62
_WEEK: Final = 7
_MOST_CHANGES: Final = 500
_STOPPED: Final = """
    SELECT at, action FROM event
    WHERE action IN (:held, :refused) AND at >= :since AND at < :until
"""
_RULES: Final = """
    SELECT code, count(DISTINCT event.package) FROM event JOIN event_code USING (line)
    WHERE action IN (:held, :refused) AND kind IN ('rule', 'error') AND at >= :since AND at < :until
    GROUP BY code
"""
_REVIEWS: Final = """
    SELECT at, seq, package, person, deputy_for, review_verdict, review_reason FROM event
    WHERE action = :reviewed AND at >= :since AND at < :until ORDER BY line DESC
"""
_FAILED: Final = """
    SELECT code, count(*) FROM event JOIN event_code USING (line)
    WHERE action IN (:failed, :rejected, :uncertain) AND kind = 'error' AND at >= :since AND at < :until
    GROUP BY code
"""
_CHANGES: Final = """
    SELECT at, seq, action, person, proposer, recipient FROM event
    WHERE action IN ({}) AND at >= :since AND at < :until ORDER BY line DESC LIMIT :most
"""
_CHANGING: Final = (
    EventAction.POLICY_LOADED,
    EventAction.POLICY_APPROVED,
    EventAction.KEY_TRUSTED,
    EventAction.KEY_RENEWED,
    EventAction.KEY_RETIRED,
    EventAction.SIGNING_KEY_ROTATED,
    EventAction.PSEUDONYM_KEY_ROTATED,
    EventAction.AUDIT_LOG_RECOVERED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The first and the last day that a report is about."""

    first: dt.date
    last: dt.date

    @property
    def since(self) -> dt.datetime:
        """When it begins."""
        return dt.datetime.combine(self.first, dt.time(), dt.UTC)

    @property
    def until(self) -> dt.datetime:
        """When it is over."""
        return dt.datetime.combine(self.last + dt.timedelta(days=1), dt.time(), dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of the timeline: a day, or the days from `first` on; how much went, was held and was refused in it."""

    first: dt.date
    last: dt.date
    went: int = 0
    held: int = 0
    refused: int = 0

    @property
    def total(self) -> int:
        """How tall it is."""
        return self.went + self.held + self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """What went to one recipient, and in how many of those each category of data was."""

    recipient: str
    count: int
    categories: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """One decision of a second person on a hold; `number` is that of its line."""

    at: dt.datetime
    number: int
    package: str
    person: str
    deputy_for: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One change of rules or keys, or of the log itself; `number` is that of its line."""

    at: dt.datetime
    number: int
    action: str
    person: str
    proposer: str
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that the report shows but for the state of the log itself; counts are largest first.

    `in_doubt` counts those of what went of which nobody knows whether they arrived.
    """

    timeline: tuple[Bar, ...]
    in_doubt: int
    volumes: tuple[Volume, ...]
    categories: tuple[tuple[str, int], ...]
    rules: tuple[tuple[str, int], ...]
    failures: tuple[tuple[str, int], ...]
    reviews: tuple[Reviewed, ...]
    changes: tuple[Changed, ...]

    @property
    def went(self) -> int:
        """How many recipients got a package."""
        return sum(each.went for each in self.timeline)

    @property
    def tallest(self) -> int:
        """How tall the tallest bar is."""
        return max((each.total for each in self.timeline), default=0)

    @property
    def held(self) -> int:
        """How often a package was held."""
        return sum(each.held for each in self.timeline)

    @property
    def refused(self) -> int:
        """How many packages were refused."""
        return sum(each.refused for each in self.timeline)


def figures_of(ledger: Ledger, period: Period) -> Figures:
    """Count a period. Raises SluisError `audit-unavailable`."""
    asked = {"since": microseconds(period.since), "until": microseconds(period.until), **_actions()}
    last = period.until - dt.timedelta(microseconds=1)
    went = parcels_of(ledger.each_row, Filter(since=period.since, until=last))
    days = {"went": Counter(each.at.date() for each in went), "held": Counter[dt.date](), "refused": Counter[dt.date]()}
    for at, action in ledger.rows(_STOPPED, asked):
        days["held" if action == EventAction.PACKAGE_HELD else "refused"][moment(at).date()] += 1
    categories: dict[str, Counter[str]] = defaultdict(Counter)
    for parcel, category in categories_of(ledger.each_row, went):
        categories[parcel.recipient][category] += 1
    volumes = (
        Volume(recipient=recipient, count=count, categories=categories[recipient])
        for recipient, count in largest_first(Counter(each.recipient for each in went))
    )
    totals: Counter[str] = Counter()
    for each in categories.values():
        totals.update(each)
    return Figures(
        timeline=_timeline(period, days),
        in_doubt=sum(each.fate is Fate.UNCERTAIN for each in went),
        volumes=tuple(volumes),
        categories=tuple(largest_first(totals)),
        rules=tuple(largest_first(dict(map(tuple, ledger.rows(_RULES, asked))))),
        failures=tuple(largest_first(dict(map(tuple, ledger.rows(_FAILED, asked))))),
        reviews=_reviews(ledger, asked),
        changes=_changes(ledger, asked),
    )


def _actions() -> dict[str, str]:
    return {
        "held": EventAction.PACKAGE_HELD,
        "refused": EventAction.PACKAGE_REFUSED,
        "reviewed": EventAction.PACKAGE_REVIEWED,
        "failed": EventAction.PACKAGE_RELEASE_FAILED,
        "uncertain": EventAction.PACKAGE_RELEASE_UNCERTAIN,
        "rejected": EventAction.PACKAGE_REJECTED,
    }


def _timeline(period: Period, days: Mapping[str, Counter[dt.date]]) -> tuple[Bar, ...]:
    """Cut the period into so many bars that each can be seen: days, else whole numbers of weeks."""
    length = (period.last - period.first).days + 1
    step = 1 if length <= _MOST_BARS else _WEEK * -(-length // (_WEEK * _MOST_BARS))
    bars = []
    for start in range(0, length, step):
        first = period.first + dt.timedelta(days=start)
        last = min(period.last, first + dt.timedelta(days=step - 1))
        inside = [first + dt.timedelta(days=each) for each in range((last - first).days + 1)]
        counts = {name: sum(counted[day] for day in inside) for name, counted in days.items()}
        bars.append(Bar(first=first, last=last, **counts))
    return tuple(bars)


def _reviews(ledger: Ledger, asked: Mapping[str, object]) -> tuple[Reviewed, ...]:
    return tuple(
        Reviewed(
            at=moment(row["at"]),
            number=row["seq"],
            package=row["package"] or "",
            person=row["person"] or "",
            deputy_for=row["deputy_for"] or "",
            verdict=row["review_verdict"] or "",
            reason=row["review_reason"] or "",
        )
        for row in ledger.rows(_REVIEWS, asked)
    )


def _changes(ledger: Ledger, asked: Mapping[str, object]) -> tuple[Changed, ...]:
    names = {f"change{number}": action.value for number, action in enumerate(_CHANGING)}
    query = _CHANGES.format(", ".join(f":{name}" for name in names))
    return tuple(
        Changed(
            at=moment(row["at"]),
            number=row["seq"],
            action=row["action"],
            person=row["person"] or "",
            proposer=row["proposer"] or "",
            recipient=row["recipient"] or "",
        )
        for row in ledger.rows(query, {**asked, **names, "most": _MOST_CHANGES})
    )
