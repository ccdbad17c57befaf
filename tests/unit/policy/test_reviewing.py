import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.facts import Counted, DocumentFindings, Kind, Searchability, Whose
from gateway.package.ids import PersonId
from gateway.package.law_articles import names_an_article
from gateway.package.reviews import Opinion, Review, ReviewReason, ReviewVerdict
from gateway.package.states import Channel, Decision, Examined, Outcome, Verdict
from gateway.policy.deciding import decide_only
from gateway.policy.policy_set import PolicySet
from gateway.policy.reviewing import NEEDS_GROUND, RELEASABLE, holding_rules, not_releasable, refused_by_review
from gateway.policy.rules import RuleId
from tests.unit.policy.building import (
    NOW,
    RELEASE,
    SPARE,
    Folders,
    covering,
    document,
    examined,
    make_folders,
    with_reviews,
)

NECESSITY = "De politie moet weten dat deze persoon insuline gebruikt bij de ontruiming."
OFFICER = PersonId("officer")
PARTNER = "ind-voorbeeld"


def with_listed_exception(folders: Folders) -> Folders:
    """Let the register list mail as an exception for a chain partner."""
    mail = f'channels:\n  - {{channel: secure-mail, address: balie@ind.example, keys: ["{SPARE}"]}}\n'
    folders.replace(f"recipients/{PARTNER}.yaml", "channels:\n", f"exceptionChannels: [secure-mail]\n{mail}")
    return folders


@pytest.fixture(scope="module")
def with_exception(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    return with_listed_exception(make_folders(tmp_path_factory.mktemp("exception"))).load()


def with_health(**changes: Any) -> Examined:
    return examined(**{"rows": [{"name": "x", "health": "x"}], "necessity": NECESSITY, **changes})


def decided(facts: Examined, policy: PolicySet, *reviews: Review) -> Decision:
    return decide_only(with_reviews(facts, *reviews), policy=policy, now=NOW)


def released(decision: Decision) -> set[str]:
    fields = (each for recipient in decision.recipients for each in recipient.fields)
    return {each.path for each in fields if each.verdict is Verdict.RELEASE}


# ---- What a review settles -----------------------------------------------------------------------------------


def test_a_covering_review_lets_the_held_field_go_by_a_rule_of_its_own(shipped: PolicySet) -> None:
    facts = with_health()

    decision = decided(facts, shipped, covering(facts, shipped))

    verdicts = {each.path: (each.verdict, each.reason.rule_id) for each in decision.recipients[0].fields}
    assert Outcome.CLEARED == decision.outcome
    assert {"name": (Verdict.RELEASE, "field.permitted"), "health": (Verdict.RELEASE, "special.reviewed")} == verdicts


def test_only_a_closed_list_is_for_a_person_to_settle() -> None:
    listed = {"special.second-person", "criminal.second-person", "subject.age-unsure", "channel.exception-review"}
    listed |= {"consent.name-variant", "mandate.name-variant", "document.doubtful", "document.picture"}
    assert listed | {rule_id for rule_id in RuleId if rule_id.startswith("guard.")} == set(RELEASABLE)
    assert {"special.second-person", "criminal.second-person"} == set(NEEDS_GROUND)


def test_no_other_hold_is_settled_not_even_one_that_stands_beside_special_data(shipped: PolicySet) -> None:
    holds = {
        "channel.not-connected": with_health(connected=()),
        "key-missing": with_health(keys={}),
        "permission.review-due": with_health(today=dt.date(2028, 1, 1)),
        "document.undeclared": with_health(documents=(document(holds=()),)),
        "document.not-searchable": with_health(documents=(document(),), search={1: Searchability.NOT_TEXT}),
        "document.third-parties": with_health(documents=(document(),), search={1: Searchability.TEXT}),
    }

    for rule, facts in holds.items():
        decision = decided(facts, shipped, covering(facts, shipped))
        assert Outcome.HELD == decision.outcome, rule
        assert {rule} == set(not_releasable(holding_rules(decision))), rule
        assert "health" not in released(decision), rule


@pytest.mark.parametrize(
    "flaw",
    [
        {"reviewer": PersonId("caseworker")},
        {"organisation": "COA"},
        {"rule_ids": ()},
        {"rule_ids": ("criminal.second-person",)},
        {"rule_ids": ("special.second-person", "criminal.second-person")},
        {"policy_digest": "0" * 64},
        {"opinion": replace(RELEASE, ground=" ")},
        {"opinion": replace(RELEASE, ground="geen idee")},
        {"opinion": replace(RELEASE, verdict=ReviewVerdict.REFUSE, reason=ReviewReason.NO_GROUND)},
    ],
    ids=[
        "own package",
        "other organisation",
        "no rule",
        "other rule",
        "more rules",
        "other policy",
        "no ground",
        "no article",
        "no",
    ],
)
def test_a_review_with_one_flaw_settles_nothing(flaw: dict[str, Any], shipped: PolicySet) -> None:
    facts = with_health()
    flawed = replace(covering(facts, shipped), **flaw)

    assert decided(facts, shipped) == decided(facts, shipped, flawed)


def test_the_organisation_of_the_reviewer_is_compared_without_case(shipped: PolicySet) -> None:
    facts = with_health()
    review = replace(covering(facts, shipped), organisation="dt&v")

    assert Outcome.CLEARED == decided(facts, shipped, review).outcome


def test_a_review_of_health_does_not_let_a_conviction_go_that_waits_too(shipped: PolicySet) -> None:
    health_alone = covering(with_health(), shipped)
    both = with_health(rows=[{"name": "x", "health": "x", "criminalRecord": "x"}])

    assert Outcome.HELD == decided(both, shipped, health_alone).outcome
    assert Outcome.CLEARED == decided(both, shipped, health_alone, covering(both, shipped)).outcome


def test_an_unsure_age_needs_no_ground_and_an_adult_is_refused_in_spite_of_a_review(shipped: PolicySet) -> None:
    unsure = examined("nidos-voorbeeld", purpose="guardianship", guardianship={"reference": "x"}, ages=(17, 18))
    review = covering(unsure, shipped, opinion=Opinion(verdict=ReviewVerdict.RELEASE, reason=ReviewReason.OTHER))
    grown = replace(unsure, evidence=replace(unsure.evidence, youngest=18, oldest=19))

    assert Outcome.CLEARED == decided(unsure, shipped, review).outcome
    assert Outcome.REFUSED == decided(grown, shipped, review).outcome


AGREED = Opinion(verdict=ReviewVerdict.RELEASE, reason=ReviewReason.CHANNEL_AGREED)


@given(wish=st.sampled_from([None, *Channel]), connected=st.sets(st.sampled_from(list(Channel))))
def test_a_released_exception_goes_by_the_listed_channel_that_was_asked_for_and_by_no_other(
    *, wish: Channel | None, connected: set[Channel], with_exception: PolicySet
) -> None:
    extra: dict[str, Any] = {"channel": wish.value} if wish else {}
    facts = examined(PARTNER, purpose="return", connected=connected, **extra)

    bare = decided(facts, with_exception)
    decision = decided(facts, with_exception, covering(facts, with_exception, opinion=AGREED))

    if bare.outcome is not decision.outcome:
        first = decision.recipients[0]
        assert (Channel.SECURE_MAIL, Channel.SECURE_MAIL) == (wish, first.channel)
        assert Channel.SECURE_MAIL in connected
        assert ["channel.exception-reviewed"] == [reason.rule_id for reason in first.reasons]
    else:
        assert bare == decision
        assert Channel.CHAIN_FACILITY in connected or Outcome.CLEARED != decision.outcome


def test_a_review_of_an_exception_settles_nothing_once_the_recipients_entry_has_changed(folders: Folders) -> None:
    facts = examined(PARTNER, purpose="return", channel="secure-mail")
    review = covering(facts, with_listed_exception(folders).load(), opinion=AGREED)
    folders.replace(f"recipients/{PARTNER}.yaml", "balie@ind.example", "ander@ind.example")

    decision = decided(facts, folders.load(), review)

    assert ("channel.exception-review",) == holding_rules(decision)


def test_a_doubt_is_told_beside_every_other_hold_and_no_release_without_it_lets_the_document_go(
    shipped: PolicySet,
) -> None:
    facts = with_health(documents=(document(holds=("ordinary", "special")),), search={1: Searchability.SEARCHED})
    doubtful = Counted(kind=Kind.NAME, whose=Whose.THIRD_PARTY, certain=False)
    findings = {1: DocumentFindings(counted=(doubtful,), pictures=1)}
    unsure = replace(facts, evidence=replace(facts.evidence, findings=findings))
    rules = ("special.second-person", "document.picture", "document.doubtful")

    assert rules == holding_rules(decided(unsure, shipped))
    assert Outcome.HELD == decided(unsure, shipped, covering(facts, shipped)).outcome
    assert Outcome.CLEARED == decided(unsure, shipped, covering(unsure, shipped)).outcome


def test_a_document_is_searched_before_anybody_is_asked_to_release_it(shipped: PolicySet) -> None:
    letter = document(holds=("ordinary", "special"))
    unread = with_health(documents=(letter,), search={1: Searchability.NOT_TEXT})

    found = decided(unread, shipped).recipients[0].documents[0]

    assert (Verdict.HOLD, "document.not-searchable") == (found.verdict, found.reason.rule_id)


def test_a_refusal_leaves_nothing_of_what_waited_and_names_its_rule(shipped: PolicySet) -> None:
    decision = refused_by_review(decided(with_health(), shipped), policy=shipped)

    assert Outcome.REFUSED == decision.outcome
    assert ("review.refused",) == tuple(reason.rule_id for reason in decision.deciding_reasons())
    assert Verdict.HOLD not in {each.verdict for each in decision.recipients[0].fields}


# ---- The law -------------------------------------------------------------------------------------------------

REVIEWS = st.builds(
    Review,
    reviewer=st.sampled_from([OFFICER, PersonId("caseworker")]),
    organisation=st.sampled_from(["DT&V", "dt&v", "COA", ""]),
    opinion=st.builds(
        Opinion,
        verdict=st.sampled_from(ReviewVerdict),
        reason=st.sampled_from(ReviewReason),
        ground=st.sampled_from(["", " ", "geen idee", "AVG 9(2)(c); UAVG 30"]),
    ),
    rule_ids=st.lists(st.sampled_from([each.value for each in RuleId]), max_size=2).map(tuple)
    | st.just(("special.second-person",))
    | st.just(("special.second-person", "criminal.second-person")),
    policy_digest=st.sampled_from(["", "shipped"]),
    at=st.just(NOW),
)
PLACES = {
    "gemeente-voorbeeld": "public-order",
    "nidos-voorbeeld": "guardianship",
    "vluchtelingenhulp-voorbeeld": "legal-support",
    "advocaat-voorbeeld": "representation",
}
SENSITIVE = {"health", "criminalRecord", "religion"}


def _is_from_a_second_person_with_a_ground(review: Review) -> bool:
    return (
        review.opinion.verdict is ReviewVerdict.RELEASE
        and review.reviewer != "caseworker"
        and review.organisation.casefold() == "dt&v"
        and names_an_article(review.opinion.ground)
    )


@given(
    to=st.sampled_from(sorted(PLACES)),
    fields=st.sets(st.sampled_from([*sorted(SENSITIVE), "name", "foto", "departureStrategy"]), min_size=1),
    necessity=st.sampled_from(["", NECESSITY]),
    ages=st.sampled_from([(15, 15), (17, 18), (30, 30), (None, None)]),
    reviews=st.lists(REVIEWS, max_size=3),
)
def test_no_evidence_lets_special_data_out_of_the_small_chain_but_a_covering_review_with_a_ground(
    *,
    to: str,
    fields: set[str],
    necessity: str,
    ages: tuple[int | None, int | None],
    reviews: list[Review],
    shipped: PolicySet,
) -> None:
    extra: dict[str, Any] = {"necessity": necessity} if necessity else {}
    facts = examined(
        to, purpose=PLACES[to], rows=[dict.fromkeys(fields, "x")], ages=ages, guardianship={"reference": "x"}, **extra
    )
    signed = [
        replace(each, policy_digest=shipped.digest if each.policy_digest == "shipped" else each.policy_digest)
        for each in reviews
    ]

    bare, decision = decided(facts, shipped), decided(facts, shipped, *signed)

    assert released(bare).isdisjoint(SENSITIVE)
    assert released(bare) <= released(decision)
    if released(decision) & SENSITIVE:
        assert necessity
        assert any(_covers_exactly(signed, holding_rules(bare), shipped.digest))
    if bare.outcome is not Outcome.HELD:
        assert bare == decision


def _covers_exactly(reviews: Iterable[Review], rules: tuple[str, ...], digest: str) -> Iterable[bool]:
    for each in reviews:
        yield (
            _is_from_a_second_person_with_a_ground(each)
            and set(each.rule_ids) == set(rules)
            and each.policy_digest == digest
        )
