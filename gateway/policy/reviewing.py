"""What a person may settle, and when a review does: steps 1, 2 and 4 of the Wegwijzer, by a second person.

    1 the hold consists of nothing but rules that a person may settle: a closed list, short on purpose
    2 the review says release, and covers exactly the rules that hold the package now, under this very policy
    3 the reviewer is another person than the submitter, of the same organisation, and no deputy of the submitter
    4 for special and criminal data the reviewer has named the article of law that permits it: necessity alone is none

What fails a single point settles nothing, and the package is held again. A review takes no finding away but those of
the list: what the purpose does not need, what is blocked or unproven stays as it is. Changes in documents count only
with a review that settles.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.package.edits import DocumentEdits
from gateway.package.question import GivenReview, Question
from gateway.package.reviews import FOR_A_PERSON_TO_SETTLE, ReviewVerdict
from gateway.package.states import (
    Decision,
    DocumentVerdict,
    FieldVerdict,
    Outcome,
    Reason,
    RecipientDecision,
    Verdict,
)
from gateway.policy.policy_set import PolicySet
from gateway.policy.rules import RuleId

NEEDS_GROUND: Final = frozenset({RuleId.SPECIAL_SECOND_PERSON, RuleId.CRIMINAL_SECOND_PERSON})
RELEASABLE: Final = frozenset(map(RuleId, FOR_A_PERSON_TO_SETTLE))
_REVIEWED: Final[Mapping[str, RuleId]] = {
    RuleId.SPECIAL_SECOND_PERSON: RuleId.SPECIAL_REVIEWED,
    RuleId.CRIMINAL_SECOND_PERSON: RuleId.CRIMINAL_REVIEWED,
    RuleId.DOCUMENT_DOUBTFUL: RuleId.DOCUMENT_REVIEWED,
    RuleId.DOCUMENT_PICTURE: RuleId.DOCUMENT_REVIEWED,
}


def holding_rules(decision: Decision) -> tuple[str, ...]:
    """Give the ids of the rules that hold a package, each once, in order; none when it is not held."""
    if decision.outcome is not Outcome.HELD:
        return ()
    held = (each for each in decision.recipients if each.outcome is Outcome.HELD)
    return tuple(dict.fromkeys(reason.rule_id for each in held for reason in each.reasons))


def not_releasable(rule_ids: Iterable[str]) -> tuple[str, ...]:
    """Give those rules and codes of a hold that no review settles: they have to be mended."""
    return tuple(each for each in rule_ids if each not in RELEASABLE)


def needs_ground(rule_ids: Iterable[str]) -> bool:
    """Tell whether a release has to name the law that permits it (GDPR art. 9(2) and 10)."""
    return not NEEDS_GROUND.isdisjoint(rule_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a review settles: the rules, and the changes that it makes in documents, by their numbers."""

    rules: frozenset[str] = frozenset()
    edits: Mapping[int, DocumentEdits] = field(default_factory=dict)


NOTHING_SETTLED: Final = Settled()


def settled_by(asked: Question, *, decision: Decision) -> Settled:
    """Give what its reviews settle in a decision that was made without them; the changes are the last one's."""
    rules = holding_rules(decision)
    if not rules or not_releasable(rules):
        return NOTHING_SETTLED
    for review in reversed(asked.reviews):
        if _covers(review, rules=rules, decision=decision, asked=asked):
            return Settled(rules=frozenset(rules), edits={each.number: each for each in review.edits})
    return NOTHING_SETTLED


def _covers(review: GivenReview, *, rules: tuple[str, ...], decision: Decision, asked: Question) -> bool:
    return (
        review.verdict is ReviewVerdict.RELEASE
        and frozenset(review.rule_ids) == frozenset(rules)
        and review.policy_digest == decision.policy_digest
        and asked.submitter not in (review.reviewer, review.deputy_for)
        and review.organisation.casefold() == asked.organisation.casefold()
        and (review.grounded or not needs_ground(rules))
    )


def settle_field(found: FieldVerdict, *, settled: frozenset[str], policy: PolicySet) -> FieldVerdict:
    """Let a field go whose hold has been settled; any other verdict stays."""
    if found.verdict is not Verdict.HOLD or found.reason.rule_id not in settled:
        return found
    return replace(found, verdict=Verdict.RELEASE, reason=_reviewed(found.reason, policy))


def settle_document(found: DocumentVerdict, *, settled: frozenset[str], policy: PolicySet) -> DocumentVerdict:
    """Let a document go whose hold has been settled; any other verdict stays."""
    if found.verdict is not Verdict.HOLD or found.reason.rule_id not in settled:
        return found
    return replace(found, verdict=Verdict.RELEASE, reason=_reviewed(found.reason, policy))


def _reviewed(reason: Reason, policy: PolicySet) -> Reason:
    # A rule without one never gets here: age and channel are settled for the whole package, not for a field.
    return policy.reasons[_REVIEWED[reason.rule_id]]


def refused_by_review(decision: Decision, *, policy: PolicySet) -> Decision:
    """Say what a decision is once a reviewer has refused the package: nothing of what waited goes."""
    reason = policy.reasons[RuleId.REVIEW_REFUSED]
    recipients = tuple(_refused(each, reason) for each in decision.recipients)
    return replace(decision, outcome=Outcome.REFUSED, recipients=recipients)


def _refused(recipient: RecipientDecision, reason: Reason) -> RecipientDecision:
    return replace(
        recipient,
        outcome=Outcome.REFUSED,
        reasons=(reason,),
        fields=tuple(
            replace(each, verdict=Verdict.BLOCK, reason=reason) if each.verdict is Verdict.HOLD else each
            for each in recipient.fields
        ),
        documents=tuple(
            replace(each, verdict=Verdict.BLOCK, reason=reason) if each.verdict is Verdict.HOLD else each
            for each in recipient.documents
        ),
    )
