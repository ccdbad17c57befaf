"""The ledger's tables, and the rows that one line of the audit log becomes. Pure.

The ledger is an index over the log, made from its lines, and made anew whenever it does not fit them. It is no
evidence: what it finds is shown from the line itself. Its tables:

    event           a row for each line that can be read; `line` counts the lines from 0, `seq` is its own number
    event_subject   the pseudonyms of the person whom it is about
    event_category  the categories of the fields that go
    event_code      rules, warnings, error codes and reasons of a hold; `kind` says which of these (`CODE_KINDS`)
    event_number    counts of verdicts (`verdicts.release`) and of other things (`counts.documents`)
    unreadable      the lines that can not be read as an event
    file            the log's files, and by what is seen whether they are as they were
    standing        how far the index is

`at` is microseconds since 1970, UTC; `file` and `start` say where the line stands; `leaf` is its hash in the tree.
`line` is the same within one index only: whoever keeps a place keeps `seq`.

Rules:
1. What a line says is taken as it stands or, when it has not the form of its column, the line counts as unreadable:
   somebody may have written the log who is not us. A key whose value is `null` is no form of anything: we leave a key
   out, and who reads a line by its keys need not ask twice.
2. The text of the tables is the version of the index. The keys stand in it as comments, so that an index that was
   made by another Sluis is seen to be one.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from gateway.audit.disclosures import may_have_left
from gateway.audit.records import MAX_NUMBER, NUMBERS

_VERSION: Final = 2
"""To be raised when the same line becomes other rows while the text of the tables stays as it is."""

TEXT_COLUMNS: Final[Mapping[str, str]] = {
    "id": "event.id",
    "action": "event.action",
    "outcome": "event.outcome",
    "type": "event.type",
    "reason": "event.reason",
    "package": "gateway.package.id",
    "recipient": "gateway.recipient.id",
    "person": "user.id",
    "proposer": "gateway.policy.proposer",
    "deputy_for": "gateway.review.deputy_for",
    "organisation": "organization.name",
    "channel": "gateway.channel",
    "purpose": "gateway.purpose",
    "policy": "rule.version",
    "legal_basis": "gateway.legal_basis",
    "key": "gateway.key.fingerprint",
    "alert_event": "gateway.alert.event",
    "error": "error.code",
    "review_verdict": "gateway.review.verdict",
    "review_reason": "gateway.review.reason",
    "trace": "trace.id",
    "span": "span.id",
}
"""The columns of `event` that hold a text, and the key each comes from; of a list the first."""

NUMBER_COLUMNS: Final[Mapping[str, str]] = {"size": "file.size", "attempt": "gateway.attempt"}
CODE_KINDS: Final[Mapping[str, str]] = {
    "rule": "rule.id",
    "warning": "gateway.warnings",
    "error": "error.code",
    "hold": "gateway.hold.reason",
}

_NUMBERS: Final = frozenset(key for key in NUMBERS if key.startswith(("gateway.verdicts.", "gateway.counts.")))
_TEXT_KEYS: Final = tuple(TEXT_COLUMNS.values())
_NUMBER_KEYS: Final = tuple(NUMBER_COLUMNS.values())
_CODE_KEYS: Final = tuple(CODE_KINDS.items())
_SPACE: Final = len("gateway.")
_LISTS: Final = tuple([*TEXT_COLUMNS].index(column) for column in ("type", "error"))
_TEXT: Final = frozenset((str,))
_TEXT_OR_NONE: Final = frozenset((str, type(None)))
_SUBJECTS: Final = "gateway.subject.pseudonym"
_CATEGORIES: Final = "gateway.field_categories"
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)


def _event_table() -> str:
    texts = "".join(f"  {column} TEXT, -- {key}\n" for column, key in TEXT_COLUMNS.items())
    numbers = "".join(f"  {column} INTEGER, -- {key}\n" for column, key in NUMBER_COLUMNS.items())
    return (
        f"CREATE TABLE event ( -- {_VERSION}\n  line INTEGER PRIMARY KEY,\n  seq INTEGER NOT NULL,\n"
        f"  at INTEGER NOT NULL,\n{texts}{numbers}"
        "  file INTEGER NOT NULL,\n  start INTEGER NOT NULL,\n  leaf BLOB NOT NULL\n) STRICT"
    )


def _side(name: str, keys: str, columns: str, primary: str) -> str:
    return f"CREATE TABLE event_{name} ( -- {keys}\n  {columns}, PRIMARY KEY ({primary})\n) WITHOUT ROWID, STRICT"


_KINDS: Final = ", ".join(CODE_KINDS.values())
TABLES: Final = (
    _event_table(),
    _side("subject", _SUBJECTS, "pseudonym TEXT NOT NULL, line INTEGER NOT NULL", "pseudonym, line"),
    _side("category", _CATEGORIES, "category TEXT NOT NULL, line INTEGER NOT NULL", "category, line"),
    _side("code", _KINDS, "code TEXT NOT NULL, kind TEXT NOT NULL, line INTEGER NOT NULL", "code, kind, line"),
    _side(
        "number", ", ".join(sorted(_NUMBERS)), "line INTEGER NOT NULL, name TEXT NOT NULL, value INTEGER", "line, name"
    ),
    "CREATE TABLE unreadable (line INTEGER PRIMARY KEY, seq INTEGER, file INTEGER, start INTEGER) STRICT",
    "CREATE TABLE file (number INTEGER PRIMARY KEY, name TEXT, size INTEGER, modified INTEGER) STRICT",
    (
        "CREATE TABLE standing (one INTEGER PRIMARY KEY, lines INTEGER, seq INTEGER, disorder INTEGER, unnamed INTEGER,"
        " file INTEGER, start INTEGER, stop INTEGER, leaf BLOB) STRICT"
    ),
)
INDEXES: Final = (
    "CREATE INDEX event_at ON event (at)",
    "CREATE INDEX event_action ON event (action, at)",
    "CREATE INDEX event_package ON event (package, recipient, line) WHERE package IS NOT NULL",
    "CREATE INDEX event_recipient ON event (recipient, action, at) WHERE recipient IS NOT NULL",
    "CREATE INDEX event_person ON event (person, action, at) WHERE person IS NOT NULL",
    "CREATE INDEX event_policy ON event (policy, at) WHERE policy IS NOT NULL",
    "CREATE INDEX event_category_line ON event_category (line)",
    "CREATE INDEX event_trace ON event (trace) WHERE trace IS NOT NULL",
)
EVENT_COLUMNS: Final = ("line", "seq", "at", *TEXT_COLUMNS, *NUMBER_COLUMNS, "file", "start", "leaf")


class Said(NamedTuple):
    """What one line says: its number, the values of its row between `seq` and `file`, and the rows beside it.

    `unnamed`: it tells that something may have left, and not about whom.
    """

    seq: int
    values: tuple[Any, ...]
    subjects: tuple[str, ...]
    categories: tuple[str, ...]
    codes: Sequence[tuple[str, str]]
    numbers: Sequence[tuple[str, int]]
    unnamed: bool


def said_by(line: bytes) -> Said | None:
    """Read one line, without its break; None when it is no event of the form that the columns have."""
    try:
        record: Any = orjson.loads(line)
        return _said(record) if isinstance(record, dict) else None
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None


def moment(at: int) -> dt.datetime:
    """Give the time that a column `at` says."""
    return _EPOCH + at * _MICROSECOND


def microseconds(at: dt.datetime) -> int:
    """Give a time as a column `at` says it."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _said(record: dict[str, Any]) -> Said:
    if None in record.values():
        raise TypeError("a key without a value")
    get = record.get
    texts = [*map(get, _TEXT_KEYS)]
    for place in _LISTS:
        if texts[place] is not None:
            texts[place] = next(iter(_each(texts[place])), None)
    if not isinstance(record["event.action"], str) or not _TEXT_OR_NONE.issuperset(map(type, texts)):
        raise TypeError("texts expected")
    numbers = [None if (value := get(key)) is None else _number(value) for key in _NUMBER_KEYS]
    subjects = _each(get(_SUBJECTS))
    return Said(
        seq=_number(record["event.sequence"]),
        values=(_at(record["@timestamp"]), *texts, *numbers),
        subjects=subjects,
        categories=_each(get(_CATEGORIES)),
        codes=[(code, kind) for kind, key in _CODE_KEYS if key in record for code in _each(record[key])],
        numbers=[(key[_SPACE:], _number(record[key])) for key in record if key in _NUMBERS],
        unnamed=not subjects and may_have_left(record["event.action"], get("event.reason")),
    )


def _each(value: Any) -> tuple[str, ...]:
    """Give the texts of a list, each once. Raises TypeError when it is none."""
    if value is None:
        return ()
    if not isinstance(value, list) or not _TEXT.issuperset(map(type, value)):
        raise TypeError("a list of texts expected")
    return tuple(dict.fromkeys(value))


def _at(value: Any) -> int:
    """Give a time that every zone has a day for. Raises TypeError, ValueError."""
    at = microseconds(dt.datetime.fromisoformat(value))
    if not 0 <= at < _LAST:
        raise ValueError("a time between 1970 and 9999 expected")
    return at


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MAX_NUMBER:
        raise TypeError("a whole number expected")
    return value


_LAST: Final = microseconds(dt.datetime(9999, 1, 1, tzinfo=dt.UTC))
