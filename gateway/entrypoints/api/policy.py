"""`/policy`: which rules are in force, what would change, and the two people that a change takes."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.door import Door, json_response
from gateway.entrypoints.api.json_request import read_json_request
from gateway.entrypoints.api.operations import json_body, operation
from gateway.entrypoints.api.rendering import render_changes, render_policy
from gateway.entrypoints.api.schemas import PolicyBody, PolicyChangesBody, PolicyDigestRequest
from gateway.entrypoints.api.scopes import Scope
from gateway.entrypoints.api.settings import PREFIX


class Policy:
    """The rules and the register as they stand, as a resource, with proposals and approvals of a change."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._gateway = door.gateway

    async def show(self, request: Request) -> Response:
        """Show how the rules stand."""
        submitter = await self._door.admit(request, Scope.POLICY)
        return json_response(render_policy(await self._gateway.policy(submitter=submitter)))

    async def changes(self, request: Request) -> Response:
        """Show what would change."""
        submitter = await self._door.admit(request, Scope.POLICY)
        return json_response(render_changes(await self._gateway.policy_changes(submitter=submitter)))

    async def propose(self, request: Request) -> Response:
        """Take a proposal."""
        submitter = await self._door.admit(request, Scope.PROPOSE)
        said = read_json_request(PolicyDigestRequest, await self._door.json_body(request))
        return _made(render_policy(await self._gateway.propose_policy(said.digest, submitter=submitter)))

    async def approve(self, request: Request) -> Response:
        """Take an approval."""
        submitter = await self._door.admit(request, Scope.APPROVE)
        said = read_json_request(PolicyDigestRequest, await self._door.json_body(request))
        return _made(render_policy(await self._gateway.approve_policy(said.digest, submitter=submitter)))

    def routes(self) -> APIRouter:
        """Give the routes of this resource."""
        router = APIRouter(redirect_slashes=False)
        router.add_api_route("/policy", self.show, methods=["GET"], **_SHOW)
        router.add_api_route("/policy/changes", self.changes, methods=["GET"], **_CHANGES)
        router.add_api_route("/policy/proposals", self.propose, methods=["POST"], **_PROPOSE)
        router.add_api_route("/policy/approvals", self.approve, methods=["POST"], **_APPROVE)
        return router


def _made(body: PolicyBody) -> Response:
    return json_response(body, status=201, headers={"Location": f"{PREFIX}/policy"})


_BODY = json_body("PolicyDigestRequest", example={"digest": "0" * 64})
_SHOW = operation(
    "showPolicy",
    tag="policy",
    summary="Show which rules are in force, what lies on disk, and what is proposed by whom",
    answers={200: (PolicyBody, "How the rules stand")},
    scope=Scope.POLICY,
)
_CHANGES = operation(
    "listPolicyChanges",
    tag="policy",
    summary="List what would change with what lies on disk, addresses and keys included",
    answers={200: (PolicyChangesBody, "Everything that differs")},
    problems=(409,),
    scope=Scope.POLICY,
)
_PROPOSE = operation(
    "createPolicyProposal",
    tag="policy",
    summary="Propose what lies on disk, as a privacy officer or administrator",
    answers={201: (PolicyBody, "The proposal is on the disk and waits for a second person")},
    problems=(408, 409, 413, 415),
    body=_BODY,
    scope=Scope.PROPOSE,
)
_APPROVE = operation(
    "createPolicyApproval",
    tag="policy",
    summary="Approve what another person proposed, as a privacy officer",
    answers={201: (PolicyBody, "The rules are in force")},
    problems=(408, 409, 413, 415),
    body=_BODY,
    scope=Scope.APPROVE,
)
