"""The courier for a file drop on another's SFTP server, in which a file is either whole or not there.

Rules, in order:
1. No more connections to a server than the settings allow; an idle one is used again after it proved to be there.
2. Every file is written as `NAME.CHANCE.part` and brought to disk before the first gets its final name, in the order of
   `gateway.deliver.drop_items`. Chance is in the name because a server that hung may carry out what an earlier attempt
   asked for when this one is half-way: it would name the half file.
3. What an earlier attempt left as `.part` is taken away by the next, or by the question whether it arrived.
4. What has its final name is never taken away again. The same file under the same name is success, which is proven by
   reading it back; another file under it is left alone and reported.
5. Every failure of the far side becomes a result. It is uncertain only once a name was asked for.
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress

import asyncssh

from gateway.deliver.drop_items import Item, TakenError, items_of
from gateway.deliver.idle_connections import IdleConnections
from gateway.deliver.sftp_connection import FAILURES, LOST, Connection, SftpSettings, code_of, connect
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.drop_addresses import parse_drop_address
from gateway.package.errors import Code, SluisError
from gateway.package.states import Channel, SealedParcel

__all__ = ["SftpCourier", "SftpSettings"]

_READ_INLINE = 256 * 1024
_TIDY_SECONDS = 5
_CHANCE = 8

_SENT = DeliveryResult(outcome=DeliveryOutcome.SENT)
_ABSENT = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT)
_TAKEN = DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.DROP_NAME_TAKEN)
_NO_ADDRESS = DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.ADDRESS_INVALID)


class SftpCourier:
    """Implements the port `Courier` for the file drop on one SFTP server.

    `probe` answers TRANSIENT without a code when the parcel does not lie there whole: send it again. `deliver` raises
    SluisError `payload-corrupt` when the ciphertext is not what was sealed; nothing has its name then.
    """

    def __init__(self, *, settings: SftpSettings) -> None:
        self._settings = settings
        self._places = asyncio.Semaphore(settings.connections)
        self._idle: IdleConnections[Connection] = IdleConnections(idle_seconds=settings.idle_seconds)

    @property
    def channel(self) -> Channel:
        """See the port."""
        return Channel.FILE_DROP

    async def deliver(self, parcel: SealedParcel, /) -> DeliveryResult:
        """See the port."""
        items = items_of(parcel)
        folder = self._folder(parcel.address)
        if folder is None:
            return _NO_ADDRESS
        placing = _Placing(folder)
        return await self._with_connection(lambda connection: placing.place_all(connection, items), placing)

    async def probe(self, parcel: SealedParcel, /) -> DeliveryResult | None:
        """See the port."""
        items = items_of(parcel)
        folder = self._folder(parcel.address)
        if folder is None:
            return _NO_ADDRESS
        placing = _Placing(folder)
        return await self._with_connection(lambda connection: placing.look(connection, items), placing)

    async def check(self) -> None:
        """Prove that the server is reachable, is who it was, and lets us in. Raises SluisError."""
        base = self._settings.folder.encode() or b"."

        async def look(connection: Connection) -> DeliveryResult:
            await connection.names(base)
            return _SENT

        await self._require(look, where=self._settings.where)

    async def check_folder(self, address: str) -> None:
        """Prove that a recipient's folder can be written, and that no name in it is ever overwritten.

        Nothing is left behind. Raises SluisError, also `sftp-overwrites` of a server that gave one name to two files.
        """
        folder = self._folder(address)
        if folder is None:
            raise SluisError(Code.ADDRESS_INVALID)
        await self._require(_Placing(folder).try_out)

    async def aclose(self) -> None:
        """See the port."""
        await self._idle.aclose()

    def _folder(self, address: str) -> bytes | None:
        """Give the path of a recipient's folder; None for an address that is none on this server."""
        found = parse_drop_address(address)
        if found is None or found.server != self._settings.name:
            return None
        base = self._settings.folder.rstrip("/")
        return (f"{base}/{found.folder}" if self._settings.folder else found.folder).encode()

    async def _require(self, work: Callable[[Connection], Awaitable[DeliveryResult]], *, where: str = "") -> None:
        result = await self._with_connection(work, _Placing(b""))
        if result.outcome is not DeliveryOutcome.SENT:
            raise SluisError(Code(result.code), where=where)

    async def _with_connection(
        self, work: Callable[[Connection], Awaitable[DeliveryResult]], placing: "_Placing"
    ) -> DeliveryResult:
        async with self._places:
            try:
                connection = await self._connected()
            except FAILURES as error:
                return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=code_of(error))
            sound = True
            try:
                return await work(connection)
            except TakenError:
                return _TAKEN
            except FAILURES as error:
                sound = not isinstance(error, LOST)
                return _result_of(error, uncertain=placing.may_have_arrived)
            except asyncio.CancelledError:
                sound = False
                raise
            finally:
                if sound:
                    self._idle.keep(connection)
                else:
                    connection.drop()

    async def _connected(self) -> Connection:
        """Give an idle connection, if one proves to be there, or a new one."""
        while (idle := self._idle.take()) is not None:
            try:
                await idle.still_there()
            except FAILURES:
                idle.drop()
            except BaseException:
                idle.drop()
                raise
            else:
                return idle
        return await connect(self._settings)


def _result_of(error: Exception, *, uncertain: bool) -> DeliveryResult:
    outcome = DeliveryOutcome.UNCERTAIN if uncertain else DeliveryOutcome.TRANSIENT
    return DeliveryResult(outcome=outcome, code=code_of(error))


class _Placing:
    """One attempt in one folder; `may_have_arrived` tells that a name was asked for, and not refused."""

    def __init__(self, folder: bytes) -> None:
        self.may_have_arrived = False
        self._folder = folder

    async def place_all(self, connection: Connection, items: Sequence[Item]) -> DeliveryResult:
        """Bring what does not lie there yet. Raises TakenError, and what the connection raises."""
        await self._tidy(connection, items)
        parts: dict[Item, bytes] = {}
        try:
            for item in items:
                if not await self._lies_there(connection, item):
                    parts[item] = part = self._path(f"{item.name}.{secrets.token_hex(_CHANCE)}.part")
                    small = item.size <= _READ_INLINE
                    await connection.write_new(part, item.checked_chunks(), inline=small)
            for item, part in parts.items():
                await self._name(connection, item, part)
                await connection.sync_folder(self._folder)
        finally:
            await self._take_away(connection, parts.values())
        return _SENT

    async def look(self, connection: Connection, items: Sequence[Item]) -> DeliveryResult:
        """Tell whether everything lies there; then what was left beside it goes away."""
        for item in items:
            if not await self._lies_there(connection, item):
                return _ABSENT
        await self._tidy(connection, items)
        await connection.sync_folder(self._folder)
        return _SENT

    async def try_out(self, connection: Connection) -> DeliveryResult:
        """Write a file of no content, name it, and see that it can not be named once more."""
        chance = secrets.token_hex(_CHANCE)
        parts = [self._path(f".sluis-check-{chance}.{number}.part") for number in range(2)]
        final = self._path(f".sluis-check-{chance}")
        try:
            for part in parts:
                await connection.write_new(part, iter(()), inline=True)
            await connection.name(parts[0], final)
            if await connection.refuses_second_name(parts[1], final):
                return _SENT
            return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.SFTP_OVERWRITES)
        finally:
            await self._take_away(connection, [*parts, final])

    async def _tidy(self, connection: Connection, items: Sequence[Item]) -> None:
        """Take away what earlier attempts left."""
        left = re.compile(
            rb"(?:%s)\.[0-9a-f]{%d}\.part" % (b"|".join(re.escape(item.name.encode()) for item in items), 2 * _CHANCE)
        )
        for name in filter(left.fullmatch, await connection.names(self._folder)):
            await connection.remove(self._folder + b"/" + name)

    async def _lies_there(self, connection: Connection, item: Item) -> bool:
        """Tell whether the file is there. Raises TakenError when something else has its name."""
        path = self._path(item.name)
        size = await connection.size(path)
        if size is None:
            return False
        if size != item.size or await connection.digest(path, size=size) != item.sha256:
            raise TakenError
        return True

    async def _name(self, connection: Connection, item: Item, part: bytes) -> None:
        """Give a file its final name; whoever came first keeps it."""
        before, self.may_have_arrived = self.may_have_arrived, True
        try:
            await connection.name(part, self._path(item.name))
        except LOST:
            raise
        except asyncssh.SFTPError:
            if not await self._lies_there(connection, item):
                self.may_have_arrived = before
                raise

    async def _take_away(self, connection: Connection, parts: Iterable[bytes]) -> None:
        """Leave no `.part` behind, also when cancelled; what can not be taken away now is for the next attempt."""
        with suppress(*FAILURES):
            async with asyncio.timeout(_TIDY_SECONDS):
                for part in parts:
                    await connection.remove(part)

    def _path(self, name: str) -> bytes:
        return self._folder + b"/" + name.encode()
