"""Builds zip files byte by byte, so that each record can lie."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

STORED, DEFLATED = 0, 8


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one record says of a member; None for the truth."""

    name: bytes | None = None
    method: int | None = None
    crc: int | None = None
    compressed: int | None = None
    size: int | None = None
    offset: int | None = None
    extra: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One member: its name and content, and what the local header and the directory say of it."""

    name: bytes
    content: bytes = b""
    method: int = DEFLATED
    flags: int = 0
    mode: int = 0o100644
    packed: bytes | None = None
    local: Told = field(default_factory=Told)
    central: Told = field(default_factory=Told)
    descriptor: bool = False

    def bytes_at_rest(self) -> bytes:
        """Give the bytes between the headers."""
        if self.packed is not None:
            return self.packed
        return deflated(self.content) if self.method == DEFLATED else self.content


@dataclass(frozen=True, kw_only=True)
class End:
    """What the end record says; None for the truth."""

    count: int | None = None
    size: int | None = None
    offset: int | None = None
    comment: bytes = b""
    before: bytes = b""
    zip64: bool = False


def deflated(content: bytes) -> bytes:
    """Deflate without a header."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def build(pieces: Sequence[Piece], *, end: End | None = None, prefix: bytes = b"") -> bytes:
    """Put an archive together."""
    end = end or End()
    body, offsets = bytearray(prefix), []
    for piece in pieces:
        offsets.append(len(body) - len(prefix))
        body += _local(piece)
    directory = b"".join(_central(piece, offset) for piece, offset in zip(pieces, offsets, strict=True))
    start = len(body) - len(prefix)
    return bytes(body) + directory + end.before + _end(end, len(pieces), len(directory), start)


def _or(told: int | None, truth: int) -> int:
    return truth if told is None else told


def _local(piece: Piece) -> bytes:
    told, packed = piece.local, piece.bytes_at_rest()
    if piece.descriptor:
        told = replace(told, crc=0, compressed=0, size=0)
    name = piece.name if told.name is None else told.name
    crc, size = zlib.crc32(piece.content), len(piece.content)
    flags = piece.flags | (8 if piece.descriptor else 0)
    header = struct.pack(
        "<4s5H3L2H",
        b"PK\x03\x04",
        20,
        flags,
        _or(told.method, piece.method),
        0,
        33,
        _or(told.crc, crc),
        _or(told.compressed, len(packed)),
        _or(told.size, size),
        len(name),
        len(told.extra),
    )
    after = struct.pack("<4s3L", b"PK\x07\x08", crc, len(packed), size) if piece.descriptor else b""
    return header + name + told.extra + packed + after


def _central(piece: Piece, offset: int) -> bytes:
    told = piece.central
    name = piece.name if told.name is None else told.name
    header = struct.pack(
        "<4s6H3L5H2L",
        b"PK\x01\x02",
        3 << 8 | 20,
        20,
        piece.flags | (8 if piece.descriptor else 0),
        _or(told.method, piece.method),
        0,
        33,
        _or(told.crc, zlib.crc32(piece.content)),
        _or(told.compressed, len(piece.bytes_at_rest())),
        _or(told.size, len(piece.content)),
        len(name),
        len(told.extra),
        0,
        0,
        0,
        piece.mode << 16,
        _or(told.offset, offset),
    )
    return header + name + told.extra


def _end(end: End, count: int, size: int, offset: int) -> bytes:
    count, size, at = _or(end.count, count), _or(end.size, size), _or(end.offset, offset)
    if not end.zip64:
        return struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, size, at, len(end.comment)) + end.comment
    wide = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, at)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, offset + size, 1)
    narrow = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, len(end.comment))
    return wide + locator + narrow + end.comment
