"""Who got what about a person: tells out of the events of packages what went to whom, and what became of it. Pure.

Rules:
1. A parcel is what one recipient gets of one package. It is a disclosure from the moment on at which it may have left:
   when the next hop took it, when nobody knows whether it did, and when an attempt was begun and nothing says how it
   ended.
2. What came back, was never fetched or was taken back unopened is told as such, and stays in the list. What failed
   later in any other way may be with the recipient. A mail that comes back says so of one copy only: where another one
   may have arrived, the doubt stays.
3. What was decided is told by the last decision before it left: its categories, purpose, rules, warnings and ground.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Any, Final, Generic, TypeVar

from gateway.audit.events import EventAction
from gateway.package.errors import Code
from gateway.package.states import Channel

Record = Mapping[str, Any]
"""One event as its line says it."""

E = TypeVar("E")
"""An event in whatever form its reader has it."""


@unique
class Fate(StrEnum):
    """What became of a parcel."""

    UNCERTAIN = "uncertain"
    SENT = "sent"
    DELIVERED = "delivered"
    COLLECTED = "collected"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


DOUBTS: Final = frozenset(code.value for code in Code if code.value.endswith("-outcome-unknown"))
"""Codes of a parcel that was given up while nobody knew whether it had arrived."""
MAY_HAVE_IT: Final = frozenset({Fate.UNCERTAIN, Fate.SENT, Fate.DELIVERED, Fate.COLLECTED})
"""Fates after which the recipient has the data, or may have them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One parcel: what went to whom, when it left, on which ground, how, and what became of it and when.

    `at` and `last` are times as the log has them; `events` the numbers of the events that say so; `reason` a code that
    says why it came back.
    """

    package: str
    recipient: str
    fate: Fate
    at: str
    last: str
    channel: str
    purpose: str
    legal_basis: str
    categories: tuple[str, ...]
    policy: str
    rules: tuple[str, ...]
    warnings: tuple[str, ...]
    organisation: str
    reason: str
    events: tuple[int, ...]


def disclosures_of(records: Iterable[Record]) -> list[Disclosure]:
    """Give the disclosures that these events tell of, all events of their packages in the order of the log."""
    courses: dict[tuple[str, str], Course[Record]] = {}
    numbers: dict[tuple[str, str], list[int]] = {}
    for record in records:
        package, recipient = record.get("gateway.package.id"), record.get("gateway.recipient.id")
        if package and recipient:
            parcel = (package, recipient)
            course = courses.setdefault(parcel, Course())
            course.take(record["event.action"], record.get("event.reason"), record.get("gateway.channel"), record)
            numbers.setdefault(parcel, []).append(record["event.sequence"])
    found = (_disclosure(parcel, course, numbers[parcel]) for parcel, course in courses.items())
    return sorted(filter(None, found), key=lambda each: (each.at, each.package, each.recipient))


def may_have_left(action: str, reason: object) -> bool:
    """Tell whether an event says by itself that a next hop took a parcel, or may have taken it."""
    return action in _LEAVES or (action == EventAction.PACKAGE_RELEASE_FAILED and reason in DOUBTS)


@dataclass(slots=True)
class Course(Generic[E]):
    """What becomes of one parcel, out of its events in the order of the log; `end` comes behind the last one.

    `left` is the event by which it left and `leaving` each one that says that it left or may have; `last` the one that
    says what became of it; `decided` the decision by which it left. `fate` stays None when nothing left. `_copies`
    counts what says that a copy may have arrived: an attempt that did not fail, and a receipt.
    """

    fate: Fate | None = None
    left: E | None = None
    last: E | None = None
    decided: E | None = None
    leaving: list[E] = field(default_factory=list)
    _begun: E | None = None
    _certain: bool = False
    _copies: int = 0

    def take(self, action: str, reason: object, channel: object, event: E) -> None:
        """Go on with the next event."""
        if action == EventAction.PACKAGE_POLICY_EVALUATED:
            if not self._certain:
                self.decided = event
        elif action == EventAction.PACKAGE_RELEASE_STARTED:
            # Nothing says how the one before ended: it may have arrived, and no later failure takes that back.
            self._doubt_what_was_begun()
            self._begun = event
            self._copies += 1
        elif (fate := self._fate_after(action, reason, channel)) is not None:
            self.fate, self.last = fate, event
            self.left = event if self.left is None else self.left
            self._certain = self._certain or fate in _GONE
        if action == EventAction.PACKAGE_RELEASE_FAILED and reason == Code.BASIS_LAPSED:
            # It is told in the place of another attempt, and says nothing of one that was begun.
            self._doubt_what_was_begun()
            self._begun = None
        if may_have_left(action, reason):
            self.leaving.append(event)
            self._copies += self._begun is None
        elif action == EventAction.PACKAGE_RELEASE_FAILED and self._begun is not None:
            self._copies -= 1
        if action in _ENDS_AN_ATTEMPT:
            self._begun = None

    def end(self) -> None:
        """Take it that no event follows: an attempt that was begun has no end that is known."""
        self._doubt_what_was_begun()

    def _doubt_what_was_begun(self) -> None:
        if self._begun is not None and self.fate is None:
            self.fate, self.left, self.last = Fate.UNCERTAIN, self._begun, self._begun
            self.leaving.append(self._begun)

    def _fate_after(self, action: str, reason: object, channel: object) -> Fate | None:
        """Tell what an event makes of the parcel; None when it changes nothing about it."""
        gone = self.fate in _GONE
        if action == EventAction.PACKAGE_RELEASED:
            # A next hop takes a parcel once. When it is said again without an attempt, a receipt has come, also for the
            # other copy of what came back; a drop gives none, and after a crash the parcel was found there.
            is_told_again = self.fate is not None and self._begun is None
            return Fate.DELIVERED if is_told_again and channel in _WITH_RECEIPTS else Fate.SENT
        if action == EventAction.PACKAGE_RELEASE_UNCERTAIN:
            return self.fate if gone else Fate.UNCERTAIN
        if action == EventAction.PACKAGE_COLLECTED:
            return Fate.COLLECTED
        if action == EventAction.PACKAGE_RELEASE_FAILED:
            return self._fate_after_failing(reason, gone=gone)
        if action == EventAction.PACKAGE_WITHDRAWN and gone:
            return Fate.WITHDRAWN
        return None

    def _fate_after_failing(self, reason: object, *, gone: bool) -> Fate | None:
        if gone and self._begun is None:
            # Anything else, such as a parcel that was opened and never confirmed, may be with the recipient. All copies
            # of a mail have one name, so that nobody knows which of them came back; the postbus keeps one only.
            is_back = reason == Code.POSTBUS_EXPIRED or (reason == Code.MAIL_BOUNCED and self._copies <= 1)
            return Fate.RETURNED if is_back else Fate.UNCERTAIN
        return Fate.UNCERTAIN if reason in DOUBTS and not gone else None


def _disclosure(parcel: tuple[str, str], course: Course[Record], events: Iterable[int]) -> Disclosure | None:
    """Give the disclosure of a parcel; None when nothing left."""
    course.end()
    fate, left, last, decided = course.fate, course.left, course.last, course.decided or {}
    if fate is None or left is None or last is None:
        return None
    package, recipient = parcel
    return Disclosure(
        package=package,
        recipient=recipient,
        fate=fate,
        at=left["@timestamp"],
        last=last["@timestamp"],
        channel=left.get("gateway.channel", ""),
        purpose=decided.get("gateway.purpose", ""),
        legal_basis=decided.get("gateway.legal_basis", "") or left.get("gateway.legal_basis", ""),
        categories=tuple(decided.get("gateway.field_categories") or ()),
        policy=decided.get("rule.version", ""),
        rules=tuple(decided.get("rule.id") or ()),
        warnings=tuple(decided.get("gateway.warnings") or ()),
        organisation=decided.get("organization.name", ""),
        reason=last.get("event.reason", "") if fate is Fate.RETURNED else "",
        events=tuple(events),
    )


_GONE: Final = frozenset({Fate.SENT, Fate.DELIVERED, Fate.COLLECTED})
_ENDS_AN_ATTEMPT: Final = frozenset(
    {EventAction.PACKAGE_RELEASED, EventAction.PACKAGE_RELEASE_FAILED, EventAction.PACKAGE_RELEASE_UNCERTAIN}
)
_WITH_RECEIPTS: Final = frozenset({Channel.SECURE_MAIL, Channel.POSTBUS, Channel.CHAIN_FACILITY})
_LEAVES: Final = frozenset({EventAction.PACKAGE_RELEASED, EventAction.PACKAGE_RELEASE_UNCERTAIN})
