from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.paths import escape_key, iter_leaves

KEYS = st.text(alphabet=st.sampled_from("ab~.[]012u;\n\u202e\ud800"), max_size=4)
VALUES = st.recursive(
    st.sampled_from(["x", 0, None, True]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
ROWS = st.dictionaries(KEYS, VALUES, max_size=4)


@pytest.mark.parametrize(
    ("row", "paths"),
    [
        ({}, []),
        ({"name": "x"}, ["name"]),
        ({"address": {"street": "x", "town": "y"}, "bsn": 1}, ["address.street", "address.town", "bsn"]),
        ({"familyMembers": [{"name": "x"}, {"name": "y"}]}, ["familyMembers[].name", "familyMembers[].name"]),
        ({"codes": [["x"], "y"]}, ["codes[][]", "codes[]"]),
        ({"empty": {}, "none": [], "deep": {"empty": {}}}, ["empty", "none", "deep.empty"]),
        ({"": {"": 1}}, ["~3.~3"]),
        ({"address.street": 1}, ["address~1street"]),
        ({"familyMembers[]": {"name": 1}}, ["familyMembers~2].name"]),
        ({"a\nb": 1}, ["a~ua;b"]),
    ],
)
def test_each_leaf_has_the_path_that_the_contract_gives(row: dict[str, Any], paths: list[str]) -> None:
    assert paths == [path for path, _ in iter_leaves(row)]


def test_a_sender_can_not_pass_a_dotted_key_off_as_a_permitted_child() -> None:
    honest = {path for path, _ in iter_leaves({"address": {"street": 1}})}
    forged = {path for path, _ in iter_leaves({"address.street": 1})}
    assert honest.isdisjoint(forged)


def test_very_deep_data_does_not_exhaust_the_stack() -> None:
    row: Any = "x"
    for _ in range(5_000):
        row = [row]
    assert list(iter_leaves({"deep": row})) == [("deep" + "[]" * 5_000, "x")]


@given(KEYS, KEYS)
def test_different_keys_are_always_written_differently(one: str, other: str) -> None:
    assert (one == other) == (escape_key(one) == escape_key(other))


@given(ROWS)
def test_a_path_can_always_be_shown_and_logged(row: dict[str, Any]) -> None:
    assert all(path.isprintable() and path for path, _ in iter_leaves(row))


@given(ROWS)
def test_every_leaf_is_found_exactly_once(row: dict[str, Any]) -> None:
    assert _count(row) - (not row) == len(list(iter_leaves(row)))


@given(ROWS)
def test_the_path_alone_tells_where_a_leaf_stands(row: dict[str, Any]) -> None:
    walked = _walk(row, ())
    by_path: dict[str, set[tuple[str | None, ...]]] = {}
    for (path, _), route in zip(iter_leaves(row), walked, strict=True):
        by_path.setdefault(path, set()).add(route)
    assert all(len(routes) == 1 for routes in by_path.values())


def _count(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_count, value.values())) or 1
    if isinstance(value, list):
        return sum(map(_count, value)) or 1
    return 1


def _walk(value: Any, route: tuple[str | None, ...]) -> list[tuple[str | None, ...]]:
    if isinstance(value, dict) and (value or not route):
        return [leaf for key, item in value.items() for leaf in _walk(item, (*route, key))]
    if isinstance(value, list) and value:
        return [leaf for item in value for leaf in _walk(item, (*route, None))]
    return [route]
