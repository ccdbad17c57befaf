"""Counts what the audit log was told since the service started, for whoever draws numbers over time.

Rules, in order:
1. Every label is one of a closed list of ours (states, channels, outcomes, verdicts, stages), or the id of a rule; of
   those at most `MOST_REASONS` are told apart. Never a person, a recipient, a package or a value.
2. Counting is quick, raises nothing and holds no lock over anything but itself: the log's writer calls it.
3. Counts begin at 0 with the service, as Prometheus expects of counters. The evidence is the log.
"""

import datetime as dt
import threading
from bisect import bisect_left
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.audit.alert_rules import AlertId
from gateway.audit.events import Event, EventAction

MOST_REASONS: Final = 200
OTHER_REASON: Final = "other"
PREPARE, DELIVER = "prepare", "deliver"
SECONDS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
BYTES: Final = tuple(float(4**power * 1024) for power in range(11))  # 1 KiB to 1 GiB

_MOST_UNDER_WAY: Final = 10_000
_STATES: Final = {
    EventAction.PACKAGE_RECEIVED: "received",
    EventAction.PACKAGE_REJECTED: "rejected",
    EventAction.PACKAGE_HELD: "held",
    EventAction.PACKAGE_REFUSED: "refused",
}
_OUTCOMES: Final = {
    EventAction.PACKAGE_RELEASED: "sent",
    EventAction.PACKAGE_RELEASE_FAILED: "failed",
    EventAction.PACKAGE_RELEASE_UNCERTAIN: "uncertain",
    EventAction.PACKAGE_COLLECTED: "collected",
    EventAction.PACKAGE_WITHDRAWN: "withdrawn",
}
STATES: Final = (*_STATES.values(), "sealed", "withdrawn", "expired")
OUTCOMES: Final = tuple(_OUTCOMES.values())
REMOVING: Final = ("strip", "redact", "block")


@dataclass(slots=True)
class Spread:
    """How numbers are spread: how many fell under each of the bounds and above them all, and their sum."""

    bounds: Sequence[float]
    counts: list[int] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = self.counts or [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        """Count one number; a bound belongs to what is under it."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def copy(self) -> "Spread":
        """Give what it is now."""
        return Spread(self.bounds, list(self.counts), self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was counted at one moment; `deliveries` by channel and outcome, `processing` in seconds by stage."""

    records: int
    failures: int
    packages: Mapping[str, int]
    held: Mapping[str, int]
    removed: Mapping[str, int]
    deliveries: Mapping[tuple[str, str], int]
    alerts: Mapping[str, int]
    processing: Mapping[str, Spread]
    sizes: Spread
    written_at: dt.datetime | None
    policy_loaded_at: dt.datetime | None


class Tally:
    """Satisfies the audit log's `Listener`; see the module for its rules."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records = self._failures = 0
        self._packages: Counter[str] = Counter(dict.fromkeys(STATES, 0))
        self._held: Counter[str] = Counter()
        self._removed: Counter[str] = Counter(dict.fromkeys(REMOVING, 0))
        self._deliveries: Counter[tuple[str, str]] = Counter()
        self._alerts: Counter[str] = Counter({rule.value: 0 for rule in AlertId})
        self._processing = {stage: Spread(SECONDS) for stage in (PREPARE, DELIVER)}
        self._sizes = Spread(BYTES)
        self._written_at: dt.datetime | None = None
        self._policy_loaded_at: dt.datetime | None = None
        # Since when a package is prepared, or one of its deliveries tried; the oldest fall out when there are many.
        self._under_way: OrderedDict[tuple[str, ...], dt.datetime] = OrderedDict()
        self._sealed_last: str | None = None

    def wrote(self, event: Event, at: dt.datetime) -> None:
        """See the port."""
        with self._lock:
            self._records += 1
            self._written_at = at
            self._count_package(event)
            self._count_delivery(event)
            self._time(event, at)
            if event.action is EventAction.ALERT_RAISED:
                self._alerts.update(event.codes)
            if event.action is EventAction.POLICY_LOADED and event.outcome == "success":
                self._policy_loaded_at = at

    def failed(self) -> None:
        """See the port."""
        with self._lock:
            self._failures += 1

    def counted(self) -> Counted:
        """Give all counts of one moment."""
        with self._lock:
            return Counted(
                records=self._records,
                failures=self._failures,
                packages=dict(self._packages),
                held=dict(self._held),
                removed=dict(self._removed),
                deliveries=dict(self._deliveries),
                alerts=dict(self._alerts),
                processing={stage: spread.copy() for stage, spread in self._processing.items()},
                sizes=self._sizes.copy(),
                written_at=self._written_at,
                policy_loaded_at=self._policy_loaded_at,
            )

    def _count_package(self, event: Event) -> None:
        action = event.action
        if state := _STATES.get(action):
            self._packages[state] += 1
        elif action is EventAction.PACKAGE_WITHDRAWN and event.recipient is None:
            self._packages["withdrawn"] += 1
        elif action is EventAction.PACKAGE_EXPIRED and event.codes:
            # Without a code it is the retention of something that ended long ago.
            self._packages["expired"] += 1
        elif action is EventAction.PACKAGE_SEALED:
            self._sizes.add(event.size or 0)
            if event.package != self._sealed_last:
                self._packages["sealed"] += 1
                self._sealed_last = event.package
        if action is EventAction.PACKAGE_HELD:
            for code in event.codes:
                self._held[code if code in self._held or len(self._held) < MOST_REASONS else OTHER_REASON] += 1
        if action is EventAction.PACKAGE_POLICY_EVALUATED:
            self._removed.update({verdict: count for verdict, count in event.verdicts if verdict in REMOVING})

    def _count_delivery(self, event: Event) -> None:
        outcome = _OUTCOMES.get(event.action)
        if outcome and event.recipient is not None:
            self._deliveries[event.channel, outcome] += 1

    def _time(self, event: Event, at: dt.datetime) -> None:
        """Time what lies between two events; what began before the service did is not timed."""
        package, recipient = event.package or "", event.recipient or ""
        match event.action:
            case EventAction.PACKAGE_RECEIVED:
                self._begin((package,), at)
            case EventAction.PACKAGE_SEALED | EventAction.PACKAGE_HELD | EventAction.PACKAGE_REFUSED:
                self._end((package,), PREPARE, at)
            case EventAction.PACKAGE_RELEASE_STARTED:
                self._begin((package, recipient), at)
            case EventAction.PACKAGE_RELEASED | EventAction.PACKAGE_RELEASE_FAILED:
                self._end((package, recipient), DELIVER, at)
            case _:
                pass

    def _begin(self, what: tuple[str, ...], at: dt.datetime) -> None:
        self._under_way[what] = at
        if len(self._under_way) > _MOST_UNDER_WAY:
            self._under_way.popitem(last=False)

    def _end(self, what: tuple[str, ...], stage: str, at: dt.datetime) -> None:
        begun = self._under_way.pop(what, None)
        if begun is not None:
            self._processing[stage].add(max((at - begun).total_seconds(), 0.0))
