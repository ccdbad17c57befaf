"""The slip: one model for every ending, in Dutch and English, rendered as text, page and JSON.

Rules:
1. Four answers, always: what happened, why, what you can do now, who can help. Never a code alone.
2. What did not go of a package that went stands above the answers.
3. Names of fields, never their values; nothing of a document but its number and kind.
4. What the sender wrote (an entry's name, a key) is shown without characters that can not be printed, so that it can
   neither forge a line nor turn the reading direction.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.package.edits import DocumentEdits
from gateway.package.facts import Counted
from gateway.package.ids import PackageId
from gateway.package.manifest import Category
from gateway.package.states import Channel, Language, Outcome, Verdict
from gateway.receipt.wording import Ending, Plural

FORMAT = "sluis-slip/1"
MAX_SHOWN = 200
GOES = frozenset({Verdict.RELEASE, Verdict.REDACT})


class Texts(Protocol):
    """Translates the texts of the house."""

    def text(self, message: str, /, *, language: Language) -> str:
        """Give an English text in a language; itself where no translation is needed."""
        ...

    def counted(self, plural: Plural, count: int, /, *, language: Language) -> str:
        """Give the form of an English text that fits a count, in a language."""
        ...


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in both languages."""

    nl: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.en if language == Language.EN else self.nl

    def as_json(self) -> dict[str, str]:
        """Give both."""
        return {"nl": self.nl, "en": self.en}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A rule or problem in words: its id, the step of the guide (0 when none) and the article of law."""

    code: str
    words: Words
    step: int = 0
    article: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give it as in every `--json` answer."""
        return {"ruleId": self.code, "step": self.step, "article": self.article, "reason": self.words.as_json()}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipField:
    """What happened to one field; `name` is what people call it."""

    path: str
    name: Words
    verdict: Verdict
    said: Words
    reason: Explanation
    category: Category | None

    @property
    def goes(self) -> bool:
        """Tell whether the field is among what the recipient gets."""
        return self.verdict in GOES


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipDocument:
    """What happened to one document, by its number and kind; `kind_said` is what people call that.

    `redacted` says what is taken out and how often; `counted` the same by page, for programs. `edits` are a reviewer's.
    """

    number: int
    kind: str
    kind_said: Words
    verdict: Verdict
    said: Words
    reason: Explanation
    redacted: Words | None = None
    counted: tuple[Counted, ...] = ()
    edits: DocumentEdits | None = None

    @property
    def goes(self) -> bool:
        """Tell whether the document is among what the recipient gets, whole or redacted."""
        return self.verdict in GOES


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipRecipient:
    """How it stands with one recipient; `state` is the delivery's, or else the decision's or the ending's.

    `listed` tells whether people are shown what was decided on each field and document: not when it is all over.
    `closed` tells that nothing goes to this recipient any more. `pickup` tells the sender which code to read out, while
    the parcel waits at the postbus.
    """

    id: str
    name: str
    organisation: str
    channel: Channel | None
    channel_said: Words
    state: str
    state_said: Words
    arrived: bool
    outcome: Outcome | None
    problem: Explanation | None
    reasons: tuple[Explanation, ...]
    warnings: tuple[Explanation, ...] = ()
    fields: tuple[SlipField, ...] = ()
    documents: tuple[SlipDocument, ...] = ()
    more: Words | None = None
    listed: bool = True
    closed: bool = False
    pickup: Words | None = field(default=None, repr=False)
    pickup_code: str = field(default="", repr=False)

    @property
    def shown(self) -> tuple[SlipField, ...]:
        """Give the fields that a page can bear; what is left out comes first, for that is what people look for."""
        return tuple(sorted(self.fields, key=lambda each: each.goes))[:MAX_SHOWN]

    @property
    def counts(self) -> dict[str, int]:
        """Count what goes and what does not."""
        fields, documents = [each.goes for each in self.fields], [each.goes for each in self.documents]
        return {
            "fieldsSent": sum(fields),
            "fieldsLeftOut": len(fields) - sum(fields),
            "documentsSent": sum(documents),
            "documentsLeftOut": len(documents) - sum(documents),
        }

    def as_json(self) -> dict[str, Any]:
        """Give it as in every `--json` answer."""
        return {
            "id": self.id,
            "name": self.name,
            "organisation": self.organisation,
            "state": self.state,
            "channel": self.channel.value if self.channel else None,
            "outcome": self.outcome.value if self.outcome else None,
            "code": self.problem.code if self.problem else "",
            "reasons": [each.as_json() for each in self.reasons],
            "warnings": [each.as_json() for each in self.warnings],
            "counts": self.counts,
        } | self._pickup_json()

    def _pickup_json(self) -> dict[str, Any]:
        if self.pickup is None:
            return {}
        said = {language.value: self.pickup[language] for language in Language}
        return {"pickup": {**said, "code": self.pickup_code}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Everything that a slip says."""

    id: PackageId
    entry: str = field(repr=False)
    at: dt.datetime
    at_said: Words
    ending: Ending
    state: str
    code: str
    needs_person: bool
    sent_something: bool
    title: Words
    not_sent: tuple[Words, ...]
    happened: Words
    why: tuple[Explanation, ...]
    where: str
    where_said: Words
    faults: tuple[tuple[str, str], ...]
    faults_said: tuple[Words, ...]
    now: tuple[Words, ...]
    help: tuple[Words, ...]
    recipients: tuple[SlipRecipient, ...]
    expires_at: dt.datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the slip as `sluis-slip/1`, without the name of the entry."""
        return {
            "format": FORMAT,
            "id": self.id,
            "at": self.at.isoformat(),
            "state": self.state,
            "ending": self.ending.value,
            "expiresAt": self.expires_at.isoformat() if self.expires_at else None,
            "code": self.code,
            "where": self.where,
            "faults": [{"where": where, "expected": expected} for where, expected in self.faults],
            "recipients": [each.as_json() for each in self.recipients],
            "fields": [_field_json(recipient, each) for recipient in self.recipients for each in recipient.fields],
            "documents": [
                _document_json(recipient, each) for recipient in self.recipients for each in recipient.documents
            ],
            "text": {language.value: self._text(language) for language in Language},
        }

    def _text(self, language: Language) -> dict[str, Any]:
        return {
            "title": self.title[language],
            "notSent": [each[language] for each in self.not_sent],
            "happened": self.happened[language],
            "why": [each.words[language] for each in self.why],
            "now": [each[language] for each in self.now],
            "help": [each[language] for each in self.help],
        }


def _field_json(recipient: SlipRecipient, each: SlipField) -> dict[str, Any]:
    return {
        "recipient": recipient.id,
        "path": each.path,
        "verdict": each.verdict.value,
        "category": each.category.value if each.category else None,
        **each.reason.as_json(),
    }


def _document_json(recipient: SlipRecipient, each: SlipDocument) -> dict[str, Any]:
    return {
        "recipient": recipient.id,
        "number": each.number,
        "kind": each.kind,
        "verdict": each.verdict.value,
        "redacted": [counted_json(counted) for counted in each.counted],
        "lifted": sum(counted.count for counted in each.edits.lifted) if each.edits else 0,
        "added": each.edits.added if each.edits else 0,
        **each.reason.as_json(),
    }


def counted_json(counted: Counted) -> dict[str, Any]:
    """Give so many findings of a kind as in every `--json` answer."""
    return {
        "kind": counted.kind.value,
        "whose": counted.whose.value,
        "page": counted.page or None,
        "certain": counted.certain,
        "count": counted.count,
    }


def printable(text: str) -> str:
    """Show what the sender wrote without characters that forge lines, hide, or turn the reading direction."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
