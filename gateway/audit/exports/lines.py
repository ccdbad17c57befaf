"""A line of the log as its exports see it: read once, with the hash that ties each export to the log's proofs."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.audit.tree import leaf_hash

UNREADABLE = "audit-line-unreadable"
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One line: its exact bytes, what it says, and its leaf's hash in hexadecimal (RFC 9162 section 2.1.1).

    Of a line that can not be read only the hash is exported: nobody knows what else stands in it.
    """

    line: bytes
    record: dict[str, Any]
    leaf: str

    @property
    def readable(self) -> bool:
        """Whether the line is a record of ours."""
        return self.action != UNREADABLE

    @property
    def action(self) -> str:
        """What happened."""
        return str(self.record["event.action"])

    @property
    def milliseconds(self) -> int:
        """When, in milliseconds since 1970; 0 when nobody can tell."""
        at = dt.datetime.fromisoformat(self.record.get("@timestamp", "1970-01-01T00:00:00Z"))
        return (at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(milliseconds=1)

    def all_of(self, key: str) -> list[Any]:
        """Give the values under a key, one or many."""
        value = self.record.get(key, [])
        return value if isinstance(value, list) else [value]


def read_line(line: bytes) -> ExportLine:
    """Read one line of the log, without its line break; no line is refused."""
    leaf = leaf_hash(line).hex()
    try:
        record: Any = orjson.loads(line)
        dt.datetime.fromisoformat(record["@timestamp"])
        if isinstance(record["event.action"], str) and _TIME.fullmatch(record["@timestamp"]):
            return ExportLine(line, record, leaf)
    except (ValueError, KeyError, TypeError):
        pass
    return unreadable_line(line)


def unreadable_line(line: bytes) -> ExportLine:
    """Take a line as one that nobody can read, whatever stands in it."""
    return ExportLine(line, {"event.action": UNREADABLE, "event.outcome": "unknown"}, leaf_hash(line).hex())
