"""Where parcels lie until they are fetched: a folder for each, with its ciphertext, description and state.

Rules, in order:
1. Nothing here opens a parcel. Who may fetch one shows two values whose SHA-256 stand in its description: one that the
   link gives, and one that link and code give.
2. Without the first, a parcel is not there, whatever has become of it, and nothing is counted: whoever knows no more
   than its id can neither guess (256 bits) nor lock it. With the first, a wrong second one is counted on disk before it
   is answered; the fifth ends the parcel, and takes its ciphertext away. Where the disk takes no count, memory does.
3. That ciphertext was given out is noted on disk before its first byte goes: what was noted so is never recalled.
4. A failed download counts nothing. Only the browser knows that it has decrypted all of it, and says so: the receipt.
   It bears the download's own number, so that one that is sent again, since its answer was lost, counts once.
5. What has ended keeps its state for a while, so that the gateway can ask how it ended; the ciphertext is gone at once.
6. Everything appears whole or not at all: written beside, fsynced, renamed.
"""

import datetime as dt
import hashlib
import hmac
import json
import os
import re
import secrets
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from io import FileIO
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

from gateway.package.pickup import PARCEL_FORMAT, PARCEL_ID_CHARACTERS

MOST_WRONG: Final = 5
_KEPT: Final = dt.timedelta(days=30)
_ID: Final = re.compile(rf"[0-9a-f]{{{PARCEL_ID_CHARACTERS}}}\Z")
_DOWNLOAD: Final = re.compile(r"[0-9a-f]{32}\Z")
_CIPHERTEXT, _DESCRIPTION, _STATE = "ciphertext", "description.json", "state.json"


class Ended(StrEnum):
    """How a parcel ended; what has not ended lies there."""

    NOT = ""
    COLLECTED = "collected"
    EXPIRED = "expired"
    LOCKED = "locked"
    RECALLED = "recalled"


class Description(BaseModel):
    """What the gateway says of a parcel; see `gateway.package.pickup.ParcelDescription`."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, hide_input_in_errors=True)

    format: str = Field(pattern=f"^{PARCEL_FORMAT}$")
    file_name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    size: int = Field(gt=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    verifier: str = Field(pattern=r"^[0-9a-f]{64}$")
    link_verifier: str = Field(pattern=r"^[0-9a-f]{64}$")
    until: dt.datetime
    downloads: int = Field(ge=1, le=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What whoever wants a parcel shows: `access` needs link and code, `link` the link alone."""

    access: bytes = field(repr=False)
    link: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What has become of a parcel; `opened` tells that some of its ciphertext was given out.

    `confirmed` are the numbers of the downloads that the `receipts` are of.
    """

    wrong: int = 0
    opened: bool = False
    receipts: tuple[dt.datetime, ...] = ()
    confirmed: tuple[str, ...] = ()
    ended: Ended = Ended.NOT
    ended_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One parcel as it stands."""

    id: str
    description: Description
    state: State


class RefusedError(Exception):
    """Why something can not be had: an HTTP status, a code for the page, and how many tries are left."""

    def __init__(self, status: int, code: str, *, left: int | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.left = left


_STATES: Final = TypeAdapter(State)


class ParcelStore:
    """Keeps parcels below a folder that only this process writes to. Blocking; safe to call from several threads."""

    def __init__(self, root: Path, *, now: Callable[[], dt.datetime]) -> None:
        self._root = root
        self._now = now
        self._lock = threading.Lock()
        self._unwritten: dict[str, int] = {}

    def prepare(self) -> None:
        """Make the folder, and take away what an upload left that was cut off."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._root.glob("*.part"):
            shutil.rmtree(left)

    # ---- by the gateway ----------------------------------------------------------------------------------------

    def begin(self, parcel: str, description: Description) -> "Arrival | None":
        """Begin to take a parcel in; None when the very same one came before. Raises RefusedError 409 for another."""
        if not _ID.match(parcel):
            raise RefusedError(422, "not-as-described")
        found = self._find(parcel)
        if found is None:
            return Arrival(self._root / f"{parcel}.{secrets.token_hex(8)}.part", description)
        if found.description != description:
            raise RefusedError(409, "taken")
        return None

    def finish(self, parcel: str, arrival: "Arrival") -> None:
        """Keep what has come, if it is what was described. Raises RefusedError 422, 507."""
        arrival.close()
        _write(arrival.folder / _DESCRIPTION, arrival.description.model_dump_json(by_alias=True).encode())
        _write(arrival.folder / _STATE, _STATES.dump_json(State()))
        with self._lock, suppress(OSError):
            # Two uploads at once hold the same: whoever comes second finds it there.
            arrival.folder.rename(self._root / parcel)
        _sync(self._root)
        if self._find(parcel) is None:
            raise RefusedError(507, "not-kept")

    def report(self, parcel: str) -> Parcel:
        """Say how a parcel stands, or how it ended. Raises RefusedError 404."""
        with self._lock:
            return self._current(parcel)

    def recall(self, parcel: str) -> None:
        """Take a parcel back of which nothing was given out. Raises RefusedError 404, 409."""
        with self._lock:
            found = self._current(parcel)
            if found.state.ended is Ended.RECALLED:
                return
            if found.state.opened or found.state.ended:
                raise RefusedError(409, "too-late")
            self._end(found, Ended.RECALLED)

    # ---- by whoever has link and code --------------------------------------------------------------------------

    def enter(self, parcel: str, shown: Shown) -> Parcel:
        """Let in whoever shows the right values. Raises RefusedError: 404, 401 with the tries left, 423, 410."""
        with self._lock:
            found = self._current(parcel)
            if not _is(shown.link, found.description.link_verifier):
                raise RefusedError(404, "unknown")
            if found.state.ended is Ended.LOCKED:
                raise RefusedError(423, "locked")
            if found.state.ended:
                raise RefusedError(410, found.state.ended.value)
            wrong = max(found.state.wrong, self._unwritten.get(parcel, 0))
            if wrong < MOST_WRONG:
                if _is(shown.access, found.description.verifier):
                    return found
                wrong += 1
            # A full disk, or a crash before the parcel had ended, gives nobody another try.
            self._unwritten[parcel] = wrong
            found = self._keep(found, replace(found.state, wrong=wrong))
            del self._unwritten[parcel]
            if wrong >= MOST_WRONG:
                self._end(found, Ended.LOCKED)
                raise RefusedError(423, "locked")
            raise RefusedError(401, "wrong-code", left=MOST_WRONG - wrong)

    def open_content(self, parcel: str, shown: Shown) -> FileIO:
        """Open a parcel's ciphertext, for its reader to close. Raises as `enter`."""
        self.enter(parcel, shown)
        with self._lock:
            found = self._current(parcel)
            if found.state.ended:
                raise RefusedError(410, found.state.ended.value)
            if not found.state.opened:
                self._keep(found, replace(found.state, opened=True))
            return FileIO(os.open(self._root / parcel / _CIPHERTEXT, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC))

    def confirm(self, parcel: str, shown: Shown, download: str) -> int:
        """Note that one download was fetched whole and decrypted; give how often there can be another.

        Said again, it changes nothing, also when it was the last one. Raises as `enter`; 400 for a number that is none.
        """
        if not _DOWNLOAD.match(download):
            raise RefusedError(400, "unreadable")
        with self._lock:
            again = self._find(parcel)
            if again is not None and download in again.state.confirmed and _is_right(shown, again.description):
                return _left(again)
        self.enter(parcel, shown)
        with self._lock:
            found = self._current(parcel)
            receipts, confirmed = (*found.state.receipts, self._now()), (*found.state.confirmed, download)
            found = self._keep(found, replace(found.state, receipts=receipts, confirmed=confirmed, opened=True))
            if not _left(found):
                self._end(found, Ended.COLLECTED)
            return _left(found)

    # ---- by time -----------------------------------------------------------------------------------------------

    def pass_time(self) -> None:
        """End what has expired, and forget what ended long ago."""
        for folder in self._root.iterdir():
            if not _ID.match(folder.name):
                continue
            # One that is damaged, or a full disk, keeps no other from ending.
            with self._lock, suppress(RefusedError, ValueError, OSError):
                state = self._current(folder.name).state
                if state.ended_at is not None and state.ended_at + _KEPT < self._now():
                    shutil.rmtree(folder)

    # ---- shared ------------------------------------------------------------------------------------------------

    def _find(self, parcel: str) -> Parcel | None:
        if not _ID.match(parcel):
            return None
        folder = self._root / parcel
        try:
            description = Description.model_validate_json((folder / _DESCRIPTION).read_bytes())
            state = _STATES.validate_json((folder / _STATE).read_bytes())
        except FileNotFoundError:
            return None
        return Parcel(id=parcel, description=description, state=state)

    def _current(self, parcel: str) -> Parcel:
        found = self._find(parcel)
        if found is None:
            raise RefusedError(404, "unknown")
        if not found.state.ended and found.description.until <= self._now():
            return self._end(found, Ended.EXPIRED)
        return found

    def _keep(self, parcel: Parcel, state: State) -> Parcel:
        _write(self._root / parcel.id / _STATE, _STATES.dump_json(state))
        return replace(parcel, state=state)

    def _end(self, parcel: Parcel, ended: Ended) -> Parcel:
        # First, so that on a full disk there is room to write that it ended: nobody would ever make any otherwise.
        (self._root / parcel.id / _CIPHERTEXT).unlink(missing_ok=True)
        return self._keep(parcel, replace(parcel.state, ended=ended, ended_at=self._now()))


class Arrival:
    """Ciphertext on its way into a folder of its own, compared with its description."""

    def __init__(self, folder: Path, description: Description) -> None:
        folder.mkdir(mode=0o700)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self.folder = folder
        self.description = description
        self._file = os.fdopen(os.open(folder / _CIPHERTEXT, flags, 0o600), "wb", buffering=0)
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, piece: bytes) -> None:
        """Write the next bytes. Raises RefusedError 422 for more than was said."""
        self._size += len(piece)
        if self._size > self.description.size:
            raise RefusedError(422, "not-as-described")
        self._digest.update(piece)
        rest = memoryview(piece)
        while rest:
            rest = rest[self._file.write(rest) :]

    def close(self) -> None:
        """Flush it. Raises RefusedError 422 when it is not what was described."""
        if (self._size, self._digest.hexdigest()) != (self.description.size, self.description.sha256):
            raise RefusedError(422, "not-as-described")
        os.fsync(self._file.fileno())

    def leave(self) -> None:
        """Take away what was not kept."""
        self._file.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _left(parcel: Parcel) -> int:
    return max(parcel.description.downloads - len(parcel.state.receipts), 0)


def _is_right(shown: Shown, description: Description) -> bool:
    return _is(shown.link, description.link_verifier) and _is(shown.access, description.verifier)


def _is(value: bytes, verifier: str) -> bool:
    """Compare a value with its SHA-256, in the same time for every wrong one."""
    return hmac.compare_digest(hashlib.sha256(value).hexdigest(), verifier)


def as_report(parcel: Parcel) -> bytes:
    """Write how a parcel stands, as the gateway reads it."""
    content = {
        "ended": parcel.state.ended.value,
        "opened": parcel.state.opened,
        "wrong": parcel.state.wrong,
        "receipts": [each.isoformat(timespec="seconds") for each in parcel.state.receipts],
        "sha256": parcel.description.sha256,
    }
    return json.dumps(content).encode("ascii")


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    beside.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
