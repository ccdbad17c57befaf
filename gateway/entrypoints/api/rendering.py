"""Turns what the gateway knows into the API's bodies: names, numbers and codes, never a value out of a package."""

from collections.abc import Iterable
from typing import TypedDict

from gateway.entrypoints.api.port import Health, RecipientView
from gateway.entrypoints.api.schemas import (
    ApprovalBody,
    CountedBody,
    DecidedBody,
    DecisionBody,
    DeliveryBody,
    DifferenceBody,
    DocumentBody,
    ExpectedBody,
    FieldBody,
    HealthBody,
    HealthProblem,
    HoldBody,
    Overdue,
    PackageBody,
    PolicyBody,
    PolicyChangeBody,
    PolicyChangesBody,
    PolicyFileBody,
    PrivacyOfficeBody,
    ProposalBody,
    ReasonBody,
    ReasonText,
    RecipientBody,
    RecipientDecisionBody,
    ReplayBody,
)
from gateway.entrypoints.api.settings import Translate
from gateway.package.holding import HoldStage
from gateway.package.labels import Label, Labels
from gateway.package.manifest import FileRole
from gateway.package.places import said_place
from gateway.package.states import Decision, FieldVerdict, Language, PrivacyOffice, Reason, RecipientDecision, Verdict
from gateway.package.views import DecidedView, DeliveryView, HoldView, PackageView, ReplayView
from gateway.policy.comparing import Changes
from gateway.policy.remedies import remedy_for
from gateway.policy.standing import PolicyView

_OVERDUE: dict[HoldStage, Overdue] = {
    HoldStage.WAITING: "",
    HoldStage.REMINDED: "reminded",
    HoldStage.ESCALATED: "escalated",
}


def render_package(view: PackageView) -> PackageBody:
    """Write one package, with one entry for each of its recipients in the manifest's order."""
    deliveries = {each.recipient: each for each in view.deliveries}
    decided = {each.recipient: each for each in view.decision.recipients} if view.decision else {}
    return PackageBody(
        id=view.id,
        state=view.state,
        code=view.code,
        source=view.source,
        submitter=view.submitter,
        purpose=view.purpose,
        received_at=view.received_at,
        updated_at=view.updated_at,
        recipients=[_delivery(each, deliveries.get(each), decided.get(each)) for each in view.recipients],
        expected=[ExpectedBody(number=each.number, role=FileRole(each.role)) for each in view.expected],
    )


def render_hold(view: HoldView, *, translate: Translate) -> HoldBody:
    """Write one hold for a privacy officer."""
    return HoldBody(
        **dict(render_package(view.package)),
        purpose_label=_called(view.purpose_label),
        rule_ids=list(view.rule_ids),
        mend=list(view.to_mend),
        where=view.where,
        where_said=_place(view.where, translate),
        kinds=list(view.kinds),
        releasable=bool(view.rule_ids) and not view.to_mend,
        needs_ground=view.needs_ground,
        held_since=view.held_since,
        expires_at=view.expires_at,
        overdue=_OVERDUE[view.stage],
        privacy_office=_office(view.privacy_office),
        necessity=view.necessity,
    )


def _place(where: str, translate: Translate) -> ReasonText:
    def said(language: Language) -> str:
        return said_place(where, say=lambda text: translate(text, language))

    return ReasonText(nl=said(Language.NL), en=said(Language.EN))


def _delivery(recipient: str, delivery: DeliveryView | None, decided: RecipientDecision | None) -> DeliveryBody:
    return DeliveryBody(
        id=recipient,
        state=delivery.state if delivery else None,
        channel=delivery.channel if delivery else decided.channel if decided else None,
        outcome=decided.outcome if decided else None,
        attempts=delivery.attempts if delivery else 0,
        code=delivery.code if delivery else "",
        due=delivery.due if delivery else None,
        receipt=delivery.receipt if delivery else "",
    )


def render_decision(
    decision: Decision, *, labels: Labels, purpose: str, translate: Translate, decided: Iterable[DecidedView] = ()
) -> DecisionBody:
    """Write one decision, each reason in Dutch and English, and what would have to change for a field to go."""
    return DecisionBody(
        outcome=decision.outcome,
        policy_digest=decision.policy_digest,
        decided_at=decision.decided_at,
        privacy_office=_office(decision.privacy_office),
        recipients=[_recipient_decision(each, labels, purpose, translate) for each in decision.recipients],
        decided=[
            DecidedBody(decided_at=each.at, recipient=recipient, audit_id=audit_id)
            for each in decided
            for recipient, audit_id in each.events.items()
        ],
    )


def render_replay(view: ReplayView, *, version: str, translate: Translate) -> ReplayBody:
    """Write what a replay came to."""
    decision = view.decision
    return ReplayBody(
        audit_id=view.audit_id,
        package=view.package,
        recipient=view.recipient,
        same=not view.differences,
        decided_at=view.decided_at,
        decided_by=view.decided_by,
        replayed_by=version,
        policy_digest=view.policy_digest,
        decision=decision and render_decision(decision, labels=view.labels, purpose=view.purpose, translate=translate),
        differences=[DifferenceBody(place=place, kept=kept, found=found) for place, kept, found in view.differences],
    )


def _office(office: PrivacyOffice | None) -> PrivacyOfficeBody | None:
    return PrivacyOfficeBody(organisation=office.organisation, email=office.email) if office else None


def _called(label: Label) -> ReasonText:
    return ReasonText(nl=label.nl, en=label.en)


def _recipient_decision(
    decided: RecipientDecision, labels: Labels, purpose: str, translate: Translate
) -> RecipientDecisionBody:
    return RecipientDecisionBody(
        id=decided.recipient,
        name=decided.name,
        organisation=decided.organisation,
        kind=decided.kind,
        outcome=decided.outcome,
        channel=decided.channel,
        fields=[
            FieldBody(
                path=each.path,
                label=_called(labels.field(each.path)),
                verdict=each.verdict,
                category=each.category,
                remedy=_remedy(each, decided, purpose),
                **_why(each.reason, translate),
            )
            for each in decided.fields
        ],
        documents=[
            DocumentBody(
                number=each.number,
                kind=each.kind,
                kind_label=_called(labels.document(each.kind)),
                verdict=each.verdict,
                redacted=[
                    CountedBody(
                        kind=found.kind,
                        whose=found.whose,
                        page=found.page or None,
                        certain=found.certain,
                        count=found.count,
                    )
                    for found in each.redacted
                ],
                lifted=sum(found.count for found in each.edits.lifted) if each.edits else 0,
                added=each.edits.added if each.edits else 0,
                **_why(each.reason, translate),
            )
            for each in decided.documents
        ],
        reasons=[ReasonBody(**_why(each, translate)) for each in decided.reasons],
        warnings=[ReasonBody(**_why(each, translate)) for each in decided.warnings],
    )


def _remedy(found: FieldVerdict, decided: RecipientDecision, purpose: str) -> ReasonText | None:
    if found.verdict is Verdict.RELEASE:
        return None
    told = remedy_for(found.reason.rule_id, recipient=decided.recipient, purpose=purpose, kind=decided.kind)
    return ReasonText(nl=told.nl, en=told.en)


class _Why(TypedDict):
    rule_id: str
    step: int
    article: str
    reason: ReasonText


def _why(reason: Reason, translate: Translate) -> _Why:
    text = ReasonText(nl=reason.nl or translate(reason.en, Language.NL), en=reason.en)
    return {"rule_id": reason.rule_id, "step": reason.step, "article": reason.article, "reason": text}


def render_recipient(view: RecipientView) -> RecipientBody:
    """Write one entry of the recipient register."""
    return RecipientBody(
        id=view.id,
        kind=view.kind,
        organisation=view.organisation,
        name=view.name,
        channels=list(view.channels),
        purposes=list(view.purposes),
    )


def render_policy(view: PolicyView) -> PolicyBody:
    """Write how the rules stand."""
    approved, proposal = view.standing.approved, view.standing.proposal
    return PolicyBody(
        four_eyes=view.four_eyes,
        in_force=view.in_force,
        on_disk=view.on_disk,
        changed_at=view.changed_at,
        code=view.code,
        waits=view.waits(),
        approval=approved
        and ApprovalBody(
            digest=approved.digest,
            proposed_by=approved.proposer,
            approved_by=approved.approver,
            approved_at=approved.at,
        ),
        proposal=proposal
        and ProposalBody(
            digest=proposal.digest,
            proposed_by=proposal.proposer,
            organisation=proposal.organisation,
            proposed_at=proposal.at,
        ),
    )


def render_changes(changes: Changes) -> PolicyChangesBody:
    """Write everything that differs between two sets of rules."""
    return PolicyChangesBody(
        before=changes.before,
        after=changes.after,
        changes=[
            PolicyChangeBody(
                who=each.who,
                purpose=each.purpose,
                what=each.what,
                before=each.before,
                after=each.after,
                necessity=each.when.necessity,
                secret_address=each.when.secret_address,
            )
            for each in changes.changes
        ],
        files=[PolicyFileBody(file=each.name, lines=list(each.lines)) for each in changes.files],
    )


def render_health(health: Health, *, in_detail: bool) -> HealthBody:
    """Write how the service is; in detail only for who is known."""
    if not in_detail:
        return HealthBody(ready=health.ready, version=health.version)
    return HealthBody(
        ready=health.ready,
        version=health.version,
        policy_digest=health.policy_digest,
        problems=[HealthProblem(code=code, where=where) for code, where in health.problems],
        packages=dict(health.packages),
        notices=[HealthProblem(code=code, where=where) for code, where in health.notices],
        overdue_holds=sum(count for stage, count in health.holds.items() if stage is not HoldStage.WAITING),
        escalated_holds=health.holds.get(HoldStage.ESCALATED, 0),
    )
