"""Tells the log what was decided: builds events out of decisions. Pure, and value-free by construction."""

from collections import Counter
from collections.abc import Iterable

from gateway.audit.events import Event, EventAction
from gateway.package.ids import PackageId, PersonId, RecipientId
from gateway.package.states import (
    Channel,
    Decision,
    Outcome,
    Package,
    Reason,
    RecipientDecision,
    SealedParcel,
    Source,
)

_MAX_CODES = 20


def received(
    package: PackageId, *, person: PersonId, organisation: str, source: Source, purpose: str, documents: int
) -> Event:
    """Say that a package is about to be accepted: written before it is acknowledged."""
    return Event(
        action=EventAction.PACKAGE_RECEIVED,
        package=package,
        person=person,
        organisation=organisation,
        source=source.value,
        purpose=purpose,
        counts=(("documents", documents),),
    )


def rejected(package: PackageId, *, code: str, source: Source, person: PersonId | None) -> Event:
    """Say that an entry or submission never became a package."""
    return Event(
        action=EventAction.PACKAGE_REJECTED,
        package=package,
        person=person,
        source=source.value,
        outcome="failure",
        codes=(code,),
    )


def evaluated(package: Package, decision: Decision) -> list[Event]:
    """Say what was decided, one event for each recipient."""
    return [_evaluated(package, decision, each) for each in decision.recipients]


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


def sealed(package: PackageId, parcel: SealedParcel) -> Event:
    """Say that a parcel was encrypted; the digest is of the ciphertext."""
    return Event(
        action=EventAction.PACKAGE_SEALED,
        package=package,
        recipient=parcel.recipient,
        channel=parcel.channel.value,
        digest=parcel.ciphertext.sha256,
        size=parcel.ciphertext.size,
    )


def attempted(
    action: EventAction,
    *,
    package: PackageId,
    recipient: RecipientId,
    channel: Channel,
    name: str,
    digest: str,
    size: int,
    attempt: int,
    code: str,
) -> Event:
    """Say that an attempt is about to be made, or what it came to; `name` is the delivery's deterministic mark."""
    return Event(
        action=action,
        package=package,
        recipient=recipient,
        channel=channel.value,
        outcome=_ATTEMPT_OUTCOMES[action],
        codes=(code,) if code else (),
        digest=digest,
        size=size,
        message_id=name if channel is Channel.SECURE_MAIL else "",
        attempt=attempt,
    )


_ATTEMPT_OUTCOMES = {
    EventAction.PACKAGE_RELEASE_STARTED: "unknown",
    EventAction.PACKAGE_RELEASED: "success",
    EventAction.PACKAGE_RELEASE_FAILED: "failure",
    EventAction.PACKAGE_RELEASE_UNCERTAIN: "unknown",
}


def rule_ids(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """Give the rule ids of reasons, each once, in order."""
    return tuple(dict.fromkeys(reason.rule_id for reason in reasons))[:_MAX_CODES]


def _evaluated(package: Package, decision: Decision, recipient: RecipientDecision) -> Event:
    verdicts = Counter(each.verdict.value for each in recipient.fields)
    released = sorted({each.category.value for each in recipient.fields if each.category and each.verdict == "release"})
    return Event(
        action=EventAction.PACKAGE_POLICY_EVALUATED,
        package=package.id,
        recipient=recipient.recipient,
        person=package.submitter.person,
        organisation=package.submitter.organisation,
        outcome="success" if recipient.outcome is Outcome.CLEARED else "failure",
        purpose=package.manifest.purpose,
        channel=recipient.channel.value if recipient.channel else "",
        codes=rule_ids(recipient.reasons),
        categories=tuple(released),
        policy_digest=decision.policy_digest,
        verdicts=tuple(sorted(verdicts.items())),
    )
