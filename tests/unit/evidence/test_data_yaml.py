import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.evidence.data_yaml import read_yaml
from gateway.package.errors import Code, SluisError

_VALUE = st.none() | st.booleans() | st.integers() | st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF))


def _refused(content: bytes) -> SluisError:
    with pytest.raises(SluisError) as caught:
        read_yaml(content)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


@given(row=st.dictionaries(st.text("abc", min_size=1), _VALUE | st.lists(_VALUE, max_size=3), max_size=5))
def test_json_is_yaml_and_is_read_as_json(row: dict[str, object]) -> None:
    data = read_yaml(json.dumps(row).encode())

    assert "record" == data.shape
    assert (row,) == data.rows


@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF)))
def test_what_a_writer_put_between_quotes_is_that_text(text: str) -> None:
    written = yaml.safe_dump({"a": text}, default_style='"', allow_unicode=True, width=10**6)

    assert ({"a": text},) == read_yaml(written.encode()).rows


@pytest.mark.parametrize(
    "word",
    [
        "0123456789", "00", "-0", "+1", "1.10", "1.0e3", "1e3", "0x1F", "0o17", "017", "0b1", "1_000", "12:30:00",
        "12:30", ".5", "5.", "yes", "no", "on", "Off", "True", "NULL", "Null", ".inf", ".NaN", "2026-11-20", "1,5",
        "0.12345678901234567890",
    ],
)  # fmt: skip
def test_a_word_that_programs_read_in_different_ways_stays_the_text_that_it_is(word: str) -> None:
    assert ({"vNumber": word},) == read_yaml(f"vNumber: {word}".encode()).rows


def test_the_words_and_numbers_of_json_have_their_types() -> None:
    assert ({"a": 12, "b": -3, "c": 1.5, "d": True, "e": None, "f": None, "g": 123456789012345678901234567890},) == (
        read_yaml(b"{a: 12, b: -3, c: 1.5, d: true, e: null, f: , g: 123456789012345678901234567890}").rows
    )


def test_a_sequence_of_mappings_is_a_list() -> None:
    data = read_yaml(b"\xef\xbb\xbf- name: Jan\n- name: Piet\n")

    assert ("list", ({"name": "Jan"}, {"name": "Piet"})) == (data.shape, data.rows)


@pytest.mark.parametrize(
    "content",
    [
        b"a: 1\na: 2",
        b"a: {b: 1, b: 2}",
        b"a: &x 1\nb: *x",
        b"a: *x",
        b"<<: {a: 1}",
        b"a: !!str 1",
        b"a: !!python/object/apply:os.system [id]",
        b"%TAG ! tag:x,2000:\n---\na: 1",
        b"a: 1\n---\nb: 2",
    ],
)
def test_yaml_with_two_readings_is_refused_as_ambiguous(content: bytes) -> None:
    assert Code.DATA_AMBIGUOUS is _refused(content).code


@pytest.mark.parametrize(
    "content",
    [b"", b"tekst", b"- 1", b"a: [", b"? [a]\n: 1", b"\xff", b"a: \x00", "a: 1".encode("utf-16"), b"a: " + b"9" * 5000],
)
def test_what_is_no_yaml_data_is_refused_as_unreadable(content: bytes) -> None:
    assert Code.DATA_UNREADABLE is _refused(content).code


def test_deep_and_large_yaml_is_refused_before_it_fills_the_memory() -> None:
    assert Code.DATA_UNREADABLE is _refused(b"a: " + b"[" * 100_000).code
    assert Code.FIELDS_TOO_MANY is _refused(b"a: [" + b"1," * 200_000 + b"1]").code
    assert Code.FIELDS_TOO_MANY is _refused(b"a: [" + b"1," * 10_000 + b"1]").code


def test_an_error_in_yaml_names_its_line_and_no_value() -> None:
    error = _refused(b"a: 1\nb: geheim: 2\n")

    assert "line 2" == error.where
    assert "geheim" not in str(error)
