"""What every reader of a data file keeps to, whatever the file is written in.

Rules:
1. At most 50 MiB, a bounded number of fields and 64 levels.
2. A record is one object, a list an array of objects, a table rows of text under a header; anything else is no data.
3. `where` is a line or a cell, never a value.
"""

from typing import Final, Literal

from pydantic import JsonValue

from gateway.package.errors import Code, SluisError
from gateway.package.manifest import count_fields
from gateway.package.states import Data

MAX_DATA_BYTES: Final = 50 * 1024 * 1024
MAX_DATA_FIELDS: Final = 10_000
MAX_DEPTH: Final = 64


def check_size(content: bytes) -> None:
    """Raise SluisError `package-too-large` for more bytes than a data file may have."""
    if len(content) > MAX_DATA_BYTES:
        raise SluisError(Code.PACKAGE_TOO_LARGE, detail={"limit": MAX_DATA_BYTES})


def too_many_fields(limit: int) -> SluisError:
    """Make the error for more fields than one package may hold."""
    return SluisError(Code.FIELDS_TOO_MANY, detail={"limit": limit})


def decode(content: bytes, encoding: Literal["utf-8-sig", "utf-16", "cp1252"]) -> str:
    """Decode a text. Raises SluisError `data-unreadable` with the line."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise SluisError(Code.DATA_UNREADABLE, where=line(content.count(b"\n", 0, error.start) + 1)) from None


def line(number: int) -> str:
    """Name a line as the place of a fault."""
    return f"line {number}"


def as_record_or_list(value: JsonValue, *, max_fields: int) -> Data:
    """Take an object as a record and an array of objects as a list.

    Raises SluisError `fields-too-many`; `data-unreadable` for anything else.
    """
    if count_fields(value) > max_fields:
        raise too_many_fields(max_fields)
    if isinstance(value, dict):
        return Data(shape="record", rows=(value,))
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return Data(shape="list", rows=tuple(item for item in value if isinstance(item, dict)))
    raise SluisError(Code.DATA_UNREADABLE)
