"""`/health/live` and `/health/ready`: beside the API, for whoever keeps the service running."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.door import Door, json_response, require_no_query
from gateway.entrypoints.api.problem_json import problem_response
from gateway.entrypoints.api.rendering import render_health
from gateway.entrypoints.api.schemas import AliveBody
from gateway.package.errors import Code, SluisError


class HealthPages:
    """Whether the process answers, and whether it can do its work; numbers only for who is known."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def live(self, request: Request) -> Response:
        """Answer."""
        require_no_query(request)
        return json_response(AliveBody(status="alive"))

    async def ready(self, request: Request) -> Response:
        """Tell whether packages are taken and released; 503 as problem details when not."""
        require_no_query(request)
        health = await self._door.gateway.health()
        body = render_health(health, in_detail=await self._door.admission.is_known(request))
        if body.ready:
            return json_response(body)
        more = body.model_dump(mode="json", by_alias=True)
        return problem_response(SluisError(Code.SERVICE_BUSY), request.scope, settings=self._door.settings, more=more)

    def routes(self) -> APIRouter:
        """Give the routes, which are no part of the versioned API and stand in no document."""
        router = APIRouter(redirect_slashes=False, include_in_schema=False)
        router.add_api_route("/health/live", self.live, methods=["GET"])
        router.add_api_route("/health/ready", self.ready, methods=["GET"])
        return router
