"""`/packages/{id}/decision` and `/packages/{id}/slip`: what was decided on a package, and what its sender reads."""

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.door import JSON, Door, json_response
from gateway.entrypoints.api.operations import PackageIdPath, operation
from gateway.entrypoints.api.packages import read_package_id
from gateway.entrypoints.api.rendering import render_decision
from gateway.entrypoints.api.schemas import DecisionBody, SlipBody
from gateway.entrypoints.api.scopes import Scope
from gateway.package.errors import Code, SluisError
from gateway.package.views import PackageView


class Decisions:
    """The decision and the slip of one package, as resources; not found until they are there."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def decision(self, request: Request, package: PackageIdPath) -> Response:
        """Show the decision."""
        view = await self._view(request, package)
        if view.decision is None:
            raise SluisError(Code.NOT_FOUND, where="decision")
        translate = self._door.settings.translate
        body = render_decision(
            view.decision, labels=view.labels, purpose=view.purpose, translate=translate, decided=view.decided
        )
        return json_response(body)

    async def slip(self, request: Request, package: PackageIdPath) -> Response:
        """Show the slip, as receipt wrote it."""
        slip = (await self._view(request, package)).slip
        if slip is None:
            raise SluisError(Code.NOT_FOUND, where="slip")
        return Response(orjson.dumps(dict(slip)), media_type=JSON)

    async def _view(self, request: Request, package: str) -> PackageView:
        submitter = await self._door.admit(request, Scope.READ)
        return await self._door.gateway.package(read_package_id(package), submitter=submitter)

    def routes(self) -> APIRouter:
        """Give the routes of these resources."""
        router = APIRouter(redirect_slashes=False)
        router.add_api_route("/packages/{id}/decision", self.decision, methods=["GET"], **_DECISION)
        router.add_api_route("/packages/{id}/slip", self.slip, methods=["GET"], **_SLIP)
        return router


_DECISION = operation(
    "showDecision",
    tag="packages",
    summary="Show what was decided, per recipient and field, with the reasons",
    answers={200: (DecisionBody, "The decision")},
    problems=(404,),
    scope=Scope.READ,
)
_SLIP = operation(
    "showSlip",
    tag="packages",
    summary="Show the slip for the sender",
    answers={200: (SlipBody, "The slip")},
    problems=(404,),
    scope=Scope.READ,
)
