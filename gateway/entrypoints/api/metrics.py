"""`/metrics`: numbers for Prometheus, beside the API and the health pages.

How much goes out, and how much of it is held, is nobody's business but the site's own: the page is for those who can
open the socket, as the health in detail is, and on TCP for a token with the scope `metrics:read`.
"""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.door import Door, require_no_query
from gateway.entrypoints.api.scopes import Scope

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MetricsPage:
    """One page of numbers."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def show(self, request: Request) -> Response:
        """Give the numbers of this moment."""
        require_no_query(request)
        await self._door.admission.admit_watcher(request, Scope.METRICS)
        return Response(await self._door.gateway.metrics(), media_type=CONTENT_TYPE)

    def routes(self) -> APIRouter:
        """Give the route, which is no part of the versioned API and stands in no document."""
        router = APIRouter(redirect_slashes=False, include_in_schema=False)
        router.add_api_route("/metrics", self.show, methods=["GET"])
        return router
