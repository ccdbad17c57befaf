"""What a search for people finds, and what it is told beforehand."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What was found; the word stands in reports and labels."""

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
    ADDRESS = "address"
    POSTCODE = "postcode"
    TOWN = "town"
    BIRTH_DATE = "birth-date"
    WITHHELD = "withheld"
    """A value of a field of the package that this recipient does not get."""


class Whose(StrEnum):
    """Whom it leads to. Officials are staff of government in their function; everybody else is a third party."""

    SUBJECT = "subject"
    THIRD_PARTY = "third-party"
    OFFICIAL = "official"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A span of a text, in Unicode code points, `end` exclusive; never the text itself.

    What is not `certain` is taken out all the same, and listed for the reviewer.
    """

    start: int
    end: int
    kind: Kind
    whose: Whose
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the package says of its subject, for one search; every value is secret.

    `names`: the subject's name and its variants, as written. `numbers`: values that identify the subject (V-number,
    BSN, e-mail, telephone, document numbers), as written. `birth_date`: ISO, parts may be 00, or empty. `addresses`:
    street lines, postcodes and towns of the subject. `withheld`: values that this recipient does not get, also when
    they are the subject's own. `others`: names of people already known to be someone else, such as family members in
    the data and people found in the other documents of the package.
    """

    names: tuple[str, ...] = field(default=(), repr=False)
    numbers: tuple[str, ...] = field(default=(), repr=False)
    birth_date: str = field(default="", repr=False)
    addresses: tuple[str, ...] = field(default=(), repr=False)
    withheld: tuple[str, ...] = field(default=(), repr=False)
    others: tuple[str, ...] = field(default=(), repr=False)
