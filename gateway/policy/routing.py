"""Step 4 of the Wegwijzer: share it safely. Chooses one channel, or says why there is none.

4a the sender's wish, if it is approved for the kind and listed for the recipient; else the recipient's first
   approved channel. Never a second choice: a channel that is not connected means waiting, not going elsewhere.
4b the chosen channel is connected
4c every key of that channel can be sealed for; a channel without keys can not
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.package.errors import Code, SluisError
from gateway.package.problems import reason_of
from gateway.package.states import Channel, Evidence, KeyHealth, Outcome, RecipientKind
from gateway.policy.finding import Finding
from gateway.policy.policy_set import PolicySet, Recipient, RecipientChannel
from gateway.policy.rules import RuleId

_KEY_CODES = {
    KeyHealth.MISSING: Code.KEY_MISSING,
    KeyHealth.EXPIRED: Code.KEY_EXPIRED,
    KeyHealth.REVOKED: Code.KEY_REVOKED,
    KeyHealth.UNUSABLE: Code.KEY_UNUSABLE,
    KeyHealth.WEAK: Code.KEY_WEAK,
}
_KEY_REASONS = {health: reason_of(SluisError(code)) for health, code in _KEY_CODES.items()}


@dataclass(frozen=True, slots=True)
class Route:
    """How one recipient would be reached, and what stands in the way."""

    chosen: RecipientChannel | None
    findings: tuple[Finding, ...]


def choose_route(recipient: Recipient, *, wish: Channel | None, evidence: Evidence, policy: PolicySet) -> Route:
    """Choose the one channel for this recipient, with everything that is found against it."""
    approved = policy.kinds[recipient.kind].channels
    if wish is None:
        chosen = next((item for item in recipient.channels if item.channel in approved), None)
    else:
        chosen = next((item for item in recipient.channels if item.channel is wish), None)
    if chosen is None or chosen.channel not in approved | recipient.exception_channels:
        return Route(None, (_refusal(recipient, wish=wish, policy=policy),))
    return Route(chosen, tuple(_examine(chosen, recipient=recipient, evidence=evidence, policy=policy)))


def _refusal(recipient: Recipient, *, wish: Channel | None, policy: PolicySet) -> Finding:
    rule_id = RuleId.CHANNEL_NOT_APPROVED
    if recipient.kind is RecipientKind.CHAIN_PARTNER:
        rule_id = RuleId.CHANNEL_CHAIN_PARTNER_BY_BVV
    elif wish is Channel.CHAIN_FACILITY:
        rule_id = RuleId.CHANNEL_BVV_OUTSIDE_CHAIN
    return Finding(Outcome.REFUSED, policy.reasons[rule_id])


def _examine(
    chosen: RecipientChannel, *, recipient: Recipient, evidence: Evidence, policy: PolicySet
) -> Iterator[Finding]:
    if chosen.channel in recipient.exception_channels:
        yield Finding(Outcome.HELD, policy.reasons[RuleId.CHANNEL_EXCEPTION_REVIEW])
    if chosen.channel not in evidence.open_channels:
        yield Finding(Outcome.HELD, policy.reasons[RuleId.CHANNEL_NOT_CONNECTED])
    if not chosen.keys:
        yield Finding(Outcome.HELD, _KEY_REASONS[KeyHealth.MISSING])
    for key in chosen.keys:
        health = evidence.keys.get(key, KeyHealth.MISSING)
        if health is not KeyHealth.USABLE:
            yield Finding(Outcome.HELD, _KEY_REASONS[health])
