"""What a package says of its people, by the field catalogue: what a search through its documents is told beforehand.

Rules:
1. The subject's own data stays in documents as far as the field would be permitted; so all of it is named here, and
   what a recipient does not get is added by whoever carries its decision out.
2. Fields that the catalogue knows to be about somebody else name others. A field that nobody classified names nobody:
   what it holds in a document is judged by the document's words alone.
"""

from collections.abc import Iterator
from typing import Final

from gateway.package.known import Known
from gateway.package.manifest import Manifest
from gateway.package.paths import iter_leaves
from gateway.package.question import Question
from gateway.package.states import Data
from gateway.policy.policy_set import PolicySet
from gateway.policy.value_forms import bsn_digits

_NAMES: Final = frozenset({"name", "nameVariants"})
_ADDRESSES: Final = frozenset({"address", "street", "postcode", "town", "receptionLocation"})
_NUMBERS: Final = frozenset(
    {"vNumber", "bsn", "customerNumber", "telephone", "email", "iban", "documentNumber", "passportNumber"}
    | {"residenceDocumentNumber", "caseNumber"}
)
_OTHERS: Final = frozenset({"familyMembers", "familyMemberName", "partnerName", "lawyerName", "guardianName"})
_BSN: Final = "bsn"
_GIVEN: Final = frozenset({"givenNames"})
_FAMILY: Final = frozenset({"familyName"})
_Told = tuple[str, str]
_TELLING: Final = _NAMES | _ADDRESSES | _NUMBERS | _OTHERS | _GIVEN | _FAMILY


def known_of(manifest: Manifest, data: Data | None, *, policy: PolicySet) -> Known:
    """Say what a package tells of its subject and of others."""
    subject = manifest.subject
    told = tuple(_told(data, policy=policy))
    own = _under(_NAMES, told)
    joined = (f"{given} {family}" for given in _under(_GIVEN, told) for family in _under(_FAMILY, told))
    number = (subject.v_number,) if subject.v_number else ()
    return Known(
        names=tuple(dict.fromkeys((subject.name, *subject.name_variants, *own, *joined))),
        numbers=tuple(dict.fromkeys((*number, *_under(_NUMBERS, told)))),
        birth_date=subject.date_of_birth or "",
        addresses=tuple(dict.fromkeys(_under(_ADDRESSES, told))),
        others=tuple(dict.fromkeys(_under(_OTHERS, told))),
    )


def bsn_of(data: Data | None, asked: Question, *, policy: PolicySet) -> str:
    """Give the subject's BSN as 9 digits, when the data is about the subject and says exactly one that can be one."""
    spellings = {path for path in asked.paths if policy.field_ids.get(path) == _BSN}
    if data is None or not spellings or not asked.about_subject:
        return ""
    told = {bsn_digits(leaf) for row in data.rows for path, leaf in iter_leaves(row) if path in spellings}
    told.discard("")
    return told.pop() if len(told) == 1 else ""


def _told(data: Data | None, *, policy: PolicySet) -> Iterator[_Told]:
    """Give the texts that stand under any spelling of the fields above, each with the field's id."""
    for row in data.rows if data else ():
        for path, leaf in iter_leaves(row):
            field = policy.field_ids.get(path)
            if field in _TELLING and isinstance(leaf, str) and leaf.strip():
                yield field, leaf


def _under(fields: frozenset[str], told: tuple[_Told, ...]) -> tuple[str, ...]:
    return tuple(text for field, text in told if field in fields)
