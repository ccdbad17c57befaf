"""Reads a data file in YAML: the types of JSON, in exactly one way.

Rules:
1. UTF-8, with or without its mark; one document, each key once, no anchors, aliases, tags or merge keys
   (`gateway.formats.plain_yaml`).
2. A plain word is a number only when the number, written again, is the same word. So `0123456789`, `1.10`, `1e3`,
   `0x1F`, `0o17`, `1_000` and `12:30:00`, which programs read as other numbers each, stay the text that they are; so
   do dates and `yes`.
"""

import re
from typing import TYPE_CHECKING, cast

from gateway.evidence.data_bounds import (
    MAX_DATA_FIELDS,
    MAX_DEPTH,
    as_record_or_list,
    check_size,
    decode,
    line,
    too_many_fields,
)
from gateway.formats.plain_yaml import YamlFault, YamlFaultError, parse_yaml
from gateway.package.errors import Code, SluisError
from gateway.package.states import Data

if TYPE_CHECKING:
    from pydantic import JsonValue

_WHOLE = re.compile(r"(?:0|-?[1-9][0-9]*)\Z")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+\Z")
_AMBIGUOUS = frozenset({YamlFault.KEY_TWICE, YamlFault.WRITTEN_ELSEWHERE, YamlFault.SECOND_DOCUMENT})


def read_yaml(content: bytes, *, max_fields: int = MAX_DATA_FIELDS) -> Data:
    """Read a mapping as a record, or a sequence of mappings as a list.

    Raises SluisError `data-unreadable`, `data-ambiguous`, `fields-too-many`, `package-too-large`.
    """
    check_size(content)
    text = decode(content, "utf-8-sig")
    try:
        value = parse_yaml(text, number=_number, max_depth=MAX_DEPTH, max_nodes=10 * max_fields)
    except YamlFaultError as error:
        raise _refusal(error, max_fields=max_fields) from None
    # Built out of texts, numbers, the three words of JSON, lists and mappings alone.
    return as_record_or_list(cast("JsonValue", value), max_fields=max_fields)


def _number(text: str) -> object:
    if _WHOLE.match(text):
        return int(text)
    if _FRACTION.match(text) and repr(number := float(text)) == text:
        return number
    return text


def _refusal(error: YamlFaultError, *, max_fields: int) -> SluisError:
    if error.fault is YamlFault.TOO_MANY:
        return too_many_fields(max_fields)
    code = Code.DATA_AMBIGUOUS if error.fault in _AMBIGUOUS else Code.DATA_UNREADABLE
    return SluisError(code, where=line(error.line) if error.line else "")
