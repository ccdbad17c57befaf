"""Guards zip files of any kind (docx, xlsx, odt, ods, zip): all is checked before a member is inflated or parsed.

Rules, in order:
1. One end record, at the very end; one directory, which lies exactly before it; at most `limits.members` records.
2. Only stored and deflated members (APPNOTE 6.3.10, 4.4.5). An encrypted one (4.4.4) makes the whole ENCRYPTED.
3. Plain names: no absolute path, `..`, backslash, drive letter, control character, or part above 255 characters; no
   name twice, also when upper and lower case or Unicode spelling differ; no links or devices.
4. All members together come to at most `limits.inflated_bytes`; none above 1 MiB grows more than `limits.inflation`
   times.
5. The first member begins at byte 0, no two share a byte, and no byte between them belongs to none: nothing hides
   before, between or behind them, and nothing is counted twice (CVE-2024-0450).
6. What stands before a member says the same name, method and sizes as the directory: or two programs would see two
   files.
7. A member is inflated with its announced size as a cap, and must be of that size and CRC in the end.
"""

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.formats.unreadable import Limits, Trouble, UnreadableError

_END: Final = struct.Struct("<4s4H2LH")
_LOCATOR: Final = struct.Struct("<4sLQL")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_RECORD: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_EXTRA: Final = struct.Struct("<2H")
_ZIP64: Final = 1
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
_STORED, _DEFLATED = 0, 8
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
_PATCHED: Final = 0x20
_DESCRIPTOR: Final = 0x8
_DESCRIPTOR_BYTES: Final = 24
_UTF8: Final = 0x800
_KIND_OF_FILE, _REGULAR, _FOLDER = 0xF000, 0x8000, 0x4000
_ALLOWANCE: Final = 1024 * 1024
_PART_CHARACTERS: Final = 255
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """What the directory says of one member; `offset` is of its local header, `start` of its bytes once known."""

    name: str = field(repr=False)
    raw_name: bytes = field(repr=False)
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    mode: int


class Members(Mapping[str, bytes]):
    """The files of a checked zip by their full names, in the directory's order, each inflated when it is asked for.

    Nothing is kept: who needs a member twice keeps it. `[name]` raises KeyError, or UnreadableError when the bytes are
    not what the directory announced.
    """

    __slots__ = ("_content", "_records", "_starts")

    def __init__(self, content: bytes, records: Mapping[str, _Record], starts: Mapping[int, int]) -> None:
        self._content = content
        self._records = records
        self._starts = starts

    def __getitem__(self, name: str) -> bytes:
        record = self._records[name]
        start = self._starts[record.offset]
        packed = memoryview(self._content)[start : start + record.packed]
        content = bytes(packed) if record.method == _STORED else _inflated(packed, record.size)
        if len(content) != record.size or zlib.crc32(content) != record.crc:
            raise UnreadableError(Trouble.DAMAGED)
        return content

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, name: object) -> bool:
        return name in self._records

    def size(self, name: str) -> int:
        """Give the bytes of a member, inflated, without inflating it."""
        return self._records[name].size

    def start(self, name: str) -> int:
        """Give the place in the zip where a member's packed bytes begin."""
        return self._starts[self._records[name].offset]


def members(content: bytes, limits: Limits) -> Members:
    """Check a zip and give its files; folders are left out.

    Raises UnreadableError: ENCRYPTED, TOO_LARGE, or DAMAGED for whatever two programs could read in two ways.
    """
    directory, stop, count = _directory(content, limits)
    records = tuple(_records(content, directory, stop))
    if len(records) != count:
        raise _damaged()
    for record in records:
        _check_method(record)
    named = _named(records)
    _check_growth(records, limits)
    return Members(content, named, _places(content, records, directory))


def _damaged() -> UnreadableError:
    return UnreadableError(Trouble.DAMAGED)


# ---- The directory -------------------------------------------------------------------------------------------------


def _directory(content: bytes, limits: Limits) -> tuple[int, int, int]:
    """Give where the directory begins, where it stops, and how many records it has."""
    end = _end(content)
    _, disk, first_disk, here, count, size, offset, _ = _END.unpack_from(content, end)
    stop = end
    locator = end - _LOCATOR.size
    if locator >= 0 and content.startswith(b"PK\x06\x07", locator):
        stop = _LOCATOR.unpack_from(content, locator)[2]
        if stop + _END64.size > locator or not content.startswith(b"PK\x06\x06", stop):
            raise _damaged()
        narrow = (here, count, size, offset)
        here, count, size, offset = _END64.unpack_from(content, stop)[6:]
        pairs = zip(narrow, (here, count, size, offset), (_MAX16, _MAX16, _MAX32, _MAX32), strict=True)
        if any(small not in (wide, most) for small, wide, most in pairs):
            raise _damaged()
    if count > limits.members:
        raise UnreadableError(Trouble.TOO_LARGE)
    if disk or first_disk or here != count or offset + size != stop or count * _RECORD.size > size:
        raise _damaged()
    return offset, stop, count


def _end(content: bytes) -> int:
    """Find the end record; two that fit are refused, since two programs may each believe another one."""
    found = []
    at = content.find(b"PK\x05\x06", max(0, len(content) - _END.size - _MAX16))
    while at >= 0:
        if at + _END.size <= len(content) and at + _END.size + _END.unpack_from(content, at)[7] == len(content):
            found.append(at)
        at = content.find(b"PK\x05\x06", at + 1)
    if len(found) != 1:
        raise _damaged()
    return found[0]


def _records(content: bytes, at: int, stop: int) -> Iterator[_Record]:
    while at < stop:
        if at + _RECORD.size > stop:
            raise _damaged()
        values = _RECORD.unpack_from(content, at)
        signature, _, _, flags, method, _, _, crc, packed, size, names, extras, comment, disk, _, attributes, offset = (
            values
        )
        start, at = at + _RECORD.size, at + _RECORD.size + names + extras + comment
        if signature != b"PK\x01\x02" or disk not in (0, _MAX16) or at > stop:
            raise _damaged()
        raw_name = content[start : start + names]
        extra = content[start + names : start + names + extras]
        size, packed, offset = _widened(extra, (size, packed, offset))
        yield _Record(
            name=_decoded(raw_name, flags),
            raw_name=raw_name,
            flags=flags,
            method=method,
            crc=crc,
            packed=packed,
            size=size,
            offset=offset,
            mode=attributes >> 16,
        )


def _widened(extra: bytes, narrow: tuple[int, int, int]) -> tuple[int, int, int]:
    """Take what does not fit in 32 bits out of the zip64 extra field (APPNOTE 4.5.3)."""
    wanted = narrow.count(_MAX32)
    at = 0
    while wanted and at + _EXTRA.size <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, at)
        at += _EXTRA.size
        if kind == _ZIP64:
            if length < 8 * wanted or at + length > len(extra):
                raise _damaged()
            wide = iter(struct.unpack_from(f"<{wanted}Q", extra, at))
            size, packed, offset = (next(wide) if value == _MAX32 else value for value in narrow)
            return size, packed, offset
        at += length
    if wanted:
        raise _damaged()
    return narrow


# ---- Each record ---------------------------------------------------------------------------------------------------


def _check_method(record: _Record) -> None:
    if record.flags & _ENCRYPTED:
        raise UnreadableError(Trouble.ENCRYPTED)
    if record.method not in (_STORED, _DEFLATED) or record.flags & _PATCHED:
        raise _damaged()
    if record.method == _STORED and record.size != record.packed:
        raise _damaged()


def _check_growth(records: tuple[_Record, ...], limits: Limits) -> None:
    if sum(record.size for record in records) > limits.inflated_bytes:
        raise UnreadableError(Trouble.TOO_LARGE)
    for record in records:
        if record.size > max(_ALLOWANCE, record.packed * limits.inflation):
            raise UnreadableError(Trouble.TOO_LARGE)


def _named(records: tuple[_Record, ...]) -> dict[str, _Record]:
    """Check every name, and give the files by theirs."""
    seen: set[str] = set()
    files: dict[str, _Record] = {}
    for record in records:
        _check_name(record)
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", record.name.rstrip("/")).casefold())
        if folded in seen:
            raise _damaged()
        seen.add(folded)
        if not record.name.endswith("/"):
            files[record.name] = record
    return files


def _decoded(raw_name: bytes, flags: int) -> str:
    """Decode a name: UTF-8, also without the flag as on a Mac; else code page 437 (APPNOTE appendix D)."""
    try:
        return raw_name.decode("utf-8")
    except UnicodeDecodeError:
        if flags & _UTF8:
            raise _damaged() from None
        return raw_name.decode("cp437")


def _check_name(record: _Record) -> None:
    name = record.name
    if any(unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} for each in name):
        raise _damaged()
    parts = name.removesuffix("/").split("/")
    if any(part in {"", ".", ".."} or len(part) > _PART_CHARACTERS for part in parts):
        raise _damaged()
    if "\\" in name or _DRIVE.match(name):
        raise _damaged()
    is_folder = name.endswith("/")
    if record.mode & _KIND_OF_FILE not in {0, _FOLDER if is_folder else _REGULAR} or (is_folder and record.size):
        raise _damaged()


# ---- Places and bytes ----------------------------------------------------------------------------------------------


def _places(content: bytes, records: tuple[_Record, ...], directory: int) -> dict[int, int]:
    """Check that the members follow each other without overlap or gap; give where the bytes of each begin."""
    starts: dict[int, int] = {}
    free_from = slack = 0
    for record in sorted(records, key=lambda each: each.offset):
        if not free_from <= record.offset <= free_from + slack:
            raise _damaged()
        start = starts[record.offset] = _start(content, record, directory)
        free_from = start + record.packed
        slack = _DESCRIPTOR_BYTES if record.flags & _DESCRIPTOR else 0
    if not free_from <= directory <= free_from + slack:
        raise _damaged()
    return starts


def _start(content: bytes, record: _Record, directory: int) -> int:
    if record.offset + _LOCAL.size > directory:
        raise _damaged()
    signature, _, flags, method, _, _, crc, packed, size, names, extras = _LOCAL.unpack_from(content, record.offset)
    name = record.offset + _LOCAL.size
    same = content[name : name + names] == record.raw_name and method == record.method
    if signature != b"PK\x03\x04" or not same or (flags ^ record.flags) & (_ENCRYPTED | _UTF8 | _DESCRIPTOR):
        raise _damaged()
    announced = crc == record.crc and size in (record.size, _MAX32) and packed in (record.packed, _MAX32)
    if not flags & _DESCRIPTOR and not announced:
        raise _damaged()
    return name + int(names) + int(extras)


def _inflated(packed: memoryview, size: int) -> bytes:
    """Inflate with the announced size as a cap: one byte more, and it is a lie."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflater.decompress(packed, size + 1)
    except zlib.error:
        raise _damaged() from None
    if not inflater.eof or inflater.unused_data:
        raise _damaged()
    return content
