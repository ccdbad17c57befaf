"""Paths of leaves in a package's data: the one spelling that policy decides by and minimise projects by.

Rules:
1. A path is the keys joined with `.`, and `[]` for the items of a list: `address.street`, `familyMembers[].name`.
2. A leaf is a value that holds no other values: text, number, truth value, null, and also an empty object or list,
   which stands under its own path. A row without keys has no leaves.
3. Two different structures never share a path. In a key `~` is written `~0`, `.` is `~1`, `[` is `~2`, an empty key is
   `~3`, and a character that can not be printed is `~u` with its hexadecimal number and `;`. So a sender can not
   pass `{"address.street": …}` off as `{"address": {"street": …}}`, nor write control characters into a log.
4. No recursion: depth can not exhaust the stack.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

Leaves = Sequence[tuple[str, JsonValue]]
"""The leaves of one row, each with its path."""

_MARKS = re.compile(r"[~.\[]")
_WRITTEN_AS = {"~": "~0", ".": "~1", "[": "~2"}
_EMPTY_KEY = "~3"


def escape_key(key: str) -> str:
    """Write one key so that it can stand in a path; most keys stay as they are."""
    if key.isascii() and key.isalnum():
        return key
    if key and key.isprintable() and not _MARKS.search(key):
        return key
    return "".join(map(_escape_character, key)) or _EMPTY_KEY


def _escape_character(char: str) -> str:
    if char in _WRITTEN_AS:
        return _WRITTEN_AS[char]
    return char if char.isprintable() else f"~u{ord(char):x};"


def iter_leaves(row: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """Give every leaf of one row with its path, in the order of the data; items of one list share a path."""
    pending: list[Iterator[tuple[str, JsonValue]]] = [_entries("", row)]
    while pending:
        for path, value in pending[-1]:
            if value and isinstance(value, dict | list):
                pending.append(_entries(path, value))
                break
            yield path, value
        else:
            pending.pop()


def _entries(path: str, value: Mapping[str, JsonValue] | list[JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, list):
        item_path = f"{path}[]"
        return ((item_path, item) for item in value)
    prefix = f"{path}." if path else ""
    return ((prefix + escape_key(key), item) for key, item in value.items())
