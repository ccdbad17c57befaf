"""Laws of the decision, for packages, recipients, evidence and reviews by chance."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.minimise.projecting import project, released_paths
from gateway.package.encoding import Record, encode_record
from gateway.package.facts import ConsentFacts, Filing, KeyHealth, Paper, Searchability, Standing
from gateway.package.ids import PersonId, RecipientId
from gateway.package.law_articles import names_an_article
from gateway.package.manifest import Category
from gateway.package.paths import iter_leaves
from gateway.package.reviews import Review
from gateway.package.states import Channel, Decision, Examined, Outcome, Verdict
from gateway.policy.deciding import decide_only
from gateway.policy.policy_set import PolicySet
from gateway.policy.reviewing import RELEASABLE, holding_rules
from tests.unit.policy.building import KEYS, NOW, RELEASE, SAMPLES, SHIPPED, TODAY, covering, document, examined

NECESSITY = "De politie moet weten dat deze persoon insuline gebruikt bij de ontruiming."
PURPOSES = {
    "advocaat-voorbeeld": "representation",
    "gemeente-voorbeeld": "public-order",
    "ind-voorbeeld": "asylum-procedure",
    "nidos-voorbeeld": "guardianship",
    "vluchtelingenhulp-voorbeeld": "legal-support",
}
BIOMETRIC = ["foto", "facialImage", "fingerprints", "irisScan", "biometrics"]
FIELDS = ["name", "bsn", "health", "religion", "criminalRecord", "address", "departureStrategy", "internalNotes"]
PATHS = st.sampled_from([*FIELDS, *BIOMETRIC]) | st.text("abcxyz", min_size=1, max_size=8)
ROWS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    PATHS, st.sampled_from(["x", 1, None, ["y"], {"name": "z"}]), min_size=1, max_size=8
)
SENSITIVE = frozenset({Category.SPECIAL, Category.CRIMINAL})


@st.composite
def consents(draw: st.DrawFn) -> dict[str, Any]:
    whole = {
        "signedOn": TODAY,
        "signedBy": "x",
        "recipient": "Stichting Vluchtelingenhulp Voorbeeld",
        "caseReference": "IS-TV/2026/118",
        "categories": draw(st.sampled_from([[], [Category.ORDINARY], [Category.ORDINARY, Category.SPECIAL]])),
    }
    missing = draw(mostly(None, *whole))
    return {key: value for key, value in whole.items() if key != missing}


def mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """Draw what is fine eight times out of nine: a package in which everything is wrong proves nothing."""
    return st.sampled_from([*[usual] * 8 * len(others), *others])


@st.composite
def packages(draw: st.DrawFn) -> Examined:
    first = draw(st.sampled_from(SAMPLES))
    second = draw(mostly(first, *SAMPLES))
    ages = (15, 15) if first == "nidos-voorbeeld" else (30, 30)
    more: dict[str, Any] = {
        "partial": draw(st.sampled_from(["refused", "allowed"])),
        "necessity": draw(mostly(NECESSITY, None, "nodig")),
        "consent": draw(mostly(draw(consents()), None)),
        "mandate": draw(st.none() | st.just({"signedOn": TODAY, "signedBy": "x"})),
        "guardianship": draw(mostly({"reference": "C/1"}, None)),
        "channel": draw(mostly(None, *(each.value for each in Channel))),
    }
    kinds = st.sampled_from(["letter", "medical-report", "interview-report", "internal-note", "other"])
    holds = mostly(["ordinary"], ["ordinary", "special"], ["criminal"], [])
    files = tuple(
        document(draw(kinds), number=number, holds=draw(holds)) for number in range(1, draw(st.integers(1, 3)))
    )
    facts = st.builds(
        ConsentFacts,
        paper=st.sampled_from(Paper),
        filing=st.sampled_from(Filing),
        withdrawn=st.sampled_from([None, True, False]),
    )
    return examined(
        list(dict.fromkeys((first, second))),
        purpose=draw(mostly(PURPOSES[first], *PURPOSES.values(), "housing")),
        rows=[draw(ROWS)],
        sender=draw(mostly("DT&V", "IND", "DJI")),
        documents=files,
        search={each.number: draw(mostly(Searchability.SEARCHED, *Searchability)) for each in files},
        ages=draw(mostly(ages, (17, 18), (30, 30), (None, None))),
        keys=dict.fromkeys(KEYS.values(), draw(mostly(KeyHealth.USABLE, KeyHealth.EXPIRED))),
        connected=draw(mostly(list(Channel), [Channel.SECURE_MAIL], [])),
        secret_address=draw(st.booleans()),
        consent_facts=draw(
            mostly(ConsentFacts(paper=Paper.READABLE, filing=Filing.FILED, withdrawn=False, youngest=30), draw(facts))
        ),
        mandate_paper=draw(st.sampled_from(Paper)),
        bar={RecipientId("advocaat-voorbeeld"): draw(mostly(Standing.REGISTERED, *Standing))},
        **{key: value for key, value in more.items() if value is not None},
    )


def decided(facts: Examined, policy: PolicySet) -> Decision:
    return decide_only(facts, policy=policy, now=NOW)


def reviewed(facts: Examined, *reviews: Review) -> Examined:
    return replace(facts, evidence=replace(facts.evidence, reviews=reviews))


def flawed(review: Review) -> st.SearchStrategy[Review]:
    return st.sampled_from(
        [
            review,
            review,
            replace(review, reviewer=PersonId("caseworker")),
            replace(review, organisation="COA"),
            replace(review, policy_digest="0" * 64),
            replace(review, rule_ids=(*review.rule_ids, "field.permitted")),
            replace(review, rule_ids=()),
            replace(review, opinion=replace(RELEASE, ground=" ")),
        ]
    )


def sensitive_that_goes(facts: Examined, decision: Decision, policy: PolicySet) -> set[tuple[str, object]]:
    """Give what of special and criminal data is released to somebody outside the small chain."""
    kinds = {each.number: {*each.declared_categories} for each in facts.package.documents}
    outside = [each for each in decision.recipients if not policy.recipients[each.recipient].small_chain]
    fields: set[tuple[str, object]] = {
        (each.recipient, verdict.path)
        for each in outside
        for verdict in each.fields
        if verdict.verdict is Verdict.RELEASE and verdict.category in SENSITIVE
    }
    documents: set[tuple[str, object]] = {
        (each.recipient, verdict.number)
        for each in outside
        for verdict in each.documents
        if verdict.verdict is Verdict.RELEASE
        and {*kinds[verdict.number], policy.documents[verdict.kind].category} & SENSITIVE
    }
    return fields | documents


# ---- The laws ------------------------------------------------------------------------------------------------


def nothing_leaves_that_was_not_released(policy: PolicySet, facts: Examined, data: st.DataObject) -> None:
    decision = decided(reviewed(facts, data.draw(flawed(covering(facts, policy)))), policy)
    assert facts.evidence.data is not None
    for each in decision.recipients:
        released = {verdict.path for verdict in each.fields if verdict.verdict is Verdict.RELEASE}
        left = project(facts.evidence.data, released_paths(each.fields))
        rows = left if isinstance(left, list) else [left]
        assert {path for row in rows if isinstance(row, dict) for path, _ in iter_leaves(row)} <= released


def nothing_special_goes_outside_without_a_fitting_review(
    policy: PolicySet, facts: Examined, data: st.DataObject
) -> None:
    bare = decided(facts, policy)
    review = data.draw(flawed(covering(facts, policy)))
    after = decided(reviewed(facts, review), policy)
    fits = (
        review.reviewer != "caseworker"
        and review.organisation == facts.package.submitter.organisation
        and review.policy_digest == policy.digest
        and set(review.rule_ids) == set(holding_rules(bare))
        and names_an_article(review.opinion.ground)
    )

    assert set() == sensitive_that_goes(facts, bare, policy)
    assert fits or set() == sensitive_that_goes(facts, after, policy)


def a_review_settles_nothing_but_what_is_for_a_person(policy: PolicySet, facts: Examined, data: st.DataObject) -> None:
    bare = decided(facts, policy)
    after = decided(reviewed(facts, data.draw(flawed(covering(facts, policy)))), policy)

    if after != bare:
        assert bare.outcome is Outcome.HELD
        assert set(holding_rules(bare)) <= set(RELEASABLE)


def biometrics_go_to_nobody_and_neither_does_what_nobody_classified(
    policy: PolicySet, facts: Examined, data: st.DataObject
) -> None:
    decision = decided(reviewed(facts, data.draw(flawed(covering(facts, policy)))), policy)
    catalogued = {path for grant in policy.grants.values() for path in grant.verdicts[0][0]}
    released = {
        each.path for recipient in decision.recipients for each in recipient.fields if each.verdict is Verdict.RELEASE
    }

    assert released.isdisjoint(BIOMETRIC)
    assert released <= catalogued


def one_more_field_changes_no_verdict_on_another(policy: PolicySet, facts: Examined, data: st.DataObject) -> None:
    assert facts.evidence.data is not None
    row = facts.evidence.data.rows[0]
    more = {**row, data.draw(PATHS.filter(lambda path: path not in row)): "x"}
    wider = replace(facts, evidence=replace(facts.evidence, data=replace(facts.evidence.data, rows=(more,))))

    for before, after in zip(decided(facts, policy).recipients, decided(wider, policy).recipients, strict=True):
        assert set(before.fields) <= set(after.fields)


def the_same_facts_give_the_same_bytes(policy: PolicySet, facts: Examined, data: st.DataObject) -> None:
    again = replace(facts, evidence=replace(facts.evidence, open_channels=frozenset(facts.evidence.open_channels)))
    first, second = (encode_record(Record(decision=decided(each, policy))) for each in (facts, again))

    assert first == second


LAWS: list[Callable[[PolicySet, Examined, st.DataObject], None]] = [
    nothing_leaves_that_was_not_released,
    nothing_special_goes_outside_without_a_fitting_review,
    a_review_settles_nothing_but_what_is_for_a_person,
    biometrics_go_to_nobody_and_neither_does_what_nobody_classified,
    one_more_field_changes_no_verdict_on_another,
    the_same_facts_give_the_same_bytes,
]


def hold(law: Callable[[PolicySet, Examined, st.DataObject], None], policy: PolicySet, *, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(facts=packages(), data=st.data())
    def check(facts: Examined, data: st.DataObject) -> None:
        law(policy, facts, data)

    check()


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_decision_keeps_its_laws(
    law: Callable[[PolicySet, Examined, st.DataObject], None], shipped: PolicySet
) -> None:
    hold(law, shipped, examples=100)


@pytest.mark.soak
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_decision_keeps_its_laws_for_thousands_of_packages(
    law: Callable[[PolicySet, Examined, st.DataObject], None], shipped: PolicySet
) -> None:
    hold(law, shipped, examples=3000)


def test_the_packages_of_these_laws_end_in_every_way_and_some_go_by_a_review(shipped: PolicySet) -> None:
    outcomes: list[Outcome] = []
    by_review: list[bool] = []

    @settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(facts=packages())
    def count(facts: Examined) -> None:
        outcomes.append(decided(facts, shipped).outcome)
        after = decided(reviewed(facts, covering(facts, shipped)), shipped)
        by_review.append(bool(sensitive_that_goes(facts, after, shipped)))

    count()
    assert min(outcomes.count(each) for each in Outcome) >= 20
    assert sum(by_review) >= 10


def test_another_process_with_another_hash_seed_decides_the_same_bytes() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-m", "tests.unit.policy.deciding_again"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=SHIPPED.parent,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }

    assert 1 == len(digests)
    assert b"" not in digests


# ---- What a sender writes ------------------------------------------------------------------------------------

WRITTEN = st.text("אבגدهوжзи王小明ሰላገብ", min_size=6, max_size=20)


@settings(max_examples=100, deadline=None)
@given(texts=st.lists(WRITTEN, min_size=6, max_size=6), day=st.dates(), end=st.none() | st.dates())
def test_no_value_of_consent_mandate_or_subject_is_in_a_reason_and_no_date_ends_in_an_error(
    shipped: PolicySet, texts: list[str], day: Any, end: Any
) -> None:
    name, signer, recipient, proof, reference, other = texts
    more: dict[str, Any] = {
        "consent": {
            "signedOn": day,
            "signedBy": signer,
            "signerRole": "parent",
            "recipient": recipient,
            "proof": proof,
            "caseReference": reference,
            "validUntil": end,
        },
        "mandate": {"signedOn": day, "signedBy": other, "endsOn": end},
    }
    purposes = {"vluchtelingenhulp-voorbeeld": "legal-support", "advocaat-voorbeeld": "representation"}
    for to, purpose in purposes.items():
        decision = decided(examined(to, purpose=purpose, subject=name, **more), shipped)
        told = encode_record(Record(decision=decision)).decode()
        assert Outcome.CLEARED is not decision.outcome
        assert [] == [text for text in texts if text in told]
