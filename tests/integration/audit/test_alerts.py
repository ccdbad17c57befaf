"""Each alert is raised by its cause, and not by the same log without it."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.audit.alert_rules import RULES, STANDING, AlertId
from gateway.audit.alerting import find_alerts, unsigned_since
from gateway.audit.events import EventAction
from gateway.audit.ledger import Ledger
from gateway.bootstrap.alert_reading import raised_alerts
from gateway.package.errors import Code
from tests.integration.audit.made_logs import (
    LIMITS,
    MONDAY,
    Said,
    alerts_of,
    event_id,
    package,
    raised_by,
    said,
    write_log,
)

_RECEIVED, _HELD, _REVIEWED = (
    EventAction.PACKAGE_RECEIVED,
    EventAction.PACKAGE_HELD,
    EventAction.PACKAGE_REVIEWED,
)
_MINUTE, _DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
SUNDAY_NIGHT = dt.datetime(2026, 11, 1, 22, 30, tzinfo=dt.UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "log"


def allowed(person: str, recipient: str, *, fields: int = 5, at: dt.datetime = MONDAY, number: int = 0) -> Said:
    return said(
        EventAction.PACKAGE_POLICY_EVALUATED,
        at,
        number=number,
        person=person,
        recipient=recipient,
        verdicts=(("release", fields),),
    )


def started(recipient: str, *, at: dt.datetime = MONDAY, number: int = 0) -> Said:
    return said(
        EventAction.PACKAGE_RELEASE_STARTED, at, number=number, recipient=recipient, channel="file-drop", attempt=1
    )


def received(number: int, *, person: str = "jansen", at: dt.datetime = MONDAY) -> Said:
    return said(_RECEIVED, at, number=number, person=person, source="api")


def held(number: int, *, at: dt.datetime = MONDAY) -> Said:
    return said(_HELD, at, number=number, outcome="failure", codes=("ngo.first",))


def released(number: int, *, by: str, at: dt.datetime = MONDAY) -> Said:
    return said(_REVIEWED, at, number=number, person=by, review_verdict="release", review_reason="consent-seen")


def guessed(total: int, *, number: int = 0, at: dt.datetime = MONDAY) -> Said:
    """Tell how many wrong codes a parcel has had by then."""
    return said(
        EventAction.PICKUP_CODE_WRONG, at, recipient="hulp", package=package(number), counts=(("wrong_codes", total),)
    )


def loaded(digest: str) -> Said:
    return said(EventAction.POLICY_LOADED, policy_digest=digest * 64)


def work(action: EventAction, at: dt.datetime, person: str = "jansen") -> Said:
    return said(action, at, person=person)


def approved(by: str, proposer: str, at: dt.datetime = MONDAY) -> Said:
    return said(EventAction.POLICY_APPROVED, at, person=by, proposer=proposer)


def days(count: int, *, each: int) -> list[Said]:
    """So many packages a day to one recipient, on the days before Monday."""
    return [
        started("hulp", at=MONDAY - day * _DAY, number=day * 1000 + number)
        for day in range(count, 0, -1)
        for number in range(each)
    ]


def hour(*, came: int, stay: int) -> list[Said]:
    return [*(received(number, person=f"p{number}") for number in range(came)), *(held(each) for each in range(stay))]


CAUSES: dict[AlertId, tuple[list[Said], list[Said]]] = {
    AlertId.FIRST_RECIPIENT: ([allowed("jansen", "hulp")], [started("hulp")]),
    AlertId.FIRST_BY_PERSON: (
        [allowed("jansen", "hulp"), allowed("jansen", "hulp", number=1)],
        [allowed("bakker", "hulp", number=2)],
    ),
    AlertId.RECIPIENT_VOLUME: ([started("hulp", number=each) for each in range(20)], [started("hulp", number=20)]),
    AlertId.FIELDS_JUMP: (
        [allowed("jansen", "hulp", fields=8, number=each) for each in range(5)],
        [allowed("jansen", "hulp", fields=25, number=9)],
    ),
    AlertId.HELD_RATIO: (hour(came=10, stay=5), [held(5)]),
    AlertId.HOLDS_BY_PERSON: (
        [each for number in range(5) for each in (received(number), held(number))],
        [received(5), held(5)],
    ),
    AlertId.WRONG_CODES: ([guessed(2, number=each) for each in range(5)], [guessed(1, number=9)]),
    AlertId.HOLD_RELEASED: (
        [received(0), said(_REVIEWED, number=0, person="bakker", review_verdict="refuse", review_reason="no-ground")],
        [released(0, by="bakker")],
    ),
    AlertId.SAME_PAIR: (
        [each for number in range(10) for each in (received(number), released(number, by="bakker"))],
        [approved("jansen", "bakker")],
    ),
    AlertId.OUT_OF_HOURS: ([work(_RECEIVED, MONDAY)], [work(_RECEIVED, MONDAY + dt.timedelta(hours=9))]),
    AlertId.KEY_CHANGED: (
        [work(EventAction.KEY_PROPOSED, MONDAY)],
        [said(EventAction.KEY_TRUSTED, recipient="hulp", person="bakker", proposer="jansen")],
    ),
    AlertId.RULES_CHANGED: ([loaded("a"), loaded("a")], [loaded("b")]),
    AlertId.LOG_RECOVERED: (
        [said(EventAction.SERVICE_STARTED)],
        [said(EventAction.AUDIT_LOG_RECOVERED, counts=(("bytes_cut", 12),))],
    ),
    AlertId.CLOCK_STEP: (
        [said(EventAction.SERVICE_STARTED), said(EventAction.SERVICE_STOPPED, MONDAY + _MINUTE)],
        [said(EventAction.SERVICE_STARTED, MONDAY)],
    ),
}


def test_there_is_a_cause_for_every_alert_that_the_log_tells() -> None:
    assert set(AlertId) - STANDING == set(CAUSES)
    assert set(AlertId) == set(RULES)


@pytest.mark.parametrize("rule", CAUSES)
def test_an_alert_is_raised_by_its_cause_and_not_without_it(folder: Path, rule: AlertId) -> None:
    calm, cause = CAUSES[rule]

    assert [] == raised_by(folder, rule, calm)
    assert [len(calm) + len(cause) - 1] == raised_by(folder, rule, [*calm, *cause])


@pytest.mark.parametrize("rule", CAUSES)
def test_what_comes_after_raises_it_no_second_time_and_looking_later_finds_the_same_event(
    folder: Path, rule: AlertId
) -> None:
    calm, cause = CAUSES[rule]
    whole = [*calm, *cause]
    last = len(whole) - 1
    # The clock of a log whose cause is a step back stays where it is.
    more = [said(EventAction.USER_LOGIN, whole[-1][1], person="jansen")]

    assert [last] == raised_by(folder, rule, [*whole, *more])
    assert [last] == [each.line for each in alerts_of(folder, whole, since=last) if each.rule is rule]
    assert [] == [each for each in alerts_of(folder, [*whole, *more], since=last + 1) if each.rule is rule]


def test_no_alert_has_the_name_of_a_problem() -> None:
    assert set() == {rule.value for rule in AlertId} & {code.value for code in Code}


# ---- where the limits are ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("packages", "expected"), [(30, 0), (31, 1)])
def test_three_times_as_many_packages_as_usual_are_usual_and_one_more_is_not(
    folder: Path, packages: int, expected: int
) -> None:
    # 15 of the 28 days before had ten packages: that is the median.
    today = [started("hulp", number=each) for each in range(packages)]
    found = alerts_of(folder, [*days(15, each=10), *today])

    assert expected == len([each for each in found if each.rule is AlertId.RECIPIENT_VOLUME])


def test_days_without_packages_are_days_too(folder: Path) -> None:
    # 13 of 28 days had packages, so that the usual day has none, and the least number counts.
    today = [started("hulp", number=each) for each in range(21)]
    found = alerts_of(folder, [*days(13, each=10), *today])

    assert [21] == [each.count for each in found if each.rule is AlertId.RECIPIENT_VOLUME]


def test_another_attempt_for_the_same_package_is_not_another_package(folder: Path) -> None:
    again = [started("hulp", number=each % 20) for each in range(60)]

    assert [] == raised_by(folder, AlertId.RECIPIENT_VOLUME, again)


@pytest.mark.parametrize(("before", "fields", "expected"), [(8, 24, 0), (8, 25, 1), (6, 20, 0), (6, 21, 1)])
def test_a_jump_in_fields_is_more_than_three_times_the_usual_and_more_than_twenty(
    folder: Path, before: int, fields: int, expected: int
) -> None:
    calm = [allowed("jansen", "hulp", fields=before, number=each) for each in range(5)]
    whole = [*calm, allowed("jansen", "hulp", fields=fields, number=9)]

    assert expected == len(raised_by(folder, AlertId.FIELDS_JUMP, whole))


def test_who_got_too_few_packages_has_no_usual_number_of_fields(folder: Path) -> None:
    calm = [allowed("jansen", "hulp", fields=8, number=each) for each in range(4)]

    assert [] == raised_by(folder, AlertId.FIELDS_JUMP, [*calm, allowed("jansen", "hulp", fields=99, number=9)])


def test_few_packages_an_hour_are_no_ratio(folder: Path) -> None:
    assert [] == raised_by(folder, AlertId.HELD_RATIO, hour(came=9, stay=9))


def test_a_package_that_is_held_again_counts_once(folder: Path) -> None:
    assert [] == raised_by(folder, AlertId.HELD_RATIO, [*hour(came=10, stay=5), *(held(0) for _ in range(9))])


def test_holds_of_two_people_or_two_days_are_not_added_up(folder: Path) -> None:
    two = [each for number in range(10) for each in (received(number, person=f"p{number % 2}"), held(number))]
    days_apart = [
        each
        for number in range(10)
        for each in (received(number, at=MONDAY + number % 2 * _DAY), held(number, at=MONDAY + number % 2 * _DAY))
    ]

    assert [] == raised_by(folder, AlertId.HOLDS_BY_PERSON, two)
    assert [] == raised_by(folder, AlertId.HOLDS_BY_PERSON, sorted(days_apart, key=lambda each: each[1]))


def test_of_a_parcel_that_is_told_of_again_only_the_new_wrong_codes_count(folder: Path) -> None:
    four_at_two = [guessed(total, number=number) for number in range(2) for total in (1, 2, 3, 4)]

    assert [] == raised_by(folder, AlertId.WRONG_CODES, [*four_at_two, guessed(2, number=2)])
    assert [9] == raised_by(folder, AlertId.WRONG_CODES, [*four_at_two, guessed(2, number=2), guessed(3, number=2)])


def test_wrong_codes_begin_anew_each_day_also_those_of_a_parcel_that_had_some_before(folder: Path) -> None:
    yesterday = [guessed(4, number=number, at=MONDAY - _DAY) for number in range(2)]
    today = [guessed(5, number=0), guessed(5, number=1), *(guessed(4, number=number) for number in (2, 3))]

    assert [] == raised_by(folder, AlertId.WRONG_CODES, [*yesterday, *today])
    assert [6] == raised_by(folder, AlertId.WRONG_CODES, [*yesterday, *today, guessed(1, number=4)])


def test_an_attack_by_guessing_at_many_parcels_of_which_none_is_locked_is_told_with_the_event_that_was_too_many(
    folder: Path,
) -> None:
    found = alerts_of(folder, [guessed(4, number=number) for number in range(30)])

    assert [(AlertId.WRONG_CODES, 2, 12)] == [(each.rule, each.line, each.count) for each in found]


def test_a_pair_begins_anew_each_month(folder: Path) -> None:
    november = [approved("bakker", "jansen") for _ in range(10)]
    december = [approved("bakker", "jansen", MONDAY + 30 * _DAY) for _ in range(10)]

    assert [] == raised_by(folder, AlertId.SAME_PAIR, [*november, *december])


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (dt.datetime(2026, 11, 2, 6, 0, tzinfo=dt.UTC), 0),  # Monday, 07:00
        (dt.datetime(2026, 11, 2, 5, 59, 59, tzinfo=dt.UTC), 1),
        (dt.datetime(2026, 11, 2, 17, 59, 59, tzinfo=dt.UTC), 0),  # Monday, 18:59:59
        (dt.datetime(2026, 11, 2, 18, 0, tzinfo=dt.UTC), 1),
        (dt.datetime(2026, 11, 1, 11, 0, tzinfo=dt.UTC), 1),  # Sunday noon
        (dt.datetime(2026, 7, 6, 5, 0, tzinfo=dt.UTC), 0),  # A Monday in summer, 07:00
    ],
)
def test_working_hours_are_those_of_amsterdam(folder: Path, at: dt.datetime, expected: int) -> None:
    assert expected == len(raised_by(folder, AlertId.OUT_OF_HOURS, [work(_RECEIVED, at)]))


def test_somebody_at_work_all_night_is_told_of_once_a_day(folder: Path) -> None:
    # Half past eleven in the evening, and on past midnight.
    night = [work(_RECEIVED, SUNDAY_NIGHT + number * 10 * _MINUTE) for number in range(12)]

    assert [0, 3] == raised_by(folder, AlertId.OUT_OF_HOURS, night)


def test_an_application_that_works_at_night_can_be_left_out(folder: Path) -> None:
    limits = replace(LIMITS, hours_except=("jansen",))

    assert [] == raised_by(folder, AlertId.OUT_OF_HOURS, [work(_RECEIVED, SUNDAY_NIGHT)], limits=limits)


@pytest.mark.parametrize(("seconds", "expected"), [(1.0, 0), (1.000001, 1)])
def test_a_clock_may_be_put_right_by_a_second(folder: Path, seconds: float, expected: int) -> None:
    back = [
        said(EventAction.SERVICE_STARTED),
        said(EventAction.SERVICE_STOPPED, MONDAY - dt.timedelta(seconds=seconds)),
    ]

    assert expected == len(raised_by(folder, AlertId.CLOCK_STEP, back))


def test_a_recipient_that_is_new_to_everybody_is_told_of_once(folder: Path) -> None:
    first = [allowed("jansen", "hulp"), started("hulp")]
    found = alerts_of(folder, first)

    assert [AlertId.FIRST_RECIPIENT] == [each.rule for each in found]


def test_a_refused_package_makes_nobody_known(folder: Path) -> None:
    denied = said(
        EventAction.PACKAGE_POLICY_EVALUATED, person="bakker", recipient="hulp", outcome="failure", codes=("ngo.first",)
    )
    whole = [allowed("jansen", "hulp"), denied, allowed("bakker", "hulp", number=1)]

    assert [2] == raised_by(folder, AlertId.FIRST_BY_PERSON, whole)


def test_an_alert_says_whom_it_is_about(folder: Path) -> None:
    calm, cause = CAUSES[AlertId.HOLDS_BY_PERSON]
    (found,) = (each for each in alerts_of(folder, [*calm, *cause]) if each.rule is AlertId.HOLDS_BY_PERSON)

    assert ("jansen", 6, MONDAY) == (found.person, found.count, found.at)


def test_an_alert_names_its_event_by_the_number_that_is_shown_also_where_old_lines_were_deleted(folder: Path) -> None:
    raised = said(EventAction.ALERT_RAISED, codes=(AlertId.KEY_ENDS.value,), recipient="hulp")
    write_log(folder, [work(_RECEIVED, MONDAY), started("hulp"), raised], first=4000)
    with Ledger(folder, distrustful=True) as ledger:
        (found,) = find_alerts(ledger.rows, since=0, limits=LIMITS)
        (told,) = raised_alerts(ledger, since=MONDAY)

    assert [(1, 4001), (2, 4002)] == [(each.line, each.number) for each in (found, told)]


def test_lines_that_no_checkpoint_covers_are_told_of_by_the_oldest(folder: Path) -> None:
    write_log(folder, [said(EventAction.SERVICE_STARTED), said(EventAction.SERVICE_STOPPED)])
    with Ledger(folder, distrustful=True) as ledger:
        found = [unsigned_since(ledger.rows, signed=size) for size in (0, 1, 2)]

    assert [event_id(0), event_id(1), None] == [each and each.event for each in found]


def test_an_alert_that_nobody_wants_is_not_found_and_the_others_are(folder: Path) -> None:
    whole = [allowed("jansen", "hulp"), started("hulp"), work(_RECEIVED, SUNDAY_NIGHT)]
    found = alerts_of(folder, whole, limits=replace(LIMITS, without=(AlertId.OUT_OF_HOURS, AlertId.CLOCK_STEP)))

    assert [AlertId.FIRST_RECIPIENT] == [each.rule for each in found]


def test_a_log_without_a_line_raises_nothing(folder: Path) -> None:
    folder.mkdir()
    with Ledger(folder, distrustful=True) as ledger:
        assert [] == find_alerts(ledger.rows, since=0, limits=LIMITS)
