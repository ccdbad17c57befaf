"""The courier for the file drop: a folder per recipient, in which a file is either whole or not there.

Rules, in order:
1. No path leaves the drop: a recipient's folder is one plain name below the root and never a link; everything in it
   is reached from its open descriptor.
2. Every file is written as `NAME.part` and fsynced before the first gets its final name by a hard link. A hard link
   never overwrites, and it is made from the open descriptor, so a `.part` that somebody swapped never gets the name.
3. The ciphertext is named first, then the manifest's signature, then the manifest, the folder fsynced after each: a
   manifest announces a whole file.
4. What has its final name is never taken away again, not even by an attempt that fails after it: another attempt may
   count on it. The same file under the same name is success; another file under it is left alone and reported.
"""

import asyncio
import errno
import hashlib
import os
import re
import stat
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from gateway.deliver.drop_items import Item, TakenError, items_of
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code, SluisError
from gateway.package.ids import SLUG
from gateway.package.states import Channel, SealedParcel

_FOLDER = re.compile(SLUG)
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_EXISTING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# The recipient's programs read by group; nobody else does.
_MODE = 0o640
_READ_BYTES = 1 << 20

_SENT = DeliveryResult(outcome=DeliveryOutcome.SENT)
_ABSENT = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT)
_UNAVAILABLE = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.DROP_UNAVAILABLE)
_TAKEN = DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.DROP_NAME_TAKEN)


class AbandonedError(Exception):
    """Nobody waits for this attempt any more."""


class DropCourier:
    """Implements the port `Courier` for the file drop below `root`.

    `probe` answers TRANSIENT without a code when the parcel does not lie there whole: send it again. `deliver` raises
    SluisError `payload-corrupt` when the ciphertext is not what was sealed, and leaves nothing behind then.
    """

    def __init__(self, *, root: Path) -> None:
        self._root = root

    @property
    def channel(self) -> Channel:
        """See the port."""
        return Channel.FILE_DROP

    async def deliver(self, parcel: SealedParcel, /) -> DeliveryResult:
        """See the port."""
        return await in_thread(lambda abandoned: self._deliver(parcel, abandoned))

    async def probe(self, parcel: SealedParcel, /) -> DeliveryResult | None:
        """See the port."""
        return await asyncio.to_thread(self._probe, parcel)

    async def check(self) -> None:
        """See the port."""
        await asyncio.to_thread(self._check)

    async def aclose(self) -> None:
        """See the port; a drop has no connections."""

    def _deliver(self, parcel: SealedParcel, abandoned: threading.Event) -> DeliveryResult:
        items = items_of(parcel)
        return self._in_folder(parcel, lambda folder: place_all(folder, items, abandoned))

    def _probe(self, parcel: SealedParcel) -> DeliveryResult:
        items = items_of(parcel)

        def look(folder: int) -> DeliveryResult:
            if not all(_lies_there(folder, item) for item in items):
                return _ABSENT
            for item in items:
                # What the attempt that was cut off left beside them; nobody else would ever take it away.
                _unlink(folder, _part(item))
            os.fsync(folder)
            return _SENT

        return self._in_folder(parcel, look)

    def _in_folder(self, parcel: SealedParcel, work: Callable[[int], DeliveryResult]) -> DeliveryResult:
        """Do the work in the recipient's folder, and turn what the disk raises into a result."""
        if not _FOLDER.fullmatch(parcel.address):
            return DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.ADDRESS_INVALID)
        try:
            with opened(self._root) as root, opened(parcel.address, below=root) as folder:
                return work(folder)
        except TakenError:
            return _TAKEN
        except (AbandonedError, OSError):
            return _UNAVAILABLE

    def _check(self) -> None:
        try:
            with opened(self._root) as root:
                closed = _closed_folders(root)
        except OSError as error:
            raise SluisError(Code.DROP_UNAVAILABLE, where="drop") from error
        if closed:
            raise SluisError(Code.DROP_UNAVAILABLE, where="drop", detail={"folders": closed})


async def in_thread(work: Callable[[threading.Event], DeliveryResult]) -> DeliveryResult:
    """Do work that blocks; `abandoned` is set for it when nobody waits any more, and it is waited for all the same."""
    abandoned = threading.Event()
    attempt = asyncio.create_task(asyncio.to_thread(work, abandoned))
    try:
        return await asyncio.shield(attempt)
    except asyncio.CancelledError:
        # The thread can not be cancelled; it sees this between two chunks and cleans up by itself. It is waited
        # for, so that it does not clean up under the hands of the next attempt.
        abandoned.set()
        await asyncio.gather(attempt, return_exceptions=True)
        raise


def _closed_folders(root: int) -> int:
    """Count the recipients' folders in which this process may not write."""
    with os.scandir(root) as entries:
        names = [entry.name for entry in entries if _FOLDER.fullmatch(entry.name)]
    return sum(not os.access(name, os.W_OK | os.X_OK, dir_fd=root) for name in names)


@contextmanager
def opened(path: Path | str, *, below: int | None = None) -> Iterator[int]:
    """Open a folder; one that is reached from another is never a link."""
    folder = os.open(path, _DIRECTORY | (0 if below is None else os.O_NOFOLLOW), dir_fd=below)
    try:
        yield folder
    finally:
        os.close(folder)


def place_all(folder: int, items: Iterable[Item], abandoned: threading.Event) -> DeliveryResult:
    """Give each file its name, whole and on disk. Raises TakenError, AbandonedError, OSError, SluisError."""
    with ExitStack() as parts:
        written: list[tuple[Item, int]] = []
        for item in items:
            # A crash may have left one, also as a second name of a file that lies there whole.
            _unlink(folder, _part(item))
            if not _lies_there(folder, item):
                written.append((item, parts.enter_context(_written(folder, item, abandoned))))
        for item, file in written:
            _link(folder, file, item)
            os.fsync(folder)
    # For names that a crash may have left in memory only.
    os.fsync(folder)
    return _SENT


def _part(item: Item) -> str:
    return f"{item.name}.part"


def _unlink(folder: int, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def _lies_there(folder: int, item: Item) -> bool:
    """Tell whether the file is there. Raises TakenError when something else has its name."""
    try:
        with _reading(folder, item.name) as file:
            found = os.fstat(file)
            same = stat.S_ISREG(found.st_mode) and found.st_size == item.size and _digest(file) == item.sha256
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO}:
            raise TakenError from error
        raise
    if not same:
        raise TakenError
    return True


@contextmanager
def _reading(folder: int, name: str) -> Iterator[int]:
    file = os.open(name, _EXISTING, dir_fd=folder)
    try:
        yield file
    finally:
        os.close(file)


def _digest(file: int) -> str:
    digest = hashlib.sha256()
    while chunk := os.read(file, _READ_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def _written(folder: int, item: Item, abandoned: threading.Event) -> Iterator[int]:
    """Write a new `.part`, whole and on disk, and give its descriptor; the `.part` is gone afterwards."""
    file = os.open(_part(item), _NEW, _MODE, dir_fd=folder)
    try:
        os.fchmod(file, _MODE)
        _write(file, item, abandoned)
        os.fsync(file)
        yield file
    finally:
        os.close(file)
        _unlink(folder, _part(item))


def _write(file: int, item: Item, abandoned: threading.Event) -> None:
    for chunk in item.checked_chunks():
        if abandoned.is_set():
            raise AbandonedError
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(file, rest) :]
    if abandoned.is_set():
        raise AbandonedError


def _link(folder: int, file: int, item: Item) -> None:
    """Give the open file its final name; whoever came first keeps it."""
    try:
        os.link(f"/proc/self/fd/{file}", item.name, dst_dir_fd=folder, follow_symlinks=True)
    except FileExistsError:
        if not _lies_there(folder, item):
            raise
