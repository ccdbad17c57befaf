"""Finds in the ledger what the security team is alerted to. Pure: it is given something that answers queries.

Rules, in order:
1. Each alert is raised by one event of the log: the one with which a limit was passed, or that is itself the cause.
   Asked again, from whichever line on and however much has come since, the same event raises it.
2. Days, hours and months are whole ones: UTC where things are counted, the site's own zone where it is working time.
3. What is usual is the median of the 28 days before, counted without the day itself. A day without any counts as 0.
4. What is compared with is what the log still has: where its beginning was deleted by rule, first means first since.
"""

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final, Protocol

from gateway.audit.alert_rules import AlertId
from gateway.audit.alerts import Alert, AlertLimits
from gateway.audit.events import EventAction
from gateway.audit.ledger_rows import microseconds, moment

DAYS_BEFORE: Final = 28
_SECOND: Final = 1_000_000
_HOUR: Final = 3600 * _SECOND
_DAY: Final = 24 * _HOUR
_SATURDAY: Final = 5
_SHOWN: Final = "e.line, e.seq, e.id, e.at, e.recipient, e.person, e.package"
_BY_PEOPLE: Final = (
    EventAction.PACKAGE_RECEIVED,
    EventAction.PACKAGE_REVIEWED,
    EventAction.PACKAGE_WITHDRAWN,
    EventAction.DOCUMENT_VIEWED,
    EventAction.POLICY_PROPOSED,
    EventAction.POLICY_APPROVED,
    EventAction.KEY_PROPOSED,
    EventAction.KEY_TRUSTED,
    EventAction.KEY_RETIREMENT_PROPOSED,
    EventAction.KEY_RETIRED,
    EventAction.SIGNING_KEY_ROTATED,
    EventAction.RECIPIENT_TEST_STARTED,
)
_APPROVALS: Final = (EventAction.POLICY_APPROVED, EventAction.KEY_TRUSTED, EventAction.KEY_RETIRED)
_SUBMITTER: Final = (
    "(SELECT r.person FROM event r WHERE r.package = e.package AND r.action = 'package-received' LIMIT 1)"
)
_KEY_CHANGES: Final = (
    EventAction.KEY_TRUSTED,
    EventAction.KEY_RENEWED,
    EventAction.KEY_RETIRED,
    EventAction.SIGNING_KEY_ROTATED,
)


class Row(Protocol):
    """A row of an answer."""

    def __getitem__(self, column: str, /) -> Any: ...


class Ask(Protocol):
    """Answers a query on the tables of `ledger_rows`."""

    def __call__(self, query: str, parameters: Mapping[str, Any], /) -> Sequence[Row]:
        """Give the rows."""
        ...


_Rule = Callable[[Ask, int, AlertLimits], Iterator[Alert]]


def find_alerts(ask: Ask, *, since: int, limits: AlertLimits) -> list[Alert]:
    """Give the alerts that were raised by the events from a line of the ledger on, in their order."""
    found = [alert for rule in _RULES for alert in rule(ask, since, limits) if alert.line >= since]
    found = [alert for alert in found if alert.rule not in limits.without]
    return sorted(found, key=lambda each: (each.line, each.rule))


def first_line(ask: Ask, at: dt.datetime) -> int:
    """Give the first line of the ledger that was written at a time or later; the one that comes next when none was."""
    (row,) = ask(
        "SELECT min(line) AS line, (SELECT max(line) FROM event) AS last FROM event WHERE at >= :at",
        {"at": microseconds(at)},
    )
    return int(row["line"]) if row["line"] is not None else int(row["last"] or 0) + 1


def unsigned_since(ask: Ask, *, signed: int) -> Alert | None:
    """Give the oldest event that no checkpoint over the log's first `signed` lines covers, as an alert."""
    rows = _events(ask, "WHERE e.seq >= :signed ORDER BY e.line LIMIT 1", {"signed": signed})
    return next((_alert(AlertId.CHECKPOINT_OLD, row) for row in rows), None)


def _alert(rule: AlertId, row: Row, *, count: int = 0, person: str | None = None) -> Alert:
    return Alert(
        rule=rule,
        at=moment(row["at"]),
        event=row["id"] or "",
        line=row["line"],
        number=row["seq"],
        recipient=row["recipient"] or "",
        person=person or row["person"] or "",
        package=row["package"] or "",
        count=count,
    )


def _events(ask: Ask, rest: str, parameters: Mapping[str, Any], *, columns: str = "") -> Sequence[Row]:
    return ask(f"SELECT {_SHOWN}{columns} FROM event e {rest}", parameters)  # noqa: S608 - texts of our own; values are parameters


def _new(ask: Ask, since: int, *actions: EventAction, more: str = "", columns: str = "") -> Sequence[Row]:
    """Give the events of these actions from a line on; the plus keeps SQLite from going through all of an action."""
    where = f"WHERE e.line >= :since AND +e.action IN ({_listed(actions)}) {more} ORDER BY e.line"
    return _events(ask, where, {"since": since}, columns=columns)


def _listed(actions: Sequence[EventAction]) -> str:
    return ", ".join(f"'{action.value}'" for action in actions)


# ---- what happens once ---------------------------------------------------------------------------------------------


def _first_recipients(ask: Ask, since: int, _limits: AlertLimits) -> Iterator[Alert]:
    none_before = (
        "AND NOT EXISTS (SELECT 1 FROM event b WHERE b.recipient = e.recipient AND b.action = e.action"
        " AND b.line < e.line)"
    )
    for row in _new(ask, since, EventAction.PACKAGE_RELEASE_STARTED, more=none_before):
        yield _alert(AlertId.FIRST_RECIPIENT, row)


def _first_by_person(ask: Ask, since: int, _limits: AlertLimits) -> Iterator[Alert]:
    """Of a recipient that is new to everybody the other rule tells.

    The plus keeps SQLite from going through all that a person, a program above all, ever sent.
    """
    before = (
        "SELECT 1 FROM event b WHERE b.recipient = e.recipient AND b.action = e.action AND b.type = 'allowed'"
        " AND b.line < e.line"
    )
    first = (
        f"AND e.type = 'allowed' AND e.person IS NOT NULL AND EXISTS ({before})"
        f" AND NOT EXISTS ({before} AND +b.person = e.person)"
    )
    for row in _new(ask, since, EventAction.PACKAGE_POLICY_EVALUATED, more=first):
        yield _alert(AlertId.FIRST_BY_PERSON, row)


def _released_holds(ask: Ask, since: int, _limits: AlertLimits) -> Iterator[Alert]:
    for row in _new(ask, since, EventAction.PACKAGE_REVIEWED, more="AND e.review_verdict = 'release'"):
        yield _alert(AlertId.HOLD_RELEASED, row)


def _key_changes(ask: Ask, since: int, _limits: AlertLimits) -> Iterator[Alert]:
    for row in _new(ask, since, *_KEY_CHANGES):
        yield _alert(AlertId.KEY_CHANGED, row)


def _policy_changes(ask: Ask, since: int, _limits: AlertLimits) -> Iterator[Alert]:
    """A set that is loaded again, at a start, is no change; nor is the first one."""
    before = (
        "(SELECT b.policy FROM event b WHERE b.action = e.action AND b.policy IS NOT NULL AND b.line < e.line"
        " ORDER BY b.line DESC LIMIT 1)"
    )
    for row in _new(ask, since, EventAction.POLICY_LOADED, more=f"AND e.policy <> {before}"):
        yield _alert(AlertId.RULES_CHANGED, row)


def _recoveries(ask: Ask, since: int, _limits: AlertLimits) -> Iterator[Alert]:
    for row in _new(ask, since, EventAction.AUDIT_LOG_RECOVERED):
        yield _alert(AlertId.LOG_RECOVERED, row)


def _clock_steps(ask: Ask, since: int, limits: AlertLimits) -> Iterator[Alert]:
    rows = _events(
        ask,
        "JOIN event b ON b.line = e.line - 1 WHERE e.line >= :since AND b.at - e.at > :step ORDER BY e.line",
        {"since": since, "step": limits.clock_step_seconds * _SECOND},
        columns=f", (b.at - e.at) / {_SECOND} AS seconds",
    )
    for row in rows:
        yield _alert(AlertId.CLOCK_STEP, row, count=row["seconds"])


# ---- what is more than usual ---------------------------------------------------------------------------------------


def _volumes(ask: Ask, since: int, limits: AlertLimits) -> Iterator[Alert]:
    started = EventAction.PACKAGE_RELEASE_STARTED
    touched = {(row["recipient"], row["at"] // _DAY) for row in _new(ask, since, started) if row["recipient"]}
    of_days = "WHERE e.recipient = :recipient AND e.action = :action AND e.at >= :from AND e.at < :until"
    for recipient, day in sorted(touched):
        before = {
            "recipient": recipient,
            "action": started.value,
            "from": (day - DAYS_BEFORE) * _DAY,
            "until": day * _DAY,
        }
        by_day = f", e.at / {_DAY} AS day, count(DISTINCT e.package) AS packages"
        counts = [row["packages"] for row in _events(ask, f"{of_days} GROUP BY day", before, columns=by_day)]
        usual = median([*counts, *[0] * (DAYS_BEFORE - len(counts))])
        most = math.floor(max(limits.volume_factor * usual, limits.volume_least))
        passing = _events(
            ask,
            f"{of_days} GROUP BY e.package ORDER BY first LIMIT 1 OFFSET :most",
            before | {"from": day * _DAY, "until": (day + 1) * _DAY, "most": most},
            columns=", min(e.line) AS first",
        )
        for row in passing:
            yield _alert(AlertId.RECIPIENT_VOLUME, row, count=most + 1)


def _field_jumps(ask: Ask, since: int, limits: AlertLimits) -> Iterator[Alert]:
    fields = "(SELECT n.value FROM event_number n WHERE n.line = e.line AND n.name = 'verdicts.release')"
    rows = _new(
        ask, since, EventAction.PACKAGE_POLICY_EVALUATED, more="AND e.type = 'allowed'", columns=f", {fields} AS fields"
    )
    for row in rows:
        if (row["fields"] or 0) <= limits.fields_least:
            continue
        before = _events(
            ask,
            "WHERE e.recipient = :recipient AND e.action = :action AND e.type = 'allowed' AND e.at >= :from"
            " AND e.line < :line",
            {
                "recipient": row["recipient"],
                "action": EventAction.PACKAGE_POLICY_EVALUATED.value,
                "from": row["at"] - DAYS_BEFORE * _DAY,
                "line": row["line"],
            },
            columns=f", {fields} AS fields",
        )
        counts = [each["fields"] or 0 for each in before]
        if len(counts) >= limits.fields_packages and row["fields"] > limits.fields_factor * median(counts):
            yield _alert(AlertId.FIELDS_JUMP, row, count=row["fields"])


def _held_ratios(ask: Ask, since: int, limits: AlertLimits) -> Iterator[Alert]:
    received, held = EventAction.PACKAGE_RECEIVED, EventAction.PACKAGE_HELD
    for hour in sorted({row["at"] // _HOUR for row in _new(ask, since, received, held)}):
        rows = _events(
            ask,
            f"WHERE e.at >= :from AND e.at < :until AND e.action IN ({_listed((received, held))}) ORDER BY e.line",
            {"from": hour * _HOUR, "until": (hour + 1) * _HOUR},
            columns=", e.action",
        )
        packages: dict[str, set[str]] = {received.value: set(), held.value: set()}
        for row in rows:
            packages[row["action"]].add(row["package"])
            came, stay = len(packages[received.value]), len(packages[held.value])
            if came >= limits.held_least and 100 * stay > limits.held_percent * came:
                yield _alert(AlertId.HELD_RATIO, row, count=stay)
                break


def _holds_by_person(ask: Ask, since: int, limits: AlertLimits) -> Iterator[Alert]:
    held = EventAction.PACKAGE_HELD
    new = _new(ask, since, held, columns=f", {_SUBMITTER} AS submitter")
    touched = {(row["submitter"], row["at"] // _DAY) for row in new if row["submitter"]}
    for person, day in sorted(touched):
        passing = _events(
            ask,
            f"WHERE e.action = :held AND e.at >= :from AND e.at < :until AND {_SUBMITTER} = :person"
            " GROUP BY e.package ORDER BY first LIMIT 1 OFFSET :most",
            {
                "held": held.value,
                "from": day * _DAY,
                "until": (day + 1) * _DAY,
                "person": person,
                "most": limits.holds_by_person,
            },
            columns=", min(e.line) AS first",
        )
        for row in passing:
            yield _alert(AlertId.HOLDS_BY_PERSON, row, count=limits.holds_by_person + 1, person=person)


def _wrong_codes(ask: Ask, since: int, limits: AlertLimits) -> Iterator[Alert]:
    """Of all parcels together. An event says how many a parcel has had in all: what it says more than before counts."""
    wrong = EventAction.PICKUP_CODE_WRONG
    had = (
        "(SELECT max(n.value) FROM event b JOIN event_number n ON n.line = b.line AND n.name = 'counts.wrong_codes'"
        " WHERE b.package = e.package AND b.recipient = e.recipient AND b.action = e.action AND b.line {} e.line)"
    )
    more = f", max(0, coalesce({had.format('<=')}, 0) - coalesce({had.format('<')}, 0)) AS more"
    for day in sorted({row["at"] // _DAY for row in _new(ask, since, wrong)}):
        rows = _events(
            ask,
            "WHERE e.action = :wrong AND e.at >= :from AND e.at < :until ORDER BY e.line",
            {"wrong": wrong.value, "from": day * _DAY, "until": (day + 1) * _DAY},
            columns=more,
        )
        count = 0
        for row in rows:
            count += row["more"]
            if count > limits.wrong_codes:
                yield _alert(AlertId.WRONG_CODES, row, count=count)
                break


# ---- people --------------------------------------------------------------------------------------------------------


def _same_pairs(ask: Ask, since: int, limits: AlertLimits) -> Iterator[Alert]:
    """Who let the same other person's work pass, whichever of the two did it."""
    two = (
        f"(e.action = '{EventAction.PACKAGE_REVIEWED.value}' AND e.review_verdict = 'release'"
        f" OR e.action IN ({_listed(_APPROVALS)}) AND e.proposer IS NOT NULL)"
    )
    for month in sorted({_month(row["at"]) for row in _new(ask, since, EventAction.PACKAGE_REVIEWED, *_APPROVALS)}):
        following = (month + dt.timedelta(days=31)).replace(day=1)
        rows = _events(
            ask,
            f"WHERE e.at >= :from AND e.at < :until AND {two} ORDER BY e.line",
            {"from": microseconds(month), "until": microseconds(following)},
            columns=f", coalesce(e.proposer, {_SUBMITTER}) AS other",
        )
        counts: Counter[frozenset[str]] = Counter()
        for row in rows:
            pair = frozenset(filter(None, (row["person"], row["other"])))
            if len(pair) > 1:
                counts[pair] += 1
                if counts[pair] == limits.pair_decisions + 1:
                    yield _alert(AlertId.SAME_PAIR, row, count=counts[pair])


def _month(at: int) -> dt.datetime:
    return moment(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _out_of_hours(ask: Ask, since: int, limits: AlertLimits) -> Iterator[Alert]:
    """Of each person the first act of each night or weekend day."""
    told: set[tuple[str, dt.date]] = set()
    for row in _new(ask, since, *_BY_PEOPLE, more="AND e.person IS NOT NULL"):
        person, local = row["person"], moment(row["at"]).astimezone(limits.zone)
        if person in limits.hours_except or _works(local, limits) or (person, local.date()) in told:
            continue
        told.add((person, local.date()))
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        before = _events(
            ask,
            f"WHERE e.person = :person AND e.action IN ({_listed(_BY_PEOPLE)}) AND e.at >= :from AND e.line < :line",
            {"person": person, "from": microseconds(midnight), "line": row["line"]},
        )
        same_day = (moment(each["at"]).astimezone(limits.zone) for each in before)
        if all(_works(each, limits) for each in same_day if each.date() == local.date()):
            yield _alert(AlertId.OUT_OF_HOURS, row)


def _works(local: dt.datetime, limits: AlertLimits) -> bool:
    return local.weekday() < _SATURDAY and limits.hours_from <= local.hour < limits.hours_until


_RULES: Final[tuple[_Rule, ...]] = (
    _first_recipients,
    _first_by_person,
    _volumes,
    _field_jumps,
    _held_ratios,
    _holds_by_person,
    _wrong_codes,
    _released_holds,
    _same_pairs,
    _out_of_hours,
    _key_changes,
    _policy_changes,
    _recoveries,
    _clock_steps,
)
