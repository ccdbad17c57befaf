"""`/openapi.json`: the description of the API, for anyone, from anywhere (NL GOV ADR 2.2 /core/publish-openapi)."""

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.door import JSON, require_no_query
from gateway.entrypoints.api.operations import operation
from gateway.entrypoints.api.schemas import OpenApiDocument


class Description:
    """The OpenAPI document, as a resource; written once, when it is first asked for."""

    def __init__(self, document: Callable[[], dict[str, Any]]) -> None:
        self._document = document
        self._text = b""

    async def show(self, request: Request) -> Response:
        """Show the document."""
        require_no_query(request)
        self._text = self._text or orjson.dumps(self._document())
        return Response(self._text, media_type=JSON, headers={"Access-Control-Allow-Origin": "*"})

    def routes(self) -> APIRouter:
        """Give the route."""
        router = APIRouter(redirect_slashes=False)
        router.add_api_route("/openapi.json", self.show, methods=["GET"], **_SHOW)
        return router


_SHOW = operation(
    "showOpenapi",
    tag="description",
    summary="Show this document",
    answers={200: (OpenApiDocument, "The document")},
)
