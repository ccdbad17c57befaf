"""The decision: one pure function of package, policy set, evidence and time (the four steps of the Wegwijzer).

Rules:
1. Default deny: what no rule releases does not leave. Every field and document gets a verdict with a reason.
2. For each recipient: step 1 basis, step 2 kind of data, step 3 minimum, step 4 channel. The heaviest finding counts:
   refused, then held, then cleared.
3. All or none of the recipients, unless the package says `partial: allowed`.
4. A review settles what `reviewing.py` lists: the decision is made without it first, and once more when it fits.
5. Nothing is fetched here, and the same input gives an equal decision.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gateway.package.errors import Code, SluisError
from gateway.package.ids import RecipientId
from gateway.package.manifest import FileRole
from gateway.package.paths import iter_leaves
from gateway.package.states import (
    Channel,
    Cleared,
    Data,
    Decision,
    DocumentVerdict,
    Examined,
    FieldVerdict,
    Held,
    Outcome,
    PrivacyOffice,
    RecipientDecision,
    Refused,
    Verdict,
)
from gateway.policy.basis import examine_basis, why_no_grant
from gateway.policy.document_rules import judge_documents
from gateway.policy.finding import Finding, weigh, worst
from gateway.policy.necessity import is_written_necessity
from gateway.policy.policy_set import Grant, PolicySet, Recipient
from gateway.policy.reviewing import NOTHING_SETTLED, settle_document, settle_field, settled_by
from gateway.policy.routing import choose_route
from gateway.policy.rules import RuleId


def decide(examined: Examined, *, policy: PolicySet, now: dt.datetime) -> Cleared | Held | Refused:
    """Decide on a package; see `decide_only` for what it raises."""
    decision = decide_only(examined, policy=policy, now=now)
    if decision.outcome is Outcome.CLEARED:
        return Cleared(examined=examined, decision=decision)
    if decision.outcome is Outcome.REFUSED:
        return Refused(package=examined.package, decision=decision)
    held = (each for each in decision.recipients if each.outcome is Outcome.HELD)
    reasons = tuple(dict.fromkeys(reason for each in held for reason in each.reasons))
    return Held(package=examined.package, reasons=reasons, decision=decision)


def decide_only(examined: Examined, *, policy: PolicySet, now: dt.datetime) -> Decision:
    """Decide without letting the package go on, as a preview does.

    Raises SluisError `recipient-unknown` when a recipient left the register after the package came in.
    """
    manifest = examined.package.manifest
    facts = _Facts(
        examined=examined,
        policy=policy,
        paths=_paths(examined.evidence.data),
        necessity=is_written_necessity(manifest.necessity, rule=policy.necessity),
    )
    decision = _decide(facts, now=now)
    settled = settled_by(examined.evidence.reviews, decision=decision, submitter=examined.package.submitter)
    return _decide(replace(facts, settled=settled), now=now) if settled else decision


def _decide(facts: "_Facts", *, now: dt.datetime) -> Decision:
    manifest = facts.examined.package.manifest
    recipients = tuple(_decide_for(name, place=place, facts=facts) for place, name in enumerate(manifest.recipients))
    return Decision(
        outcome=_together(recipients, partial=manifest.partial == "allowed"),
        recipients=recipients,
        policy_digest=facts.policy.digest,
        decided_at=now,
        privacy_office=_privacy_office(facts.examined, policy=facts.policy),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What is the same for every recipient of one package.

    `paths` has each field path once, in order; `settled` are the rules that a review has settled.
    """

    examined: Examined
    policy: PolicySet
    paths: tuple[str, ...]
    necessity: bool
    settled: frozenset[str] = NOTHING_SETTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """Steps 2 and 3 for one recipient: what goes of the fields and documents, and what that finds."""

    fields: tuple[FieldVerdict, ...]
    documents: tuple[DocumentVerdict, ...]
    findings: tuple[Finding, ...]


def _decide_for(name: str, *, place: int, facts: _Facts) -> RecipientDecision:
    recipient = facts.policy.recipients.get(RecipientId(name))
    if recipient is None:
        raise SluisError(Code.RECIPIENT_UNKNOWN, where=f"recipients[{place}]")
    manifest = facts.examined.package.manifest
    grant = facts.policy.grants.get((recipient.id, manifest.purpose))
    content = _judge_content(facts, recipient=recipient, grant=grant)
    found = examine_basis(facts.examined, recipient=recipient, grant=grant, fields=content.fields, policy=facts.policy)
    basis = tuple(each for each in found if each.reason.rule_id not in facts.settled)
    wish = Channel(manifest.channel) if manifest.channel else None
    evidence, settled = facts.examined.evidence, facts.settled
    route = choose_route(recipient, wish=wish, evidence=evidence, policy=facts.policy, settled=settled)
    outcome, reasons = weigh((*basis, *content.findings, *route.findings))
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
        fields=content.fields,
        documents=content.documents,
        reasons=reasons,
    )


def _judge_content(facts: _Facts, *, recipient: Recipient, grant: Grant | None) -> _Content:
    if grant is None:
        return _nothing_granted(facts, recipient=recipient)
    fields = _judge_fields(facts, grant=grant)
    documents = tuple(
        settle_document(each, settled=facts.settled, policy=facts.policy)
        for each in judge_documents(
            facts.examined, recipient=recipient, grant=grant, policy=facts.policy, necessity=facts.necessity
        )
    )
    findings = tuple(_examine_content(fields=fields, documents=documents, policy=facts.policy))
    return _Content(fields=fields, documents=documents, findings=findings)


def _paths(data: Data | None) -> tuple[str, ...]:
    if data is None:
        return ()
    return tuple(dict.fromkeys(path for row in data.rows for path, _ in iter_leaves(row)))


def _judge_fields(facts: _Facts, *, grant: Grant) -> tuple[FieldVerdict, ...]:
    secret_address = facts.examined.package.manifest.subject.secret_address
    verdicts = grant.verdicts[facts.necessity][secret_address]
    found = (verdicts.get(path) or _unclassified(path, policy=facts.policy) for path in facts.paths)
    return tuple(settle_field(each, settled=facts.settled, policy=facts.policy) for each in found)


def _unclassified(path: str, *, policy: PolicySet) -> FieldVerdict:
    return FieldVerdict(path=path, verdict=Verdict.STRIP, reason=policy.reasons[RuleId.FIELD_UNCLASSIFIED])


def _nothing_granted(facts: _Facts, *, recipient: Recipient) -> _Content:
    reason = facts.policy.reasons[why_no_grant(facts.examined, recipient=recipient, policy=facts.policy)]
    return _Content(
        fields=tuple(FieldVerdict(path=path, verdict=Verdict.BLOCK, reason=reason) for path in facts.paths),
        documents=tuple(
            DocumentVerdict(number=each.number, kind=each.kind, verdict=Verdict.BLOCK, reason=reason)
            for each in facts.examined.package.documents
            if each.role is FileRole.DOCUMENT
        ),
        findings=(),
    )


def _examine_content(
    *, fields: tuple[FieldVerdict, ...], documents: tuple[DocumentVerdict, ...], policy: PolicySet
) -> Iterator[Finding]:
    verdicts = [(each.verdict, each.reason) for each in fields] + [(each.verdict, each.reason) for each in documents]
    for verdict, reason in verdicts:
        if verdict is Verdict.HOLD:
            yield Finding(Outcome.HELD, reason)
    if all(verdict is Verdict.STRIP or verdict is Verdict.BLOCK for verdict, _ in verdicts):
        yield Finding(Outcome.REFUSED, policy.reasons[RuleId.MINIMUM_NOTHING_LEFT])


def _together(recipients: Iterable[RecipientDecision], *, partial: bool) -> Outcome:
    outcomes = [each.outcome for each in recipients]
    if not partial:
        return worst(outcomes)
    # Those who may get it, get it: one refused recipient does not end the waiting of a held one.
    return next((each for each in (Outcome.CLEARED, Outcome.HELD) if each in outcomes), Outcome.REFUSED)


def _privacy_office(examined: Examined, *, policy: PolicySet) -> PrivacyOffice | None:
    organisation = policy.organisations.get(examined.package.submitter.organisation.casefold())
    return organisation.privacy_office if organisation else None
