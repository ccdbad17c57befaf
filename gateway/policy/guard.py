"""The wrong-recipient guard: signs that a package goes to somebody else than its sender meant. Wegwijzer step 4.

    1 this organisation never sent to this recipient
    2 an earlier package about this subject went to another lawyer, guardian or municipality
    3 another recipient is easily taken for this one, and nothing says that this one is meant
    4 the consent or the request names such another one
    5 the same data about the same subject went to this recipient shortly before: a package of the same data and
      documents, of which now no more would go than went then. What stayed behind reached nobody, so its going later
      is no second time

A sign proves nothing. The policy says of each rule whether it is off, warns, or holds the package until a second person
has looked (GDPR art. 5(1)(f)). A recipient to whom something about this subject went before needs no first look.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.package.ids import RecipientId
from gateway.package.question import Question
from gateway.package.states import Outcome, Reason, RecipientKind
from gateway.policy.finding import Finding
from gateway.policy.policy_set import GuardAction, PolicySet, Recipient
from gateway.policy.rules import RuleId

_OF_ONE_CASE = frozenset({RecipientKind.LAWYER, RecipientKind.GUARDIAN, RecipientKind.MUNICIPALITY})
"""The kinds of which a subject has one at a time."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guard has seen of one recipient: what holds, and what only warns."""

    findings: tuple[Finding, ...]
    warnings: tuple[Reason, ...]


def guard(asked: Question, *, recipient: Recipient, going: int, policy: PolicySet) -> Guarded:
    """Give every sign that this recipient is not the one that was meant, as the policy weighs it.

    `going` is how many fields and documents would go to it, with what a second person may still release.
    """
    signs = tuple(_signs(asked, recipient=recipient, going=going, policy=policy))
    actions, reasons = policy.guard.actions, policy.reasons
    return Guarded(
        findings=tuple(Finding(Outcome.HELD, reasons[each]) for each in signs if actions[each] is GuardAction.HOLD),
        warnings=tuple(reasons[each] for each in signs if actions[each] is GuardAction.WARN),
    )


def _signs(asked: Question, *, recipient: Recipient, going: int, policy: PolicySet) -> Iterator[RuleId]:
    history = asked.facts.history
    before = {each.recipient for each in history.about_subject}
    is_new_for_subject = recipient.id not in before
    is_first_time = is_new_for_subject and recipient.id not in history.reached
    if is_first_time:
        yield RuleId.GUARD_FIRST_TIME
    if is_new_for_subject and recipient.kind in _OF_ONE_CASE:
        kinds = {each.kind for each in history.about_subject}
        if recipient.kind in kinds:
            yield RuleId.GUARD_OTHER_THAN_BEFORE
    lookalikes = lookalikes_of(recipient.id, chosen=asked.recipients, policy=policy)
    if recipient.id in asked.other_named:
        yield RuleId.GUARD_OTHER_NAMED
    elif lookalikes and is_new_for_subject and (is_first_time or not before.isdisjoint(lookalikes)):
        yield RuleId.GUARD_NEAR_MISS
    if _same_data_before(asked, recipient=recipient, going=going, days=policy.guard.same_data_days):
        yield RuleId.GUARD_SAME_DATA


def lookalikes_of(
    recipient: RecipientId, *, chosen: tuple[RecipientId, ...], policy: PolicySet
) -> tuple[RecipientId, ...]:
    """Give those easily taken for this recipient; one that gets this very package was not forgotten."""
    return tuple(each for each in policy.lookalikes.of(recipient) if each not in chosen)


def _same_data_before(asked: Question, *, recipient: Recipient, going: int, days: int) -> bool:
    limit = asked.at - dt.timedelta(days=days)
    return any(
        each.same_data_at is not None
        and each.same_data_at > limit
        and (each.same_data_went is None or going <= each.same_data_went)
        for each in asked.facts.history.about_subject
        if each.recipient == recipient.id
    )
