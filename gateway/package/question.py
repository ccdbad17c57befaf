"""The question that is decided: everything that the decision looks at, with every value left out.

Rules:
1. The decision gets this and the policy set, and nothing else. What does not stand here can not influence it, so it is
   enough to decide again.
2. No type here can hold a value out of a package. A name has become whose it is; a text, whether it is there; a birth
   date, an age. What the sender chose to call a field, a kind of document or a purpose stays: the verdicts name it too.
3. A new fact is kept by standing here: it is written and read by its type.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from gateway.package.edits import DocumentEdits
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PersonId, RecipientId
from gateway.package.manifest import Category
from gateway.package.reviews import ReviewVerdict
from gateway.package.states import Channel, Facts


class Signer(StrEnum):
    """Who signed a paper, by the name in the manifest: nobody, the subject, or somebody with another name.

    `variant`: the name is only one of the other spellings that the sender gives for the subject.
    """

    UNNAMED = "unnamed"
    SUBJECT = "subject"
    VARIANT = "variant"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedDocument:
    """One document that the sender wants to share."""

    number: int
    kind: str
    declared_categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedConsent:
    """What the sender says of the authorisation (machtiging).

    `addressed` tells whether it names anybody who may have the data, `names` which recipients of the package those are;
    `proven` whether what is named as a proof for who signed for the subject looks like a reference.
    """

    signed_on: dt.date | None
    signer: Signer
    signer_role: Literal["subject", "guardian", "parent"] | None
    valid_until: dt.date | None
    addressed: bool
    names: tuple[RecipientId, ...]
    categories: tuple[Category, ...]
    proven: bool
    has_reference: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMandate:
    """What the sender says of the mandate."""

    signed_on: dt.date | None
    signer: Signer
    ends_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenReview:
    """What a second person decided, without what was written; `grounded` tells whether an article of law was named."""

    reviewer: PersonId
    deputy_for: PersonId | None
    organisation: str
    verdict: ReviewVerdict
    grounded: bool
    rule_ids: tuple[str, ...]
    policy_digest: str
    edits: tuple[DocumentEdits, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May these fields and documents go to these recipients, for this purpose, today?

    `paths` has each field path once, in order; `misfits` are those with a value that is not what the field says;
    `about_subject` tells whether all of the data is about the subject, as far as it says whom it is about;
    `necessity` tells whether the sender wrote one, by the thresholds of the policy; `submitter` and `organisation` are
    who really handed the package in. `other_named` are the recipients that are easily taken for another one which the
    consent or the request names instead. `at` is the time of the decision.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    recipients: tuple[RecipientId, ...]
    purpose: str
    partial: bool
    wish: Channel | None
    submitter: PersonId
    organisation: str
    paths: tuple[str, ...]
    misfits: tuple[str, ...]
    about_subject: bool
    documents: tuple[AskedDocument, ...]
    necessity: bool
    secret_address: bool
    guardianship: bool
    consent: AskedConsent | None
    mandate: AskedMandate | None
    other_named: tuple[RecipientId, ...]
    facts: Facts
    reviews: tuple[GivenReview, ...]
    at: dt.datetime


_QUESTION: TypeAdapter[Question] = TypeAdapter(Question)


def encode_question(question: Question) -> str:
    """Write a question as JSON."""
    return _QUESTION.dump_json(question).decode()


def decode_question(text: str) -> Question:
    """Read a question back, strictly. Raises SluisError `decision-not-kept` for one that another version wrote."""
    try:
        return _QUESTION.validate_json(text)
    except ValidationError as error:
        raise SluisError(Code.DECISION_NOT_KEPT) from error
