"""Replay: the same question, decided again by the same policy set, gives the same decision byte for byte.

What differs is told by its place and by rules, verdicts and channels, never by an address or a key.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.package.encoding import Decided, decode_decision, encode_decision
from gateway.package.question import decode_question
from gateway.package.states import Decision, RecipientDecision
from gateway.policy.deciding import decide
from gateway.policy.policy_set import PolicySet


@dataclass(frozen=True, slots=True)
class Difference:
    """What a replay found otherwise: the place in the decision, what was kept there, and what was found."""

    place: str
    kept: str
    found: str


_NOTHING = "-"
_OTHER_TEXT = Difference("text", "as kept", "otherwise")


def replay(decided: Decided, *, policy: PolicySet) -> tuple[Decision, tuple[Difference, ...]]:
    """Decide again; give the decision, and every difference from the one that was kept, none when its bytes are equal.

    Raises SluisError `decision-not-kept` when this version can not read what was kept, and what `decide` raises.
    """
    found = decide(decode_question(decided.question), policy=policy)
    if encode_decision(found) == decided.decision:
        return found, ()
    before, after = dict(_said(decode_decision(decided.decision))), dict(_said(found))
    places = dict.fromkeys((*before, *after))
    differences = tuple(
        Difference(place, before.get(place, _NOTHING), after.get(place, _NOTHING))
        for place in places
        if before.get(place) != after.get(place)
    )
    return found, differences or (_OTHER_TEXT,)


def _said(decision: Decision) -> Iterator[tuple[str, str]]:
    yield "outcome", decision.outcome.value
    yield "policy", decision.policy_digest
    for recipient in decision.recipients:
        for place, said in _said_of(recipient):
            yield f"{recipient.recipient} {place}", said


def _said_of(recipient: RecipientDecision) -> Iterator[tuple[str, str]]:
    yield "outcome", recipient.outcome.value
    yield "channel", recipient.channel.value if recipient.channel else _NOTHING
    yield "reasons", ", ".join(each.rule_id for each in recipient.reasons) or _NOTHING
    for each in recipient.fields:
        yield each.path, f"{each.verdict} {each.reason.rule_id}"
    for document in recipient.documents:
        yield f"documents[{document.number}]", f"{document.verdict} {document.reason.rule_id}"
