"""What became of parcels that a person uploads: brings that person's word to the pipeline, and reminds.

Rules:
1. A folder that was moved to where what was sent lies is a person's word. It makes the delivery due at once; the
   pipeline alone writes what became of it, so that nobody else works on that package.
2. A name that is none of ours, or of a delivery by another road, is left alone: anybody who may upload can put
   something there, and nothing becomes due by that.
3. Of a parcel that lies too long its sender is told once, by mail, and a note in its folder says so.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from gateway.deliver.port import Uploads
from gateway.deliver.settling import ENDED
from gateway.endings import each_apart
from gateway.package.drop_addresses import is_uploaded_by_hand
from gateway.package.ids import PackageId, PersonId
from gateway.package.states import Channel
from gateway.parts import Parts
from gateway.pipeline import Pipeline
from gateway.spool.port import DeliveryRow, Stored

_PACKAGE = re.compile(r"(?P<package>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[a-z0-9-]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiesLong:
    """A parcel that nobody has uploaded: its sender is told."""

    package: PackageId
    sender: PersonId


class Uploading:
    """Follows every parcel that waits for a person's hands."""

    def __init__(self, pipeline: Pipeline, parts: Parts, uploads: Uploads, *, remind_seconds: float) -> None:
        self._pipeline = pipeline
        self._parts = parts
        self._uploads = uploads
        self._remind_seconds = remind_seconds
        self._settled: set[str] = set()

    async def look(self) -> AsyncIterator[LiesLong]:
        """Look once; give the parcels that lie too long.

        One that can not be brought to its delivery, or told of, keeps no other waiting, and is told at the end. Raises
        `upload-folder-unavailable`, what the spool raises, and a fault of our own.
        """
        confirmed = await self._uploads.confirmed()
        self._settled &= confirmed
        found: list[LiesLong] = []

        async def bring() -> None:
            await each_apart(sorted(confirmed - self._settled), self._bring)

        async def remind() -> None:
            overdue = await self._uploads.overdue(seconds=self._remind_seconds)
            await each_apart(overdue, lambda folder: self._note_long(folder, found))

        fault: Exception | None = None
        try:
            await each_apart((bring, remind), lambda work: work())
        except Exception as error:  # noqa: BLE001 - raised once the others were told of: each is given but once.
            fault = error
        for each in found:
            yield each
        if fault is not None:
            raise fault

    async def _bring(self, folder: str) -> None:
        package = _package_of(folder)
        stored = await self._parts.spool.load(package) if package else None
        delivery = (
            next((each for each in stored.deliveries if each.name.startswith(f"{folder}.")), None) if stored else None
        )
        if stored is None or delivery is None or delivery.state in ENDED or not self._is_by_hand(stored, delivery):
            self._settled.add(folder)
            self._pipeline.answered.discard(delivery.name if delivery else "")
            return
        self._pipeline.answered.add(delivery.name)
        self._parts.dispatcher.submit(stored.row.id, sender=stored.row.person)

    def _is_by_hand(self, stored: Stored, delivery: DeliveryRow) -> bool:
        address = self._pipeline.record_of(stored.row).addresses.get(delivery.recipient, "")
        return delivery.channel is Channel.FILE_DROP and is_uploaded_by_hand(address)

    async def _note_long(self, folder: str, found: list[LiesLong]) -> None:
        package = _package_of(folder)
        if stored := await self._parts.spool.load(package) if package else None:
            found.append(LiesLong(package=stored.row.id, sender=stored.row.person))


def _package_of(folder: str) -> PackageId | None:
    found = _PACKAGE.match(folder)
    return PackageId(found["package"]) if found else None
