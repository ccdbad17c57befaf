"""Logs made of events at times of a test's choosing, as the service would have written them."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from gateway.audit.alert_rules import AlertId
from gateway.audit.alerting import find_alerts
from gateway.audit.alerts import Alert, AlertLimits
from gateway.audit.events import Event, EventAction
from gateway.audit.ledger import Ledger
from gateway.audit.records import record_of
from gateway.bootstrap.settings import ZONE
from gateway.package.ids import PackageId, PersonId, RecipientId

MONDAY = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
"""Ten o'clock in the morning in Amsterdam."""

LIMITS = AlertLimits(zone=ZONE)
Said = tuple[Event, dt.datetime]


def event_id(number: int) -> str:
    return str(uuid.UUID(int=0xA0000000000000000000000000000000 + number))


def package(number: int) -> PackageId:
    return PackageId(str(uuid.UUID(int=0xB0000000000000000000000000000000 + number)))


def said(
    action: EventAction,
    at: dt.datetime = MONDAY,
    *,
    number: int = 0,
    recipient: str = "",
    person: str = "",
    proposer: str = "",
    **more: object,
) -> Said:
    event = Event(
        action=action,
        package=package(number) if action.value.startswith("package") else None,
        recipient=RecipientId(recipient) if recipient else None,
        person=PersonId(person) if person else None,
        proposer=PersonId(proposer) if proposer else None,
    )
    return replace(event, **more), at  # type: ignore[arg-type]  # Each test names keys of Event.


def write_log(folder: Path, events: Iterable[Said], *, first: int = 0) -> None:
    """Write events as lines, each under the id of its number; the first one has the number that is left of a log."""
    folder.mkdir(exist_ok=True)
    lines = [
        record_of(
            event,
            sequence=number,
            at=at,
            event_id=event_id(number),
            salt=bytes(16),
            version="0.1.0",
            host="gateway-1",
            node="node-1",
        )
        for number, (event, at) in enumerate(events, first)
    ]
    (folder / "2026-11-02.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))


def alerts_of(folder: Path, events: Iterable[Said], *, since: int = 0, limits: AlertLimits = LIMITS) -> list[Alert]:
    write_log(folder, events)
    with Ledger(folder, distrustful=True) as ledger:
        return find_alerts(ledger.rows, since=since, limits=limits)


def raised_by(folder: Path, rule: AlertId, events: Iterable[Said], *, limits: AlertLimits = LIMITS) -> list[int]:
    """Give the numbers of the events that raise an alert."""
    numbers = {event_id(number): number for number in range(2000)}
    return [numbers[each.event] for each in alerts_of(folder, events, limits=limits) if each.rule is rule]
