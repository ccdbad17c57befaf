"""`/audit/deletions`: the oldest days of the audit log go, as a written policy allows and two people want."""

import datetime as dt
from typing import Literal

from fastapi import APIRouter
from pydantic import ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.door import Door, json_response
from gateway.entrypoints.api.json_request import read_json_request
from gateway.entrypoints.api.operations import json_body, operation
from gateway.entrypoints.api.schemas import Body
from gateway.entrypoints.api.scopes import Scope
from gateway.entrypoints.api.settings import PREFIX
from gateway.package.deletion_views import DeletionView


class AuditDeletionRequest(Body):
    """All days before this one, in UTC."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    until: dt.date


class AuditDeletionBody(Body):
    """The lines `first` to `last`; `proposed` until a second person has asked for the same."""

    state: Literal["proposed", "deleted"]
    first: int
    last: int
    until: dt.date
    policy: str
    proposed_by: str
    approved_by: str


class AuditDeletions:
    """Deletions from the audit log, as a resource."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._gateway = door.gateway

    async def delete(self, request: Request) -> Response:
        """Take a proposal, or the second person's approval."""
        submitter = await self._door.admit(request, Scope.DELETE_AUDIT)
        said = read_json_request(AuditDeletionRequest, await self._door.json_body(request))
        view = await self._gateway.delete_audit_lines(said.until, submitter=submitter)
        return json_response(_render(view), status=201, headers={"Location": f"{PREFIX}/audit/deletions"})

    def routes(self) -> APIRouter:
        """Give the routes of this resource."""
        router = APIRouter(redirect_slashes=False)
        router.add_api_route("/audit/deletions", self.delete, methods=["POST"], **_DELETE)
        return router


def _render(view: DeletionView) -> AuditDeletionBody:
    return AuditDeletionBody(
        state="deleted" if view.approved_by else "proposed",
        first=view.first,
        last=view.end - 1,
        until=view.until,
        policy=view.policy,
        proposed_by=view.proposed_by,
        approved_by=view.approved_by,
    )


_DELETE = operation(
    "createAuditDeletion",
    tag="audit",
    summary="Delete the oldest days of the audit log; the first of two people proposes it, the second one approves",
    answers={201: (AuditDeletionBody, "They are deleted, or wait for a second person")},
    problems=(408, 409, 413, 415, 507),
    body=json_body("AuditDeletionRequest", example={"until": "2026-01-01"}),
    scope=Scope.DELETE_AUDIT,
)
