"""The numbers for Prometheus: counts since the start, and how things stand now, as one page of text.

Rules, in order:
1. Labels are closed lists, names of witnesses and recipients of the register, and ids of rules. A recipient stands only
   with the day on which its key ends, never with a count: how often somebody got something may point at one case.
2. Everything is made anew for each question, in a registry of its own; nothing is kept by the library.
3. What can not be found out does not stop the rest: the page then leaves that number out.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.notes import Note
from gateway.bootstrap.dropped_keys import DroppedKeys
from gateway.bootstrap.tally import OUTCOMES, Counted, Spread, Tally
from gateway.package.holding import HoldStage
from gateway.package.states import Channel
from gateway.package.views import Health

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

UNDER_WAY: Final = ("incomplete", "received", "held", "releasing")


class _Log(Protocol):
    def checkpoint(self) -> Note | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stand at one moment; times in seconds since 1970.

    `key_ends` by recipient, the own key's under the empty name; `witnessed` by witness; `age` in seconds.
    """

    health: Health
    age: float
    tree_size: int
    key_ends: Mapping[str, dt.datetime]
    witnessed: Mapping[str, float]
    dropped_keys: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Puts the page together. `oldest` is when the oldest package under way came in."""

    tally: Tally
    log: _Log
    dropped: DroppedKeys
    oldest: Callable[[], Awaitable[dt.datetime | None]]
    now: Callable[[], dt.datetime]

    async def page(
        self, health: Health, *, key_ends: Mapping[str, dt.datetime], witnessed: Mapping[str, float]
    ) -> bytes:
        """Give the page. Raises SluisError `spool-unavailable`."""
        oldest, note = await self.oldest(), self.log.checkpoint()
        standing = Standing(
            health=health,
            age=max((self.now() - oldest).total_seconds(), 0.0) if oldest else 0.0,
            tree_size=read_checkpoint(note).size if note else 0,
            key_ends=key_ends,
            witnessed=witnessed,
            dropped_keys=await asyncio.to_thread(self.dropped.count),
        )
        return write_page(self.tally.counted(), standing)


def write_page(counted: Counted, standing: Standing) -> bytes:
    """Write all numbers in Prometheus's text format 0.0.4. Pure."""
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - only sites that are watched

    class Families:
        def collect(self) -> Iterator["Metric"]:
            yield from _of_packages(counted)
            yield from _of_the_work(standing)
            yield from _of_the_log(counted, standing)
            yield from _of_what_is_in_force(counted, standing)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Families())
    return generate_latest(registry)


_Rows = Iterable[tuple[tuple[str, ...], float]]


def _counter(name: str, text: str, labels: tuple[str, ...], rows: _Rows) -> "Metric":
    from prometheus_client.core import CounterMetricFamily  # noqa: PLC0415 - see above

    family = CounterMetricFamily(name, f"{text} Since the service started.", labels=labels)
    for values, count in rows:
        family.add_metric(values, count)
    return family


def _gauge(name: str, text: str, labels: tuple[str, ...], rows: _Rows) -> "Metric":
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - see above

    family = GaugeMetricFamily(name, text, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def _histogram(
    name: str, text: str, labels: tuple[str, ...], rows: Iterable[tuple[tuple[str, ...], Spread]]
) -> "Metric":
    from prometheus_client.core import HistogramMetricFamily  # noqa: PLC0415 - see above

    family = HistogramMetricFamily(name, f"{text} Since the service started.", labels=labels)
    for values, spread in rows:
        so_far, buckets = 0, []
        for bound, count in zip((*map(str, spread.bounds), "+Inf"), spread.counts, strict=True):
            so_far += count
            buckets.append((bound, so_far))
        family.add_metric(values, buckets, spread.total)
    return family


def _one(number: float) -> _Rows:
    return [((), number)]


def _by_one(counts: Mapping[str, float]) -> _Rows:
    return [((name,), count) for name, count in sorted(counts.items())]


def _of_packages(counted: Counted) -> Iterator["Metric"]:
    yield _counter("gateway_packages", "Packages that came to a state.", ("state",), _by_one(counted.packages))
    yield _counter(
        "gateway_packages_held", "Packages held, by each of their reasons.", ("reason",), _by_one(counted.held)
    )
    yield _counter(
        "gateway_fields_removed",
        "Fields that a recipient did not get, or not whole, by verdict.",
        ("verdict",),
        _by_one(counted.removed),
    )
    deliveries = [
        ((channel.value, outcome), counted.deliveries.get((channel.value, outcome), 0))
        for channel in Channel
        for outcome in OUTCOMES
    ]
    yield _counter("gateway_deliveries", "What attempts to deliver came to.", ("channel", "outcome"), deliveries)
    stages = [((stage,), spread) for stage, spread in counted.processing.items()]
    yield _histogram(
        "gateway_package_processing_seconds",
        "Time from received to sealed, held or refused (prepare), and of an attempt to deliver (deliver).",
        ("stage",),
        stages,
    )
    yield _histogram(
        "gateway_package_size_bytes", "Size of what was encrypted for one recipient.", (), [((), counted.sizes)]
    )


def _of_the_work(standing: Standing) -> Iterator["Metric"]:
    health = standing.health
    under_way = [((state,), health.packages.get(state, 0)) for state in UNDER_WAY]
    yield _gauge("gateway_outbox_packages", "Packages that have not come to an end.", ("state",), under_way)
    yield _gauge(
        "gateway_outbox_oldest_package_age_seconds",
        "Age of the oldest package that is being decided on or delivered; 0 without any.",
        (),
        _one(standing.age),
    )
    holds = [((stage.name.lower(),), health.holds.get(stage, 0)) for stage in HoldStage]
    yield _gauge("gateway_holds", "Packages that wait for a person, by how often people were told.", ("stage",), holds)
    yield _gauge("gateway_ready", "1 when packages are taken and released.", (), _one(float(health.ready)))
    for name, text, told in (
        ("gateway_problems", "What keeps packages from being taken or released.", health.problems),
        ("gateway_notices", "What waits for a person or a channel.", health.notices),
    ):
        codes = [code for code, _ in told]
        yield _gauge(name, text, ("code",), _by_one({code: codes.count(code) for code in codes}))


def _of_the_log(counted: Counted, standing: Standing) -> Iterator["Metric"]:
    yield _counter("gateway_audit_records", "Records written to the audit log.", (), _one(counted.records))
    yield _counter(
        "gateway_audit_append_failures", "Times that the audit log could not be written.", (), _one(counted.failures)
    )
    yield _counter("gateway_alerts", "Alerts raised for the security team.", ("alert",), _by_one(counted.alerts))
    yield _gauge("gateway_audit_tree_size", "Records under the last checkpoint.", (), _one(standing.tree_size))
    yield _gauge(
        "gateway_audit_last_checkpoint_timestamp_seconds",
        "When the last checkpoint was signed.",
        (),
        [((), counted.written_at.timestamp())] if counted.written_at else [],
    )
    yield _gauge(
        "gateway_audit_last_witness_timestamp_seconds",
        "When a witness last knew the whole log; 0 when not since the service started.",
        ("witness",),
        _by_one(standing.witnessed),
    )
    yield _counter(
        "gateway_log_dropped_keys",
        "Keys that the operational log may not carry and left out.",
        (),
        _one(standing.dropped_keys),
    )


def _of_what_is_in_force(counted: Counted, standing: Standing) -> Iterator["Metric"]:
    ends = {name: moment.timestamp() for name, moment in standing.key_ends.items()}
    yield _gauge(
        "gateway_recipient_key_expiry_timestamp_seconds",
        "When the first key that is used of a recipient ends.",
        ("recipient",),
        _by_one({name: moment for name, moment in ends.items() if name}),
    )
    yield _gauge(
        "gateway_signing_key_expiry_timestamp_seconds",
        "When the own signing key ends.",
        (),
        [((), ends[""])] if "" in ends else [],
    )
    loaded = counted.policy_loaded_at
    yield _gauge(
        "gateway_policy_loaded_timestamp_seconds",
        "When the rules in force were loaded.",
        (),
        [((), loaded.timestamp())] if loaded else [],
    )
    yield _gauge("gateway_build_info", "1, with the version of Sluis.", ("version",), [((standing.health.version,), 1)])
