"""Which packages may still go, out of their events: what is held or under way, and nothing that has ended."""

from collections.abc import Sequence

import pytest

from gateway.audit.waiting import waiting_of
from tests.unit.audit.test_disclosures import record

ALLOWED, DENIED = "package-policy-evaluated allowed", "package-policy-evaluated denied"
STARTED, RELEASED, FAILED = "package-release-started", "package-released", "package-release-failed"
WHOLE = frozenset({"package-received", "package-held", "package-reviewed", "package-refused", "package-expired"})


def states(actions: Sequence[str]) -> list[bool]:
    """Give for each package that may still go whether it is held; `+` at the end of a word: about another recipient."""
    records = []
    for number, each in enumerate(actions):
        action, _, more = each.removesuffix("+").partition(" ")
        recipient = None if action in WHOLE or more == "whole" else "other" if each.endswith("+") else "r"
        given = {"event.type": [more], "event.reason": more, "gateway.recipient.id": recipient}
        records.append(record(number, action, **given))
    return [each.is_held for each in waiting_of(records)]


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (("package-received",), [False]),
        (("package-received", ALLOWED), [False]),
        ((ALLOWED, "package-sealed", STARTED), [False]),
        ((ALLOWED, STARTED, f"{FAILED} mail-deferred"), [False]),
        ((ALLOWED, f"{ALLOWED}+", STARTED, RELEASED), [False]),
        ((DENIED, "package-held"), [True]),
        ((ALLOWED, "package-held"), [True]),
        ((DENIED, "package-held", "package-reviewed"), [False]),
        ((DENIED, "package-held", "package-reviewed", ALLOWED), [False]),
        ((DENIED, "package-held", ALLOWED), [False]),
        ((DENIED, "package-held", DENIED, "package-held"), [True]),
        ((DENIED, "package-held", ALLOWED, STARTED, RELEASED), []),
        ((ALLOWED, STARTED, RELEASED), []),
        ((ALLOWED, STARTED, "package-release-uncertain"), []),
        ((ALLOWED, STARTED, f"{FAILED} mail-refused"), []),
        ((ALLOWED, STARTED, f"{FAILED} delivery-expired"), []),
        ((ALLOWED, STARTED, f"{FAILED} mail-outcome-unknown"), []),
        ((ALLOWED, STARTED, RELEASED, f"{FAILED} mail-bounced"), []),
        ((ALLOWED, "package-withdrawn"), []),
        ((ALLOWED, "package-withdrawn whole"), []),
        ((DENIED, "package-refused"), []),
        ((DENIED, "package-held", "package-reviewed", "package-refused"), []),
        ((DENIED, "package-held", "package-expired"), []),
    ],
)
def test_what_is_held_or_under_way_may_still_go_and_what_has_ended_may_not(
    actions: Sequence[str], expected: list[bool]
) -> None:
    assert expected == states(actions)
