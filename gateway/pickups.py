"""What becomes of parcels at the postbus: asks the pick-up service, and writes events and states as the pipeline does.

Rules:
1. Only parcels whose link was sent are asked after. While other deliveries of its package are under way, whoever makes
   them is held off for the moment in which something is written, and goes on afterwards.
2. A receipt makes a delivery `delivered`. Locked, expired and recalled end it with their codes; what was given out and
   never confirmed is said to be so, and never to be undelivered for certain.
3. With each ending the secret and the code are gone from the record, in the same transaction.
4. Wrong codes are told to the audit log as they are found, so that the security team sees a series over many parcels
   of which none is locked.
5. Before a parcel ends, both sides are told once: its recipient by mail, its sender by mail and by the slip.
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from gateway.audit import telling
from gateway.audit.about import about
from gateway.deliver.port import POSTBUS_FAULTS, Lies, Pickups, Standing
from gateway.endings import AT_POSTBUS, NOTHING_GOES, Endings
from gateway.package.encoding import Record, encode_record
from gateway.package.errors import Code, code_of
from gateway.package.ids import PackageId, PersonId
from gateway.package.pickup import PickUp
from gateway.package.states import DeliveryState, PackageState
from gateway.parts import Parts
from gateway.pipeline import Pipeline
from gateway.spool.port import DeliveryChange, DeliveryRow, PackageRow, StateChange, Stored

_MOST_UNANSWERED = 3
_ENDINGS = {
    Lies.LOCKED: (DeliveryState.UNDELIVERABLE, Code.POSTBUS_LOCKED.value),
    Lies.EXPIRED: (DeliveryState.UNDELIVERABLE, Code.POSTBUS_EXPIRED.value),
    Lies.RECALLED: (DeliveryState.WITHDRAWN, ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndsSoon:
    """A parcel that nobody fetched and that ends soon: its sender is told."""

    package: PackageId
    sender: PersonId
    until: dt.datetime


@dataclass(slots=True)
class _Faults:
    """What went wrong in one look: what is told, how many in a row nobody answered for, and whether that is all."""

    told: Exception | None = None
    unanswered: int = 0
    nothing_more: bool = False

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Keep a fault, also one of our own, from stopping others from being asked after."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - it is raised at the end.
            code = code_of(error)
            self.unanswered += code in POSTBUS_FAULTS
            self.nothing_more = code in NOTHING_GOES or self.unanswered == _MOST_UNANSWERED
            if self.nothing_more or code not in POSTBUS_FAULTS:
                self.told = error


class Collecting:
    """Follows every parcel that waits at the postbus."""

    def __init__(self, pipeline: Pipeline, parts: Parts, endings: Endings, *, remind_before: dt.timedelta) -> None:
        self._pipeline = pipeline
        self._parts = parts
        self._endings = endings
        self._remind_before = remind_before

    async def look(self) -> AsyncIterator[EndsSoon]:
        """Ask after each parcel once; give those whose sender has to be told.

        One of which nothing is understood, or that can not be written, keeps no other from being asked after, and is
        told at the end; after some in a row that nobody answers for, nothing more is asked until the next look. Raises
        SluisError, of `POSTBUS_FAULTS`, then, what the spool raises, and a fault of our own.
        """
        if self._parts.pickups is None:
            return
        faults = _Faults()
        for package in await self._parts.spool.at_postbus():
            for soon in await self._look_at(self._parts.pickups, package, faults):
                yield soon
            if faults.nothing_more:
                break
        if faults.told is not None:
            raise faults.told

    async def _look_at(self, pickups: Pickups, package: PackageId, faults: _Faults) -> list[EndsSoon]:
        """Follow each parcel of one package, which nobody else changes meanwhile; its sender is told of those given."""
        found: list[EndsSoon] = []
        with faults.noted():
            async with self._endings.turn(package):
                stored = await self._parts.spool.load(package)
                for each in stored.deliveries if stored else ():
                    if stored and (each.channel, each.state) == AT_POSTBUS and not faults.nothing_more:
                        with faults.noted():
                            soon = await self._follow(pickups, stored, each)
                            found += [soon] if soon else []
                            faults.unanswered = 0
        return found

    async def _follow(self, pickups: Pickups, stored: Stored, delivery: DeliveryRow) -> EndsSoon | None:
        standing = await pickups.standing(delivery.name)
        await self._note_guesses(stored, delivery, standing)
        if standing.receipts:
            await self._settle(stored.row.id, delivery, DeliveryState.DELIVERED, "")
        elif standing.lies in _ENDINGS:
            await self._settle(stored.row.id, delivery, *_ending(standing))
        else:
            record = self._pipeline.record_of(stored.row)
            if pickup := self._to_remind(record, delivery):
                address = record.addresses.get(delivery.recipient, "")
                return await self._remind(pickups, stored.row.id, delivery, pickup, address=address)
        return None

    async def _note_guesses(self, stored: Stored, delivery: DeliveryRow, standing: Standing) -> None:
        """Tell once how many wrong codes there are now."""
        known = self._pipeline.record_of(stored.row).pickups.get(delivery.recipient)
        if known is None or standing.wrong <= known.wrong:
            return
        async with self._endings.paused(stored.row.id) as found:
            row, record = found.row, self._pipeline.record_of(found.row)
            counted = replace(record.pickups[delivery.recipient], wrong=standing.wrong)
            record = replace(record, pickups={**record.pickups, delivery.recipient: counted})
            told = about(row.id, record, telling.code_guessed(row.id, delivery, wrong=standing.wrong))
            await self._parts.spool.change(row.id, row.epoch, self._change(row, record, slip=False), told=told)

    def _to_remind(self, record: Record, delivery: DeliveryRow) -> PickUp | None:
        pickup = record.pickups.get(delivery.recipient)
        if pickup is None or pickup.reminded or self._parts.now() < pickup.until - self._remind_before:
            return None
        return pickup

    async def _remind(
        self, pickups: Pickups, package: PackageId, delivery: DeliveryRow, pickup: PickUp, *, address: str
    ) -> EndsSoon | None:
        """Tell the recipient, then note it and have the slip say so."""
        if not await pickups.remind(delivery.name, address=address, pickup=pickup):
            return None
        async with self._endings.paused(package) as stored:
            row, record = stored.row, self._pipeline.record_of(stored.row)
            known = {**record.pickups, delivery.recipient: replace(record.pickups[delivery.recipient], reminded=True)}
            change = self._change(row, replace(record, pickups=known))
            told = about(row.id, record, telling.pickup_reminded(row.id, delivery))
            await self._parts.spool.change(row.id, row.epoch, change, told=told)
        return EndsSoon(package=row.id, sender=row.person, until=pickup.until)

    async def _settle(self, package: PackageId, delivery: DeliveryRow, state: DeliveryState, code: str) -> None:
        """Write how a parcel ended; what opened it is forgotten with it."""
        async with self._endings.paused(package) as stored:
            row, record = stored.row, self._pipeline.record_of(stored.row)
            pickups = {recipient: each for recipient, each in record.pickups.items() if recipient != delivery.recipient}
            # What a package that is under way waits for is told as it was: this delivery is not what it waits for.
            why = row.code if row.state is PackageState.RELEASING else code
            change = DeliveryChange(
                recipient=delivery.recipient,
                state=state,
                at=self._parts.now(),
                code=code,
                package=replace(self._change(row, replace(record, pickups=pickups)), code=why),
                never_arrived=state is DeliveryState.WITHDRAWN or code == Code.POSTBUS_EXPIRED,
            )
            told = about(row.id, record, telling.picked_up(row.id, delivery, state=state, code=code))
            await self._parts.spool.change_delivery(row.id, row.epoch, change, told=told)

    def _change(self, row: PackageRow, record: Record, *, slip: bool = True) -> StateChange:
        sealed = self._parts.vault.seal_record_of(row, encode_record(record))
        return StateChange(state=row.state, at=self._parts.now(), code=row.code, record=sealed, slip=slip)


def _ending(standing: Standing) -> tuple[DeliveryState, str]:
    """Say how a parcel ended that was never confirmed."""
    state, code = _ENDINGS[standing.lies]
    if standing.opened and standing.lies is not Lies.RECALLED:
        return state, code if standing.lies is Lies.LOCKED else Code.POSTBUS_UNCONFIRMED.value
    return state, code
