"""Facts about a package that registers outside of Sluis know: papers, cases, the bar. Gathered by evidence."""

from dataclasses import dataclass
from enum import StrEnum


class Paper(StrEnum):
    """What is known of a signed paper (an authorisation, a mandate) in the package.

    A readable scan with a signature is the sender's statement that this person signed it; nobody here can prove more.
    """

    MISSING = "missing"
    UNREADABLE = "unreadable"
    READABLE = "readable"


class Filing(StrEnum):
    """What the case system says of an authorisation under its reference."""

    FILED = "filed"
    NOT_FILED = "not-filed"
    UNREACHABLE = "unreachable"


class Standing(StrEnum):
    """What the register of the bar says of a lawyer."""

    REGISTERED = "registered"
    SUSPENDED = "suspended"
    STRUCK_OFF = "struck-off"
    NOT_FOUND = "not-found"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentFacts:
    """What was found about the package's authorisation, beside what its manifest says.

    `withdrawn` is None when the register of withdrawals could not be read.
    """

    paper: Paper
    filing: Filing
    withdrawn: bool | None
