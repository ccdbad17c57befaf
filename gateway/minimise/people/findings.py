"""What a search for people finds, and what it is told beforehand."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.package.facts import Whose
from gateway.package.known import Known

__all__ = ["Finding", "Kind", "Known", "Whose"]


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
