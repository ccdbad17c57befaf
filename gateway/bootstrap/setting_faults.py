"""Says what is wrong with a file of settings: the path of each setting and what is expected there, never what stands.

The library's own sentences are not used: they are a programmer's, and may quote the value. Our own checks say theirs.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from gateway.bootstrap.setting_types import HOST_NAME, HTTP_ADDRESS, HTTPS_ADDRESS, HTTPS_SERVER, POLICY_NAME
from gateway.intake.manifest_faults import BY_TYPE, SLUG_EXPECTED
from gateway.package.ids import SLUG

_ANY: Final = "a value of another form expected: docs/administrator.md says which"
_NUMBER: Final = "a number expected"
_WHOLE_NUMBER: Final = "a whole number expected"
_NOT_EMPTY: Final = "text that is not empty expected"

_BY_TYPE: Final[Mapping[str, str]] = {
    **BY_TYPE,
    "one_register": "one of caseFolder and caseSystem, and one of bar and barService",
    "bool_parsing": BY_TYPE["bool_type"],
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "int_type": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "tuple_type": BY_TYPE["list_type"],
}
_BY_PATTERN: Final[Mapping[str, str]] = {
    SLUG: SLUG_EXPECTED,
    HOST_NAME: "the name or number of a machine expected, without a port",
    HTTP_ADDRESS: "an address that begins with http:// or https:// expected",
    HTTPS_ADDRESS: "an address that begins with https:// expected",
    HTTPS_SERVER: "https:// and the name of a machine expected, with a port where needed, and no more",
    POLICY_NAME: "a name without spaces or capitals expected, such as selectielijst-2026/12.3",
}
_BOUNDS: Final = {
    "greater_than": ("gt", "a number above {number} expected"),
    "greater_than_equal": ("ge", "a number of at least {number} expected"),
    "less_than": ("lt", "a number below {number} expected"),
    "less_than_equal": ("le", "a number of at most {number} expected"),
    "string_too_short": ("min_length", "text of at least {count} characters expected"),
    "string_too_long": ("max_length", "text of at most {count} characters expected"),
    "too_short": ("min_length", "at least {count} expected"),
    "too_long": ("max_length", "at most {count} expected"),
}
_OWN_SENTENCES: Final = (
    "certificateFile and keyFile together, or neither",
    "clientCertificateFile and clientKeyFile, or neither",
    "either maildir or imap",
    "{number} and {text} as values in body",
    "revocationLists only with certificateTrust",
    "nextSigningKey and nextFrom together",
    "testClock with environment: test only",
    "no OIN for tests (00000099) under chain with environment: production",
    "mail beside postbus: the links go by mail",
    "each id once",
    "deputies of a privacy-officer only",
    "the id of another person",
    "a person of the same organisation",
    "'until' not before 'from'",
    "one of file, stdout and syslog expected, and one only",
    "each name once expected",
    "stdout in one export only expected",
)
EXPECTATIONS: Final = (
    _ANY,
    _NOT_EMPTY,
    *dict.fromkeys(_BY_TYPE.values()),
    *_BY_PATTERN.values(),
    *(text for _, text in _BOUNDS.values()),
    *_OWN_SENTENCES,
)


def setting_faults(error: ValidationError) -> tuple[tuple[str, str], ...]:
    """Give every fault as (path of the setting, expectation)."""
    return tuple((path_of(each["loc"]), _expectation(each)) for each in error.errors())


def path_of(location: tuple[str | int, ...]) -> str:
    """Write where a setting stands: `audit.exports[0].format`."""
    return "".join(_steps(location)).removeprefix(".")


def _steps(location: tuple[str | int, ...]) -> Iterator[str]:
    for part in location:
        yield f"[{part}]" if isinstance(part, int) else f".{part}"


def _expectation(fault: Any) -> str:
    kind: str = fault["type"]
    context: Mapping[str, Any] = fault.get("ctx", {})
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    if kind in _BOUNDS:
        key, text = _BOUNDS[kind]
        bound = str(context[key]).removesuffix(".0")
        return _NOT_EMPTY if (kind, bound) == ("string_too_short", "1") else text.format(number=bound, count=bound)
    if kind in {"literal_error", "enum"}:
        # The schema's own words.
        return f"{context['expected']} expected"
    if kind == "string_pattern_mismatch":
        return _BY_PATTERN.get(context["pattern"], _ANY)
    # Our own checks quote no value.
    return str(context["error"]) if kind == "value_error" else _ANY
