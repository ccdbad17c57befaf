"""The ports `Courier` (one channel), `Pickups` (what lies at the postbus) and `NoticeBox` (letters that came back)."""

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
    """What the pick-up service says of a parcel; `opened` when some of its ciphertext was given out.

    `wrong` counts the wrong codes that were typed by whoever has its link.
    """

    lies: Lies
    opened: bool
    receipts: int
    wrong: int = 0


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


class TextMessages(Protocol):
    """Sends short texts to telephones, once each: whatever is not known to be taken is never tried again."""

    async def send(self, number: str, text: str, /) -> str:
        """Send one; empty when it was taken, else the code of what went wrong. Never raises for the far side."""
        ...

    async def check(self) -> None:
        """Prove that the gateway is there and is who it says. Raises SluisError `sms-unreachable`."""
        ...


class Uploads(Protocol):
    """Knows what a person has uploaded. Raises SluisError `upload-folder-unavailable`."""

    async def confirmed(self) -> frozenset[str]:
        """List the folders of which a person says that they went: `PACKAGE.RECIPIENT` each."""
        ...

    async def recall(self, parcel: str, /) -> bool:
        """Take a parcel back; False when a person has said that it went."""
        ...

    async def overdue(self, *, seconds: float) -> tuple[str, ...]:
        """Remind of each folder that has waited so long, there and once; list them."""
        ...


class NoticeBox(Protocol):
    """Holds the letters that come back to the sender of our mails. Blocking; one look at a time.

    An implementer promises: a name never means another letter than the one that it was given for; a letter of any kind
    or size is read without harm; nothing is deleted. A look is `waiting`, then `read` and `seen` for each, and `close`.
    Raises SluisError `bounces-…`, after which the next look may succeed.
    """

    def check(self) -> None:
        """Look whether letters can be read, and put away."""
        ...

    def waiting(self) -> list[str]:
        """Name what has come and was not put away, the oldest first; at most 10,000."""
        ...

    def read(self, name: str, /) -> bytes:
        """Read one; what is no letter, or larger than any report, is empty."""
        ...

    def seen(self, name: str, /) -> None:
        """Put one away, once what it says is durable."""
        ...

    def close(self) -> None:
        """End a look."""
        ...

    def abandon(self) -> None:
        """Have whoever is in one of the others come back at once. From any thread; does not wait."""
        ...
