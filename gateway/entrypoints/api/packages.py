"""`/packages`: hand a package in, complete it, look at it."""

import re
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.body import body_chunks, media_type, require_media_type
from gateway.entrypoints.api.door import JSON, MULTIPART, Door, json_response, require_each_once
from gateway.entrypoints.api.operations import (
    DocumentNumberPath,
    PackageIdPath,
    operation,
    stream_body,
    submission_body,
)
from gateway.entrypoints.api.rendering import render_package
from gateway.entrypoints.api.schemas import UUID_PATTERN, PackageBody, PackagePage
from gateway.entrypoints.api.scopes import Scope
from gateway.entrypoints.api.settings import PREFIX
from gateway.entrypoints.api.submitted_parts import declared_parts, open_submission
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, parse_package_id
from gateway.package.states import PackageState, Submitter
from gateway.package.views import PackageView

_UUID = re.compile(UUID_PATTERN)


class PackagesQuery(BaseModel):
    """What `GET /packages` may be asked; any other parameter is refused."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[PackageState | SkipJsonSchema[None], Field(description="Only packages in this state")] = None
    cursor: Annotated[str, Field(max_length=200, description="The cursor of the page before")] = ""
    limit: Annotated[int, Field(ge=1, le=200, description="At most so many packages")] = 50


def read_package_id(text: str) -> PackageId:
    """Read the id in a path: a UUID in its usual form. Raises SluisError `id-invalid`."""
    if not _UUID.fullmatch(text):
        raise SluisError(Code.ID_INVALID, where="id")
    return parse_package_id(text)


def _traceparent(request: Request) -> str:
    """Give the caller's trace, unchecked; one that is said twice is said by nobody (W3C Trace Context 2.2)."""
    said = request.headers.getlist("traceparent")
    return said[0].strip(" \t") if len(said) == 1 else ""


class Packages:
    """The packages, as a resource."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._gateway = door.gateway

    async def submit(self, request: Request) -> Response:
        """Take a manifest; the same manifest under the same id again is answered, not taken twice."""
        submitter = await self._door.admit(request, Scope.SUBMIT)
        kind = media_type(request)
        if kind == JSON:
            manifest = await self._door.manifest(await self._door.json_body(request))
            view, new = await self._gateway.submit(manifest, submitter=submitter, traceparent=_traceparent(request))
        elif kind == MULTIPART:
            view, new = await self._submit_parts(request, submitter)
        else:
            detail = {"expected": f"{JSON}, {MULTIPART}"}
            raise SluisError(Code.MEDIA_TYPE_UNSUPPORTED, where="Content-Type", detail=detail)
        headers = {"Location": f"{PREFIX}/packages/{view.id}"}
        return json_response(render_package(view), status=201 if new else 200, headers=headers if new else None)

    async def _submit_parts(self, request: Request, submitter: Submitter) -> tuple[PackageView, bool]:
        limit = self._door.settings.package_limit_bytes
        manifest, reader = await open_submission(self._door, request, files_limit=limit)
        view, new = await self._gateway.submit(manifest, submitter=submitter, traceparent=_traceparent(request))
        async for file, part in declared_parts(reader, manifest):
            view = await self._gateway.put_document(view.id, file.number, part.chunks(), submitter=submitter)
        return view, new

    async def put_document(self, request: Request, package: PackageIdPath, number: DocumentNumberPath) -> Response:
        """Take one declared file as a raw stream."""
        submitter = await self._door.admit(request, Scope.SUBMIT)
        require_media_type(request, "application/octet-stream")
        package_id, settings = read_package_id(package), self._door.settings
        chunks = body_chunks(request, limit=settings.package_limit_bytes, settings=settings)
        view = await self._gateway.put_document(package_id, number, chunks, submitter=submitter)
        return json_response(render_package(view))

    async def show(self, request: Request, package: PackageIdPath) -> Response:
        """Show one package."""
        submitter = await self._door.admit(request, Scope.READ)
        view = await self._gateway.package(read_package_id(package), submitter=submitter)
        return json_response(render_package(view))

    async def list_packages(self, request: Request, query: Annotated[PackagesQuery, Query()]) -> Response:
        """List packages page by page."""
        submitter = await self._door.admission.admit(request, Scope.READ)
        require_each_once(request)
        page = await self._gateway.packages(
            state=query.state, cursor=query.cursor, limit=query.limit, submitter=submitter
        )
        return json_response(PackagePage(packages=[render_package(each) for each in page.packages], cursor=page.cursor))

    def routes(self) -> APIRouter:
        """Give the routes of this resource."""
        router = APIRouter(redirect_slashes=False)
        one = "/packages/{id}"
        router.add_api_route("/packages", self.submit, methods=["POST"], **_SUBMIT)
        router.add_api_route("/packages", self.list_packages, methods=["GET"], **_LIST)
        router.add_api_route(one, self.show, methods=["GET"], **_SHOW)
        router.add_api_route(one + "/documents/{n}", self.put_document, methods=["PUT"], **_PUT)
        return router


_SUBMIT = operation(
    "submitPackage",
    tag="packages",
    summary="Hand in a package; it is complete when every declared file has arrived",
    answers={201: (PackageBody, "Accepted, durably"), 200: (PackageBody, "Accepted before, under the same id")},
    problems=(404, 408, 409, 413, 415, 507),
    body=submission_body(),
    scope=Scope.SUBMIT,
)
_LIST = operation(
    "listPackages",
    tag="packages",
    summary="List packages, newest first",
    answers={200: (PackagePage, "One page of packages")},
    scope=Scope.READ,
)
_SHOW = operation(
    "showPackage",
    tag="packages",
    summary="Show one package",
    answers={200: (PackageBody, "The package")},
    problems=(404,),
    scope=Scope.READ,
)
_PUT = operation(
    "putDocument",
    tag="packages",
    summary="Bring one declared file as a raw stream",
    answers={200: (PackageBody, "The file is stored, encrypted")},
    problems=(404, 408, 409, 413, 415, 507),
    body=stream_body(),
    scope=Scope.SUBMIT,
)
