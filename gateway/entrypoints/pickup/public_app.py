"""What the world may ask the pick-up service: a page that is the same for everybody, and ciphertext for the right code.

1. The key never comes here: it is made in the browser of the link's fragment, which no browser sends, and the code.
2. The page may run its own script and style and ask this very service; nothing else. No other site can frame it.
3. Whoever tries codes is slowed down for each address, beside the five tries that each parcel has; whoever shows the
   right values is not (`gateway.entrypoints.pickup.visitors`).
4. What is answered tells nothing of a parcel, not even that there is one, before the link was proven.
"""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from http import HTTPStatus
from io import FileIO
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway.entrypoints.pickup.store import Parcel, ParcelStore, RefusedError, Shown
from gateway.entrypoints.pickup.visitors import Throttle, address_of
from gateway.package.pickup import CODE_ALPHABET, CODE_CHARACTERS
from gateway.package.states import Language

TEMPLATE: Final = "pickup.html.j2"
HOME: Final = "pickup-home.html.j2"
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
_SHOWN: Final = re.compile(r"Sluis ([0-9a-f]{64})\.([0-9a-f]{64})\Z")
_RANGE: Final = re.compile(r"bytes=([0-9]{1,15})-([0-9]{1,15})\Z")
_PAUSE_SECONDS: Final = 2.0

Render = Callable[[str, Language, Mapping[str, object]], str]


class PublicSide:
    """The page, its files, and the parcels behind it; `proxies` are believed when they say for whom they ask."""

    def __init__(self, store: ParcelStore, *, render: Render, proxies: frozenset[str] = frozenset()) -> None:
        self._store = store
        self._proxies = proxies
        self._throttle = Throttle()
        context = {"alphabet": CODE_ALPHABET, "characters": CODE_CHARACTERS}
        self._pages = {language: render(TEMPLATE, language, context).encode() for language in Language}
        self._homes = {language: render(HOME, language, {}).encode() for language in Language}
        self._files = {
            path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in _FOLDER.iterdir() if path.suffix in _TYPES
        }

    def app(self) -> Starlette:
        """Give the application."""
        app = Starlette(
            routes=[
                Route("/", self._home, methods=["GET"]),
                Route("/{language:str}/{parcel:str}", self._page, methods=["GET"]),
                Route("/{name:str}", self._file, methods=["GET"]),
                Route("/parcels/{parcel:str}/entry", self._enter, methods=["POST"]),
                Route("/parcels/{parcel:str}/content", self._content, methods=["GET"]),
                Route("/parcels/{parcel:str}/receipt", self._receipt, methods=["POST"]),
            ],
            exception_handlers={404: self._not_found, 405: self._not_found},
        )
        # Starlette would send people to wherever the Host header says.
        app.router.redirect_slashes = False
        return app

    async def _page(self, request: Request) -> Response:
        """Give the page; the parcel in its address is not even looked at."""
        if request.path_params["language"] not in set(Language):
            return self._nothing(request)
        language = Language(request.path_params["language"])
        return _html(self._pages[language], language)

    async def _home(self, _request: Request) -> Response:
        """Tell who comes without a link what this is, and what they need."""
        return _html(self._homes[Language.NL], Language.NL)

    async def _not_found(self, request: Request, _error: Exception) -> Response:
        return self._nothing(request)

    def _nothing(self, request: Request) -> Response:
        """Answer that there is nothing: a person, who came by a link that was cut off, in words."""
        if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
            return _problem(RefusedError(404, "unknown"))
        language = Language.EN if request.url.path.startswith("/en") else Language.NL
        return _html(self._homes[language], language, status=HTTPStatus.NOT_FOUND)

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name in set(Language):
            return _html(self._homes[Language(name)], Language(name))
        if name not in self._files:
            return self._nothing(request)
        content, media_type = self._files[name]
        return Response(content, media_type=media_type, headers=HEADERS)

    async def _enter(self, request: Request) -> Response:
        return await self._guarded(request, self._store.enter, _described)

    async def _receipt(self, request: Request) -> Response:
        confirm = partial(self._store.confirm, download=request.headers.get("sluis-download", ""))
        return await self._guarded(request, confirm, lambda left: _json({"left": left}))

    async def _content(self, request: Request) -> Response:
        return await self._guarded(request, self._store.open_content, partial(_streamed, request))

    async def _guarded(
        self, request: Request, ask: Callable[[str, Shown], Any], answer: Callable[[Any], Response]
    ) -> Response:
        """Ask the store with the values that were shown, in a thread; what fails is counted for the address."""
        try:
            return answer(await asyncio.to_thread(ask, request.path_params["parcel"], _shown(request)))
        except RefusedError as refused:
            if refused.status not in (401, 404, 423) or not self._throttle.note(address_of(request, self._proxies)):
                return _problem(refused)
            await asyncio.sleep(_PAUSE_SECONDS)
            # Who has the link is told how many tries are left, late; everybody else only that it is too much.
            return _problem(RefusedError(429, "too-many") if refused.status == HTTPStatus.NOT_FOUND else refused)


def _shown(request: Request) -> Shown:
    """Read the values that were shown. Raises RefusedError 400: what is none costs no try, and opens nothing."""
    shown = _SHOWN.match(request.headers.get("authorization", ""))
    if shown is None:
        raise RefusedError(400, "unreadable")
    return Shown(access=bytes.fromhex(shown[1]), link=bytes.fromhex(shown[2]))


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


def _html(content: bytes, language: Language, *, status: int = 200) -> Response:
    headers = {**HEADERS, "Content-Language": language.value}
    return Response(content, status_code=status, media_type="text/html", headers=headers)


def _problem(refused: RefusedError) -> Response:
    content: dict[str, object] = {"code": refused.code}
    if refused.left is not None:
        content["left"] = refused.left
    return _json(content, status=refused.status)


def _json(content: Mapping[str, object], *, status: int = 200) -> Response:
    return Response(json.dumps(content), status_code=status, media_type="application/json", headers=HEADERS)
