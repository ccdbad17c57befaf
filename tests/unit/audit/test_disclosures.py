"""What the events of a parcel come to: whether anything left, and what became of it."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.disclosures import MAY_HAVE_IT, Fate, disclosures_of

EVALUATED = "package-policy-evaluated"
STARTED, RELEASED, FAILED = "package-release-started", "package-released", "package-release-failed"
UNCERTAIN, COLLECTED, WITHDRAWN = "package-release-uncertain", "package-collected", "package-withdrawn"
ALL = (EVALUATED, "package-sealed", STARTED, RELEASED, FAILED, UNCERTAIN, COLLECTED, WITHDRAWN)


def record(number: int, action: str, **changes: Any) -> dict[str, Any]:
    whole = {
        "@timestamp": f"2026-11-20T09:00:{number:02}.000000Z",
        "event.sequence": number,
        "event.action": action,
        "gateway.package.id": "p",
        "gateway.recipient.id": "r",
        "gateway.channel": "secure-mail",
    }
    return whole | changes


def fates(actions: Sequence[str]) -> list[Fate]:
    told = (each.partition(" ") for each in actions)
    records = (record(n, action, **({"event.reason": why} if why else {})) for n, (action, _, why) in enumerate(told))
    return [each.fate for each in disclosures_of(records)]


@pytest.mark.parametrize(
    ("actions", "fate"),
    [
        ((STARTED, RELEASED), Fate.SENT),
        ((STARTED, FAILED, STARTED, RELEASED), Fate.SENT),
        ((STARTED, RELEASED, RELEASED), Fate.DELIVERED),
        ((STARTED, RELEASED, COLLECTED), Fate.COLLECTED),
        ((STARTED, RELEASED, f"{FAILED} mail-bounced"), Fate.RETURNED),
        ((STARTED, RELEASED, f"{FAILED} postbus-expired"), Fate.RETURNED),
        ((STARTED, RELEASED, f"{FAILED} postbus-unconfirmed"), Fate.UNCERTAIN),
        ((STARTED, RELEASED, f"{FAILED} postbus-locked"), Fate.UNCERTAIN),
        ((STARTED, f"{FAILED} mail-outcome-unknown"), Fate.UNCERTAIN),
        # The service ended during the first attempt.
        ((STARTED, STARTED, f"{FAILED} mail-refused"), Fate.UNCERTAIN),
        ((STARTED, f"{FAILED} basis-lapsed"), Fate.UNCERTAIN),
        ((STARTED, STARTED, RELEASED), Fate.SENT),
        ((STARTED, RELEASED, WITHDRAWN), Fate.WITHDRAWN),
        ((STARTED, UNCERTAIN), Fate.UNCERTAIN),
        ((STARTED, UNCERTAIN, STARTED, FAILED), Fate.UNCERTAIN),
        ((STARTED, UNCERTAIN, STARTED, RELEASED), Fate.SENT),
        ((STARTED, UNCERTAIN, WITHDRAWN), Fate.UNCERTAIN),
        ((STARTED,), Fate.UNCERTAIN),
        # Two copies may have arrived, and one came back.
        ((STARTED, UNCERTAIN, STARTED, RELEASED, f"{FAILED} mail-bounced"), Fate.UNCERTAIN),
        ((STARTED, STARTED, RELEASED, f"{FAILED} mail-bounced"), Fate.UNCERTAIN),
        ((STARTED, UNCERTAIN, STARTED, RELEASED, f"{FAILED} mail-copy-bounced"), Fate.UNCERTAIN),
        ((STARTED, RELEASED, STARTED, RELEASED, f"{FAILED} mail-bounced"), Fate.UNCERTAIN),
        ((UNCERTAIN, STARTED, RELEASED, f"{FAILED} mail-bounced"), Fate.UNCERTAIN),
        # A receipt says that it arrived, and a mail that comes back does not take that away.
        ((STARTED, RELEASED, RELEASED, f"{FAILED} mail-bounced"), Fate.UNCERTAIN),
        ((STARTED, UNCERTAIN, RELEASED, f"{FAILED} mail-bounced"), Fate.UNCERTAIN),
        # The other copy arrived after all.
        ((STARTED, UNCERTAIN, STARTED, RELEASED, f"{FAILED} mail-bounced", RELEASED), Fate.DELIVERED),
        # One copy only: the attempt before was refused.
        ((STARTED, f"{FAILED} mail-deferred", STARTED, RELEASED, f"{FAILED} mail-bounced"), Fate.RETURNED),
        # The postbus keeps one parcel, however often it was brought there.
        ((STARTED, UNCERTAIN, STARTED, RELEASED, f"{FAILED} postbus-expired"), Fate.RETURNED),
    ],
)
def test_what_may_have_left_is_a_disclosure_and_tells_what_became_of_it(actions: Sequence[str], fate: Fate) -> None:
    assert [fate] == fates((EVALUATED, *actions))


@pytest.mark.parametrize(
    ("channel", "fate"),
    [
        ("secure-mail", Fate.DELIVERED),
        ("postbus", Fate.DELIVERED),
        ("chain-facility", Fate.DELIVERED),
        ("file-drop", Fate.SENT),
        (None, Fate.SENT),
    ],
)
def test_what_is_found_where_it_was_brought_after_a_crash_is_no_receipt(channel: str | None, fate: Fate) -> None:
    told = [record(n, each, **{"gateway.channel": channel}) for n, each in enumerate((STARTED, RELEASED, RELEASED))]

    assert [fate] == [each.fate for each in disclosures_of(told)]


@pytest.mark.parametrize(
    "actions",
    [
        (),
        ("package-sealed",),
        (STARTED, FAILED),
        (WITHDRAWN,),
        (STARTED, FAILED, WITHDRAWN),
        (STARTED, FAILED, f"{FAILED} basis-lapsed"),
    ],
)
def test_what_never_left_is_no_disclosure(actions: Sequence[str]) -> None:
    assert [] == fates((EVALUATED, *actions))


@given(st.lists(st.sampled_from(ALL), max_size=12))
def test_nothing_that_a_next_hop_may_have_taken_is_left_out(actions: list[str]) -> None:
    expected = any(each in (RELEASED, UNCERTAIN, COLLECTED) for each in actions)

    assert not expected or 1 == len(fates(actions))


@given(st.lists(st.sampled_from(ALL), max_size=12))
def test_an_attempt_of_which_nothing_says_how_it_ended_is_never_forgotten(actions: list[str]) -> None:
    twice = any(pair == (STARTED, STARTED) for pair in itertools.pairwise(actions))

    assert not twice or 1 == len(fates(actions))


@given(st.lists(st.sampled_from(ALL), max_size=12))
def test_what_arrived_for_certain_is_never_told_to_be_back_unless_an_event_says_so(actions: list[str]) -> None:
    found = fates(actions)

    assert all(each in MAY_HAVE_IT for each in found) or FAILED in actions or WITHDRAWN in actions


def test_a_disclosure_is_told_by_the_last_decision_before_it_left() -> None:
    decided = {"rule.version": "b" * 64, "gateway.field_categories": ["ordinary"], "gateway.purpose": "legal-support"}
    told = disclosures_of(
        (
            record(0, EVALUATED, **{"rule.version": "a" * 64, "gateway.field_categories": ["special"]}),
            record(1, EVALUATED, **decided, **{"gateway.warnings": ["guard.new"], "gateway.legal_basis": "consent"}),
            record(2, STARTED, **{"gateway.channel": "secure-mail"}),
            record(3, RELEASED, **{"gateway.channel": "secure-mail"}),
            record(4, EVALUATED, **{"rule.version": "c" * 64}),
            record(5, FAILED, **{"event.reason": "mail-bounced"}),
        )
    )

    [one] = told
    assert ("b" * 64, ("ordinary",), "legal-support") == (one.policy, one.categories, one.purpose)
    assert (("guard.new",), "consent", "secure-mail") == (one.warnings, one.legal_basis, one.channel)
    assert ("2026-11-20T09:00:03.000000Z", "mail-bounced") == (one.at, one.reason)
    assert (0, 1, 2, 3, 4, 5) == one.events


def test_a_doubt_that_comes_after_it_left_changes_nothing_of_the_decision_by_which_it_left() -> None:
    [one] = disclosures_of(
        (
            record(0, EVALUATED, **{"rule.version": "a" * 64}),
            record(1, STARTED),
            record(2, RELEASED),
            record(3, FAILED, **{"event.reason": "postbus-unconfirmed"}),
            record(4, EVALUATED, **{"rule.version": "b" * 64}),
        )
    )

    assert (Fate.UNCERTAIN, "a" * 64) == (one.fate, one.policy)


def test_each_recipient_of_each_package_is_told_apart_in_the_order_in_which_it_left() -> None:
    parcels = [("p", "b"), ("p", "a"), ("q", "a")]
    told = disclosures_of(
        record(n, RELEASED, **{"gateway.package.id": package, "gateway.recipient.id": recipient})
        for n, (package, recipient) in enumerate(parcels)
    )

    assert parcels == [(each.package, each.recipient) for each in told]
