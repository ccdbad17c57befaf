"""What is asked of the ledger, as queries on its tables. Pure.

Every value travels as a parameter; the text of a query is made of parts that stand here.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from gateway.audit.events import EventAction
from gateway.audit.ledger_rows import microseconds

PLACE: Final = "line, seq, at, file, start, leaf"
"""The columns by which an event's line is found in the log."""

_SHORT_ID: Final = 8
_CONDITIONS: Final = {
    "recipient": "recipient = :recipient",
    "person": "(person = :person OR proposer = :person OR deputy_for = :person)",
    "policy": "policy >= :policy AND policy < :policy || 'g'",
    "action": "action = :action",
    "category": "line IN (SELECT line FROM event_category WHERE category = :category)",
    "code": "line IN (SELECT line FROM event_code WHERE code = :code)",
}


class Query(NamedTuple):
    """The text of a query and what it is asked with."""

    text: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which events are meant: those that fit everything that is given here.

    `package` is a whole id or the eight characters that people see; `person` one of our own, in any role; `policy` a
    digest or how it begins; `code` a rule or an error; `since` and `until` count in, with their zone.
    """

    recipient: str | None = None
    package: str | None = None
    person: str | None = None
    policy: str | None = None
    category: str | None = None
    action: str | None = None
    code: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def conditions(self) -> Query:
        """Give the condition on `event` and its values."""
        values: dict[str, Any] = {name: given for name in _CONDITIONS if (given := getattr(self, name)) is not None}
        parts = [_CONDITIONS[name] for name in values]
        if self.package is not None:
            values["package"] = self.package
            short = len(self.package) == _SHORT_ID
            # The short form is looked up among the ids alone, which are an index.
            known = "SELECT DISTINCT package FROM event WHERE package IS NOT NULL AND substr(package, -8) = :package"
            parts.append(f"package IN ({known})" if short else "package = :package")
        for name, sign in (("since", ">="), ("until", "<=")):
            if (at := getattr(self, name)) is not None:
                values[name] = microseconds(at)
                parts.append(f"at {sign} :{name}")
        return Query(" AND ".join(parts) or "TRUE", values)


def newest(wanted: Filter, *, limit: int) -> Query:
    """Ask for the places of the newest events, newest first."""
    where = wanted.conditions()
    text = f"SELECT {PLACE} FROM event WHERE {where.text} ORDER BY line DESC LIMIT :limit"  # noqa: S608 - our own parts
    return Query(text, {**where.values, "limit": limit})


def following(wanted: Filter, *, after: int, limit: int) -> Query:
    """Ask for the places of events behind a line, oldest first."""
    where = wanted.conditions()
    text = (
        f"SELECT {PLACE} FROM event WHERE {where.text} AND line > :after"  # noqa: S608 - our own parts
        " ORDER BY line LIMIT :limit"
    )
    return Query(text, {**where.values, "after": after, "limit": limit})


def packages_about(pseudonyms: Sequence[str]) -> Query:
    """Ask which packages are about whoever has one of these pseudonyms."""
    values = {f"p{number}": each for number, each in enumerate(pseudonyms)}
    named = ", ".join(f":{name}" for name in values)
    text = (
        "SELECT DISTINCT e.package FROM event_subject AS s JOIN event AS e ON e.line = s.line"  # noqa: S608 - our own parts
        f" WHERE s.pseudonym IN ({named}) AND e.package IS NOT NULL"
    )
    return Query(text, values)


def about(pseudonyms: Sequence[str]) -> Query:
    """Ask for the places of all events of those packages, oldest first."""
    packages = packages_about(pseudonyms)
    text = f"SELECT {PLACE} FROM event WHERE package IN ({packages.text}) ORDER BY line"  # noqa: S608 - our own parts
    return Query(text, packages.values)


# All that `Course` asks of a parcel. The first of these are those by which it can leave.
LEAVING: Final = (
    EventAction.PACKAGE_RELEASE_STARTED,
    EventAction.PACKAGE_RELEASED,
    EventAction.PACKAGE_RELEASE_FAILED,
    EventAction.PACKAGE_RELEASE_UNCERTAIN,
    EventAction.PACKAGE_COLLECTED,
)
_COURSE: Final = (EventAction.PACKAGE_POLICY_EVALUATED, *LEAVING, EventAction.PACKAGE_WITHDRAWN)


def courses(wanted: Filter) -> Query:
    """Ask for all events of the parcels that can have left as asked, parcel by parcel, each in the order of the log.

    What the decision says and what the name of an event is stands on some events of a parcel only: not asked here.
    """
    theirs = replace(wanted, person=None, policy=None, category=None, action=None, code=None)
    parcel = replace(theirs, since=None, until=None).conditions()
    parcels = "TRUE"
    if theirs.since is not None or theirs.until is not None:
        inside = theirs.conditions()
        parcels = (
            f"(package, recipient) IN (SELECT package, recipient FROM event WHERE {_named(LEAVING)} AND {inside.text})"  # noqa: S608 - our own parts
        )
    # The + keeps SQLite from beginning with the events of these names, which are most of the log, and sorting them.
    named = f"package IS NOT NULL AND '' NOT IN (package, recipient) AND +{_named(_COURSE)}"
    text = (
        "SELECT line, at, action, reason, package, recipient, channel FROM event"  # noqa: S608 - our own parts
        f" WHERE {named} AND {parcel.text} AND {parcels} ORDER BY package, recipient, line"
    )
    return Query(text, theirs.conditions().values)


def by_action(wanted: Filter) -> Query:
    """Ask how many events of each name there are."""
    where = wanted.conditions()
    text = f"SELECT action, count(*) FROM event WHERE {where.text} GROUP BY 1 ORDER BY 2 DESC, 1"  # noqa: S608 - our own parts
    return Query(text, where.values)


def _named(actions: Iterable[EventAction]) -> str:
    return "action IN ({})".format(", ".join(f"'{each.value}'" for each in actions))
