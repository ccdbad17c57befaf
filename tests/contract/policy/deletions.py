"""The shipped rules with one item deleted: what the table of cases has to notice.

An item is anything that stands in a list, and any key but those that only hold words for people. It is deleted from the
plain data; what then no longer loads is noticed by the linter, and everything else by a case.
"""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from gateway.policy.checking import PolicyForms, Sheet, check_policies, check_recipients
from gateway.policy.compiling import compile_policies
from gateway.policy.policy_files import find_place, placeholder, read_place
from gateway.policy.policy_form import (
    DocumentsForm,
    FieldsForm,
    Form,
    KindsForm,
    OrganisationsForm,
    PurposesForm,
    RecipientForm,
    RulesForm,
    read_form,
)
from gateway.policy.policy_set import PolicySet
from gateway.policy.policy_yaml import Faults, Loc, PlainFile, read_plain
from tests.unit.policy.building import SHIPPED

FORMS: dict[str, type[Form]] = {
    "policies/documents.yaml": DocumentsForm,
    "policies/fields.yaml": FieldsForm,
    "policies/kinds.yaml": KindsForm,
    "policies/organisations.yaml": OrganisationsForm,
    "policies/purposes.yaml": PurposesForm,
    "policies/rules.yaml": RulesForm,
}
_WORDS = frozenset({"label", "basis", "article", "nl", "en", "step"})
_FLAGS = frozenset({"smallChain", "namesSecretAddress", "refused", "namedOnly"})


@dataclass(frozen=True)
class Rules:
    """The files of the policies and of the register as plain data; those of the cases stand among the latter."""

    files: dict[str, PlainFile]

    def deletions(self, name: str) -> Iterator[Loc]:
        """Give every place of one file at which an item can be deleted."""
        return _places(self.files[name].value, ())

    def flags(self) -> Iterator[tuple[str, Loc]]:
        """Give every truth value of the policies."""
        for name in FORMS:
            yield from ((name, loc) for loc in self.deletions(name) if loc[-1] in _FLAGS)

    def item(self, name: str, loc: Loc) -> object:
        """Show what stands at a place."""
        found: Any = self.files[name].value
        for step in loc:
            found = found[step]
        return found.get("id", found) if isinstance(found, dict) else found

    def unchanged(self) -> PolicySet | None:
        """Give the set as it is."""
        return _compiled(self.files, faults=Faults())

    def without(self, name: str, loc: Loc) -> PolicySet | None:
        """Give the set without one item; None when it does not load."""
        value = copy.deepcopy(self.files[name].value)
        del _parent(value, loc)[loc[-1]]
        return self._changed(name, value)

    def turned(self, name: str, loc: Loc) -> PolicySet | None:
        """Give the set with one truth value turned round; None when it does not load."""
        value = copy.deepcopy(self.files[name].value)
        parent = _parent(value, loc)
        parent[loc[-1]] = not parent[loc[-1]]
        return self._changed(name, value)

    def _changed(self, name: str, value: object) -> PolicySet | None:
        faults = Faults()
        files = {key: replace(file, faults=faults) for key, file in self.files.items()}
        files[name] = replace(files[name], value=value)
        return _compiled(files, faults=faults)


def read_rules(recipients: list[dict[str, Any]]) -> Rules:
    """Read the shipped files, and the entries that only the cases use."""
    faults = Faults()
    named = ((f"recipients/{each['id']}.yaml", each) for each in recipients)
    more = {name: json.dumps(each).encode().replace(b"@FPR@", placeholder(name)) for name, each in named}
    found = {**read_place(find_place(SHIPPED)).files, **more}
    rules = Rules({name: read_plain(name, content, faults=faults) for name, content in found.items()})
    assert () == faults.found
    return rules


def _places(value: object, loc: Loc) -> Iterator[Loc]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _WORDS:
                yield (*loc, key)
                yield from _places(inner, (*loc, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield (*loc, number)
            yield from _places(inner, (*loc, number))


def _parent(value: Any, loc: Loc) -> Any:
    for step in loc[:-1]:
        value = value[step]
    return value


def _compiled(files: dict[str, PlainFile], *, faults: Faults) -> PolicySet | None:
    sheets = {name: _sheet(file, FORMS.get(name, RecipientForm)) for name, file in files.items()}
    if faults.found:
        return None
    documents, fields, kinds, organisations, purposes, rules = (sheets[name] for name in FORMS)
    forms = PolicyForms(
        fields=fields, documents=documents, kinds=kinds, purposes=purposes, organisations=organisations, rules=rules
    )
    recipients = [sheet for name, sheet in sheets.items() if name not in FORMS]
    check_policies(forms)
    check_recipients(recipients, forms=forms)
    if faults.found:
        return None
    return compile_policies(forms, recipients=[sheet.form for sheet in recipients], digest="")


def _sheet(file: PlainFile, form: type[Form]) -> Any:
    made = read_form(file, form)
    return None if made is None else Sheet(file, made)
