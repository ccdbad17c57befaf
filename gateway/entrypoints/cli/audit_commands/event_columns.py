"""What a table of events shows of each: the same columns for people, and for a spreadsheet."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.package.states import Language

_CODES: Final = ("rule.id", "error.code", "gateway.warnings")
CSV_HEADS: Final = (
    "sequence",
    "time",
    "action",
    "outcome",
    "package",
    "recipient",
    "channel",
    "person",
    "organisation",
    "categories",
    "codes",
    "policy",
)
_SHOWN: Final = ("sequence", "time", "action", "outcome", "package", "recipient", "channel", "person", "codes")
_IN_DUTCH: Final = {
    "sequence": "Nr.",
    "time": "Tijd (UTC)",
    "action": "Gebeurtenis",
    "outcome": "Uitkomst",
    "package": "Pakket",
    "recipient": "Ontvanger",
    "channel": "Kanaal",
    "person": "Door",
    "codes": "Regels en codes",
}
_IN_ENGLISH: Final = {
    "sequence": "No.",
    "time": "Time (UTC)",
    "action": "Event",
    "outcome": "Outcome",
    "package": "Package",
    "recipient": "Recipient",
    "channel": "Channel",
    "person": "By",
    "codes": "Rules and codes",
}


def heads(language: Language) -> tuple[str, ...]:
    """Give the heads of the columns that people see."""
    words = _IN_DUTCH if language is Language.NL else _IN_ENGLISH
    return tuple(words[name] for name in _SHOWN)


def shown_cells(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the cells that people see of an event."""
    cells = dict(zip(CSV_HEADS, csv_cells(record), strict=True))
    return (cells["sequence"], short_time(cells["time"]), *(cells[name] for name in _SHOWN[2:]))


def csv_cells(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Give every cell of an event; several values are set apart by a space."""
    said = record.get
    return (
        str(said("event.sequence", "")),
        str(said("@timestamp", "")),
        str(said("event.action", "")),
        str(said("event.outcome", "")),
        str(said("gateway.package.id", "")),
        str(said("gateway.recipient.id", "")),
        str(said("gateway.channel", "")),
        str(said("user.id", "")),
        str(said("organization.name", "")),
        " ".join(said("gateway.field_categories", ())),
        " ".join(dict.fromkeys(code for key in _CODES for code in said(key, ()))),
        str(said("rule.version", "")),
    )


def short_time(text: str) -> str:
    """Give a time of the log to the second."""
    return f"{text[:10]} {text[11:19]}"
