"""Answers a request with problem details (RFC 9457), in the language that the reader asks for."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Scope

from gateway.entrypoints.api.problem_details import problem_body
from gateway.entrypoints.api.settings import ApiSettings
from gateway.package.errors import Code, SluisError
from gateway.package.states import Language

MEDIA_TYPE = "application/problem+json"
REQUEST_ID_KEY = "sluis.request_id"
_EXTRA_HEADERS = {
    Code.NOT_AUTHENTICATED: {"WWW-Authenticate": 'Bearer realm="sluis"'},
    Code.REQUEST_TIMEOUT: {"Connection": "close"},
    Code.SERVICE_BUSY: {"Retry-After": "1"},
}


def language_of(accept_language: str, *, otherwise: Language = Language.EN) -> Language:
    """Choose Dutch or English by the Accept-Language header (RFC 9110 section 12.5.4)."""
    best, chosen = 0.0, otherwise
    for item in accept_language.split(",")[:20]:
        tag, _, parameter = item.partition(";")
        quality = _quality(parameter)
        for language in Language:
            if tag.strip().lower().partition("-")[0] == language.value and quality > best:
                best, chosen = quality, language
    return chosen


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0


def header_of(scope: Scope, name: bytes) -> str:
    """Give one header of a request, in its first occurrence; empty when it is not there."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def problem_response(
    error: SluisError,
    scope: Scope,
    *,
    settings: ApiSettings,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """Answer a request with a problem; `more` are further members, such as the health of a service not ready."""
    language = language_of(header_of(scope, b"accept-language"))
    body = problem_body(error, translate=settings.translate, language=language, base_url=settings.problem_base_url)
    body["instance"] = f"urn:uuid:{scope[REQUEST_ID_KEY]}"
    return Response(
        orjson.dumps(body | dict(more or {})),
        status_code=body["status"],
        media_type=MEDIA_TYPE,
        headers={"Content-Language": language.value} | _EXTRA_HEADERS.get(error.code, {}) | dict(headers or {}),
    )
