"""The way of a package, in order. The only file that knows it, and the only writer of events about packages.

    intake > evidence > policy > minimise > seal > deliver > receipt

Rules:
1. Gather, decide, apply: `prepare` is the whole way from a package to ciphertext, and a skipped stage is a type error.
2. An event is durable before the act that it announces; when the log fails, nothing is released.
3. Each step ends in one transaction. What stops in between is taken up again from the row, never from memory.
4. Two lanes only: forward, or to the receipt.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, assert_never
from zoneinfo import ZoneInfo

from gateway.audit import telling
from gateway.audit.events import Event, EventAction
from gateway.audit.port import AuditLog
from gateway.deliver.port import Courier
from gateway.deliver.retry import RetryPolicy
from gateway.deliver.settling import ENDED, IN_DOUBT, Attempt, settle
from gateway.evidence.examining import examine
from gateway.minimise.minimising import minimise
from gateway.package.encoding import Record, decode_record, encode_record
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId
from gateway.package.problems import problem_of, reason_of
from gateway.package.states import (
    Channel,
    Cleared,
    Contents,
    Decision,
    DeliveryOutcome,
    DeliveryResult,
    DeliveryState,
    Examined,
    Held,
    Minimised,
    Package,
    PackageState,
    Reason,
    Refused,
    Sealed,
    Source,
    Submitter,
)
from gateway.policy.deciding import decide
from gateway.policy.policy_set import PolicySet
from gateway.policy.register import fingerprints
from gateway.receipt.port import SlipFacts
from gateway.seal.port import LetterWriter, Sealer
from gateway.seal.sealing import MailSettings, seal
from gateway.spool.candidates import Candidate, content_digest, new_package, package_of
from gateway.spool.port import (
    DeliveryChange,
    DeliveryRow,
    Dispatcher,
    PackageRow,
    Parcels,
    Payload,
    Spool,
    StateChange,
    Vault,
)

_AGAIN_SECONDS = (5, 30, 120, 600)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Where `prepare` ended, and the decision that led there; None when it never came to one."""

    ending: Sealed | Held | Refused
    decision: Decision | None


class Pipeline:
    """Leads packages through the stages."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    # ---- the door ----------------------------------------------------------------------------------------------

    async def accept(self, candidate: Candidate) -> PackageRow | None:
        """Make a package durable and put it to work; None when new, the known row when id or claim came before.

        Raises SluisError `id-conflict` for a known id with other content, `audit-unavailable`, `disk-full`.
        """
        parts = self._parts
        known = await parts.spool.find(candidate.id)
        if known is None:
            event = await self._announce(_received(candidate)) if candidate.complete else ""
            known = await parts.spool.accept(new_package(candidate, vault=parts.vault, at=parts.now(), event=event))
        if known is None:
            if candidate.complete:
                parts.dispatcher.submit(candidate.id)
            return None
        digest = content_digest(candidate, vault=parts.vault)
        if known.content_digest != digest or known.person != candidate.submitter.person:
            raise SluisError(Code.ID_CONFLICT)
        return known

    async def add_document(self, row: PackageRow, payload: Payload, *, documents: int, complete: bool) -> bool:
        """Add a document to a submission; the last one makes it a package. False when it was there already."""
        parts = self._parts
        event = await self._announce(_completed(row, documents)) if complete else ""
        added = await parts.spool.add_payload(row.id, payload, complete=complete, at=parts.now(), event=event)
        if added and complete:
            parts.dispatcher.submit(row.id)
        return added

    async def reject(self, facts: SlipFacts, *, source: Source, submitter: Submitter | None) -> None:
        """Account for what never became a package, and write its slip."""
        person = submitter.person if submitter else None
        code = facts.codes[0]
        await self._announce(telling.rejected(facts.id, code=code, source=source, person=person))
        await asyncio.to_thread(self._parts.slips.write, facts)

    # ---- the way -----------------------------------------------------------------------------------------------

    def prepare(self, package: Package, contents: Contents, now: dt.datetime) -> Prepared:
        """Lead a package from evidence to ciphertext, or to the reason why not. Blocking; nothing is kept here."""
        examined = self.examine(package, contents, now)
        cleared = decide(examined, policy=self._parts.policy(), now=now)
        match cleared:
            case Held() | Refused():
                return Prepared(ending=cleared, decision=cleared.decision)
            case Cleared():
                minimised = minimise(cleared, contents=contents)
            case _:
                assert_never(cleared)
        match minimised:
            case Held():
                return Prepared(ending=minimised, decision=cleared.decision)
            case Minimised():
                return Prepared(ending=self._seal(minimised, now), decision=cleared.decision)
            case _:
                assert_never(minimised)

    def examine(self, package: Package, contents: Contents, now: dt.datetime) -> Examined:
        """Gather the evidence; also what a preview rests on."""
        parts = self._parts
        return examine(
            package,
            contents=contents,
            fingerprints=fingerprints(parts.policy(), package.manifest.recipients),
            key_health=parts.sealer.health,
            open_channels=frozenset(parts.couriers),
            now=now,
            zone=parts.settings.zone,
            search_limit=parts.settings.search_limit,
        )

    async def advance(self, package_id: PackageId) -> None:
        """Bring one package one step further: whatever its row asks for."""
        row = await self._parts.spool.find(package_id)
        if row is None:
            return
        match row.state:
            case PackageState.RECEIVED:
                await self._prepare(row)
            case PackageState.RELEASING:
                await self._release(row)
            case _:
                pass
        row = await self._parts.spool.find(package_id)
        if row is not None and row.slip_due:
            await self._write_slip(row)

    def record_of(self, row: PackageRow) -> Record:
        """Read what is kept of a package beside its payloads; empty once its retention has ended."""
        content = self._parts.vault.open_record(row)
        return decode_record(content) if content is not None else Record()

    # ---- received: decide, minimise, seal ----------------------------------------------------------------------

    async def _prepare(self, row: PackageRow) -> None:
        now = self._parts.now()
        try:
            payloads = await self._parts.spool.payloads(row.id)
            package, prepared = await asyncio.to_thread(self._load_and_prepare, row, payloads, now)
        except SluisError as error:
            await self._not_prepared(row, error)
            return
        told = telling.evaluated(package, prepared.decision) if prepared.decision else []
        match prepared.ending:
            case Sealed():
                await self._keep_sealed(row, prepared.ending, prepared.decision, told)
            case Held():
                await self._hold(row, prepared.ending.reasons, prepared.decision, told)
            case Refused():
                await self._refuse(row, prepared.ending.decision, told)
            case _:
                assert_never(prepared.ending)

    def _load_and_prepare(
        self, row: PackageRow, payloads: tuple[Payload, ...], now: dt.datetime
    ) -> tuple[Package, Prepared]:
        contents = self._parts.vault.contents(row, payloads)
        package = package_of(row, payloads=payloads, contents=contents)
        return package, self.prepare(package, contents, now)

    def _seal(self, minimised: Minimised, now: dt.datetime) -> Sealed:
        parts = self._parts
        return seal(
            minimised,
            sealer=parts.sealer,
            letters=parts.letters,
            now=now,
            random=parts.random,
            staging=parts.settings.staging,
            settings=parts.settings.mail,
        )

    async def _not_prepared(self, row: PackageRow, error: SluisError) -> None:
        """Wait and try again after a passing fault; hold after a lasting one. Nothing was sent either way."""
        if problem_of(error).retryable and row.attempt < len(_AGAIN_SECONDS):
            pause = dt.timedelta(seconds=_AGAIN_SECONDS[row.attempt])
            due = self._parts.now() + pause
            await self._change(row, PackageState.RECEIVED, event="", code=error.code.value, due=due)
            self._parts.dispatcher.submit(row.id, at=due)
            return
        await self._hold(row, (reason_of(error),), None, [], detail=dict(error.detail), where=error.where)

    async def _keep_sealed(self, row: PackageRow, sealed: Sealed, decision: Decision | None, told: list[Event]) -> None:
        parts = self._parts
        deliveries = await asyncio.to_thread(lambda: tuple(parts.parcels.keep(each) for each in sealed.parcels))
        event = await self._announce(*told, *(telling.sealed(row.id, each) for each in sealed.parcels))
        addresses: dict[str, str] = {each.recipient: each.address for each in sealed.parcels}
        record = Record(entry=self.record_of(row).entry, decision=decision, addresses=addresses)
        change = StateChange(
            state=PackageState.RELEASING,
            at=parts.now(),
            event=event,
            record=parts.vault.seal_record_of(row, encode_record(record)),
            deliveries=deliveries,
            destroy_content=True,
        )
        await parts.spool.change(row.id, row.epoch, change)
        parts.dispatcher.submit(row.id)

    async def _hold(
        self,
        row: PackageRow,
        reasons: tuple[Reason, ...],
        decision: Decision | None,
        told: list[Event],
        *,
        where: str = "",
        detail: Mapping[str, str | int] | None = None,
    ) -> None:
        digest = decision.policy_digest if decision else ""
        event = await self._announce(*told, telling.held(row.id, reasons, policy_digest=digest))
        codes = telling.rule_ids(reasons)
        record = Record(
            entry=self.record_of(row).entry, decision=decision, codes=codes, where=where, detail=dict(detail or {})
        )
        await self._change(row, PackageState.HELD, event=event, code=codes[0], record=record, slip=True)

    async def _refuse(self, row: PackageRow, decision: Decision, told: list[Event]) -> None:
        event = await self._announce(*told, telling.refused(row.id, decision))
        codes = telling.rule_ids(decision.deciding_reasons())
        record = Record(entry=self.record_of(row).entry, decision=decision, codes=codes)
        await self._change(row, PackageState.REFUSED, event=event, code=codes[0], record=record, slip=True)

    # ---- releasing: deliver ------------------------------------------------------------------------------------

    async def _release(self, row: PackageRow) -> None:
        """Make one attempt for each delivery that is due; the package is done when the last one has ended."""
        deliveries = await self._parts.spool.deliveries(row.id)
        now = self._parts.now()
        open_ones = [each for each in deliveries if each.state not in ENDED]
        due = [each for each in open_ones if (each.due is None or each.due <= now) and not self._held_in_doubt(each)]
        alone = len(due) == len(open_ones) == 1
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._deliver(row, each, alone=alone)) for each in due]
        ended = all(task.result() in ENDED for task in tasks) and len(due) == len(open_ones)
        if ended and not alone:
            await self._change(row, PackageState.DONE, event="", slip=True)
        for each in await self._parts.spool.deliveries(row.id) if not ended else ():
            if each.state not in ENDED and (each.due is not None or each.state is DeliveryState.WAITING):
                self._parts.dispatcher.submit(row.id, at=each.due)

    def _held_in_doubt(self, delivery: DeliveryRow) -> bool:
        """Tell whether nobody but a person may try this delivery again: a restart is no reason to."""
        in_doubt = delivery.state is DeliveryState.UNCERTAIN and delivery.due is None
        return in_doubt and not self._parts.settings.resend_uncertain_mail

    async def _deliver(self, row: PackageRow, delivery: DeliveryRow, *, alone: bool) -> DeliveryState:
        parts = self._parts
        address = self.record_of(row).addresses.get(delivery.recipient, "")
        sealed = None if delivery.file else await parts.spool.ciphertext(row.id, delivery.recipient)
        courier = parts.couriers[delivery.channel]
        parcel = await asyncio.to_thread(parts.parcels.restore, delivery, sealed, address=address)
        if delivery.state in IN_DOUBT:
            found = await courier.probe(parcel)
            if found is not None and found.outcome in (DeliveryOutcome.SENT, DeliveryOutcome.DELIVERED):
                return await self._settle(row, delivery, found, alone=alone)
            if found is None and not parts.settings.resend_uncertain_mail:
                # A crash came between the intent and the result; whether it goes again is for a person to say.
                doubt = DeliveryResult(outcome=DeliveryOutcome.UNCERTAIN, code=Code.MAIL_OUTCOME_UNKNOWN)
                return await self._settle(row, delivery, doubt, alone=alone)
        event = await self._announce(_attempted(row, delivery, EventAction.PACKAGE_RELEASE_STARTED))
        intent = DeliveryChange(
            recipient=delivery.recipient, state=DeliveryState.SENDING, at=parts.now(), event=event, intent=True
        )
        await parts.spool.change_delivery(row.id, row.epoch, intent)
        try:
            result = await courier.deliver(parcel)
        except SluisError as error:
            # The ciphertext is not what was sealed; the courier has delivered nothing of it and never will.
            result = DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=error.code.value)
        return await self._settle(row, delivery, result, alone=alone)

    async def _settle(
        self, row: PackageRow, delivery: DeliveryRow, result: DeliveryResult, *, alone: bool
    ) -> DeliveryState:
        """Write what one attempt came to; the package is done with it when it was the only delivery."""
        now = self._parts.now()
        attempt = Attempt(
            number=delivery.attempt + 1,
            first_tried_at=delivery.first_tried_at or now,
            at=now,
            in_doubt=delivery.state in IN_DOUBT,
            resend_when_uncertain=self._parts.settings.resend_uncertain_mail,
        )
        settled = settle(result, attempt=attempt, policy=self._parts.settings.retry, jitter=self._parts.jitter())
        event = await self._announce(_attempted(row, delivery, _RESULT_EVENTS[settled.state], settled.code))
        done = alone and settled.state in ENDED
        package: StateChange | None = None
        if done or settled.code not in ("", delivery.code):
            state = PackageState.DONE if done else PackageState.RELEASING
            package = StateChange(state=state, at=now, event=event, code=settled.code, slip=True)
        change = DeliveryChange(
            recipient=delivery.recipient,
            state=settled.state,
            at=now,
            event=event,
            code=settled.code,
            due=settled.due,
            package=package,
        )
        await self._parts.spool.change_delivery(row.id, row.epoch, change)
        return settled.state

    # ---- the receipt -------------------------------------------------------------------------------------------

    async def slip_facts(self, row: PackageRow) -> SlipFacts:
        """Gather what a slip may say about a package as it stands."""
        record = self.record_of(row)
        deliveries = await self._parts.spool.deliveries(row.id)
        codes = record.codes or ((row.code,) if row.code else ())
        return SlipFacts(
            id=row.id,
            entry=record.entry,
            at=row.updated_at,
            state=row.state,
            codes=codes,
            where=record.where,
            detail=record.detail,
            decision=record.decision,
            deliveries={each.recipient: (each.state, each.code) for each in deliveries},
        )

    async def _write_slip(self, row: PackageRow) -> None:
        if row.source is Source.OUTBOX:
            await asyncio.to_thread(self._parts.slips.write, await self.slip_facts(row))
        await self._parts.spool.slip_written(row.id, row.epoch)

    # ---- retention ---------------------------------------------------------------------------------------------

    async def forget_lapsed(self, *, content_before: dt.datetime, record_before: dt.datetime) -> int:
        """Destroy the keys of what has rested past its retention (GDPR art. 5(1)(e)); give their number."""
        rows = await self._parts.spool.lapsed(content_before=content_before, record_before=record_before)
        for row in rows:
            event = await self._announce(Event(action=EventAction.PACKAGE_EXPIRED, package=row.id))
            record = row.updated_at < record_before
            await self._parts.spool.forget(row.id, content=True, record=record, event=event)
        return len(rows)

    # ---- shared ------------------------------------------------------------------------------------------------

    async def _announce(self, *events: Event) -> str:
        """Make events durable, in order; give the digest of the last. Raises `audit-unavailable`."""
        digests = await asyncio.gather(*(self._parts.audit.record(event) for event in events))
        return digests[-1]

    async def _change(
        self,
        row: PackageRow,
        state: PackageState,
        *,
        event: str,
        code: str = "",
        record: Record | None = None,
        due: dt.datetime | None = None,
        slip: bool = False,
    ) -> None:
        sealed = self._parts.vault.seal_record_of(row, encode_record(record)) if record else None
        change = StateChange(
            state=state, at=self._parts.now(), event=event, code=code, record=sealed, due=due, slip=slip
        )
        await self._parts.spool.change(row.id, row.epoch, change)


_RESULT_EVENTS = {
    DeliveryState.SENT: EventAction.PACKAGE_RELEASED,
    DeliveryState.DELIVERED: EventAction.PACKAGE_RELEASED,
    DeliveryState.UNDELIVERABLE: EventAction.PACKAGE_RELEASE_FAILED,
    DeliveryState.WAITING: EventAction.PACKAGE_RELEASE_FAILED,
    DeliveryState.UNCERTAIN: EventAction.PACKAGE_RELEASE_UNCERTAIN,
}


def _attempted(row: PackageRow, delivery: DeliveryRow, action: EventAction, code: str = "") -> Event:
    return telling.attempted(
        action,
        package=row.id,
        recipient=delivery.recipient,
        channel=delivery.channel,
        name=delivery.name,
        digest=delivery.sha256,
        size=delivery.size,
        attempt=delivery.attempt + 1,
        code=code,
    )


def _received(candidate: Candidate) -> Event:
    return telling.received(
        candidate.id,
        person=candidate.submitter.person,
        organisation=candidate.submitter.organisation,
        source=candidate.source,
        purpose=candidate.manifest.purpose,
        documents=len(candidate.manifest.declared_files()),
    )


def _completed(row: PackageRow, documents: int) -> Event:
    return telling.received(
        row.id,
        person=row.person,
        organisation=row.organisation,
        source=row.source,
        purpose=row.purpose,
        documents=documents,
    )
