"""Writes a decision and its record as JSON and reads them back; value-free but for field names."""

from dataclasses import dataclass, field

from pydantic import TypeAdapter

from gateway.package.history import Marks
from gateway.package.reviews import Review
from gateway.package.states import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is kept of a package beside its payloads: the entry's name, the decision, the problem that explains it.

    `documents` are keyed digests by document number: by them a repeated one is recognised after its content is gone.
    `addresses` are the recipients' addresses of the register at the moment of sealing, by recipient id.
    `detail` fills the sentence of the problem code; both hold codes and counts only. `reviews` hold what a reviewer
    wrote, and are the one reason besides `entry` why a record is never shown as it is. `marks` are those by which later
    packages are compared with it; a package that came in before there were any has none.
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


_RECORD: TypeAdapter[Record] = TypeAdapter(Record)


def encode_record(record: Record) -> bytes:
    """Write a record as JSON."""
    return _RECORD.dump_json(record)


def decode_record(content: bytes) -> Record:
    """Read a record back."""
    return _RECORD.validate_json(content)
