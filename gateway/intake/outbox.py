"""The outbox: six folders in which people hand packages in and find their slips.

Rules, in order:
1. The scan is the truth. An entry is finished when a marker says so, or when nothing of its whole tree has changed for
   the settle time by our own clock; and in both cases only while nobody has a file of it open for writing.
2. A claim is a rename on one file system: of two that claim at once, one gets the entry. After the rename it is looked
   at again; what is not what was scanned, or is held open, goes back where it was.
3. Nothing is overwritten and nothing but an accepted entry is removed. What can not be moved stays where it is.
"""

import os
import stat
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.intake.entry_names import (
    MARKERS_INSIDE,
    claimed_name,
    ignored,
    marked_name,
    markers_of,
    numbered,
    parse_claimed,
)
from gateway.intake.entry_tree import Tree, look, moved_unchanged, tree_held, tree_of
from gateway.intake.leases import leases_work
from gateway.intake.moving import flush_folder, move_without_overwriting, remove_whole
from gateway.package.errors import Code, SluisError

_HELD_AGAIN_SECONDS: Final = 1.0
_STUCK_AGAIN_SECONDS: Final = 60.0
_MAX_NUMBERED: Final = 1000
_PROBE: Final = ".sluis-probe"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxFolders:
    """The names of the six folders; the numbers keep their order in any file browser."""

    draft: str
    send: str
    processing: str
    action_needed: str
    refused: str
    sent: str

    def names(self) -> tuple[str, ...]:
        """Give the six names in their order."""
        return (self.draft, self.send, self.processing, self.action_needed, self.refused, self.sent)


DUTCH_FOLDERS: Final = OutboxFolders(
    draft="0-Concept",
    send="1-Verzenden",
    processing="2-In behandeling",
    action_needed="3-Actie nodig",
    refused="4-Geweigerd",
    sent="5-Verzonden",
)
ENGLISH_FOLDERS: Final = OutboxFolders(
    draft="0-Draft",
    send="1-Send",
    processing="2-In progress",
    action_needed="3-Action needed",
    refused="4-Refused",
    sent="5-Sent",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A finished entry, as it was seen."""

    name: str = field(repr=False)
    tree: Tree = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """What a scan found: finished entries, how many are not finished, how many can not be taken, when to look again.

    `next_due` is on the caller's clock; None when nothing becomes ready by waiting alone.
    """

    ready: tuple[Entry, ...]
    waiting: int
    stuck: int
    next_due: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """An entry that is ours: its own name, where it lies now, and the user id of its owner.

    `leases` tells whether leases can be believed there, `private` whether an entry that other people may write to is
    refused.
    """

    name: str = field(repr=False)
    claim_id: str
    path: Path = field(repr=False)
    owner_uid: int
    leases: bool
    private: bool = False


@dataclass(slots=True)
class _Seen:
    tree: Tree
    since: float


class Outbox:
    """Scans, claims and gives back. Blocking; one call at a time, in whichever process it is used.

    `private` where people are told apart by who owns a file: then what others may write to is refused when it is read.
    """

    def __init__(self, *, root: Path, folders: OutboxFolders, settle_seconds: float, private: bool = False) -> None:
        self.root = root
        self.send = root / folders.send
        self.action_needed = root / folders.action_needed
        self.refused = root / folders.refused
        self.sent = root / folders.sent
        self._processing = root / folders.processing
        self._folders = folders
        self._settle = settle_seconds
        self._private = private
        self._leases = False
        self._seen: dict[str, _Seen] = {}
        self._stuck_until: dict[str, float] = {}
        self._now = 0.0

    def prepare(self) -> None:
        """Make the folders, and prove that entries can be moved between them.

        Raises SluisError `setting-invalid` when they can not be made or do not lie on one file system.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            for name in self._folders.names():
                mode = 0o700 if name == self._folders.processing else 0o770
                (self.root / name).mkdir(mode=mode, exist_ok=True)
            self._prove_moves()
            self.look()
        except OSError as error:
            raise SluisError(Code.SETTING_INVALID, where="outbox.path") from error

    def look(self) -> None:
        """Find out whether leases can be believed here; part of `prepare`, and enough for who finds the folders made.

        Raises OSError.
        """
        self._leases = leases_work(self.send)

    def _prove_moves(self) -> None:
        """Move a hidden empty file the way of an entry: two mounts of one disk look alike until something is moved."""
        places = [folder / _PROBE for folder in (self.send, self._processing, self.action_needed)]
        places[0].unlink(missing_ok=True)
        os.close(os.open(places[0], os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        try:
            places[0].rename(places[1])
            places[1].rename(places[2])
        finally:
            for place in places:
                place.unlink(missing_ok=True)

    # ---- scan ------------------------------------------------------------------------------------------------------

    def scan(self, *, now: float) -> ScanResult:
        """Look at everything that lies ready to be sent; `now` is in seconds on a clock that never goes back.

        Raises OSError when the folder can not be read.
        """
        self._now = now
        entries, marked = self._list()
        seen, ready, due = {}, [], []
        for name, status in entries.items():
            path = f"{self.send}/{name}"
            tree = tree_of(path, status)
            before = self._seen.get(name)
            current = before if before is not None and before.tree == tree else _Seen(tree, now)
            seen[name] = current
            ready_at = self._ready_at(name, current, marked=name in marked)
            if ready_at <= now and self._leases and tree_held(path, tree):
                ready_at = now + _HELD_AGAIN_SECONDS
            if ready_at <= now:
                ready.append(Entry(name=name, tree=tree))
            else:
                due.append(ready_at)
        self._seen = seen
        self._stuck_until = {name: until for name, until in self._stuck_until.items() if name in seen}
        return ScanResult(
            ready=tuple(ready), waiting=len(due), stuck=len(self._stuck_until), next_due=min(due, default=None)
        )

    def _list(self) -> tuple[dict[str, os.stat_result], set[str]]:
        """Give the status of each entry, and the names that have a marker beside them."""
        entries: dict[str, os.stat_result] = {}
        marked: set[str] = set()
        with os.scandir(self.send) as found:
            for each in found:
                if ignored(each.name):
                    continue
                finished = marked_name(each.name)
                if finished is not None and each.is_file(follow_symlinks=False):
                    marked.add(finished)
                    continue
                try:
                    entries[each.name] = each.stat(follow_symlinks=False)
                except FileNotFoundError:
                    # Gone between the listing and the look.
                    continue
        return entries, marked

    def _ready_at(self, name: str, seen: _Seen, *, marked: bool) -> float:
        earliest = self._stuck_until.get(name, seen.since)
        if marked or any(inside[0] in MARKERS_INSIDE for inside in seen.tree.inside):
            return earliest
        return max(earliest, seen.since + self._settle)

    # ---- claim -----------------------------------------------------------------------------------------------------

    def claim(self, wanted: Sequence[tuple[Entry, str]]) -> list[Claimed | None]:
        """Take entries out of people's hands, each under an id of the caller's, and make that durable by one flush.

        None for one that is gone, was changed or is being written, or can not be moved: then it lies where it lay, and
        a later scan will see it again.
        """
        taken = [self._take(entry, claim_id) for entry, claim_id in wanted]
        if any(taken):
            try:
                # Before anybody counts on it: an entry that a power cut put back would be taken, and sent, once more.
                flush_folder(self._processing)
            except OSError:
                return [None if each is None else self._put_back(each) for each in taken]
        return taken

    def _take(self, entry: Entry, claim_id: str) -> Claimed | None:
        if str(uuid.UUID(claim_id)) != claim_id:
            raise ValueError("a claim's id is a UUID in its canonical form")
        path = self._processing / claimed_name(entry.name, claim_id)
        self._seen.pop(entry.name, None)
        if not self._renamed(entry, path):
            return None
        claimed = self._claimed(entry.name, claim_id, path, owner=entry.tree.owner)
        with suppress(OSError):
            if self._still_finished(entry, str(path)):
                return claimed
        return self._put_back(claimed)

    def _put_back(self, claimed: Claimed) -> Claimed | None:
        """Put an entry back where it lay; None when that went well."""
        with suppress(OSError):
            if self._given_back(claimed, self.send):
                return None
        # It can not go back either: who reads it will see that it is being written, and give it to its owner.
        return claimed

    def is_stuck(self, name: str) -> bool:
        """Tell whether an entry of this name could not be moved when it was last claimed."""
        return name in self._stuck_until

    def note_stuck(self, name: str) -> None:
        """Leave an entry alone for a while: another process, which claims for this one, could not move it."""
        self._stuck_until[name] = self._now + _STUCK_AGAIN_SECONDS

    def _renamed(self, entry: Entry, path: Path) -> bool:
        try:
            # The marker goes first: one that stayed behind would vouch for another entry of the same name.
            for marker in markers_of(entry.name):
                with suppress(FileNotFoundError):
                    os.unlink(f"{self.send}/{marker}")  # noqa: PTH108 - half the time of a Path.
            (self.send / entry.name).rename(path)
        except FileNotFoundError:
            return False
        except OSError:
            self.note_stuck(entry.name)
            return False
        self._stuck_until.pop(entry.name, None)
        return True

    def _still_finished(self, entry: Entry, path: str) -> bool:
        tree = look(path)
        return moved_unchanged(entry.tree, tree) and not (self._leases and tree_held(path, tree))

    def claimed(self) -> Iterator[Claimed]:
        """List what a crash left claimed, in the order of the names."""
        for name in sorted(os.listdir(self._processing)):  # noqa: PTH208 - names, also those that are not UTF-8.
            parsed = parse_claimed(name)
            if parsed is not None:
                path = self._processing / name
                # One that was accepted may be unlinked just now.
                with suppress(FileNotFoundError):
                    yield self._claimed(*parsed, path, owner=path.lstat().st_uid)

    def _claimed(self, name: str, claim_id: str, path: Path, *, owner: int) -> Claimed:
        return Claimed(
            name=name, claim_id=claim_id, path=path, owner_uid=owner, leases=self._leases, private=self._private
        )

    # ---- end -------------------------------------------------------------------------------------------------------

    def discard(self, accepted: Iterable[Claimed]) -> list[tuple[Claimed, OSError]]:
        """Remove entries whose encrypted copies are durable, by one flush; give those that could not be removed.

        Raises OSError when the flush fails; calling it again goes on, also with what is gone already.
        """
        failed = []
        for claimed in accepted:
            try:
                remove_whole(claimed.path)
            except OSError as error:
                failed.append((claimed, error))
        flush_folder(self._processing)
        return failed

    def reject(self, claimed: Claimed) -> None:
        """Move an entry unchanged to where its owner can act, under its own name or the next free one.

        Raises OSError, after which it still lies where it lay. One that is gone already is fine.
        """
        try:
            if not self._given_back(claimed, self.action_needed):
                raise FileExistsError(f"{_MAX_NUMBERED} entries of one name")
        except FileNotFoundError:
            return
        flush_folder(self.action_needed)
        flush_folder(self._processing)

    def _given_back(self, claimed: Claimed, target: Path) -> bool:
        """Move an entry out of processing to the first free name; False when a thousand are taken."""
        folder = stat.S_ISDIR(claimed.path.lstat().st_mode)
        for number in range(1, _MAX_NUMBERED + 1):
            try:
                move_without_overwriting(claimed.path, target / numbered(claimed.name, number, folder=folder))
            except FileExistsError:
                continue
            return True
        return False
