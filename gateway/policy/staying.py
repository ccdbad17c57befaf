"""What stays in documents for one recipient: step 3 of the Wegwijzer, for what stands in a text and in no field.

Rules:
1. The subject's own data stays as far as the field for it would be permitted, by the very verdict on that field: a BSN
   that a lawyer would not get as data goes out of the letter, and so does a secret address.
2. What has no field of its own (a licence plate, a payment card) stays for nobody. The subject's name stays: without it
   nobody knows whom a document is about, and whoever gets a package is told.
3. An address in one field permits its parts. Officials stay where the recipient's kind says so.
"""

from collections.abc import Mapping
from typing import Final

from gateway.package.facts import Kind, Stays
from gateway.package.question import Question
from gateway.package.states import Verdict
from gateway.policy.policy_set import Grant, Recipient

FIELDS_OF: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.BSN: ("bsn",),
    Kind.V_NUMBER: ("vNumber",),
    Kind.CASE_NUMBER: ("caseNumber",),
    Kind.DOCUMENT_NUMBER: ("documentNumber", "passportNumber", "residenceDocumentNumber"),
    Kind.IBAN: ("iban",),
    Kind.TELEPHONE: ("telephone",),
    Kind.EMAIL: ("email",),
    Kind.ADDRESS: ("address", "street"),
    Kind.POSTCODE: ("postcode", "address"),
    Kind.TOWN: ("town", "address"),
    Kind.BIRTH_DATE: ("dateOfBirth",),
}
"""For each kind the fields of the catalogue of which any permits it."""


def stays_for(asked: Question, *, recipient: Recipient, grant: Grant | None) -> Stays:
    """Say what stays in documents for a recipient; without a grant only what would not be sent anyway."""
    if grant is None:
        return Stays(officials=recipient.officials_stay)
    verdicts = grant.verdicts[asked.necessity][asked.secret_address]

    def would_go(path: str) -> bool:
        found = verdicts.get(path)
        return found is not None and found.verdict is Verdict.RELEASE

    kinds = (kind for kind, fields in FIELDS_OF.items() if any(map(would_go, fields)))
    return Stays(officials=recipient.officials_stay, subject=(Kind.NAME, *kinds))
