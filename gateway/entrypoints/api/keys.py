"""`/keys`: recipients' public keys, and the two people that a change of them takes."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.door import Door, json_response
from gateway.entrypoints.api.json_request import read_json_request
from gateway.entrypoints.api.key_bodies import (
    BroughtKeyBody,
    KeyBody,
    KeyImportRequest,
    KeyList,
    KeyRetirementRequest,
    KeyRotationBody,
    KeyRotationRequest,
    KeyTrustRequest,
    PseudonymKeyBody,
    PseudonymKeyRequest,
    RecipientTestBody,
    render_brought,
    render_key,
    render_pseudonym_key,
    render_rotation,
    render_test,
)
from gateway.entrypoints.api.operations import json_body, operation
from gateway.entrypoints.api.scopes import Scope
from gateway.entrypoints.api.settings import PREFIX
from gateway.package.ids import SLUG, Fingerprint
from gateway.package.key_views import KeyView

RecipientPath = Annotated[
    str, Path(alias="id", description="Id of the recipient", json_schema_extra={"pattern": SLUG, "maxLength": 63})
]


class Keys:
    """The public keys, as a resource."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._gateway = door.gateway

    async def list_keys(self, request: Request) -> Response:
        """List them."""
        submitter = await self._door.admit(request, Scope.KEYS)
        found = await self._gateway.keys(submitter=submitter)
        return json_response(KeyList(keys=[render_key(each) for each in found]))

    async def bring(self, request: Request) -> Response:
        """Take a key as proposed."""
        submitter = await self._door.admit(request, Scope.CHANGE_KEYS)
        said = read_json_request(KeyImportRequest, await self._door.json_body(request))
        view, changed = await self._gateway.bring_key(said.brought(), submitter=submitter)
        body = render_brought(view, changed=changed)
        return json_response(body, status=201 if changed else 200, headers={"Location": f"{PREFIX}/keys"})

    async def trust(self, request: Request) -> Response:
        """Put a key into force."""
        submitter = await self._door.admit(request, Scope.CHANGE_KEYS)
        said = read_json_request(KeyTrustRequest, await self._door.json_body(request))
        key = Fingerprint(said.fingerprint)
        return _made(await self._gateway.trust_key(said.recipient, key, how=said.how, submitter=submitter))

    async def retire(self, request: Request) -> Response:
        """Take a key out of force."""
        submitter = await self._door.admit(request, Scope.CHANGE_KEYS)
        said = read_json_request(KeyRetirementRequest, await self._door.json_body(request))
        key = Fingerprint(said.fingerprint)
        view = await self._gateway.retire_key(
            said.recipient, key, leave_without=said.leave_without, submitter=submitter
        )
        return _made(view)

    async def rotate(self, request: Request) -> Response:
        """Let another own key follow."""
        submitter = await self._door.admit(request, Scope.CHANGE_KEYS)
        said = read_json_request(KeyRotationRequest, await self._door.json_body(request))
        rotation = await self._gateway.rotate_key(said.starts, finish=said.finish, submitter=submitter)
        return json_response(render_rotation(rotation), status=201, headers={"Location": f"{PREFIX}/keys"})

    async def rotate_pseudonyms(self, request: Request) -> Response:
        """Draw another key for pseudonyms."""
        submitter = await self._door.admit(request, Scope.CHANGE_KEYS)
        said = read_json_request(PseudonymKeyRequest, await self._door.json_body(request))
        drawn = await self._gateway.rotate_pseudonyms(again=said.again, submitter=submitter)
        return json_response(render_pseudonym_key(drawn), status=201, headers={"Location": f"{PREFIX}/keys"})

    async def test(self, request: Request, recipient: RecipientPath) -> Response:
        """Send a test."""
        submitter = await self._door.admit(request, Scope.TEST)
        sent = await self._gateway.test_recipient(recipient, submitter=submitter)
        return json_response(render_test(sent), status=201, headers={"Location": f"{PREFIX}/recipients"})

    def routes(self) -> APIRouter:
        """Give the routes of this resource."""
        router = APIRouter(redirect_slashes=False)
        router.add_api_route("/keys", self.list_keys, methods=["GET"], **_LIST)
        router.add_api_route("/keys", self.bring, methods=["POST"], **_BRING)
        router.add_api_route("/keys/trusts", self.trust, methods=["POST"], **_TRUST)
        router.add_api_route("/keys/retirements", self.retire, methods=["POST"], **_RETIRE)
        router.add_api_route("/keys/rotations", self.rotate, methods=["POST"], **_ROTATE)
        router.add_api_route("/keys/pseudonyms", self.rotate_pseudonyms, methods=["POST"], **_ROTATE_PSEUDONYMS)
        router.add_api_route("/recipients/{id}/tests", self.test, methods=["POST"], **_TEST)
        return router


def _made(view: KeyView) -> Response:
    return json_response(render_key(view), status=201, headers={"Location": f"{PREFIX}/keys"})


_NAMED = {"recipient": "gemeente-voorbeeld", "fingerprint": "0123456789ABCDEF0123456789ABCDEF01234567"}
_LIST = operation(
    "listKeys",
    tag="keys",
    summary="List the public keys, who brought and who verified them, and until when they last",
    answers={200: (KeyList, "The keys")},
    scope=Scope.KEYS,
)
_BRING = operation(
    "createKey",
    tag="keys",
    summary="Bring a recipient's public key, as a privacy officer or administrator; nothing is encrypted to it yet",
    answers={
        201: (BroughtKeyBody, "The key is kept as proposed, or a newer copy of a known one"),
        200: (BroughtKeyBody, "It was there already, just as it came; nothing was changed"),
    },
    problems=(404, 408, 409, 413, 415, 507),
    body=json_body(
        "KeyImportRequest",
        example={"recipient": "gemeente-voorbeeld", "source": "brief van 2026-11-20", "content": "LS0tLS1CRUdJTg=="},
    ),
    scope=Scope.CHANGE_KEYS,
)
_TRUST = operation(
    "createKeyTrust",
    tag="keys",
    summary="Put a key that another person brought into force, as a privacy officer",
    answers={201: (KeyBody, "It is encrypted to from now on, beside the keys that were in force")},
    problems=(404, 408, 409, 413, 415, 507),
    body=json_body("KeyTrustRequest", example={**_NAMED, "how": "telefonisch vergeleken met de heer Voorbeeld"}),
    scope=Scope.CHANGE_KEYS,
)
_RETIRE = operation(
    "createKeyRetirement",
    tag="keys",
    summary="Take a key out of force; where two people are needed, the first one asks for it",
    answers={201: (KeyBody, "It is retired, or waits for a second person")},
    problems=(404, 408, 409, 413, 415, 507),
    body=json_body("KeyRetirementRequest", example={**_NAMED, "leaveWithout": False}),
    scope=Scope.CHANGE_KEYS,
)
_ROTATE = operation(
    "createKeyRotation",
    tag="keys",
    summary="Let another own signing key follow from a day on, or finish that, as an administrator",
    answers={201: (KeyRotationBody, "The next key is there, or the only one")},
    problems=(404, 408, 409, 413, 415, 507),
    body=json_body("KeyRotationRequest", example={"starts": "2027-01-04"}),
    scope=Scope.CHANGE_KEYS,
)
_ROTATE_PSEUDONYMS = operation(
    "createPseudonymKey",
    tag="keys",
    summary="Draw another key for the pseudonyms of people in the audit log, as an administrator",
    answers={201: (PseudonymKeyBody, "It takes over at the next start; the others stay")},
    problems=(408, 409, 413, 415, 507),
    body=json_body("PseudonymKeyRequest", example={"again": False}),
    scope=Scope.CHANGE_KEYS,
)
_TEST = operation(
    "createRecipientTest",
    tag="recipients",
    summary="Send a recipient a message without data about anybody, sealed and sent as a package would be",
    answers={201: (RecipientTestBody, "What came of it; the recipient has to say whether it opens")},
    problems=(409,),
    scope=Scope.TEST,
)
