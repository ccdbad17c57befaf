"""`/recipients`: whom a package can be sent to, and for which purposes."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.door import Door, json_response
from gateway.entrypoints.api.operations import operation
from gateway.entrypoints.api.rendering import render_recipient
from gateway.entrypoints.api.schemas import RecipientList
from gateway.entrypoints.api.scopes import Scope


class Recipients:
    """The recipient register, as a resource; without addresses and keys."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def list_recipients(self, request: Request) -> Response:
        """List the register."""
        await self._door.admit(request, Scope.RECIPIENTS)
        register = [render_recipient(each) for each in self._door.gateway.recipients()]
        return json_response(RecipientList(recipients=register))

    def routes(self) -> APIRouter:
        """Give the routes of this resource."""
        router = APIRouter(redirect_slashes=False)
        router.add_api_route("/recipients", self.list_recipients, methods=["GET"], **_LIST)
        return router


_LIST = operation(
    "listRecipients",
    tag="recipients",
    summary="List the recipients",
    answers={200: (RecipientList, "The register")},
    scope=Scope.RECIPIENTS,
)
