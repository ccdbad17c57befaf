"""What a look at a whole log comes to."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from gateway.audit.deletion_records import Deletion


class Finding(StrEnum):
    """What can be wrong with the order of the log."""

    MISSING = "missing"
    REPEATED = "repeated"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the file and line (from 1) where it shows, the number that belonged there, the number found there."""

    finding: Finding
    file: str
    line: int
    expected: int
    found: int | None = None


class Doubt(StrEnum):
    """What can be wrong with a log and what it has signed."""

    CHANGED = "changed"
    LINES_MISSING = "lines-missing"
    CHECKPOINT_FALSE = "checkpoint-false"
    NOT_SIGNED = "not-signed"
    HASHES_MISSING = "hashes-missing"


@dataclass(frozen=True, slots=True)
class LogFault:
    """One fault: the lines from `first` up to `end`, numbers as in `event.sequence`, are those that it is about."""

    doubt: Doubt
    first: int
    end: int


class Witnessed(NamedTuple):
    """The last checkpoint that a witness cosigned: how many lines it saw, and when, in seconds since 1970."""

    name: str
    size: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a log comes to: how many lines, under which root, how often it signed, when a witness last cosigned.

    `order` names the places where the numbering of lines is not as it has to be. `first` is the number of the first
    line that is there; `deletion` says who had those before it deleted, `unfinished` who had lines deleted of which
    some are still there: the deletion is under way, or was interrupted. `lapsed` is one that never began, and never
    will: the power went before the log had signed for it.
    """

    origin: str
    size: int
    root: bytes
    checkpoints: int
    witnessed: tuple[Witnessed, ...]
    faults: tuple[LogFault, ...]
    order: tuple[Fault, ...]
    first: int = 0
    deletion: Deletion | None = None
    unfinished: Deletion | None = None
    lapsed: Deletion | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.faults and not self.order
