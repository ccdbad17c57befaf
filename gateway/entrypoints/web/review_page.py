"""`/review`: the page on which a privacy officer looks into what waits and decides.

1. The page is the same for everybody: no name, no package and no token is ever written into it, so that nobody has
   to be known to get it. What it shows it asks of the API, with the token that its reader types.
2. It may run its own scripts and styles, ask this very service, and show pictures that it made itself; nothing else. No
   other site can frame it, and no form of it can be sent anywhere.
3. Texts come from the template and the catalogue, rendered once for each language: a broken one stops the start.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from gateway.entrypoints.api.door import require_each_once, require_no_query
from gateway.entrypoints.api.problem_json import header_of, language_of
from gateway.entrypoints.api.settings import Translate
from gateway.package.errors import Code, SluisError
from gateway.package.reviews import MAX_GROUND, MAX_TEXT, Opinion, ReviewReason, ReviewVerdict
from gateway.package.states import Language
from gateway.receipt.wording import CHANNELS, DELIVERIES, KINDS, OUTCOMES, VERDICTS, WHOSE

TEMPLATE: Final = "review.html.j2"
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_FOLDER = Path(__file__).parent / "review"
_TYPES = {".js": "text/javascript", ".css": "text/css"}
_GUARDED = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}

_Code = TypeVar("_Code", bound=StrEnum)
Render = Callable[[Language, Mapping[str, object]], str]


class ReviewQuery(BaseModel):
    """What `GET /review` may be asked; any other parameter is refused."""

    model_config = ConfigDict(extra="forbid")

    language: Language | None = None


class ReviewPage:
    """The page and its files, read once."""

    def __init__(self, render: Render, translate: Translate) -> None:
        self._pages = {language: render(language, _context(translate, language)).encode() for language in Language}
        self._files = {
            path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in _FOLDER.iterdir() if path.suffix in _TYPES
        }

    async def page(self, request: Request, query: Annotated[ReviewQuery, Query()]) -> Response:
        """Give the page in the language that is asked for; Dutch when none is."""
        require_each_once(request)
        accepted = header_of(request.scope, b"accept-language")
        language = query.language or language_of(accepted, otherwise=Language.NL)
        headers = {**_GUARDED, "Content-Language": language.value}
        return Response(self._pages[language], media_type="text/html", headers=headers)

    async def file(self, request: Request, name: str) -> Response:
        """Give one of the page's own files, and no other. Raises SluisError `not-found`."""
        require_no_query(request)
        if name not in self._files:
            raise SluisError(Code.NOT_FOUND)
        content, media_type = self._files[name]
        return Response(content, media_type=media_type, headers=_GUARDED)

    def routes(self) -> APIRouter:
        """Give the routes, which are no part of the versioned API and stand in no document."""
        router = APIRouter(redirect_slashes=False, include_in_schema=False)
        router.add_api_route("/review", self.page, methods=["GET"])
        router.add_api_route("/review/{name}", self.file, methods=["GET"])
        return router


def _context(translate: Translate, language: Language) -> dict[str, object]:
    """Give the words that slips use too, by their codes, and the limits of what may be written."""

    def said(table: Mapping[_Code, str]) -> dict[str, str]:
        return {key.value: translate(text, language) for key, text in table.items()}

    return {
        "shared_words": {
            "verdicts": said(VERDICTS),
            "outcomes": said(OUTCOMES),
            "deliveries": said(DELIVERIES),
            "channels": said(CHANNELS),
            "whose": said(WHOSE),
            "kinds": said({kind: plural.one for kind, plural in KINDS.items()}),
        },
        "reasons": {verdict.value: _reasons(verdict) for verdict in ReviewVerdict},
        "max_text": MAX_TEXT,
        "max_ground": MAX_GROUND,
    }


def _reasons(verdict: ReviewVerdict) -> list[str]:
    """List the codes that fit a verdict, as whoever takes the review judges it."""
    return [each.value for each in ReviewReason if not Opinion(verdict=verdict, reason=each, text="-").faults()]
