"""The port `Courier`: one channel, one attempt at a time."""

from typing import Protocol

from gateway.package.delivery_results import DeliveryResult
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
