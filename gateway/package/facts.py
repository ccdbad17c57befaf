"""Facts about a package that its keys, documents and registers outside of Sluis know. Gathered by evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.package.errors import Code
from gateway.package.manifest import Category


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
    """What is known of a recipient's pinned key on the day of the decision.

    The last three are of certificates: its first day has not come, nobody whom the site trusts vouches for it, and
    nobody can tell today whether it is revoked.
    """

    USABLE = "usable"
    MISSING = "missing"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNUSABLE = "unusable"
    WEAK = "weak"
    NOT_YET_VALID = "not-yet-valid"
    NOT_VOUCHED = "not-vouched"
    REVOCATION_UNKNOWN = "revocation-unknown"


KEY_REFUSALS: Final[Mapping[KeyHealth, Code]] = MappingProxyType(
    {
        KeyHealth.MISSING: Code.KEY_MISSING,
        KeyHealth.EXPIRED: Code.KEY_EXPIRED,
        KeyHealth.REVOKED: Code.KEY_REVOKED,
        KeyHealth.UNUSABLE: Code.KEY_UNUSABLE,
        KeyHealth.WEAK: Code.KEY_WEAK,
        KeyHealth.NOT_YET_VALID: Code.KEY_NOT_YET_VALID,
        KeyHealth.NOT_VOUCHED: Code.KEY_NOT_VOUCHED,
        KeyHealth.REVOCATION_UNKNOWN: Code.KEY_REVOCATION_UNKNOWN,
    }
)
"""By which code a key is refused that can not be encrypted to now."""


class Searchability(StrEnum):
    """Whether a document can be searched for other people's data.

    `text` is plain text that goes as it is, of a kind that holds nobody else; `searched` was read in the sandbox and
    searched for people. Everything else is why that could not be done; `not-there` only in a preview.
    """

    TEXT = "text"
    SEARCHED = "searched"
    NOT_TEXT = "not-text"
    TOO_LARGE = "too-large"
    ENCRYPTED = "encrypted"
    TYPE_MISMATCH = "type-mismatch"
    ACTIVE_CONTENT = "active-content"
    SEARCH_FAILED = "search-failed"
    MALWARE = "malware"
    NOT_SCANNED = "not-scanned"
    NOT_THERE = "not-there"


class Kind(StrEnum):
    """What was found in a document; the word stands in reports and labels."""

    NAME = "name"
    BSN = "bsn"
    V_NUMBER = "v-number"
    CASE_NUMBER = "case-number"
    DOCUMENT_NUMBER = "document-number"
    MRZ = "mrz"
    IBAN = "iban"
    PAYMENT_CARD = "payment-card"
    TELEPHONE = "telephone"
    EMAIL = "email"
    ONLINE = "online"
    LICENCE_PLATE = "licence-plate"
    REGISTER_NUMBER = "register-number"
    """Of an interpreter, a doctor, a lawyer: whoever works under it is known by it."""
    STAFF_NUMBER = "staff-number"
    ADDRESS = "address"
    POSTCODE = "postcode"
    TOWN = "town"
    BIRTH_DATE = "birth-date"
    WITHHELD = "withheld"
    """A value of a field of the package that this recipient does not get."""


class Whose(StrEnum):
    """Whom something in a document leads to. Officials are staff of government in their function."""

    SUBJECT = "subject"
    THIRD_PARTY = "third-party"
    OFFICIAL = "official"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """What stays in documents for one recipient; everybody else's goes.

    `officials`: their names, inside government. `subject`: the kinds of the subject's own that this recipient may have.
    """

    officials: bool = False
    subject: tuple[Kind, ...] = ()


ONLY_WHAT_IS_NOBODYS: Final = Stays()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """So many findings in one document that are alike; `page` is 0 where there are no pages.

    What is not `certain` is taken out all the same, and listed for the reviewer.
    """

    kind: Kind
    whose: Whose
    page: int = 0
    certain: bool = True
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFindings:
    """What was found in one document, in numbers: never a value, nor where in a text it stands.

    `pictures` counts those too large to be a logo, in which faces may be seen. `raised` are categories that its words
    point to, beside what the sender declared.
    """

    counted: tuple[Counted, ...] = ()
    pictures: int = 0
    raised: tuple[Category, ...] = ()

    def gone(self, stays: Stays) -> tuple[Counted, ...]:
        """Give what is taken out when so much stays."""
        return tuple(each for each in self.counted if not _stays(each, stays))

    def doubtful(self) -> int:
        """Count what would be taken out and is not certain."""
        return sum(each.count for each in self.counted if not each.certain and each.whose is not Whose.SUBJECT)


def _stays(counted: Counted, stays: Stays) -> bool:
    if counted.whose is Whose.OFFICIAL:
        return stays.officials
    return counted.whose is Whose.SUBJECT and counted.kind in stays.subject


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
