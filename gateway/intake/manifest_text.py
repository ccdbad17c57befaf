"""Reads the text of a manifest, YAML or JSON, as plain JSON values, in exactly one way or not at all.

Rules, in order:
1. UTF-8 (with or without byte order mark), at most 1 MiB, 64 levels deep and 100,000 values and keys.
2. One reading only: a key that stands twice is refused, in YAML also anchors, aliases, tags, merge keys and a second
   document, so that no line means two places and a small file can not grow in memory.
3. YAML knows the types of JSON: `true`, `false`, `null` (also `~` and nothing), and numbers as JSON writes them.
   Everything else is text: a date, `0123456789`, `yes`, and the family name Null.
4. `where` is a line. The causes of errors are cut off, because they quote the content.
"""

import json
import math
import re
from collections import Counter
from typing import Final, Literal

import orjson

from gateway.formats.plain_yaml import YamlFault, YamlFaultError, parse_yaml
from gateway.intake.manifest_faults import shown_key
from gateway.package.errors import Code, SluisError

Syntax = Literal["yaml", "json"]

MAX_MANIFEST_BYTES: Final = 1024 * 1024
_MAX_DEPTH: Final = 64
_MAX_NODES: Final = 100_000
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<float>(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)\Z")

_CORRECT_YAML = "correct YAML expected"
_CORRECT_JSON = "correct JSON expected"
_EACH_KEY_ONCE = "each key once expected"
_WRITTEN_OUT = "no anchors, aliases, tags or merge keys expected: write the value out"
_SHALLOW = f"at most {_MAX_DEPTH} levels of nesting expected"
_SMALL = f"at most {_MAX_NODES} values and keys expected"
_NUMBER_RANGE = "a number that programs can hold expected, or text between quotes"
SENTENCES: Final = (_CORRECT_YAML, _CORRECT_JSON, _EACH_KEY_ONCE, _WRITTEN_OUT, _SHALLOW, _SMALL, _NUMBER_RANGE)
_BY_FAULT: Final = {
    YamlFault.SYNTAX: _CORRECT_YAML,
    YamlFault.KEY_TWICE: _EACH_KEY_ONCE,
    YamlFault.WRITTEN_ELSEWHERE: _WRITTEN_OUT,
    YamlFault.SECOND_DOCUMENT: "one document expected",
    YamlFault.KEY_NO_WORD: "a plain word as key expected",
    YamlFault.TOO_DEEP: _SHALLOW,
    YamlFault.TOO_MANY: _SMALL,
    YamlFault.NUMBER_RANGE: _NUMBER_RANGE,
}


def parse_manifest(text: bytes, *, syntax: Syntax) -> object:
    """Read the text as plain JSON values. Raises SluisError `manifest-unreadable`, `package-too-large`."""
    if len(text) > MAX_MANIFEST_BYTES:
        raise SluisError(Code.PACKAGE_TOO_LARGE, where="manifest", detail={"limit": MAX_MANIFEST_BYTES})
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(_line(text, error.start), "text in UTF-8 expected") from None
    return _parse_yaml(decoded) if syntax == "yaml" else _parse_json(decoded)


def json_of(value: object) -> bytes:
    """Write parsed values as JSON, every digit of a whole number kept. Raises SluisError `manifest-unreadable`."""
    try:
        return orjson.dumps(value)
    except TypeError:
        pass
    try:
        # A whole number of more than 64 bits, or half of a surrogate pair; only the first is fit for JSON.
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        raise unreadable("manifest", "text in UTF-8 expected") from None


def unreadable(where: str, expectation: str) -> SluisError:
    """Make the error for a place in the text."""
    return SluisError(Code.MANIFEST_UNREADABLE, where=where, faults=((where, expectation),))


def _line(text: bytes, offset: int) -> str:
    return f"line {text.count(bytes([10]), 0, offset) + 1}"


# ---- JSON ----------------------------------------------------------------------------------------------------------


def _parse_json(text: str) -> object:
    try:
        value: object = json.loads(text, object_pairs_hook=_object, parse_float=_float, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise unreadable(f"line {error.lineno}", _CORRECT_JSON) from None
    except RecursionError:
        raise unreadable("manifest", _SHALLOW) from None
    except ValueError:
        # Python refuses to read a whole number of thousands of digits: it costs quadratic time.
        raise unreadable("manifest", _NUMBER_RANGE) from None
    if text.count("[") + text.count("{") > _MAX_DEPTH or len(text) > _MAX_NODES:
        _check_shape(value)
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise unreadable(shown_key(twice), _EACH_KEY_ONCE)
    return result


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise unreadable("manifest", _NUMBER_RANGE)
    return number


def _refuse_constant(_name: str) -> float:
    raise unreadable("manifest", _NUMBER_RANGE)


def _check_shape(value: object) -> None:
    """Count levels, values and keys, without recursion."""
    level, depth, nodes = [value], 0, 1
    while level:
        deeper: list[object] = []
        for item in level:
            if isinstance(item, dict):
                nodes += 2 * len(item)
                deeper.extend(item.values())
            elif isinstance(item, list):
                nodes += len(item)
                deeper.extend(item)
        if nodes > _MAX_NODES:
            raise unreadable("manifest", _SMALL)
        depth += any(isinstance(item, dict | list) for item in level)
        if depth > _MAX_DEPTH:
            raise unreadable("manifest", _SHALLOW)
        level = deeper


# ---- YAML ----------------------------------------------------------------------------------------------------------


def _parse_yaml(text: str) -> object:
    try:
        return parse_yaml(text, number=_number, max_depth=_MAX_DEPTH, max_nodes=_MAX_NODES)
    except YamlFaultError as error:
        where = f"line {error.line}" if error.line else "manifest"
        raise unreadable(where, _BY_FAULT[error.fault]) from None


def _number(text: str) -> object:
    """Give a plain word its type: rule 3."""
    number = _NUMBER.match(text)
    if number is None:
        return text
    value = float(text) if number["float"] else int(text)
    if not math.isfinite(value):
        raise ValueError("beyond what a program can hold")
    return value
