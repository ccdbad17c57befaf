"""Finds the alerts of a site in its ledger, for whoever asks: the log tells most, and the service has told the rest."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from gateway.audit.alert_rules import STANDING, AlertId
from gateway.audit.alerting import find_alerts, first_line, unsigned_since
from gateway.audit.alerts import Alert, AlertLimits
from gateway.audit.events import EventAction
from gateway.audit.ledger import Ledger
from gateway.audit.ledger_rows import microseconds, moment
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.ledger_answers import open_ledger

_RULE_IDS: Final = ", ".join(f"'{rule.value}'" for rule in AlertId)
_RAISED: Final = (
    # From the rule's id to its lines, for which there is an index; another version of Sluis may know more rules.
    "SELECT e.line, e.seq, e.at, e.alert_event AS event, e.recipient, c.code AS rule"  # noqa: S608 - ids of our own
    f" FROM event_code c CROSS JOIN event e ON e.line = c.line WHERE c.code IN ({_RULE_IDS}) AND c.kind = 'rule'"
    " AND e.action = :action AND e.at >= :from ORDER BY e.line"
)


def raised_alerts(ledger: Ledger, *, since: dt.datetime) -> list[Alert]:
    """Give the alerts that the service wrote into the log since a time, with what raised them."""
    rows = ledger.rows(_RAISED, {"action": EventAction.ALERT_RAISED.value, "from": microseconds(since)})
    return [
        Alert(
            rule=AlertId(row["rule"]),
            at=moment(row["at"]),
            event=row["event"] or "",
            line=row["line"],
            number=row["seq"],
            recipient=row["recipient"] or "",
        )
        for row in rows
    ]


def site_alerts(site: SiteLayout, limits: AlertLimits, *, since: dt.datetime, late: dt.datetime) -> Sequence[Alert]:
    """Give the alerts of a site since a time, as `alerts_of` does. Raises as `open_ledger` does."""
    with open_ledger(site) as (ledger, signed):
        return alerts_of(ledger, limits, signed=signed, since=since, late=late)


def alerts_of(
    ledger: Ledger, limits: AlertLimits, *, signed: int, since: dt.datetime, late: dt.datetime
) -> Sequence[Alert]:
    """Give the alerts of a ledger since a time, oldest first; its log has signed for so many lines.

    `late` is when what is written must have been signed. Raises SluisError `audit-unavailable`.
    """
    found = ledger.answer(lambda: find_alerts(ledger.rows, since=first_line(ledger.rows, since), limits=limits))
    raised = ledger.answer(lambda: raised_alerts(ledger, since=since))
    told = [each for each in raised if each.rule in STANDING]
    unsigned = ledger.answer(lambda: unsigned_since(ledger.rows, signed=signed))
    if unsigned is not None and unsigned.at < late:
        found.append(unsigned)
    wanted = (each for each in (*found, *told) if each.rule not in limits.without)
    return sorted(wanted, key=lambda each: (each.line, each.rule))
