"""What the rules say about one field for one recipient and purpose, without a package: for whoever reads the rules.

It is looked up in the very tables by which packages are decided; nothing is judged here a second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.package.errors import Code, SluisError
from gateway.package.ids import RecipientId
from gateway.package.states import FieldVerdict, Verdict
from gateway.policy.basis import why_not_for
from gateway.policy.policy_set import PolicySet
from gateway.policy.rules import RuleId


@dataclass(frozen=True, slots=True)
class Circumstance:
    """What else of a package a field's verdict depends on."""

    necessity: bool = False
    secret_address: bool = False


PLAIN = Circumstance()
CIRCUMSTANCES = (PLAIN, Circumstance(necessity=True), Circumstance(secret_address=True))


def verdict_on(
    path: str, *, recipient: str, purpose: str, policy: PolicySet, circumstance: Circumstance = PLAIN
) -> FieldVerdict:
    """Look up one verdict. Raises SluisError `recipient-unknown` or `purpose-unknown`."""
    entry = policy.recipients.get(RecipientId(recipient))
    if entry is None:
        raise SluisError(Code.RECIPIENT_UNKNOWN, where=recipient)
    if purpose not in policy.purposes:
        raise SluisError(Code.PURPOSE_UNKNOWN, where=purpose)
    grant = policy.grants.get((entry.id, purpose))
    if grant is None:
        reason = policy.reasons[why_not_for(purpose, recipient=entry, policy=policy)]
        return FieldVerdict(path=path, verdict=Verdict.BLOCK, reason=reason)
    found = grant.verdicts[circumstance.necessity][circumstance.secret_address].get(path)
    if found is not None:
        return found
    return FieldVerdict(path=path, verdict=Verdict.STRIP, reason=policy.reasons[RuleId.FIELD_UNCLASSIFIED])


def verdicts_on(path: str, *, recipient: str, purpose: str, policy: PolicySet) -> dict[Circumstance, FieldVerdict]:
    """Look up the plain verdict, and those that differ from it under another circumstance."""
    found = {
        each: verdict_on(path, recipient=recipient, purpose=purpose, policy=policy, circumstance=each)
        for each in CIRCUMSTANCES
    }
    return {each: verdict for each, verdict in found.items() if each == PLAIN or verdict != found[PLAIN]}


def grants_of(policy: PolicySet) -> Iterator[tuple[RecipientId, str]]:
    """Give every recipient with each purpose that it has a permission for, in order."""
    yield from sorted(policy.grants)
