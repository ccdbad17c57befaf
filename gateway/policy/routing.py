"""Step 4 of the Wegwijzer: share it safely. Chooses one channel, or says why there is none.

4a the sender's wish, if it is approved for the kind and listed for the recipient; else the recipient's first
   approved channel. Never a second choice: a channel that is not connected means waiting, not going elsewhere.
4b an exception for this recipient is decided on by a second person, and then it is that channel or none
4c the chosen channel is connected
4d every key of that channel can be sealed for; a channel without keys can not, but for the postbus, which uses none
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.package.errors import SluisError
from gateway.package.facts import KEY_REFUSALS, KeyHealth
from gateway.package.problems import reason_of
from gateway.package.states import Channel, Facts, Outcome, Reason, RecipientKind
from gateway.policy.finding import Finding
from gateway.policy.policy_set import PolicySet, Recipient, RecipientChannel
from gateway.policy.rules import RuleId

_KEY_REASONS = {health: reason_of(SluisError(code)) for health, code in KEY_REFUSALS.items()}


@dataclass(frozen=True, slots=True)
class Route:
    """How one recipient would be reached, and what stands in the way."""

    chosen: RecipientChannel | None
    findings: tuple[Finding, ...]


def choose_route(
    recipient: Recipient, *, wish: Channel | None, facts: Facts, policy: PolicySet, settled: frozenset[str]
) -> Route:
    """Choose the one channel for this recipient, with everything that is found about it; `settled` as reviews did."""
    approved = policy.kinds[recipient.kind].channels
    if wish is None:
        chosen = next((item for item in recipient.channels if item.channel in approved), None)
    else:
        chosen = next((item for item in recipient.channels if item.channel is wish), None)
    if chosen is None or chosen.channel not in approved | recipient.exception_channels:
        return Route(None, (_refusal(recipient, wish=wish, policy=policy),))
    findings = [Finding(Outcome.HELD, reason) for reason in _stops(chosen, facts=facts, policy=policy)]
    if chosen.channel in recipient.exception_channels:
        findings.insert(0, _exception(policy, settled=settled))
    return Route(chosen, tuple(findings))


def _refusal(recipient: Recipient, *, wish: Channel | None, policy: PolicySet) -> Finding:
    rule_id = RuleId.CHANNEL_NOT_APPROVED
    if recipient.kind is RecipientKind.CHAIN_PARTNER:
        rule_id = RuleId.CHANNEL_CHAIN_PARTNER_BY_BVV
    elif wish is Channel.CHAIN_FACILITY:
        rule_id = RuleId.CHANNEL_BVV_OUTSIDE_CHAIN
    return Finding(Outcome.REFUSED, policy.reasons[rule_id])


def _exception(policy: PolicySet, *, settled: frozenset[str]) -> Finding:
    if RuleId.CHANNEL_EXCEPTION_REVIEW in settled:
        return Finding(Outcome.CLEARED, policy.reasons[RuleId.CHANNEL_EXCEPTION_REVIEWED])
    return Finding(Outcome.HELD, policy.reasons[RuleId.CHANNEL_EXCEPTION_REVIEW])


def _stops(chosen: RecipientChannel, *, facts: Facts, policy: PolicySet) -> Iterator[Reason]:
    if chosen.channel not in facts.open_channels:
        yield policy.reasons[RuleId.CHANNEL_NOT_CONNECTED]
    if chosen.channel is Channel.POSTBUS:
        # A parcel there is opened by its link and code, which are drawn for it; keys of this entry are not used.
        return
    if not chosen.keys:
        yield _KEY_REASONS[KeyHealth.MISSING]
    for key in chosen.keys:
        health = facts.keys.get(key, KeyHealth.MISSING)
        if health is not KeyHealth.USABLE:
            yield _KEY_REASONS[health]
