"""The transaction log of FSC (FSC Logging 1.0.0): one line for each request on the chain facility, before it goes.

Rules:
1. A request without a durable line does not go: SluisError `audit-unavailable`.
2. A line holds ids, OINs and a time. Nothing of a package, nothing personal. `sluis.*` are ours, by which a line is
   joined with the delivery in the audit log.
3. Lines are only added. A line that a crash cut off is ended, so that the next one stands by itself.
"""

import datetime as dt
import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from gateway.package.errors import Code, SluisError
from gateway.package.oin import Oin

_NEW = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
_MODE = 0o640


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One request: to whom, for which service under which grant; `name` and `sha256` are of the parcel."""

    id: str
    source: Oin
    destination: Oin
    service_name: str
    grant_hash: str
    at: dt.datetime
    method: str
    name: str
    sha256: str


class TransactionLog:
    """An append-only file of lines, flushed one by one; blocking, and safe to call from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def record(self, transaction: Transaction, /) -> None:
        """Make one line durable. Raises SluisError `audit-unavailable`."""
        line = json.dumps(_said(transaction)).encode("ascii") + b"\n"
        try:
            with self._lock:
                self._append(line)
        except OSError as error:
            raise SluisError(Code.AUDIT_UNAVAILABLE, where="chain") from error

    def _append(self, line: bytes) -> None:
        is_new = not self._path.exists()
        file = os.open(self._path, _NEW, _MODE)
        try:
            size = os.fstat(file).st_size
            if size and os.pread(file, 1, size - 1) != b"\n":
                line = b"\n" + line
            # The whole line by one call: what a full disk takes only a part of is no line.
            if os.write(file, line) != len(line):
                raise OSError("a whole line expected to be written")
            os.fsync(file)
        finally:
            os.close(file)
        if is_new:
            _flush_folder(self._path.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _said(transaction: Transaction) -> dict[str, str]:
    said = {
        "transaction_id": transaction.id,
        "direction": "DIRECTION_OUTGOING",
        "grant_hash": transaction.grant_hash,
        "source": transaction.source,
        "destination": transaction.destination,
        "service_name": transaction.service_name,
        "created_at": transaction.at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "sluis.method": transaction.method,
        "sluis.delivery": transaction.name,
        "sluis.sha256": transaction.sha256,
    }
    return {key: value for key, value in said.items() if value}
