"""Step 1 of the Wegwijzer: who asks, and on which basis?

    1a the sender's organisation may send
    1b the purpose belongs to this kind of recipient, and this recipient has a permission for it
    1c the permission still holds: `reviewOn` is the first day on which it does not
    1d the data is the subject's, whose age and papers are looked at
    1e consent, bar register or mandate, guardianship, minority: what this kind of recipient must prove

What can not be proved yet is held, never let through. Every point is looked at, so that a sender hears all at once.
"""

from collections.abc import Callable, Iterator

from gateway.package.manifest import Category
from gateway.package.question import Question
from gateway.package.states import Outcome, RecipientKind
from gateway.policy.ages import ADULT_AGE
from gateway.policy.consent import examine_consent
from gateway.policy.finding import Finding
from gateway.policy.policy_set import Grant, Need, PolicySet, Recipient
from gateway.policy.representation import examine_representation
from gateway.policy.rules import RuleId


def examine_basis(
    asked: Question,
    *,
    recipient: Recipient,
    grant: Grant | None,
    going: frozenset[Category],
    policy: PolicySet,
) -> Iterator[Finding]:
    """Give everything that step 1 finds against sharing data of these categories with this recipient."""
    yield from _permission(asked, recipient=recipient, grant=grant, policy=policy)
    if not asked.about_subject:
        yield _finding(policy, Outcome.HELD, RuleId.SUBJECT_DATA_DIFFERS)
    needs = policy.kinds[recipient.kind].needs
    if Need.CONSENT in needs:
        yield from examine_consent(asked, recipient=recipient, going=going, policy=policy)
    if Need.REPRESENTATION in needs:
        for outcome, rule_id in examine_representation(asked, recipient=recipient):
            yield _finding(policy, outcome, rule_id)
    for need, examine in _EXAMINERS.items():
        if need in needs:
            for outcome, rule_id in examine(asked):
                yield _finding(policy, outcome, rule_id)


def _permission(asked: Question, *, recipient: Recipient, grant: Grant | None, policy: PolicySet) -> Iterator[Finding]:
    organisation = policy.organisations.get(asked.organisation.casefold())
    if organisation is None or organisation.privacy_office is None:
        yield _finding(policy, Outcome.REFUSED, RuleId.SENDER_NOT_SENDING_ORGANISATION)
    if grant is None:
        yield _finding(policy, Outcome.REFUSED, why_no_grant(asked, recipient=recipient, policy=policy))
    elif grant.review_on <= asked.facts.today:
        yield _finding(policy, Outcome.HELD, RuleId.PERMISSION_REVIEW_DUE)


def why_no_grant(asked: Question, *, recipient: Recipient, policy: PolicySet) -> RuleId:
    """Say why a recipient may get nothing for the purpose of this package."""
    return why_not_for(asked.purpose, recipient=recipient, policy=policy)


def why_not_for(purpose_id: str, *, recipient: Recipient, policy: PolicySet) -> RuleId:
    """Say why a recipient without a grant for a purpose has none."""
    purpose = policy.kinds[recipient.kind].purposes.get(purpose_id)
    if purpose is not None and not purpose.refused:
        return RuleId.PERMISSION_MISSING
    if recipient.kind is RecipientKind.MUNICIPALITY:
        return RuleId.MUNICIPALITY_OTHER_PURPOSE
    return RuleId.PURPOSE_NOT_FOR_RECIPIENT


_Found = Iterator[tuple[Outcome, RuleId]]


def _guardianship(asked: Question) -> _Found:
    if not asked.guardianship:
        yield Outcome.HELD, RuleId.GUARDIANSHIP_MISSING


def _minor(asked: Question) -> _Found:
    facts = asked.facts
    if facts.youngest is not None and facts.youngest >= ADULT_AGE:
        yield Outcome.REFUSED, RuleId.SUBJECT_ADULT
    elif facts.youngest is None or facts.oldest is None or facts.oldest >= ADULT_AGE:
        yield Outcome.HELD, RuleId.SUBJECT_AGE_UNSURE


_EXAMINERS: dict[Need, Callable[[Question], _Found]] = {
    Need.GUARDIANSHIP: _guardianship,
    Need.MINOR: _minor,
}


def _finding(policy: PolicySet, outcome: Outcome, rule_id: RuleId) -> Finding:
    return Finding(outcome, policy.reasons[rule_id])
