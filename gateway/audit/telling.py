"""Tells the log what was decided: builds events out of decisions. Pure, and value-free by construction."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from gateway.audit.alerts import Alert
from gateway.audit.events import Event, EventAction
from gateway.package.holding import HoldStage
from gateway.package.ids import PackageId, PersonId, RecipientId
from gateway.package.reviews import Review
from gateway.package.states import (
    Channel,
    Decision,
    DeliveryState,
    Outcome,
    Reason,
    RecipientDecision,
    SealedParcel,
    Source,
    Submitter,
)

_MAX_CODES = 20


class _Handed(Protocol):
    """What is known of a package at the door: a row, or what becomes one."""

    @property
    def id(self) -> PackageId: ...
    @property
    def person(self) -> PersonId: ...
    @property
    def organisation(self) -> str: ...
    @property
    def source(self) -> Source: ...
    @property
    def purpose(self) -> str: ...


class _Brought(Protocol):
    """What is known of a delivery: a row, or what becomes one. `name` is its deterministic mark."""

    @property
    def recipient(self) -> RecipientId: ...
    @property
    def channel(self) -> Channel: ...
    @property
    def name(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def size(self) -> int: ...


def received(package: _Handed, *, documents: int) -> Event:
    """Say that a package is about to be accepted: written before it is acknowledged."""
    return Event(
        action=EventAction.PACKAGE_RECEIVED,
        package=package.id,
        person=package.person,
        organisation=package.organisation,
        source=package.source.value,
        purpose=package.purpose,
        counts=(("documents", documents),),
    )


def rejected(package: PackageId, *, code: str, source: Source, submitter: Submitter | None) -> Event:
    """Say that an entry or submission never became a package."""
    return Event(
        action=EventAction.PACKAGE_REJECTED,
        package=package,
        person=submitter.person if submitter else None,
        source=source.value,
        outcome="failure",
        codes=(code,),
    )


def evaluated(package: _Handed, decision: Decision, *, ids: Mapping[RecipientId, str], digest: str) -> list[Event]:
    """Say what was decided, one event for each recipient, under the id that its recipient has in `ids`.

    `digest` is a keyed one of the question and the decision as they are kept: a replay is checked against it.
    """
    return [
        _evaluated(package, decision, each, event_id=ids[each.recipient], digest=digest) for each in decision.recipients
    ]


def held(package: PackageId, reasons: Iterable[Reason], *, policy_digest: str = "") -> Event:
    """Say that a package waits for a person, and by which rules."""
    return Event(
        action=EventAction.PACKAGE_HELD,
        package=package,
        outcome="failure",
        codes=rule_ids(reasons),
        policy_digest=policy_digest,
    )


def refused(package: PackageId, decision: Decision) -> Event:
    """Say that a package does not go, and by which rules."""
    return Event(
        action=EventAction.PACKAGE_REFUSED,
        package=package,
        outcome="failure",
        codes=rule_ids(decision.deciding_reasons()),
        policy_digest=decision.policy_digest,
    )


def reviewed(package: PackageId, review: Review) -> Event:
    """Say that a second person decides on a hold: who, on which rules, why as a code; never what was written."""
    return Event(
        action=EventAction.PACKAGE_REVIEWED,
        package=package,
        person=review.reviewer,
        organisation=review.organisation,
        codes=review.rule_ids,
        policy_digest=review.policy_digest,
        review_verdict=review.opinion.verdict.value,
        review_reason=review.opinion.reason.value,
        deputy_for=review.deputy_for,
        counts=_edited(review),
    )


def _edited(review: Review) -> tuple[tuple[str, int], ...]:
    edits = review.opinion.edits
    lifted, added = sum(each.count for one in edits for each in one.lifted), sum(each.added for each in edits)
    return (("findings_lifted", lifted), ("findings_added", added)) if edits else ()


def document_viewed(package: PackageId, *, recipient: str, officer: Submitter) -> Event:
    """Say that a reviewer looks at a document of a held package, as it would go to a recipient."""
    return Event(
        action=EventAction.DOCUMENT_VIEWED,
        package=package,
        recipient=RecipientId(recipient),
        person=officer.person,
        organisation=officer.organisation,
    )


def refused_by_review(package: PackageId, review: Review, *, rule_id: str) -> Event:
    """Say that a package does not go because a second person refused it."""
    return Event(
        action=EventAction.PACKAGE_REFUSED,
        package=package,
        outcome="failure",
        codes=(rule_id,),
        policy_digest=review.policy_digest,
    )


def told_of_hold(package: PackageId, stage: HoldStage, *, organisation: str, codes: Iterable[str]) -> Event:
    """Say that the people of an organisation are told that a package still waits, and by which rules."""
    return Event(
        action=EventAction.HOLD_REMINDED if stage is HoldStage.REMINDED else EventAction.HOLD_ESCALATED,
        package=package,
        organisation=organisation,
        codes=tuple(codes)[:_MAX_CODES],
    )


def expired(package: PackageId, *, codes: Iterable[str] = ()) -> Event:
    """Say that what is kept of a package is destroyed: its time is over, by a rule of waiting or of retention."""
    return Event(action=EventAction.PACKAGE_EXPIRED, package=package, codes=tuple(codes)[:_MAX_CODES])


def withdrawn(package: PackageId, *, by: Submitter, delivery: _Brought | None = None) -> Event:
    """Say that a person takes a package back, or one delivery of it that had not been sent."""
    event = Event(action=EventAction.PACKAGE_WITHDRAWN, package=package, person=by.person, organisation=by.organisation)
    if delivery is None:
        return event
    return replace(
        event, recipient=delivery.recipient, channel=delivery.channel.value, digest=delivery.sha256, size=delivery.size
    )


def sealed(package: PackageId, parcel: SealedParcel) -> Event:
    """Say that a parcel was encrypted; the digest is of the ciphertext."""
    return Event(
        action=EventAction.PACKAGE_SEALED,
        package=package,
        recipient=parcel.recipient,
        channel=parcel.channel.value,
        sealer=parcel.sealer,
        digest=parcel.ciphertext.sha256,
        size=parcel.ciphertext.size,
    )


def attempted(
    action: EventAction, package: PackageId, delivery: _Brought, *, attempt: int, codes: Iterable[str] = ()
) -> Event:
    """Say that an attempt is about to be made, or what it came to."""
    return Event(
        action=action,
        package=package,
        recipient=delivery.recipient,
        channel=delivery.channel.value,
        outcome=_ATTEMPT_OUTCOMES[action],
        codes=tuple(filter(None, codes))[:_MAX_CODES],
        digest=delivery.sha256,
        size=delivery.size,
        message_id=delivery.name if delivery.channel is Channel.SECURE_MAIL else "",
        attempt=attempt,
    )


def picked_up(package: PackageId, delivery: _Brought, *, state: DeliveryState, code: str) -> Event:
    """Say what the pick-up service reports of a parcel: fetched whole, taken back, or ended without a receipt."""
    action = _PICKUP_ACTIONS[state]
    return Event(
        action=action,
        package=package,
        recipient=delivery.recipient,
        channel=delivery.channel.value,
        outcome="failure" if action is EventAction.PACKAGE_RELEASE_FAILED else "success",
        codes=(code,) if code else (),
        digest=delivery.sha256,
        size=delivery.size,
    )


def pickup_reminded(package: PackageId, delivery: _Brought) -> Event:
    """Say that both sides are told of a parcel that nobody fetched and that ends soon."""
    return Event(
        action=EventAction.PICKUP_REMINDED,
        package=package,
        recipient=delivery.recipient,
        channel=delivery.channel.value,
    )


def code_guessed(package: PackageId, delivery: _Brought, *, wrong: int) -> Event:
    """Say that somebody with the link of a parcel typed a wrong code, and how many there have been in all."""
    return Event(
        action=EventAction.PICKUP_CODE_WRONG,
        package=package,
        recipient=delivery.recipient,
        channel=delivery.channel.value,
        counts=(("wrong_codes", wrong),),
    )


def code_texted(package: PackageId, delivery: _Brought, *, outcome: str, code: str = "") -> Event:
    """Say that the code of a parcel is about to go as a text message, and then what became of that; never the code."""
    return Event(
        action=EventAction.PICKUP_CODE_TEXTED,
        package=package,
        recipient=delivery.recipient,
        channel=delivery.channel.value,
        outcome=outcome,
        codes=(code,) if code else (),
    )


def result_action(state: DeliveryState) -> EventAction:
    """Give the event that tells where an attempt has brought a delivery."""
    return _RESULT_ACTIONS[state]


_RESULT_ACTIONS = {
    DeliveryState.SENT: EventAction.PACKAGE_RELEASED,
    DeliveryState.DELIVERED: EventAction.PACKAGE_RELEASED,
    DeliveryState.UNDELIVERABLE: EventAction.PACKAGE_RELEASE_FAILED,
    DeliveryState.WAITING: EventAction.PACKAGE_RELEASE_FAILED,
    DeliveryState.UNCERTAIN: EventAction.PACKAGE_RELEASE_UNCERTAIN,
}
_PICKUP_ACTIONS = {
    DeliveryState.DELIVERED: EventAction.PACKAGE_COLLECTED,
    DeliveryState.UNDELIVERABLE: EventAction.PACKAGE_RELEASE_FAILED,
    DeliveryState.WITHDRAWN: EventAction.PACKAGE_WITHDRAWN,
}
_ATTEMPT_OUTCOMES = {
    EventAction.PACKAGE_RELEASE_STARTED: "unknown",
    EventAction.PACKAGE_RELEASED: "success",
    EventAction.PACKAGE_RELEASE_FAILED: "failure",
    EventAction.PACKAGE_RELEASE_UNCERTAIN: "unknown",
}


def policy_proposed(digest: str, proposer: Submitter) -> Event:
    """Say that somebody wants a set of rules in force."""
    return Event(
        action=EventAction.POLICY_PROPOSED,
        person=proposer.person,
        organisation=proposer.organisation,
        policy_digest=digest,
    )


def policy_approved(digest: str, approver: Submitter, *, proposer: PersonId) -> Event:
    """Say that a second person approves of a set of rules, and whose proposal it was."""
    return Event(
        action=EventAction.POLICY_APPROVED,
        person=approver.person,
        proposer=proposer,
        organisation=approver.organisation,
        policy_digest=digest,
    )


def policy_loaded(digest: str) -> Event:
    """Say that packages are decided by this set from now on."""
    return Event(action=EventAction.POLICY_LOADED, policy_digest=digest)


def alert_raised(alert: Alert) -> Event:
    """Say that the security team is alerted: by which rule, by which event, and whom it is about.

    Not about which package: the event says it, and a package's own events are what happened to it.
    """
    return Event(
        action=EventAction.ALERT_RAISED,
        codes=(alert.rule.value,),
        raised_by=alert.event,
        recipient=RecipientId(alert.recipient) if alert.recipient else None,
        person=PersonId(alert.person) if alert.person else None,
        counts=(("events", alert.count),) if alert.count else (),
    )


def rule_ids(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """Give the rule ids of reasons, each once, in order."""
    return tuple(dict.fromkeys(reason.rule_id for reason in reasons))[:_MAX_CODES]


def _evaluated(
    package: _Handed, decision: Decision, recipient: RecipientDecision, *, event_id: str, digest: str
) -> Event:
    verdicts = Counter(each.verdict.value for each in recipient.fields)
    released = sorted({each.category.value for each in recipient.fields if each.category and each.verdict == "release"})
    return Event(
        action=EventAction.PACKAGE_POLICY_EVALUATED,
        id=event_id,
        package=package.id,
        recipient=recipient.recipient,
        person=package.person,
        organisation=package.organisation,
        outcome="success" if recipient.outcome is Outcome.CLEARED else "failure",
        purpose=package.purpose,
        channel=recipient.channel.value if recipient.channel else "",
        codes=rule_ids(recipient.reasons),
        warnings=rule_ids(recipient.warnings),
        categories=tuple(released),
        policy_digest=decision.policy_digest,
        digest=digest,
        verdicts=tuple(sorted(verdicts.items())),
        proof=recipient.proof.value if recipient.proof else "",
    )
