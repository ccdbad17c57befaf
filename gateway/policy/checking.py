"""Checks what the policy files mean together; every contradiction is a fault with its file, line and key.

1. every id once, and every spelling of a field for one field only (upper and lower case, dashes, underscores and
   spaces do not make a difference: people do not see it);
2. every reference leads somewhere: fields, kinds of documents, purposes, organisations;
3. every rule that the program applies is there, and no rule is without effect, nor behind one that stops the same;
4. nothing contradicts: no purpose asks for what a rule blocks for its kind; a recipient's permission is no wider than
   its purpose; its kind is its organisation's kind; its channels are approved for its kind or named as exceptions;
5. a key belongs to one organisation: a fingerprint that was copied from another recipient's entry would encrypt for
   somebody who should not read it, and nothing later could see that.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.package.manifest import Category
from gateway.package.states import Channel, RecipientKind
from gateway.policy.policy_form import (
    BlocksForm,
    DocumentForm,
    DocumentsForm,
    FieldForm,
    FieldsForm,
    KindForm,
    KindsForm,
    OrganisationForm,
    OrganisationsForm,
    PermissionForm,
    PurposeForm,
    PurposesForm,
    RecipientForm,
    RulesForm,
)
from gateway.policy.policy_yaml import Loc, PlainFile
from gateway.policy.rules import RuleId

FormT = TypeVar("FormT")


@dataclass(frozen=True, slots=True)
class Sheet(Generic[FormT]):
    """One file: its form, and where every value stands in it."""

    file: PlainFile
    form: FormT


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyForms:
    """All policy files in good form."""

    fields: Sheet[FieldsForm]
    documents: Sheet[DocumentsForm]
    kinds: Sheet[KindsForm]
    purposes: Sheet[PurposesForm]
    organisations: Sheet[OrganisationsForm]
    rules: Sheet[RulesForm]

    def field_of(self) -> dict[str, FieldForm]:
        """Give the catalogue by field id."""
        return {item.id: item for item in self.fields.form.fields}

    def document_of(self) -> dict[str, DocumentForm]:
        """Give the kinds of documents by id."""
        return {item.id: item for item in self.documents.form.documents}

    def kind_of(self) -> dict[RecipientKind, KindForm]:
        """Give the kinds of recipients by id."""
        return {item.id: item for item in self.kinds.form.kinds}

    def purposes_of(self, kind: RecipientKind) -> dict[str, PurposeForm]:
        """Give the purposes of one kind of recipient by id."""
        return {item.id: item for item in self.purposes.form.purposes.get(kind, [])}

    def organisation_of(self) -> dict[str, OrganisationForm]:
        """Give the organisations by every name they are written with, case folded."""
        return {
            name.casefold(): item for item in self.organisations.form.organisations for name in (item.id, *item.aliases)
        }


def check_policies(forms: PolicyForms) -> None:
    """Check the policy files together; each fault is written down in its own file's list."""
    _check_fields(forms.fields)
    _check_once(forms.documents.file, "documents", [item.id for item in forms.documents.form.documents])
    _check_kinds(forms.kinds)
    _check_organisations(forms.organisations)
    _check_rules(forms)
    for kind, purposes in forms.purposes.form.purposes.items():
        loc: Loc = ("purposes", kind.value)
        _check_once(forms.purposes.file, loc, [item.id for item in purposes])
        for index, purpose in enumerate(purposes):
            _check_purpose(purpose, kind=kind, loc=(*loc, index), forms=forms)


def check_recipients(recipients: Iterable[Sheet[RecipientForm]], *, forms: PolicyForms) -> None:
    """Check the entries of the recipient register against the policy files and against each other."""
    folders: dict[str, str] = {}
    owners: dict[str, tuple[str, str]] = {}
    kinds = forms.kind_of()
    for sheet in recipients:
        entry, file = sheet.form, sheet.file
        if entry.kind not in kinds:
            continue
        if file.name != f"recipients/{entry.id}.yaml":
            file.fault(("id",), "the file's own name, without .yaml, expected")
        _check_organisation(sheet, forms=forms)
        _check_channels(sheet, approved=frozenset(kinds[entry.kind].channels))
        _check_keys(sheet, owners=owners, forms=forms)
        _check_once(file, "permissions", [item.purpose for item in entry.permissions])
        for index, permission in enumerate(entry.permissions):
            _check_permission(sheet, permission, loc=("permissions", index), forms=forms)
        for index, channel in enumerate(entry.channels):
            if channel.channel is Channel.FILE_DROP and folders.setdefault(channel.address, entry.id) != entry.id:
                file.fault(("channels", index, "address"), "a drop folder that no other recipient has expected")


def fold(spelling: str) -> str:
    """Write a spelling as people see it: without case, dashes, underscores and spaces."""
    return re.sub(r"[-_ ]", "", spelling).casefold()


# ---- Policies ------------------------------------------------------------------------------------------------


def _check_once(file: PlainFile, loc: Loc | str, ids: list[str]) -> None:
    place: Loc = (loc,) if isinstance(loc, str) else loc
    before: set[str] = set()
    for index, name in enumerate(ids):
        if name in before:
            file.fault((*place, index), f"each of these once expected, but '{name}' stands here again")
        before.add(name)


def _check_fields(sheet: Sheet[FieldsForm]) -> None:
    _check_once(sheet.file, "fields", [item.id for item in sheet.form.fields])
    owners: dict[str, str] = {}
    for index, item in enumerate(sheet.form.fields):
        for spelling in (item.id, *item.aliases):
            owner = owners.setdefault(fold(spelling), item.id)
            if owner != item.id:
                sheet.file.fault(("fields", index), f"'{spelling}' belongs to the field '{owner}' already")


def _check_kinds(sheet: Sheet[KindsForm]) -> None:
    ids = [item.id for item in sheet.form.kinds]
    _check_once(sheet.file, "kinds", [item.value for item in ids])
    for kind in RecipientKind:
        if kind not in ids:
            sheet.file.fault(("kinds",), f"the kind '{kind}' expected")
    for index, item in enumerate(sheet.form.kinds):
        bvv = Channel.CHAIN_FACILITY in item.channels
        if bvv and item.id is not RecipientKind.CHAIN_PARTNER:
            sheet.file.fault(("kinds", index, "channels"), "chain-facility only for chain_partner expected")


def _check_organisations(sheet: Sheet[OrganisationsForm]) -> None:
    owners: dict[str, int] = {}
    for index, item in enumerate(sheet.form.organisations):
        for name in (item.id, *item.aliases):
            if owners.setdefault(name.casefold(), index) != index:
                sheet.file.fault(("organisations", index), f"'{name}' belongs to another organisation already")


def _check_rules(forms: PolicyForms) -> None:
    file, rules, catalogue = forms.rules.file, forms.rules.form.rules, forms.field_of()
    ids = [item.id for item in rules]
    _check_once(file, "rules", ids)
    for rule_id in RuleId:
        if rule_id not in ids:
            file.fault(("rules",), f"the rule '{rule_id}' expected, because the program applies it")
    for index, item in enumerate(rules):
        built_in = item.id in set(RuleId)
        if built_in == (item.blocks is not None):
            wanted = "no 'blocks' for a rule of the program" if built_in else "'blocks', or the id of a program's rule,"
            file.fault(("rules", index), f"{wanted} expected")
        for field_id in item.blocks.fields if item.blocks else ():
            if field_id not in catalogue:
                file.fault(("rules", index, "blocks", "fields"), f"a field of fields.yaml expected, not '{field_id}'")

    _check_each_rule_counts(forms)


def _check_each_rule_counts(forms: PolicyForms) -> None:
    """Refuse a rule that never counts because another one, which stands before it, stops all that it would stop."""
    before: dict[str, frozenset[tuple[str, RecipientKind]]] = {}
    always: set[str] = set()
    for index, rule in enumerate(forms.rules.form.rules):
        if rule.blocks is None:
            continue
        stopped = frozenset(
            (item.id, kind)
            for item in forms.fields.form.fields
            for kind in RecipientKind
            if _stops(rule.blocks, item=item, kind=kind)
        )
        for other, stopped_before in before.items():
            if stopped and stopped <= stopped_before and (other in always or rule.blocks.when != "always"):
                expectation = f"the rule '{rule.id}' before '{other}', which stops the same and counts first"
                forms.rules.file.fault(("rules", index, "blocks"), expectation)
        before[rule.id] = stopped
        if rule.blocks.when == "always":
            always.add(rule.id)


def _check_purpose(purpose: PurposeForm, *, kind: RecipientKind, loc: Loc, forms: PolicyForms) -> None:
    file, catalogue, documents = forms.purposes.file, forms.field_of(), forms.document_of()
    _check_once(file, (*loc, "fields"), list(purpose.fields))
    _check_once(file, (*loc, "documents"), list(purpose.documents))
    for index, name in enumerate(purpose.fields):
        item = catalogue.get(name)
        why = _never_leaves(item, kind=kind, forms=forms) if item else f"a field of fields.yaml expected, not '{name}'"
        if why:
            file.fault((*loc, "fields", index), why)
    for index, name in enumerate(purpose.documents):
        document = documents.get(name)
        if document is None:
            file.fault((*loc, "documents", index), f"a kind of documents.yaml expected, not '{name}'")
        elif document.category is Category.INTERNAL:
            file.fault((*loc, "documents", index), f"'{name}' is internal and never leaves: take it out of the list")


def _never_leaves(item: FieldForm, *, kind: RecipientKind, forms: PolicyForms) -> str:
    if item.category is Category.INTERNAL:
        return f"'{item.id}' is internal and never leaves: take it out of the list"
    for rule in forms.rules.form.rules:
        if rule.blocks and rule.blocks.when == "always" and _stops(rule.blocks, item=item, kind=kind):
            return f"the rule '{rule.id}' blocks '{item.id}' for {kind}: change the rule or this list"
    return ""


def _stops(blocks: BlocksForm, *, item: FieldForm, kind: RecipientKind) -> bool:
    return kind in blocks.for_kinds and (item.id in blocks.fields or item.special in blocks.special)


# ---- Recipients ----------------------------------------------------------------------------------------------


def _check_organisation(sheet: Sheet[RecipientForm], *, forms: PolicyForms) -> None:
    entry = sheet.form
    organisation = forms.organisation_of().get(entry.organisation.casefold())
    if organisation is not None and organisation.kind is not entry.kind:
        sheet.file.fault(("kind",), f"{organisation.kind} expected, as organisations.yaml says of '{organisation.id}'")
    if organisation is None and forms.kind_of()[entry.kind].named_only:
        sheet.file.fault(("organisation",), f"an organisation of kind {entry.kind} in organisations.yaml expected")


def _check_channels(sheet: Sheet[RecipientForm], *, approved: frozenset[Channel]) -> None:
    entry, file = sheet.form, sheet.file
    exceptions = frozenset(entry.exception_channels)
    listed = [item.channel for item in entry.channels]
    _check_once(file, "channels", [item.value for item in listed])
    for index, channel in enumerate(listed):
        if channel not in approved | exceptions:
            file.fault(("channels", index, "channel"), f"a channel that is approved for {entry.kind} expected")
    for index, channel in enumerate(entry.exception_channels):
        if channel in approved or channel is Channel.CHAIN_FACILITY:
            file.fault(("exceptionChannels", index), "a channel that can be an exception for this kind expected")
        elif channel not in listed:
            file.fault(("exceptionChannels", index), "a channel that stands in 'channels' too expected")
    if not approved & frozenset(listed):
        file.fault(("channels",), f"at least one channel that is approved for {entry.kind} expected")


def _check_keys(sheet: Sheet[RecipientForm], *, owners: dict[str, tuple[str, str]], forms: PolicyForms) -> None:
    """Refuse a key that another organisation's recipient has; `owners` gives recipient and organisation by key."""
    entry = sheet.form
    known = forms.organisation_of().get(entry.organisation.casefold())
    organisation = (known.id if known else entry.organisation).casefold()
    for index, channel in enumerate(entry.channels):
        for place, key in enumerate(channel.keys):
            owner, of = owners.setdefault(key, (entry.id, organisation))
            if of != organisation:
                expectation = f"a key of the organisation of '{entry.id}' alone expected, but '{owner}' has this one"
                sheet.file.fault(("channels", index, "keys", place), expectation)


def _check_permission(sheet: Sheet[RecipientForm], permission: PermissionForm, *, loc: Loc, forms: PolicyForms) -> None:
    file = sheet.file
    purpose = forms.purposes_of(sheet.form.kind).get(permission.purpose)
    if purpose is None or purpose.refused:
        file.fault((*loc, "purpose"), f"a purpose of purposes.yaml that {sheet.form.kind} may have expected")
        return
    _check_narrower(file, (*loc, "fields"), given=permission.fields, widest=purpose.fields)
    _check_narrower(file, (*loc, "documents"), given=permission.documents or [], widest=purpose.documents)


def _check_narrower(file: PlainFile, loc: Loc, *, given: list[str], widest: list[str]) -> None:
    _check_once(file, loc, given)
    for index, name in enumerate(given):
        if name not in widest:
            file.fault((*loc, index), f"'{name}' is not in the purpose's list; a permission can not be wider")
