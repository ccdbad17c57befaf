"""What mail servers report of mails that they had taken: brings each report to its delivery, as the pipeline writes.

Rules:
1. A report counts for one delivery: a mail of ours by its unguessable name, which the next hop took, to that address.
   Everything else is put away and changes nothing: anybody may write to the sender's address.
2. `delivered` is a receipt. `failed` ends the delivery with its code; the slip says so and the history forgets it.
   Where another copy of the mail may have arrived it has a code of its own, and nothing is forgotten: all copies have
   one name, and nobody knows which of them came back. For such a mail a receipt counts afterwards too.
3. While other deliveries of its package are under way the report waits: nobody else works on that package then.
4. It is put away when what it says is durable.
"""

import asyncio
from enum import Enum, auto

from gateway.audit import telling
from gateway.audit.about import about
from gateway.deliver.delivery_notices import Action, DeliveryNotice, read_notice
from gateway.deliver.port import NoticeBox
from gateway.endings import NOTHING_GOES, Endings
from gateway.package.errors import Code, code_of
from gateway.package.states import Channel, DeliveryState, PackageState
from gateway.parts import Parts
from gateway.pipeline import Pipeline
from gateway.spool.port import DeliveryChange, DeliveryRow, StateChange, Stored

_NO_MORE = NOTHING_GOES | {Code.BOUNCES_UNREACHABLE, Code.BOUNCES_UNREADABLE}


class _Taken(Enum):
    SETTLED = auto()
    NOBODYS = auto()
    LATER = auto()


class Returning:
    """Reads what came back."""

    def __init__(self, pipeline: Pipeline, parts: Parts, endings: Endings, *, box: NoticeBox) -> None:
        self._pipeline = pipeline
        self._parts = parts
        self._endings = endings
        self._box = box

    async def look(self) -> int:
        """Read what has come since; give how many letters were nobody's.

        One that can not be brought to its delivery keeps no other waiting, and is told at the end. Raises SluisError
        `bounces-…`, OSError, what the spool raises, and a fault of our own.
        """
        try:
            return await self._look()
        except asyncio.CancelledError:
            # The thread may wait for a server that hangs; nobody waits for the thread any more.
            self._box.abandon()
            raise
        finally:
            await asyncio.to_thread(self._box.close)

    async def _look(self) -> int:
        nobodys = 0
        fault: Exception | None = None
        for name in await asyncio.to_thread(self._box.waiting):
            try:
                taken = await self._take(await asyncio.to_thread(self._read, name))
            except Exception as error:
                # Also a fault of our own keeps no other waiting.
                if isinstance(error, OSError) or code_of(error) in _NO_MORE:
                    raise
                fault = error
                continue
            if taken is not _Taken.LATER:
                await asyncio.to_thread(self._box.seen, name)
                nobodys += taken is _Taken.NOBODYS
        if fault is not None:
            raise fault
        return nobodys

    def _read(self, name: str) -> DeliveryNotice | None:
        return read_notice(self._box.read(name))

    async def _take(self, notice: DeliveryNotice | None) -> _Taken:
        package = await self._parts.spool.mailed(notice.name) if notice else None
        if notice is None or package is None:
            return _Taken.NOBODYS
        async with self._endings.turn(package):
            stored = await self._parts.spool.load(package)
            delivery = _delivery_of(stored, notice) if stored else None
            if stored is None or delivery is None:
                return _Taken.NOBODYS
            known = self._pipeline.record_of(stored.row).addresses.get(delivery.recipient, "")
            if known.casefold() != notice.recipient.casefold():
                return _Taken.NOBODYS
            if stored.row.state is not PackageState.DONE:
                return _Taken.LATER
            await self._settle(stored, delivery, notice)
        return _Taken.SETTLED

    async def _settle(self, stored: Stored, delivery: DeliveryRow, notice: DeliveryNotice) -> None:
        row, at = stored.row, self._parts.now()
        state, code = _settled(delivery, notice.action)
        # The package is told by what is still wrong with it.
        others = {each.code for each in stored.deliveries if each is not delivery}
        kept = "" if row.code == delivery.code and row.code not in others else row.code
        change = DeliveryChange(
            recipient=delivery.recipient,
            state=state,
            at=at,
            code=code,
            package=StateChange(state=row.state, at=at, code=code or kept, slip=True),
            never_arrived=state is DeliveryState.UNDELIVERABLE and not delivery.in_doubt,
        )
        event = telling.attempted(
            telling.result_action(state), row.id, delivery, attempt=max(delivery.attempt, 1), codes=(code,)
        )
        told = about(row.id, self._pipeline.record_of(row), event)
        await self._parts.spool.change_delivery(row.id, row.epoch, change, told=told)
        self._parts.dispatcher.submit(row.id, sender=row.person)


def _settled(delivery: DeliveryRow, action: Action) -> tuple[DeliveryState, str]:
    if action is Action.DELIVERED:
        return DeliveryState.DELIVERED, ""
    code = Code.MAIL_COPY_BOUNCED if delivery.in_doubt else Code.MAIL_BOUNCED
    return DeliveryState.UNDELIVERABLE, code.value


def _delivery_of(stored: Stored, notice: DeliveryNotice) -> DeliveryRow | None:
    """Find the mail that the next hop took, by its name; also one given up in doubt, when another copy arrived."""
    for each in stored.deliveries:
        if each.channel is Channel.SECURE_MAIL and each.name == notice.name:
            after_all = each.state is DeliveryState.UNDELIVERABLE and notice.action is Action.DELIVERED
            return each if each.state is DeliveryState.SENT or (after_all and each.in_doubt) else None
    return None
