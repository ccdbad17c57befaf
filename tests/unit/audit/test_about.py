from dataclasses import replace

import pytest

from gateway.audit.about import about
from gateway.audit.events import Event, EventAction
from gateway.package.encoding import Record
from gateway.package.ids import PackageId, RecipientId
from gateway.package.tracing import Trace

PACKAGE = PackageId("0198f0de-7e21-7c3a-9d52-0123456789ab")
NGO = RecipientId("ngo")
TRACE = Trace(id="4bf92f3577b34da6a3ce929d0e0e4736", parent_span="00f067aa0ba902b7", seed="5e" * 16)
RECORD = Record(trace=TRACE, subjects=("vnr:k1:" + "0f" * 16,), grounds={"ngo": "avg-6-1-a"})
NAMING = {
    "package-received",
    "package-held",
    "document-viewed",
    "package-policy-evaluated",
    "package-release-started",
    "package-released",
    "package-release-failed",
    "package-release-uncertain",
    "package-collected",
    "package-withdrawn",
}


@pytest.mark.parametrize("action", list(EventAction))
def test_what_tells_of_a_package_that_goes_or_may_go_names_its_subject_and_ground_and_nothing_else_does(
    action: EventAction,
) -> None:
    (event,) = about(PACKAGE, RECORD, Event(action=action, recipient=NGO))

    assert (action.value in NAMING) is bool(event.subjects) is bool(event.legal_basis)
    assert (TRACE.id, TRACE.parent_span) == (event.trace, event.parent_span)


def test_a_recipient_that_was_not_cleared_has_no_ground() -> None:
    event = Event(action=EventAction.PACKAGE_POLICY_EVALUATED, recipient=RecipientId("lawyer"))

    assert "" == about(PACKAGE, RECORD, event)[0].legal_basis


def test_the_intent_of_an_attempt_and_what_it_came_to_have_one_span() -> None:
    started = Event(action=EventAction.PACKAGE_RELEASE_STARTED, recipient=NGO, attempt=2)

    told = about(PACKAGE, RECORD, started, replace(started, action=EventAction.PACKAGE_RELEASED))

    assert [TRACE.span(NGO, 2)] * 2 == [each.span for each in told]


def test_what_is_no_attempt_has_no_span() -> None:
    events = about(PACKAGE, RECORD, Event(action=EventAction.PACKAGE_RECEIVED), Event(action=EventAction.PACKAGE_HELD))

    assert ["", ""] == [each.span for each in events]


def test_a_package_from_before_there_were_traces_has_one_all_the_same() -> None:
    (event,) = about(PACKAGE, Record(), Event(action=EventAction.PACKAGE_EXPIRED))

    assert (PACKAGE.replace("-", ""), "") == (event.trace, event.parent_span)
