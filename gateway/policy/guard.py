"""The wrong-recipient guard: signs that a package goes to somebody else than its sender meant. Wegwijzer step 4.

    1 this organisation never sent to this recipient
    2 an earlier package about this subject went to another lawyer, guardian or municipality
    3 another recipient is easily taken for this one, and nothing says that this one is meant
    4 the consent or the request names such another one
    5 the same data about the same subject went to this recipient shortly before

A sign proves nothing. The policy says of each rule whether it is off, warns, or holds the package until a second person
has looked (GDPR art. 5(1)(f)). A recipient to whom something about this subject went before needs no first look.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.package.ids import RecipientId
from gateway.package.states import Examined, Outcome, Reason, RecipientKind
from gateway.policy.finding import Finding
from gateway.policy.likeness import names_within
from gateway.policy.policy_set import GuardAction, PolicySet, Recipient
from gateway.policy.rules import RuleId

_OF_ONE_CASE = frozenset({RecipientKind.LAWYER, RecipientKind.GUARDIAN, RecipientKind.MUNICIPALITY})
"""The kinds of which a subject has one at a time."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guard has seen of one recipient: what holds, and what only warns."""

    findings: tuple[Finding, ...]
    warnings: tuple[Reason, ...]


def guard(examined: Examined, *, recipient: Recipient, policy: PolicySet, now: dt.datetime) -> Guarded:
    """Give every sign that this recipient is not the one that was meant, as the policy weighs it."""
    signs = tuple(_signs(examined, recipient=recipient, policy=policy, now=now))
    actions, reasons = policy.guard.actions, policy.reasons
    return Guarded(
        findings=tuple(Finding(Outcome.HELD, reasons[each]) for each in signs if actions[each] is GuardAction.HOLD),
        warnings=tuple(reasons[each] for each in signs if actions[each] is GuardAction.WARN),
    )


def _signs(examined: Examined, *, recipient: Recipient, policy: PolicySet, now: dt.datetime) -> Iterator[RuleId]:
    history = examined.evidence.history
    before = {each.recipient for each in history.about_subject}
    is_new_for_subject = recipient.id not in before
    is_first_time = is_new_for_subject and recipient.id not in history.reached
    if is_first_time:
        yield RuleId.GUARD_FIRST_TIME
    if is_new_for_subject and recipient.kind in _OF_ONE_CASE:
        kinds = {each.kind for each in history.about_subject}
        if recipient.kind.value in kinds:
            yield RuleId.GUARD_OTHER_THAN_BEFORE
    lookalikes = _lookalikes(examined, recipient=recipient, policy=policy)
    if lookalikes and _another_is_named(examined, recipient=recipient, lookalikes=lookalikes, policy=policy):
        yield RuleId.GUARD_OTHER_NAMED
    elif lookalikes and is_new_for_subject and (is_first_time or not before.isdisjoint(lookalikes)):
        yield RuleId.GUARD_NEAR_MISS
    if _same_data_before(examined, recipient=recipient, days=policy.guard.same_data_days, now=now):
        yield RuleId.GUARD_SAME_DATA


def _lookalikes(examined: Examined, *, recipient: Recipient, policy: PolicySet) -> tuple[RecipientId, ...]:
    """Give those easily taken for this recipient; one that gets this very package was not forgotten."""
    chosen = examined.package.manifest.recipients
    return tuple(each for each in policy.lookalikes.of(recipient.id) if each not in chosen)


def _another_is_named(
    examined: Examined, *, recipient: Recipient, lookalikes: tuple[RecipientId, ...], policy: PolicySet
) -> bool:
    """Tell whether the consent or the request names a lookalike of this recipient, and not this recipient."""
    manifest = examined.package.manifest
    told = (
        manifest.consent.recipient if manifest.consent else None,
        manifest.request.requested_by if manifest.request else None,
    )
    entries = [recipient, *(policy.recipients[each] for each in lookalikes)]
    named = [names_within(text, entries) for text in told if text is not None]
    return any(each and recipient.id not in each for each in named)


def _same_data_before(examined: Examined, *, recipient: Recipient, days: int, now: dt.datetime) -> bool:
    limit = now - dt.timedelta(days=days)
    moments = [each.same_data_at for each in examined.evidence.history.about_subject if each.recipient == recipient.id]
    return any(at is not None and at > limit for at in moments)
