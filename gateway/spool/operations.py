"""Every operation of the embedded spool as a small function of the connection; run by the writer thread."""

import datetime as dt
import sqlite3
from collections.abc import Sequence
from typing import Any

from gateway.package.errors import Code, SluisError
from gateway.package.holding import HoldStage
from gateway.package.ids import PackageId, PersonId, RecipientId
from gateway.package.states import Channel, DeliveryState, PackageState, Source
from gateway.spool import history
from gateway.spool.moments import micros, moment, moment_of
from gateway.spool.port import (
    DeliveryChange,
    DeliveryRow,
    NewDelivery,
    NewPackage,
    PackageRow,
    Payload,
    StateChange,
    Stored,
    Waiting,
)
from gateway.spool.schema import DELIVERY_COLUMNS, PACKAGE_COLUMNS

# Every text of SQL is put together here, once, out of constants: no value ever becomes part of it.
SELECT_PACKAGE = f"SELECT {PACKAGE_COLUMNS} FROM package"  # noqa: S608 - constants only.
_SELECT_DELIVERIES = f"SELECT {DELIVERY_COLUMNS} FROM delivery WHERE package = ? ORDER BY position"  # noqa: S608 - constants only.
_ENDED = "('refused', 'done', 'withdrawn', 'expired')"
_PAGE = (
    f"{SELECT_PACKAGE} WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR id < ?2)"
    " AND (?3 IS NULL OR person = ?3) ORDER BY id DESC LIMIT ?4"
)
_LAPSED = (
    f"{SELECT_PACKAGE} WHERE (state IN {_ENDED} AND updated_at < ?2 AND record_key IS NOT NULL)"
    " OR (state = 'refused' AND updated_at < ?1 AND content_key IS NOT NULL) LIMIT 100"
)


def accept(connection: sqlite3.Connection, new: NewPackage, *, event: str) -> PackageRow | None:
    """Insert a package with its payloads, unless its id or claim is known."""
    row = _one(connection, "WHERE id = ? OR (claim = ? AND claim <> '')", (new.id, new.claim))
    if row is not None:
        return row
    at = micros(new.at)
    connection.execute(
        "INSERT INTO package (id, claim, state, source, person, organisation, purpose, recipients, received_at,"
        " updated_at, content_digest, content_key, record_key, record, event, uid)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            *(new.id, new.claim, new.state.value, new.source.value, new.person, new.organisation, new.purpose),
            *(" ".join(new.recipients), at, at, new.content_digest, new.content_key, new.record_key, new.record),
            *(event, new.uid),
        ),
    )
    connection.executemany(
        "INSERT INTO payload (package, stream, size, digest, sealed, file) VALUES (?,?,?,?,?,?)",
        [(new.id, each.stream, each.size, each.digest, each.sealed, each.file) for each in new.payloads],
    )
    return None


def add_payload(
    connection: sqlite3.Connection, package: PackageId, payload: Payload, *, complete: bool, at: dt.datetime, event: str
) -> bool:
    """Add a document to an incomplete package, once."""
    known = connection.execute(
        "SELECT 1 FROM payload WHERE package = ? AND stream = ?", (package, payload.stream)
    ).fetchone()
    if known:
        return False
    state = PackageState.RECEIVED if complete else PackageState.INCOMPLETE
    changed = connection.execute(
        "UPDATE package SET state = ?1, updated_at = ?2, event = CASE ?3 WHEN '' THEN event ELSE ?3 END"
        " WHERE id = ?4 AND state = 'incomplete'",
        (state.value, micros(at), event, package),
    )
    if changed.rowcount != 1:
        raise SluisError(Code.STATE_CONFLICT)
    connection.execute(
        "INSERT INTO payload (package, stream, size, digest, sealed, file) VALUES (?,?,?,?,?,?)",
        (package, payload.stream, payload.size, payload.digest, payload.sealed, payload.file),
    )
    return True


def find(connection: sqlite3.Connection, package: PackageId) -> PackageRow | None:
    """Find one package."""
    return _one(connection, "WHERE id = ?", (package,))


def find_claim(connection: sqlite3.Connection, claim: str) -> PackageRow | None:
    """Find the package of an outbox claim."""
    return _one(connection, "WHERE claim = ? AND claim <> ''", (claim,))


def payloads(connection: sqlite3.Connection, package: PackageId) -> tuple[Payload, ...]:
    """Give a package's payloads."""
    rows = connection.execute(
        "SELECT stream, size, digest, sealed, file FROM payload WHERE package = ? ORDER BY stream", (package,)
    )
    return tuple(
        Payload(stream=stream, size=size, digest=digest, sealed=sealed, file=file)
        for stream, size, digest, sealed, file in rows
    )


def deliveries(connection: sqlite3.Connection, package: PackageId) -> tuple[DeliveryRow, ...]:
    """Give a package's deliveries."""
    return tuple(_delivery(row) for row in connection.execute(_SELECT_DELIVERIES, (package,)))


def load(connection: sqlite3.Connection, package: PackageId) -> Stored | None:
    """Give everything of one package."""
    row = find(connection, package)
    if row is None:
        return None
    return Stored(row=row, payloads=payloads(connection, package), deliveries=deliveries(connection, package))


def change(
    connection: sqlite3.Connection, package: PackageId, epoch: int, wanted: StateChange, *, event: str
) -> tuple[str, ...]:
    """Change a package's state; give the files that no row names any more."""
    changed = connection.execute(
        "UPDATE package SET state = ?1, updated_at = ?2, event = CASE ?3 WHEN '' THEN event ELSE ?3 END,"
        " code = ?4, record = coalesce(?5, record), due = ?6, slip_due = max(slip_due, ?7), attempt = attempt + ?8"
        " WHERE id = ?9 AND epoch = ?10",
        (
            *(wanted.state.value, micros(wanted.at), event, wanted.code, wanted.record, micros(wanted.due)),
            *(int(wanted.slip), int(wanted.due is not None), package, epoch),
        ),
    )
    if changed.rowcount != 1:
        raise SluisError(Code.EPOCH_LOST)
    for position, delivery in enumerate(wanted.deliveries):
        _insert_delivery(connection, package, position, delivery, at=micros(wanted.at))
    history.keep(connection, package, wanted.sendings, at=wanted.at)
    return _destroy_content(connection, package) if wanted.destroy_content else ()


def change_held(
    connection: sqlite3.Connection, package: PackageId, epoch: int, wanted: StateChange, *, event: str
) -> tuple[str, ...]:
    """Change a held package and raise its epoch; attempts and reminders are counted anew."""
    raised = connection.execute(
        "UPDATE package SET epoch = epoch + 1, attempt = 0, hold_stage = 0, hold_told_at = NULL"
        " WHERE id = ? AND epoch = ? AND state = 'held'",
        (package, epoch),
    )
    if raised.rowcount != 1:
        raise SluisError(Code.STATE_CONFLICT)
    return change(connection, package, epoch + 1, wanted, event=event)


def stop(
    connection: sqlite3.Connection, package: PackageId, epoch: int, wanted: StateChange, *, event: str
) -> tuple[str, ...]:
    """Change a package of which nothing is sealed yet, and raise its epoch."""
    raised = connection.execute(
        "UPDATE package SET epoch = epoch + 1"
        " WHERE id = ? AND epoch = ? AND state IN ('incomplete', 'received', 'held')",
        (package, epoch),
    )
    if raised.rowcount != 1:
        raise SluisError(Code.STATE_CONFLICT)
    return change(connection, package, epoch + 1, wanted, event=event)


def withdraw_deliveries(
    connection: sqlite3.Connection,
    package: PackageId,
    epoch: int,
    recipients: Sequence[RecipientId],
    wanted: StateChange,
    *,
    event: str,
) -> tuple[str, ...]:
    """Take waiting deliveries back and change their package; give the files that no row names any more."""
    files: tuple[str, ...] = ()
    for recipient in recipients:
        taken = connection.execute(
            "UPDATE delivery SET state = 'withdrawn', event = ?, code = '', due = NULL"
            " WHERE package = ? AND recipient = ?"
            " AND (state = 'waiting' OR (state = 'sent' AND channel = 'postbus'))",
            (event, package, recipient),
        )
        if taken.rowcount != 1:
            raise SluisError(Code.STATE_CONFLICT)
        files += _drop_ciphertext(connection, package, recipient)
        # What waits was never in doubt, so nobody got it: handing it in again is no second time.
        history.take_back(connection, package, recipient)
    files += change(connection, package, epoch, wanted, event=event)
    if wanted.state is not PackageState.RELEASING:
        # The package has ended: whoever worked on it has nothing to write of it any more, not even its slip.
        connection.execute("UPDATE package SET epoch = epoch + 1 WHERE id = ?", (package,))
    return files


def change_delivery(
    connection: sqlite3.Connection, package: PackageId, epoch: int, wanted: DeliveryChange, *, event: str
) -> tuple[str, ...]:
    """Change a delivery; give the files that no row names any more."""
    if not connection.execute("SELECT 1 FROM package WHERE id = ? AND epoch = ?", (package, epoch)).fetchone():
        raise SluisError(Code.EPOCH_LOST)
    at = micros(wanted.at)
    changed = connection.execute(
        "UPDATE delivery SET state = ?1, event = ?2, code = ?3, due = ?4, attempt = attempt + ?5,"
        " first_tried_at = CASE WHEN ?5 = 1 THEN coalesce(first_tried_at, ?6) ELSE first_tried_at END,"
        " receipt = CASE WHEN ?9 = '' THEN receipt ELSE ?9 END,"
        " in_doubt = in_doubt OR (state IN ('sending', 'uncertain') AND (?5 = 1 OR (?1 = 'undeliverable' AND ?10 = 0)))"
        " WHERE package = ?7 AND recipient = ?8 AND state <> 'withdrawn'",
        (
            *(wanted.state.value, event, wanted.code, micros(wanted.due), int(wanted.intent), at),
            *(package, wanted.recipient, wanted.receipt, int(wanted.never_arrived)),
        ),
    )
    if changed.rowcount != 1:
        raise SluisError(Code.EPOCH_LOST)
    files: tuple[str, ...] = ()
    if wanted.state not in (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.UNCERTAIN):
        files = _drop_ciphertext(connection, package, wanted.recipient)
    if wanted.never_arrived:
        history.take_back(connection, package, wanted.recipient)
    if wanted.package is not None:
        files += change(connection, package, epoch, wanted.package, event=event)
    return files


def slip_written(connection: sqlite3.Connection, told: PackageRow) -> None:
    """Note that a slip lies in the outbox; a package that was changed since it was read still waits for one."""
    connection.execute(
        "UPDATE package SET slip_due = 0 WHERE id = ? AND epoch = ? AND updated_at = ? AND hold_told_at IS ?",
        (told.id, told.epoch, micros(told.updated_at), micros(told.hold_told_at)),
    )


def page(
    connection: sqlite3.Connection,
    *,
    state: PackageState | None,
    before: PackageId | None,
    person: PersonId | None,
    limit: int,
) -> Sequence[PackageRow]:
    """List packages, newest first."""
    rows = connection.execute(_PAGE, (state.value if state else None, before, person, limit))
    return [package_row(row) for row in rows]


def write_slips_again(connection: sqlite3.Connection, *, seconds: int) -> None:
    """Ask for the slips of the last seconds before a crash once more: they may not have reached the disk."""
    connection.execute(
        "UPDATE package SET slip_due = 1 WHERE source = 'outbox' AND state NOT IN ('incomplete', 'received')"
        " AND updated_at > (SELECT max(updated_at) FROM package) - ?",
        (seconds * 1_000_000,),
    )


def take_over(connection: sqlite3.Connection) -> Sequence[Waiting]:
    """Fence off whoever worked on these packages before, and list them."""
    connection.execute(f"UPDATE package SET epoch = epoch + 1 WHERE state NOT IN {_ENDED} OR slip_due = 1")  # noqa: S608 - constants only.
    rows = connection.execute(
        "SELECT id, person, due FROM package WHERE state IN ('received', 'releasing') OR slip_due = 1 ORDER BY id"
    )
    return [Waiting(id=PackageId(package), person=person, due=moment(due)) for package, person, due in rows]


def named_files(connection: sqlite3.Connection) -> frozenset[str]:
    """List every payload file that a row names."""
    rows = connection.execute(
        "SELECT file FROM payload WHERE file <> '' UNION SELECT file FROM delivery WHERE file <> ''"
    )
    return frozenset(file for (file,) in rows)


def counts(connection: sqlite3.Connection) -> dict[PackageState, int]:
    """Count the packages per state."""
    return {
        PackageState(state): count
        for state, count in connection.execute("SELECT state, count(*) FROM package GROUP BY state")
    }


def lapsed(
    connection: sqlite3.Connection, *, content_before: dt.datetime, record_before: dt.datetime
) -> Sequence[PackageRow]:
    """List what has rested past its retention."""
    rows = connection.execute(_LAPSED, (micros(content_before), micros(record_before)))
    return [package_row(row) for row in rows]


def forget(
    connection: sqlite3.Connection, package: PackageId, *, content: bool, record: bool, event: str
) -> tuple[str, ...]:
    """Destroy keys; give the files that no row names any more."""
    connection.execute("UPDATE package SET event = ? WHERE id = ?", (event, package))
    if record:
        connection.execute("UPDATE package SET record_key = NULL, record = NULL WHERE id = ?", (package,))
    return _destroy_content(connection, package) if content else ()


def keep_token(
    connection: sqlite3.Connection, digest: str, *, person: PersonId, scopes: str, expires_at: dt.datetime
) -> None:
    """Keep a token's digest."""
    connection.execute("INSERT OR REPLACE INTO token VALUES (?,?,?,?)", (digest, person, scopes, micros(expires_at)))


def find_token(connection: sqlite3.Connection, digest: str, *, at: dt.datetime) -> tuple[PersonId, str] | None:
    """Find a token that has not expired."""
    row = connection.execute(
        "SELECT person, scopes FROM token WHERE digest = ? AND expires_at > ?", (digest, micros(at))
    ).fetchone()
    return (PersonId(row[0]), row[1]) if row else None


def _insert_delivery(
    connection: sqlite3.Connection, package: PackageId, position: int, new: NewDelivery, *, at: int | None
) -> None:
    """Keep a parcel together with the intent of its first attempt."""
    connection.execute(
        "INSERT INTO delivery (package, recipient, position, state, channel, name, size, sha256, sealed, file,"
        " manifest, signature, attempt, first_tried_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,1,?)",
        (
            *(package, new.recipient, position, DeliveryState.SENDING.value, new.channel.value, new.name, new.size),
            *(new.sha256, new.sealed, new.file, new.manifest, new.signature, at),
        ),
    )


def _destroy_content(connection: sqlite3.Connection, package: PackageId) -> tuple[str, ...]:
    """Forget the content key: what it protects can never be read again, also in a copy of the disk."""
    files = connection.execute("SELECT file FROM payload WHERE package = ? AND file <> ''", (package,)).fetchall()
    connection.execute("UPDATE package SET content_key = NULL WHERE id = ?", (package,))
    connection.execute("DELETE FROM payload WHERE package = ?", (package,))
    return tuple(file for (file,) in files)


def _drop_ciphertext(connection: sqlite3.Connection, package: PackageId, recipient: RecipientId) -> tuple[str, ...]:
    """Drop a parcel whose delivery has ended; name, size and digest stay as evidence."""
    key = (package, recipient)
    files = connection.execute("SELECT file FROM delivery WHERE package = ? AND recipient = ?", key).fetchall()
    connection.execute("UPDATE delivery SET sealed = NULL, file = '' WHERE package = ? AND recipient = ?", key)
    return tuple(file for (file,) in files if file)


def _one(connection: sqlite3.Connection, where: str, values: tuple[Any, ...]) -> PackageRow | None:
    row = connection.execute(f"{SELECT_PACKAGE} {where}", values).fetchone()
    return package_row(row) if row else None


def package_row(row: tuple[Any, ...]) -> PackageRow:
    """Read one package out of its columns."""
    return PackageRow(
        id=PackageId(row[0]),
        claim=row[1],
        epoch=row[2],
        state=PackageState(row[3]),
        source=Source(row[4]),
        person=PersonId(row[5]),
        organisation=row[6],
        purpose=row[7],
        recipients=tuple(RecipientId(each) for each in row[8].split()),
        received_at=moment_of(row[9]),
        updated_at=moment_of(row[10]),
        content_digest=row[11],
        content_key=row[12],
        record_key=row[13],
        record=row[14],
        code=row[15],
        attempt=row[16],
        due=moment(row[17]),
        slip_due=bool(row[18]),
        hold_stage=HoldStage(row[19]),
        hold_told_at=moment(row[20]),
        uid=row[21],
    )


def _delivery(row: tuple[Any, ...]) -> DeliveryRow:
    return DeliveryRow(
        recipient=RecipientId(row[0]),
        channel=Channel(row[1]),
        state=DeliveryState(row[2]),
        name=row[3],
        size=row[4],
        sha256=row[5],
        sealed=row[6],
        file=row[7],
        manifest=row[8],
        signature=row[9],
        attempt=row[10],
        first_tried_at=moment(row[11]),
        due=moment(row[12]),
        code=row[13],
        receipt=row[14],
        in_doubt=bool(row[15]),
    )
