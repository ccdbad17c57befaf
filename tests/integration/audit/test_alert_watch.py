"""The service raises each alert once: in the log, so that whatever follows the log carries it."""

import datetime as dt
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.audit.alert_rules import AlertId
from gateway.audit.alerts import Alert
from gateway.audit.events import Event, EventAction
from gateway.audit.ledger import LEDGER, Ledger
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.reading import read_events
from gateway.bootstrap.alert_settings import AlertSettings
from gateway.bootstrap.alert_watch import AlertWatch, SiteStanding
from gateway.bootstrap.dropped_keys import DroppedKeys
from gateway.package.ids import PersonId, RecipientId
from tests.integration.audit.attacking import deletion_event
from tests.integration.audit.conftest import Clock, Opener
from tests.integration.audit.made_logs import LIMITS, package

DROPPED = b'{"event.action":"event-without-name","log.dropped_keys":2}\n'
HELP, DAY = RecipientId("hulp-voorbeeld"), dt.timedelta(days=1)
STARTED = Event(
    action=EventAction.PACKAGE_RELEASE_STARTED,
    package=package(1),
    recipient=HELP,
    person=PersonId("jansen"),
    channel="file-drop",
    attempt=1,
)


class Told:
    """How things stand, as a test says it."""

    def __init__(self, *standing: Alert) -> None:
        self._standing = standing

    def __call__(self, _now: dt.datetime) -> Iterable[Alert]:
        return self._standing

    def raised(self, alert: Alert) -> None:
        assert alert.rule in {each.rule for each in self._standing}


def watching(log: AuditLogFiles, folder: Path, clock: Clock, *standing: Alert) -> AlertWatch:
    return AlertWatch(Ledger(folder), log, limits=LIMITS, standing=Told(*standing), now=clock)


def raised(folder: Path) -> list[dict[str, Any]]:
    return [each for each in read_events(folder) if "alert-raised" == each["event.action"]]


def rules(folder: Path) -> list[str]:
    return [each["rule.id"][0] for each in raised(folder)]


async def test_an_alert_is_an_event_that_names_its_rule_and_what_raised_it(
    open_log: Opener, folder: Path, clock: Clock
) -> None:
    log = open_log()
    await log.record(STARTED)
    await watching(log, folder, clock).look()
    (cause, *_), (alert,) = list(read_events(folder)), raised(folder)

    assert ("alert", ["first-recipient"]) == (alert["event.kind"], alert["rule.id"])
    assert (cause["event.id"], HELP, "jansen") == (
        alert["gateway.alert.event"],
        alert["gateway.recipient.id"],
        alert["user.id"],
    )
    # Who reads what happened to a package reads what happened to it, and not what somebody should think of it.
    assert (package(1), None) == (cause["gateway.package.id"], alert.get("gateway.package.id"))


async def test_looking_again_and_starting_again_raise_nothing_twice(
    open_log: Opener, folder: Path, clock: Clock
) -> None:
    log = open_log()
    await log.record(STARTED)
    watch = watching(log, folder, clock)
    await watch.look()
    await log.record(STARTED)
    await watch.look()
    await watching(log, folder, clock).look()

    assert ["first-recipient"] == rules(folder)


async def test_what_happened_shortly_before_an_end_is_raised_after_the_start(
    open_log: Opener, folder: Path, clock: Clock
) -> None:
    log = open_log()
    await log.record(STARTED)
    log.close()
    clock.now += DAY
    await watching(open_log(), folder, clock).look()

    assert ["first-recipient"] == rules(folder)


async def test_what_happened_long_before_the_start_is_left_alone(open_log: Opener, folder: Path, clock: Clock) -> None:
    log = open_log()
    await log.record(STARTED)
    clock.now += 8 * DAY
    await watching(log, folder, clock).look()

    assert [] == rules(folder)


async def test_what_could_not_be_written_is_raised_at_the_next_look(
    open_log: Opener, folder: Path, clock: Clock
) -> None:
    log = open_log()
    await log.record(STARTED)
    watch = watching(log, folder, clock)
    log.close()
    with capture_logs() as told:
        await watch.look()
    log.open()
    await watch.look()

    assert ["alerts-not-looked-at"] == [each["event"] for each in told]
    assert ["first-recipient"] == rules(folder)


async def test_whatever_goes_wrong_ends_nothing_and_is_tried_again(
    open_log: Opener, folder: Path, clock: Clock
) -> None:
    log = open_log()
    await log.record(STARTED)
    faults: list[Exception] = [TypeError("unforeseen"), MemoryError()]

    class Failing(Told):
        def __call__(self, _now: dt.datetime) -> Iterable[Alert]:
            if faults:
                raise faults.pop()
            return []

    watch = AlertWatch(Ledger(folder), log, limits=LIMITS, standing=Failing(), now=clock)
    with capture_logs() as told:
        for _ in range(3):
            await watch.look()

    assert ["alerts-not-looked-at"] * 2 == [each["event"] for each in told]
    assert ["first-recipient"] == rules(folder)


def delete_before(log: AuditLogFiles, day: str) -> None:
    prefix = log.prefix(day)
    assert prefix is not None
    log.delete(deletion_event((prefix.first, prefix.end), prefix.root))


async def test_what_happened_before_a_deletion_of_old_lines_is_raised_behind_it(
    open_log: Opener, folder: Path, clock: Clock
) -> None:
    log = open_log()
    for _ in range(5):
        await log.record(Event(action=EventAction.SERVICE_STARTED))
    watch = watching(log, folder, clock)
    await watch.look()
    clock.now += DAY
    await log.record(STARTED)
    delete_before(log, "2026-11-21")
    await watch.look()
    await log.record(Event(action=EventAction.KEY_RENEWED, recipient=HELP))
    await watch.look()

    assert ["first-recipient", "key-changed"] == rules(folder)


async def test_a_look_after_a_deletion_raises_nothing_twice(open_log: Opener, folder: Path, clock: Clock) -> None:
    log = open_log()
    await log.record(Event(action=EventAction.SERVICE_STARTED))
    clock.now += DAY
    await log.record(STARTED)
    watch = watching(log, folder, clock)
    await watch.look()
    delete_before(log, "2026-11-21")
    await watch.look()

    assert ["first-recipient"] == rules(folder)


async def test_an_attack_by_a_spoilt_index_keeps_no_alert_back(open_log: Opener, folder: Path, clock: Clock) -> None:
    log = open_log()
    await log.record(STARTED)
    Ledger(folder).catch_up()
    with sqlite3.connect(folder.parent / LEDGER) as connection:
        connection.execute("UPDATE standing SET start = -1")
        connection.execute("UPDATE event SET at = 1 << 62")
    connection.close()
    await watching(log, folder, clock).look()

    assert ["first-recipient"] == rules(folder)


def put_a_name_in_place_of_an_id(folder: Path) -> None:
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes().replace(b'"hulp-voorbeeld"', b'"Amina Y. 12345"', 1))


async def test_an_attack_on_a_line_of_the_log_keeps_no_other_alert_back(
    open_log: Opener, folder: Path, clock: Clock
) -> None:
    log = open_log()
    await log.record(STARTED)
    await log.record(Event(action=EventAction.KEY_RENEWED, recipient=HELP))
    put_a_name_in_place_of_an_id(folder)
    with capture_logs() as told:
        await watching(log, folder, clock).look()

    assert (["alert-not-raised"], ["key-changed"]) == ([each["event"] for each in told], rules(folder))


async def test_how_things_stand_is_told_once_in_a_while(open_log: Opener, folder: Path, clock: Clock) -> None:
    log = open_log()
    await log.record(Event(action=EventAction.SERVICE_STARTED))
    ends = Alert(rule=AlertId.KEY_ENDS, at=clock.now, recipient=HELP)
    away = Alert(rule=AlertId.WITNESS_OLD, at=clock.now, count=1)
    watch = watching(log, folder, clock, ends, away)
    told: list[list[str]] = []
    for moved in (0 * DAY, DAY / 2, DAY / 2, 29 * DAY):
        clock.now += moved
        await watch.look()
        told.append(rules(folder)[sum(map(len, told)) :])

    assert [["key-ends", "witness-old"], [], ["witness-old"], ["key-ends", "witness-old"]] == told


async def test_what_nobody_wants_to_be_told_of_is_not_raised(open_log: Opener, folder: Path, clock: Clock) -> None:
    log = open_log()
    await log.record(STARTED)
    ends = Alert(rule=AlertId.KEY_ENDS, at=clock.now, recipient=HELP)
    limits = replace(LIMITS, without=(AlertId.KEY_ENDS,))
    await AlertWatch(Ledger(folder), log, limits=limits, standing=Told(ends), now=clock).look()

    assert ["first-recipient"] == rules(folder)


async def test_two_keys_that_end_are_two_alerts(open_log: Opener, folder: Path, clock: Clock) -> None:
    log = open_log()
    await log.record(Event(action=EventAction.SERVICE_STARTED))
    ends = [Alert(rule=AlertId.KEY_ENDS, at=clock.now, recipient=each) for each in (HELP, "nidos-voorbeeld", "")]
    await watching(log, folder, clock, *ends).look()

    assert [HELP, "nidos-voorbeeld", None] == [each.get("gateway.recipient.id") for each in raised(folder)]


# ---- what no event tells -------------------------------------------------------------------------------------------


class Known:
    """Keys and witnesses as they are known."""

    def __init__(self, *, ends: dict[str, dt.datetime] | None = None, whole: dict[str, float] | None = None) -> None:
        self._ends, self._whole = ends or {}, whole or {}

    def ends(self) -> dict[str, dt.datetime]:
        return self._ends

    def last_whole(self) -> dict[str, float]:
        return self._whole


NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)


def standing(known: Known, log: Path, *, start: dt.datetime = NOW) -> SiteStanding:
    return SiteStanding(known, known, DroppedKeys(log), settings=AlertSettings(), start=start)


@pytest.mark.parametrize(("days", "expected"), [(30, []), (29.99, ["hulp"]), (-3, ["hulp"])])
def test_a_key_is_told_of_thirty_days_before_its_end(tmp_path: Path, days: float, expected: list[str]) -> None:
    known = Known(ends={"hulp": NOW + days * DAY, "nidos": NOW + 400 * DAY})

    assert expected == [each.recipient for each in standing(known, tmp_path / "log")(NOW)]


@pytest.mark.parametrize(("seconds", "expected"), [(86_400, []), (86_401, [AlertId.WITNESS_OLD])])
def test_a_witness_is_told_of_after_a_day(tmp_path: Path, seconds: int, expected: list[AlertId]) -> None:
    known = Known(whole={"away": NOW.timestamp() - seconds, "near": NOW.timestamp()})
    found = standing(known, tmp_path / "log", start=NOW - 9 * DAY)(NOW)

    assert expected == [each.rule for each in found]


def test_a_witness_has_a_day_from_the_start_on(tmp_path: Path) -> None:
    told = standing(Known(whole={"away": 0.0}), tmp_path / "log")

    assert [0, 1] == [len(list(told(NOW + wait))) for wait in (DAY, DAY + dt.timedelta(seconds=1))]


def dropped(found: Iterable[Alert]) -> list[int]:
    return [each.count for each in found if AlertId.LOG_KEYS_DROPPED == each.rule]


def test_what_the_operational_log_left_out_is_told_of_until_it_was_raised(tmp_path: Path) -> None:
    log = tmp_path / "service.jsonl"
    told = standing(Known(), log)
    before = dropped(told(NOW))
    log.write_bytes(DROPPED)
    (first,), (again,) = list(told(NOW)), list(told(NOW))
    told.raised(again)

    assert ([], first, 2, []) == (before, again, again.count, dropped(told(NOW)))


async def test_what_the_operational_log_left_out_is_raised_once_the_audit_log_takes_it(
    open_log: Opener, folder: Path, clock: Clock, tmp_path: Path
) -> None:
    path, log = tmp_path / "service.jsonl", open_log()
    watch = AlertWatch(Ledger(folder), log, limits=LIMITS, standing=standing(Known(), path), now=clock)
    path.write_bytes(DROPPED)
    log.close()
    with capture_logs():
        await watch.look()
    log.open()
    await watch.look()
    # What is left out on the same day is told with the next alert, a day later, and not forgotten.
    path.write_bytes(DROPPED * 3)
    for moved in (DAY / 2, DAY / 2, DAY):
        clock.now += moved
        await watch.look()

    assert [2, 4] == [each["gateway.counts.events"] for each in raised(folder)]
