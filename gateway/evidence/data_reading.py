"""Reads a data file, JSON or CSV, in exactly one way, or not at all.

Rules, in order:
1. At most 50 MiB and a bounded number of fields, counted before anything is built in memory.
2. One reading only: a key or column that stands twice, a row with more or fewer values than columns, a number that
   a reader would round, two separators that both fit: `data-ambiguous`. What the recipient's program would read may
   not differ from what policy decided on.
3. Nothing is repaired. Text that is not what the file's name says is `data-unreadable`.
4. `where` is a line number, never a value; the causes of errors are cut off, because they quote the content.
"""

import codecs
import csv
import io
import json
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NoReturn

from pydantic import JsonValue

from gateway.evidence.data_bounds import (
    MAX_DATA_FIELDS,
    MAX_DEPTH,
    as_record_or_list,
    check_size,
    decode,
    line,
    too_many_fields,
)
from gateway.package.errors import Code, SluisError
from gateway.package.states import Data

_SEPARATORS: Final = (",", ";", "\t", "|")
# A string in one go (also one that never ends, so that the scan stays linear), or one mark of the structure.
_STRUCTURE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[{]|[\]}]|,', re.DOTALL)
_UTF8_PAIR = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_SURROGATE = re.compile("[\ud800-\udfff]")


# ---- JSON ----------------------------------------------------------------------------------------------------------


def read_json(content: bytes, *, max_fields: int = MAX_DATA_FIELDS) -> Data:
    """Read a JSON object as a record, or a JSON array of objects as a list (RFC 8259, UTF-8).

    Whole numbers keep every digit. Raises SluisError `data-unreadable`, `data-ambiguous`, `fields-too-many`,
    `package-too-large`.
    """
    check_size(content)
    text = decode(content, "utf-8-sig")
    _check_structure(text, max_fields=max_fields)
    value = _parse_json(text)
    return as_record_or_list(value, max_fields=max_fields)


def _check_structure(text: str, *, max_fields: int) -> None:
    """Bound depth and size before parsing: a few megabytes of brackets would become gigabytes of objects."""
    depth = marks = 0
    for found in _STRUCTURE.finditer(text):
        mark = text[found.start()]
        if mark == '"':
            continue
        marks += 1
        depth += (mark in "[{") - (mark in "]}")
        if depth > MAX_DEPTH:
            raise SluisError(Code.DATA_UNREADABLE, detail={"limit": MAX_DEPTH})
        if marks > 10 * max_fields:
            raise too_many_fields(max_fields)


def _parse_json(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(
            text, object_pairs_hook=_object, parse_float=_float, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        raise SluisError(Code.DATA_UNREADABLE, where=line(error.lineno)) from None
    except ValueError:
        # Python reads no whole number of more than 4,300 digits; nobody's data needs one.
        raise SluisError(Code.DATA_UNREADABLE) from None
    # Only an escape can hide half a character in UTF-8 text; no recipient could read it back.
    if "\\u" in text and _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        raise SluisError(Code.DATA_UNREADABLE)
    return value


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise SluisError(Code.DATA_AMBIGUOUS)
    return row


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise SluisError(Code.DATA_UNREADABLE)
    if Decimal(text) != Decimal(repr(value)):
        raise SluisError(Code.DATA_AMBIGUOUS)
    return value


def _refuse_constant(_: str) -> NoReturn:
    raise SluisError(Code.DATA_UNREADABLE)


# ---- CSV -----------------------------------------------------------------------------------------------------------


def read_csv(content: bytes, *, max_fields: int = MAX_DATA_FIELDS) -> Data:
    """Read a CSV file with a header as a table of text values (RFC 4180, and the separators that offices use).

    The separator is the one among `, ; TAB |` by which every row has as many values as the header has columns.
    UTF-8, UTF-16 with its mark, or else Windows-1252, which is what Dutch spreadsheets write. Empty lines at the end
    are no rows. Raises SluisError `data-unreadable`, `data-ambiguous`, `fields-too-many`, `package-too-large`.
    """
    check_size(content)
    text = _csv_text(content)
    fitting: list[list[list[str]]] = []
    faults: list[tuple[int, SluisError]] = []
    for separator in _SEPARATORS:
        try:
            fitting.append(_read_rows(text, separator=separator, max_fields=max_fields))
        except _MisfitError as misfit:
            faults.append((misfit.columns, misfit.fault))
    tables = [rows for rows in fitting if len(rows[0]) > 1]
    # A header that any other separator cuts must not be read as one broad column.
    if not tables and faults:
        raise max(faults, key=lambda fault: fault[0])[1]
    if len(tables) > 1:
        raise SluisError(Code.DATA_AMBIGUOUS, where=line(1))
    header, *rows = (tables or fitting)[0]
    names = _column_names(header)
    return Data(shape="table", rows=tuple(dict(zip(names, row, strict=True)) for row in rows))


class _MisfitError(Exception):
    """The text is no table by this separator; `columns` tells how likely the separator was meant."""

    def __init__(self, columns: int, fault: SluisError) -> None:
        super().__init__(fault.code.value)
        self.columns = columns
        self.fault = fault


def _csv_text(content: bytes) -> str:
    if content.startswith(codecs.BOM_UTF8):
        text = decode(content, "utf-8-sig")
    elif content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = decode(content, "utf-16")
    else:
        text = _unmarked_text(content)
    if "\x00" in text or not text.strip():
        raise SluisError(Code.DATA_UNREADABLE)
    return text.rstrip("\r\n")


def _unmarked_text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # A file that is UTF-8 but for some bytes would come out as other names than were written.
        if _UTF8_PAIR.search(content):
            raise SluisError(Code.DATA_AMBIGUOUS) from None
        return decode(content, "cp1252")


def _read_rows(text: str, *, separator: str, max_fields: int) -> list[list[str]]:
    lines = _bounded_lines(text, separator=separator, max_fields=max_fields)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    rows: list[list[str]] = []
    columns = 0
    try:
        for row in reader:
            columns = columns or len(row)
            if not columns or len(row) != columns:
                raise _MisfitError(columns, SluisError(Code.DATA_AMBIGUOUS, where=line(reader.line_num)))
            if columns * len(rows) > max_fields:
                raise too_many_fields(max_fields)
            rows.append(row)
    except csv.Error:
        raise _MisfitError(columns, SluisError(Code.DATA_UNREADABLE, where=line(reader.line_num))) from None
    return rows


def _bounded_lines(text: str, *, separator: str, max_fields: int) -> Iterator[str]:
    for written in io.StringIO(text, newline=""):
        if written.count(separator) > max_fields:
            raise too_many_fields(max_fields)
        yield written


def _column_names(header: list[str]) -> list[str]:
    names = [name.strip() for name in header]
    if not all(names) or len(set(names)) != len(names):
        raise SluisError(Code.DATA_AMBIGUOUS, where=line(1))
    return names
