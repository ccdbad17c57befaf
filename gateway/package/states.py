"""The states of one package, each its own frozen type: a skipped stage is a type error.

    Package -> Examined -> Cleared -> Minimised -> Sealed -> Delivered

Rules:
1. Each stage takes the previous type and returns the next one, or an ending. Endings are members of a union and
   are closed with `assert_never`.
2. No type prints its values: `repr` shows names and numbers only, so that a traceback or log leaks nothing.
3. `Sealed` holds no plaintext and no way back to it. Plaintext ends there.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import JsonValue

from gateway.package import facts
from gateway.package.edits import DocumentEdits
from gateway.package.history import NOTHING_SENT, History
from gateway.package.ids import Fingerprint, PackageId, PersonId, RecipientId
from gateway.package.known import NOBODY_KNOWN, Known
from gateway.package.manifest import Category, FileRole, Manifest
from gateway.package.pickup import PickUp
from gateway.package.reviews import Review


class Source(StrEnum):
    """By which door a package came in."""

    OUTBOX = "outbox"
    API = "api"


class PackageState(StrEnum):
    """State of a package, as people and programs see it."""

    INCOMPLETE = "incomplete"
    RECEIVED = "received"
    HELD = "held"
    REFUSED = "refused"
    RELEASING = "releasing"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class DeliveryState(StrEnum):
    """State of one delivery: one recipient of one package."""

    WAITING = "waiting"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    WITHDRAWN = "withdrawn"


class RecipientKind(StrEnum):
    """Who asks: step 1 of the Wegwijzer."""

    CHAIN_PARTNER = "chain_partner"
    MUNICIPALITY = "municipality"
    NGO = "ngo"
    GUARDIAN = "guardian"
    LAWYER = "lawyer"


class Channel(StrEnum):
    """How it is shared: step 4 of the Wegwijzer."""

    CHAIN_FACILITY = "chain-facility"
    SECURE_MAIL = "secure-mail"
    POSTBUS = "postbus"
    FILE_DROP = "file-drop"


class Language(StrEnum):
    """Languages of letters, slips and reasons."""

    NL = "nl"
    EN = "en"


# ---- Package -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitter:
    """Who really handed the package in, as the operating system or the token says.

    `uid` is the operating-system user of that person, None for who has none: people get other ids, the user stays.
    """

    person: PersonId
    organisation: str
    roles: tuple[str, ...]
    application: bool = False
    uid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file of the package, resting encrypted in the spool under `stream`.

    `digest` is keyed (HMAC-SHA-256 under the site's digest key), since plaintext digests can be guessed.
    """

    number: int
    role: FileRole
    kind: str
    size: int
    digest: str
    stream: str
    declared_categories: tuple[Category, ...] = ()
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A complete package: manifest checked in form, every declared file durable in the spool."""

    id: PackageId
    source: Source
    submitter: Submitter
    received_at: dt.datetime
    manifest: Manifest = field(repr=False)
    documents: tuple[Document, ...]
    entry: str = field(default="", repr=False)


class ByteReader(Protocol):
    """A stream of plaintext bytes out of the encrypting spool."""

    def read(self, size: int = -1, /) -> bytes:
        """Read at most `size` bytes; the end is b"". Raises SluisError `payload-corrupt` on any tampering."""
        ...

    def close(self) -> None:
        """Forget the key and close the file."""
        ...


class Contents(Protocol):
    """Gives stages the plaintext of one package's documents; only evidence, minimise and seal ever hold one."""

    def open(self, document: Document, /) -> ByteReader:
        """Open one document from its beginning; may be called again for a second reading."""
        ...


# ---- Examined ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The package's data, read and normalised; `rows` of a record is one row.

    shape `record`: one JSON object. shape `list`: a JSON array of objects. shape `table`: CSV rows, text values.
    """

    shape: Literal["record", "list", "table"]
    rows: tuple[Mapping[str, JsonValue], ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Every fact that the decision may use, gathered before it; the decision fetches nothing. Never a value.

    `today` is the day of the decision in Europe/Amsterdam. Ages are whole years; both bounds are given because a
    birth date may be partly unknown: `youngest` is the age if born on the latest day that the date can mean.
    `consent` is None without an authorisation; `bar` has the lawyers among the recipients who have a number.
    `history` is what was sent before, for the wrong-recipient guard. `findings` are those in documents that were
    searched for people.
    """

    today: dt.date
    youngest: int | None
    oldest: int | None
    keys: Mapping[Fingerprint, facts.KeyHealth]
    documents: Mapping[int, facts.Searchability]
    open_channels: frozenset[Channel]
    consent: facts.ConsentFacts | None = None
    mandate: facts.Paper = facts.Paper.MISSING
    mandate_signature: facts.PaperSignature = facts.PaperSignature.NONE
    bar: Mapping[RecipientId, facts.Standing] = field(default_factory=dict)
    history: History = NOTHING_SENT
    findings: Mapping[int, facts.DocumentFindings] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Facts):
    """Every fact, with the values that it is about: the package's data, and what reviewers wrote.

    `reviews` are what second persons decided on earlier holds of this package; whether one settles anything is policy.
    `known` is what the package says of people; `told`, by a document's number, what that one was searched with.
    Of all these the decision only gets what `gateway.package.question` has room for.
    """

    data: Data | None
    reviews: tuple[Review, ...] = ()
    known: Known = NOBODY_KNOWN
    told: Mapping[int, Known] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A package with every fact about it."""

    package: Package
    evidence: Evidence


# ---- Decided -------------------------------------------------------------------------------------------------


class Verdict(StrEnum):
    """What happens to one field or document."""

    RELEASE = "release"
    STRIP = "strip"
    REDACT = "redact"
    HOLD = "hold"
    BLOCK = "block"


class Outcome(StrEnum):
    """What happens to the package for one recipient, or as a whole."""

    CLEARED = "cleared"
    HELD = "held"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why: a rule's id, the guide's step (0 when no step), the article of law, and a plain sentence.

    A rule out of a policy file brings both languages; a problem code brings English, and gettext the Dutch.
    """

    rule_id: str
    en: str
    nl: str = ""
    step: int = 0
    article: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldVerdict:
    """The verdict on one field path, with its reason; `path` is the sender's own key path, `[]` for list items."""

    path: str
    verdict: Verdict
    reason: Reason
    category: Category | None = None

    def may_be_named(self) -> bool:
        """Tell whether the recipient may learn that this field exists and stayed behind.

        Only an ordinary field that the purpose simply does not need. That there is a religion, a diagnosis or a
        conviction to leave out is itself such data (GDPR art. 9 and 10), and the name of a field that nobody
        classified was chosen by the sender, perhaps after a person.
        """
        return self.category is Category.ORDINARY and self.verdict is Verdict.STRIP


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVerdict:
    """The verdict on one document, by its number in the manifest; `redacted` counts what is taken out of it.

    `edits` are a reviewer's changes; what they add is not among `redacted`, and what they lift is not any more.
    """

    number: int
    kind: str
    verdict: Verdict
    reason: Reason
    redacted: tuple[facts.Counted, ...] = ()
    edits: DocumentEdits | None = None

    def may_be_told(self) -> bool:
        """Tell whether the recipient may learn why this document stayed behind, and which one it was.

        Only one that the purpose does not need or the recipient was not given: of any other the reason tells of a
        conviction, an illness or a secret address, and a number would join it to the manifest.
        """
        return self.verdict is Verdict.STRIP and self.reason.rule_id in _TELL_NOTHING_OF_A_DOCUMENT


_TELL_NOTHING_OF_A_DOCUMENT = frozenset({"document.not-needed", "document.not-given", "document.unknown-kind"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientDecision:
    """Everything decided for one recipient; what later stages carry out without asking back.

    `proof` says what a signed paper proved, where one was needed and could be relied on.
    `warnings` are what the sender should look at; they stop nothing. `stays` says what need not be
    taken out of documents.
    """

    recipient: RecipientId
    name: str
    organisation: str
    kind: RecipientKind
    language: Language
    outcome: Outcome
    channel: Channel | None
    address: str = field(default="", repr=False)
    keys: tuple[Fingerprint, ...] = ()
    tell_left_out: bool = True
    stays: facts.Stays = facts.ONLY_WHAT_IS_NOBODYS
    fields: tuple[FieldVerdict, ...] = ()
    documents: tuple[DocumentVerdict, ...] = ()
    reasons: tuple[Reason, ...] = ()
    proof: facts.Proof | None = None
    warnings: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyOffice:
    """Who helps in doubt: the Privacy Office of the sending organisation. A fact to show, never an address to use."""

    organisation: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision on one package: deterministic for the same package, policy set, evidence and time.

    `recipients` has one entry for each recipient of the manifest, in its order. Under `partial: allowed` a
    cleared decision may hold recipients that are not cleared; they get nothing.
    """

    outcome: Outcome
    recipients: tuple[RecipientDecision, ...]
    policy_digest: str
    decided_at: dt.datetime
    privacy_office: PrivacyOffice | None = None

    def cleared(self) -> tuple[RecipientDecision, ...]:
        """Give the recipients that get the package."""
        return tuple(each for each in self.recipients if each.outcome is Outcome.CLEARED)

    def deciding_reasons(self) -> tuple[Reason, ...]:
        """Give the reasons that stop recipients, refusals first, each rule once."""
        order = {Outcome.REFUSED: 0, Outcome.HELD: 1}
        stopped = [each for each in self.recipients if each.outcome in order]
        found: dict[str, Reason] = {}
        for recipient in sorted(stopped, key=lambda each: order[each.outcome]):
            for reason in recipient.reasons:
                found.setdefault(reason.rule_id, reason)
        return tuple(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """An examined package whose decision lets it go on."""

    examined: Examined
    decision: Decision


# ---- Minimised -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelDocument:
    """One document as it leaves: its safe name for the recipient, media type, size in bytes, and how to read it.

    `open` gives the minimised bytes from the beginning, each time it is called.
    """

    name: str = field(repr=False)
    media_type: str
    size: int
    open: Callable[[], ByteReader] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one recipient gets, in clear and no more than permitted."""

    recipient: RecipientDecision
    data: bytes | None = field(repr=False)
    left_out: bytes | None = field(repr=False)
    documents: tuple[ParcelDocument, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimised:
    """A cleared package reduced to what is permitted, searched for residue."""

    cleared: Cleared
    parcels: tuple[Parcel, ...]


# ---- Sealed --------------------------------------------------------------------------------------------------


class Ciphertext(Protocol):
    """Sealed bytes at rest; reading them never yields plaintext."""

    @property
    def size(self) -> int:
        """Give the size in bytes."""
        ...

    @property
    def sha256(self) -> str:
        """Give the SHA-256 in hexadecimal."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Give the ciphertext from its beginning, in pieces of at most 1 MiB."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedParcel:
    """One recipient's ciphertext and what a courier needs to bring it; nothing in it is readable.

    `name` is the deterministic mark of this delivery: the Message-ID (without angle brackets) of a mail, the
    final file name on a drop, the parcel's id at the postbus. `manifest` and `signature` lie beside a drop file and
    hold no personal data; of the postbus `manifest` is what the pick-up service is told, and `pickup` opens its parcel.
    `sealer` is which engine sealed it, for the record. `traceparent` is what the requests of an attempt say of their
    trace (W3C Trace Context); empty when they say nothing.
    """

    recipient: RecipientId
    channel: Channel
    address: str = field(repr=False)
    name: str
    ciphertext: Ciphertext
    manifest: bytes = b""
    signature: bytes = b""
    sealer: str = ""
    pickup: PickUp | None = field(default=None, repr=False)
    traceparent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A package whose every parcel is encrypted for exactly its recipient."""

    id: PackageId
    parcels: tuple[SealedParcel, ...]


# ---- Delivered -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A package whose every delivery has come to its end."""

    id: PackageId
    results: Mapping[RecipientId, DeliveryState]


# ---- Endings -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """What never became a package: the sender's own input, untouched, with the problem's code."""

    code: str
    where: str = ""
    detail: Mapping[str, str | int] = field(default_factory=dict)
    faults: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A package that waits, encrypted, until somebody has done what `reasons` say.

    `where` is its place, if any, and `detail` what is known besides: codes and counts only.
    """

    package: Package
    reasons: tuple[Reason, ...]
    where: str = ""
    detail: dict[str, str | int] = field(default_factory=dict)
    decision: Decision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A package that does not go, and why."""

    package: Package
    decision: Decision


Ending = Rejected | Held | Refused | Delivered
