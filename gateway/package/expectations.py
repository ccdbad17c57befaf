"""Says in the reader's language what was expected at a place, also when the sentence holds a number or a list of words.

Faults travel as English sentences; programs get them as they are. What has no translation is shown as it stands.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Final

from gateway.package.problems import sentence

# In the order in which they are tried; `{name}` stands for whatever stands there.
PATTERNS: Final = (
    "at least {count} expected",
    "at most {count} expected",
    "a path of at most {count} bytes expected",
    "text of at least {count} characters expected",
    "text of at most {count} characters expected",
    "a number above {number} expected",
    "a number of at least {number} expected",
    "a number below {number} expected",
    "a number of at most {number} expected",
    "Input should be a valid boolean",
    "Input should be a valid list",
    "Input should be a valid string",
    "Input should be greater than or equal to {number}",
    "Input should be less than or equal to {number}",
    "Input should be {values}",
    "String should match pattern '{pattern}'",
    "List should have at least {count} item after validation, not {found}",
)
# Last of all, for nearly every sentence of ours ends like this.
ONE_OF: Final = "{values} expected"

_QUOTED: Final = r"'[^']*'(?:(?:, | or )'[^']*')*"
_PLACES: Final = {"count": r"\d+", "number": r"[0-9.-]+"}


def said_expectation(text: str, *, say: Callable[[str], str], patterns: Iterable[str] = ()) -> str:
    """Say an expectation; `say` translates a text of the catalogue, `patterns` are further sentences with places."""
    if (whole := say(text)) != text:
        return whole
    for pattern in (*patterns, *PATTERNS, ONE_OF):
        found = _expression(pattern).fullmatch(text)
        if found is not None and (said := say(pattern)) != pattern:
            return sentence(said, {name: _listed(value, say) for name, value in found.groupdict().items()})
    return text


def _listed(value: str, say: Callable[[str], str]) -> str:
    """Put the reader's word before the last of several words between quotes."""
    return value.replace("' or '", f"' {say('or')} '")


def _place(name: str, pattern: str) -> str:
    return _QUOTED if pattern == ONE_OF else _PLACES.get(name, ".+?")


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", pattern)
    # A list of words stands between quotes; so it can be told from a sentence that only has no translation.
    return re.compile(
        "".join(
            re.escape(piece) if number % 2 == 0 else f"(?P<{piece}>{_place(piece, pattern)})"
            for number, piece in enumerate(pieces)
        )
    )
