"""Puts the API together: one FastAPI application, one shell around it, one file per resource."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from gateway.entrypoints.api.audit_deletions import AuditDeletions
from gateway.entrypoints.api.decisions import Decisions
from gateway.entrypoints.api.description import Description
from gateway.entrypoints.api.door import Door
from gateway.entrypoints.api.health import HealthPages
from gateway.entrypoints.api.held_documents import HeldDocuments
from gateway.entrypoints.api.holds import Holds
from gateway.entrypoints.api.identity import Admission
from gateway.entrypoints.api.invalid_input import faults_of
from gateway.entrypoints.api.keys import Keys
from gateway.entrypoints.api.metrics import MetricsPage
from gateway.entrypoints.api.openapi import build_document
from gateway.entrypoints.api.packages import Packages
from gateway.entrypoints.api.policy import Policy
from gateway.entrypoints.api.port import GatewayPort
from gateway.entrypoints.api.previews import Previews
from gateway.entrypoints.api.problem_json import problem_response
from gateway.entrypoints.api.recipients import Recipients
from gateway.entrypoints.api.replays import Replays
from gateway.entrypoints.api.settings import PREFIX, ApiSettings
from gateway.entrypoints.api.shell import Shell
from gateway.entrypoints.api.tokens import Tokens
from gateway.entrypoints.api.withdrawals import Withdrawals
from gateway.package.errors import Code, SluisError

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def build_app(gateway: GatewayPort, *, settings: ApiSettings, pages: Sequence[Callable[[], APIRouter]] = ()) -> FastAPI:
    """Build the API over a gateway, with pages beside it. The framework's own are off: they load foreign scripts."""
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    door = Door(gateway=gateway, settings=settings, admission=Admission(gateway))
    description = Description(lambda: build_document(app, settings))
    resources = (
        Packages(door),
        Decisions(door),
        Holds(door),
        HeldDocuments(door),
        Replays(door),
        Withdrawals(door),
        Previews(door),
        Recipients(door),
        Policy(door),
        Keys(door),
        AuditDeletions(door),
    )
    with _without_old_models():
        for resource in (*resources, Tokens(door), description):
            app.include_router(resource.routes(), prefix=PREFIX)
        for routes in (HealthPages(door).routes, MetricsPage(door).routes, *pages):
            app.include_router(routes())
    _answer_errors(app, settings)
    app.add_middleware(Shell, settings=settings)
    return app


@contextmanager
def _without_old_models() -> Iterator[None]:
    """Keep pydantic's old models, `pydantic.v1`, out of memory while routes are made.

    The framework loads them to ask of each parameter whether it is one. Here none is, and they take 4 MB.
    """
    name = "pydantic.v1"
    if name in sys.modules:
        yield
        return
    # None is how Python is told that there is no such module.
    sys.modules[name] = None  # type: ignore[assignment]  # A module is what mypy expects here.
    try:
        yield
    finally:
        del sys.modules[name]


def _answer_errors(app: FastAPI, settings: ApiSettings) -> None:
    """Let every refusal of the framework speak as problem details; our own errors pass on to the shell."""

    async def refuse(request: Request, error: Exception) -> Response:
        if isinstance(error, RequestValidationError):
            invalid = SluisError(Code.REQUEST_INVALID, faults=faults_of(error.errors()))
            return problem_response(invalid, request.scope, settings=settings)
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == _METHOD_NOT_ALLOWED:
            allow = {"Allow": ", ".join(_allowed(app, request))}
            return problem_response(
                SluisError(Code.METHOD_NOT_ALLOWED), request.scope, settings=settings, headers=allow
            )
        code = Code.NOT_FOUND if status == _NOT_FOUND else Code.REQUEST_INVALID
        return problem_response(SluisError(code), request.scope, settings=settings)

    app.add_exception_handler(RequestValidationError, refuse)
    app.add_exception_handler(HTTPException, refuse)


_NOT_FOUND, _METHOD_NOT_ALLOWED = 404, 405


def _allowed(app: FastAPI, request: Request) -> list[str]:
    """List every method of this path (RFC 9110 section 15.5.6); the framework knows only those of its first route."""

    def is_there(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in app.routes)

    return [method for method in _METHODS if is_there(method)]
