"""Writes a decision and its record as JSON and reads them back; value-free but for field names."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import TypeAdapter

from gateway.package.errors import Code
from gateway.package.history import Marks
from gateway.package.manifest import Manifest
from gateway.package.pickup import PickUp
from gateway.package.reviews import Review, ReviewReason, ReviewVerdict
from gateway.package.states import Decision
from gateway.package.tracing import Trace

MAX_DECIDED: Final = 20
"""So many decisions of one package are kept for replay, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision as it is kept for replay: the question as it was written, and the ids of the events that tell of it.

    `events` are by recipient id. `decision` is empty for the last one: the record's own says it, until another decision
    or a person's refusal takes its place. Both texts stay exactly as written, so that their digest is the log's.
    """

    at: dt.datetime
    events: dict[str, str]
    question: str
    decision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestsOn:
    """What a later attempt needs to look again at ages and withdrawals: empty where nothing rests on it."""

    born: str = field(default="", repr=False)
    case_reference: str = field(default="", repr=False)

    @classmethod
    def of(cls, manifest: Manifest) -> "RestsOn":
        """Take it out of a manifest: the birth date only when a guardianship or a consent rests on an age."""
        consent = manifest.consent
        aged = consent is not None or manifest.guardianship is not None
        reference = consent.case_reference if consent is not None else None
        return cls(born=(manifest.subject.date_of_birth or "") if aged else "", case_reference=reference or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is kept of a package beside its payloads: the entry's name, the decision, the problem that explains it.

    `documents` are keyed digests by document number: by them a repeated one is recognised after its content is gone.
    `addresses` are the recipients' addresses of the register at the moment of sealing, by recipient id.
    `detail` fills the sentence of the problem code; both hold codes and counts only. `reviews` hold what a reviewer
    wrote, and are the one reason besides `entry` why a record is never shown as it is. `marks` are those by which later
    packages are compared with it; a package that came in before there were any has none. `decided` are the
    decisions that were made, oldest first. `rests_on` is kept from sealing on. `withdrawn_by_sender` is None unless it
    was withdrawn. `pickups` are what opens the parcels at the postbus, by recipient id, until each has ended.
    `trace` is None of a package that came in before there were traces. `subjects` are the subject's pseudonyms in the
    audit log; `grounds` the ground of each disclosure there, by recipient id, of those that the decision cleared.
    """

    entry: str = field(default="", repr=False)
    decision: Decision | None = None
    documents: dict[int, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict, repr=False)
    codes: tuple[str, ...] = ()
    where: str = ""
    detail: dict[str, str | int] = field(default_factory=dict)
    reviews: tuple[Review, ...] = ()
    marks: Marks | None = None
    decided: tuple[Decided, ...] = field(default=(), repr=False)
    rests_on: RestsOn = RestsOn()
    withdrawn_by_sender: bool | None = None
    pickups: dict[str, PickUp] = field(default_factory=dict, repr=False)
    trace: Trace | None = None
    subjects: tuple[str, ...] = ()
    grounds: dict[str, str] = field(default_factory=dict)

    def with_decision(self, decision: Decision | None, *made: Decided) -> "Record":
        """Put another decision in place, and, when it was made by the rules, what is kept of it."""
        last = (replace(each, decision="") for each in made)
        decided = (*self._each_with_its_own_decision(), *last)[-MAX_DECIDED:]
        return replace(self, decision=decision, decided=decided)

    def decided_as(self, event: str) -> Decided | None:
        """Find what is kept of the decision that an event tells of, with the decision as it was written."""
        return next((each for each in self._each_with_its_own_decision() if event in each.events.values()), None)

    @property
    def to_review(self) -> tuple[str, ...]:
        """Give the rules and codes that a review has to cover now: what holds the package, as a rule.

        When it waits again because of what the last release added in a document, the rules that it released hold still,
        and another release with other changes takes its place.
        """
        last = self.reviews[-1] if self.reviews else None
        if self.codes != (Code.ADDED_ELSEWHERE,) or last is None:
            return self.codes
        return last.rule_ids

    def refused_because(self) -> ReviewReason | None:
        """Give the reason by which a reviewer refused the package; None when none did."""
        last = self.reviews[-1].opinion if self.reviews else None
        return last.reason if last is not None and last.verdict is ReviewVerdict.REFUSE else None

    def _each_with_its_own_decision(self) -> tuple[Decided, ...]:
        if not self.decided or self.decided[-1].decision or self.decision is None:
            return self.decided
        *others, last = self.decided
        return (*others, replace(last, decision=encode_decision(self.decision)))


_RECORD: TypeAdapter[Record] = TypeAdapter(Record)
_DECISION: TypeAdapter[Decision] = TypeAdapter(Decision)


def encode_record(record: Record) -> bytes:
    """Write a record as JSON."""
    return _RECORD.dump_json(record)


def decode_record(content: bytes) -> Record:
    """Read a record back."""
    return _RECORD.validate_json(content)


def encode_decision(decision: Decision) -> str:
    """Write a decision as JSON: an equal one gives the same text."""
    return _DECISION.dump_json(decision).decode()


def decode_decision(text: str) -> Decision:
    """Read a decision back."""
    return _DECISION.validate_json(text)
