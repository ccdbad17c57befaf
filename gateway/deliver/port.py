"""The ports `Courier` (one channel, one attempt at a time) and `Pickups` (what lies at the postbus)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, runtime_checkable

from gateway.package.delivery_results import DeliveryResult
from gateway.package.errors import Code
from gateway.package.pickup import PickUp
from gateway.package.states import Channel, SealedParcel


class Courier(Protocol):
    """Brings one sealed parcel to one recipient.

    An implementer promises: required, verified transport protection and never a weaker one; every wait has a
    deadline; an expected failure of the far side is a DeliveryResult, not an exception; `uncertain` whenever the
    far side may have taken it. Cancellation leaves no half-made file under the final name.
    """

    @property
    def channel(self) -> Channel:
        """Which channel this courier serves."""
        ...

    async def deliver(self, parcel: SealedParcel, /) -> DeliveryResult:
        """Make one attempt under the parcel's deterministic name."""
        ...

    async def probe(self, parcel: SealedParcel, /) -> DeliveryResult | None:
        """Ask the far side whether an earlier attempt arrived; None when it can not be asked (SMTP)."""
        ...

    async def check(self) -> None:
        """Prove that the channel is reachable and protected. Raises SluisError."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


POSTBUS_FAULTS: Final = frozenset(
    {
        Code.POSTBUS_UNREACHABLE,
        Code.POSTBUS_NOT_TRUSTED,
        Code.POSTBUS_NOT_ADMITTED,
        Code.POSTBUS_NOT_AS_AGREED,
        Code.POSTBUS_FULL,
    }
)
"""Why the pick-up service can not be asked; each is a fault of the service, and of no parcel."""


class Lies(StrEnum):
    """How a parcel at the postbus stands: it waits there, or how it ended."""

    WAITING = "waiting"
    COLLECTED = "collected"
    LOCKED = "locked"
    EXPIRED = "expired"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the pick-up service says of a parcel; `opened` when some of its ciphertext was given out."""

    lies: Lies
    opened: bool
    receipts: int


@runtime_checkable
class Pickups(Protocol):
    """Asks the pick-up service, which never asks us. Raises SluisError, of `POSTBUS_FAULTS`, for anything unclear."""

    async def standing(self, parcel: str, /) -> Standing:
        """Say how a parcel stands."""
        ...

    async def recall(self, parcel: str, /) -> bool:
        """Take a parcel back; False when that is too late, or it is not there: nobody knows what became of it then."""
        ...

    async def remind(self, parcel: str, /, *, address: str, pickup: PickUp) -> bool:
        """Mail the link once more before it ends; False when the mail server did not take it."""
        ...
