"""The drop container: a reproducible tar, streamed, and the manifest that lies beside its ciphertext.

Rules: POSIX pax headers (IEEE Std 1003.1-2017) with fixed metadata (time 0, owner 0, mode 0600), so that the same
content gives the same bytes and nothing tells of the machine that made it; memory stays flat at any size; a document
that is longer or shorter than was said stops the whole container, since a tar can not be mended afterwards.
"""

import datetime as dt
import json
import tarfile
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field

from gateway.package.errors import Code, SluisError
from gateway.package.ids import RecipientId
from gateway.package.states import ByteReader, Ciphertext, ParcelDocument

MANIFEST_FORMAT = "sluis-manifest/1"
_PIECE = 1024 * 1024
_BLOCK = 512
_MODE = 0o600
_END = bytes(2 * _BLOCK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file of the container that is in memory already."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)


def tar_pieces(
    entries: Iterable[Entry], *, documents: Iterable[tuple[str, ParcelDocument]]
) -> Generator[bytes, None, None]:
    """Give the container piece by piece, at most about 1 MiB each; `documents` come with their names in it.

    Raises SluisError `payload-corrupt` when a document is not of the size that it was said to be.
    """
    for entry in entries:
        yield _header(entry.name, len(entry.content)) + entry.content + _padding(len(entry.content))
    for name, document in documents:
        yield _header(name, document.size)
        yield from document_pieces(document)
        yield _padding(document.size)
    yield _END


def document_pieces(document: ParcelDocument) -> Iterator[bytes]:
    """Read one document to its end, in pieces of at most 1 MiB; closes it in every case. Raises as above."""
    reader = document.open()
    try:
        size = 0
        for piece in _pieces(reader):
            size += len(piece)
            if size > document.size:
                break
            yield piece
        if size != document.size:
            raise SluisError(Code.PAYLOAD_CORRUPT)
    finally:
        reader.close()


def manifest_of(*, name: str, ciphertext: Ciphertext, recipient: RecipientId, sealed_at: dt.datetime) -> bytes:
    """Write the manifest of a drop file: what a recipient compares before decrypting. No personal data."""
    content = {
        "format": MANIFEST_FORMAT,
        "name": name,
        "size": ciphertext.size,
        "sha256": ciphertext.sha256,
        "recipient": recipient,
        "sealedAt": sealed_at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    return json.dumps(content, indent=2).encode("ascii") + b"\n"


def _pieces(reader: ByteReader) -> Iterator[bytes]:
    while piece := reader.read(_PIECE):
        yield piece


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = _MODE
    return member.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)
