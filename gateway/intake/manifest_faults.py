"""Says what is wrong with a manifest: places and expectations, never a word of what stands there.

Rules:
1. A place is a key path as the sender writes it: `documents[0].kind`. A key that the sender made up is shown only when
   it is a plain word of at most 60 characters, else as `…`: a person's name or number may have become a key.
2. An expectation comes out of the closed tables below; the library's own sentences are not used, since they may quote
   the input.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from gateway.package.ids import SLUG
from gateway.package.manifest import UUID

MAX_FAULTS: Final = 100
_WHOLE: Final = "manifest"
_HIDDEN: Final = "…"
_PLAIN_KEY = re.compile(r"[^\W\d_](?:[^\W\d]|[0-9](?![0-9]{4})|-){0,59}\Z")

_ANY: Final = "a correct value expected"
_GROUP: Final = "a group of keys with values expected"
_DATE: Final = "a date as YYYY-MM-DD expected"

SLUG_EXPECTED: Final = "lower-case letters, digits and dashes expected, at most 63"
BY_TYPE: Final[Mapping[str, str]] = {
    "missing": "this key is required",
    "extra_forbidden": "no such key is known here",
    "string_type": "text expected, between quotes when it looks like a number",
    "bool_type": "true or false expected",
    "list_type": "a list expected",
    "dict_type": _GROUP,
    "model_type": _GROUP,
    "model_attributes_type": _GROUP,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
}
"""What is expected, by the name that pydantic has for a fault; of settings too."""
_BY_PATTERN: Final[Mapping[str, str]] = {
    SLUG: SLUG_EXPECTED,
    r"^[0-9]{10}$": "ten digits expected",
    r"^[0-9a-f]{64}$": "a SHA-256 of 64 lower-case hexadecimal digits expected",
    UUID: "a UUID expected",
}
# Python's own sentence about a date that is not in the calendar would hold the date.
_BY_KEY: Final[Mapping[str, str]] = {
    "dateOfBirth": "a date that exists expected, as YYYY-MM-DD with 00 for an unknown month or day",
}
FILE_EXPECTED: Final = "a file of this name in the package expected"
# What the manifest's own checks say; anything else that they let through is not repeated.
OWN_SENTENCES: Final = frozenset({
    "text without control characters expected",
    "one line without hidden characters expected",
    "text with a letter or a digit expected",
    "a plain file name without folders or control characters expected",
    "a date as YYYY-MM-DD expected, 00 for an unknown month or day",
    "a date with a known day needs a known month",
    "either data or dataFile expected, not both",
    "each recipient once expected",
    "each file name once expected, also when upper and lower case differ",
})  # fmt: skip


def validation_faults(error: ValidationError, *, whole: str = _WHOLE) -> tuple[tuple[str, str], ...]:
    """Give every fault of a manifest as (key path, expectation), for at most a hundred; `whole` names all of it."""
    found = error.errors(include_url=False, include_input=False)[:MAX_FAULTS]
    return tuple(dict.fromkeys((_place(each["loc"]) or whole, _expectation(each)) for each in found))


def every_expectation() -> frozenset[str]:
    """Give every sentence of the closed tables, for who translates them."""
    return OWN_SENTENCES | {FILE_EXPECTED, _ANY, *BY_TYPE.values(), *_BY_PATTERN.values(), *_BY_KEY.values()}


def shown_key(name: str) -> str:
    """Give a key as it may be shown: itself when it is a plain short word, else `…`."""
    return name if _PLAIN_KEY.match(name) else _HIDDEN


def _place(location: tuple[str | int, ...]) -> str:
    # A fault in a key itself has the mark `[key]` at the end of its location.
    parts = [part for part in location if part != "[key]"]
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{shown_key(part)}" for part in parts)
    return text.removeprefix(".")


def _expectation(fault: Any) -> str:
    kind: str = fault["type"]
    context: Mapping[str, Any] = fault.get("ctx", {})
    if kind in BY_TYPE:
        return BY_TYPE[kind]
    if kind in {"literal_error", "enum"}:
        # The schema's own words.
        return f"{context['expected']} expected"
    if kind == "string_pattern_mismatch":
        return _BY_PATTERN.get(context["pattern"], _ANY)
    if kind == "value_error":
        sentence = str(context["error"])
        key = fault["loc"][-1] if fault["loc"] else _WHOLE
        return sentence if sentence in OWN_SENTENCES else _BY_KEY.get(key, _ANY)
    return _bound(context)


def _bound(context: Mapping[str, Any]) -> str:
    for key, words in (("min_length", "at least"), ("max_length", "at most")):
        if isinstance(context.get(key), int):
            return f"{words} {context[key]} expected"
    return _ANY
