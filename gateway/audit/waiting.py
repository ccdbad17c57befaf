"""Which packages may still go: tells out of their events which of them are held, and which are under way. Pure.

Rules:
1. A package that was refused, withdrawn or expired goes nowhere any more. One that is held may be released.
2. A parcel of a package is under way from the decision that clears it until it left, was withdrawn or failed for good.
   An attempt that failed is made again when its code says that trying again may help.
3. After a review a package is under way until it is decided on again. A hold whose cause was mended is decided on
   again without one: it lasts until the next decision.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from gateway.audit.disclosures import DOUBTS, Record
from gateway.audit.events import EventAction
from gateway.package.problems import PROBLEMS

_FOR_GOOD: Final = frozenset(code.value for code, problem in PROBLEMS.items() if not problem.retryable) | DOUBTS
_GONE: Final = frozenset(
    {EventAction.PACKAGE_RELEASED, EventAction.PACKAGE_RELEASE_UNCERTAIN, EventAction.PACKAGE_COLLECTED}
)
_ENDED: Final = frozenset({EventAction.PACKAGE_REFUSED, EventAction.PACKAGE_EXPIRED, EventAction.PACKAGE_WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A package that may still go; `is_held` says that it waits for a person."""

    package: str
    is_held: bool


def waiting_of(records: Iterable[Record]) -> list[Waiting]:
    """Give the packages that may still go, of all events of packages in the order of the log."""
    packages: dict[str, _Package] = {}
    for record in records:
        if name := record.get("gateway.package.id"):
            packages.setdefault(name, _Package()).take(record)
    return [Waiting(name, each.is_held) for name, each in packages.items() if each.may_go()]


@dataclass(slots=True)
class _Package:
    is_decided: bool = False
    is_held: bool = False
    is_ended: bool = False
    cleared: set[str] = field(default_factory=set)

    def take(self, record: Record) -> None:
        """Go on with the next event."""
        action, recipient = record["event.action"], record.get("gateway.recipient.id")
        if recipient:
            self._take_parcel(action, recipient, record)
        elif action == EventAction.PACKAGE_HELD:
            self.is_held = True
        elif action == EventAction.PACKAGE_REVIEWED:
            self.is_held = self.is_decided = False
        elif action in _ENDED:
            self.is_ended = True

    def may_go(self) -> bool:
        """Tell whether anything of it may still leave."""
        return not self.is_ended and (self.is_held or not self.is_decided or bool(self.cleared))

    def _take_parcel(self, action: str, recipient: str, record: Record) -> None:
        if action == EventAction.PACKAGE_POLICY_EVALUATED:
            self.is_decided, self.is_held = True, False
            if "allowed" in (record.get("event.type") or ()):
                self.cleared.add(recipient)
            else:
                self.cleared.discard(recipient)
        elif (
            action in _GONE
            or action == EventAction.PACKAGE_WITHDRAWN
            or (action == EventAction.PACKAGE_RELEASE_FAILED and record.get("event.reason") in _FOR_GOOD)
        ):
            self.cleared.discard(recipient)
