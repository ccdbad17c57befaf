"""What ends a package beside the rules: a person who takes it back, and time. Writes events as the pipeline does.

Rules:
1. One at a time for each package, and a review is one of them; each looks at the row again once it has its turn.
2. What nothing is sealed of yet is stopped whole, and its epoch raised: whoever works on it has lost it by the fence.
3. Of what is under way only deliveries that wait are taken back, and what lies at the postbus unopened. One that is
   being sent, or of which nobody knows whether it arrived, can not be recalled, and is never said to be.
4. Afterwards the package gets its turn again in any case: for its slip, or to go on where it could not be stopped.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Final, TypeVar
from weakref import WeakValueDictionary

from gateway.audit import telling
from gateway.audit.about import about
from gateway.audit.events import Event
from gateway.deliver.settling import ENDED
from gateway.package.encoding import Record, encode_record
from gateway.package.errors import Code, SluisError, code_of
from gateway.package.holding import HoldStage
from gateway.package.ids import PackageId
from gateway.package.states import Channel, DeliveryState, PackageState, Submitter
from gateway.parts import Parts
from gateway.pipeline import Pipeline
from gateway.policy.register import privacy_office_of
from gateway.receipt.notices import HoldNotice
from gateway.spool.port import DeliveryRow, PackageRow, StateChange, Stored

_T = TypeVar("_T")
_NOTHING_SEALED = frozenset({PackageState.INCOMPLETE, PackageState.RECEIVED, PackageState.HELD})
_ARRIVED = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED})

AT_POSTBUS: Final = (Channel.POSTBUS, DeliveryState.SENT)
"""Channel and state of a delivery whose parcel may lie at the postbus: its link was sent."""
NOTHING_GOES: Final = frozenset({Code.AUDIT_CHANGED, Code.AUDIT_UNAVAILABLE, Code.DISK_FULL, Code.SPOOL_UNAVAILABLE})
"""What keeps every package from being written, and not one alone."""
NOTHING_TO_WITHDRAW: Final = {
    PackageState.REFUSED: "this package was refused: nothing was sent, and nothing has to be withdrawn",
    PackageState.EXPIRED: "this package has expired: nothing was sent, and nothing has to be withdrawn",
}
"""Of what has ended without being sent, why there is nothing to take back."""


async def each_apart(things: Iterable[_T], work: Callable[[_T], Awaitable[None]]) -> None:
    """Do some work with each; one that fails keeps no other waiting, and what went wrong last is raised at the end.

    That is so for a fault of our own too. What keeps every package from being written is raised at once.
    """
    fault: Exception | None = None
    for thing in things:
        try:
            await work(thing)
        except Exception as error:
            if code_of(error) in NOTHING_GOES:
                raise
            fault = error
    if fault is not None:
        raise fault


class Endings:
    """Withdraws packages, and lets time pass for those that wait; `failed` is told of one that it could not move.

    `ended` is told of one that has ended with nothing sealed of it: what was shown of it meanwhile is let go.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        parts: Parts,
        *,
        failed: Callable[[PackageId, Exception], None],
        ended: Callable[[PackageId], None],
    ) -> None:
        self._pipeline = pipeline
        self._parts = parts
        self._failed = failed
        self._ended = ended
        self._turns: WeakValueDictionary[PackageId, asyncio.Lock] = WeakValueDictionary()

    def turn(self, package: PackageId) -> asyncio.Lock:
        """Give the lock under which a person or time changes this package."""
        return self._turns.setdefault(package, asyncio.Lock())

    # ---- by a person -------------------------------------------------------------------------------------------

    async def withdraw(self, package: PackageId, *, by: Submitter) -> None:
        """Take a package back as far as it has not been sent; doing so again changes nothing.

        Raises SluisError `withdrawal-too-late` when nothing of it can be taken back any more, `state-conflict` when it
        has ended without being sent, `not-found`, `audit-unavailable`, `upload-folder-unavailable`, one of
        `POSTBUS_FAULTS`.
        """
        async with self._stopped(package) as stored:
            row = stored.row
            taken_back = any(each.state is DeliveryState.WITHDRAWN for each in stored.deliveries)
            record = replace(self._pipeline.record_of(row), codes=(), withdrawn_by_sender=by.person == row.person)
            if row.state in _NOTHING_SEALED:
                await self._stop(row, PackageState.WITHDRAWN, record, told=telling.withdrawn(row.id, by=by))
            elif taken := [*await self._waiting(stored), *await self._recalled(stored)]:
                recipients = [each.recipient for each in taken]
                told = about(row.id, record, *(telling.withdrawn(row.id, by=by, delivery=each) for each in taken))
                pickups = {one: each for one, each in record.pickups.items() if one not in recipients}
                record = replace(record, pickups=pickups)
                change = replace(self._without(stored, taken), record=self._sealed(row, record))
                await self._parts.spool.withdraw_deliveries(row.id, row.epoch, recipients, change, told=told)
            elif row.state is not PackageState.WITHDRAWN and not taken_back:
                sent = row.state in (PackageState.RELEASING, PackageState.DONE)
                if sent:
                    raise SluisError(Code.WITHDRAWAL_TOO_LATE)
                raise SluisError(Code.STATE_CONFLICT, faults=(("state", NOTHING_TO_WITHDRAW[row.state]),))

    async def _waiting(self, stored: Stored) -> list[DeliveryRow]:
        """List the deliveries that wait here; a parcel that lies at the postbus already is taken away there too."""
        addresses = self._pipeline.record_of(stored.row).addresses
        waiting = [each for each in stored.deliveries if each.state is DeliveryState.WAITING]
        # What a person has to upload is taken out of that person's hands first; what went already can not be.
        waiting = [
            each for each in waiting if await self._parts.take_back(each, address=addresses.get(each.recipient, ""))
        ]
        for each in waiting:
            if each.channel is Channel.POSTBUS and self._parts.pickups is not None:
                # Its link was never sent, so nobody can open it: where nobody answers it ends by itself.
                with suppress(SluisError):
                    await self._parts.pickups.recall(each.name)
        return waiting

    async def _recalled(self, stored: Stored) -> list[DeliveryRow]:
        """Take back what lies at the postbus and nobody began to fetch. Raises one of `POSTBUS_FAULTS`."""
        pickups = self._parts.pickups
        lying = [each for each in stored.deliveries if (each.channel, each.state) == AT_POSTBUS]
        return [each for each in lying if pickups is not None and await pickups.recall(each.name)]

    def _without(self, stored: Stored, taken: Sequence[DeliveryRow]) -> StateChange:
        """Say where a package stands once some deliveries are taken back."""
        others = [each.state for each in stored.deliveries if each not in taken]
        state = PackageState.RELEASING
        if ENDED.issuperset(others):
            state = PackageState.WITHDRAWN if _ARRIVED.isdisjoint(others) else PackageState.DONE
        code = stored.row.code if state is PackageState.RELEASING else ""
        return StateChange(state=state, at=self._parts.now(), code=code, slip=True)

    # ---- by time -----------------------------------------------------------------------------------------------

    async def pass_time(self, *, unfinished_since: dt.datetime) -> AsyncIterator[HoldNotice]:
        """Take the next step of every hold that is due, and end submissions whose files never came.

        Gives whom people have to be told of, once each: it is in the log and in its row by then. What fails for one
        package fails for that one; raises SluisError when nothing can be written at all.
        """
        spool, now, times = self._parts.spool, self._parts.now(), self._parts.policy().holds
        for stage in reversed(HoldStage):
            since, told = now - times.ends(stage), now - times.lasts(stage)
            for row in await spool.due_holds(stage, since=since, told=told, now=now):
                if notice := await self._apart(row.id, self._next_step(row.id, stage)):
                    yield notice
        for row in await spool.unfinished(since=unfinished_since):
            await self._apart(row.id, self._end_unfinished(row.id, since=unfinished_since))

    async def _apart(self, package: PackageId, step: Awaitable[_T]) -> _T | None:
        try:
            return await step
        except Exception as error:
            # Also a fault of our own, as with a record of another version, keeps no other from its next step.
            if code_of(error) in NOTHING_GOES:
                raise
            self._failed(package, error)
            return None

    async def _next_step(self, package: PackageId, stage: HoldStage) -> HoldNotice | None:
        async with self._stopped(package) as stored:
            row, times = stored.row, self._parts.policy().holds
            due = times.is_due(stage, since=row.updated_at, told_at=row.hold_told_at, now=self._parts.now())
            if row.state is not PackageState.HELD or row.hold_stage is not stage or not due:
                return None
            if stage is HoldStage.ESCALATED:
                codes = (Code.HOLD_EXPIRED.value, *self._codes(row))
                await self._expire(row, codes)
                return None
            return await self._tell(row, HoldStage(stage + 1))

    async def _tell(self, row: PackageRow, stage: HoldStage) -> HoldNotice:
        parts, codes, now = self._parts, self._codes(row), self._parts.now()
        event = telling.told_of_hold(row.id, stage, organisation=row.organisation, codes=codes)
        told = about(row.id, self._pipeline.record_of(row), event)
        await parts.spool.tell_hold(row.id, row.epoch, stage, at=now, told=told)
        policy = parts.policy()
        return HoldNotice(
            package=row.id,
            organisation=row.organisation,
            sender=row.person,
            stage=stage,
            since=row.updated_at,
            expires_at=policy.holds.expires_at(stage, since=row.updated_at, told_at=now),
            codes=codes,
            privacy_office=privacy_office_of(policy, row.organisation),
        )

    async def forget_lapsed(self, *, content_before: dt.datetime, record_before: dt.datetime) -> int:
        """Destroy the keys of what has rested past its retention (GDPR art. 5(1)(e)); give their number."""
        rows = await self._parts.spool.lapsed(content_before=content_before, record_before=record_before)
        for row in rows:
            told = about(row.id, self._record_to_forget(row), telling.expired(row.id))
            record = row.updated_at < record_before
            await self._parts.spool.forget(row.id, content=True, record=record, told=told)
        return len(rows)

    def _record_to_forget(self, row: PackageRow) -> Record:
        try:
            return self._pipeline.record_of(row)
        except Exception:  # noqa: BLE001 - whatever it was.
            # What can not be read any more is forgotten all the same, and keeps nothing else from being forgotten.
            return Record()

    async def _end_unfinished(self, package: PackageId, *, since: dt.datetime) -> None:
        async with self._stopped(package) as stored:
            row = stored.row
            if row.state is PackageState.INCOMPLETE and row.updated_at <= since:
                codes = (Code.SUBMISSION_EXPIRED.value,)
                await self._expire(row, codes)

    # ---- shared ------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _stopped(self, package: PackageId) -> AsyncIterator[Stored]:
        """Hold everybody else off a package, and give it as it stands. Raises `not-found`."""
        async with self.turn(package), self.paused(package) as stored:
            yield stored

    @asynccontextmanager
    async def paused(self, package: PackageId) -> AsyncIterator[Stored]:
        """Hold off whoever delivers a package, for whoever has its turn, and give it as it stands.

        An attempt that is under way ends and is written; nothing more is begun before this is over. Raises `not-found`.
        """
        sender = ""
        try:
            with self._pipeline.stops.stopping(package):
                self._pipeline.fresh.take(package)
                stored = await self._parts.spool.load(package)
                if stored is None:
                    raise SluisError(Code.NOT_FOUND)
                sender = stored.row.person
                yield stored
        finally:
            self._parts.dispatcher.submit(package, sender=sender)

    def _codes(self, row: PackageRow) -> tuple[str, ...]:
        return self._pipeline.record_of(row).codes

    async def _expire(self, row: PackageRow, codes: tuple[str, ...]) -> None:
        record = replace(self._pipeline.record_of(row), codes=codes)
        await self._stop(row, PackageState.EXPIRED, record, told=telling.expired(row.id, codes=codes))

    async def _stop(self, row: PackageRow, state: PackageState, record: Record, *, told: Event) -> None:
        """End a package of which nothing was sealed: its content is destroyed in the same transaction."""
        change = StateChange(
            state=state,
            at=self._parts.now(),
            code=record.codes[0] if record.codes else "",
            record=self._sealed(row, record),
            slip=True,
            destroy_content=True,
        )
        await self._parts.spool.stop(row.id, row.epoch, change, told=about(row.id, record, told))
        self._ended(row.id)

    def _sealed(self, row: PackageRow, record: Record) -> bytes:
        return self._parts.vault.seal_record_of(row, encode_record(record))
