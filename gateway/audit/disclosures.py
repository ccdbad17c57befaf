"""Who got what about a person: tells out of the events of packages what went to whom, and what became of it. Pure.

Rules:
1. A parcel is what one recipient gets of one package. It is a disclosure from the moment on at which it may have left:
   when the next hop took it, when nobody knows whether it did, and when an attempt was begun and nothing says how it
   ended.
2. What came back, was never fetched or was taken back unopened is told as such, and stays in the list. What failed
   later in any other way may be with the recipient.
3. What was decided is told by the last decision before it left: its categories, purpose, rules, warnings and ground.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Any, Final

from gateway.audit.events import EventAction
from gateway.package.errors import Code

Record = Mapping[str, Any]
"""One event as its line says it."""


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
    parcels: dict[tuple[str, str], _Parcel] = {}
    for record in records:
        package, recipient = record.get("gateway.package.id"), record.get("gateway.recipient.id")
        if package and recipient:
            parcels.setdefault((package, recipient), _Parcel(package, recipient)).take(record)
    found = [told for each in parcels.values() if (told := each.told()) is not None]
    return sorted(found, key=lambda each: (each.at, each.package, each.recipient))


@dataclass(slots=True)
class _Parcel:
    package: str
    recipient: str
    fate: Fate | None = None
    left: Record = field(default_factory=dict)
    last: Record = field(default_factory=dict)
    decided: Record = field(default_factory=dict)
    begun: Record = field(default_factory=dict)
    events: list[int] = field(default_factory=list)

    def take(self, record: Record) -> None:
        """Go on with the next event."""
        self.events.append(record["event.sequence"])
        action = record["event.action"]
        if action == EventAction.PACKAGE_POLICY_EVALUATED:
            if self.fate in (None, Fate.UNCERTAIN):
                self.decided = record
        elif action == EventAction.PACKAGE_RELEASE_STARTED:
            if self.begun and self.fate is None:
                # Nothing says how the one before ended: it may have arrived, and no later failure takes that back.
                self.fate, self.left, self.last = Fate.UNCERTAIN, self.begun, self.begun
            self.begun = record
        elif (fate := self._fate_after(record)) is not None:
            self.fate, self.last = fate, record
            self.left = self.left or record
        if action in _ENDS_AN_ATTEMPT:
            self.begun = {}

    def told(self) -> Disclosure | None:
        """Give the disclosure; None when nothing left."""
        fate, left, last = self.fate, self.left, self.last
        if fate is None and self.begun:
            fate, left, last = Fate.UNCERTAIN, self.begun, self.begun
        if fate is None:
            return None
        decided = self.decided
        return Disclosure(
            package=self.package,
            recipient=self.recipient,
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
            events=tuple(self.events),
        )

    def _fate_after(self, record: Record) -> Fate | None:
        """Tell what an event makes of the parcel; None when it changes nothing about it."""
        action = record["event.action"]
        gone = self.fate in _GONE
        if action == EventAction.PACKAGE_RELEASED:
            # A next hop takes a parcel once. When it is said again without an attempt, a receipt has come.
            return Fate.DELIVERED if gone and not self.begun else Fate.SENT
        if action == EventAction.PACKAGE_RELEASE_UNCERTAIN:
            return self.fate if gone else Fate.UNCERTAIN
        if action == EventAction.PACKAGE_COLLECTED:
            return Fate.COLLECTED
        if action == EventAction.PACKAGE_RELEASE_FAILED:
            return self._fate_after_failing(record.get("event.reason"), gone=gone)
        if action == EventAction.PACKAGE_WITHDRAWN and gone:
            return Fate.WITHDRAWN
        return None

    def _fate_after_failing(self, reason: object, *, gone: bool) -> Fate | None:
        if gone and not self.begun:
            # Anything else, such as a parcel that was opened and never confirmed, may be with the recipient.
            return Fate.RETURNED if reason in _BACK else Fate.UNCERTAIN
        return Fate.UNCERTAIN if reason in DOUBTS and not gone else None


_BACK: Final = frozenset((Code.MAIL_BOUNCED.value, Code.POSTBUS_EXPIRED.value))
_GONE: Final = frozenset({Fate.SENT, Fate.DELIVERED, Fate.COLLECTED})
_ENDS_AN_ATTEMPT: Final = frozenset(
    {EventAction.PACKAGE_RELEASED, EventAction.PACKAGE_RELEASE_FAILED, EventAction.PACKAGE_RELEASE_UNCERTAIN}
)
