"""The courier for a file drop on another's SFTP server, in which a file is either whole or not there.

Rules, in order:
1. No more connections to a server than the settings allow; an idle one is used again after it proved to be there.
2. How files come to lie there is told by `gateway.deliver.placing`; they are on disk there before they are named.
3. Every failure of the far side becomes a result. It is uncertain only once a name was asked for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from gateway.deliver.drop_items import TakenError, items_of
from gateway.deliver.idle_connections import IdleConnections
from gateway.deliver.placing import NO_ADDRESS, SENT, TAKEN, Kind, Placing
from gateway.deliver.sftp_connection import FAILURES, LOST, Connection, SftpSettings, code_of, connect
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.drop_addresses import DropScheme, parse_drop_address
from gateway.package.errors import Code, SluisError
from gateway.package.states import Channel, SealedParcel

__all__ = ["SftpCourier", "SftpSettings"]

_KIND: Final = Kind(failures=FAILURES, lost=LOST, overwrites=Code.SFTP_OVERWRITES)


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
            return NO_ADDRESS
        placing = Placing(folder, kind=_KIND)
        return await self._with_connection(lambda connection: placing.place_all(connection, items), placing)

    async def probe(self, parcel: SealedParcel, /) -> DeliveryResult | None:
        """See the port."""
        items = items_of(parcel)
        folder = self._folder(parcel.address)
        if folder is None:
            return NO_ADDRESS
        placing = Placing(folder, kind=_KIND)
        return await self._with_connection(lambda connection: placing.look(connection, items), placing)

    async def check(self) -> None:
        """Prove that the server is reachable, is who it was, and lets us in. Raises SluisError."""
        base = self._settings.folder.encode() or b"."

        async def look(connection: Connection) -> DeliveryResult:
            await connection.names(base)
            return SENT

        await self._require(look, where=self._settings.where)

    async def check_folder(self, address: str) -> None:
        """Prove that a recipient's folder can be written, and that no name in it is ever overwritten.

        Nothing is left behind. Raises SluisError, also `sftp-overwrites` of a server that gave one name to two files.
        """
        folder = self._folder(address)
        if folder is None:
            raise SluisError(Code.ADDRESS_INVALID)
        await self._require(Placing(folder, kind=_KIND).try_out)

    async def aclose(self) -> None:
        """See the port."""
        await self._idle.aclose()

    def _folder(self, address: str) -> bytes | None:
        """Give the path of a recipient's folder; None for an address that is none on this server."""
        found = parse_drop_address(address)
        if found is None or (found.scheme, found.server) != (DropScheme.SFTP, self._settings.name):
            return None
        base = self._settings.folder.rstrip("/")
        return (f"{base}/{found.folder}" if self._settings.folder else found.folder).encode()

    async def _require(self, work: Callable[[Connection], Awaitable[DeliveryResult]], *, where: str = "") -> None:
        result = await self._with_connection(work, Placing(b"", kind=_KIND))
        if result.outcome is not DeliveryOutcome.SENT:
            raise SluisError(Code(result.code), where=where)

    async def _with_connection(
        self, work: Callable[[Connection], Awaitable[DeliveryResult]], placing: Placing
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
                return TAKEN
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
