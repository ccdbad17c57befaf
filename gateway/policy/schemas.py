"""JSON Schemas of the policy files and of a recipient's entry, so that an editor helps while somebody types.

They are made of the same forms that check the files. They know less: what the files mean together, and what a form
checks in code (fingerprints, addresses, `special` only with its category), `sluis policy lint` says.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.policy.cases import CasesForm
from gateway.policy.policy_form import (
    DocumentsForm,
    FieldsForm,
    Form,
    KindsForm,
    OrganisationsForm,
    PurposesForm,
    RecipientForm,
    RulesForm,
)

_FORMS: Mapping[str, type[Form]] = {
    "cases": CasesForm,
    "documents": DocumentsForm,
    "fields": FieldsForm,
    "kinds": KindsForm,
    "organisations": OrganisationsForm,
    "purposes": PurposesForm,
    "recipient": RecipientForm,
    "rules": RulesForm,
}
# A bound behind a validator of our own comes out under pydantic's name for it.
_KEYWORDS = {"ge": "minimum", "le": "maximum"}


def policy_schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the name of each schema's file and the schema (JSON Schema 2020-12)."""
    for name, form in _FORMS.items():
        made = form.model_json_schema(by_alias=True)
        head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        yield f"{name}.schema.json", head | _plain(made, inside_names=False)


def _plain(value: Any, *, inside_names: bool) -> Any:
    """Leave out the titles that pydantic makes of Python's names; a property may be called title, and stays."""
    if isinstance(value, list):
        return [_plain(each, inside_names=False) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key if inside_names else _KEYWORDS.get(key, key): _plain(
            each, inside_names=not inside_names and key in ("properties", "$defs")
        )
        for key, each in value.items()
        if inside_names or key != "title"
    }
