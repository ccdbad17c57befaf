"""Reads YAML as plain JSON values out of the parser's events, so that what is refused is never built.

Rules, in order:
1. One document; no anchors, aliases, tags, directives or merge keys, so that no line means two places and a small file
   can not grow in memory. Each key once, and each key a plain word.
2. Bounded levels of nesting and bounded values and keys.
3. The types of JSON only: `true`, `false`, `null` (also `~` and nothing), and what the caller says is a number.
   Everything else is text: a date, `0123456789`, `yes`, and the family name Null.
4. A fault has a line and never the content.
"""

from collections.abc import Callable
from enum import StrEnum, auto
from typing import Any, Final

import yaml

_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}

Number = Callable[[str], object]
"""Gives the value of a plain word: a number, or the text itself. Raises ValueError for what no program can hold."""


class YamlFault(StrEnum):
    """What is wrong with a text."""

    SYNTAX = auto()
    KEY_TWICE = auto()
    WRITTEN_ELSEWHERE = auto()
    """Anchors, aliases, tags, directives, merge keys."""
    SECOND_DOCUMENT = auto()
    KEY_NO_WORD = auto()
    TOO_DEEP = auto()
    TOO_MANY = auto()
    NUMBER_RANGE = auto()


class YamlFaultError(Exception):
    """The text is not what may be read; `line` counts from 1 and is 0 when the parser does not know."""

    def __init__(self, fault: YamlFault, *, line: int) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.line = line


def parse_yaml(text: str, *, number: Number, max_depth: int, max_nodes: int) -> object:
    """Read a text. Raises YamlFaultError, without the parser's own error, which quotes the content."""
    document = _Document(number=number, max_depth=max_depth, max_nodes=max_nodes)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            document.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # At the end of the text the parser points to the line after the last one.
        line = min(mark.line + 1, len(text.splitlines())) if mark else 1
        raise YamlFaultError(YamlFault.SYNTAX, line=line) from None
    except yaml.YAMLError:
        raise YamlFaultError(YamlFault.SYNTAX, line=0) from None
    return document.value


class _Document:
    """Builds plain values out of the parser's events."""

    def __init__(self, *, number: Number, max_depth: int, max_nodes: int) -> None:
        self.value: object = None
        self._number = number
        self._max_depth = max_depth
        self._max_nodes = max_nodes
        self._open: list[_Container] = []
        self._documents = 0
        self._nodes = 0

    def take(self, event: Any) -> None:
        """Take the parser's next event. Raises YamlFaultError."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._check_node(event)
            self._scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._check_node(event)
            self._start(event, {} if kind is yaml.MappingStartEvent else [])
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._open.pop()
        elif kind is yaml.AliasEvent:
            raise _fault(event, YamlFault.WRITTEN_ELSEWHERE)
        elif kind is yaml.DocumentStartEvent:
            self._start_document(event)

    def _start_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            raise _fault(event, YamlFault.SECOND_DOCUMENT)
        if event.tags:
            raise _fault(event, YamlFault.WRITTEN_ELSEWHERE)

    def _check_node(self, event: Any) -> None:
        if event.anchor is not None or event.tag is not None:
            raise _fault(event, YamlFault.WRITTEN_ELSEWHERE)
        self._nodes += 1
        if self._nodes > self._max_nodes:
            raise _fault(event, YamlFault.TOO_MANY)

    def _start(self, event: Any, content: dict[str, object] | list[object]) -> None:
        if len(self._open) >= self._max_depth:
            raise _fault(event, YamlFault.TOO_DEEP)
        if self._expects_key():
            raise _fault(event, YamlFault.KEY_NO_WORD)
        self._put(content)
        self._open.append(_Container(content))

    def _scalar(self, event: Any) -> None:
        if not self._expects_key():
            self._put(self._resolved(event) if event.implicit[0] else event.value)
            return
        container = self._open[-1]
        if event.value == "<<" and event.implicit[0]:
            raise _fault(event, YamlFault.WRITTEN_ELSEWHERE)
        if event.value in container.content:
            raise _fault(event, YamlFault.KEY_TWICE)
        container.key = event.value

    def _expects_key(self) -> bool:
        return bool(self._open) and self._open[-1].key is None and isinstance(self._open[-1].content, dict)

    def _put(self, value: object) -> None:
        if not self._open:
            self.value = value
            return
        container = self._open[-1]
        if isinstance(container.content, list):
            container.content.append(value)
        elif container.key is not None:
            container.content[container.key] = value
            container.key = None

    def _resolved(self, event: Any) -> object:
        """Give a plain scalar its type: rule 3."""
        text: str = event.value
        if text in _WORDS:
            return _WORDS[text]
        try:
            return self._number(text)
        except ValueError:
            raise _fault(event, YamlFault.NUMBER_RANGE) from None


class _Container:
    """A mapping or list that is being filled; `key` waits for its value."""

    __slots__ = ("content", "key")

    def __init__(self, content: dict[str, object] | list[object]) -> None:
        self.content = content
        self.key: str | None = None


def _fault(event: Any, fault: YamlFault) -> YamlFaultError:
    return YamlFaultError(fault, line=event.start_mark.line + 1)
