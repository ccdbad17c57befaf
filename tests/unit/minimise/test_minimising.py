import json
from dataclasses import replace
from typing import Any, Never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.minimise.minimising import minimise
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Searchability
from gateway.package.manifest import Category, Manifest
from gateway.package.paths import iter_leaves
from gateway.package.states import Data, Document, Held, Minimised, Outcome, Parcel, Verdict
from tests.unit.documents import NothingRebuilt
from tests.unit.minimise.building import (
    Case,
    document_verdict,
    field_verdict,
    make_case,
    recipient_decision,
    verdicts_for,
)

_ROW: dict[str, Any] = {"name": "Merhawi Tesfay", "town": "Utrecht", "strategy": "Vrijwillig naar Asmara"}


def _minimised(case: Case) -> tuple[Parcel, ...]:
    result = minimise(case.cleared, contents=case.contents, documents=NothingRebuilt())
    assert isinstance(result, Minimised)
    assert result.cleared is case.cleared
    assert all(reader.closed for reader in case.contents.opened)
    return result.parcels


def _held(case: Case) -> Held:
    result = minimise(case.cleared, contents=case.contents, documents=NothingRebuilt())
    assert isinstance(result, Held)
    assert result.decision is case.cleared.decision
    assert all(reader.closed for reader in case.contents.opened)
    return result


def _record(*released: str, category: Category | None = Category.ORDINARY, **more: Any) -> Case:
    recipient = recipient_decision(fields=verdicts_for([_ROW], released, category=category), **more)
    return make_case(Data(shape="record", rows=(_ROW,)), recipient)


def test_the_parcel_holds_the_released_fields_and_the_list_of_the_others() -> None:
    (parcel,) = _minimised(_record("name", "town"))

    assert parcel.data is not None
    assert parcel.left_out is not None
    assert json.loads(parcel.data) == {"name": "Merhawi Tesfay", "town": "Utrecht"}
    assert [each["path"] for each in json.loads(parcel.left_out)["fields"]] == ["strategy"]
    assert parcel.documents == ()


def test_the_list_of_what_was_left_out_stays_behind_when_policy_says_so() -> None:
    (parcel,) = _minimised(_record("name", tell_left_out=False))

    assert parcel.left_out is None


@pytest.mark.parametrize("shape", ["list", "table"])
def test_a_list_and_a_table_leave_as_an_array(shape: Any) -> None:
    rows = ({"name": "Anna", "age": "1"}, {"age": "2"}, {"name": "Bert"})
    recipient = recipient_decision(fields=verdicts_for(rows, ["name"]))

    (parcel,) = _minimised(make_case(Data(shape=shape, rows=rows), recipient))

    assert parcel.data is not None
    assert json.loads(parcel.data) == [{"name": "Anna"}, {"name": "Bert"}]


def test_each_cleared_recipient_gets_its_own_parcel_and_the_others_none() -> None:
    fields = {each: verdicts_for([_ROW], [each]) for each in ("name", "town")}
    case = make_case(
        Data(shape="record", rows=(_ROW,)),
        recipient_decision("a", fields=fields["name"]),
        recipient_decision("b", fields=verdicts_for([_ROW], _ROW), outcome=Outcome.HELD),
        recipient_decision("c", fields=fields["town"]),
    )

    parcels = _minimised(case)

    assert [parcel.recipient.recipient for parcel in parcels] == ["a", "c"]
    assert [json.loads(parcel.data or b"") for parcel in parcels] == [{"name": "Merhawi Tesfay"}, {"town": "Utrecht"}]


def test_a_released_document_leaves_under_its_number_and_kind_and_never_under_the_sender_s_name() -> None:
    recipient = recipient_decision(documents=(document_verdict(1, Verdict.STRIP), document_verdict(2, Verdict.RELEASE)))
    case = make_case(None, recipient, documents={1: b"intern", 2: "Geachte heer Zoë".encode()})

    (parcel,) = _minimised(case)

    (document,) = parcel.documents
    assert (document.name, document.media_type) == ("02-letter.txt", "text/plain; charset=utf-8")
    assert document.size == 17
    assert [document.open().read() for _ in range(2)] == ["Geachte heer Zoë".encode()] * 2
    assert parcel.data is None
    assert parcel.left_out is not None
    assert b"de Vries" not in parcel.left_out


def test_a_stripped_value_in_a_released_document_holds_the_package() -> None:
    recipient = recipient_decision(
        fields=verdicts_for([_ROW], ["name", "town"]), documents=(document_verdict(1, Verdict.RELEASE),)
    )
    case = make_case(Data(shape="record", rows=(_ROW,)), recipient, documents={1: b"De heer Tesfay gaat naar ASMARA."})

    held = _held(case)

    assert [reason.rule_id for reason in held.reasons] == [Code.RESIDUE_FOUND]
    assert "asmara" not in repr(held).lower()


def test_residue_for_the_last_recipient_holds_the_package_for_all() -> None:
    documents = (document_verdict(1, Verdict.RELEASE),)
    case = make_case(
        Data(shape="record", rows=(_ROW,)),
        recipient_decision("a", fields=verdicts_for([_ROW], _ROW), documents=documents),
        recipient_decision("b", fields=verdicts_for([_ROW], ["name"]), documents=documents),
        documents={1: b"Hij woont in Utrecht."},
    )

    _held(case)


def test_a_stripped_value_in_a_permitted_text_holds_the_package() -> None:
    row = {"remark": "heeft diabetes", "diagnosis": "diabetes"}
    recipient = recipient_decision(fields=verdicts_for([row], ["remark"], category=Category.SPECIAL))

    _held(make_case(Data(shape="record", rows=(row,)), recipient))


def test_a_stripped_name_as_the_kind_of_a_document_holds_the_package() -> None:
    recipient = recipient_decision(
        fields=verdicts_for([_ROW], ["town"]), documents=(document_verdict(1, Verdict.RELEASE, kind="merhawi"),)
    )

    _held(make_case(Data(shape="record", rows=(_ROW,)), recipient, documents={1: b"Brief"}, kind="merhawi"))


def test_a_stripped_value_as_the_name_of_a_field_in_the_list_of_what_was_left_out_holds_the_package() -> None:
    row = {"name": "De Wit", "town": "Utrecht", "brief De Wit": "x"}
    verdicts = (
        field_verdict("name", Verdict.STRIP),
        field_verdict("town", Verdict.RELEASE),
        field_verdict("brief De Wit", Verdict.STRIP),
    )
    recipient = recipient_decision(fields=verdicts, documents=())

    _held(make_case(Data(shape="record", rows=(row,)), recipient, documents={}))


@pytest.mark.parametrize(
    "change",
    [
        {"request": {"reference": "zaak Merhawi 12"}},
        {"sender": {"organisation": "COA", "name": "x", "unit": "team MERHAWI"}},
    ],
)
def test_a_stripped_name_in_what_the_letter_quotes_holds_the_package(change: dict[str, Any]) -> None:
    case = _record("town")
    package = case.cleared.examined.package
    manifest = Manifest.model_validate(package.manifest.model_dump(by_alias=True) | change)
    examined = replace(case.cleared.examined, package=replace(package, manifest=manifest))

    held = _held(replace(case, cleared=replace(case.cleared, examined=examined)))

    assert [reason.rule_id for reason in held.reasons] == ["residue-found"]
    assert held.where == ("request.reference" if "request" in change else "sender.unit")


def test_a_reference_that_tells_nothing_of_what_was_stripped_leaves() -> None:
    case = _record("name")
    package = case.cleared.examined.package
    change = {"request": {"reference": "Merhawi Tesfay, Z-12"}, "sender": {"organisation": "COA", "name": "x"}}
    manifest = Manifest.model_validate(package.manifest.model_dump(by_alias=True) | change)
    examined = replace(case.cleared.examined, package=replace(package, manifest=manifest))

    (parcel,) = _minimised(replace(case, cleared=replace(case.cleared, examined=examined)))

    assert parcel.data is not None


def test_a_number_that_is_none_holds_the_package_instead_of_leaving_as_null() -> None:
    row: dict[str, Any] = {"name": "Merhawi", "income": float("nan")}
    recipient = recipient_decision(fields=verdicts_for([row], row))

    held = _held(make_case(Data(shape="record", rows=(row,)), recipient))

    assert [reason.rule_id for reason in held.reasons] == [Code.DATA_UNREADABLE]


def test_a_parcel_with_nothing_in_it_holds_the_package() -> None:
    held = _held(_record())

    assert [reason.rule_id for reason in held.reasons] == [Code.PACKAGE_EMPTY]


@pytest.mark.parametrize("verdict", [Verdict.HOLD, Verdict.REDACT])
def test_a_cleared_decision_that_can_not_be_carried_out_is_our_own_mistake(verdict: Verdict) -> None:
    by_field = recipient_decision(fields=(field_verdict("name", verdict), field_verdict("town", Verdict.RELEASE)))
    by_document = recipient_decision(documents=(document_verdict(1, verdict),))

    for recipient in (by_field, by_document):
        case = make_case(Data(shape="record", rows=(_ROW,)), recipient, documents={1: b"Brief"})
        # A document that was only looked through as plain text can not be redacted either: nobody searched it.
        with pytest.raises(ValueError, match=r"released, redacted, stripped and blocked|searchable"):
            minimise(case.cleared, contents=case.contents, documents=NothingRebuilt())


@pytest.mark.parametrize("found", [Searchability.NOT_TEXT, Searchability.TOO_LARGE])
def test_a_document_that_was_not_found_searchable_never_leaves(found: Searchability) -> None:
    recipient = recipient_decision(documents=(document_verdict(1, Verdict.RELEASE),))
    case = make_case(None, recipient, documents={1: b"Brief"}, searchability=found)

    with pytest.raises(ValueError, match="searchable"):
        minimise(case.cleared, contents=case.contents, documents=NothingRebuilt())
    assert case.contents.opened == []


def test_a_corrupt_payload_is_no_reason_to_hold_but_an_error_and_its_stream_is_closed() -> None:
    class Corrupt:
        closed = False

        def read(self, _size: int = -1, /) -> bytes:
            raise SluisError(Code.PAYLOAD_CORRUPT)

        def close(self) -> None:
            self.closed = True

    stream = Corrupt()

    class Contents:
        def open(self, _document: Document, /) -> Corrupt:
            return stream

    case = make_case(None, recipient_decision(documents=(document_verdict(1, Verdict.RELEASE),)), documents={1: b"x"})

    with pytest.raises(SluisError) as caught:
        minimise(case.cleared, contents=Contents(), documents=NothingRebuilt())

    assert caught.value.code is Code.PAYLOAD_CORRUPT
    assert stream.closed


# ---- the law of the house: what is not permitted does not leave, nor a part of it

_PERMITTED = st.text(st.sampled_from("abcdefghij ABC0123456789"), max_size=12)
_SECRET = st.text(st.sampled_from("αβγδεζηθ☃☂ßžщъ"), min_size=1, max_size=20)
_KEY = st.text(st.sampled_from("klm.[~"), max_size=3)


@st.composite
def _package(draw: st.DrawFn) -> tuple[list[dict[str, Any]], frozenset[str]]:
    """Make nested rows in which every leaf under a secret path is drawn from the secret alphabet, and no other."""
    shapes: st.SearchStrategy[Any] = st.recursive(
        st.none(),
        lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(_KEY, inner, min_size=1, max_size=3),
        max_leaves=10,
    )
    rows = draw(st.lists(st.dictionaries(_KEY, shapes, min_size=1, max_size=4), min_size=1, max_size=3))
    paths = sorted({path for row in rows for path, _ in iter_leaves(row)})
    released = frozenset(draw(st.sets(st.sampled_from(paths))))

    def fill(value: Any, path: str) -> Any:
        if isinstance(value, dict):
            return {key: fill(item, path_of_key) for key, item, path_of_key in _keys(value, path)}
        if isinstance(value, list):
            return [fill(item, f"{path}[]") for item in value]
        return draw(_PERMITTED if path in released else _SECRET)

    return [fill(row, "") for row in rows], released


def _keys(value: dict[str, Any], path: str) -> list[tuple[str, Any, str]]:
    spelled = [next(iter_leaves({key: None}))[0] for key in value]
    prefix = f"{path}." if path else ""
    return [(key, item, prefix + name) for (key, item), name in zip(value.items(), spelled, strict=True)]


def _bytes_that_leave(parcel: Parcel) -> bytes:
    documents = [document.open().read() + document.name.encode() for document in parcel.documents]
    return (parcel.data or b"") + (parcel.left_out or b"") + b"".join(documents)


@given(package=_package(), letter=st.text(st.sampled_from("abcdefghij \n"), max_size=100))
def test_no_stripped_value_nor_any_character_of_it_leaves(
    package: tuple[list[dict[str, Any]], frozenset[str]], letter: str
) -> None:
    rows, released = package
    recipient = recipient_decision(
        fields=verdicts_for(rows, released, category=None), documents=(document_verdict(1, Verdict.RELEASE),)
    )
    case = make_case(Data(shape="list", rows=tuple(rows)), recipient, documents={1: letter.encode()})

    (parcel,) = _minimised(case)

    left = _bytes_that_leave(parcel).decode()
    assert not set("αβγδεζηθ☃☂ßžщъ") & set(left)
    expected = [leaf for row in rows for leaf in iter_leaves(row) if leaf[0] in released]
    assert expected == [leaf for row in json.loads(parcel.data or b"[]") for leaf in iter_leaves(row)]


@given(package=_package(), choice=st.data())
def test_a_letter_with_six_characters_of_a_stripped_value_holds_the_package(
    package: tuple[list[dict[str, Any]], frozenset[str]], choice: st.DataObject
) -> None:
    rows, released = package
    secret = choice.draw(st.text(st.sampled_from("αβγδεζηθ☃☂щъ"), min_size=6, max_size=20))
    start = choice.draw(st.integers(0, len(secret) - 6))
    rows = [*rows, {"secret": secret}]
    recipient = recipient_decision(
        fields=verdicts_for(rows, released, category=None), documents=(document_verdict(1, Verdict.RELEASE),)
    )
    letter = f"Geachte heer {secret[start : start + 6]} enzovoort"

    _held(make_case(Data(shape="list", rows=tuple(rows)), recipient, documents={1: letter.encode()}))


def test_a_hold_for_residue_in_a_document_says_which_one_where_in_it_and_which_kinds() -> None:
    class Found(NothingRebuilt):
        def rebuild(self, *_asked: Any, **_more: Any) -> Never:
            raise SluisError(Code.RESIDUE_FOUND, where="page 3, page 5", detail={"kinds": "bsn name"})

    recipient = recipient_decision(documents=(document_verdict(2, Verdict.REDACT),))
    case = make_case(None, recipient, documents={2: b"x"}, searchability=Searchability.SEARCHED)

    held = minimise(case.cleared, contents=case.contents, documents=Found())

    assert isinstance(held, Held)
    assert ("document 2, page 3, page 5", {"kinds": "bsn name"}) == (held.where, held.detail)
