"""`/holds` and `/packages/{id}/reviews`: what waits for a privacy officer, and what the officer decides."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.door import Door, json_response, require_each_once
from gateway.entrypoints.api.json_request import read_json_request
from gateway.entrypoints.api.operations import PackageIdPath, json_body, operation
from gateway.entrypoints.api.packages import read_package_id
from gateway.entrypoints.api.rendering import render_hold, render_package
from gateway.entrypoints.api.review_bodies import ReviewRequest, opinion_of
from gateway.entrypoints.api.schemas import HoldBody, HoldsPage, PackageBody
from gateway.entrypoints.api.scopes import Scope
from gateway.entrypoints.api.settings import PREFIX
from gateway.package.reviews import ReviewReason, ReviewVerdict


class HoldsQuery(BaseModel):
    """What `GET /holds` may be asked; any other parameter is refused."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str, Field(max_length=200, description="The cursor of the page before")] = ""
    limit: Annotated[int, Field(ge=1, le=200, description="At most so many holds")] = 50


class Holds:
    """The holds of the officer's own organisation, as a resource, and reviews of them."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._gateway = door.gateway

    async def list_holds(self, request: Request, query: Annotated[HoldsQuery, Query()]) -> Response:
        """List holds page by page."""
        submitter = await self._door.admission.admit(request, Scope.HOLDS)
        require_each_once(request)
        page = await self._gateway.holds(cursor=query.cursor, limit=query.limit, submitter=submitter)
        holds = [render_hold(each, translate=self._door.settings.translate) for each in page.holds]
        return json_response(HoldsPage(holds=holds, cursor=page.cursor))

    async def show(self, request: Request, package: PackageIdPath) -> Response:
        """Show one hold, with the necessity."""
        submitter = await self._door.admit(request, Scope.HOLDS)
        hold = await self._gateway.hold(read_package_id(package), submitter=submitter)
        return json_response(render_hold(hold, translate=self._door.settings.translate))

    async def review(self, request: Request, package: PackageIdPath) -> Response:
        """Take a review."""
        submitter = await self._door.admit(request, Scope.REVIEW)
        package_id = read_package_id(package)
        said = read_json_request(ReviewRequest, await self._door.json_body(request))
        opinion = opinion_of(said)
        view = await self._gateway.review(package_id, opinion, submitter=submitter)
        return json_response(render_package(view), status=201, headers={"Location": f"{PREFIX}/packages/{package_id}"})

    def routes(self) -> APIRouter:
        """Give the routes of these resources."""
        router = APIRouter(redirect_slashes=False)
        router.add_api_route("/holds", self.list_holds, methods=["GET"], **_LIST)
        router.add_api_route("/holds/{id}", self.show, methods=["GET"], **_SHOW)
        router.add_api_route("/packages/{id}/reviews", self.review, methods=["POST"], **_REVIEW)
        return router


_LIST = operation(
    "listHolds",
    tag="holds",
    summary="List what waits in the officer's own organisation, newest first",
    answers={200: (HoldsPage, "One page of holds")},
    scope=Scope.HOLDS,
)
_SHOW = operation(
    "showHold",
    tag="holds",
    summary="Show one hold, with the necessity to judge",
    answers={200: (HoldBody, "The hold")},
    problems=(404,),
    scope=Scope.HOLDS,
)
_REVIEW = operation(
    "createReview",
    tag="holds",
    summary="Release or refuse a held package, as a privacy officer who did not hand it in",
    answers={201: (PackageBody, "The review is on the disk; the package goes the whole way again, or is refused")},
    problems=(404, 408, 409, 413, 415),
    body=json_body(
        "ReviewRequest",
        example={
            "verdict": ReviewVerdict.RELEASE.value,
            "reasonCode": ReviewReason.NECESSITY_PROVEN.value,
            "ground": "GDPR 9(2)(c); UAVG 30",
        },
    ),
    scope=Scope.REVIEW,
)
