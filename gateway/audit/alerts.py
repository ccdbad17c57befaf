"""What an alert to the security team says, and from what on there is one."""

import datetime as dt
from dataclasses import dataclass

from gateway.audit.alert_rules import AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLimits:
    """From what on somebody is alerted.

    A factor and a least number for packages a day and for fields a package, of which `fields_packages` must have gone
    before; the part of an hour's packages that is held, and of how many at least; holds of one person a day; decisions
    of one pair a month; wrong pick-up codes a day, over all parcels; working hours in `zone`, and who has others; how
    far the clock may go back, in seconds; which alerts nobody wants.
    """

    volume_factor: float = 3.0
    volume_least: int = 20
    fields_factor: float = 3.0
    fields_least: int = 20
    fields_packages: int = 5
    held_percent: int = 50
    held_least: int = 10
    holds_by_person: int = 5
    pair_decisions: int = 10
    wrong_codes: int = 10
    hours_from: int = 7
    hours_until: int = 19
    hours_except: tuple[str, ...] = ()
    clock_step_seconds: float = 1.0
    without: tuple[AlertId, ...] = ()
    zone: dt.tzinfo = dt.UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert: the event that raised it (its id, time and number), whom it is about, and how many there were.

    `line` is its place in the ledger, which is another one after a deletion. Of what no event tells `event` is empty
    and `line` and `number` are those of the event that says it, -1 while there is none.
    """

    rule: AlertId
    at: dt.datetime
    event: str = ""
    line: int = -1
    number: int = -1
    recipient: str = ""
    person: str = ""
    package: str = ""
    count: int = 0
