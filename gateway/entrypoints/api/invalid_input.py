"""Turns the findings of pydantic about a request into places and expectations, without a word of the input itself.

A name that the caller made up is shown by the rule for manifests: a person's name or number may have become a key.
"""

from collections.abc import Sequence
from typing import Any

from gateway.entrypoints.api.schemas import DIGEST_PATTERN
from gateway.intake.manifest_faults import shown_key
from gateway.package.reviews import SEEN_EXPECTED

_EXPECTED = {
    "missing": "a value",
    "extra_forbidden": "no such key or parameter",
    "enum": "one of the values in the OpenAPI document",
    "json_invalid": "JSON in UTF-8",
}


_DIGEST = "64 hexadecimal digits in lower case, as 'sluis policy status' shows them"
_BY_LENGTH = {
    "string_too_short": ("min_length", "text of at least {count} characters expected"),
    "string_too_long": ("max_length", "text of at most {count} characters expected"),
}
_BY_PATTERN = {DIGEST_PATTERN: _DIGEST}
EXPECTATIONS = (_DIGEST, *_EXPECTED.values())


def faults_of(errors: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    """Give each finding as (place, expectation), for at most a hundred."""
    return tuple((_place(each["loc"]), _expectation(each)) for each in errors[:100])


def _place(location: Sequence[str | int]) -> str:
    inside = [part for part in location if part not in {"query", "path"}]
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{shown_key(part)}" for part in inside)
    return text.removeprefix(".")[:200] or "body"


def _expectation(error: Any) -> str:
    if error["type"] == "string_pattern_mismatch" and error["loc"][-1:] == ("seen",):
        # It has the form of the digests of a policy, and comes from somewhere else.
        return SEEN_EXPECTED
    if error["type"] in _EXPECTED:
        return _EXPECTED[error["type"]]
    if error["type"] in _BY_LENGTH:
        bound, text = _BY_LENGTH[error["type"]]
        return text.format(count=error["ctx"][bound])
    if (known := _BY_PATTERN.get(error.get("ctx", {}).get("pattern"))) is not None:
        return known
    # Pydantic's own sentence names types and bounds; a value of the input stands in none of the types that we use.
    return str(error["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")[:200]
