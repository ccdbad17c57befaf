"""Which of the things that the log is asked by each event can say: part of the closed list of events. Pure.

A question for a thing that an event never says finds nothing, and that must not read as the answer that nothing
happened. The names are those of `Filter`, its fields but the event's own name and its time, which every event has.
Tests compare this list with what is written in each event.
"""

from collections.abc import Collection, Mapping
from typing import Final

from gateway.audit.events import EventAction

ASKED_BY: Final = ("package", "recipient", "person", "policy", "category", "code")
"""What can be asked by, in the order in which it is told."""

SAYS: Final[Mapping[EventAction, frozenset[str]]] = {
    EventAction.SERVICE_STARTED: frozenset(),
    EventAction.SERVICE_STOPPED: frozenset(),
    EventAction.AUDIT_LOG_RECOVERED: frozenset(),
    EventAction.AUDIT_DELETION_PROPOSED: frozenset({"person"}),
    EventAction.AUDIT_SEGMENT_DELETED: frozenset({"person"}),
    EventAction.POLICY_PROPOSED: frozenset({"person", "policy"}),
    EventAction.POLICY_APPROVED: frozenset({"person", "policy"}),
    EventAction.POLICY_LOADED: frozenset({"policy"}),
    EventAction.KEY_PROPOSED: frozenset({"recipient", "person"}),
    EventAction.KEY_RENEWED: frozenset({"recipient", "person"}),
    EventAction.KEY_TRUSTED: frozenset({"recipient", "person"}),
    EventAction.KEY_RETIREMENT_PROPOSED: frozenset({"recipient", "person"}),
    EventAction.KEY_RETIRED: frozenset({"recipient", "person"}),
    EventAction.SIGNING_KEY_ROTATED: frozenset({"person"}),
    EventAction.PSEUDONYM_KEY_ROTATED: frozenset({"person"}),
    EventAction.RECIPIENT_TEST_STARTED: frozenset({"recipient", "person", "code"}),
    EventAction.RECIPIENT_TESTED: frozenset({"recipient", "person", "code"}),
    EventAction.PACKAGE_RECEIVED: frozenset({"package", "person"}),
    EventAction.PACKAGE_REJECTED: frozenset({"package", "person", "code"}),
    EventAction.PACKAGE_POLICY_EVALUATED: frozenset(ASKED_BY),
    EventAction.PACKAGE_HELD: frozenset({"package", "policy", "code"}),
    EventAction.DOCUMENT_VIEWED: frozenset({"package", "recipient", "person"}),
    EventAction.PACKAGE_REVIEWED: frozenset({"package", "person", "policy", "code"}),
    EventAction.PACKAGE_REFUSED: frozenset({"package", "policy", "code"}),
    EventAction.PACKAGE_SEALED: frozenset({"package", "recipient"}),
    EventAction.PACKAGE_RELEASE_STARTED: frozenset({"package", "recipient", "code"}),
    EventAction.PACKAGE_RELEASED: frozenset({"package", "recipient", "code"}),
    EventAction.PACKAGE_RELEASE_FAILED: frozenset({"package", "recipient", "code"}),
    EventAction.PACKAGE_RELEASE_UNCERTAIN: frozenset({"package", "recipient", "code"}),
    EventAction.PACKAGE_COLLECTED: frozenset({"package", "recipient", "code"}),
    EventAction.PICKUP_REMINDED: frozenset({"package", "recipient"}),
    EventAction.PICKUP_CODE_TEXTED: frozenset({"package", "recipient", "code"}),
    EventAction.PICKUP_CODE_WRONG: frozenset({"package", "recipient"}),
    EventAction.PACKAGE_EXPIRED: frozenset({"package", "code"}),
    EventAction.PACKAGE_WITHDRAWN: frozenset({"package", "recipient", "person", "code"}),
    EventAction.HOLD_REMINDED: frozenset({"package", "code"}),
    EventAction.HOLD_ESCALATED: frozenset({"package", "code"}),
    EventAction.ALERT_RAISED: frozenset({"recipient", "person", "code"}),
    EventAction.USER_LOGIN: frozenset({"person"}),
    EventAction.USER_LOGIN_FAILED: frozenset(),
}


def never_said(action: EventAction, asked: Collection[str]) -> tuple[str, ...]:
    """Give those of the things asked by that no event of this name says."""
    return tuple(each for each in ASKED_BY if each in asked and each not in SAYS[action])


def saying_more(action: EventAction, asked: Collection[str]) -> tuple[EventAction, ...]:
    """Give the events that say all that this one says, and what is asked by too: they can be asked in its place."""
    wanted = SAYS[action] | (frozenset(asked) & frozenset(ASKED_BY))
    return tuple(each for each, says in SAYS.items() if wanted <= says)
