"""The data as people read them: the rows of a table, made of `data.json` and nothing else. Pure.

Rules:
1. Every value of the data stands in it once, in the order of the data; nothing is left out, shortened or rounded.
2. A field is called by its label, what lies within it by the labels on the way (`Adres / Plaats`).
3. What the table shows is escaped by its template: a value is text, never markup.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from gateway.package.labels import Labels
from gateway.package.states import Language

_WITHIN: Final = " / "
_SAID: Final[Mapping[Language, Mapping[str, str]]] = MappingProxyType(
    {
        Language.NL: {"true": "ja", "false": "nee", "null": "-"},
        Language.EN: {"true": "yes", "false": "no", "null": "-"},
    }
)
_Value = None | bool | str | list["_Value"] | dict[str, "_Value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One value under the name of its field."""

    name: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of the data: its number, counted from 1 and 0 when it is the only one, and its rows."""

    number: int
    rows: tuple[Row, ...]


def readable_records(data: bytes, *, labels: Labels, language: Language) -> tuple[Record, ...]:
    """Read `data.json` into rows. Raises ValueError when it is none."""
    content: _Value = json.loads(data, parse_int=str, parse_float=str)
    records = content if isinstance(content, list) else [content]
    reading = _Reading(labels=labels, language=language)
    return tuple(
        Record(number=number if len(records) > 1 else 0, rows=tuple(reading.rows(record, path="", name="")))
        for number, record in enumerate(records, start=1)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    labels: Labels
    language: Language

    def rows(self, value: _Value, *, path: str, name: str) -> Iterator[Row]:
        match value:
            case dict():
                for key, each in value.items():
                    inner = f"{path}.{key}" if path else key
                    yield from self.rows(each, path=inner, name=self._within(name, self._label(inner, key)))
            case list() if any(isinstance(each, (dict, list)) for each in value):
                for number, each in enumerate(value, start=1):
                    yield from self.rows(each, path=path, name=f"{name} {number}".strip())
            case list():
                yield Row(name=name, value=", ".join(map(self._said, value)))
            case _:
                yield Row(name=name, value=self._said(value))

    def _said(self, value: _Value) -> str:
        return value if isinstance(value, str) else _SAID[self.language][json.dumps(value)]

    def _label(self, path: str, key: str) -> str:
        """Call a field by the label of its whole path, or else by its own key."""
        said = self.labels.field(path).text(self.language)
        return key if said == path else said

    @staticmethod
    def _within(name: str, inner: str) -> str:
        return f"{name}{_WITHIN}{inner}" if name else inner
