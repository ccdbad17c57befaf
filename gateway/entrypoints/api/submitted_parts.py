"""A submission as multipart/form-data: the part `manifest` first, then each declared file under its declared name."""

import unicodedata
from collections.abc import AsyncIterator

from starlette.requests import Request

from gateway.entrypoints.api.body import body_chunks
from gateway.entrypoints.api.door import JSON, Door
from gateway.entrypoints.api.multipart import MultipartReader, Part, boundary_of
from gateway.entrypoints.api.problem_json import header_of
from gateway.intake.manifest_reading import key_path
from gateway.package.errors import Code, SluisError
from gateway.package.manifest import DeclaredFile, Manifest

_ROOM_FOR_PART_HEADERS = 1024 * 1024


async def open_submission(door: Door, request: Request, *, files_limit: int) -> tuple[Manifest, MultipartReader]:
    """Read the manifest and stand before the first file. Raises SluisError, all of the manifest's faults at once."""
    limit = door.settings.manifest_limit_bytes + files_limit + _ROOM_FOR_PART_HEADERS
    source = body_chunks(request, limit=limit, settings=door.settings)
    reader = MultipartReader(source, boundary=boundary_of(header_of(request.scope, b"content-type")))
    part = await reader.next_part()
    if part is None or part.name != "manifest" or part.media_type not in {"", JSON}:
        raise SluisError(Code.REQUEST_INVALID, where="body", faults=(("manifest", "the first part, as JSON"),))
    room = door.settings.manifest_limit_bytes
    return await door.manifest(await part.read(room=room, limit=room)), reader


async def declared_parts(reader: MultipartReader, manifest: Manifest) -> AsyncIterator[tuple[DeclaredFile, Part]]:
    """Give each file with its declaration. Raises SluisError `document-undeclared`, `request-invalid` when twice."""
    declared = {unicodedata.normalize("NFC", each.name): each for each in manifest.declared_files()}
    seen: set[int] = set()
    while (part := await reader.next_part()) is not None:
        file = declared.get(part.file_name)
        if file is None:
            raise SluisError(Code.DOCUMENT_UNDECLARED, detail={"count": 1})
        if file.number in seen:
            where = key_path(file)
            raise SluisError(Code.REQUEST_INVALID, where=where, faults=((where, "each file once"),))
        seen.add(file.number)
        yield file, part
