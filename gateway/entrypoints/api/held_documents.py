"""`/holds/{id}/documents/{n}` and its pages: a held document for the privacy officer who reviews it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.door import Door, json_response, require_each_once
from gateway.entrypoints.api.operations import DocumentNumberPath, PackageIdPath, operation
from gateway.entrypoints.api.packages import read_package_id
from gateway.entrypoints.api.review_bodies import HeldDocumentBody, render_held_document
from gateway.entrypoints.api.scopes import Scope

PagePath = Annotated[int, Path(alias="page", ge=1, le=100_000, description="Number of the page, from 1")]
_Recipient = Annotated[
    str,
    Field(max_length=200, description="As it would go to this one; left out, to the first that may get it"),
]


class ViewQuery(BaseModel):
    """What a document may be asked for with; any other parameter is refused."""

    model_config = ConfigDict(extra="forbid")

    recipient: _Recipient = ""


class PageQuery(BaseModel):
    """What a page may be asked for with; any other parameter is refused."""

    model_config = ConfigDict(extra="forbid")

    recipient: _Recipient = ""
    side: Annotated[Literal["before", "after"], Field(description="As it came, or as it would go")] = "after"


class HeldDocuments:
    """The documents of a hold, as a resource; nothing of an answer is kept by who passes it on (`no-store`)."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._gateway = door.gateway

    async def show(
        self,
        request: Request,
        package: PackageIdPath,
        number: DocumentNumberPath,
        query: Annotated[ViewQuery, Query()],
    ) -> Response:
        """Show a document: its texts, and what was found in them."""
        submitter = await self._door.admission.admit(request, Scope.HOLDS)
        require_each_once(request)
        package_id = read_package_id(package)
        view = await self._gateway.hold_document(package_id, number, recipient=query.recipient, submitter=submitter)
        return json_response(render_held_document(package_id, view))

    async def page(
        self,
        request: Request,
        package: PackageIdPath,
        number: DocumentNumberPath,
        page: PagePath,
        query: Annotated[PageQuery, Query()],
    ) -> Response:
        """Give the picture of a page."""
        submitter = await self._door.admission.admit(request, Scope.HOLDS)
        require_each_once(request)
        picture = await self._gateway.hold_page(
            read_package_id(package),
            number,
            page,
            recipient=query.recipient,
            after=query.side == "after",
            submitter=submitter,
        )
        return Response(picture, media_type="image/png")

    def routes(self) -> APIRouter:
        """Give the routes of this resource."""
        router = APIRouter(redirect_slashes=False)
        router.add_api_route("/holds/{id}/documents/{n}", self.show, methods=["GET"], **_SHOW)
        router.add_api_route("/holds/{id}/documents/{n}/pages/{page}", self.page, methods=["GET"], **_PAGE)
        return router


_SHOW = operation(
    "showHeldDocument",
    tag="holds",
    summary="Show a document of a hold as it came and as it would go, to who may review it",
    answers={200: (HeldDocumentBody, "The document")},
    problems=(404, 409),
    scope=Scope.HOLDS,
)
_PAGE = operation(
    "showHeldPage",
    tag="holds",
    summary="Give a page of such a document as a picture",
    answers={200: (None, "The page, 800 pixels wide")},
    problems=(404, 409),
    scope=Scope.HOLDS,
)
