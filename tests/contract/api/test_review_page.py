"""Promises of the page for privacy officers: the same for everybody, in two languages, and able to do little."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.entrypoints.api.app import build_app
from gateway.entrypoints.api.settings import ApiSettings
from gateway.entrypoints.web.review_page import TEMPLATE, ReviewPage
from gateway.package.errors import Code, SluisError
from gateway.package.states import Language
from gateway.receipt.templates import Templates
from tests.contract.api.conftest import client_as
from tests.contract.api.fake_gateway import FakeGateway

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "gateway" / "entrypoints" / "web" / "review"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
ASKED_FOR = re.compile(r"""\b(?:say|count)\(\s*"([\w-]+)\"""")


def review_page(folder: Path = ROOT / "templates") -> ReviewPage:
    texts = Templates(folders=[folder, ROOT / "templates"])
    return ReviewPage(
        lambda language, context: texts.render(TEMPLATE, language=language, context=context),
        lambda text, language: texts.text(text, language=language),
    )


@pytest.fixture
async def anybody(gateway: FakeGateway) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody on TCP without a token, at an API with the page beside it."""
    app = build_app(gateway, settings=ApiSettings(), pages=(review_page().routes,))
    async with client_as(app, None) as client:
        yield client


@pytest.mark.parametrize("path", ["/review", "/review/review.js", "/review/review.css"])
async def test_the_page_comes_without_a_token_under_one_policy_of_its_own(
    anybody: httpx.AsyncClient, path: str
) -> None:
    answer = await anybody.get(path)

    assert 200 == answer.status_code
    assert [POLICY] == answer.headers.get_list("content-security-policy")
    assert "no-store" == answer.headers["cache-control"]
    assert "nosniff" == answer.headers["x-content-type-options"]
    assert "set-cookie" not in answer.headers


async def test_the_api_beside_it_keeps_its_own_policy_that_lets_nothing_load(anybody: httpx.AsyncClient) -> None:
    for path in ("/v1/holds", "/health/live", "/nothing", "/review/nothing.js"):
        answer = await anybody.get(path)
        assert ["default-src 'none'; frame-ancestors 'none'"] == answer.headers.get_list("content-security-policy")


async def test_the_page_is_the_same_for_everybody(anybody: httpx.AsyncClient, gateway: FakeGateway) -> None:
    known = await anybody.get("/review", headers={"Authorization": "Bearer all"})

    assert known.content == (await anybody.get("/review")).content
    assert not any(name in known.text for name in ("a-voorbeeld", "b-voorbeeld", "gemeente-voorbeeld"))
    assert gateway.tokens


@pytest.mark.parametrize(
    ("path", "accepted", "language"),
    [
        ("/review", None, "nl"),
        ("/review", "fr", "nl"),
        ("/review", "en-GB,en;q=0.9", "en"),
        ("/review", "en;q=0.5, nl", "nl"),
        ("/review?language=en", "nl", "en"),
        ("/review?language=nl", "en", "nl"),
    ],
)
async def test_the_page_is_dutch_unless_english_is_asked_for(
    anybody: httpx.AsyncClient, path: str, accepted: str | None, language: str
) -> None:
    answer = await anybody.get(path, headers={"Accept-Language": accepted} if accepted else {})

    assert language == answer.headers["content-language"]
    assert f'<html lang="{language}"' in answer.text
    assert {"nl": "Wie bent u?", "en": "Who are you?"}[language] in answer.text


@pytest.mark.parametrize("path", ["/review?language=fr", "/review?token=abc", "/review?language=nl&language=en"])
async def test_a_question_that_the_page_does_not_know_is_refused(anybody: httpx.AsyncClient, path: str) -> None:
    answer = await anybody.get(path)

    assert (400, "request-invalid") == (answer.status_code, answer.json()["code"])
    assert "abc" not in answer.text


@pytest.mark.parametrize("name", ["review_page.py", "..%2Freview_page.py", "nothing.js", "%2e%2e/review_page.py"])
async def test_no_file_beside_those_of_the_page_is_given_out(anybody: httpx.AsyncClient, name: str) -> None:
    assert 404 == (await anybody.get(f"/review/{name}")).status_code


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_nothing_in_the_page_needs_more_than_its_policy_gives(anybody: httpx.AsyncClient, language: str) -> None:
    text = (await anybody.get(f"/review?language={language}")).text
    tags = re.findall(r"<[a-z][^>]*>", re.sub(r"<script type=\"application/json\".*?</script>", "", text))

    assert [] == [tag for tag in tags if re.search(r"\s(?:on\w+|style)=", tag)]
    assert [] == [tag for tag in tags if re.search(r"(?:src|href|action)=\"(?!/review|#)", tag)]
    assert 1 == sum(tag.startswith("<script") for tag in tags)


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_every_sentence_that_a_script_asks_for_comes_with_the_page(
    anybody: httpx.AsyncClient, language: str
) -> None:
    text = (await anybody.get(f"/review?language={language}")).text
    found = re.search(r'<script type="application/json" id="words">(.*?)</script>', text)
    assert found is not None
    words = json.loads(found[1])
    asked = {key for path in SCRIPTS.glob("*.js") for key in ASKED_FOR.findall(path.read_text(encoding="utf-8"))}

    assert len(asked) > 40
    assert [] == sorted(key for key in asked if key not in words and f"{key}_many" not in words)


async def test_no_script_of_the_page_keeps_anything_in_the_browser_or_makes_markup_of_text() -> None:
    forbidden = ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "innerHTML", "outerHTML", "eval(")
    for path in SCRIPTS.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert [] == [(path.name, word) for word in forbidden if word in text]


async def test_a_template_of_the_site_that_asks_for_what_is_not_there_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / TEMPLATE).write_text("{{ nothing }}", encoding="utf-8")

    with pytest.raises(SluisError) as caught:
        review_page(tmp_path)

    assert (Code.SETTING_INVALID, f"templates/{TEMPLATE}") == (caught.value.code, caught.value.where)


async def test_words_in_the_page_can_not_end_its_script_block() -> None:
    attack = "</script><script>alert(1)</script>"
    texts = Templates(folders=[ROOT / "templates"])
    context = {"shared_words": {"verdicts": {"hold": attack}}, "reasons": {}, "max_text": 1, "max_ground": 1}

    rendered = texts.render(TEMPLATE, language=Language.NL, context=context)

    assert attack not in rendered
