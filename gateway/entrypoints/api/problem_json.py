"""Every error as RFC 9457 problem details: a stable code, what happened, what to do now, who helps, all faults."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Scope

from gateway.entrypoints.api.settings import ApiSettings, Translate
from gateway.package.errors import Code, SluisError
from gateway.package.problems import problem_of, sentence
from gateway.package.states import Language

MEDIA_TYPE = "application/problem+json"
REQUEST_ID_KEY = "sluis.request_id"
_AT_PLACE = "{sentence} Place: {where}."
_EXTRA_HEADERS = {
    Code.NOT_AUTHENTICATED: {"WWW-Authenticate": 'Bearer realm="sluis"'},
    Code.REQUEST_TIMEOUT: {"Connection": "close"},
    Code.SERVICE_BUSY: {"Retry-After": "1"},
}


def language_of(accept_language: str) -> Language:
    """Choose Dutch or English by the Accept-Language header (RFC 9110 section 12.5.4); else English."""
    best, chosen = 0.0, Language.EN
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


def problem_body(error: SluisError, *, translate: Translate, language: Language, base_url: str) -> dict[str, Any]:
    """Give the members of one problem, in the reader's language; `instance` is added by who knows the request."""
    problem, detail = problem_of(error), dict(error.detail)
    title = sentence(translate(problem.title, language), detail)
    place = {"sentence": title, "where": error.where}
    return {
        "type": base_url + error.code.value,
        "title": title,
        "status": problem.status,
        "detail": sentence(translate(_AT_PLACE, language), dict(place)) if error.where else title,
        "code": error.code.value,
        "remedy": sentence(translate(problem.remedy, language), detail),
        "helper": problem.helper.value,
        "retryable": problem.retryable,
        "errors": [{"where": where, "expected": translate(text, language)} for where, text in error.faults],
    }


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
