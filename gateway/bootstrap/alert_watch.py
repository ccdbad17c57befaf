"""Looks while the service runs for what the security team is alerted to, and writes an event for each, once.

Rules, in order:
1. What the log tells is asked of the ledger; what no event tells (a key that ends, a witness that is away, something
   left out of the operational log) is told by those who know it.
2. Which alerts were raised stands in the log and nowhere else. One that is told by an event is raised once for that
   event; one that tells how things stand, once in `_AGAIN_DAYS`.
3. At the start the last `_BACK_DAYS` days are looked at: what happened in the last moments before an end is not missed.
4. An alert stops nothing, and that it can not be raised stops nothing either; it is raised at the next look.
5. Lines get other places in the ledger when old ones are deleted. When the last one that was looked at does not stand
   where it stood, what came in the `_BACK_DAYS` days before that look is looked at again.
"""

import asyncio
import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple, Protocol

from gateway.audit.alert_rules import STANDING, AlertId
from gateway.audit.alerting import find_alerts, first_line
from gateway.audit.alerts import Alert, AlertLimits
from gateway.audit.ledger import Ledger
from gateway.audit.port import AuditLog
from gateway.audit.telling import alert_raised
from gateway.bootstrap.alert_reading import raised_alerts
from gateway.bootstrap.alert_settings import AlertSettings
from gateway.bootstrap.build import House
from gateway.bootstrap.dropped_keys import DroppedKeys
from gateway.bootstrap.logging_library import structlog
from gateway.bootstrap.settings import ZONE

_log = structlog.get_logger()
_BACK_DAYS: Final = dt.timedelta(days=7)
_AGAIN_DAYS: Final = {AlertId.KEY_ENDS: dt.timedelta(days=30)}
_AGAIN: Final = dt.timedelta(days=1)
_LONGEST: Final = dt.timedelta(days=40)

_SAME_LINE: Final = "SELECT 1 FROM event WHERE line = :line AND leaf = :leaf"


class Standing(Protocol):
    """Tells what no event tells; blocking."""

    def __call__(self, now: dt.datetime, /) -> Iterable[Alert]:
        """Give what is to be alerted to at a moment; asked again, the same until it was raised."""
        ...

    def raised(self, alert: Alert, /) -> None:
        """Take note that one of them is in the log, durably."""
        ...


class _Place(NamedTuple):
    """How far a look came: that many lines, the hash of the last one, and when that was."""

    lines: int
    leaf: bytes
    at: dt.datetime


class AlertWatch:
    """Raises alerts. `standing` tells those that no event tells; blocking."""

    def __init__(
        self,
        ledger: Ledger,
        audit: AuditLog,
        *,
        limits: AlertLimits,
        standing: Standing,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._ledger = ledger
        self._audit = audit
        self._limits = limits
        self._standing = standing
        self._now = now
        self._seen: _Place | None = None
        self._at_work = threading.Lock()

    async def run(self, *, seconds: float) -> None:
        """Look again and again until cancelled."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(seconds)
        finally:
            # A look that is still under way in its thread keeps the file until the process ends.
            if self._at_work.acquire(blocking=False):
                self._ledger.close()

    async def look(self) -> None:
        """Raise what is new; what can not be found or written now is logged, and tried at the next look."""
        try:
            seen, found = await asyncio.to_thread(self._find)
            for alert in found:
                await self._raise(alert)
        except Exception as error:  # noqa: BLE001 - whatever it is, the service goes on without this look
            _log.error("alerts-not-looked-at", exc_info=error)
        else:
            self._seen = seen

    async def _raise(self, alert: Alert) -> None:
        try:
            await self._audit.record(alert_raised(alert))
        except ValueError as error:
            # A line that is not ours says something that no event may carry; the other alerts are not to wait for it.
            _log.error("alert-not-raised", exc_info=error)
        else:
            if alert.rule in STANDING:
                self._standing.raised(alert)

    def _find(self) -> tuple[_Place, list[Alert]]:
        """Give how far this look comes, and the alerts up to there that were not raised."""
        with self._at_work:
            now, ledger = self._now(), self._ledger
            ledger.catch_up()
            until = ledger.standing
            raised = ledger.answer(lambda: raised_alerts(ledger, since=now - _LONGEST))
            told = {(each.rule, each.event) for each in raised}
            found = ledger.answer(lambda: find_alerts(ledger.rows, since=self._first(now), limits=self._limits))
            new = [each for each in found if (each.rule, each.event) not in told]
            standing = (each for each in self._standing(now) if each.rule not in self._limits.without)
            return _Place(until.lines, until.leaf, now), [*new, *_not_told_lately(standing, raised, now)]

    def _first(self, now: dt.datetime) -> int:
        """Give the first line of the ledger to look at; what was raised before is not raised again."""
        seen, rows = self._seen, self._ledger.rows
        if seen is None:
            return first_line(rows, now - _BACK_DAYS)
        if seen.lines and not rows(_SAME_LINE, {"line": seen.lines - 1, "leaf": seen.leaf}):
            return first_line(rows, seen.at - _BACK_DAYS)
        return seen.lines


def _not_told_lately(standing: Iterable[Alert], raised: Iterable[Alert], now: dt.datetime) -> Iterator[Alert]:
    last = {(each.rule, each.recipient): each.at for each in raised if each.rule in STANDING}
    for alert in standing:
        before = last.get((alert.rule, alert.recipient))
        if before is None or now - before >= _AGAIN_DAYS.get(alert.rule, _AGAIN):
            last[alert.rule, alert.recipient] = now
            yield alert


class _KeyEnds(Protocol):
    def ends(self) -> dict[str, dt.datetime]: ...


class _Witnessed(Protocol):
    def last_whole(self) -> dict[str, float]: ...


class SiteStanding:
    """How it stands with keys, witnesses and the operational log, as alerts. For one thread at a time."""

    def __init__(
        self,
        keys: _KeyEnds,
        witnesses: _Witnessed,
        dropped: DroppedKeys,
        *,
        settings: AlertSettings,
        start: dt.datetime,
    ) -> None:
        self._keys = keys
        self._witnesses = witnesses
        self._dropped = dropped
        self._settings = settings
        self._start = start
        self._dropped_told = 0

    def __call__(self, now: dt.datetime) -> Iterator[Alert]:
        """Give what is to be alerted to at a moment."""
        for recipient, ends in sorted(self._keys.ends().items()):
            if ends - now < dt.timedelta(days=self._settings.key_days):
                yield Alert(rule=AlertId.KEY_ENDS, at=now, recipient=recipient)
        # A witness that has not been heard of since the start was heard of before it, for all that is known.
        whole = (max(each, self._start.timestamp()) for each in self._witnesses.last_whole().values())
        late = sum(now.timestamp() - each > self._settings.witness_seconds for each in whole)
        if late:
            yield Alert(rule=AlertId.WITNESS_OLD, at=now, count=late)
        dropped = self._dropped.count()
        if dropped > self._dropped_told:
            yield Alert(rule=AlertId.LOG_KEYS_DROPPED, at=now, count=dropped - self._dropped_told)

    def raised(self, alert: Alert) -> None:
        """Count what was left out of the operational log as told, once the log says so."""
        if alert.rule is AlertId.LOG_KEYS_DROPPED:
            self._dropped_told += alert.count


def build_alert_watch(house: House) -> AlertWatch:
    """Build what watches a house."""
    settings, now = house.settings.audit.alerts, house.parts.now
    standing = SiteStanding(
        house.gateway.key_watch,
        house.gateway.audit_parts.witnesses,
        DroppedKeys(house.site.service_log),
        settings=settings,
        start=now(),
    )
    return AlertWatch(
        Ledger(house.site.audit_log), house.audit, limits=settings.limits(ZONE), standing=standing, now=now
    )
