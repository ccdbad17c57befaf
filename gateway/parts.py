"""What the way is made of: the parts that bootstrap builds, and what travels between the steps of the pipeline.

No order here; that stands in `gateway.pipeline`.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from gateway.audit.port import AuditLog
from gateway.deliver.port import Courier
from gateway.deliver.retry import RetryPolicy
from gateway.evidence.port import Registers
from gateway.package.encoding import Decided, Record, encode_decision
from gateway.package.ids import RecipientId
from gateway.package.reviews import Review, ReviewVerdict
from gateway.package.states import Channel, Decision, DeliveryState, Held, Package, PackageState, Refused, Sealed
from gateway.policy.policy_set import PolicySet
from gateway.policy.reviewing import refused_by_review
from gateway.policy.rules import RuleId
from gateway.receipt.port import SlipFacts
from gateway.seal.port import LetterWriter, Sealer
from gateway.seal.sealing import MailSettings
from gateway.spool.port import DeliveryRow, Dispatcher, PackageRow, Parcels, Payload, Spool, Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSettings:
    """What the site decides about the way; sizes in bytes."""

    zone: ZoneInfo
    search_limit: int
    staging: Path
    mail: MailSettings
    retry: RetryPolicy
    resend_uncertain_mail: bool

    def is_due(self, delivery: DeliveryRow, now: dt.datetime) -> bool:
        """Tell whether a delivery may be tried now; one in doubt that a person must settle is not, restart or no."""
        if delivery.due is not None:
            return delivery.due <= now
        return delivery.state is not DeliveryState.UNCERTAIN or self.may_go_again(delivery)

    def may_go_again(self, delivery: DeliveryRow) -> bool:
        """Tell whether doubt means trying again; only mail can not be asked after, and the site decides on that."""
        return delivery.channel is not Channel.SECURE_MAIL or self.resend_uncertain_mail


@dataclass(frozen=True, slots=True, kw_only=True)
class WayParts:
    """What the blocking part of the way is made of, from evidence to ciphertext."""

    settings: PipelineSettings
    policy: Callable[[], PolicySet]
    sealer: Sealer
    letters: LetterWriter
    open_channels: frozenset[Channel]
    registers: Registers
    random: Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Where the way to ciphertext ended, the decision that led there, and the question that it answers, as written."""

    ending: Sealed | Held | Refused
    decision: Decision
    question: str

    def decided(self, ids: Mapping[RecipientId, str]) -> Decided:
        """Say what is kept of the decision, told by the events with these ids."""
        events: dict[str, str] = dict(ids.items())
        decision = encode_decision(self.decision)
        return Decided(at=self.decision.decided_at, events=events, question=self.question, decision=decision)


class Hands(Protocol):
    """Does what blocks, away from the event loop.

    An implementer promises: what is cancelled is finished anyway, and `worker-lost` (retryable) is raised when nobody
    can tell how far it came.
    """

    async def prepare(
        self, row: PackageRow, payloads: tuple[Payload, ...], now: dt.datetime, reviews: tuple[Review, ...], /
    ) -> tuple[Package, Prepared]:
        """Lead one package from its payloads to ciphertext. Raises SluisError; `internal-error` for a fault of ours."""
        ...

    async def write_slip(self, facts: SlipFacts, /) -> None:
        """Put a slip where the sender looks, in place of an older one of the same package. Raises OSError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that the pipeline is made of; built in bootstrap."""

    settings: PipelineSettings
    spool: Spool
    vault: Vault
    parcels: Parcels
    dispatcher: Dispatcher
    audit: AuditLog
    hands: Hands
    couriers: Mapping[Channel, Courier]
    policy: Callable[[], PolicySet]
    now: Callable[[], dt.datetime]
    random: Callable[[int], bytes]
    jitter: Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One package as it stands while it is worked on; `begun` when its intents were committed just now, by us."""

    row: PackageRow
    record: Record
    deliveries: tuple[DeliveryRow, ...]
    begun: bool = False

    def reviewed(self, review: Review, *, policy: PolicySet) -> tuple[PackageState, Record]:
        """Say where a held package stands after a review, and what is kept of it then: the review in any case."""
        record = replace(self.record, reviews=(*self.record.reviews, review), codes=(), where="", detail={})
        if review.opinion.verdict is ReviewVerdict.RELEASE:
            return PackageState.RECEIVED, record
        decision = refused_by_review(record.decision, policy=policy) if record.decision else None
        refused = replace(record.with_decision(decision), codes=(RuleId.REVIEW_REFUSED.value,))
        return PackageState.REFUSED, refused

    def facts(self) -> SlipFacts:
        """Say what a slip may tell of it."""
        row, record = self.row, self.record
        return SlipFacts(
            id=row.id,
            entry=record.entry,
            at=row.updated_at,
            state=row.state,
            codes=record.codes or ((row.code,) if row.code else ()),
            where=record.where,
            detail=record.detail,
            decision=record.decision,
            deliveries={each.recipient: (each.state, each.code) for each in self.deliveries},
        )
