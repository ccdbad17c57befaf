"""What a captured parser answers about a file counts only when it has the form of an answer, and can quote nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evidence.data_bounds import MAX_DATA_BYTES, MAX_DATA_FIELDS
from gateway.evidence.file_questions import (
    PaperQuestion,
    SignatureQuestion,
    ask_data,
    ask_paper,
    ask_signatures,
    read_question,
)
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Paper, PaperSignature

CONTENT = b"<zaak>\n<naam>Merhawi</naam>\n</zaak>"
QUESTION = SignatureQuestion(
    anchors=("PEM",), revocations=None, signed_by="Amina Yusuf", at="2026-11-26T12:00:00+00:00"
)


class Says:
    """A parser that was taken over: it says what it wants. None: it died."""

    def __init__(self, said: Any) -> None:
        self._said = said
        self.asked: list[str] = []

    def read_file(self, _content: bytes, question: str, /) -> bytes | None:
        self.asked.append(question)
        return self._said if self._said is None or isinstance(self._said, bytes) else json.dumps(self._said).encode()


def refusal(said: Any) -> SluisError:
    with pytest.raises(SluisError) as caught:
        ask_data(Says(said), CONTENT, suffix=".xml")
    return caught.value


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


def test_rows_come_back_as_they_were_said() -> None:
    rows = [{"naam": "Merhawi", "kinderen": [{"naam": "Sara"}]}]
    data = ask_data(Says({"data": {"shape": "list", "rows": rows}}), CONTENT, suffix=".xml")

    assert ("list", tuple(rows)) == (data.shape, data.rows)
    assert "Merhawi" not in repr(data)


@pytest.mark.parametrize(
    "said",
    [
        None,
        b"",
        b"Merhawi",
        b"\xff\xfe",
        [],
        {},
        {"data": {"shape": "record", "rows": ["Merhawi"]}},
        {"data": {"shape": "Merhawi", "rows": [{}]}},
        {"data": {"shape": "record", "rows": [{"naam": "Merhawi"}]}, "code": "data-unreadable"},
        {"data": {"shape": "list", "rows": [{"a": 1}] * (MAX_DATA_FIELDS + 1)}},
        {"data": {"shape": "record", "rows": [deep(65)]}},
        b'{"data": {"shape": "record", "rows": [' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"]}}",
        {"code": "internal-error"},
        {"code": "sandbox-missing"},
        {"code": "Merhawi"},
        {"code": "data-unreadable", "where": 5},
        {"paper": "readable"},
    ],
)
def test_forged_answer_what_is_no_answer_about_a_data_file_counts_as_the_death_of_its_parser(said: Any) -> None:
    error = refusal(said)

    assert (Code.DATA_READING_FAILED, "dataFile", {}) == (error.code, error.where, error.detail)
    assert "Merhawi" not in f"{error!r}{error.__cause__!r}{error.__context__!r}"


@pytest.mark.parametrize("where", ["line 3", "line 36", "row 1048576", ""])
def test_a_place_that_the_file_can_have_is_named(where: str) -> None:
    error = refusal({"code": "data-ambiguous", "where": where})

    assert (Code.DATA_AMBIGUOUS, where) == (error.code, error.where)


@pytest.mark.parametrize(
    "where", ["Merhawi", "line 19870312", "line 0", "line 01", "row 1048577", "row 0123456789", "line 3\n", "line ٣"]
)
def test_smuggled_value_a_place_that_the_file_can_not_have_is_left_out(where: str) -> None:
    error = refusal({"code": "data-unreadable", "where": where})

    assert (Code.DATA_UNREADABLE, "") == (error.code, error.where)


@given(where=st.text())
def test_a_place_is_two_words_of_ours_or_nothing(where: str) -> None:
    said = refusal({"code": "data-unreadable", "where": where.encode("utf-8", "ignore").decode()}).where

    assert said == "" or said.partition(" ")[0] in ("line", "row")


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        (Code.FIELDS_TOO_MANY, {"limit": MAX_DATA_FIELDS}),
        (Code.PACKAGE_TOO_LARGE, {"limit": MAX_DATA_BYTES}),
        (Code.DATA_UNREADABLE, {}),
    ],
)
def test_a_limit_is_ours_and_not_the_parsers(code: Code, detail: dict[str, int]) -> None:
    assert detail == refusal({"code": code.value, "where": "", "detail": {"limit": 19870312}}).detail


@pytest.mark.parametrize(
    "said",
    [None, b"x", {}, {"paper": "missing"}, {"paper": "unreadable", "signed": True}, {"paper": "x"}],
)
def test_forged_answer_what_is_no_answer_about_a_paper_makes_it_no_readable_one(said: Any) -> None:
    with pytest.raises(SluisError) as caught:
        ask_paper(Says(said), b"%PDF-")

    assert Code.PAPER_READING_FAILED is caught.value.code


@pytest.mark.parametrize("said", [None, b"x", {}, {"signature": "none"}, {"signature": "perfect"}])
def test_forged_answer_what_is_no_answer_about_a_signature_makes_it_no_valid_one(said: Any) -> None:
    with pytest.raises(SluisError) as caught:
        ask_signatures(Says(said), b"%PDF-", QUESTION)

    assert Code.PAPER_READING_FAILED is caught.value.code


def test_what_was_asked_arrives_as_it_was_meant() -> None:
    says = Says({"signature": "valid"})

    assert PaperSignature.VALID is ask_signatures(says, b"%PDF-", QUESTION)
    assert [QUESTION] == [read_question(each) for each in says.asked]
    assert "Amina" not in repr(QUESTION)
    says = Says({"paper": "readable", "signed": True})
    assert (Paper.READABLE, True) == ((found := ask_paper(says, b"%PDF-")).paper, found.signed)
    assert [PaperQuestion()] == [read_question(each) for each in says.asked]
