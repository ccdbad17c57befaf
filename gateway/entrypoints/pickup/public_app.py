"""What the world may ask the pick-up service: a page that is the same for everybody, and ciphertext for the right code.

1. The key never comes here: it is made in the browser of the link's fragment, which no browser sends, and the code.
2. The page may run its own script and style and ask this very service; nothing else. No other site can frame it.
3. Whoever tries codes is slowed down for each address, beside the five tries that each parcel has.
4. What is answered tells nothing of a parcel before the right value was shown, but that it ended.
"""

import asyncio
import json
import os
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from io import FileIO
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway.entrypoints.pickup.store import Parcel, ParcelStore, RefusedError
from gateway.package.pickup import CODE_ALPHABET, CODE_CHARACTERS
from gateway.package.states import Language

TEMPLATE: Final = "pickup.html.j2"
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
_FOLDER: Final = Path(__file__).parent / "page"
_TYPES: Final = {".js": "text/javascript", ".css": "text/css"}
_PIECE: Final = 256 * 1024
_ACCESS: Final = re.compile(r"Sluis ([0-9a-f]{64})\Z")
_RANGE: Final = re.compile(r"bytes=([0-9]{1,15})-([0-9]{1,15})\Z")
_MOST_FAILURES: Final = 30
_FAILURES_SECONDS: Final = 600.0
_MOST_ADDRESSES: Final = 10_000

Render = Callable[[Language, Mapping[str, object]], str]


@dataclass(slots=True)
class Throttle:
    """Counts what went wrong for each address of late, in memory only; addresses are written nowhere."""

    monotonic: Callable[[], float] = time.monotonic
    _failures: OrderedDict[str, tuple[float, int]] = field(default_factory=OrderedDict)

    def require_calm(self, address: str) -> None:
        """Raise RefusedError 429 for an address that fails too often."""
        since, count = self._failures.get(address, (0.0, 0))
        if count >= _MOST_FAILURES and self.monotonic() - since < _FAILURES_SECONDS:
            raise RefusedError(429, "too-many")

    def note(self, address: str) -> None:
        """Count a failure."""
        since, count = self._failures.pop(address, (self.monotonic(), 0))
        if self.monotonic() - since >= _FAILURES_SECONDS:
            since, count = self.monotonic(), 0
        self._failures[address] = (since, count + 1)
        if len(self._failures) > _MOST_ADDRESSES:
            self._failures.popitem(last=False)


class PublicSide:
    """The page, its files, and the parcels behind it."""

    def __init__(self, store: ParcelStore, *, render: Render, throttle: Throttle | None = None) -> None:
        self._store = store
        self._throttle = throttle or Throttle()
        context = {"alphabet": CODE_ALPHABET, "characters": CODE_CHARACTERS}
        self._pages = {language: render(language, context).encode() for language in Language}
        self._files = {
            path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in _FOLDER.iterdir() if path.suffix in _TYPES
        }

    def app(self) -> Starlette:
        """Give the application."""
        return Starlette(
            routes=[
                Route("/{language:str}/{parcel:str}", self._page, methods=["GET"]),
                Route("/{name:str}", self._file, methods=["GET"]),
                Route("/parcels/{parcel:str}/entry", self._enter, methods=["POST"]),
                Route("/parcels/{parcel:str}/content", self._content, methods=["GET"]),
                Route("/parcels/{parcel:str}/receipt", self._receipt, methods=["POST"]),
            ],
            exception_handlers={404: _not_found, 405: _not_found},
        )

    async def _page(self, request: Request) -> Response:
        """Give the page; the parcel in its address is not even looked at."""
        if request.path_params["language"] not in set(Language):
            return _problem(RefusedError(404, "unknown"))
        language = Language(request.path_params["language"])
        headers = {**HEADERS, "Content-Language": language.value}
        return Response(self._pages[language], media_type="text/html", headers=headers)

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._files:
            return _problem(RefusedError(404, "unknown"))
        content, media_type = self._files[name]
        return Response(content, media_type=media_type, headers=HEADERS)

    async def _enter(self, request: Request) -> Response:
        return await self._guarded(request, self._store.enter, _described)

    async def _receipt(self, request: Request) -> Response:
        return await self._guarded(request, self._store.confirm, lambda left: _json({"left": left}))

    async def _content(self, request: Request) -> Response:
        return await self._guarded(request, self._store.open_content, partial(_streamed, request))

    async def _guarded(
        self, request: Request, ask: Callable[[str, bytes], Any], answer: Callable[[Any], Response]
    ) -> Response:
        """Ask the store with the value that was shown, in a thread; what fails is counted for the address."""
        address = request.client.host if request.client else ""
        try:
            self._throttle.require_calm(address)
            return answer(await asyncio.to_thread(ask, request.path_params["parcel"], _access(request)))
        except RefusedError as refused:
            if refused.status in (401, 404, 423):
                self._throttle.note(address)
            return _problem(refused)


def _access(request: Request) -> bytes:
    """Read the value that was shown. Raises RefusedError 400: what is none costs no try, and opens nothing."""
    shown = _ACCESS.match(request.headers.get("authorization", ""))
    if shown is None:
        raise RefusedError(400, "unreadable")
    return bytes.fromhex(shown[1])


def _described(parcel: Parcel) -> Response:
    said = parcel.description
    left = said.downloads - len(parcel.state.receipts)
    until = said.until.isoformat()
    return _json({"fileName": said.file_name, "size": said.size, "until": until, "left": left})


def _streamed(request: Request, file: FileIO) -> Response:
    """Give one range of the ciphertext, or all of it; the file is closed in every case."""
    size = os.fstat(file.fileno()).st_size
    wanted = _RANGE.match(request.headers.get("range", f"bytes=0-{size - 1}"))
    first, last = (int(wanted[1]), min(int(wanted[2]), size - 1)) if wanted else (size, 0)
    if first > last:
        file.close()
        headers = {**HEADERS, "Content-Range": f"bytes */{size}"}
        return Response(status_code=416, headers=headers)
    headers = {
        **HEADERS,
        "Accept-Ranges": "bytes",
        "Content-Length": str(last - first + 1),
        "Content-Range": f"bytes {first}-{last}/{size}",
    }
    status = 206 if "range" in request.headers else 200
    pieces = _pieces(file, first=first, end=last + 1)
    response = StreamingResponse(pieces, status_code=status, headers=headers, media_type="application/octet-stream")
    return _Closing(response, file)


class _Closing(Response):
    """Closes a file after the response that reads it, also when nobody waited for its first byte."""

    def __init__(self, response: StreamingResponse, file: FileIO) -> None:
        super().__init__()
        self._response = response
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See Starlette."""
        with self._file:
            await self._response(scope, receive, send)


async def _pieces(file: FileIO, *, first: int, end: int) -> AsyncIterator[bytes]:
    while first < end:
        piece = await asyncio.to_thread(os.pread, file.fileno(), min(_PIECE, end - first), first)
        if not piece:
            return
        first += len(piece)
        yield piece


async def _not_found(_request: Request, _error: Exception) -> Response:
    return _problem(RefusedError(404, "unknown"))


def _problem(refused: RefusedError) -> Response:
    content: dict[str, object] = {"code": refused.code}
    if refused.left is not None:
        content["left"] = refused.left
    return _json(content, status=refused.status)


def _json(content: Mapping[str, object], *, status: int = 200) -> Response:
    return Response(json.dumps(content), status_code=status, media_type="application/json", headers=HEADERS)
