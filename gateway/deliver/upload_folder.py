"""The courier for the Bestandenpostbus of Justid: it lays the sealed file ready, and a person uploads it.

That service has no public API. Below `root` there are three folders:

    .klaarzetten    where a parcel is written; nobody looks there
    1-Uploaden      a folder for each parcel that a person has to upload, whole or not there
    2-Verzonden     where that person moves the folder to, to say that it went

Rules, in order:
1. Only ciphertext, its signed manifest and a note with nothing of anybody in it lie there. The note says for which
   mailbox, until when and what to do after.
2. A parcel is sent when its folder was moved to `2-Verzonden`, and not before: until then each attempt says that it
   waits for a person. One that somebody took away without saying so is laid ready again.
3. It is taken back by one rename, which either succeeds or comes after the person's word: then it counts as sent. The
   copies that people made beside it go with it.
4. What somebody put in place of one of its files is left alone and reported.
"""

import asyncio
import datetime as dt
import os
import re
import shutil
import stat
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from gateway.deliver.drop import AbandonedError, in_thread, opened, place_all
from gateway.deliver.drop_items import Item, TakenError, items_of
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.drop_addresses import parse_drop_address
from gateway.package.errors import Code, SluisError
from gateway.package.states import Channel, SealedParcel

TEMPLATE: Final = "upload-note.txt.j2"
PREPARING, TO_UPLOAD, SENT = ".klaarzetten", "1-Uploaden", "2-Verzonden"
_NOTE, _REMINDER = "LEES-MIJ.txt", "HERINNERING.txt"
_WHERE: Final = "bestandenpostbus.folder"
_ENDING = re.compile(r"\.tar\.[a-z0-9]+\Z")
_SENT = DeliveryResult(outcome=DeliveryOutcome.SENT)
_WAITS = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.UPLOAD_WAITS)
_UNAVAILABLE = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.UPLOAD_FOLDER_UNAVAILABLE)
_TAKEN = DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.DROP_NAME_TAKEN)
_NO_ADDRESS = DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.ADDRESS_INVALID)

_FOLDER_MODE = 0o770
_T = TypeVar("_T")

Note = Callable[[str, dt.datetime], str]
"""Writes the note: for which mailbox, and laid ready when; for no mailbox the reminder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folders:
    """The three folders, opened."""

    preparing: int
    ready: int
    sent: int


class UploadFolderCourier:
    """Implements the ports `Courier` and `Uploads` below `root`, whose folders an administrator makes."""

    def __init__(self, *, root: Path, note: Note, now: Callable[[], dt.datetime]) -> None:
        self._root = root
        self._note = note
        self._now = now

    @property
    def channel(self) -> Channel:
        """See the port."""
        return Channel.FILE_DROP

    async def deliver(self, parcel: SealedParcel, /) -> DeliveryResult:
        """See the port. Raises SluisError `payload-corrupt` when the ciphertext is not what was sealed."""
        return await in_thread(lambda abandoned: self._deliver(parcel, abandoned))

    async def probe(self, parcel: SealedParcel, /) -> DeliveryResult | None:
        """See the port: what lies ready may be laid ready again."""
        return _SENT if _folder_name(parcel.name) in await self.confirmed() else None

    async def check(self) -> None:
        """See the port. Raises SluisError `upload-folder-unavailable`."""
        for name in (PREPARING, TO_UPLOAD, SENT):
            if not os.access(self._root / name, os.R_OK | os.W_OK | os.X_OK):
                raise SluisError(Code.UPLOAD_FOLDER_UNAVAILABLE, where=f"{_WHERE}/{name}")

    async def aclose(self) -> None:
        """See the port; a folder has no connections."""

    # ---- the port `Uploads` ------------------------------------------------------------------------------------

    async def confirmed(self) -> frozenset[str]:
        """See the port."""
        return await self._asked(self._confirmed)

    async def recall(self, name: str, /) -> bool:
        """See the port."""
        return await self._asked(lambda: self._recall(_folder_name(name)))

    async def overdue(self, *, seconds: float) -> tuple[str, ...]:
        """See the port."""
        return await self._asked(lambda: tuple(self._remind(time.time() - seconds)))

    # ---- blocking ----------------------------------------------------------------------------------------------

    async def _asked(self, look: Callable[[], _T]) -> _T:
        try:
            return await asyncio.to_thread(look)
        except OSError as error:
            raise SluisError(Code.UPLOAD_FOLDER_UNAVAILABLE, where=_WHERE) from error

    def _deliver(self, parcel: SealedParcel, abandoned: threading.Event) -> DeliveryResult:
        address = parse_drop_address(parcel.address)
        if address is None or not address.mailbox:
            return _NO_ADDRESS
        items, name = items_of(parcel), _folder_name(parcel.name)
        try:
            with self._folders() as folders:
                if _is_folder(folders.sent, name):
                    return _SENT
                if _is_folder(folders.ready, name):
                    with opened(name, below=folders.ready) as folder:
                        place_all(folder, items, abandoned)
                    return _WAITS
                note = self._note(address.mailbox, self._now()).encode()
                return _lay_ready(folders, name, items, note, abandoned)
        except TakenError:
            return _TAKEN
        except (AbandonedError, OSError):
            return _UNAVAILABLE

    def _confirmed(self) -> frozenset[str]:
        with self._folders() as folders:
            return frozenset(name for name in _names(folders.sent) if _is_folder(folders.sent, name))

    def _recall(self, name: str) -> bool:
        with self._folders() as folders:
            if _is_folder(folders.sent, name):
                return False
            # Copies that people made there go too ("NAME - kopie"): else somebody uploads what was withdrawn.
            for each in _names(folders.ready):
                if (each == name or each.startswith(f"{name} ")) and _is_folder(folders.ready, each):
                    away = _unique(name)
                    try:
                        os.rename(each, away, src_dir_fd=folders.ready, dst_dir_fd=folders.preparing)
                    except FileNotFoundError:
                        continue
                    os.fsync(folders.ready)
                    shutil.rmtree(away, dir_fd=folders.preparing)
            return not _is_folder(folders.sent, name)

    def _remind(self, before: float) -> Iterator[str]:
        with self._folders() as folders:
            for name in _names(folders.ready):
                # A folder that is not to be had keeps no other from being told of: anybody may put one there.
                with suppress(OSError):
                    if _is_folder(folders.ready, name) and self._is_told(name, folders.ready, before):
                        yield name

    def _is_told(self, name: str, below: int, before: float) -> bool:
        """Put the reminder into a folder that lies there since before then; False when it is not due, or there."""
        with opened(name, below=below) as folder:
            return os.fstat(folder).st_mtime <= before and _write(folder, _REMINDER, self._note("", self._now()))

    @contextmanager
    def _folders(self) -> Iterator[_Folders]:
        with (
            opened(self._root) as root,
            opened(PREPARING, below=root) as preparing,
            opened(TO_UPLOAD, below=root) as ready,
            opened(SENT, below=root) as sent,
        ):
            yield _Folders(preparing=preparing, ready=ready, sent=sent)


def _lay_ready(
    folders: _Folders, name: str, items: Sequence[Item], note: bytes, abandoned: threading.Event
) -> DeliveryResult:
    """Write a parcel where nobody looks, and show it whole by one rename."""
    for left in _names(folders.preparing):
        # What a crash left of this parcel; nobody else would ever take it away.
        if left.startswith(f"{name}."):
            shutil.rmtree(left, dir_fd=folders.preparing)
    new = _unique(name)
    os.mkdir(new, dir_fd=folders.preparing)
    try:
        with opened(new, below=folders.preparing) as folder:
            # Whoever moves a folder to another one has to be allowed to write into it.
            os.fchmod(folder, stat.S_IMODE(os.fstat(folder).st_mode) | _FOLDER_MODE)
            place_all(folder, items, abandoned)
            _write(folder, _NOTE, note.decode())
            os.fsync(folder)
        if _is_folder(folders.sent, name):
            return _SENT
        os.rename(new, name, src_dir_fd=folders.preparing, dst_dir_fd=folders.ready)
        os.fsync(folders.ready)
    finally:
        with suppress(FileNotFoundError):
            shutil.rmtree(new, dir_fd=folders.preparing)
    return _WAITS


def _write(folder: int, name: str, text: str) -> bool:
    """Write a text for people; False when there is one."""
    try:
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640, dir_fd=folder)
    except FileExistsError:
        return False
    with os.fdopen(file, "w", encoding="utf-8-sig", newline="\r\n") as written:
        written.write(text)
        written.flush()
        os.fsync(file)
    return True


def _names(folder: int) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries)


def _is_folder(below: int, name: str) -> bool:
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=below, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _folder_name(parcel: str) -> str:
    """Name a parcel's folder after package and recipient, without the ending of its file."""
    return _ENDING.sub("", parcel)


def _unique(name: str) -> str:
    return f"{name}.{os.urandom(8).hex()}"
