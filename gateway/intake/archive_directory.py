"""Reads the central directory of a zip file (APPNOTE 6.3.10), strictly: one reading only, or none.

Rules, in order:
1. The directory is bounded before it is read: its number of records and its bytes.
2. It lies exactly between the last member and the end record; there is one end record, at the very end. Nothing is
   put before the archive, no second disk.
3. Each record fits, and its sizes and place are those that count; what stands before a member must say the same
   (checked in `gateway.intake.archive`).
"""

import struct
from dataclasses import dataclass, field
from typing import Final, Protocol

from gateway.package.errors import Code, SluisError

_END: Final = struct.Struct("<4s4H2LH")
_END_SIGNATURE: Final = b"PK\x05\x06"
_LOCATOR: Final = struct.Struct("<4sLQL")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_RECORD: Final = struct.Struct("<4s6H3L5H2L")
_EXTRA: Final = struct.Struct("<2H")
_ZIP64_EXTRA: Final = 1
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
_MAX_COMMENT: Final = 0xFFFF
_MAX_RECORD_BYTES: Final = 2048
_RECORDS_PER_FILE: Final = 3


class ByteSource(Protocol):
    """A file of known size that can be read anywhere."""

    @property
    def size(self) -> int:
        """Bytes of the file."""
        ...

    def read_at(self, offset: int, size: int, /) -> bytes:
        """Read exactly so many bytes. Raises SluisError when the file ends before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the central directory says of one member; `offset` is of its local header."""

    number: int
    raw_name: bytes = field(repr=False)
    flags: int
    method: int
    crc: int
    compressed: int
    size: int
    offset: int
    mode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """All records in their order, and where the members' data ends."""

    records: tuple[Record, ...]
    offset: int


def broken(guard: str, *, member: int | None = None) -> SluisError:
    """Make the error for an archive that can not be read; `guard` says by which rule."""
    return _refusal(Code.ARCHIVE_UNREADABLE, guard, member)


def unsafe(guard: str, *, member: int | None = None) -> SluisError:
    """Make the error for an archive that is built dangerously; `guard` says against which rule."""
    return _refusal(Code.ARCHIVE_UNSAFE, guard, member)


def _refusal(code: Code, guard: str, member: int | None) -> SluisError:
    where = "" if member is None else f"member {member}"
    return SluisError(code, where=where, detail={"guard": guard})


def read_directory(source: ByteSource, *, max_files: int) -> Directory:
    """Read all records. Folders, and what the Finder adds for each file, may stand in it beside the files.

    Raises SluisError `archive-unreadable`, `archive-unsafe`, `package-too-many-files`.
    """
    count, size, offset = _find(source)
    if count > _RECORDS_PER_FILE * max_files:
        raise SluisError(Code.PACKAGE_TOO_MANY_FILES, detail={"limit": max_files})
    if size > count * _MAX_RECORD_BYTES:
        raise unsafe("directory")
    content = source.read_at(offset, size)
    records, position = [], 0
    for number in range(1, count + 1):
        record, position = _read_record(content, position, number)
        records.append(record)
    if position != size:
        raise unsafe("directory")
    return Directory(records=tuple(records), offset=offset)


def _find(source: ByteSource) -> tuple[int, int, int]:
    """Give the directory's number of records, bytes and offset."""
    length = min(source.size, _END.size + _MAX_COMMENT)
    tail = source.read_at(source.size - length, length)
    ends = [at for at in _occurrences(tail, _END_SIGNATURE) if _ends_here(tail, at)]
    if not ends:
        raise broken("end")
    if len(ends) > 1:
        # Two programs may each believe another one.
        raise unsafe("end")
    _, disk, first_disk, here, count, size, offset, _ = _END.unpack_from(tail, ends[0])
    at = source.size - length + ends[0]
    if _MAX16 in (here, count, disk) or _MAX32 in (size, offset):
        return _find64(source, at)
    if disk or first_disk or here != count:
        raise broken("disks")
    if offset + size != at:
        raise unsafe("directory")
    return count, size, offset


def _occurrences(text: bytes, part: bytes) -> list[int]:
    found, at = [], text.find(part)
    while at >= 0:
        found.append(at)
        at = text.find(part, at + 1)
    return found


def _ends_here(tail: bytes, at: int) -> bool:
    if len(tail) - at < _END.size:
        return False
    comment: int = _END.unpack_from(tail, at)[7]
    return at + _END.size + comment == len(tail)


def _find64(source: ByteSource, end: int) -> tuple[int, int, int]:
    if end < _LOCATOR.size + _END64.size:
        raise broken("end")
    signature, disk, at, disks = _LOCATOR.unpack(source.read_at(end - _LOCATOR.size, _LOCATOR.size))
    # Exactly before its locator: there is no room for a second directory in between.
    if signature != b"PK\x06\x07" or disk or disks > 1 or at != end - _LOCATOR.size - _END64.size:
        raise broken("end")
    found = _END64.unpack(source.read_at(at, _END64.size))
    signature, length, _, _, disk, first_disk, here, count, size, offset = found
    if signature != b"PK\x06\x06" or length != _END64.size - 12 or disk or first_disk or here != count:
        raise broken("end")
    if offset + size != at:
        raise unsafe("directory")
    return count, size, offset


def _read_record(content: bytes, at: int, number: int) -> tuple[Record, int]:
    if len(content) - at < _RECORD.size:
        raise broken("record", member=number)
    fields = _RECORD.unpack_from(content, at)
    signature, _, _, flags, method, _, _, crc, compressed, size = fields[:10]
    names, extras, comments, disk, _, attributes, offset = fields[10:]
    start = at + _RECORD.size
    end = start + names + extras + comments
    if signature != b"PK\x01\x02" or end > len(content):
        raise broken("record", member=number)
    extra = content[start + names : start + names + extras]
    size, compressed, offset, disk = _widened(extra, (size, compressed, offset), disk, number)
    if disk:
        raise broken("disks", member=number)
    record = Record(
        number=number,
        raw_name=content[start : start + names],
        flags=flags,
        method=method,
        crc=crc,
        compressed=compressed,
        size=size,
        offset=offset,
        mode=attributes >> 16,
    )
    return record, end


def _widened(extra: bytes, narrow: tuple[int, int, int], disk: int, number: int) -> tuple[int, int, int, int]:
    """Take what does not fit in 32 bits out of the zip64 extra field (APPNOTE 4.5.3): size, compressed, offset."""
    wanted = sum(value == _MAX32 for value in narrow)
    if not wanted and disk != _MAX16:
        return (*narrow, disk)
    wide = zip64_values(extra, wanted, disk=disk == _MAX16)
    if wide is None:
        raise broken("zip64", member=number)
    values = iter(wide)
    size, compressed, offset = (next(values) if value == _MAX32 else value for value in narrow)
    return size, compressed, offset, next(values, disk)


def zip64_values(extra: bytes, count: int, *, disk: bool = False) -> tuple[int, ...] | None:
    """Read so many 64-bit values, then perhaps a disk number, of the zip64 extra field; None when not there."""
    at = 0
    while at + _EXTRA.size <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, at)
        at += _EXTRA.size
        if kind == _ZIP64_EXTRA:
            form = struct.Struct(f"<{count}Q{'L' if disk else ''}")
            whole = length >= form.size and at + length <= len(extra)
            return form.unpack_from(extra, at) if whole else None
        at += length
    return None
