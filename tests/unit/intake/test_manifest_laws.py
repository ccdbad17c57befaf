"""Laws of the manifest reader, for any input."""

import json
import string
from typing import Any

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.intake.manifest_reading import Syntax, read_manifest
from gateway.package.errors import SluisError
from gateway.package.manifest import Manifest
from tests.vectors.manifests.make import invalid, valid

SYNTAXES: st.SearchStrategy[Syntax] = st.sampled_from(("yaml", "json"))
# No word of a message or of the format is written in these letters.
FOREIGN = st.text(alphabet="ЖЩЫЭЮЯжщыэюя0123456789", min_size=4, max_size=20)
KEYS = st.text(alphabet=string.ascii_letters, min_size=1, max_size=12)
TEXT = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cn", "Cs", "Zl", "Zp")), min_size=1)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**40), 10**40), st.floats(allow_nan=False, allow_infinity=False), TEXT
)
PLAIN_FORM: dict[str, Any] = json.loads(valid()["plain.json"])
DATA = st.dictionaries(
    KEYS, st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
)


def read_or_refuse(text: bytes, syntax: Syntax) -> Manifest | SluisError:
    try:
        return read_manifest(text, syntax=syntax)
    except SluisError as error:
        return error


@given(st.binary(max_size=200), SYNTAXES)
@example(b"\xef\xbb\xbf", "yaml")
@example(b"%", "yaml")
@example(b"[" * 100_000, "json")
def test_any_bytes_give_a_manifest_or_our_own_error(text: bytes, syntax: Syntax) -> None:
    assert isinstance(read_or_refuse(text, syntax), SluisError)


@given(st.sampled_from(sorted((valid() | invalid()).items())), st.data())
def test_any_change_to_a_manifest_gives_a_manifest_or_our_own_error(
    vector: tuple[str, bytes], data: st.DataObject
) -> None:
    name, text = vector
    at = data.draw(st.integers(0, len(text)))
    changed = text[:at] + data.draw(st.binary(max_size=8)) + text[at + data.draw(st.integers(0, 8)) :]

    assert isinstance(read_or_refuse(changed, "json" if name.endswith("json") else "yaml"), Manifest | SluisError)


def told(error: SluisError) -> str:
    return " ".join([str(error), repr(error), *map(" ".join, error.faults)])


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return [value] if isinstance(value, str) else []


FORM = st.fixed_dictionaries(
    {},
    optional={
        key: st.one_of(
            FOREIGN, st.lists(FOREIGN), st.dictionaries(st.sampled_from(("name", "document", "file")), FOREIGN)
        )
        for key in (
            *("id", "recipients", "partial", "purpose", "sender", "request", "subject", "consent", "mandate"),
            *("guardianship", "necessity", "channel", "data", "dataFile", "documents", "extra"),
        )
    },
)


@given(FORM, SYNTAXES)
def test_no_value_of_a_refused_manifest_stands_in_the_message(form: dict[str, Any], syntax: Syntax) -> None:
    form = {"format": "sluis-package/1"} | form
    error = read_or_refuse(orjson.dumps(form), syntax)

    assert isinstance(error, SluisError)
    assert error.faults
    assert not [leaf for leaf in leaves(form)[1:] if leaf in told(error)]


@given(st.lists(FOREIGN, min_size=1, max_size=5), st.sampled_from(("{", "[", "&a ", "*a ", "!t ", "'", '"', "? ", "%")))
def test_no_value_of_broken_text_stands_in_the_message(values: list[str], fault: str) -> None:
    text = "\n".join([*(f"key{number}: {value}" for number, value in enumerate(values)), f"last: {fault}{values[0]} x"])
    for syntax in ("yaml", "json"):
        error = read_or_refuse(text.encode(), "yaml" if syntax == "yaml" else "json")
        if isinstance(error, SluisError):
            assert not [value for value in values if value in told(error)]


def block(value: Any, indent: str = "") -> str:
    """Write a value as people write YAML: one line a key, scalars as JSON writes them."""
    if isinstance(value, dict) and value:
        return "".join(f"\n{indent}{json.dumps(key)}: {block(item, indent + '  ')}" for key, item in value.items())
    if isinstance(value, list) and value:
        return "".join(f"\n{indent}- {block(item, indent + '  ')}" for item in value)
    return json.dumps(value, ensure_ascii=False)


@given(DATA)
@example({"a": 1e300, "b": -0.0, "c": 10**30, "d": ["1e5", "0123456789", "~", ""]})
def test_the_same_manifest_as_yaml_and_as_json_is_the_same(data: dict[str, Any]) -> None:
    in_json = json.dumps(PLAIN_FORM | {"data": data}, ensure_ascii=False)
    expected = read_manifest(in_json.encode(), syntax="json")

    # JSON is YAML too (YAML 1.2 section 1.3).
    assert expected == read_manifest(in_json.encode(), syntax="yaml")
    assert expected == read_manifest(block(PLAIN_FORM | {"data": data}).encode(), syntax="yaml")
