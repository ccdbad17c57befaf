"""What the sandbox answers is hostile until it is checked."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.minimise.documents.jobs import Choice, Death, Findings, Rebuilding, Searched
from gateway.minimise.documents.model import Rebuilt, Trouble
from gateway.minimise.documents.recognising import DocumentType
from gateway.minimise.documents.wire import (
    Answer,
    Request,
    length_of,
    read_answer,
    read_request,
    write_answer,
    write_request,
)
from gateway.minimise.people.findings import Kind, Known, Whose
from gateway.package.edits import Edits, Span
from gateway.package.facts import Counted
from gateway.package.manifest import Category
from gateway.package.states import Language
from tests.unit.documents import keeping

FINDINGS = Findings(
    type=DocumentType.PDF,
    counted=(Counted(kind=Kind.NAME, whose=Whose.THIRD_PARTY, page=3, certain=False, count=2),),
    pages=4,
    raised=frozenset({Category.SPECIAL, Category.CRIMINAL}),
    used_ocr=True,
)
REBUILT = Rebuilt(content=b"\x00new", suffix=".pdf", media_type="application/pdf", left_behind=Counter(comments=2))


def test_a_request_arrives_as_it_was_sent() -> None:
    known = Known(names=("Yohannes Tesfay",), numbers=("123",), birth_date="1990-00-00", withheld=("x",))
    edits = Edits(seen="0" * 64, lifted=(Span(passage=1, start=2, end=3),), added=(Span(passage=0, start=0, end=1),))
    for choice in (None, Choice(stays=keeping(officials=True), language=Language.EN, edits=edits)):
        request = Request(name="brief \u202e.pdf", known=known, choice=choice)

        assert request == read_request(write_request(request))


@pytest.mark.parametrize(
    "answer",
    [
        Answer(kind="searched", searched=Searched(findings=FINDINGS, names=("Merhawi", "J. Koç"))),
        Answer(kind="searched", searched=Searched(findings=Findings(trouble=Trouble.ENCRYPTED))),
        Answer(kind="rebuilding", rebuilding=Rebuilding(findings=FINDINGS, taken=FINDINGS.counted, rebuilt=REBUILT)),
        Answer(kind="rebuilding", rebuilding=Rebuilding(findings=FINDINGS, residue=frozenset({Kind.BSN}))),
        Answer(kind="fault", fault="KeyError docx_reading:12"),
    ],
)
def test_an_answer_arrives_as_it_was_given(answer: Answer) -> None:
    assert answer == read_answer(*write_answer(answer))


def test_half_a_surrogate_pair_is_no_letter_of_a_name() -> None:
    answer = Answer(kind="searched", searched=Searched(findings=FINDINGS, names=("Mer\ud800hawi",)))
    searched = read_answer(*write_answer(answer)).searched

    assert searched is not None
    assert ("Merhawi",) == searched.names


def hostile(change: dict[str, Any], *, within: tuple[str, ...] = ()) -> bytes:
    message = json.loads(
        write_answer(Answer(kind="rebuilding", rebuilding=Rebuilding(findings=FINDINGS, rebuilt=REBUILT)))[0]
    )
    place = message
    for key in within:
        place = place[key]
    place.update(change)
    return json.dumps(message).encode()


@pytest.mark.parametrize(
    ("change", "within"),
    [
        ({"kind": "other"}, ()),
        ({"kind": "searched"}, ()),
        ({"rebuilding": None}, ()),
        ({"fault": "Merhawi Tesfay, geboren 1-1-1990"}, ()),
        ({"residue": ["name"]}, ("rebuilding",)),
        ({"residue": ["Merhawi"]}, ("rebuilding",)),
        ({"places": ["page 3"]}, ("rebuilding",)),
        ({"trouble": "active"}, ("rebuilding", "findings")),
        ({"trouble": "Merhawi"}, ("rebuilding", "findings")),
        ({"type": "exe"}, ("rebuilding", "findings")),
        ({"raised": ["Merhawi"]}, ("rebuilding", "findings")),
        ({"suffix": ".exe/../x"}, ("rebuilding", "rebuilt")),
        ({"suffix": ""}, ("rebuilding", "rebuilt")),
        ({"media_type": "text/html\r\nX: y"}, ("rebuilding", "rebuilt")),
        ({"left_behind": {"Merhawi Tesfay": 1}}, ("rebuilding", "rebuilt")),
        ({"left_behind": {f"a{n}": 1 for n in range(101)}}, ("rebuilding", "rebuilt")),
    ],
)
def test_an_answer_that_does_not_fit_is_none_and_is_not_quoted(change: dict[str, Any], within: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="expected") as raised:
        read_answer(hostile(change, within=within), b"new")

    assert "Merhawi" not in str(raised.value)
    assert None is raised.value.__cause__
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_bytes_without_a_document_are_refused() -> None:
    message, _ = write_answer(Answer(kind="searched", searched=Searched(findings=Findings(trouble=Death.DIED))))
    with pytest.raises(ValueError, match="no document expected"):
        read_answer(message, b"x")


@given(st.binary(max_size=200), st.binary(max_size=10))
def test_any_bytes_are_an_answer_or_a_value_error(message: bytes, content: bytes) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_answer(message, content)


def test_a_length_above_the_most_is_refused() -> None:
    assert 5 == length_of((5).to_bytes(8, "big"), most=5)
    with pytest.raises(ValueError, match="longer"):
        length_of(b"\xff" * 8, most=5)


@pytest.mark.parametrize("places", [("Merhawi",), ("page Merhawi",), ("page 0",), ("page 1\n",), ("page 1",) * 11])
def test_a_place_of_residue_is_a_number_and_not_a_word_of_the_document(places: tuple[str, ...]) -> None:
    told = Rebuilding(findings=FINDINGS, residue=frozenset({Kind.BSN}), places=places)
    message, content = write_answer(Answer(kind="rebuilding", rebuilding=told))

    with pytest.raises(ValueError, match="places in a document"):
        read_answer(message, content)
