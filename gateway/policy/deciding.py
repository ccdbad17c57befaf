"""The decision: one pure function of a question and the policy set (the four steps of the Wegwijzer).

Rules:
1. Default deny: what no rule releases does not leave. Every field and document gets a verdict with a reason.
2. For each recipient: step 1 basis, step 2 kind of data, step 3 minimum, step 4 channel and guard. The heaviest finding
   counts: refused, then held, then cleared. A warning counts for nothing.
3. All or none of the recipients, unless the package says `partial: allowed`.
4. A review settles what `reviewing.py` lists: the decision is made without it first, and once more when it fits.
5. Nothing is fetched here, and the same question gives an equal decision. It holds package, evidence and time without a
   single value (`gateway.package.question`), so what decided can be kept, and decided again.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from gateway.package.facts import Stays
from gateway.package.ids import RecipientId
from gateway.package.manifest import Category
from gateway.package.question import Question
from gateway.package.states import (
    Cleared,
    Decision,
    DocumentVerdict,
    Examined,
    FieldVerdict,
    Held,
    Outcome,
    RecipientDecision,
    Refused,
    Verdict,
)
from gateway.policy.asking import ask
from gateway.policy.basis import examine_basis, why_no_grant
from gateway.policy.document_rules import categories_of, judge_documents, looked_at_as_well, redact_where_needed
from gateway.policy.finding import Finding, weigh, worst
from gateway.policy.guard import guard
from gateway.policy.policy_set import Grant, PolicySet, Recipient
from gateway.policy.proving import proof_for
from gateway.policy.register import privacy_office_of, unknown_recipient
from gateway.policy.reviewing import NOTHING_SETTLED, Settled, settle_document, settle_field, settled_by
from gateway.policy.routing import choose_route
from gateway.policy.rules import RuleId
from gateway.policy.staying import stays_for

_STAYS: Final = frozenset({Verdict.STRIP, Verdict.BLOCK})
_MAY_GO: Final = frozenset({Verdict.RELEASE, Verdict.HOLD})


def decide(asked: Question, *, policy: PolicySet) -> Decision:
    """Decide. Raises SluisError `recipient-unknown` when a recipient left the register after the package came in."""
    decision = _decide(asked, policy=policy, settled=NOTHING_SETTLED)
    settled = settled_by(asked, decision=decision)
    return _decide(asked, policy=policy, settled=settled) if settled.rules else decision


def decide_only(examined: Examined, *, policy: PolicySet, now: dt.datetime) -> Decision:
    """Decide on an examined package without letting it go on, as a preview does. Raises what `decide` raises."""
    return decide(ask(examined, policy=policy, now=now), policy=policy)


def conclude(examined: Examined, decision: Decision) -> Cleared | Held | Refused:
    """Say where a decision leaves its package."""
    if decision.outcome is Outcome.CLEARED:
        return Cleared(examined=examined, decision=decision)
    if decision.outcome is Outcome.REFUSED:
        return Refused(package=examined.package, decision=decision)
    held = (each for each in decision.recipients if each.outcome is Outcome.HELD)
    reasons = tuple(dict.fromkeys(reason for each in held for reason in each.reasons))
    return Held(package=examined.package, reasons=reasons, decision=decision)


def _decide(asked: Question, *, policy: PolicySet, settled: Settled) -> Decision:
    matter = _Matter(asked=asked, policy=policy, settled=settled)
    recipients = tuple(_decide_for(name, place=place, matter=matter) for place, name in enumerate(asked.recipients))
    return Decision(
        outcome=_together(recipients, partial=asked.partial),
        recipients=recipients,
        policy_digest=policy.digest,
        decided_at=asked.at,
        privacy_office=privacy_office_of(policy, asked.organisation),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matter:
    """What is the same for every recipient of one package; `settled` is what a review has settled."""

    asked: Question
    policy: PolicySet
    settled: Settled


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """Steps 2 and 3 for one recipient: what goes of the fields and documents, and what that finds."""

    fields: tuple[FieldVerdict, ...]
    documents: tuple[DocumentVerdict, ...]
    findings: tuple[Finding, ...]

    def may_go(self) -> int:
        """Count the fields and documents that go, or that a second person may still release."""
        fields = sum(each.verdict not in _STAYS for each in self.fields)
        return fields + sum(each.verdict not in _STAYS for each in self.documents)


def _decide_for(name: str, *, place: int, matter: _Matter) -> RecipientDecision:
    recipient = matter.policy.recipients.get(RecipientId(name))
    if recipient is None:
        raise unknown_recipient(matter.policy, name, place=place)
    asked, policy = matter.asked, matter.policy
    grant = policy.grants.get((recipient.id, asked.purpose))
    stays = stays_for(asked, recipient=recipient, grant=grant)
    content = _judge_content(matter, recipient=recipient, grant=grant, stays=stays)
    going = _going(matter, content)
    found = examine_basis(asked, recipient=recipient, grant=grant, going=going, policy=policy)
    guarded = guard(asked, recipient=recipient, going=content.may_go(), policy=policy)
    open_ones = tuple(each for each in (*found, *guarded.findings) if each.reason.rule_id not in matter.settled.rules)
    route = choose_route(recipient, wish=asked.wish, facts=asked.facts, policy=policy, settled=matter.settled.rules)
    outcome, reasons = weigh((*open_ones, *content.findings, *route.findings))
    return RecipientDecision(
        recipient=recipient.id,
        name=recipient.name,
        organisation=recipient.organisation,
        kind=recipient.kind,
        language=recipient.language,
        outcome=outcome,
        channel=route.chosen.channel if route.chosen else None,
        address=route.chosen.address if route.chosen else "",
        keys=route.chosen.keys if route.chosen else (),
        tell_left_out=recipient.tell_left_out,
        stays=stays,
        fields=content.fields,
        documents=content.documents,
        reasons=reasons,
        proof=proof_for(asked.facts, recipient=recipient, policy=policy),
        warnings=guarded.warnings,
    )


def _judge_content(matter: _Matter, *, recipient: Recipient, grant: Grant | None, stays: Stays) -> _Content:
    if grant is None:
        return _nothing_granted(matter, recipient=recipient)
    fields = _judge_fields(matter, grant=grant)
    asked, policy = matter.asked, matter.policy
    judged = judge_documents(asked, recipient=recipient, grant=grant, policy=policy)
    settled = (settle_document(each, settled=matter.settled.rules, policy=policy) for each in judged)
    edits = matter.settled.edits
    documents = tuple(
        redact_where_needed(each, asked=asked, stays=stays, edits=edits.get(each.number), policy=policy)
        for each in settled
    )
    findings = tuple(_examine_content(matter, fields=fields, documents=documents))
    return _Content(fields=fields, documents=documents, findings=findings)


def _going(matter: _Matter, content: _Content) -> frozenset[Category]:
    fields = {each.category for each in content.fields if each.verdict in _MAY_GO and each.category is not None}
    documents = frozenset(each.number for each in content.documents if each.verdict in _MAY_GO)
    return categories_of(documents, asked=matter.asked, policy=matter.policy) | fields


def _judge_fields(matter: _Matter, *, grant: Grant) -> tuple[FieldVerdict, ...]:
    asked, misfits = matter.asked, frozenset(matter.asked.misfits)
    verdicts = grant.verdicts[asked.necessity][asked.secret_address]
    found = (verdicts.get(path) or _unclassified(path, policy=matter.policy) for path in asked.paths)
    if matter.settled.rules:
        found = (settle_field(each, settled=matter.settled.rules, policy=matter.policy) for each in found)
    if misfits:
        found = (_hold_misfit(each, policy=matter.policy) if each.path in misfits else each for each in found)
    return tuple(found)


def _hold_misfit(found: FieldVerdict, *, policy: PolicySet) -> FieldVerdict:
    """Hold a field that would go, but whose value is something else than its name says; no review settles that."""
    if found.verdict is not Verdict.RELEASE:
        return found
    return replace(found, verdict=Verdict.HOLD, reason=policy.reasons[RuleId.FIELD_VALUE_NOT_VALID])


def _unclassified(path: str, *, policy: PolicySet) -> FieldVerdict:
    return FieldVerdict(path=path, verdict=Verdict.STRIP, reason=policy.reasons[RuleId.FIELD_UNCLASSIFIED])


def _nothing_granted(matter: _Matter, *, recipient: Recipient) -> _Content:
    reason = matter.policy.reasons[why_no_grant(matter.asked, recipient=recipient, policy=matter.policy)]
    return _Content(
        fields=tuple(FieldVerdict(path=path, verdict=Verdict.BLOCK, reason=reason) for path in matter.asked.paths),
        documents=tuple(
            DocumentVerdict(number=each.number, kind=each.kind, verdict=Verdict.BLOCK, reason=reason)
            for each in matter.asked.documents
        ),
        findings=(),
    )


def _examine_content(
    matter: _Matter, *, fields: tuple[FieldVerdict, ...], documents: tuple[DocumentVerdict, ...]
) -> Iterator[Finding]:
    verdicts = [(each.verdict, each.reason) for each in fields] + [(each.verdict, each.reason) for each in documents]
    for verdict, reason in verdicts:
        if verdict is Verdict.HOLD:
            yield Finding(Outcome.HELD, reason)
    for each in documents:
        for reason in looked_at_as_well(each, asked=matter.asked, policy=matter.policy):
            yield Finding(Outcome.HELD, reason)
    if all(verdict is Verdict.STRIP or verdict is Verdict.BLOCK for verdict, _ in verdicts):
        yield Finding(Outcome.REFUSED, matter.policy.reasons[RuleId.MINIMUM_NOTHING_LEFT])


def _together(recipients: Iterable[RecipientDecision], *, partial: bool) -> Outcome:
    outcomes = [each.outcome for each in recipients]
    if not partial:
        return worst(outcomes)
    # Those who may get it, get it: one refused recipient does not end the waiting of a held one.
    return next((each for each in (Outcome.CLEARED, Outcome.HELD) if each in outcomes), Outcome.REFUSED)
