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
from gateway.package.states import Data
from gateway.policy.policy_set import PolicySet

_NAMES: Final = frozenset({"name", "nameVariants"})
_ADDRESSES: Final = frozenset({"address", "street", "postcode", "town", "receptionLocation"})
_NUMBERS: Final = frozenset(
    {"vNumber", "bsn", "customerNumber", "telephone", "email", "iban", "documentNumber", "passportNumber"}
    | {"residenceDocumentNumber", "caseNumber"}
)
_OTHERS: Final = frozenset({"familyMembers", "familyMemberName", "partnerName", "lawyerName", "guardianName"})


def known_of(manifest: Manifest, data: Data | None, *, policy: PolicySet) -> Known:
    """Say what a package tells of its subject and of others."""
    subject = manifest.subject
    own = tuple(_values(data, _NAMES, policy=policy))
    given = tuple(_values(data, frozenset({"givenNames"}), policy=policy))
    family = tuple(_values(data, frozenset({"familyName"}), policy=policy))
    joined = tuple(f"{first} {last}" for first in given for last in family)
    number = (subject.v_number,) if subject.v_number else ()
    return Known(
        names=tuple(dict.fromkeys((subject.name, *subject.name_variants, *own, *joined))),
        numbers=tuple(dict.fromkeys((*number, *_values(data, _NUMBERS, policy=policy)))),
        birth_date=subject.date_of_birth or "",
        addresses=tuple(dict.fromkeys(_values(data, _ADDRESSES, policy=policy))),
        others=tuple(dict.fromkeys(_values(data, _OTHERS, policy=policy))),
    )


def _values(data: Data | None, fields: frozenset[str], *, policy: PolicySet) -> Iterator[str]:
    """Give the texts of the data under any spelling of these fields."""
    for row in data.rows if data else ():
        for path, leaf in iter_leaves(row):
            if policy.field_ids.get(path) in fields and isinstance(leaf, str) and leaf.strip():
                yield leaf
