"""Finds the alerts of a site in its ledger, for whoever asks: the log tells most, and the service has told the rest."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from gateway.audit.alert_rules import STANDING, AlertId
from gateway.audit.alerting import Alert, AlertLimits, find_alerts, first_line, unsigned_since
from gateway.audit.events import EventAction
from gateway.audit.ledger import Ledger
from gateway.audit.ledger_rows import microseconds, moment
from gateway.audit.tree_files import latest_checkpoint
from gateway.bootstrap.audit_keys import read_audit_keys
from gateway.bootstrap.layout import SiteLayout

_RAISED: Final = (
    "SELECT e.line, e.at, e.alert_event AS event, e.recipient, c.code AS rule FROM event e"
    " JOIN event_code c ON c.line = e.line AND c.kind = 'rule' WHERE e.action = :action AND e.at >= :from"
    " ORDER BY e.line"
)


def raised_alerts(ledger: Ledger, *, since: dt.datetime) -> list[Alert]:
    """Give the alerts that the service wrote into the log since a time, with what raised them."""
    rows = ledger.rows(_RAISED, {"action": EventAction.ALERT_RAISED.value, "from": microseconds(since)})
    known = set(AlertId)
    return [
        Alert(
            rule=AlertId(row["rule"]),
            at=moment(row["at"]),
            event=row["event"] or "",
            line=row["line"],
            recipient=row["recipient"] or "",
        )
        for row in rows
        # Another version of Sluis may know more of them.
        if row["rule"] in known
    ]


def site_alerts(site: SiteLayout, limits: AlertLimits, *, since: dt.datetime, late: dt.datetime) -> Sequence[Alert]:
    """Give the alerts of a site since a time, oldest first; `late` is when what is written must have been signed.

    Raises SluisError `audit-unavailable`, `setting-invalid`.
    """
    with Ledger(site.audit_log) as ledger:
        found = find_alerts(ledger.rows, since=first_line(ledger.rows, since), limits=limits)
        told = [each for each in raised_alerts(ledger, since=since) if each.rule in STANDING]
        own, *_ = read_audit_keys(site)
        signed = latest_checkpoint(site.audit_log.parent, own)
        unsigned = unsigned_since(ledger.rows, signed=signed[1].size if signed else 0)
    if unsigned is not None and unsigned.at < late:
        found.append(unsigned)
    return sorted([*found, *told], key=lambda each: (each.line, each.rule))
