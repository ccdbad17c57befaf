"""Turns checked forms into a policy set: tables in which the decision only has to look up.

Rules:
1. Only forms without a single fault come here; what is missing is a fault of our own and raises KeyError.
2. Verdicts on catalogued fields are made here once. Recipients with the same permission share one table, and all
   tables share their verdict objects, so that a register of thousands stays small.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.package.holding import HoldTimes
from gateway.package.ids import Fingerprint, RecipientId
from gateway.package.labels import Label, Labels
from gateway.package.manifest import Category
from gateway.package.states import FieldVerdict, PrivacyOffice, Reason, RecipientKind, Verdict
from gateway.policy.checking import PolicyForms
from gateway.policy.field_rules import FieldCase, judge_field
from gateway.policy.grounds import ground_of
from gateway.policy.likeness import Lookalikes
from gateway.policy.policy_form import (
    FieldForm,
    GuardForm,
    OrganisationForm,
    PermissionForm,
    PurposeForm,
    RecipientForm,
    RuleForm,
)
from gateway.policy.policy_form import (
    Label as LabelForm,
)
from gateway.policy.policy_set import (
    BlockRule,
    CatalogueField,
    ConsentRule,
    DocumentKind,
    Grant,
    GuardRule,
    KindPolicy,
    NecessityRule,
    Organisation,
    PolicySet,
    Purpose,
    Recipient,
    RecipientChannel,
    Verdicts,
)
from gateway.policy.rules import RuleId
from gateway.policy.same_person import Identifying


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPolicies:
    """One set: compiled, and as its authors wrote it."""

    policy: PolicySet
    forms: PolicyForms
    recipients: tuple[RecipientForm, ...]


def compile_policies(forms: PolicyForms, *, recipients: Sequence[RecipientForm], digest: str) -> PolicySet:
    """Build the policy set out of forms that `checking.py` found nothing wrong with."""
    tables = _Tables(forms)
    kinds = {kind: _kind_policy(forms, kind=kind) for kind in RecipientKind}
    named = {name: _organisation(form) for name, form in forms.organisation_of().items()}
    kind_of = forms.kind_of()
    register = {
        RecipientId(form.id): _recipient(form, named=named, officials_stay=kind_of[form.kind].officials_stay)
        for form in recipients
    }
    grants = {
        (RecipientId(form.id), permission.purpose): tables.grant(
            register[RecipientId(form.id)],
            purpose=kinds[form.kind].purposes[permission.purpose],
            permission=permission,
        )
        for form in recipients
        for permission in form.permissions
    }
    return PolicySet(
        digest=digest,
        reasons=tables.reasons,
        necessity=_necessity(forms),
        consent=ConsentRule(months=forms.rules.form.consent.months),
        guard=_guard(forms.rules.form.guard),
        holds=_hold_times(forms),
        organisations=named,
        kinds=kinds,
        documents=_document_kinds(forms, blocks=tables.blocks),
        recipients=register,
        lookalikes=Lookalikes(register),
        grants=grants,
        purposes=frozenset(purpose for kind in kinds.values() for purpose in kind.purposes),
        forms=tables.forms,
        field_ids=tables.field_ids,
        identifying=_identifying(forms),
        labels=_labels(forms),
    )


class _Tables:
    """Makes the verdict tables and keeps what they share."""

    def __init__(self, forms: PolicyForms) -> None:
        made = {item.id: _reason(item) for item in forms.rules.form.rules}
        self.reasons = {rule_id: made[rule_id] for rule_id in RuleId}
        self.blocks = tuple(_block_rule(item) for item in forms.rules.form.rules if item.blocks)
        self._catalogue = tuple(_catalogue_field(item) for item in forms.fields.form.fields)
        self.forms = {spelling: item.form for item in self._catalogue if item.form for spelling in item.spellings}
        self.field_ids = {spelling: item.id for item in self._catalogue for spelling in item.spellings}
        self._verdicts: dict[tuple[str, Verdict, str], FieldVerdict] = {}
        self._tables: dict[FieldCase, Verdicts] = {}

    def grant(self, recipient: Recipient, *, purpose: Purpose, permission: PermissionForm) -> Grant:
        """Make one recipient's grant for one purpose."""
        given = frozenset(permission.fields)

        def table(*, necessity: bool, secret_address: bool) -> Verdicts:
            return self._table(
                FieldCase(
                    kind=recipient.kind,
                    small_chain=recipient.small_chain,
                    purpose=purpose,
                    given=given,
                    necessity=necessity,
                    secret_address=secret_address,
                )
            )

        return Grant(
            purpose=purpose,
            documents=purpose.documents if permission.documents is None else frozenset(permission.documents),
            review_on=permission.review_on,
            verdicts=(
                (table(necessity=False, secret_address=False), table(necessity=False, secret_address=True)),
                (table(necessity=True, secret_address=False), table(necessity=True, secret_address=True)),
            ),
        )

    def _table(self, case: FieldCase) -> Verdicts:
        if case not in self._tables:
            self._tables[case] = {
                spelling: self._verdict(spelling, item=item, case=case)
                for item in self._catalogue
                for spelling in item.spellings
            }
        return self._tables[case]

    def _verdict(self, spelling: str, *, item: CatalogueField, case: FieldCase) -> FieldVerdict:
        verdict, reason = judge_field(item, case=case, blocks=self.blocks, reasons=self.reasons)
        key = (spelling, verdict, reason.rule_id)
        if key not in self._verdicts:
            self._verdicts[key] = FieldVerdict(path=spelling, verdict=verdict, reason=reason, category=item.category)
        return self._verdicts[key]


def _labels(forms: PolicyForms) -> Labels:
    fields = forms.fields.form.fields
    return Labels(
        fields={path: _label(item.label) for item in fields for path in (item.id, *item.aliases)},
        documents={item.id: _label(item.label) for item in forms.documents.form.documents},
        purposes={
            (kind, name): _label(item.label) for kind in RecipientKind for name, item in forms.purposes_of(kind).items()
        },
        ordinary=frozenset(item.id for item in forms.documents.form.documents if item.category is Category.ORDINARY),
    )


def _label(form: LabelForm) -> Label:
    return Label(form.nl, form.en)


def _reason(form: RuleForm) -> Reason:
    return Reason(rule_id=form.id, nl=form.nl, en=form.en, step=form.step, article=form.article)


def _block_rule(form: RuleForm) -> BlockRule:
    if form.blocks is None:
        raise ValueError("a rule without blocks is no block rule")
    return BlockRule(
        reason=_reason(form),
        fields=frozenset(form.blocks.fields),
        special=frozenset(form.blocks.special),
        kinds=frozenset(form.blocks.for_kinds),
        when=form.blocks.when,
    )


def _identifying(forms: PolicyForms) -> dict[str, Identifying]:
    fields = {form.id: form for form in forms.fields.form.fields}
    known = ((what, fields[what]) for what in Identifying if what in fields)
    return {spelling: what for what, form in known for spelling in (form.id, *form.aliases)}


def _catalogue_field(form: FieldForm) -> CatalogueField:
    return CatalogueField(
        id=form.id,
        category=form.category,
        special=form.special,
        spellings=(form.id, *form.aliases),
        form=form.validator,
    )


def _document_kinds(forms: PolicyForms, *, blocks: Sequence[BlockRule]) -> dict[str, DocumentKind]:
    # A rule that blocks a whole group of special data for everybody blocks the documents that consist of it too.
    everybody = frozenset(RecipientKind)
    blocking = {
        special: rule.reason for rule in reversed(blocks) for special in rule.special if rule.kinds == everybody
    }
    return {
        form.id: DocumentKind(
            id=form.id,
            category=form.category,
            may_hold=tuple(form.may_hold),
            blocked=blocking.get(form.special) if form.special else None,
        )
        for form in forms.documents.form.documents
    }


def _kind_policy(forms: PolicyForms, *, kind: RecipientKind) -> KindPolicy:
    form = forms.kind_of()[kind]
    return KindPolicy(
        kind=kind,
        needs=frozenset(form.needs),
        channels=frozenset(form.channels),
        purposes={name: _purpose(item) for name, item in forms.purposes_of(kind).items()},
        ground=ground_of(form.article),
    )


def _purpose(form: PurposeForm) -> Purpose:
    return Purpose(
        id=form.id,
        fields=frozenset(form.fields),
        documents=frozenset(form.documents),
        refused=form.refused,
        names_secret_address=form.names_secret_address,
    )


def _organisation(form: OrganisationForm) -> Organisation:
    office = PrivacyOffice(organisation=form.id, email=form.privacy_office.email) if form.privacy_office else None
    return Organisation(id=form.id, kind=form.kind, small_chain=form.small_chain, privacy_office=office)


def _necessity(forms: PolicyForms) -> NecessityRule:
    form = forms.rules.form.necessity
    return NecessityRule(
        characters=form.characters,
        different_words=form.different_words,
        fillers=frozenset(word.casefold() for word in form.fillers),
    )


def _hold_times(forms: PolicyForms) -> HoldTimes:
    """Give the days of the file; a file from before there were any gets the shipped ones."""
    form = forms.rules.form.holds
    if form is None:
        return HoldTimes()
    return HoldTimes(
        remind_days=form.remind_after_days, escalate_days=form.escalate_after_days, expire_days=form.expire_after_days
    )


def _guard(form: GuardForm) -> GuardRule:
    actions = {
        RuleId.GUARD_FIRST_TIME: form.first_time,
        RuleId.GUARD_OTHER_THAN_BEFORE: form.other_than_before,
        RuleId.GUARD_NEAR_MISS: form.near_miss,
        RuleId.GUARD_OTHER_NAMED: form.other_named,
        RuleId.GUARD_SAME_DATA: form.same_data,
    }
    return GuardRule(actions=actions, same_data_days=form.same_data_days)


def _recipient(form: RecipientForm, *, named: dict[str, Organisation], officials_stay: bool) -> Recipient:
    organisation = named.get(form.organisation.casefold())
    return Recipient(
        id=RecipientId(form.id),
        kind=form.kind,
        organisation=form.organisation,
        name=form.name,
        language=form.language,
        bar_number=form.bar_number,
        small_chain=organisation is not None and organisation.small_chain,
        channels=tuple(
            RecipientChannel(
                channel=item.channel,
                address=item.address,
                keys=tuple(Fingerprint(key) for key in item.keys),
                sms=item.sms or "",
            )
            for item in form.channels
        ),
        exception_channels=frozenset(form.exception_channels),
        tell_left_out=form.tell_left_out,
        officials_stay=officials_stay,
    )
