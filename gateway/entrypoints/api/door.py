"""What every resource of the API shares: the gateway, who may come in, and how a manifest is read at the door."""

import asyncio
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.body import require_media_type, whole_body
from gateway.entrypoints.api.identity import Admission
from gateway.entrypoints.api.port import GatewayPort
from gateway.entrypoints.api.schemas import json_bytes
from gateway.entrypoints.api.scopes import Scope
from gateway.entrypoints.api.settings import ApiSettings
from gateway.intake.manifest_faults import shown_key
from gateway.intake.manifest_reading import read_manifest
from gateway.package.errors import Code, SluisError
from gateway.package.manifest import Manifest
from gateway.package.states import Submitter

JSON = "application/json"
MULTIPART = "multipart/form-data"
_WORTH_A_THREAD = 65_536


@dataclass(frozen=True, slots=True)
class Door:
    """The way in, handed to each resource when the application is built."""

    gateway: GatewayPort
    settings: ApiSettings
    admission: Admission

    async def admit(self, request: Request, scope: Scope) -> Submitter:
        """Find who asks for a thing without query parameters. Raises SluisError."""
        require_no_query(request)
        return await self.admission.admit(request, scope)

    async def json_body(self, request: Request) -> bytes:
        """Read a JSON body. Raises SluisError `media-type-unsupported`, `body-too-large`, `request-timeout`."""
        require_media_type(request, JSON)
        return await whole_body(request, limit=self.settings.manifest_limit_bytes, settings=self.settings)

    async def manifest(self, text: bytes) -> Manifest:
        """Check a manifest; a long one in a thread, so that others do not wait. Raises SluisError."""
        if len(text) < _WORTH_A_THREAD:
            return read_manifest(text, syntax="json")
        return await asyncio.to_thread(read_manifest, text, syntax="json")


def require_no_query(request: Request) -> None:
    """Refuse query parameters that nobody reads, named when plain words. Raises SluisError `request-invalid`."""
    if request.scope["query_string"]:
        faults = tuple((shown_key(name), "no such parameter") for name in request.query_params)
        raise SluisError(Code.REQUEST_INVALID, where="query", faults=faults or (("query", "no query"),))


def require_each_once(request: Request) -> None:
    """Refuse a query parameter that stands twice. Raises SluisError `request-invalid`."""
    names = [name for name, _ in request.query_params.multi_items()]
    if len(names) != len(set(names)):
        raise SluisError(Code.REQUEST_INVALID, where="query", faults=(("query", "each parameter once"),))


def json_response(body: BaseModel, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with a body as JSON."""
    return Response(json_bytes(body), status_code=status, media_type=JSON, headers=headers)
