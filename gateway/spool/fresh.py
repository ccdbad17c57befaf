"""What was accepted a moment ago, so that it need not be read back at once. Help only: the row is the truth.

Rules:
1. Each is given out once. Whoever comes later reads the row.
2. A row taken from here is fenced by its epoch like any other: what has changed since makes its change fail.
3. Never more than some packages and bytes: a burst is read back from the disk, and the memory stays flat.
"""

from gateway.package.encoding import Record
from gateway.package.ids import PackageId
from gateway.spool.port import NewPackage, PackageRow, Stored

_MOST_PACKAGES = 32
_MOST_BYTES = 4 * 1024 * 1024


class Fresh:
    """Keeps the packages that were accepted last until they are worked on."""

    def __init__(self) -> None:
        self._kept: dict[PackageId, tuple[Stored, Record, int]] = {}
        self._bytes = 0

    def put(self, new: NewPackage, record: Record) -> None:
        """Keep what was accepted just now, with its record as it was before it was encrypted, if there is room."""
        size = sum(len(payload.sealed or b"") for payload in new.payloads)
        if len(self._kept) < _MOST_PACKAGES and self._bytes + size <= _MOST_BYTES:
            stored = Stored(row=_accepted(new), payloads=new.payloads, deliveries=())
            self._kept[new.id] = (stored, record, size)
            self._bytes += size

    def clear(self) -> None:
        """Forget all: their epochs were raised, and a row taken from here would only lose."""
        self._kept.clear()
        self._bytes = 0

    def take(self, package: PackageId) -> tuple[Stored, Record] | None:
        """Give a package out, once; None when it is not here."""
        found = self._kept.pop(package, None)
        if found is None:
            return None
        stored, record, size = found
        self._bytes -= size
        return stored, record


def _accepted(new: NewPackage) -> PackageRow:
    """Say how a row stands that was inserted just now."""
    return PackageRow(
        id=new.id,
        claim=new.claim,
        epoch=1,
        state=new.state,
        source=new.source,
        person=new.person,
        organisation=new.organisation,
        purpose=new.purpose,
        recipients=new.recipients,
        received_at=new.at,
        updated_at=new.at,
        content_digest=new.content_digest,
        content_key=new.content_key,
        record_key=new.record_key,
        record=new.record,
        code="",
        attempt=0,
        due=None,
        slip_due=False,
        uid=new.uid,
    )
