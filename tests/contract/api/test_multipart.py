"""Promises of multipart submissions: streamed, in order, never on disk."""

import io
import json
import tempfile
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.entrypoints.api.settings import ApiSettings
from gateway.package.ids import PackageId
from tests.contract.api.fake_gateway import AN_ID, FakeGateway
from tests.contract.api.manifests import manifest, with_documents
from tests.contract.api.test_packages import problem

Files = list[tuple[str, tuple[str | None, bytes, str]]]


def parts(declared: dict[str, object], **files: bytes) -> Files:
    made: Files = [("manifest", (None, json.dumps(declared).encode(), "application/json"))]
    return made + [("file", (f"{name}.txt", content, "text/plain")) for name, content in files.items()]


async def test_a_manifest_with_its_files_is_complete_at_once(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    content = b"\r\n--not the boundary\r\n" * 1000
    sent = parts(with_documents("een.txt", "twee.txt"), een=content, twee=b"")
    answer = await client.post("/v1/packages", files=sent)
    assert (201, "received", []) == (answer.status_code, answer.json()["state"], answer.json()["expected"])
    assert content == gateway.content[PackageId(AN_ID), 1]


async def test_the_same_form_again_is_the_same_package(client: httpx.AsyncClient) -> None:
    sent = parts(with_documents("een.txt"), een=b"een")
    first = await client.post("/v1/packages", files=sent)
    again = await client.post("/v1/packages", files=sent)
    assert (201, 200) == (first.status_code, again.status_code)
    assert first.json() == again.json()


async def test_files_that_are_left_out_stay_expected(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/packages", files=parts(with_documents("een.txt", "twee.txt"), twee=b"2"))
    assert ("incomplete", [1]) == (answer.json()["state"], [each["number"] for each in answer.json()["expected"]])


async def test_a_file_that_the_manifest_does_not_name_is_refused(client: httpx.AsyncClient) -> None:
    sent = parts(with_documents("een.txt"), drie=b"3")
    problem(await client.post("/v1/packages", files=sent), 400, "document-undeclared")


async def test_a_file_that_comes_twice_is_refused(client: httpx.AsyncClient) -> None:
    sent = parts(with_documents("een.txt"), een=b"een")
    problem(await client.post("/v1/packages", files=[*sent, sent[1]]), 400, "request-invalid")


async def test_files_before_the_manifest_are_refused(client: httpx.AsyncClient) -> None:
    sent = parts(with_documents("een.txt"), een=b"een")
    problem(await client.post("/v1/packages", files=sent[::-1]), 400, "request-invalid")


FORM = {"Content-Type": "multipart/form-data; boundary=b"}
HEAD = (
    b'--b\r\nContent-Disposition: form-data; name="manifest"\r\n\r\n' + json.dumps(with_documents("een.txt")).encode()
)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", FORM),
        (b"no form at all", FORM),
        (HEAD, FORM),
        (HEAD + b"\r\n--b\r\nContent-Disposition: form-data; name=file; filename=een.txt\r\n\r\nhalf", FORM),
        (HEAD + b"\r\n--b\r\n\r\nno headers\r\n--b--\r\n", FORM),
        (HEAD + b"\r\n--b\r\nContent-Disposition: form-data; filename=\xff.txt\r\n\r\nx\r\n--b--\r\n", FORM),
        (
            HEAD
            + b"\r\n--b\r\nContent-Disposition: form-data\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--b--\r\n",
            FORM,
        ),
        (HEAD + b"\r\n--b--\r\n", {"Content-Type": "multipart/form-data"}),
        (HEAD + b"\r\n--b--\r\n", {"Content-Type": f"multipart/form-data; boundary={'b' * 300}"}),
    ],
    ids=["empty", "text", "cut in manifest", "cut in file", "no headers", "name no UTF-8", "base64", "none", "long"],
)
async def test_a_broken_form_is_refused(client: httpx.AsyncClient, body: bytes, headers: dict[str, str]) -> None:
    problem(await client.post("/v1/packages", content=body, headers=headers), 400, "request-invalid")


async def test_a_form_that_comes_byte_by_byte_is_read_the_same(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    body = HEAD + b"\r\n--b\r\nContent-Disposition: form-data; filename=een.txt\r\n\r\na\r\n--\r\n--b--\r\n"

    async def bytewise() -> AsyncIterator[bytes]:
        for place in range(len(body)):
            yield body[place : place + 1]

    assert 201 == (await client.post("/v1/packages", content=bytewise(), headers=FORM)).status_code
    assert b"a\r\n--" == gateway.content[PackageId(AN_ID), 1]


async def test_clear_text_of_a_form_never_touches_a_temporary_file(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, settings: ApiSettings
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a temporary file was made")

    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    monkeypatch.setattr(io, "open", refuse)
    large = b"x" * (settings.package_limit_bytes - 10_000)
    answer = await client.post("/v1/packages", files=parts(with_documents("een.txt"), een=large))
    assert 201 == answer.status_code


async def test_a_preview_sees_the_files_and_keeps_nothing(client: httpx.AsyncClient, gateway: FakeGateway) -> None:
    answer = await client.post("/v1/previews", files=parts(with_documents("een.txt", "twee.txt"), een=b"een"))
    verdicts = [each["verdict"] for each in answer.json()["recipients"][0]["documents"]]
    assert ["release", "hold"] == verdicts
    assert {} == gateway.content
    assert [] == (await client.get("/v1/packages")).json()["packages"]


async def test_a_preview_holds_no_more_than_its_limit_over_all_files(
    client: httpx.AsyncClient, settings: ApiSettings
) -> None:
    half = b"x" * (settings.preview_limit_bytes // 2 + 1)
    sent = parts(with_documents("een.txt", "twee.txt"), een=half, twee=half)
    body = problem(await client.post("/v1/previews", files=sent), 413, "body-too-large")
    assert str(settings.preview_limit_bytes) in str(body["title"])


async def test_a_preview_without_files_is_a_manifest_alone(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/previews", json=manifest(purpose="care"))
    assert (200, "refused") == (answer.status_code, answer.json()["outcome"])
    wrong = await client.post("/v1/previews", content=b"x", headers={"Content-Type": "text/plain"})
    problem(wrong, 415, "media-type-unsupported")
