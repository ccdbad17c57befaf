"""The OpenAPI 3.1 document: what FastAPI knows of the routes, completed to what really happens.

Paths stand without `/v1` and the server's URL with it (NL GOV ADR 2.2 /core/uri-version); FastAPI's own 422 answer is
taken out, since invalid input is 400 here (/core/error-handling/invalid-input).
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from gateway.entrypoints.api.audit_deletions import AuditDeletionRequest
from gateway.entrypoints.api.key_bodies import (
    KeyImportRequest,
    KeyRetirementRequest,
    KeyRotationRequest,
    KeyTrustRequest,
    PseudonymKeyRequest,
)
from gateway.entrypoints.api.operations import SECURITY_SCHEME
from gateway.entrypoints.api.review_bodies import ReviewRequest
from gateway.entrypoints.api.schemas import (
    PolicyDigestRequest,
    Problem,
    TokenRequest,
    json_schema_of,
)
from gateway.entrypoints.api.settings import API_VERSION, PREFIX, ApiSettings
from gateway.package.manifest import Manifest

_DESCRIPTION = (
    "Hands packages about a person to the gateway, which decides field by field what the recipient may have, "
    "encrypts it and sends it over the approved channel."
)
_TAGS = [
    {"name": "packages", "description": "Hand in, complete and follow packages"},
    {"name": "replays", "description": "Decisions that were made, made again of what was kept for them"},
    {"name": "holds", "description": "What waits for a privacy officer, and what the officer decides"},
    {"name": "previews", "description": "See what would be decided, without sending anything"},
    {"name": "recipients", "description": "The recipient register"},
    {"name": "policy", "description": "Which rules are in force, and four eyes on a change of them"},
    {"name": "keys", "description": "Recipients' public keys, and four eyes on a change of them"},
    {"name": "audit", "description": "The audit log, and four eyes on the deletion of its oldest days"},
    {"name": "tokens", "description": "Act as a person where one user of the machine plays several"},
    {"name": "description", "description": "This document"},
]
_TOKEN = {"type": "http", "scheme": "bearer", "description": "A token of `POST /tokens`; not needed on the socket"}


def build_document(app: FastAPI, settings: ApiSettings) -> dict[str, Any]:
    """Write the whole document for an application."""
    document = get_openapi(
        title="Sluis",
        version=API_VERSION,
        openapi_version="3.1.0",
        description=_DESCRIPTION,
        routes=app.routes,
        tags=_TAGS,
        servers=[{"url": PREFIX, "description": "On the site's socket, or on loopback when asked for"}],
        contact={"name": settings.contact_name, "url": settings.contact_url, "email": settings.contact_email},
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
    )
    document["paths"] = {path.removeprefix(PREFIX): item for path, item in document["paths"].items()}
    for item in document["paths"].values():
        for described in item.values():
            described["responses"].pop("422", None)
    _complete_components(document["components"])
    return document


def _complete_components(components: dict[str, Any]) -> None:
    schemas = components["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    asked = (TokenRequest, ReviewRequest, PolicyDigestRequest)
    of_keys = (KeyImportRequest, KeyTrustRequest, KeyRetirementRequest, KeyRotationRequest, PseudonymKeyRequest)
    for model in (Problem, Manifest, *asked, *of_keys, AuditDeletionRequest):
        schemas |= _with_definitions(model)
    schemas["Manifest"]["not"] = {"required": ["data", "dataFile"], "properties": _BOTH_GIVEN}
    schemas["Manifest"]["properties"]["recipients"]["uniqueItems"] = True
    _say_patterns(schemas["Manifest"], *(schemas[name] for name in _MANIFEST_PARTS))
    components["schemas"] = dict(sorted(schemas.items()))
    components["securitySchemes"] = {SECURITY_SCHEME: _TOKEN}


def _say_patterns(*schemas: dict[str, Any]) -> None:
    """Write down what the manifest's own checks refuse: control characters in texts, dates that do not exist."""
    pending: list[Any] = list(schemas)
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if node.get("type") == "string" and "maxLength" in node:
                node.setdefault("pattern", _TEXT_PATTERN)
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
    birth_date = next(schema for schema in schemas if "dateOfBirth" in schema["properties"])
    birth_date["properties"]["dateOfBirth"]["anyOf"][0]["pattern"] = _PARTIAL_DATE_PATTERN


_MANIFEST_PARTS = ("Sender", "Request", "Subject", "Consent", "Mandate", "Guardianship")
_TEXT_PATTERN = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]*$"
_PARTIAL_DATE_PATTERN = (
    r"^(?!0000)[0-9]{4}-(00-00|(0[1-9]|1[0-2])-([01][0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31|02-29)$"
)
_BOTH_GIVEN = {"data": {"type": "object"}, "dataFile": {"type": "string"}}


def _with_definitions(model: type[BaseModel]) -> dict[str, Any]:
    schema = json_schema_of(model)
    definitions: dict[str, Any] = schema.pop("$defs", {})
    return definitions | {model.__name__: schema}
