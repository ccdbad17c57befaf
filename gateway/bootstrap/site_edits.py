"""Writes the own signing key into site.yaml, and leaves everything else as people wrote it. Pure: text in, text out.

Only lines of the section `seal` change, so comments and order stay. The result is read again, and has to be the
settings of before with exactly that changed; what can not be edited so is refused, and a person writes it.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import yaml

from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint

_NEXT = ("nextSigningKey", "nextFrom")


def with_next_key(settings: str, key: Fingerprint, *, starts: dt.date) -> str:
    """Name the key that signs from a day on. Raises SluisError `setting-invalid`."""

    def edit(text: str) -> str:
        node = _nodes(text)["signingKey"]
        indent = " " * node[0].start_mark.column
        end = _line_end(text, node[1].end_mark.index)
        return f'{text[:end]}\n{indent}nextSigningKey: "{key}"\n{indent}nextFrom: {starts.isoformat()}{text[end:]}'

    return _edited(settings, edit, {_NEXT[0]: str(key), _NEXT[1]: starts})


def with_next_key_alone(settings: str, key: Fingerprint) -> str:
    """Let the next key be the own one. Raises SluisError `setting-invalid`."""

    def edit(text: str) -> str:
        for name in _NEXT:
            node = _nodes(text)[name]
            start = text.rfind("\n", 0, node[0].start_mark.index) + 1
            end = _line_end(text, node[1].end_mark.index)
            text = text[:start] + text[end + 1 :]
        value = _nodes(text)["signingKey"][1]
        return f'{text[: value.start_mark.index]}"{key}"{text[value.end_mark.index :]}'

    return _edited(settings, edit, {"signingKey": str(key), _NEXT[0]: None, _NEXT[1]: None})


def _edited(settings: str, edit: Callable[[str], str], changes: dict[str, Any]) -> str:
    try:
        wanted = yaml.safe_load(settings)
        wanted["seal"] = {name: each for name, each in (wanted["seal"] | changes).items() if each is not None}
        text = edit(settings)
        same = yaml.safe_load(text) == wanted
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise _not_edited() from error
    if not same:
        raise _not_edited()
    return text


def _not_edited() -> SluisError:
    fault = ("seal", "written in a way that Sluis does not change by itself: one key on each line expected")
    return SluisError(Code.SETTING_INVALID, where="site.yaml", faults=(fault,))


def _nodes(text: str) -> dict[str, tuple[Any, Any]]:
    """Give key and value of each setting of the section, as they lie in the text."""
    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    seal = next(value for name, value in root.value if name.value == "seal")
    return {name.value: (name, value) for name, value in seal.value}


def _line_end(text: str, place: int) -> int:
    """Give the place of the line break behind a place; the end of the text when there is none."""
    found = text.find("\n", place)
    return len(text) if found < 0 else found
