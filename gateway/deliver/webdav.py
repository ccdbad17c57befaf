"""The courier for a file drop on another's WebDAV server, in which a file is either whole or not there.

Rules, in order:
1. No more connections to a server than the settings allow.
2. How files come to lie there is told by `gateway.deliver.placing`, how the server is spoken to by
   `gateway.deliver.webdav_connection`.
3. Every failure of the far side becomes a result. It is uncertain only once a name was asked for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from gateway.deliver.drop_items import TakenError, items_of
from gateway.deliver.placing import NO_ADDRESS, SENT, TAKEN, Kind, Placing
from gateway.deliver.webdav_connection import WebDavError, WebDavLostError, WebDavServer, WebDavSettings
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.drop_addresses import DropScheme, parse_drop_address
from gateway.package.errors import Code, SluisError
from gateway.package.states import Channel, SealedParcel

__all__ = ["WebDavCourier", "WebDavSettings"]

_KIND: Final = Kind(
    failures=(WebDavError, TimeoutError), lost=(WebDavLostError, TimeoutError), overwrites=Code.WEBDAV_OVERWRITES
)


class WebDavCourier:
    """Implements the port `Courier` for the file drop on one WebDAV server. Raises SluisError `setting-invalid`.

    `probe` answers TRANSIENT without a code when the parcel does not lie there whole: send it again. `deliver` raises
    SluisError `payload-corrupt` when the ciphertext is not what was sealed; nothing has its name then.
    """

    def __init__(self, *, settings: WebDavSettings) -> None:
        self._settings = settings
        self._server = WebDavServer(settings)
        self._places = asyncio.Semaphore(settings.connections)

    @property
    def channel(self) -> Channel:
        """See the port."""
        return Channel.FILE_DROP

    async def deliver(self, parcel: SealedParcel, /) -> DeliveryResult:
        """See the port."""
        items = items_of(parcel)
        placing = self._placing(parcel.address)
        return await self._told(lambda: placing.place_all(self._server, items), placing) if placing else NO_ADDRESS

    async def probe(self, parcel: SealedParcel, /) -> DeliveryResult | None:
        """See the port."""
        items = items_of(parcel)
        placing = self._placing(parcel.address)
        return await self._told(lambda: placing.look(self._server, items), placing) if placing else NO_ADDRESS

    async def check(self) -> None:
        """Prove that the server is reachable, is who it should be, and lets us in. Raises SluisError."""

        async def look() -> DeliveryResult:
            await self._server.look()
            return SENT

        await self._require(look, Placing(b"", kind=_KIND), where=self._settings.where)

    async def check_folder(self, address: str) -> None:
        """Prove that a recipient's folder can be written, and that no name in it is ever overwritten.

        Nothing is left behind. Raises SluisError, also `webdav-overwrites` of a server that gave one name to two files.
        """
        placing = self._placing(address)
        if placing is None:
            raise SluisError(Code.ADDRESS_INVALID)
        await self._require(lambda: placing.try_out(self._server), placing)

    async def aclose(self) -> None:
        """See the port."""
        await self._server.aclose()

    def _placing(self, address: str) -> Placing | None:
        """Give what places files in a recipient's folder; None for an address that is none on this server."""
        found = parse_drop_address(address)
        if found is None or found.at != (DropScheme.WEBDAV, self._settings.name):
            return None
        return Placing(found.folder.encode(), kind=_KIND)

    async def _require(
        self, work: Callable[[], Awaitable[DeliveryResult]], placing: Placing, *, where: str = ""
    ) -> None:
        result = await self._told(work, placing)
        if result.outcome is not DeliveryOutcome.SENT:
            raise SluisError(Code(result.code), where=where)

    async def _told(self, work: Callable[[], Awaitable[DeliveryResult]], placing: Placing) -> DeliveryResult:
        async with self._places:
            try:
                return await work()
            except TakenError:
                return TAKEN
            except WebDavError as error:
                outcome = DeliveryOutcome.UNCERTAIN if placing.may_have_arrived else DeliveryOutcome.TRANSIENT
                return DeliveryResult(outcome=outcome, code=error.code, status=error.status or None)
