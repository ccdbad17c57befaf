"""The courier for the channel file drop: it chooses by the address who brings it.

Our own drop, another's server, or a person who uploads it to the Bestandenpostbus.
"""

from collections.abc import Mapping
from typing import Protocol

from gateway.deliver.port import Courier, Uploads
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.drop_addresses import DropScheme, parse_drop_address
from gateway.package.errors import Code, SluisError
from gateway.package.states import Channel, SealedParcel

_NO_ADDRESS = DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.ADDRESS_INVALID)
_NO_UPLOADS = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.CHANNEL_UNAVAILABLE)
_UNKNOWN = {DropScheme.SFTP: Code.SFTP_SERVER_UNKNOWN, DropScheme.WEBDAV: Code.WEBDAV_SERVER_UNKNOWN}


class RemoteCourier(Courier, Protocol):
    """A courier to another's server, on which a recipient's folder can be tried out."""

    async def check_folder(self, address: str, /) -> None:
        """Prove that the folder of this address can be written. Raises SluisError."""
        ...


Servers = Mapping[tuple[DropScheme, str], RemoteCourier]
"""Couriers to others' servers, by the scheme and the name by which addresses call each."""


class UploadCourier(Courier, Uploads, Protocol):
    """A courier to a folder from which a person uploads."""


class FileDropCourier:
    """Implements the port `Courier` for all; what goes to a place that the settings do not name yet, waits."""

    def __init__(self, *, own: Courier, servers: Servers, uploads: UploadCourier | None = None) -> None:
        self._own = own
        self._servers = servers
        self.uploads = uploads

    @property
    def channel(self) -> Channel:
        """See the port."""
        return Channel.FILE_DROP

    async def deliver(self, parcel: SealedParcel, /) -> DeliveryResult:
        """See the port."""
        chosen = self._chosen(parcel.address)
        return chosen if isinstance(chosen, DeliveryResult) else await chosen.deliver(parcel)

    async def probe(self, parcel: SealedParcel, /) -> DeliveryResult | None:
        """See the port."""
        chosen = self._chosen(parcel.address)
        return chosen if isinstance(chosen, DeliveryResult) else await chosen.probe(parcel)

    async def check(self) -> None:
        """See the port; it ends at the first that does not work, and says which."""
        for courier in self._all():
            await courier.check()

    async def check_folder(self, address: str) -> None:
        """Prove that a recipient's folder on a server can be written.

        Raises SluisError, also `sftp-server-unknown` and `webdav-server-unknown`.
        """
        found = parse_drop_address(address)
        if found is None or found.at is None:
            raise SluisError(Code.ADDRESS_INVALID)
        server = self._servers.get(found.at)
        if server is None:
            raise SluisError(_UNKNOWN[found.at[0]])
        await server.check_folder(address)

    async def aclose(self) -> None:
        """See the port."""
        for courier in self._all():
            await courier.aclose()

    def _all(self) -> tuple[Courier, ...]:
        return (self._own, *self._servers.values(), *((self.uploads,) if self.uploads else ()))

    def _chosen(self, address: str) -> Courier | DeliveryResult:
        found = parse_drop_address(address)
        if found is None:
            return _NO_ADDRESS
        if found.mailbox:
            return self.uploads or _NO_UPLOADS
        if found.at is None:
            return self._own
        waits = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=_UNKNOWN[found.at[0]])
        return self._servers.get(found.at, waits)
