"""Tells the Logboek Dataverwerkingen 1.0.0 (Logius) what was done with a person's data: spans out of lines of the log.

Rules, in order:
1. One parent span for each line that tells of a processing action, and below it one for each pseudonym on the line: a
   record of the logbook names none or one (section "Component: Applicatie"). No sampling: every such line is told of.
   The intent of an attempt names nobody: it is the span that our requests to the recipient name, and what became of it
   stands below it with the person.
2. Ids, times and attributes follow from the line, its intent, its purpose and the settings alone, so that what is sent
   twice has the same ids and replaces itself.
3. Only what fits the form that its key has in the audit log goes on, and only the keys below: no person who works with
   Sluis, no recipient, no value, no text of an error. Attributes of adopted name spaces only: `dpl.core`, `exception`.
4. `Error` is a failure of machines. What the rules, a reviewer or a sender stop is an outcome like any other: `Unset`,
   or `Ok` where the action itself was completed.
5. What is missing is filled in, and raises nothing.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Any, Final, NamedTuple

import orjson

from gateway.audit.events import EventAction
from gateway.audit.records import fits
from gateway.package.errors import Code
from gateway.package.problems import PROBLEMS

PARENT_KEY: Final = "gateway.trace.parent_span"
"""The span of the application that called us, out of its `traceparent`."""
_ACTIVITY: Final = "dpl.core.processing_activity_id"
_SUBJECT: Final = "dpl.core.data_subject_id"
_SUBJECT_TYPE: Final = "dpl.core.data_subject_id_type"
_FOREIGN_SPAN: Final = "dpl.core.foreign_operation.span_id"
_FOREIGN_PROCESSOR: Final = "dpl.core.foreign_operation.processor"
_EXCEPTION_TYPE: Final = "exception.type"
_TECHNICAL: Final = 500
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_MOST_NANOSECONDS: Final = 2**63
SUBJECT_TYPES: Final[Mapping[str, str]] = {
    "bsn": "BSN",
    "vnr": "Vreemdelingennummer",
    "nbd": "Naam en geboortedatum",
}
"""What the standard calls the identifiers that our pseudonyms are made of."""


@unique
class SpanStatus(StrEnum):
    """How an action ended, as the standard counts it."""

    UNSET = "Unset"
    OK = "Ok"
    ERROR = "Error"


class _Told(NamedTuple):
    """What the logbook calls an action, and its status when no machine failed."""

    name: str
    status: SpanStatus


ACTIONS: Final[Mapping[EventAction, _Told]] = {
    EventAction.PACKAGE_POLICY_EVALUATED: _Told("Verstrekking beoordeeld", SpanStatus.UNSET),
    EventAction.PACKAGE_RELEASE_STARTED: _Told("Poging tot verstrekking", SpanStatus.UNSET),
    EventAction.PACKAGE_RELEASED: _Told("Gegevens verstrekt", SpanStatus.OK),
    EventAction.PACKAGE_COLLECTED: _Told("Verstrekte gegevens opgehaald", SpanStatus.OK),
    EventAction.PACKAGE_RELEASE_FAILED: _Told("Verstrekking niet gelukt", SpanStatus.UNSET),
    EventAction.PACKAGE_RELEASE_UNCERTAIN: _Told("Verstrekking met onbekende uitkomst", SpanStatus.UNSET),
    EventAction.DOCUMENT_VIEWED: _Told("Document ingezien voor een besluit", SpanStatus.OK),
    EventAction.PACKAGE_WITHDRAWN: _Told("Verstrekking ingetrokken", SpanStatus.OK),
}
"""The events that are processing actions; DECISIONS.md argues for them, and for those that are left out."""

_MAY_FAIL: Final = frozenset({EventAction.PACKAGE_RELEASE_FAILED, EventAction.PACKAGE_RELEASE_UNCERTAIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """What the settings say of the register of processing activities (AVG, article 30).

    `activities` are URIs by purpose, `default_activity` is that of every other; `subject_types` are what kinds of
    pseudonym are called, `applications` the URL of each application that calls us, by its id.
    """

    default_activity: str
    activities: Mapping[str, str] = field(default_factory=dict)
    subject_types: Mapping[str, str] = field(default_factory=dict)
    applications: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A line of the log that tells of a processing action, and when its intent was written, if it was: a time."""

    line: bytes = field(repr=False)
    record: Mapping[str, Any] = field(repr=False)
    action: EventAction
    started: str = ""

    def mark(self) -> str:
        """Give what makes this line another than all others."""
        return self.text("event.id") or hashlib.sha256(self.line).hexdigest()

    def text(self, key: str, *, form: str = "") -> str:
        """Give a value of the line that has the form of its key, or of another one; or nothing."""
        value = self.record.get(key)
        return value if isinstance(value, str) and fits(form or key, value) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Give the values of a list of the line that have the form of their key, each once."""
        values = self.record.get(key)
        return tuple(dict.fromkeys(each for each in values if fits(key, each))) if isinstance(values, list) else ()

    def at(self) -> int:
        """Give when the line was written, in ns since 1970."""
        return _nanoseconds(self.text("@timestamp"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One record of the logbook; ids are 16 and 8 bytes, a missing parent none, times ns since 1970.

    `version` is that of the Sluis that wrote the line.
    """

    trace_id: bytes
    span_id: bytes
    parent_span_id: bytes
    name: str
    status: SpanStatus
    start: int
    end: int
    attributes: tuple[tuple[str, str], ...]
    version: str


def action_of(line: bytes, *, started: str = "") -> Action | None:
    """Read a line of the log; None when it tells of no processing action, or can not be read as a record."""
    try:
        record: Any = orjson.loads(line)
        action = EventAction(record["event.action"])
    except (ValueError, TypeError, KeyError):
        return None
    if action not in ACTIONS:
        return None
    return Action(line=line, record=record, action=action, started=started)


def spans_of(action: Action, *, purpose: str, register: Register) -> tuple[Span, ...]:
    """Give the records of an action, the parent first; `purpose` is that of its package, empty when unknown."""
    told, end = ACTIONS[action.action], action.at()
    failure = _failure(action)
    activity = (_ACTIVITY, register.activities.get(purpose, register.default_activity))
    trace = bytes.fromhex(action.text("trace.id")) or _derived(
        "trace", action.text("gateway.package.id") or action.mark()
    )
    attempt, caller = action.text("span.id"), action.text(PARENT_KEY, form="span.id")
    # Several lines can tell of one attempt, such as a mail that arrived and then came back: only its intent has its id.
    begins = action.action is EventAction.PACKAGE_RELEASE_STARTED
    span = bytes.fromhex(attempt if begins else "") or _derived("span", action.mark())[:8]
    started = _nanoseconds(action.started)
    parent = Span(
        trace_id=trace,
        span_id=span,
        parent_span_id=bytes.fromhex(caller if begins else attempt or caller),
        name=told.name,
        status=SpanStatus.ERROR if failure else told.status,
        start=min(started, end) if started else end,
        end=end,
        attributes=(activity, *_foreign(action, caller, register), *failure),
        version=action.text("service.version"),
    )
    children = (_about(parent, pseudonym, activity, register, mark=action.mark()) for pseudonym in _subjects(action))
    return (parent, *children)


def _about(parent: Span, pseudonym: str, activity: tuple[str, str], register: Register, *, mark: str) -> Span:
    kind = pseudonym.partition(":")[0]
    named = register.subject_types.get(kind) or SUBJECT_TYPES.get(kind, kind)
    return Span(
        trace_id=parent.trace_id,
        span_id=_derived("subject", mark, pseudonym)[:8],
        parent_span_id=parent.span_id,
        name=parent.name,
        status=parent.status,
        start=parent.start,
        end=parent.end,
        attributes=(activity, (_SUBJECT, pseudonym), (_SUBJECT_TYPE, named)),
        version=parent.version,
    )


def _subjects(action: Action) -> tuple[str, ...]:
    begins = action.action is EventAction.PACKAGE_RELEASE_STARTED
    return () if begins else action.texts("gateway.subject.pseudonym")


def _foreign(action: Action, caller: str, register: Register) -> tuple[tuple[str, str], ...]:
    """Tell which application called us, and from where in its own work; nothing when none did."""
    if not caller:
        return ()
    url = register.applications.get(action.text("user.id"), "")
    return ((_FOREIGN_SPAN, caller), *(((_FOREIGN_PROCESSOR, url),) if url else ()))


def _failure(action: Action) -> tuple[tuple[str, str], ...]:
    """Tell by which code a machine failed, ours or another's; nothing when what stopped it was a decision."""
    if action.action not in _MAY_FAIL:
        return ()
    codes = (code for code in action.texts("error.code") if PROBLEMS[Code(code)].status >= _TECHNICAL)
    return tuple((_EXCEPTION_TYPE, code) for code in codes)[:1]


def _derived(*parts: str) -> bytes:
    """Make 16 bytes of what they stand for, the same each time; zeros, which mean none, nobody has seen of SHA-256."""
    return hashlib.sha256("\0".join(("sluis-logbook", *parts)).encode()).digest()[:16]


def moment_of(time: str) -> dt.datetime | None:
    """Read a time of the log; None for none, and for what only looks like one."""
    try:
        moment = dt.datetime.fromisoformat(time)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _nanoseconds(time: str) -> int:
    """Give a time of the log in ns since 1970; 0 for none, and for one that OTLP has no room for."""
    moment = moment_of(time)
    nanoseconds = (moment - _EPOCH) // _MICROSECOND * 1000 if moment else 0
    return nanoseconds if 0 <= nanoseconds < _MOST_NANOSECONDS else 0
