"""What the way is made of: the parts that bootstrap builds, and what travels between the steps of the pipeline.

No order here; that stands in `gateway.pipeline`.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from gateway.audit.port import AuditLog
from gateway.deliver.port import Courier
from gateway.deliver.retry import RetryPolicy
from gateway.package.encoding import Record
from gateway.package.ids import PackageId
from gateway.package.states import Channel, Decision, Held, Refused, Sealed
from gateway.policy.policy_set import PolicySet
from gateway.receipt.port import SlipFacts
from gateway.seal.port import LetterWriter, Sealer
from gateway.seal.sealing import MailSettings
from gateway.spool.port import DeliveryRow, Dispatcher, PackageRow, Parcels, Spool, Vault


class SlipWriter(Protocol):
    """Puts a slip where the sender looks; blocking, called in a thread."""

    def write(self, facts: SlipFacts, /) -> None:
        """Write one slip in place of an older one of the same package. Raises OSError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSettings:
    """What the site decides about the way; sizes in bytes."""

    zone: ZoneInfo
    search_limit: int
    staging: Path
    mail: MailSettings
    retry: RetryPolicy
    resend_uncertain_mail: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that the way is made of; built in bootstrap."""

    settings: PipelineSettings
    spool: Spool
    vault: Vault
    parcels: Parcels
    dispatcher: Dispatcher
    audit: AuditLog
    policy: Callable[[], PolicySet]
    sealer: Sealer
    letters: LetterWriter
    couriers: Mapping[Channel, Courier]
    slips: SlipWriter
    now: Callable[[], dt.datetime]
    random: Callable[[int], bytes]
    jitter: Callable[[], float]
    report: Callable[[PackageId, Exception], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Where `prepare` ended, and the decision that led there; None when it never came to one."""

    ending: Sealed | Held | Refused
    decision: Decision | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One package as it stands while it is worked on; `begun` when its intents were committed just now, by us."""

    row: PackageRow
    record: Record
    deliveries: tuple[DeliveryRow, ...]
    begun: bool = False

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
