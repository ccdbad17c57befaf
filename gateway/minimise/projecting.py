"""Builds the data that leaves: a new structure, out of released leaves only (GDPR art. 5(1)(c)).

Rules:
1. Nothing is edited in place and nothing is removed: what no verdict released was never copied.
2. A path is spelled as in `gateway.package.paths`. A leaf under a path that nobody released does not go, so a structure
   in the place of a permitted value does not go either.
3. A parent that keeps nothing is absent, so is an item of a list: an empty shell would still say that it was there.
"""

from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from gateway.package.paths import escape_key
from gateway.package.states import Data, FieldVerdict, Verdict


def released_paths(verdicts: Iterable[FieldVerdict]) -> frozenset[str]:
    """Give the paths that every verdict on them releases."""
    released: set[str] = set()
    kept: set[str] = set()
    for each in verdicts:
        (released if each.verdict is Verdict.RELEASE else kept).add(each.path)
    return frozenset(released - kept)


def project(data: Data, released: frozenset[str]) -> JsonValue:
    """Copy the released leaves: of a record an object, of a list or table an array of the rows that keep something."""
    rows = [row for source in data.rows for row in _kept("", dict(source), released)]
    if data.shape == "record":
        return rows[0] if rows else {}
    return rows


def _kept(path: str, value: JsonValue, released: frozenset[str]) -> Iterator[JsonValue]:
    """Give what is released of one value: nothing, or one new value."""
    if value and isinstance(value, dict):
        prefix = f"{path}." if path else ""
        row = {key: each for key, item in value.items() for each in _kept(prefix + escape_key(key), item, released)}
        if row:
            yield row
    elif value and isinstance(value, list):
        items = [each for item in value for each in _kept(f"{path}[]", item, released)]
        if items:
            yield items
    elif path in released:
        yield value
