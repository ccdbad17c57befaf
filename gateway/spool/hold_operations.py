"""The operations of the embedded spool about packages that wait: for a person, a document or a channel."""

import datetime as dt
import sqlite3
from collections.abc import Sequence

from gateway.package.errors import Code, SluisError
from gateway.package.holding import HoldStage
from gateway.package.ids import PackageId
from gateway.package.states import Channel
from gateway.spool.moments import micros, moment, moment_of
from gateway.spool.operations import SELECT_PACKAGE, package_row
from gateway.spool.port import Delayed, PackageRow

_HELD = (
    f"{SELECT_PACKAGE} WHERE state = 'held' AND hold_stage = ?1 AND updated_at <= ?2"
    " AND (hold_told_at IS NULL OR hold_told_at <= ?3 OR hold_told_at > ?4) ORDER BY updated_at LIMIT 100"
)
_DELAYED = (
    "SELECT channel, code, count(*), min(first_tried_at) FROM delivery"
    " WHERE state IN ('waiting', 'sending', 'uncertain')"
    " AND first_tried_at IS NOT NULL AND (due IS NOT NULL AND code <> '' OR state = 'sending' AND attempt > 1)"
    " GROUP BY channel, code ORDER BY channel, code"
)
_UNFINISHED = f"{SELECT_PACKAGE} WHERE state = 'incomplete' AND updated_at <= ? LIMIT 100"


def tell_hold(
    connection: sqlite3.Connection, package: PackageId, epoch: int, stage: HoldStage, *, at: dt.datetime, event: str
) -> None:
    """Note that people are told of a hold; it stays as old as it is."""
    changed = connection.execute(
        "UPDATE package SET hold_stage = ?1, hold_told_at = ?2, slip_due = 1, event = ?3"
        " WHERE id = ?4 AND epoch = ?5 AND state = 'held' AND hold_stage < ?1",
        (stage.value, micros(at), event, package, epoch),
    )
    if changed.rowcount != 1:
        raise SluisError(Code.STATE_CONFLICT)


def due_holds(
    connection: sqlite3.Connection, stage: HoldStage, *, since: dt.datetime, told: dt.datetime, now: dt.datetime
) -> Sequence[PackageRow]:
    """List holds in a stage whose next step may have come."""
    rows = connection.execute(_HELD, (stage.value, micros(since), micros(told), micros(now)))
    return [package_row(row) for row in rows]


def unfinished(connection: sqlite3.Connection, *, since: dt.datetime) -> Sequence[PackageRow]:
    """List submissions that still wait for a document."""
    return [package_row(row) for row in connection.execute(_UNFINISHED, (micros(since),))]


def delayed(connection: sqlite3.Connection) -> Sequence[Delayed]:
    """Count the deliveries that were tried in vain and are tried again, by channel and reason."""
    rows = connection.execute(_DELAYED).fetchall()
    return [
        Delayed(channel=Channel(channel), code=code, count=count, since=moment_of(since))
        for channel, code, count, since in rows
    ]


def at_postbus(connection: sqlite3.Connection) -> Sequence[PackageId]:
    """List packages with a parcel whose link was sent and that may still lie there; others may be under way."""
    rows = connection.execute(
        "SELECT DISTINCT package.id FROM delivery JOIN package ON package.id = delivery.package"
        " WHERE delivery.channel = 'postbus' AND delivery.state = 'sent'"
        " AND package.state IN ('releasing', 'done') ORDER BY package.id"
    )
    return [PackageId(package) for (package,) in rows]


def mailed(connection: sqlite3.Connection, name: str) -> PackageId | None:
    """Find the package of a mail that the next hop took, or of which one of two copies came back, by its name."""
    row = connection.execute(
        "SELECT package FROM delivery WHERE name = ?1 AND channel = 'secure-mail' AND state = 'sent' UNION ALL"
        " SELECT package FROM delivery WHERE name = ?1 AND channel = 'secure-mail' AND state = 'undeliverable'"
        " AND in_doubt = 1",
        (name,),
    ).fetchone()
    return PackageId(row[0]) if row else None


def hold_counts(connection: sqlite3.Connection) -> dict[HoldStage, int]:
    """Count the holds in each stage."""
    rows = connection.execute("SELECT hold_stage, count(*) FROM package WHERE state = 'held' GROUP BY hold_stage")
    return {HoldStage(stage): count for stage, count in rows}


def oldest_under_way(connection: sqlite3.Connection) -> dt.datetime | None:
    """Tell when the oldest package came in that is being decided on or delivered."""
    row = connection.execute("SELECT min(received_at) FROM package WHERE state IN ('received', 'releasing')").fetchone()
    return moment(row[0])
