"""The wrong-recipient guard: a warning changes nothing else, and a hold is the only way in which it stops anything."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.history import History, SentBefore
from gateway.package.ids import RecipientId
from gateway.package.states import Decision, Examined, Outcome
from gateway.policy.deciding import decide_only
from gateway.policy.policy_set import GuardAction, GuardRule, PolicySet
from gateway.policy.rules import RuleId
from tests.unit.policy.building import NOW, SAMPLES, covering, examined, with_reviews

GUARD = [rule for rule in RuleId if rule.startswith("guard.")]
MUNICIPALITY = RecipientId("gemeente-voorbeeld")
_KINDS = st.sampled_from(["chain_partner", "municipality", "ngo", "guardian", "lawyer"])
_BEFORE = st.builds(
    SentBefore,
    recipient=st.sampled_from(SAMPLES).map(RecipientId),
    kind=_KINDS,
    same_data_at=st.none() | st.integers(0, 20).map(lambda days: NOW - dt.timedelta(days=days)),
)
HISTORIES = st.builds(
    History,
    about_subject=st.lists(_BEFORE, max_size=4).map(tuple),
    reached=st.lists(st.sampled_from(SAMPLES).map(RecipientId), unique=True).map(tuple),
)


def after(history: History, facts: Examined | None = None) -> Examined:
    facts = examined() if facts is None else facts
    return replace(facts, evidence=replace(facts.evidence, history=history))


def guarded(shipped: PolicySet, *actions: GuardAction) -> PolicySet:
    rule = GuardRule(actions=dict(zip(GUARD, actions, strict=True)), same_data_days=7)
    return replace(shipped, guard=rule)


def without_warnings(decision: Decision) -> Decision:
    return replace(decision, recipients=tuple(replace(each, warnings=()) for each in decision.recipients))


@given(HISTORIES, st.sampled_from(SAMPLES))
def test_warnings_change_nothing_of_a_decision(shipped: PolicySet, history: History, to: str) -> None:
    facts = after(history, examined(to))
    off, warn = (guarded(shipped, *[action] * len(GUARD)) for action in (GuardAction.OFF, GuardAction.WARN))
    plain, warned = (decide_only(facts, policy=policy, now=NOW) for policy in (off, warn))

    assert plain == without_warnings(warned)
    assert () == plain.recipients[0].warnings


@given(HISTORIES, st.lists(st.sampled_from(GuardAction), min_size=len(GUARD), max_size=len(GUARD)))
def test_the_guard_never_lets_go_what_stops_without_it(
    shipped: PolicySet, history: History, actions: list[GuardAction]
) -> None:
    for facts in (examined(), examined(purpose="housing"), examined("vluchtelingenhulp-voorbeeld")):
        off = decide_only(after(history, facts), policy=guarded(shipped, *[GuardAction.OFF] * len(GUARD)), now=NOW)
        made = decide_only(after(history, facts), policy=guarded(shipped, *actions), now=NOW)
        assert off.recipients[0].fields == made.recipients[0].fields
        if Outcome.CLEARED is made.outcome:
            assert Outcome.CLEARED is off.outcome


@given(HISTORIES)
def test_every_hold_of_the_guard_is_settled_by_one_review_of_exactly_that(shipped: PolicySet, history: History) -> None:
    policy = guarded(shipped, *[GuardAction.HOLD] * len(GUARD))
    facts = after(history)
    if Outcome.HELD is decide_only(facts, policy=policy, now=NOW).outcome:
        reviewed = with_reviews(facts, covering(facts, policy))
        assert Outcome.CLEARED is decide_only(reviewed, policy=policy, now=NOW).outcome


def test_a_review_of_one_sign_does_not_settle_another_that_came_later(shipped: PolicySet) -> None:
    other = SentBefore(recipient=RecipientId("gemeente-ander"), kind="municipality")
    same = SentBefore(recipient=MUNICIPALITY, kind="municipality", same_data_at=NOW)
    before = after(History(about_subject=(other,), reached=(MUNICIPALITY,)))
    later = after(History(about_subject=(other, same), reached=(MUNICIPALITY,)))
    decision = decide_only(with_reviews(later, covering(before, shipped)), policy=shipped, now=NOW)

    assert ["guard.same-data"] == [each.rule_id for each in decision.recipients[0].reasons]


@pytest.mark.parametrize(
    ("ago", "outcome"),
    [
        (dt.timedelta(days=7) - dt.timedelta(microseconds=1), Outcome.HELD),
        (dt.timedelta(days=7), Outcome.CLEARED),
        (-dt.timedelta(hours=1), Outcome.HELD),
    ],
)
def test_the_same_data_counts_for_exactly_the_days_of_the_policy_also_when_the_clock_was_set_back(
    ago: dt.timedelta, outcome: Outcome, shipped: PolicySet
) -> None:
    same = SentBefore(recipient=MUNICIPALITY, kind="municipality", same_data_at=NOW - ago)
    facts = after(History(about_subject=(same,), reached=(MUNICIPALITY,)))
    assert outcome is decide_only(facts, policy=shipped, now=NOW).outcome


@pytest.mark.parametrize(
    ("went", "outcome"),
    [(None, Outcome.HELD), (2, Outcome.HELD), (1, Outcome.HELD), (0, Outcome.CLEARED)],
)
def test_the_same_package_of_which_more_would_go_than_went_before_is_not_the_same_data(
    went: int | None, outcome: Outcome, shipped: PolicySet
) -> None:
    same = SentBefore(recipient=MUNICIPALITY, kind="municipality", same_data_at=NOW, same_data_went=went)
    facts = after(History(about_subject=(same,), reached=(MUNICIPALITY,)))
    assert outcome is decide_only(facts, policy=shipped, now=NOW).outcome
