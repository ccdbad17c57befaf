"""Says of the events of a package what belongs to each of them: its trace, whom it is about, and on which ground. Pure.

Rules:
1. Every event of a package names its trace. One about an attempt names the attempt's span, and the caller's.
2. Whatever tells of a disclosure names its subject by pseudonyms, also when nothing was disclosed in the end, and so
   does what tells that a package came in or waits: a question about a person is answered by the log alone.
3. A ground is only named for a recipient that was cleared on it.
"""

from dataclasses import replace
from typing import Final

from gateway.audit.events import Event, EventAction
from gateway.package.encoding import Record
from gateway.package.ids import PackageId
from gateway.package.tracing import trace_of

_NAMING: Final = frozenset(
    {
        EventAction.PACKAGE_RECEIVED,
        EventAction.PACKAGE_POLICY_EVALUATED,
        EventAction.PACKAGE_HELD,
        EventAction.DOCUMENT_VIEWED,
        EventAction.PACKAGE_RELEASE_STARTED,
        EventAction.PACKAGE_RELEASED,
        EventAction.PACKAGE_RELEASE_FAILED,
        EventAction.PACKAGE_RELEASE_UNCERTAIN,
        EventAction.PACKAGE_COLLECTED,
        EventAction.PACKAGE_WITHDRAWN,
    }
)


def about(package: PackageId, record: Record, *events: Event) -> tuple[Event, ...]:
    """Give the events of one package with what its record says of all of them."""
    trace = trace_of(package, record.trace)
    return tuple(
        replace(
            event,
            trace=trace.id,
            parent_span=trace.parent_span,
            span=trace.span(event.recipient, event.attempt) if event.recipient and event.attempt else "",
            subjects=record.subjects if event.action in _NAMING else (),
            legal_basis=_ground(event, record) if event.action in _NAMING else "",
        )
        for event in events
    )


def _ground(event: Event, record: Record) -> str:
    return record.grounds.get(event.recipient or "", "")
