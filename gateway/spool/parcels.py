"""Keeps sealed parcels: small ones in the row, large ones as a file of the payload folder. Ciphertext only."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol, runtime_checkable

from gateway.package.states import Ciphertext, SealedParcel
from gateway.spool.payloads import PayloadFolder, disk_error
from gateway.spool.port import IN_ROW, DeliveryRow, NewDelivery
from gateway.spool.streams import RandomBytes


@runtime_checkable
class _OnDisk(Protocol):
    """Ciphertext that the sealer has written and fsynced below the staging folder already."""

    @property
    def path(self) -> Path: ...


class ParcelFolder:
    """Implements the port `Parcels`."""

    def __init__(self, folder: PayloadFolder, *, random: RandomBytes) -> None:
        self._folder = folder
        self._random = random

    def keep(self, parcel: SealedParcel, /) -> NewDelivery:
        """See the port."""
        sealed, file = self._place(parcel.ciphertext)
        return NewDelivery(
            recipient=parcel.recipient,
            channel=parcel.channel,
            name=parcel.name,
            size=parcel.ciphertext.size,
            sha256=parcel.ciphertext.sha256,
            sealed=sealed,
            file=file,
            manifest=parcel.manifest,
            signature=parcel.signature,
        )

    def restore(self, row: DeliveryRow, /, *, address: str) -> SealedParcel:
        """See the port."""
        source = _pieces_of(row.sealed) if row.sealed is not None else self._pieces_of_file(row.file)
        return SealedParcel(
            recipient=row.recipient,
            channel=row.channel,
            address=address,
            name=row.name,
            ciphertext=StoredCiphertext(size=row.size, sha256=row.sha256, source=source),
            manifest=row.manifest,
            signature=row.signature,
        )

    def _place(self, ciphertext: Ciphertext) -> tuple[bytes | None, str]:
        if isinstance(ciphertext, _OnDisk):
            return None, self._folder.keep(ciphertext.path)
        if ciphertext.size <= IN_ROW:
            return b"".join(ciphertext.chunks()), ""
        return None, self._write(ciphertext.chunks())

    def _write(self, pieces: Iterable[bytes]) -> str:
        path = self._folder.new_file(self._random)
        try:
            with path.open("xb") as target:
                path.chmod(0o600)
                target.writelines(pieces)
                target.flush()
                os.fsync(target.fileno())
        except OSError as error:
            path.unlink(missing_ok=True)
            raise disk_error(error) from error
        return self._folder.keep(path)

    def _pieces_of_file(self, file: str) -> Callable[[], Iterator[bytes]]:
        return lambda: self._folder.chunks(file)


class StoredCiphertext:
    """Ciphertext out of the spool; satisfies `Ciphertext`. A courier compares size and digest while it reads."""

    def __init__(self, *, size: int, sha256: str, source: Callable[[], Iterator[bytes]]) -> None:
        self.size = size
        self.sha256 = sha256
        self._source = source

    def chunks(self) -> Iterator[bytes]:
        """Give the ciphertext from its beginning."""
        return self._source()


def _pieces_of(sealed: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter((sealed,))
