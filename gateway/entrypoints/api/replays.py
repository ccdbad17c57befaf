"""`/replays/{id}`: a decision that was made is made again, of what was kept for it."""

import re
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from gateway import __version__
from gateway.entrypoints.api.door import Door, json_response
from gateway.entrypoints.api.operations import operation
from gateway.entrypoints.api.rendering import render_replay
from gateway.entrypoints.api.schemas import UUID_PATTERN, ReplayBody
from gateway.entrypoints.api.scopes import Scope
from gateway.package.errors import Code, SluisError

_UUID = re.compile(UUID_PATTERN)
_AuditIdPath = Annotated[
    str,
    Path(
        alias="id",
        description="Id of the audit event that tells of the decision",
        json_schema_extra={"format": "uuid", "pattern": UUID_PATTERN},
    ),
]


class Replays:
    """Replays of decisions, as a resource that is made when it is looked at."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def show(self, request: Request, audit_id: _AuditIdPath) -> Response:
        """Make one decision again."""
        submitter = await self._door.admit(request, Scope.READ)
        if not _UUID.fullmatch(audit_id):
            raise SluisError(Code.ID_INVALID, where="id")
        view = await self._door.gateway.replay(audit_id.lower(), submitter=submitter)
        return json_response(render_replay(view, version=__version__, translate=self._door.settings.translate))

    def routes(self) -> APIRouter:
        """Give the route of this resource."""
        router = APIRouter(redirect_slashes=False)
        router.add_api_route("/replays/{id}", self.show, methods=["GET"], **_SHOW)
        return router


_SHOW = operation(
    "showReplay",
    tag="replays",
    summary="Make the decision again that an audit event tells of, and say whether it is the same",
    answers={200: (ReplayBody, "What the decision is now, and what differs")},
    problems=(404, 409, 410),
    scope=Scope.READ,
)
