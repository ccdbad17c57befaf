"""How each operation is described in the OpenAPI document: every answer, every problem, the scope that it takes."""

import http
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel

from gateway.entrypoints.api.problem_json import MEDIA_TYPE
from gateway.entrypoints.api.schemas import UUID_PATTERN
from gateway.entrypoints.api.scopes import Scope
from gateway.package.manifest import MAX_DOCUMENTS

SECURITY_SCHEME = "bearerToken"
MAX_DOCUMENT_NUMBER = MAX_DOCUMENTS + 3
_ALWAYS = (400, 401, 403, 421, 500, 503)
_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_PICTURE = {"image/png": {"schema": {"type": "string", "format": "binary"}}}
_VERSION = {"API-Version": {"description": "Full version of the API", "schema": {"type": "string"}}}
_LOCATION = {"Location": {"description": "Path of what was made", "schema": {"type": "string"}}}

EXAMPLE_MANIFEST: dict[str, Any] = {
    "format": "sluis-package/1",
    "recipients": ["gemeente-voorbeeld"],
    "purpose": "public-order",
    "sender": {"organisation": "COA", "name": "A. Voorbeeld", "unit": "Locatie Voorbeeld"},
    "subject": {"name": "B. Voorbeeld", "dateOfBirth": "1990-05-01"},
    "data": {"name": "B. Voorbeeld", "town": "Voorbeelddam"},
}

PackageIdPath = Annotated[
    str,
    Path(alias="id", description="Id of the package", json_schema_extra={"format": "uuid", "pattern": UUID_PATTERN}),
]
DocumentNumberPath = Annotated[
    int, Path(alias="n", ge=1, le=MAX_DOCUMENT_NUMBER, description="Number of the declared file, see `expected`")
]


def operation(
    operation_id: str,
    *,
    tag: str,
    summary: str,
    answers: dict[int, tuple[type[BaseModel] | None, str]],
    problems: tuple[int, ...] = (),
    body: dict[str, Any] | None = None,
    scope: Scope | None = None,
) -> dict[str, Any]:
    """Describe one operation, as keyword arguments of `add_api_route`; the first answer is its status.

    An answer without a model is a picture.
    """
    extra: dict[str, Any] = {"requestBody": body} if body else {}
    if scope is not None:
        # Either the user of the socket, whom the kernel knows, or a token.
        extra["security"] = [{}, {SECURITY_SCHEME: [scope.value]}]
    status = next(iter(answers))
    return {
        "operation_id": operation_id,
        "tags": [tag],
        "summary": summary,
        "status_code": status,
        "response_model": answers[status][0],
        "responses": _answers(answers) | {each: _problem(each) for each in sorted({*_ALWAYS, *problems})},
        "openapi_extra": extra,
    }


def _answers(answers: dict[int, tuple[type[BaseModel] | None, str]]) -> dict[int | str, dict[str, Any]]:
    return {
        status: {
            **({"content": _PICTURE} if model is None else {"model": model}),
            "description": description,
            "headers": _VERSION | (_LOCATION if status == http.HTTPStatus.CREATED else {}),
        }
        for status, (model, description) in answers.items()
    }


def _problem(status: int) -> dict[str, Any]:
    return {"description": http.HTTPStatus(status).phrase, "headers": _VERSION, "content": _PROBLEM}


def json_body(component: str, *, example: dict[str, Any]) -> dict[str, Any]:
    """Describe a JSON request body."""
    media = {"schema": {"$ref": f"#/components/schemas/{component}"}, "example": example}
    return {"required": True, "content": {"application/json": media}}


def submission_body() -> dict[str, Any]:
    """Describe a manifest, alone as JSON or with its files as multipart."""
    body = json_body("Manifest", example=EXAMPLE_MANIFEST)
    body["content"]["multipart/form-data"] = {
        "schema": {
            "type": "object",
            "required": ["manifest"],
            "properties": {
                "manifest": {"$ref": "#/components/schemas/Manifest"},
                "file": {
                    "type": "array",
                    "description": "The declared files, each with its declared name as filename",
                    "items": {"type": "string", "format": "binary"},
                },
            },
        },
        "encoding": {
            "manifest": {"contentType": "application/json"},
            "file": {"contentType": "application/octet-stream"},
        },
    }
    return body


def stream_body() -> dict[str, Any]:
    """Describe a raw stream."""
    media = {"schema": {"type": "string", "format": "binary"}}
    return {"required": True, "content": {"application/octet-stream": media}}
