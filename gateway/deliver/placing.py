"""Puts the files of a parcel into a folder on another's server, so that each is either whole or not there.

It is the same on every kind of server; what differs is a `Place`. Rules, in order:
1. Every file is written as `NAME.CHANCE.part` before the first gets its final name, in the order of
   `gateway.deliver.drop_items`. Chance is in the name because a server that hung may carry out what an earlier attempt
   asked for when this one is half-way: it would name the half file.
2. What an earlier attempt left as `.part` is taken away by the next, or by the question whether it arrived.
3. What has its final name is never taken away again. The same file under the same name is success, which is proven by
   reading it back; another file under it is left alone and reported.
"""

import asyncio
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from gateway.deliver.drop_items import Item, TakenError
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code

_TIDY_SECONDS: Final = 5
_CHANCE: Final = 8

SENT: Final = DeliveryResult(outcome=DeliveryOutcome.SENT)
ABSENT: Final = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT)
TAKEN: Final = DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.DROP_NAME_TAKEN)
NO_ADDRESS: Final = DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.ADDRESS_INVALID)


class Place(Protocol):
    """File operations on a server; paths are its own. Each has a deadline, and raises nothing but what `Kind` lists."""

    async def names(self, folder: bytes, /) -> list[bytes]:
        """Give the names in a folder, or at least those that end with `.part`."""
        ...

    async def size(self, path: bytes, /) -> int | None:
        """Give the size of a file in bytes, -1 for what is no ordinary file; None when nothing has the name."""
        ...

    async def digest(self, path: bytes, /, *, size: int) -> str:
        """Read a file of this size back, and give its SHA-256."""
        ...

    async def write_new(self, path: bytes, chunks: Iterator[bytes], /, *, size: int) -> None:
        """Write a file that was not there, whole, and on disk where the server offers that. Raises what they raise."""
        ...

    async def name(self, part: bytes, path: bytes, /) -> None:
        """Give a file its final name, if nothing has it; it may or may not keep the other one."""
        ...

    async def refuses_second_name(self, part: bytes, path: bytes, /) -> bool:
        """Tell whether a name that exists is refused."""
        ...

    async def remove(self, path: bytes, /) -> None:
        """Take a file away, if it is there."""
        ...

    async def sync_folder(self, folder: bytes, /) -> None:
        """Bring new names to the server's disk, where it can."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a kind of server fails: `failures` is all that it can raise, `lost` what of it leaves open what was done.

    `overwrites` is the code for a server that gives one name to two files.
    """

    failures: tuple[type[Exception], ...]
    lost: tuple[type[Exception], ...]
    overwrites: Code


class Placing:
    """One attempt in one folder; `may_have_arrived` tells that a name was asked for, and not refused."""

    def __init__(self, folder: bytes, *, kind: Kind) -> None:
        self.may_have_arrived = False
        self._folder = folder
        self._kind = kind

    async def place_all(self, place: Place, items: Sequence[Item]) -> DeliveryResult:
        """Bring what does not lie there yet. Raises TakenError, and what the place raises."""
        await self._tidy(place, items)
        parts: dict[Item, bytes] = {}
        try:
            for item in items:
                if not await self._lies_there(place, item):
                    parts[item] = part = self._path(f"{item.name}.{secrets.token_hex(_CHANCE)}.part")
                    await place.write_new(part, item.checked_chunks(), size=item.size)
            for item, part in parts.items():
                await self._name(place, item, part)
                await place.sync_folder(self._folder)
        finally:
            await self._take_away(place, parts.values())
        return SENT

    async def look(self, place: Place, items: Sequence[Item]) -> DeliveryResult:
        """Tell whether everything lies there; then what was left beside it goes away."""
        for item in items:
            if not await self._lies_there(place, item):
                return ABSENT
        await self._tidy(place, items)
        await place.sync_folder(self._folder)
        return SENT

    async def try_out(self, place: Place) -> DeliveryResult:
        """Write a file of no content, name it, and see that it can not be named once more."""
        chance = secrets.token_hex(_CHANCE)
        parts = [self._path(f".sluis-check-{chance}.{number}.part") for number in range(2)]
        final = self._path(f".sluis-check-{chance}")
        try:
            for part in parts:
                await place.write_new(part, iter(()), size=0)
            await place.name(parts[0], final)
            if await place.refuses_second_name(parts[1], final):
                return SENT
            return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=self._kind.overwrites)
        finally:
            await self._take_away(place, [*parts, final])

    async def _tidy(self, place: Place, items: Sequence[Item]) -> None:
        """Take away what earlier attempts left."""
        left = re.compile(
            rb"(?:%s)\.[0-9a-f]{%d}\.part" % (b"|".join(re.escape(item.name.encode()) for item in items), 2 * _CHANCE)
        )
        for name in filter(left.fullmatch, await place.names(self._folder)):
            await place.remove(self._folder + b"/" + name)

    async def _lies_there(self, place: Place, item: Item) -> bool:
        """Tell whether the file is there. Raises TakenError when something else has its name."""
        path = self._path(item.name)
        size = await place.size(path)
        if size is None:
            return False
        if size != item.size or await place.digest(path, size=size) != item.sha256:
            raise TakenError
        return True

    async def _name(self, place: Place, item: Item, part: bytes) -> None:
        """Give a file its final name; whoever came first keeps it."""
        before, self.may_have_arrived = self.may_have_arrived, True
        try:
            await place.name(part, self._path(item.name))
        except self._kind.lost:
            raise
        except self._kind.failures:
            if not await self._lies_there(place, item):
                self.may_have_arrived = before
                raise

    async def _take_away(self, place: Place, parts: Iterable[bytes]) -> None:
        """Leave no `.part` behind, also when cancelled; what can not be taken away now is for the next attempt."""
        with suppress(*self._kind.failures):
            async with asyncio.timeout(_TIDY_SECONDS):
                for part in parts:
                    await place.remove(part)

    def _path(self, name: str) -> bytes:
        return self._folder + b"/" + name.encode()
