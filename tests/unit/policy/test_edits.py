"""A reviewer's changes count with the review that settles, and the decision counts what goes after them."""

from dataclasses import replace

import pytest

from gateway.package.edits import Area, DocumentEdits, Edits, Span
from gateway.package.facts import Counted, DocumentFindings, Kind, Searchability, Whose
from gateway.package.ids import PersonId
from gateway.package.reviews import Opinion, ReviewReason, ReviewVerdict
from gateway.package.states import DocumentVerdict, Examined, Outcome, Verdict
from gateway.policy.deciding import decide_only
from gateway.policy.policy_set import PolicySet
from gateway.policy.rules import RuleId
from tests.unit.policy.building import NOW, covering, document, examined, with_reviews

NAMES = Counted(kind=Kind.NAME, whose=Whose.THIRD_PARTY, page=1, count=2)
NUMBER = Counted(kind=Kind.BSN, whose=Whose.THIRD_PARTY, page=1, certain=False)
ONE_NAME = replace(NAMES, count=1)
SPAN = Span(passage=0, start=0, end=4)
AREA = Area(page=1, left=0.1, top=0.1, right=0.2, bottom=0.2)


def doubtful() -> Examined:
    facts = examined(documents=(document(),), search={1: Searchability.SEARCHED})
    findings = {1: DocumentFindings(counted=(NAMES, NUMBER))}
    return replace(facts, evidence=replace(facts.evidence, findings=findings))


def changes(edits: Edits, *lifted: Counted) -> Opinion:
    made = DocumentEdits(number=1, edits=edits, lifted=lifted)
    return Opinion(verdict=ReviewVerdict.RELEASE, reason=ReviewReason.NECESSITY_PROVEN, edits=(made,))


def verdict_after(policy: PolicySet, opinion: Opinion, *, reviewer: str = "officer") -> DocumentVerdict:
    facts = doubtful()
    review = covering(facts, policy, opinion=opinion, reviewer=reviewer)
    (recipient,) = decide_only(with_reviews(facts, review), policy=policy, now=NOW).recipients
    return recipient.documents[0]


@pytest.mark.parametrize(
    ("lifted", "left"),
    [
        ((), (NAMES, NUMBER)),
        ((NUMBER,), (NAMES,)),
        ((ONE_NAME,), (ONE_NAME, NUMBER)),
        ((ONE_NAME, ONE_NAME), (NUMBER,)),
    ],
)
def test_what_was_lifted_is_not_counted_as_redacted(
    shipped: PolicySet, lifted: tuple[Counted, ...], left: tuple[Counted, ...]
) -> None:
    found = verdict_after(shipped, changes(Edits(lifted=(SPAN,)), *lifted))

    assert (Verdict.REDACT, left) == (found.verdict, found.redacted)


def test_a_document_in_which_everything_is_lifted_is_released_with_its_changes(shipped: PolicySet) -> None:
    found = verdict_after(shipped, changes(Edits(lifted=(SPAN,)), NAMES, NUMBER))

    assert (Verdict.RELEASE, "document.reviewed", ()) == (found.verdict, found.reason.rule_id, found.redacted)
    assert found.edits is not None


def test_of_a_released_document_is_said_that_it_was_decided_on_and_not_that_it_was_looked_at(
    shipped: PolicySet,
) -> None:
    # A release holds for each document of the package, also for one that the officer did not open.
    reason = shipped.reasons[RuleId.DOCUMENT_REVIEWED]

    assert reason.nl.endswith("heeft besloten dat dit document zo mee mag.")
    assert reason.en.endswith("has decided that this document may go as it is now.")
    assert "gekeken" not in reason.nl
    assert "look" not in reason.en


@pytest.mark.parametrize("added", [Edits(added=(SPAN,)), Edits(areas=(AREA,))])
def test_what_only_a_reviewer_added_is_a_redaction_as_well(shipped: PolicySet, added: Edits) -> None:
    edits = replace(added, lifted=(SPAN,))
    found = verdict_after(shipped, changes(edits, NAMES, NUMBER))

    assert (Verdict.REDACT, ()) == (found.verdict, found.redacted)
    assert found.edits is not None
    assert 1 == found.edits.added


def test_the_changes_of_a_review_that_settles_nothing_count_for_nothing(shipped: PolicySet) -> None:
    submitter = doubtful().package.submitter.person
    found = verdict_after(shipped, changes(Edits(lifted=(SPAN,)), NUMBER), reviewer=submitter)

    assert (Verdict.HOLD, None) == (found.verdict, found.edits)


def test_the_changes_of_the_last_review_that_settles_count(shipped: PolicySet) -> None:
    facts = doubtful()
    first = covering(facts, shipped, opinion=changes(Edits(lifted=(SPAN,)), NUMBER))
    last = replace(first, reviewer=PersonId("another"), opinion=changes(Edits(added=(SPAN,))))
    decision = decide_only(with_reviews(facts, first, last), policy=shipped, now=NOW)

    assert Outcome.CLEARED == decision.outcome
    assert last.opinion.edits[0] == decision.recipients[0].documents[0].edits
