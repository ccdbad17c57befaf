"""Laws of the small decisions at the door."""

import asyncio
import itertools
import os
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bootstrap.translations import translated
from gateway.entrypoints.api.body import patience
from gateway.entrypoints.api.identity import PEER_KEY, Peer, bearer_token, peer_of, require_own_host
from gateway.entrypoints.api.invalid_input import faults_of
from gateway.entrypoints.api.multipart import MultipartReader
from gateway.entrypoints.api.problem_details import problem_body
from gateway.entrypoints.api.problem_json import language_of
from gateway.entrypoints.api.settings import ApiSettings, untranslated
from gateway.package.errors import Code, SluisError
from gateway.package.problems import PROBLEMS
from gateway.package.states import Language

SETTINGS = ApiSettings(chunk_limit_seconds=30.0, slowest_bytes_per_second=1000)


@given(received=st.integers(0, 10**10), waited=st.floats(0, 10**7))
def test_patience_is_never_negative_and_never_longer_than_the_limit(received: int, waited: float) -> None:
    assert 0 <= patience(SETTINGS, received=received, waited=waited) <= 30.0


@given(received=st.integers(0, 10**9), more=st.integers(0, 10**6), waited=st.floats(0, 10**6))
def test_who_has_sent_more_is_not_waited_for_less(received: int, more: int, waited: float) -> None:
    before = patience(SETTINGS, received=received, waited=waited)
    assert before <= patience(SETTINGS, received=received + more, waited=waited)


def test_a_client_slower_than_the_slowest_has_no_patience_left() -> None:
    assert 0 == patience(SETTINGS, received=1000, waited=31.0)
    assert 30.0 == patience(SETTINGS, received=100_000, waited=60.0)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", Language.EN),
        ("nl", Language.NL),
        ("nl-BE, en;q=0.9", Language.NL),
        ("en, nl;q=0.9", Language.EN),
        ("fr, nl;q=0.1", Language.NL),
        ("nl;q=0", Language.EN),
        ("nl;q=nan, en;q=0.1", Language.EN),
        ("*", Language.EN),
    ],
)
def test_the_language_is_the_one_that_the_reader_likes_best(header: str, language: Language) -> None:
    assert language == language_of(header)


@given(st.text())
def test_any_accept_language_gives_a_language(header: str) -> None:
    assert language_of(header) in set(Language)


def scope_with(*headers: tuple[bytes, bytes], peer: Peer | None = None) -> dict[str, Any]:
    return {"type": "http", "headers": list(headers), PEER_KEY: peer}


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-_.~+/", min_size=1))
def test_a_bearer_token_is_read_as_it_was_sent(token: str) -> None:
    for scheme in ("Bearer", "bearer"):
        assert token == bearer_token(scope_with((b"authorization", f"{scheme} {token}".encode())))


def test_on_the_socket_the_host_header_does_not_count() -> None:
    require_own_host(scope_with((b"host", b"x.example"), peer=Peer(1, 2, 3)))
    with pytest.raises(SluisError, match="host-refused"):
        require_own_host(scope_with((b"host", b"localhost"), (b"host", b"localhost")))


def test_the_kernel_names_the_peer_of_a_unix_socket_only() -> None:
    one, two = socket.socketpair(socket.AF_UNIX)
    with one, two, socket.socket(socket.AF_INET) as tcp:
        assert Peer(os.getpid(), os.getuid(), os.getgid()) == peer_of(one)
        assert peer_of(tcp) is None


@pytest.mark.parametrize("code", list(Code))
def test_every_code_speaks_as_problem_details(code: Code) -> None:
    error = SluisError(code, where="here", faults=(("a", "b"),))
    body = problem_body(error, translate=untranslated, language=Language.EN, base_url="https://x.example/")
    assert (code.value, PROBLEMS[code].status) == (body["code"], body["status"])
    assert body["title"]
    assert body["remedy"]
    assert body["detail"].endswith("Place: here.")
    assert [{"where": "a", "expected": "b"}] == body["errors"]


def test_a_fault_names_its_place_and_never_the_input() -> None:
    errors = [
        {"type": "int_parsing", "loc": ("query", "limit"), "msg": "Input should be a valid integer", "input": "secret"},
        {"type": "extra_forbidden", "loc": ("scopes", 2, "x"), "msg": "secret", "input": "secret"},
        {"type": "missing", "loc": (), "msg": "Field required", "input": "secret"},
        {"type": "string_too_short", "loc": ("source",), "msg": "secret", "ctx": {"min_length": 3}},
    ]
    assert (
        ("limit", "a valid integer"),
        ("scopes[2].x", "no such key or parameter"),
        ("body", "a value"),
        ("source", "text of at least 3 characters expected"),
    ) == faults_of(errors)


BOUNDARY = b"boundary"
contents = st.lists(
    st.one_of(
        st.binary(max_size=300), st.sampled_from([b"\r\n--boundar", b"\r\n--boundary!", b"--boundary--", b"\r\n"])
    ),
    max_size=4,
)


async def read_parts(body: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]

    async def pieces() -> AsyncIterator[bytes]:
        for start, end in itertools.pairwise(edges):
            yield body[start:end]

    reader = MultipartReader(pieces(), boundary=BOUNDARY)
    found = []
    while (part := await reader.next_part()) is not None:
        found.append(b"".join([chunk async for chunk in part.chunks()]))
    return found


@given(parts=contents, cuts=st.lists(st.integers(0, 10**6), max_size=12))
def test_a_form_is_read_the_same_however_it_is_cut(parts: list[bytes], cuts: list[int]) -> None:
    parts = [part for part in parts if b"\r\n--boundary" not in b"\r\n" + part] or [b""]
    head = b"Content-Disposition: form-data; name=x\r\n\r\n"
    body = b"".join(b"--boundary\r\n" + head + part + b"\r\n" for part in parts) + b"--boundary--\r\n"
    assert parts == asyncio.run(read_parts(body, cuts))


@given(st.binary(max_size=400))
def test_any_bytes_are_a_form_or_a_problem(body: bytes) -> None:
    codes = {Code.REQUEST_INVALID}
    try:
        asyncio.run(read_parts(b"--boundary\r\n" + body, []))
    except SluisError as error:
        codes.add(error.code)
    assert {Code.REQUEST_INVALID} == codes


@pytest.mark.parametrize(
    ("language", "said"),
    [(Language.NL, "Plaats: de inhoud van de aanvraag."), (Language.EN, "Place: the content of the request.")],
)
def test_a_sentence_about_a_request_names_its_place_as_people_do_and_programs_keep_the_key(
    language: Language, said: str
) -> None:
    error = SluisError(Code.REQUEST_INVALID, where="body", faults=(("body", "JSON in UTF-8"),))
    body = problem_body(error, translate=translated, language=language, base_url="https://x.example/")

    assert body["detail"].endswith(said)
    assert ["body"] == [each["where"] for each in body["errors"]]


@pytest.mark.parametrize(
    ("language", "told"), [(Language.NL, "Nodig is een van deze rollen"), (Language.EN, "It needs")]
)
def test_who_lacks_a_role_hears_which_one_it_takes(language: Language, told: str) -> None:
    error = SluisError(Code.NOT_PERMITTED, detail={"role": "privacy-officer, security"})
    body = problem_body(error, translate=translated, language=language, base_url="https://x.example/")
    without = problem_body(
        SluisError(Code.NOT_PERMITTED), translate=translated, language=language, base_url="https://x.example/"
    )

    assert told in body["remedy"]
    assert body["remedy"].endswith(": privacy-officer, security.")
    assert told not in without["remedy"]
