"""`/tokens`: a short-lived token for one person, only for a user of this machine who may be that person."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.door import Door, json_response, require_no_query
from gateway.entrypoints.api.json_request import read_json_request
from gateway.entrypoints.api.operations import json_body, operation
from gateway.entrypoints.api.schemas import TokenBody, TokenRequest
from gateway.entrypoints.api.scopes import Scope


class Tokens:
    """Tokens, as a resource; made on the socket only, where the kernel says who asks."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def create(self, request: Request) -> Response:
        """Give a token."""
        require_no_query(request)
        peer = self._door.admission.peer(request)
        wanted = read_json_request(TokenRequest, await self._door.json_body(request))
        scopes = sorted(set(wanted.scopes))
        token, seconds = await self._door.gateway.login(wanted.person, frozenset(scopes), uid=peer.uid)
        body = TokenBody(token=token, person=wanted.person, scopes=scopes, expires_in_seconds=seconds)
        return json_response(body, status=201)

    def routes(self) -> APIRouter:
        """Give the routes of this resource."""
        router = APIRouter(redirect_slashes=False)
        router.add_api_route("/tokens", self.create, methods=["POST"], **_CREATE)
        return router


_CREATE = operation(
    "createToken",
    tag="tokens",
    summary="Get a short-lived token as a person, on the socket only",
    answers={201: (TokenBody, "The token; it is shown once")},
    problems=(408, 413, 415),
    body=json_body("TokenRequest", example={"person": "a-voorbeeld", "scopes": [Scope.SUBMIT.value]}),
)
