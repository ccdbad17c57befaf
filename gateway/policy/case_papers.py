"""What a case says of a signed paper: an authorisation or a mandate that is good in everything that it does not name.

A case says `true` for a good one, or what is different about it; `null` takes a key away.
"""

import datetime as dt
from typing import Any, Literal

from pydantic import StrictBool

from gateway.package.facts import ConsentFacts, Filing, Paper, PaperSignature
from gateway.package.manifest import Category
from gateway.policy.policy_form import Day, Form, Text, Whole

_SIGNED_ON = dt.date(2026, 11, 1)


class CaseConsent(Form):
    """An authorisation: its part of the manifest, and what was found about it."""

    signed_on: Day | None = _SIGNED_ON
    signed_by: Text | None = None
    signer_role: Literal["subject", "guardian", "parent"] | None = "subject"
    valid_until: Day | None = None
    recipient: Text | None = None
    categories: tuple[Category, ...] = ()
    proof: Text | None = None
    case_reference: Text | None = "IS-TV/2026/118"
    paper: Paper = Paper.READABLE
    signature: PaperSignature = PaperSignature.NONE
    filing: Filing = Filing.FILED
    withdrawn: StrictBool | None = False
    ages: tuple[Whole, ...] | None = None

    def facts(self, *, ages: tuple[int, ...]) -> ConsentFacts:
        """Give what would be gathered; on the day of signing the person is as old as today unless the case says so."""
        youngest = next(iter(ages if self.ages is None else self.ages), None)
        return ConsentFacts(
            paper=self.paper,
            filing=self.filing,
            withdrawn=self.withdrawn,
            signature=self.signature,
            youngest=youngest,
        )

    def manifest(self, *, subject: str, recipient: str) -> dict[str, Any]:
        """Give what the sender says; signed by the subject, for the recipient's organisation."""
        said = self.model_dump(by_alias=True, exclude={"paper", "signature", "filing", "withdrawn", "ages"})
        return _said({"signedBy": subject, "recipient": recipient}, said, self)


class CaseMandate(Form):
    """A mandate likewise."""

    signed_on: Day | None = _SIGNED_ON
    signed_by: Text | None = None
    ends_on: Day | None = None
    paper: Paper = Paper.READABLE
    signature: PaperSignature = PaperSignature.NONE

    def manifest(self, *, subject: str) -> dict[str, Any]:
        """Give what the sender says; signed by the subject."""
        return _said({"signedBy": subject}, self.model_dump(by_alias=True, exclude={"paper", "signature"}), self)


def _said(usual: dict[str, str], said: dict[str, Any], form: Form) -> dict[str, Any]:
    """Fill in what only the case as a whole knows, unless the case named it."""
    named = {type(form).model_fields[name].alias for name in form.model_fields_set}
    whole = said | {key: value for key, value in usual.items() if key not in named}
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in whole.items()
        if value not in (None, ())
    }
