import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.minimise.projecting import project, released_paths
from gateway.package.paths import iter_leaves
from gateway.package.states import Data, Verdict
from tests.unit.minimise.building import field_verdict

_KEY = st.text(st.sampled_from("ab.[]~"), max_size=2)
_LEAF: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just({}) | st.just([])
)
_VALUE: st.SearchStrategy[Any] = st.recursive(
    _LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEY, inner, max_size=3), max_leaves=12
)
_ROW = st.dictionaries(_KEY, _VALUE, max_size=4)


def _leaves(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(path, json.dumps(leaf)) for row in rows for path, leaf in iter_leaves(row)]


@given(rows=st.lists(_ROW, min_size=1, max_size=3), choice=st.data())
def test_exactly_the_released_leaves_go_with_equal_values_in_the_same_order(
    rows: list[dict[str, Any]], choice: st.DataObject
) -> None:
    paths = sorted({path for path, _ in _leaves(rows)})
    released = frozenset(choice.draw(st.sets(st.sampled_from(paths)) if paths else st.just(set())))

    projected: Any = project(Data(shape="list", rows=tuple(rows)), released)

    assert _leaves(projected) == [(path, leaf) for path, leaf in _leaves(rows) if path in released]
    assert all(projected)


@given(row=_ROW)
def test_when_everything_is_released_the_record_goes_whole(row: dict[str, Any]) -> None:
    released = frozenset(path for path, _ in iter_leaves(row))

    assert project(Data(shape="record", rows=(row,)), released) == row


@given(row=_ROW)
def test_when_nothing_is_released_nothing_goes(row: dict[str, Any]) -> None:
    assert project(Data(shape="record", rows=(row,)), frozenset()) == {}
    assert project(Data(shape="list", rows=(row,)), frozenset()) == []


@given(row=_ROW)
def test_the_sender_s_own_data_is_not_changed(row: dict[str, Any]) -> None:
    before = json.dumps(row)

    project(Data(shape="record", rows=(row,)), frozenset({"a", "a.b", "b[]"}))

    assert json.dumps(row) == before


def test_parents_and_list_items_that_lose_everything_are_absent() -> None:
    row: dict[str, Any] = {
        "family": [{"name": "A", "age": 3}, {"age": 4}, {"name": "B"}],
        "address": {"street": "x", "geo": {"lat": 1}},
        "notes": [["a"], ["b"]],
    }

    projected = project(Data(shape="record", rows=(row,)), frozenset({"family[].name", "address.street"}))

    assert projected == {"family": [{"name": "A"}, {"name": "B"}], "address": {"street": "x"}}


def test_a_key_with_a_dot_does_not_pass_for_a_structure() -> None:
    row: dict[str, Any] = {"address.street": "x", "address": {"street": "y"}}

    assert project(Data(shape="record", rows=(row,)), frozenset({"address.street"})) == {"address": {"street": "y"}}


def test_a_structure_in_the_place_of_a_permitted_value_does_not_go() -> None:
    row: dict[str, Any] = {"name": {"first": "x", "diagnosis": "y"}, "town": ["a", "b"]}

    assert project(Data(shape="record", rows=(row,)), frozenset({"name", "town"})) == {}


def test_a_row_that_loses_everything_is_absent_from_a_table() -> None:
    rows: tuple[dict[str, Any], ...] = ({"name": "A", "age": "1"}, {"age": "2"})

    assert project(Data(shape="table", rows=rows), frozenset({"name"})) == [{"name": "A"}]


def test_a_path_with_two_verdicts_goes_only_when_both_release_it() -> None:
    verdicts = [
        field_verdict("name", Verdict.RELEASE),
        field_verdict("town", Verdict.RELEASE),
        field_verdict("town", Verdict.BLOCK),
        field_verdict("age", Verdict.HOLD),
    ]

    assert released_paths(verdicts) == {"name"}
