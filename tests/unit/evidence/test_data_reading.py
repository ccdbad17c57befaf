import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evidence.data_bounds import MAX_DATA_BYTES
from gateway.evidence.data_reading import read_csv, read_json
from gateway.package.errors import Code, SluisError

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
_CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n",;\t|'))


def _refused(read: str, content: bytes) -> SluisError:
    with pytest.raises(SluisError) as caught:
        (read_json if read == "json" else read_csv)(content)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


# ---- JSON


@given(row=st.dictionaries(st.text(), _JSON, max_size=6), mark=st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_a_json_object_is_read_as_the_record_that_it_is(row: dict[str, object], mark: bytes) -> None:
    data = read_json(mark + json.dumps(row, ensure_ascii=False).encode())

    assert data.shape == "record"
    assert [json.dumps(row)] == [json.dumps(each) for each in data.rows]


@given(rows=st.lists(st.dictionaries(st.text(), _JSON, max_size=3), max_size=4))
def test_a_json_array_of_objects_is_read_as_a_list_of_rows(rows: list[dict[str, object]]) -> None:
    data = read_json(json.dumps(rows).encode())

    assert data.shape == "list"
    assert json.dumps(rows) == json.dumps(list(data.rows))


def test_a_whole_number_beyond_53_bits_keeps_every_digit() -> None:
    assert read_json(b'{"a": 123456789012345678901234567890}').rows == ({"a": 123456789012345678901234567890},)


@pytest.mark.parametrize(
    "content",
    [
        b'{"name": "A", "name": "B"}',
        b'{"a": {"name": 1, "b": 2, "name": 1}}',
        b'[{"name": 1}, {"n\\u0061me": 1, "name": 2}]',
        b'{"amount": 0.12345678901234567890}',
        b'{"amount": 1e-400}',
    ],
)
def test_json_with_two_readings_is_refused_as_ambiguous(content: bytes) -> None:
    assert _refused("json", content).code is Code.DATA_AMBIGUOUS


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e400}',
        b'{"a": 1} {"b": 2}',
        b"{'a': 1}",
        b"[1, 2]",
        b'[{"a": 1}, "b"]',
        b'"text"',
        b"null",
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": "tab\tinside"}',
        '{"a": 1}'.encode("utf-16"),
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": "never ends' + b'\\"' * 100_000,
        b'{"a": "never ends\\',
    ],
)
def test_what_is_no_json_data_is_refused_as_unreadable(content: bytes) -> None:
    assert _refused("json", content).code is Code.DATA_UNREADABLE


def test_nesting_of_64_levels_is_read_and_65_are_refused() -> None:
    deep = b'{"a":' * 63 + b"[]" + b"}" * 63

    assert read_json(deep).shape == "record"
    assert _refused("json", b'{"a":' + deep + b"}").code is Code.DATA_UNREADABLE
    assert _refused("json", b"[" * 5_000_000).code is Code.DATA_UNREADABLE


def test_brackets_in_text_are_no_nesting() -> None:
    assert read_json(json.dumps({"a": '[{"' * 100}).encode()).rows == ({"a": '[{"' * 100},)


@pytest.mark.parametrize("item", [b"[],", b"{},", b'"",', b"1,"])
def test_a_flood_of_tiny_items_is_refused_before_it_fills_the_memory(item: bytes) -> None:
    assert _refused("json", b'{"a":[' + item * 200_000 + b"1]}").code is Code.FIELDS_TOO_MANY


def test_ten_thousand_fields_are_read_and_one_more_is_refused() -> None:
    assert len(read_json(json.dumps({"a": [0] * 10_000}).encode()).rows) == 1
    assert _refused("json", json.dumps({"a": [0] * 10_001}).encode()).code is Code.FIELDS_TOO_MANY


def test_an_error_in_json_names_its_line_and_no_value() -> None:
    error = _refused("json", b'{\n"a": 1,\n"b": geheim\n}')

    assert error.where == "line 3"
    assert "geheim" not in str(error)


@pytest.mark.parametrize("read", ["json", "csv"])
def test_a_data_file_over_50_mebibytes_is_refused(read: str) -> None:
    assert _refused(read, b" " * (MAX_DATA_BYTES + 1)).code is Code.PACKAGE_TOO_LARGE


# ---- CSV


def _written(rows: list[list[str]], *, separator: str, ending: str = "\r\n") -> str:
    target = io.StringIO()
    csv.writer(target, delimiter=separator, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(rows)
    return target.getvalue()


@given(
    rows=st.lists(st.tuples(_CELL, _CELL, _CELL), max_size=6),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    ending=st.sampled_from(["\r\n", "\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_a_quoted_table_is_read_as_written(
    rows: list[tuple[str, str, str]], separator: str, ending: str, encoding: str
) -> None:
    names = ["name", "town", "note"]
    text = _written([names, *map(list, rows)], separator=separator, ending=ending)

    data = read_csv(text.encode(encoding))

    assert data.shape == "table"
    assert data.rows == tuple(dict(zip(names, row, strict=True)) for row in rows)


def test_a_semicolon_table_with_commas_in_its_text_is_read_by_semicolons() -> None:
    data = read_csv(b"name;note\r\nJan;hallo, daar\r\nPiet;dag\r\n\r\n")

    assert data.rows == ({"name": "Jan", "note": "hallo, daar"}, {"name": "Piet", "note": "dag"})


def test_a_line_end_inside_quotes_belongs_to_the_value() -> None:
    assert read_csv(b'name;note\r\nJan;"een\r\ntwee"\r\n').rows == ({"name": "Jan", "note": "een\r\ntwee"},)


def test_a_single_column_is_a_table() -> None:
    assert read_csv(b"name\nJan\nPiet\n").rows == ({"name": "Jan"}, {"name": "Piet"})


def test_a_table_from_a_dutch_spreadsheet_in_windows_1252_is_read() -> None:
    assert read_csv("naam;bedrag\r\nZoë;€ 5\r\n".encode("cp1252")).rows == ({"naam": "Zoë", "bedrag": "€ 5"},)


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"name;town\nJan;Utrecht;extra\n", "line 2"),
        (b"name;town\nJan;Utrecht\nPiet\n", "line 3"),
        (b"name;town\nJan;Utrecht\n\nPiet;Ede\n", "line 3"),
        (b"name;name\nJan;Piet\n", "line 1"),
        (b"name; name\nJan;Piet\n", "line 1"),
        (b"name;\nJan;Piet\n", "line 1"),
        (b"a,b;c\n1,2;3\n", "line 1"),
        (b"name\nJan, Utrecht\n", "line 2"),
        (b"\nname;town\nJan;Utrecht\n", "line 1"),
        ("naam;plaats\nZoë;".encode() + b"\xeb\n", ""),
    ],
)
def test_a_table_with_two_readings_is_refused_as_ambiguous(content: bytes, where: str) -> None:
    error = _refused("csv", content)

    assert (error.code, error.where) == (Code.DATA_AMBIGUOUS, where)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n\r\n",
        b"name;town\nJan;\x00\n",
        "name;town\nJan;Ede\n".encode("utf-16-le"),
        "name;town\nJan;Ede\n".encode("utf-32"),
        b'name;town\n"Jan;Ede\n',
        b'name;town\n"Jan"x;Ede\n',
        b"\xef\xbb\xbfname;town\nJan;\xff\n",
        b"name;town\nJan;\x81\n",
        b'name;town\nJan;"' + b"x" * 200_000 + b'"\n',
    ],
)
def test_what_is_no_table_is_refused_as_unreadable(content: bytes) -> None:
    assert _refused("csv", content).code is Code.DATA_UNREADABLE


def test_a_table_of_ten_thousand_values_is_read_and_one_row_more_is_refused() -> None:
    table = b"a;b\n" + b"1;2\n" * 5_000

    assert len(read_csv(table).rows) == 5_000
    assert _refused("csv", table + b"1;2\n").code is Code.FIELDS_TOO_MANY


def test_a_header_of_a_million_columns_is_refused_before_it_fills_the_memory() -> None:
    assert _refused("csv", b"," * 1_000_000).code is Code.FIELDS_TOO_MANY
