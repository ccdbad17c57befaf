"""The history of what was sent, as small functions of the connection: one row per delivery, value-free.

Rules:
1. A row is written in the transaction that commits the intent to send, and forgotten in the one that says that nothing
   arrived. So it is neither lost nor doubled by a crash: what may have left is there.
2. One question per package, answered out of indexes; nothing of it is kept in memory.
"""

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable

from gateway.package.history import History, SentBefore
from gateway.package.ids import PackageId, RecipientId
from gateway.spool.moments import micros, moment
from gateway.spool.port import HistoryQuestion, Sending

# Of several sendings of the same data the latest and the fullest count, as if they were one: rather one hold too many.
_ASK = """
SELECT recipient, kind, max(CASE WHEN content = ?2 THEN at END), max(CASE WHEN content = ?2 THEN coalesce(went, ?5) END)
  FROM history WHERE subject = ?1 GROUP BY recipient, kind
UNION ALL
SELECT value, NULL, NULL, NULL FROM json_each(?4)
 WHERE EXISTS (SELECT 1 FROM history WHERE organisation = ?3 AND recipient = value)
ORDER BY 1, 2
"""

# A sending of which nobody noted how much went counts as one of everything.
_ALL = 2**31


def ask(connection: sqlite3.Connection, question: HistoryQuestion) -> History:
    """Say what was sent before."""
    recipients = json.dumps(question.recipients)
    asked = (question.subject, question.content, question.organisation.casefold(), recipients, _ALL)
    rows = connection.execute(_ASK, asked).fetchall()
    return History(
        about_subject=tuple(
            SentBefore(recipient=RecipientId(recipient), kind=kind, same_data_at=moment(at), same_data_went=went)
            for recipient, kind, at, went in rows
            if kind is not None
        ),
        reached=tuple(RecipientId(recipient) for recipient, kind, *_ in rows if kind is None),
    )


def keep(connection: sqlite3.Connection, package: PackageId, sendings: Iterable[Sending], *, at: dt.datetime) -> None:
    """Keep what is about to be sent."""
    connection.executemany(
        "INSERT INTO history (package, recipient, kind, organisation, subject, content, at, went)"
        " VALUES (?,?,?,?,?,?,?,?)",
        [
            (
                *(package, each.recipient, each.kind, each.organisation.casefold()),
                *(each.subject, each.content, micros(at), each.went),
            )
            for each in sendings
        ],
    )


def take_back(connection: sqlite3.Connection, package: PackageId, recipient: RecipientId) -> None:
    """Forget a sending that never arrived: handed in again, it is no second one."""
    connection.execute("DELETE FROM history WHERE package = ? AND recipient = ?", (package, recipient))


def forget(connection: sqlite3.Connection, *, before: dt.datetime) -> None:
    """Forget what was sent longer ago."""
    connection.execute("DELETE FROM history WHERE at < ?", (micros(before),))
