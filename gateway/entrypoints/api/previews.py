"""`/previews`: what would be decided; nothing is kept and nothing is sent."""

import asyncio

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.body import media_type
from gateway.entrypoints.api.door import JSON, MULTIPART, Door, json_response
from gateway.entrypoints.api.operations import operation, submission_body
from gateway.entrypoints.api.rendering import render_decision
from gateway.entrypoints.api.schemas import DecisionBody
from gateway.entrypoints.api.scopes import Scope
from gateway.entrypoints.api.submitted_parts import declared_parts, open_submission
from gateway.package.errors import Code, SluisError
from gateway.package.manifest import Manifest


class Previews:
    """Previews, as a resource; the files of a few at a time are held in memory, never on disk."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._places = asyncio.Semaphore(door.settings.previews_at_once)

    async def preview(self, request: Request) -> Response:
        """Decide on a package that is thrown away."""
        submitter = await self._door.admit(request, Scope.PREVIEW)
        async with self._places:
            manifest, files = await self._read(request)
            decision, labels = await self._door.gateway.preview(manifest, files, submitter=submitter)
        translate = self._door.settings.translate
        return json_response(render_decision(decision, labels=labels, purpose=manifest.purpose, translate=translate))

    async def _read(self, request: Request) -> tuple[Manifest, dict[int, bytes]]:
        kind = media_type(request)
        if kind == JSON:
            return await self._door.manifest(await self._door.json_body(request)), {}
        if kind == MULTIPART:
            return await self._read_parts(request)
        detail = {"expected": f"{JSON}, {MULTIPART}"}
        raise SluisError(Code.MEDIA_TYPE_UNSUPPORTED, where="Content-Type", detail=detail)

    async def _read_parts(self, request: Request) -> tuple[Manifest, dict[int, bytes]]:
        room = limit = self._door.settings.preview_limit_bytes
        manifest, reader = await open_submission(self._door, request, files_limit=limit)
        files: dict[int, bytes] = {}
        async for file, part in declared_parts(reader, manifest):
            content = await part.read(room=room, limit=limit)
            room -= len(content)
            files[file.number] = content
        return manifest, files

    def routes(self) -> APIRouter:
        """Give the routes of this resource."""
        router = APIRouter(redirect_slashes=False)
        router.add_api_route("/previews", self.preview, methods=["POST"], **_PREVIEW)
        return router


_PREVIEW = operation(
    "createPreview",
    tag="previews",
    summary="See what would be decided, and why",
    answers={200: (DecisionBody, "The decision that would be taken now")},
    problems=(408, 413, 415),
    body=submission_body(),
    scope=Scope.PREVIEW,
)
