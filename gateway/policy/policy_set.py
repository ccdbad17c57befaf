"""The policy set: everything that the decision knows beforehand, frozen and ready to look up.

Rules:
1. A set is whole or it does not exist: `compiling.py` builds it from files without a single fault.
2. Permission is recipient x purpose x field (Wegwijzer step 3): a `Grant`. No grant, no field.
3. Verdicts on catalogued fields are made once, when the set is compiled, and shared by every decision.
"""

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from gateway.package.holding import HoldTimes
from gateway.package.ids import Fingerprint, RecipientId
from gateway.package.labels import Labels
from gateway.package.manifest import Category
from gateway.package.states import (
    Channel,
    FieldVerdict,
    Language,
    PrivacyOffice,
    Reason,
    RecipientKind,
    Verdict,
)
from gateway.policy.likeness import Lookalikes
from gateway.policy.rules import RuleId
from gateway.policy.same_person import Identifying
from gateway.policy.value_forms import ValueForm


class Special(StrEnum):
    """The seven kinds of special data of GDPR art. 9."""

    ETHNICITY = "ethnicity"
    POLITICS = "politics"
    BELIEF = "belief"
    BIOMETRICS = "biometrics"
    GENETICS = "genetics"
    HEALTH = "health"
    SEXUALITY = "sexuality"


class Need(StrEnum):
    """What a kind of recipient must prove besides its purpose (Wegwijzer step 1)."""

    CONSENT = "consent"
    REPRESENTATION = "representation"
    GUARDIANSHIP = "guardianship"
    MINOR = "minor"


class MayHold(StrEnum):
    """What can stand in a kind of document and has to be taken out first (Wegwijzer step 3)."""

    THIRD_PARTIES = "third-parties"
    FACIAL_IMAGE = "facial-image"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueField:
    """One field of the catalogue; `spellings` are its id and its aliases, as paths; `form` is what a value must fit."""

    id: str
    category: Category
    special: Special | None
    spellings: tuple[str, ...]
    form: ValueForm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind:
    """One kind of document; `blocked` is the reason when documents of this kind never leave."""

    id: str
    category: Category
    may_hold: tuple[MayHold, ...]
    blocked: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRule:
    """A rule of the policy that stops fields for some kinds of recipients, always or for a secret address only."""

    reason: Reason
    fields: frozenset[str]
    special: frozenset[Special]
    kinds: frozenset[RecipientKind]
    when: Literal["always", "secret-address"]

    def stops(self, field_id: str, special: Special | None, kind: RecipientKind) -> bool:
        """Tell whether this rule is about this field for this kind of recipient."""
        return kind in self.kinds and (field_id in self.fields or special in self.special)


@dataclass(frozen=True, slots=True, kw_only=True)
class NecessityRule:
    """What counts as a written necessity: length in characters, words that differ, and words that do not count."""

    characters: int
    different_words: int
    fillers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRule:
    """How long an authorisation without an end holds, in months."""

    months: int

    def last_day(self, signed_on: dt.date) -> dt.date:
        """Give the last day on which it holds; a day that a month does not have becomes that month's last one."""
        years, month = divmod(signed_on.month - 1 + self.months, 12)
        year, month = signed_on.year + years, month + 1
        return dt.date(year, month, min(signed_on.day, calendar.monthrange(year, month)[1]))


class GuardAction(StrEnum):
    """What a rule of the wrong-recipient guard does when it fits."""

    OFF = "off"
    WARN = "warn"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRule:
    """What each rule of the guard does, and for how many days the same data counts as sent shortly before."""

    actions: Mapping[RuleId, GuardAction]
    same_data_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """One purpose of one kind of recipient: the most that it needs."""

    id: str
    fields: frozenset[str]
    documents: frozenset[str]
    refused: bool
    names_secret_address: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KindPolicy:
    """One kind of recipient: what it must prove, its approved channels, and its purposes by id.

    `ground` is the code by which the audit log names its legal basis; empty when its articles can not be written so.
    """

    kind: RecipientKind
    needs: frozenset[Need]
    channels: frozenset[Channel]
    purposes: Mapping[str, Purpose]
    ground: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientChannel:
    """One channel of one recipient: its address there and the keys that its parcels are sealed for.

    `sms` is the telephone to which codes of the postbus go as text messages, in E.164; empty when there is none.
    """

    channel: Channel
    address: str = field(repr=False)
    keys: tuple[Fingerprint, ...]
    sms: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One entry of the recipient register; `channels` stand in the order of preference.

    `officials_stay`: it is part of government, so the names of officials in documents need not be taken out.
    """

    id: RecipientId
    kind: RecipientKind
    organisation: str
    name: str
    language: Language
    bar_number: str | None = field(repr=False)
    small_chain: bool
    channels: tuple[RecipientChannel, ...]
    exception_channels: frozenset[Channel]
    tell_left_out: bool
    officials_stay: bool = False


Verdicts = Mapping[str, FieldVerdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one recipient may get for one purpose.

    `verdicts[necessity][secret address]` maps every spelling of every catalogued field to its verdict.
    """

    purpose: Purpose
    documents: frozenset[str]
    review_on: dt.date
    verdicts: tuple[tuple[Verdicts, Verdicts], tuple[Verdicts, Verdicts]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """An organisation that the guide names; it can send when it has a Privacy Office."""

    id: str
    kind: RecipientKind
    small_chain: bool
    privacy_office: PrivacyOffice | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PolicySet:
    """One version of all the rules, named by the SHA-256 `digest` of its files.

    `organisations` are found by every name they are written with, case folded. `purposes` are the ids of all kinds
    together. `forms` has, for every spelling of a field with a validator, the form that its values must fit;
    `field_ids` the field of every spelling; `identifying` every spelling of what says whom a row of data is about.
    """

    digest: str
    reasons: Mapping[RuleId, Reason] = field(repr=False)
    necessity: NecessityRule = field(repr=False)
    consent: ConsentRule = field(repr=False)
    holds: HoldTimes = field(repr=False)
    guard: GuardRule = field(repr=False)
    organisations: Mapping[str, Organisation] = field(repr=False)
    kinds: Mapping[RecipientKind, KindPolicy] = field(repr=False)
    documents: Mapping[str, DocumentKind] = field(repr=False)
    recipients: Mapping[RecipientId, Recipient] = field(repr=False)
    lookalikes: Lookalikes = field(repr=False)
    grants: Mapping[tuple[RecipientId, str], Grant] = field(repr=False)
    purposes: frozenset[str] = field(repr=False)
    forms: Mapping[str, ValueForm] = field(repr=False)
    field_ids: Mapping[str, str] = field(repr=False)
    identifying: Mapping[str, Identifying] = field(repr=False)
    labels: Labels = field(repr=False)

    def holds_others(self, kind: str) -> bool:
        """Tell whether a document of this kind can hold others' data; one that nobody classified stays behind."""
        known = self.documents.get(kind)
        return known is not None and MayHold.THIRD_PARTIES in known.may_hold


Judgement = tuple[Verdict, Reason]
