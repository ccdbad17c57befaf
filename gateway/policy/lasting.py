"""Whether what was sealed may still go: the rules of today over the question of then, with the facts of today.

Rules:
1. It may go when today's rules clear its recipient again, by the same channel, to the same address, for the same keys,
   and let everything of it go that was sealed.
2. Rules that have changed make no review void by themselves: one that settled a hold settles the same hold again. What
   holds it otherwise than then, nobody has looked at.
3. A recipient that left the register gets nothing; what became of the others is not asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.package.question import Question
from gateway.package.states import Facts, Outcome, RecipientDecision, Verdict
from gateway.policy.deciding import decide
from gateway.policy.policy_set import PolicySet
from gateway.policy.rules import RuleId

_NOBODY_CAN_TELL = frozenset(
    {RuleId.CONSENT_WITHDRAWALS_UNREACHABLE, RuleId.BAR_REGISTER_UNREACHABLE, RuleId.CHANNEL_NOT_CONNECTED}
)


@dataclass(frozen=True, slots=True)
class Lapse:
    """Why something may not go any more, or not now: `passing` tells that nobody could tell, so it may be asked again.

    `rule_ids` are empty when the recipient's entry changed and no rule speaks against it.
    """

    rule_ids: tuple[str, ...] = ()
    passing: bool = False


def lapse_of(sealed: RecipientDecision, *, asked: Question, facts: Facts, policy: PolicySet) -> Lapse | None:
    """Look again at what was sealed for one recipient; None when it may go. `asked` is the question of then."""
    known = tuple(each for each in asked.recipients if each in policy.recipients)
    if sealed.recipient not in known:
        return Lapse()
    reviews = tuple(replace(each, policy_digest=policy.digest) for each in asked.reviews)
    question = replace(asked, recipients=known, facts=facts, reviews=reviews)
    found = decide(question, policy=policy).recipients[known.index(sealed.recipient)]
    if found.outcome is not Outcome.CLEARED:
        rule_ids = tuple(each.rule_id for each in found.reasons)
        return Lapse(rule_ids, passing=_NOBODY_CAN_TELL.issuperset(rule_ids))
    lost = tuple(dict.fromkeys(_lost(sealed, found)))
    same = (found.channel, found.address, found.keys) == (sealed.channel, sealed.address, sealed.keys)
    return None if same and not lost else Lapse(lost)


def _lost(sealed: RecipientDecision, found: RecipientDecision) -> Iterator[str]:
    """Give the rules by which something stays behind now that was sealed."""
    fields = {each.path for each in sealed.fields if each.verdict is Verdict.RELEASE}
    documents = {each.number for each in sealed.documents if each.verdict is Verdict.RELEASE}
    for field in found.fields:
        if field.path in fields and field.verdict is not Verdict.RELEASE:
            yield field.reason.rule_id
    for document in found.documents:
        if document.number in documents and document.verdict is not Verdict.RELEASE:
            yield document.reason.rule_id
