"""`/packages/{id}/withdrawal`: takes a package back as far as it was not sent."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.door import Door, json_response
from gateway.entrypoints.api.operations import PackageIdPath, operation
from gateway.entrypoints.api.packages import read_package_id
from gateway.entrypoints.api.rendering import render_package
from gateway.entrypoints.api.schemas import PackageBody
from gateway.entrypoints.api.scopes import Scope


class Withdrawals:
    """The withdrawal of a package: there is one or there is none, so asking twice is asking once."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._gateway = door.gateway

    async def withdraw(self, request: Request, package: PackageIdPath) -> Response:
        """Withdraw a package."""
        submitter = await self._door.admit(request, Scope.WITHDRAW)
        view = await self._gateway.withdraw(read_package_id(package), submitter=submitter)
        return json_response(render_package(view))

    def routes(self) -> APIRouter:
        """Give the route of this resource."""
        router = APIRouter(redirect_slashes=False)
        router.add_api_route("/packages/{id}/withdrawal", self.withdraw, methods=["POST"], **_WITHDRAW)
        return router


_WITHDRAW = operation(
    "withdrawPackage",
    tag="packages",
    summary="Take a package back as far as it was not sent; the answer says how each recipient stands",
    answers={200: (PackageBody, "What could be withdrawn is withdrawn, on the disk")},
    problems=(404, 409),
    scope=Scope.WITHDRAW,
)
