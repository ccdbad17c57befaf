"""What one attempt to deliver came to."""

from dataclasses import dataclass, field
from enum import StrEnum


class DeliveryOutcome(StrEnum):
    """What one attempt came to; the caller decides on the next attempt."""

    SENT = "sent"
    DELIVERED = "delivered"
    TRANSIENT = "transient"
    PERMANENT = "permanent"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """The result of one attempt: outcome, code of the problem if any, and the far side's status number if any.

    `rule_ids` are of an attempt that was not made, since what was sealed may not go any more. `receipt` is what the far
    side signed for it, as text. `retry_after_seconds` is what the far side asks to be left alone for.
    """

    outcome: DeliveryOutcome
    code: str = ""
    status: int | None = None
    rule_ids: tuple[str, ...] = ()
    receipt: str = field(default="", repr=False)
    retry_after_seconds: float = 0
