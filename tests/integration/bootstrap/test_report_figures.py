"""The figures of the report for the security team, counted from the lines of a log."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.events import Event, EventAction
from gateway.audit.ledger import Ledger
from gateway.audit.records import record_of
from gateway.bootstrap.report_figures import Figures, Period, figures_of
from gateway.package.ids import PackageId, PersonId, RecipientId

FIRST = dt.date(2026, 11, 1)
NOVEMBER = Period(first=FIRST, last=dt.date(2026, 11, 30))
PACKAGES = [PackageId(f"0198f0de-7e21-7c3a-9d52-{number:012}") for number in range(3)]
RECIPIENTS = [RecipientId("gemeente"), RecipientId("nidos")]
Told = tuple[dt.datetime, Event]


def at(day: int, hour: int = 12) -> dt.datetime:
    return dt.datetime(2026, 11, 1, hour, tzinfo=dt.UTC) + dt.timedelta(days=day - 1)


def of(action: EventAction, package: int, recipient: int = 0, **more: Any) -> Event:
    return Event(action=action, package=PACKAGES[package], recipient=RECIPIENTS[recipient], **more)


def decided(package: int, *categories: str) -> Event:
    return of(EventAction.PACKAGE_POLICY_EVALUATED, package, categories=categories)


def counted(root: Path, told: Iterable[Told], period: Period = NOVEMBER) -> Figures:
    folder = root / "audit" / "log"
    folder.mkdir(parents=True)
    lines = (
        record_of(
            event,
            sequence=sequence,
            at=moment,
            event_id=f"00000000-0000-4000-8000-{sequence:012}",
            salt=sequence.to_bytes(16, "big"),
            version="0.1.0",
            host="gateway-1",
            node="node-1",
        )
        for sequence, (moment, event) in enumerate(told)
    )
    (folder / "2026-11-01.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    with Ledger(folder) as ledger:
        return figures_of(ledger, period)


@given(
    released=st.lists(
        st.tuples(st.integers(1, 30), st.integers(0, 2), st.integers(0, 1)).map(
            lambda each: (at(each[0]), of(EventAction.PACKAGE_RELEASED, each[1], each[2]))
        )
    )
)
def test_a_recipient_of_a_package_counts_once_whatever_was_tried(
    released: list[Told], tmp_path_factory: pytest.TempPathFactory
) -> None:
    figures = counted(tmp_path_factory.mktemp("log"), sorted(released, key=lambda each: each[0]))
    went = {(event.package, event.recipient) for _, event in released}
    assert len(went) == figures.went
    assert len(went) == sum(each.count for each in figures.volumes)
    assert sorted(each.count for each in figures.volumes)[::-1] == [each.count for each in figures.volumes]


def test_the_categories_are_those_of_the_last_decision_before_it_went(tmp_path: Path) -> None:
    figures = counted(
        tmp_path,
        [
            (at(1), decided(0, "ordinary", "special")),
            (at(2), decided(0, "ordinary", "criminal")),
            (at(3), of(EventAction.PACKAGE_RELEASED, 0)),
            (at(4), decided(0, "internal")),
        ],
    )
    assert (("criminal", 1), ("ordinary", 1)) == figures.categories
    assert {"criminal": 1, "ordinary": 1} == figures.volumes[0].categories


def test_what_may_have_gone_is_counted_on_its_first_day_and_told_to_be_in_doubt(tmp_path: Path) -> None:
    doubt: dict[str, Any] = {"outcome": "failure", "codes": ("mail-outcome-unknown",)}
    figures = counted(
        tmp_path,
        [
            (at(1), of(EventAction.PACKAGE_RELEASE_UNCERTAIN, 0, **doubt)),
            (at(2), of(EventAction.PACKAGE_RELEASE_FAILED, 1, **doubt)),
            (at(3), of(EventAction.PACKAGE_RELEASE_STARTED, 2)),
            (at(4), of(EventAction.PACKAGE_RELEASED, 0, 1)),
            (at(5), of(EventAction.PACKAGE_RELEASE_STARTED, 0)),
            (at(6), of(EventAction.PACKAGE_RELEASED, 0)),
        ],
    )
    assert (4, 2) == (figures.went, figures.in_doubt)
    assert [1, 2, 3, 4] == [bar.first.day for bar in figures.timeline if bar.went]


def test_what_lies_outside_the_period_is_not_counted_and_its_first_and_last_moment_are(tmp_path: Path) -> None:
    day = Period(first=dt.date(2026, 11, 2), last=dt.date(2026, 11, 2))
    begin = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
    moments = [begin - dt.timedelta(microseconds=1), begin, begin + dt.timedelta(days=1, microseconds=-1)]
    moments.append(begin + dt.timedelta(days=1))
    told = [(moment, of(EventAction.PACKAGE_HELD, 0, outcome="failure")) for moment in moments]
    assert 2 == counted(tmp_path, told, day).held


def test_a_refusal_a_hold_and_a_failure_are_told_apart_with_what_caused_them(tmp_path: Path) -> None:
    figures = counted(
        tmp_path,
        [
            (at(1), of(EventAction.PACKAGE_HELD, 0, outcome="failure", codes=("special.second-person",))),
            (at(1), of(EventAction.PACKAGE_HELD, 1, outcome="failure", codes=("special.second-person", "disk-full"))),
            (at(2), of(EventAction.PACKAGE_REFUSED, 2, outcome="failure", codes=("review.refused",))),
            (at(2), of(EventAction.PACKAGE_RELEASE_FAILED, 0, outcome="failure", codes=("mail-refused",))),
        ],
    )
    assert (0, 2, 1) == (figures.went, figures.held, figures.refused)
    assert (("special.second-person", 2), ("disk-full", 1), ("review.refused", 1)) == figures.rules
    assert (("mail-refused", 1),) == figures.failures


def test_who_decided_and_for_whom_is_told_latest_first(tmp_path: Path) -> None:
    review: dict[str, Any] = {
        "person": PersonId("privacy-2"),
        "review_verdict": "release",
        "review_reason": "necessity-proven",
    }
    figures = counted(
        tmp_path,
        [
            (at(1), of(EventAction.PACKAGE_REVIEWED, 0, **review)),
            (at(2), of(EventAction.PACKAGE_REVIEWED, 1, **review, deputy_for=PersonId("privacy-1"))),
        ],
    )
    assert [(1, "privacy-2", "privacy-1", "release"), (0, "privacy-2", "", "release")] == [
        (each.number, each.person, each.deputy_for, each.verdict) for each in figures.reviews
    ]


@given(length=st.integers(1, 3000))
def test_the_bars_of_the_timeline_cover_each_day_once_and_are_few_enough_to_be_seen(
    length: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    period = Period(first=FIRST, last=FIRST + dt.timedelta(days=length - 1))
    bars = counted(tmp_path_factory.mktemp("log"), [], period).timeline
    days = [each.first + dt.timedelta(days=day) for each in bars for day in range((each.last - each.first).days + 1)]
    assert [FIRST + dt.timedelta(days=day) for day in range(length)] == days
    assert len(bars) <= 62
