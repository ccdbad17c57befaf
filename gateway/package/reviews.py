"""A review: what a second person decided on a held package. A fact beside the others, never a command.

Rules:
1. A review names the exact rules that held the package, and the digest of the policy that the reviewer saw. When either
   no longer fits, it settles nothing.
2. What the reviewer wrote is kept encrypted with the package and dies with its record; logs and slips get codes only.
"""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gateway.package.edits import DocumentEdits
from gateway.package.ids import PersonId


class ReviewVerdict(StrEnum):
    """What a reviewer may decide."""

    RELEASE = "release"
    REFUSE = "refuse"


class ReviewReason(StrEnum):
    """Why, as a code for the log; `other` is explained in the reviewer's own words."""

    NECESSITY_PROVEN = "necessity-proven"
    CONSENT_SEEN = "consent-seen"
    IDENTITY_SETTLED = "identity-settled"
    CHANNEL_AGREED = "channel-agreed"
    RECIPIENT_CHECKED = "recipient-checked"
    NOT_NECESSARY = "not-necessary"
    NO_GROUND = "no-ground"
    OTHER = "other"


_FOR_REFUSAL = frozenset({ReviewReason.NOT_NECESSARY, ReviewReason.NO_GROUND})
MAX_TEXT, MAX_GROUND = 2000, 500
MAX_EDITS = 2000
CODE_EXPECTED: Final = "a code that fits the verdict"
TEXT_EXPECTED: Final = "the reason in your own words"
GROUND_EXPECTED: Final = "the article of law that permits it expected, for instance: GDPR 9(2)(c); UAVG 30"
NO_EDITS_EXPECTED: Final = "no changes in documents, since nothing goes"
ONCE_EXPECTED: Final = "each document at most once"
PLACE_EXPECTED: Final = "a place in this document, as it was shown"
LIFT_EXPECTED: Final = "the place of something that goes out and can be lifted"
LIST_EXPECTED: Final = "a list between [ and ], with what is changed in each document"
DOCUMENT_EXPECTED: Final = "the number of a document of this package that can be shown"
SEEN_EXPECTED: Final = "the document as it reads now: look at it again, 'sluis holds document'"
EXPECTATIONS: Final = (
    CODE_EXPECTED,
    TEXT_EXPECTED,
    GROUND_EXPECTED,
    NO_EDITS_EXPECTED,
    ONCE_EXPECTED,
    PLACE_EXPECTED,
    LIFT_EXPECTED,
    LIST_EXPECTED,
    DOCUMENT_EXPECTED,
    SEEN_EXPECTED,
)
FOR_A_PERSON_TO_SETTLE = frozenset(
    {
        "special.second-person",
        "criminal.second-person",
        "document.doubtful",
        "document.picture",
        "subject.age-unsure",
        "consent.name-variant",
        "mandate.name-variant",
        "channel.exception-review",
        "guard.first-time",
        "guard.other-than-before",
        "guard.near-miss",
        "guard.other-named",
        "guard.same-data",
    }
)
"""The rules whose holds a person may settle: short on purpose. Every other hold has to be mended, or is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a reviewer says of a held package, in free text; `ground` names the article of law that permits it.

    `edits` are changes in its documents, at most one for each, for every recipient.
    """

    verdict: ReviewVerdict
    reason: ReviewReason
    text: str = field(default="", repr=False)
    ground: str = field(default="", repr=False)
    edits: tuple[DocumentEdits, ...] = ()

    def faults(self) -> tuple[tuple[str, str], ...]:
        """Give what is wrong with it, as (place, expectation): a code that contradicts its verdict says nothing."""
        found = []
        if self.reason is not ReviewReason.OTHER and (self.verdict is ReviewVerdict.REFUSE) != (
            self.reason in _FOR_REFUSAL
        ):
            found.append(("reasonCode", CODE_EXPECTED))
        if self.reason is ReviewReason.OTHER and not self.text.strip():
            found.append(("text", TEXT_EXPECTED))
        if self.verdict is ReviewVerdict.REFUSE and self.edits:
            found.append(("edits", NO_EDITS_EXPECTED))
        if len({each.number for each in self.edits}) < len(self.edits):
            found.append(("edits", ONCE_EXPECTED))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """An opinion with who gave it, when, and on exactly what; `rule_ids` and `policy_digest` are those of the hold.

    `deputy_for` is the privacy officer in whose place the reviewer decided; None for one who is an officer.
    """

    reviewer: PersonId
    organisation: str
    opinion: Opinion
    rule_ids: tuple[str, ...]
    policy_digest: str
    at: dt.datetime
    deputy_for: PersonId | None = None
