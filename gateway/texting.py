"""Codes of the postbus as text messages, for recipients whose telephone stands in the register.

Rules:
1. The link goes by mail and the code by telephone, never both by one road; the text holds no link.
2. A code goes once its link has gone. That it is about to go is durable before the first byte, and what became of it
   after: one of which that is not known, also after a crash, is never sent again.
3. Whatever is not known to be taken is for the sender to read out; the slip says so, and has the code in any case.
4. No code and no number in an event, a log or an error.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from gateway.audit import telling
from gateway.audit.about import about
from gateway.audit.events import Event
from gateway.deliver.port import TextMessages
from gateway.endings import AT_POSTBUS, Endings, each_apart
from gateway.package.encoding import Record, encode_record
from gateway.package.errors import Code
from gateway.package.ids import PackageId, RecipientId
from gateway.package.pickup import PickUp, Texted
from gateway.package.states import Channel
from gateway.parts import Parts
from gateway.pipeline import Pipeline
from gateway.spool.port import DeliveryRow, StateChange, Stored

TEMPLATE: Final = "pickup-code.txt.j2"
Write = Callable[[PickUp], str]


class Texting:
    """Sends the codes; `write` gives the text of one, in its recipient's language."""

    def __init__(
        self, pipeline: Pipeline, parts: Parts, endings: Endings, *, messages: TextMessages, write: Write
    ) -> None:
        self._pipeline = pipeline
        self._parts = parts
        self._endings = endings
        self._messages = messages
        self._write = write

    async def look(self) -> None:
        """Send what has not gone; one code that can not be written keeps no other waiting. Raises what it met."""
        await each_apart(await self._parts.spool.at_postbus(), self._look_at)

    async def _look_at(self, package: PackageId) -> None:
        async with self._endings.turn(package):
            stored = await self._parts.spool.load(package)
            lying = [each for each in stored.deliveries if (each.channel, each.state) == AT_POSTBUS] if stored else []
            await each_apart(lying, lambda delivery: self._look_at_one(package, delivery))

    async def _look_at_one(self, package: PackageId, delivery: DeliveryRow) -> None:
        # Read again for each: the one before may have changed the record.
        if stored := await self._parts.spool.load(package):
            await self._text(stored, delivery)

    async def _text(self, stored: Stored, delivery: DeliveryRow) -> None:
        pickup = self._pipeline.record_of(stored.row).pickups.get(delivery.recipient)
        if pickup is None:
            return
        if pickup.texted is Texted.BEGUN:
            # The service ended between the intent and the result: nobody knows whether it went.
            await self._note(stored, delivery, Texted.NOT_TAKEN, Code.SMS_OUTCOME_UNKNOWN.value)
        elif pickup.texted is Texted.NOT_TRIED and (number := self._number(delivery.recipient)):
            await self._change(
                stored,
                delivery,
                Texted.BEGUN,
                telling.code_texted(stored.row.id, delivery, outcome="unknown"),
                slip=False,
            )
            code = await self._messages.send(number, self._write(pickup))
            await self._note(stored, delivery, Texted.NOT_TAKEN if code else Texted.TAKEN, code)

    def _number(self, recipient: RecipientId) -> str:
        """Give the telephone that the rules in force name; without rules nothing goes."""
        policy = self._parts.policy_in_force()
        entry = policy.recipients.get(recipient) if policy else None
        numbers = (each.sms for each in entry.channels if each.channel is Channel.POSTBUS) if entry else ()
        return next(filter(None, numbers), "")

    async def _note(self, stored: Stored, delivery: DeliveryRow, texted: Texted, code: str) -> None:
        outcome = "success" if texted is Texted.TAKEN else "failure"
        event = telling.code_texted(stored.row.id, delivery, outcome=outcome, code=code)
        await self._change(stored, delivery, texted, event, slip=True)

    async def _change(self, stored: Stored, delivery: DeliveryRow, texted: Texted, event: Event, *, slip: bool) -> None:
        row = stored.row
        record: Record = self._pipeline.record_of(row)
        pickup = replace(record.pickups[delivery.recipient], texted=texted)
        record = replace(record, pickups={**record.pickups, delivery.recipient: pickup})
        sealed = self._parts.vault.seal_record_of(row, encode_record(record))
        change = StateChange(state=row.state, at=self._parts.now(), code=row.code, record=sealed, slip=slip)
        await self._parts.spool.change(row.id, row.epoch, change, told=about(row.id, record, event))
        if slip:
            self._parts.dispatcher.submit(row.id, sender=row.person)
