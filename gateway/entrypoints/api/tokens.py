"""`/tokens`: a short-lived token for one person, only for a user of this machine who may be that person."""

import json
from typing import NoReturn

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.door import Door, json_response, require_no_query
from gateway.entrypoints.api.invalid_input import faults_of
from gateway.entrypoints.api.operations import json_body, operation
from gateway.entrypoints.api.schemas import TokenBody, TokenRequest
from gateway.entrypoints.api.scopes import Scope
from gateway.package.errors import Code, SluisError


def read_token_request(text: bytes) -> TokenRequest:
    """Check a request for a token. Raises SluisError `request-invalid` with all faults, a key that stands twice too."""
    try:
        json.loads(text, object_pairs_hook=_each_key_once)
        return TokenRequest.model_validate_json(text)
    except ValidationError as error:
        raise SluisError(Code.REQUEST_INVALID, where="body", faults=faults_of(error.errors())) from None
    except (ValueError, RecursionError):
        _refuse("JSON in UTF-8")


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({key for key, _ in pairs}) != len(pairs):
        _refuse("each key once")
    return dict(pairs)


def _refuse(expected: str) -> NoReturn:
    raise SluisError(Code.REQUEST_INVALID, where="body", faults=(("body", expected),)) from None


class Tokens:
    """Tokens, as a resource; made on the socket only, where the kernel says who asks."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def create(self, request: Request) -> Response:
        """Give a token."""
        require_no_query(request)
        peer = self._door.admission.peer(request)
        wanted = read_token_request(await self._door.json_body(request))
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
