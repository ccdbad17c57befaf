"""Facts about a package that its keys, documents and registers outside of Sluis know. Gathered by evidence."""

from dataclasses import dataclass
from enum import StrEnum


class Paper(StrEnum):
    """What is known of a signed paper (an authorisation, a mandate) in the package.

    A readable scan with a signature is the sender's statement that this person signed it; nobody here can prove more.
    """

    MISSING = "missing"
    UNREADABLE = "unreadable"
    READABLE = "readable"


class PaperSignature(StrEnum):
    """What the digital signatures in a signed paper prove; every one in it has to hold.

    `valid`: it covers the whole paper, nothing was changed after it, its certificate chains to an anchor of the site
    and names whoever is said to have signed. `seal`: likewise, but the certificate names no person (an organisation's
    seal), or nobody is said to have signed; that this person signed is then the sender's statement, as with a scan.
    `untrusted`: nobody whom the site trusts vouches for the certificate at the moment of the decision.
    """

    NONE = "none"
    VALID = "valid"
    SEAL = "seal"
    OTHER_NAME = "other-name"
    UNTRUSTED = "untrusted"
    BROKEN = "broken"


class Proof(StrEnum):
    """What a decision rests on for a signature: the sender's statement, a digital signature, an organisation's seal."""

    STATEMENT = "statement"
    SIGNATURE = "signature"
    SEAL = "seal"


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


class KeyHealth(StrEnum):
    """What is known of a recipient's pinned key on the day of the decision."""

    USABLE = "usable"
    MISSING = "missing"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNUSABLE = "unusable"
    WEAK = "weak"


class Searchability(StrEnum):
    """Whether a document can be searched for other people's data; only in a preview it may be that none came."""

    TEXT = "text"
    NOT_TEXT = "not-text"
    TOO_LARGE = "too-large"
    NOT_THERE = "not-there"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentFacts:
    """What was found about the package's authorisation, beside what its manifest says.

    `withdrawn` is None when the register of withdrawals could not be read. `youngest` is the least age in whole years
    that the subject can have had on the day of signing: None without a day or a birth date, and before the birth.
    """

    paper: Paper
    filing: Filing
    withdrawn: bool | None
    signature: PaperSignature = PaperSignature.NONE
    youngest: int | None = None
