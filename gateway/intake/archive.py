"""Guards zip files: everything that can be checked is checked before a member is read, and nothing is unpacked to disk.

Rules, in order:
1. The central directory is read strictly (`gateway.intake.archive_directory`); at most so many members.
2. Only stored and deflated members, not encrypted (APPNOTE 4.4.4, 4.4.5).
3. No member grows more than a hundredfold (and 1 MiB more), nor do all together: zip bombs.
4. No two members share a byte, and each lies before the directory: bombs that count the same bytes many times.
5. What stands before a member says the same name, method and sizes as the directory: or two programs would see two
   different packages.
6. Plain names: no absolute path, `..`, backslash, drive letter or control character; no name twice, also when upper and
   lower case or Unicode spelling differ; no links or devices. One folder around everything is taken off.
7. While a member is read its bytes are counted, and its size and CRC must be the announced ones in the end.
"""

import itertools
import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gateway.intake.archive_directory import (
    ByteSource,
    Directory,
    Record,
    broken,
    read_directory,
    unsafe,
    zip64_values,
)
from gateway.intake.entry_names import composed, ignored
from gateway.package.errors import Code, SluisError

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_STORED: Final = 0
_DEFLATED: Final = 8
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
_PATCHED: Final = 0x20
_DESCRIPTOR: Final = 0x8
_UTF8: Final = 0x800
_MAX32: Final = 0xFFFFFFFF
_KIND_OF_FILE: Final = 0xF000
_REGULAR: Final = 0x8000
_FOLDER: Final = 0x4000
_ALLOWANCE: Final = 1024 * 1024
_CHUNK: Final = 256 * 1024
_DRIVE = re.compile(r"[A-Za-z]:")
_MAC_FOLDER: Final = "__MACOSX"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """At most so many files, so many bytes when unpacked, and so many times the packed size."""

    files: int
    total_bytes: int
    ratio: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file in a checked archive; `start` is where its bytes begin."""

    record: Record
    start: int

    @property
    def size(self) -> int:
        """Bytes when unpacked."""
        return self.record.size


def list_members(source: ByteSource, *, limits: ArchiveLimits) -> dict[str, Member]:
    """Check an archive and give its files by name, without what programs leave behind.

    Raises SluisError `archive-unreadable`, `archive-unsafe`, `link-refused`, `name-unsafe`, `package-too-large`,
    `package-too-many-files`; `detail` names the guard, `where` the member's number.
    """
    directory = read_directory(source, max_files=limits.files)
    for record in directory.records:
        _check_method(record)
        _check_growth(record, limits)
    _check_total(directory, source, limits)
    starts = _check_places(source, directory)
    named = _check_names(directory)
    files = {name: record for name, record in named.items() if not _passed_over(name)}
    if len(files) > limits.files:
        raise SluisError(Code.PACKAGE_TOO_MANY_FILES, detail={"limit": limits.files})
    return {name: Member(record=each, start=starts[each.number]) for name, each in _without_folder(files).items()}


# ---- Methods and sizes ---------------------------------------------------------------------------------------------


def _check_method(record: Record) -> None:
    if record.flags & _ENCRYPTED:
        raise broken("encrypted", member=record.number)
    if record.method not in (_STORED, _DEFLATED) or record.flags & _PATCHED:
        raise broken("compression", member=record.number)


def _check_growth(record: Record, limits: ArchiveLimits) -> None:
    if record.method == _STORED and record.size != record.compressed:
        raise unsafe("size", member=record.number)
    if record.size > record.compressed * limits.ratio + _ALLOWANCE:
        raise unsafe("ratio", member=record.number)


def _check_total(directory: Directory, source: ByteSource, limits: ArchiveLimits) -> None:
    total = sum(record.size for record in directory.records)
    if total > limits.total_bytes:
        raise SluisError(Code.PACKAGE_TOO_LARGE, detail={"limit": limits.total_bytes})
    if total > source.size * limits.ratio + _ALLOWANCE:
        raise unsafe("ratio")


# ---- Places --------------------------------------------------------------------------------------------------------


def _check_places(source: ByteSource, directory: Directory) -> dict[int, int]:
    """Check that no two members overlap and each header fits its record; give where each member's bytes begin."""
    starts: dict[int, int] = {}
    free_from = 0
    for record in sorted(directory.records, key=lambda each: each.offset):
        if record.offset < free_from:
            raise unsafe("overlap", member=record.number)
        start = _check_header(source, record, end=directory.offset)
        free_from = start + record.compressed
        if free_from > directory.offset:
            raise unsafe("overlap", member=record.number)
        starts[record.number] = start
    return starts


def _check_header(source: ByteSource, record: Record, *, end: int) -> int:
    if record.offset + _LOCAL.size > end:
        raise unsafe("overlap", member=record.number)
    header = source.read_at(record.offset, _LOCAL.size)
    signature, _, flags, method, _, _, crc, compressed, size, names, extras = _LOCAL.unpack(header)
    start: int = record.offset + _LOCAL.size + names + extras
    if signature != b"PK\x03\x04" or start > end:
        raise unsafe("header", member=record.number)
    rest = source.read_at(record.offset + _LOCAL.size, names + extras)
    same = rest[:names] == record.raw_name and method == record.method
    if not same or (flags ^ record.flags) & (_ENCRYPTED | _UTF8):
        raise unsafe("header", member=record.number)
    if not flags & _DESCRIPTOR and (crc, *_wide(size, compressed, rest[names:])) != (
        record.crc,
        record.size,
        record.compressed,
    ):
        raise unsafe("header", member=record.number)
    return start


def _wide(size: int, compressed: int, extra: bytes) -> tuple[int, int]:
    wide = iter(zip64_values(extra, (size, compressed).count(_MAX32)) or ())
    return (
        next(wide, size) if size == _MAX32 else size,
        next(wide, compressed) if compressed == _MAX32 else compressed,
    )


# ---- Names ---------------------------------------------------------------------------------------------------------


def _check_names(directory: Directory) -> dict[str, Record]:
    """Check every name and give the files by theirs."""
    seen: set[str] = set()
    files: dict[str, Record] = {}
    for record in directory.records:
        name = _decoded(record)
        _check_path(name, record)
        _check_kind(name, record)
        folded = composed(composed(name.rstrip("/")).casefold())
        if folded in seen:
            raise unsafe("name-twice", member=record.number)
        seen.add(folded)
        if not name.endswith("/"):
            files[composed(name)] = record
    return files


def _decoded(record: Record) -> str:
    """Decode a name: UTF-8, also without the flag as on a Mac; else code page 437 (APPNOTE appendix D)."""
    try:
        return record.raw_name.decode("utf-8")
    except UnicodeDecodeError:
        if record.flags & _UTF8:
            raise SluisError(Code.NAME_UNSAFE, where=f"member {record.number}") from None
        return record.raw_name.decode("cp437")


def _check_path(name: str, record: Record) -> None:
    if any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in name):
        raise SluisError(Code.NAME_UNSAFE, where=f"member {record.number}")
    parts = name.removesuffix("/").split("/")
    if "\\" in name or _DRIVE.match(name) or any(part in {"", ".", ".."} for part in parts):
        raise unsafe("path", member=record.number)


def _check_kind(name: str, record: Record) -> None:
    kind = record.mode & _KIND_OF_FILE
    is_folder = name.endswith("/")
    if kind not in {0, _FOLDER if is_folder else _REGULAR}:
        raise SluisError(Code.LINK_REFUSED, where=f"member {record.number}")
    if is_folder and record.size:
        raise unsafe("size", member=record.number)


def _passed_over(name: str) -> bool:
    parts = name.split("/")
    return parts[0] == _MAC_FOLDER or any(map(ignored, parts))


def _without_folder(files: dict[str, Record]) -> dict[str, Record]:
    """Take the one folder off that lies around everything; any other folder is refused, as outside an archive."""
    tops = {name.partition("/")[0] if "/" in name else "" for name in files}
    if len(tops) == 1:
        files = {name.partition("/")[2] or name: record for name, record in files.items()}
    for name, record in files.items():
        if "/" in name:
            raise SluisError(Code.LINK_REFUSED, where=f"member {record.number}")
    return files


# ---- Reading -------------------------------------------------------------------------------------------------------


def member_chunks(source: ByteSource, member: Member) -> Iterator[bytes]:
    """Give a member's bytes in pieces of at most 256 KiB.

    Raises SluisError `archive-unreadable` when they are not what the directory announced.
    """
    record = member.record
    packed = _packed(source, member)
    crc = count = 0
    for chunk in packed if record.method == _STORED else _inflated(packed, record):
        count += len(chunk)
        if count > record.size:
            raise broken("size", member=record.number)
        crc = zlib.crc32(chunk, crc)
        yield chunk
    if count != record.size:
        raise broken("size", member=record.number)
    if crc != record.crc:
        raise broken("crc", member=record.number)


def _packed(source: ByteSource, member: Member) -> Iterator[bytes]:
    end = member.start + member.record.compressed
    for offset in range(member.start, end, _CHUNK):
        yield source.read_at(offset, min(_CHUNK, end - offset))


def _inflated(packed: Iterator[bytes], record: Record) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in itertools.chain(packed, (b"",)):
        if piece and inflater.eof:
            raise broken("size", member=record.number)
        yield from _inflated_piece(inflater, piece, record)
    if not inflater.eof or inflater.unused_data:
        raise broken("size", member=record.number)


def _inflated_piece(inflater: "zlib._Decompress", piece: bytes, record: Record) -> Iterator[bytes]:
    """Inflate one piece, a bounded chunk at a time, so that a bomb never stands in memory."""
    rest, chunk = piece, b""
    while not inflater.eof and (rest or len(chunk) == _CHUNK or not piece):
        try:
            chunk = inflater.decompress(rest, _CHUNK)
        except zlib.error:
            raise broken("compression", member=record.number) from None
        rest = inflater.unconsumed_tail
        if chunk:
            yield chunk
        elif not rest:
            return
