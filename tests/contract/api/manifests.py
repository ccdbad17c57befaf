"""Manifests to hand in; all fictitious."""

import copy
from typing import Any

from tests.contract.api.fake_gateway import AN_ID

_WITH_DATA: dict[str, Any] = {
    "format": "sluis-package/1",
    "id": AN_ID,
    "recipients": ["gemeente-voorbeeld"],
    "purpose": "public-order",
    "sender": {"organisation": "COA", "name": "A. Voorbeeld"},
    "subject": {"name": "B. Voorbeeld", "dateOfBirth": "1990-05-01"},
    "data": {"name": "B. Voorbeeld", "address": "Dorpsstraat 1"},
}


def manifest(**changes: Any) -> dict[str, Any]:
    """Give a manifest with data only; a change to None takes the key away."""
    made = copy.deepcopy(_WITH_DATA) | changes
    return {key: value for key, value in made.items() if value is not None}


def with_documents(*names: str, **changes: Any) -> dict[str, Any]:
    """Give a manifest that declares documents."""
    return manifest(documents=[{"file": name, "kind": "interview-report"} for name in names], **changes)
