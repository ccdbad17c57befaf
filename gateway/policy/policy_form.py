"""The form of each policy file and of a recipient's entry; what they mean together is checked by `compiling.py`.

Rules: camelCase keys, unknown keys refused by name, nothing guessed. `read_form` reports all faults of a file.
"""

import datetime as dt
import re
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from gateway.package.drop_addresses import parse_drop_address
from gateway.package.errors import SluisError
from gateway.package.ids import SLUG, Fingerprint, KeyKind, kind_of, parse_key
from gateway.package.manifest import Category
from gateway.package.oin import OIN
from gateway.package.states import Channel, Language, RecipientKind
from gateway.policy.policy_set import GuardAction, MayHold, Need, Special
from gateway.policy.policy_yaml import PlainFile
from gateway.policy.value_forms import ValueForm

_RULE_ID = r"^[a-z][a-z-]*\.[a-z][a-z-]*$"
_EMAIL = r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
_PATH_STEP = re.compile(r"[^.\[]+(\[\])*")


def _day(value: object) -> dt.date:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("a date as YYYY-MM-DD expected")
    return dt.date.fromisoformat(value)


def _whole(value: object) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,6}", value):
        raise ValueError("a whole number expected")
    return int(value)


def _fingerprint(text: str) -> str:
    try:
        return parse_key(text)
    except SluisError:
        raise ValueError(
            "a fingerprint of 40 hexadecimal digits, x509: and the SHA-256 of a certificate, or an age1 key expected"
        ) from None


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("text without control characters expected")
    return text


def _path(text: str) -> str:
    if not all(_PATH_STEP.fullmatch(step) for step in text.split(".")):
        raise ValueError("a path such as address.street or familyMembers[].name expected; a dot inside a name is ~1")
    return text


Text = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_printable)]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
FieldId = Annotated[str, StringConstraints(pattern=r"^[a-z][A-Za-z0-9]{0,63}$")]
Path = Annotated[Text, AfterValidator(_path)]
Day = Annotated[dt.date, BeforeValidator(_day)]
Whole = Annotated[int, BeforeValidator(_whole)]
Days = Annotated[Whole, Field(ge=1, le=365)]
Email = Annotated[str, StringConstraints(pattern=_EMAIL)]
KeyFingerprint = Annotated[str, AfterValidator(_fingerprint)]


class Form(BaseModel):
    """The base of every form."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, hide_input_in_errors=True)


class Label(Form):
    """A text in both languages."""

    nl: Text
    en: Text


class _Classified(Form):
    category: Category
    special: Special | None = None

    @model_validator(mode="after")
    def _names_which_special(self) -> "_Classified":
        if (self.category is Category.SPECIAL) != (self.special is not None):
            raise ValueError("'special' expected with category special, and only there")
        return self


class FieldForm(_Classified):
    """One field of the catalogue."""

    id: FieldId
    label: Label
    aliases: list[Path] = []
    validator: ValueForm | None = None


class DocumentForm(_Classified):
    """One kind of document."""

    id: Slug
    label: Label
    may_hold: list[MayHold] = []


class KindForm(Form):
    """One kind of recipient."""

    id: RecipientKind
    label: Label
    basis: Label
    article: Text
    needs: list[Need]
    channels: Annotated[list[Channel], Field(min_length=1)]
    named_only: StrictBool
    officials_stay: StrictBool = False


class PurposeForm(Form):
    """One purpose: a list of what it needs, or a refusal."""

    id: Slug
    label: Label
    fields: list[FieldId] = []
    documents: list[Slug] = []
    names_secret_address: StrictBool = False
    refused: StrictBool = False

    @model_validator(mode="after")
    def _says_one_thing(self) -> "PurposeForm":
        if self.refused and (self.fields or self.documents or self.names_secret_address):
            raise ValueError("a refused purpose without fields and documents expected")
        if not self.refused and not (self.fields or self.documents):
            raise ValueError("fields or documents expected, or refused: true")
        return self


class OfficeForm(Form):
    """An office that people may turn to."""

    email: Email


class OrganisationForm(Form):
    """One organisation that the guide names."""

    id: Text
    label: Label
    aliases: list[Text] = []
    kind: RecipientKind
    small_chain: StrictBool
    privacy_office: OfficeForm | None = None
    security_office: OfficeForm | None = None

    @model_validator(mode="after")
    def _small_chain_is_chain(self) -> "OrganisationForm":
        if self.small_chain and self.kind is not RecipientKind.CHAIN_PARTNER:
            raise ValueError("smallChain: true only for a chain_partner expected")
        return self


class NecessityForm(Form):
    """What counts as a written necessity."""

    characters: Whole
    different_words: Whole
    fillers: list[Text]


class ConsentForm(Form):
    """How long an authorisation without an end holds."""

    months: Annotated[Whole, Field(ge=1, le=120)]


class HoldsForm(Form):
    """After how many days a hold is told of again, and when it expires."""

    remind_after_days: Days
    escalate_after_days: Days
    expire_after_days: Days

    @model_validator(mode="after")
    def _comes_in_order(self) -> "HoldsForm":
        if not self.remind_after_days < self.escalate_after_days < self.expire_after_days:
            raise ValueError("remindAfterDays below escalateAfterDays below expireAfterDays expected")
        return self


class GuardForm(Form):
    """What each rule of the wrong-recipient guard does, and how long the same data counts as sent shortly before."""

    first_time: GuardAction
    other_than_before: GuardAction
    near_miss: GuardAction
    other_named: GuardAction
    same_data: GuardAction
    same_data_days: Annotated[Whole, Field(ge=1, le=365)]


class BlocksForm(Form):
    """Which fields a rule stops, for whom and when."""

    fields: list[FieldId] = []
    special: list[Special] = []
    for_kinds: Annotated[list[RecipientKind], Field(alias="for", min_length=1)] = list(RecipientKind)
    when: Literal["always", "secret-address"] = "always"

    @model_validator(mode="after")
    def _stops_something(self) -> "BlocksForm":
        if not self.fields and not self.special:
            raise ValueError("'fields' or 'special' expected")
        return self


class RuleForm(Form):
    """One rule."""

    id: Annotated[str, StringConstraints(pattern=_RULE_ID)]
    step: Annotated[Whole, Field(ge=0, le=4)]
    article: Text
    nl: Text
    en: Text
    blocks: BlocksForm | None = None


class FieldsForm(Form):
    """The file fields.yaml."""

    fields: list[FieldForm]


class DocumentsForm(Form):
    """The file documents.yaml."""

    documents: list[DocumentForm]


class KindsForm(Form):
    """The file kinds.yaml."""

    kinds: list[KindForm]


class PurposesForm(Form):
    """The file purposes.yaml."""

    purposes: dict[RecipientKind, list[PurposeForm]]


class OrganisationsForm(Form):
    """The file organisations.yaml."""

    organisations: list[OrganisationForm]


class RulesForm(Form):
    """The file rules.yaml."""

    necessity: NecessityForm
    consent: ConsentForm
    guard: GuardForm
    holds: HoldsForm | None = None
    rules: list[RuleForm]


class RecipientChannelForm(Form):
    """One channel of a recipient, with its address there."""

    channel: Channel
    address: Text
    keys: list[KeyFingerprint]
    sms: Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")] | None = None

    @model_validator(mode="after")
    def _has_a_telephone_for_codes_only(self) -> "RecipientChannelForm":
        if self.sms is not None and self.channel is not Channel.POSTBUS:
            raise ValueError("sms for postbus only: nothing else has a code")
        return self

    @model_validator(mode="after")
    def _has_a_fitting_address(self) -> "RecipientChannelForm":
        if self.channel is Channel.SECURE_MAIL and not re.fullmatch(_EMAIL, self.address):
            raise ValueError("an e-mail address expected for secure-mail")
        if self.channel is Channel.POSTBUS and not re.fullmatch(_EMAIL, self.address):
            raise ValueError("an e-mail address expected for postbus")
        if self.channel is Channel.FILE_DROP and parse_drop_address(self.address) is None:
            raise ValueError(
                "FOLDER, sftp:SERVER/FOLDER, webdav:SERVER/FOLDER or bestandenpostbus:NAME@DOMAIN expected for "
                "file-drop"
            )
        if self.channel is Channel.CHAIN_FACILITY and not re.fullmatch(OIN, self.address):
            raise ValueError("an OIN of 20 positions expected for chain-facility")
        return self

    @model_validator(mode="after")
    def _has_keys_of_one_kind(self) -> "RecipientChannelForm":
        """Refuse keys that no one container takes: each package is sealed once, for all keys of the channel."""
        kinds = {kind_of(Fingerprint(key)) for key in self.keys}
        if len(kinds) > 1:
            raise ValueError("keys of one kind only expected: fingerprints, certificates (x509:) or age keys")
        if KeyKind.AGE in kinds and self.channel is Channel.SECURE_MAIL:
            raise ValueError("no age key expected for secure-mail: age knows no mail; it is for file-drop")
        return self


class PermissionForm(Form):
    """What this recipient may get for one purpose; without `documents`: those of the purpose."""

    purpose: Slug
    fields: list[FieldId]
    documents: list[Slug] | None = None
    review_on: Day


class RecipientForm(Form):
    """The file recipients/ID.yaml."""

    id: Slug
    kind: RecipientKind
    organisation: Text
    name: Text
    language: Language
    bar_number: Text | None = None
    channels: Annotated[list[RecipientChannelForm], Field(min_length=1)]
    exception_channels: list[Channel] = []
    permissions: list[PermissionForm]
    tell_left_out: StrictBool = True


FormT = TypeVar("FormT", bound=Form)

_EXPECTED = {"missing": "this key expected", "extra_forbidden": "a known key expected: this one is unknown"}


def read_form(file: PlainFile, form: type[FormT]) -> FormT | None:
    """Check the form of one file; every fault is written down, and then there is no form."""
    try:
        return form.model_validate(file.value)
    except ValidationError as error:
        if file.lines:
            for fault in error.errors(include_url=False, include_context=False, include_input=False):
                message = fault["msg"].removeprefix("Value error, ")
                file.fault(fault["loc"], _EXPECTED.get(fault["type"], message))
        return None
