"""The way of a package, in order. The only file that knows it; with `endings` the only writer of events.

    intake > evidence > policy > minimise > seal > deliver > receipt

Rules:
1. Gather, decide, apply: `Way.prepare` leads from a package to ciphertext, and a skipped stage is a type error. It
   blocks, so others' hands do it; `Pipeline` leads a package from its row to its ending.
2. An event is durable before the act that it announces: each change of the spool is told with its events, and is only
   committed once they are in the log. When the log fails, nothing is released.
3. Each step ends in one transaction. What stops in between is taken up again from the row.
4. Two lanes only: forward, or to the receipt.
5. Packages about one subject are decided one after another, so that each is compared with all that was sent before it.
"""

import asyncio
import datetime as dt
from dataclasses import replace
from functools import partial
from typing import assert_never
from weakref import WeakValueDictionary

from gateway.audit import telling
from gateway.audit.about import about
from gateway.audit.events import Event, EventAction
from gateway.deliver.settling import ENDED, settle
from gateway.evidence.examining import examine
from gateway.lasting import instead_of_another
from gateway.minimise.minimising import minimise
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.encoding import Record, RestsOn, decode_record, encode_record
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId
from gateway.package.problems import reason_of
from gateway.package.reviews import Review
from gateway.package.states import (
    Cleared,
    Contents,
    Decision,
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
from gateway.parts import NOTHING_BEFORE, Journey, Parts, Past, Prepared, Stops, WayParts, answering, pause_after
from gateway.policy.asking import ask
from gateway.policy.deciding import conclude, decide
from gateway.policy.knowing import known_of
from gateway.policy.register import bar_numbers, fingerprints
from gateway.receipt.port import SlipFacts
from gateway.seal.sealing import seal
from gateway.spool.candidates import Candidate, content_digest, new_package, row_of, sendings_of
from gateway.spool.fresh import Fresh
from gateway.spool.port import (
    DeliveryChange,
    DeliveryRow,
    HistoryQuestion,
    NewDelivery,
    PackageRow,
    Payload,
    Sending,
    StateChange,
    Stored,
)

_STARTED = EventAction.PACKAGE_RELEASE_STARTED


class Way:
    """The stages from evidence to ciphertext. Blocking; nothing is kept here, and the same input ends the same way."""

    def __init__(self, parts: WayParts) -> None:
        self.parts = parts

    def prepare(
        self, package: Package, contents: Contents, now: dt.datetime, *, past: Past = NOTHING_BEFORE
    ) -> Prepared:
        """Lead a package from evidence to ciphertext, or to the reason why not; its past is a fact like any other."""
        examined = self.examine(package, contents, now, past=past)
        policy = self.parts.policy()
        asked = ask(examined, policy=policy, now=now)
        decision = decide(asked, policy=policy)
        prepared = answering(examined, asked, decision, policy=policy)
        cleared = conclude(examined, decision)
        match cleared:
            case Held() | Refused():
                return prepared(ending=cleared)
            case Cleared():
                minimised = minimise(cleared, contents=contents, documents=self.parts.documents)
            case _:
                assert_never(cleared)
        match minimised:
            case Held():
                return prepared(ending=minimised)
            case Minimised():
                digests = {each.number: each.digest for each in package.documents}
                rests_on = RestsOn.of(package.manifest)
                return prepared(ending=self._seal(minimised, now), documents=digests, rests_on=rests_on)
            case _:
                assert_never(minimised)

    def examine(
        self, package: Package, contents: Contents, now: dt.datetime, *, past: Past = NOTHING_BEFORE
    ) -> Examined:
        """Gather the evidence; also what a preview rests on."""
        parts = self.parts
        return examine(
            package,
            contents=contents,
            fingerprints=fingerprints(parts.policy(), package.manifest.recipients),
            key_health=parts.key_health,
            open_channels=parts.open_channels,
            now=now,
            zone=parts.settings.zone,
            files=parts.documents,
            searching=parts.searching(),
            known_of=partial(known_of, package.manifest, policy=parts.policy()),
            registers=parts.registers,
            bar_numbers=bar_numbers(parts.policy(), package.manifest.recipients),
            reviews=past.reviews,
            history=past.history,
        )

    def _seal(self, minimised: Minimised, now: dt.datetime) -> Sealed:
        parts = self.parts
        return seal(
            minimised,
            sealer=parts.sealer,
            letters=parts.letters,
            now=now,
            random=parts.random,
            staging=parts.settings.staging,
            settings=parts.settings.mail,
            chain=parts.chain,
            postbus=parts.postbus,
            labels=parts.policy().labels,
        )


class Pipeline:
    """Leads packages from their row to their ending.

    `answered` names the parcels of which a person has said something since the last attempt: they are due at once.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.fresh = Fresh()
        self.stops = Stops()
        self.answered: set[str] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    # ---- the door ----------------------------------------------------------------------------------------------

    async def accept(self, candidate: Candidate) -> PackageRow | None:
        """Make a package durable and put it to work; None when new, the known row when id or claim came before.

        Raises SluisError `id-conflict` for a known id with other content, `audit-unavailable`, `disk-full`.
        """
        parts = self._parts
        known = await parts.spool.find(candidate.id) if candidate.manifest.id else None
        if known is None:
            record = parts.begun(candidate)
            new = new_package(candidate, record, vault=parts.vault, at=parts.now())
            told = about(new.id, record, telling.received(new, documents=len(candidate.manifest.declared_files())))
            known = await parts.spool.accept(new, told=told if candidate.complete else ())
            if known is None:
                if candidate.complete:
                    self.fresh.put(new, record)
                    parts.dispatcher.submit(candidate.id, sender=candidate.submitter.person)
                return None
        digest = content_digest(candidate, vault=parts.vault)
        if known.content_digest != digest or known.person != candidate.submitter.person:
            raise SluisError(Code.ID_CONFLICT)
        return known

    async def add_document(self, row: PackageRow, payload: Payload, *, documents: int, complete: bool) -> bool:
        """Add a document to a submission; the last one makes it a package. False when it was there already."""
        parts = self._parts
        self.stops.require_going(row.id)
        told = about(row.id, self.record_of(row), telling.received(row, documents=documents)) if complete else ()
        added = await parts.spool.add_payload(row.id, payload, complete=complete, at=parts.now(), told=told)
        if added and complete:
            parts.dispatcher.submit(row.id, sender=row.person)
        return added

    async def reject(self, facts: SlipFacts, *, source: Source, submitter: Submitter | None) -> None:
        """Account for what never became a package, and write its slip."""
        told = telling.rejected(facts.id, code=facts.codes[0], source=source, submitter=submitter)
        await self._parts.audit.record(*about(facts.id, Record(), told))
        await self._parts.hands.write_slip(facts)

    # ---- the way -----------------------------------------------------------------------------------------------

    async def advance(self, package_id: PackageId) -> None:
        """Bring one package as far as it gets now, from its row; a new one's was written a moment ago."""
        if not self.stops.may_begin(package_id):
            return
        stored, record = self.fresh.take(package_id) or (await self._parts.spool.load(package_id), None)
        if stored is None:
            return
        journey = self.journey_of(stored, record)
        if journey.row.state is PackageState.RECEIVED:
            journey = await self._prepare(journey, stored.payloads)
        if journey.row.state is PackageState.RELEASING:
            journey = await self._release(journey)
        if journey.row.slip_due:
            await self._write_slip(journey)

    def journey_of(self, stored: Stored, record: Record | None = None) -> Journey:
        """Take a package up where its row stands; its record is read unless it is known."""
        return Journey(row=stored.row, record=record or self.record_of(stored.row), deliveries=stored.deliveries)

    def record_of(self, row: PackageRow) -> Record:
        """Read what is kept of a package beside its payloads; empty once its retention has ended."""
        content = self._parts.vault.open_record(row)
        return Record() if content is None else decode_record(content)

    # ---- received: decide, minimise, seal ----------------------------------------------------------------------

    async def _prepare(self, journey: Journey, payloads: tuple[Payload, ...]) -> Journey:
        try:
            question = journey.question(payloads, vault=self._parts.vault)
        except SluisError as error:
            return await self._not_prepared(journey, error)
        # Dropped twice at once, the second would otherwise be decided before the first is history.
        async with self._turns.setdefault(question.subject, asyncio.Lock()):
            return await self._prepare_in_turn(journey, payloads, question)

    async def _prepare_in_turn(
        self, journey: Journey, payloads: tuple[Payload, ...], question: HistoryQuestion
    ) -> Journey:
        now = self._parts.now()
        past = Past(reviews=journey.record.reviews, history=await self._parts.spool.history(question))
        try:
            prepared = await self._parts.hands.prepare(journey.row, payloads, now, past)
        except SluisError as error:
            return await self._not_prepared(journey, error)
        journey, ids, digest = journey.decided(prepared, payloads, parts=self._parts)
        told = tuple(telling.evaluated(journey.row, prepared.decision, ids=ids, digest=digest))
        match prepared.ending:
            case Sealed():
                record = replace(journey.record, documents=prepared.documents, rests_on=prepared.rests_on)
                return await self._keep_sealed(replace(journey, record=record), prepared.ending, question, told)
            case Held():
                return await self._hold(journey.found_at(prepared.ending), prepared.ending.reasons, told)
            case Refused():
                return await self._refuse(journey, prepared.decision, told)
            case _:
                assert_never(prepared.ending)

    async def _not_prepared(self, journey: Journey, error: SluisError) -> Journey:
        """Wait and try again after a passing fault; hold after a lasting one. Nothing was sent either way."""
        if pause := pause_after(error, attempt=journey.row.attempt):
            due = self._parts.now() + pause
            journey = await self._change(journey, PackageState.RECEIVED, code=error.code.value, due=due)
            self._parts.dispatcher.submit(journey.row.id, at=due)
            return journey
        return await self._hold(journey.undecided(error), (reason_of(error),), ())

    async def _keep_sealed(
        self, journey: Journey, sealed: Sealed, question: HistoryQuestion, told: tuple[Event, ...]
    ) -> Journey:
        """Commit ciphertext and the intent to send it at once; from here on it is history, and no plaintext is left."""
        parts = self._parts
        deliveries = await parts.kept(sealed)
        told += tuple(telling.sealed(journey.row.id, each) for each in sealed.parcels)
        told += tuple(telling.attempted(_STARTED, journey.row.id, each, attempt=1) for each in deliveries)
        record = journey.kept(sealed)
        sendings = sendings_of(question, journey.record.decision)
        journey = await self._change(
            journey, PackageState.RELEASING, told=told, record=record, deliveries=deliveries, sendings=sendings
        )
        begun = tuple(row_of(each, at=journey.row.updated_at) for each in deliveries)
        return replace(journey, deliveries=begun, begun=True)

    async def _hold(self, journey: Journey, reasons: tuple[Reason, ...], told: tuple[Event, ...]) -> Journey:
        decision = journey.record.decision
        codes = telling.rule_ids(reasons)
        told += (telling.held(journey.row.id, reasons, policy_digest=decision.policy_digest if decision else ""),)
        record = replace(journey.record, codes=codes)
        return await self._change(journey, PackageState.HELD, told=told, code=codes[0], record=record, slip=True)

    async def _refuse(self, journey: Journey, decision: Decision, told: tuple[Event, ...]) -> Journey:
        codes = telling.rule_ids(decision.deciding_reasons())
        told += (telling.refused(journey.row.id, decision),)
        record = replace(journey.record, codes=codes)
        return await self._change(journey, PackageState.REFUSED, told=told, code=codes[0], record=record, slip=True)

    # ---- held: a second person decides -------------------------------------------------------------------------

    async def review(self, stored: Stored, review: Review) -> None:
        """Take a review of a held package: released, it goes the whole way again; refused, it ends here.

        Raises SluisError `state-conflict` when it is not held any more, `audit-unavailable`.
        """
        row = stored.row
        state, record = self.journey_of(stored).reviewed(review, policy=self._parts.policy())
        sealed = self._parts.vault.seal_record_of(row, encode_record(record))
        told: tuple[Event, ...] = (telling.reviewed(row.id, review),)
        change = StateChange(state=state, at=self._parts.now(), record=sealed)
        if state is PackageState.REFUSED:
            code = record.codes[0]
            told += (telling.refused_by_review(row.id, review, rule_id=code),)
            change = replace(change, code=code, slip=True)
        await self._parts.spool.change_held(row.id, row.epoch, change, told=about(row.id, record, *told))
        self._parts.dispatcher.submit(row.id, sender=row.person)

    # ---- releasing: deliver ------------------------------------------------------------------------------------

    async def _release(self, journey: Journey) -> Journey:
        """Make one attempt for each delivery that is due; the package is done when the last one has ended."""
        now = self._parts.now()
        open_ones = [each for each in journey.deliveries if each.state not in ENDED]
        is_due = self._parts.settings.is_due
        due = [each for each in open_ones if journey.begun or each.name in self.answered or is_due(each, now)]
        if len(due) == len(open_ones) == 1:
            left = await self._deliver(journey, due[0], alone=True)
            return replace(left, deliveries=journey.with_moved(left))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._deliver(journey, each, alone=False)) for each in due]
        journey = replace(journey, deliveries=journey.with_moved(*(task.result() for task in tasks)))
        for each in open_ones:
            if each.due is not None and each not in due:
                self._parts.dispatcher.submit(journey.row.id, at=each.due)
        if all(each.state in ENDED for each in journey.deliveries):
            journey = await self._change(journey, PackageState.DONE, slip=True)
        return journey

    async def _deliver(self, journey: Journey, delivery: DeliveryRow, *, alone: bool) -> Journey:
        """Make one attempt; before another one it is asked whether that is needed, and may be made."""
        parts = self._parts
        left = replace(journey, deliveries=(delivery,))
        if self.stops.is_stopped(journey.row.id):
            return left
        courier = parts.couriers.get(delivery.channel)
        if courier is None:
            unconnected = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.CHANNEL_UNAVAILABLE.value)
            return await self._settle(journey, delivery, unconnected, alone=alone)
        parcel = journey.parcel(delivery, parcels=parts.parcels)
        if not journey.begun:
            if known := await instead_of_another(parts, journey, delivery, courier=courier, parcel=parcel):
                return await self._settle(journey, delivery, known, alone=alone)
            if self.stops.is_stopped(journey.row.id):
                return left
            delivery = await self._intend(journey, delivery)
        try:
            result = await courier.deliver(replace(parcel, traceparent=journey.traceparent(delivery)))
        except SluisError as error:
            # The ciphertext is not what was sealed; the courier has delivered nothing of it and never will.
            result = DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=error.code.value)
        return await self._settle(journey, delivery, result, alone=alone)

    async def _intend(self, journey: Journey, delivery: DeliveryRow) -> DeliveryRow:
        """Commit the intent of another attempt before its first byte goes out."""
        row, at = journey.row, self._parts.now()
        attempt = replace(delivery, attempt=delivery.attempt + 1, first_tried_at=delivery.first_tried_at or at)
        told = about(row.id, journey.record, telling.attempted(_STARTED, row.id, attempt, attempt=attempt.attempt))
        intent = DeliveryChange(recipient=delivery.recipient, state=DeliveryState.SENDING, at=at, intent=True)
        await self._parts.spool.change_delivery(row.id, row.epoch, intent, told=told)
        return attempt

    async def _settle(self, journey: Journey, delivery: DeliveryRow, result: DeliveryResult, *, alone: bool) -> Journey:
        """Write what one attempt came to; the package is done with it when it was the only delivery."""
        row, now = journey.row, self._parts.now()
        attempt = self._parts.settings.attempt_of(delivery, begun=journey.begun, at=now)
        settled = settle(result, attempt=attempt, policy=self._parts.settings.retry, jitter=self._parts.jitter())
        settled = await self._parts.without_leavings(delivery, settled, record=journey.record)
        action = telling.result_action(settled.state)
        told = telling.attempted(
            action, row.id, delivery, attempt=attempt.number, codes=(settled.code, *result.rule_ids)
        )
        done = alone and settled.state in ENDED
        package: StateChange | None = None
        if done or settled.code not in ("", delivery.code):
            state = PackageState.DONE if done else PackageState.RELEASING
            package = StateChange(state=state, at=now, code=settled.code, slip=True)
            row = replace(row, state=state, updated_at=now, code=settled.code, slip_due=True)
        change = DeliveryChange(
            recipient=delivery.recipient,
            state=settled.state,
            at=now,
            code=settled.code,
            due=settled.due,
            package=package,
            never_arrived=settled.never_arrived,
            receipt=result.receipt,
        )
        await self._parts.spool.change_delivery(row.id, row.epoch, change, told=about(row.id, journey.record, told))
        if settled.due is not None:
            self._parts.dispatcher.submit(row.id, at=settled.due)
        moved = replace(delivery, state=settled.state, code=settled.code, due=settled.due, in_doubt=settled.in_doubt)
        return replace(journey, row=row, deliveries=(moved,))

    # ---- the receipt -------------------------------------------------------------------------------------------

    async def _write_slip(self, journey: Journey) -> None:
        if journey.row.source is Source.OUTBOX:
            await self._parts.hands.write_slip(journey.facts(self._parts.policy_in_force()))
        # Whoever changed it meanwhile asked for a slip of that: it stays due, and the next turn replaces this one.
        self._parts.spool.note_slip(journey.row)

    # ---- shared ------------------------------------------------------------------------------------------------

    async def _change(
        self,
        journey: Journey,
        state: PackageState,
        *,
        told: tuple[Event, ...] = (),
        code: str = "",
        record: Record | None = None,
        due: dt.datetime | None = None,
        slip: bool = False,
        deliveries: tuple[NewDelivery, ...] = (),
        sendings: tuple[Sending, ...] = (),
    ) -> Journey:
        row, at = journey.row, self._parts.now()
        self.stops.require_going(row.id)
        change = StateChange(
            state=state,
            at=at,
            code=code,
            record=self._parts.vault.seal_record_of(row, encode_record(record)) if record else None,
            due=due,
            slip=slip,
            deliveries=deliveries,
            sendings=sendings,
            destroy_content=bool(deliveries),
        )
        await self._parts.spool.change(row.id, row.epoch, change, told=about(row.id, record or journey.record, *told))
        row = replace(row, state=state, updated_at=at, code=code, slip_due=row.slip_due or slip)
        return replace(journey, row=row, record=record or journey.record)
