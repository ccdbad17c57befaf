"""What lies on a drop of one parcel: three files, in the order in which they get their names. Pure.

The ciphertext comes first, then the manifest's signature, then the manifest: a manifest announces a whole file.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gateway.package.errors import Code, SluisError
from gateway.package.states import SealedParcel

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\Z")


class TakenError(Exception):
    """Another file has the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file of a parcel: its final name, its content, and by what it is recognised."""

    name: str
    size: int
    sha256: str
    chunks: Callable[[], Iterable[bytes]]

    def checked_chunks(self) -> Iterator[bytes]:
        """Give the content, and never more than was sealed.

        Raises SluisError `payload-corrupt`, after the last chunk at the latest, when it is not what was sealed.
        """
        digest, size = hashlib.sha256(), 0
        for chunk in self.chunks():
            digest.update(chunk)
            size += len(chunk)
            if size > self.size:
                break
            yield chunk
        if (size, digest.hexdigest()) != (self.size, self.sha256):
            raise SluisError(Code.PAYLOAD_CORRUPT, where="drop")


def items_of(parcel: SealedParcel) -> tuple[Item, ...]:
    """List what is to lie on the drop, in its order. Raises ValueError for a parcel that is none for it (misuse)."""
    if not _NAME.match(parcel.name) or not parcel.manifest or not parcel.signature:
        raise ValueError("a drop takes a parcel with a plain file name, a manifest and its signature")
    sealed = parcel.ciphertext
    return (
        Item(name=parcel.name, size=sealed.size, sha256=sealed.sha256, chunks=sealed.chunks),
        _small_item(f"{parcel.name}.manifest.json.sig", parcel.signature),
        _small_item(f"{parcel.name}.manifest.json", parcel.manifest),
    )


def _small_item(name: str, content: bytes) -> Item:
    return Item(
        name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest(), chunks=lambda: iter((content,))
    )
