"""The deletion of the log's oldest lines: what stays of them, and how it is known that nobody else took them away.

Rules, in order:
1. Whole files are deleted, the oldest ones first. The event that says so, with both people and the policy, is a line of
   the log itself, durable and signed, before the first file goes.
2. The hashes of deleted lines stay in `tree`. With them the root, every checkpoint from before and every proof still
   hold, and new proofs of old lines can be made; the salt that made a line unguessable is gone with it.
3. `deletion` has a copy of the last such line, so that a start need not read the whole log. It is believed only when
   the tree proves that it is a line of this log, and one that the log has signed for: whoever can write files can put
   lines behind the last checkpoint. So that checkpoint is on disk before the first file goes.
4. A log that begins later than its last deletion says is not opened: somebody took lines away.
5. A log that begins earlier was deleted from when the power went: the rest is removed when it is opened again, and
   told.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from gateway.audit.deletion_records import Deletion, read_deletion
from gateway.audit.segments import Segments, first_index, flush_folder, spans_of
from gateway.audit.tree_files import TreeFiles
from gateway.package.errors import Code, SluisError

DELETION = "deletion"
_NEXT = "deletion.next"
_FILE_MODE = 0o640


@dataclass(frozen=True, slots=True)
class Prefix:
    """The oldest lines of a log, which end where a file ends."""

    first: int
    end: int
    root: bytes


class Deletions:
    """The deletions of one log, which `segments` and `tree` write. Not safe for use by two threads at once."""

    def __init__(self, folder: Path, *, segments: Segments, tree: TreeFiles) -> None:
        self._folder = folder
        self._segments = segments
        self._tree = tree

    def prefix(self, lines: Path, *, until: str) -> Prefix | None:
        """Give the lines in files of days before `until` (YYYY-MM-DD), None when there are none. Raises OSError."""
        spans = [each for each in spans_of(lines) if each.name < until]
        if not spans or spans[0].first >= spans[-1].end:
            return None
        return Prefix(spans[0].first, spans[-1].end, self._tree.root_of(spans[-1].end))

    def announce(self, line: bytes) -> None:
        """Make durable what the deletion leaves, and the line that is about to tell of it. Raises OSError."""
        self._tree.flush()
        _write_flushed(self._folder / _NEXT, line)

    def settle(self, lines: Path) -> int:
        """Do what the last deletion left to do; give how many files were removed. Before anything else is signed.

        Raises OSError; SluisError `audit-changed` when the log begins where no deletion says that it does.
        """
        last = self._last()
        end, first = (last.end if last else 0), first_index(lines)
        if first > end:
            raise SluisError(Code.AUDIT_CHANGED, detail={"signed": end, "found": first})
        if first == end:
            return 0
        self._tree.flush()
        return self._segments.remove_before(end)

    def _last(self) -> Deletion | None:
        """Give the last deletion that is a line of this log, and make its copy the one that counts."""
        kept, following = self._believed(DELETION), self._believed(_NEXT)
        if following is not None and (kept is None or kept.end < following.end):
            (self._folder / _NEXT).rename(self._folder / DELETION)
            flush_folder(self._folder)
            return following
        # Written, but the line itself never was: that deletion was not announced, and did not begin.
        (self._folder / _NEXT).unlink(missing_ok=True)
        return kept

    def _believed(self, name: str) -> Deletion | None:
        try:
            line = (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        told = read_deletion(line)
        signed = told is not None and told.index < self._tree.signed
        return told if told is not None and signed and self._tree.holds(line, told.index) else None


def goes_on(folder: Path, deletion: Deletion, *, signed: int) -> bool:
    """Tell whether the next start goes on with a deletion: one that the log has signed for, with its copy beside it."""
    copies = [folder / name for name in (DELETION, _NEXT)]
    told = [read_deletion(each.read_bytes()) for each in copies if each.exists()]
    return deletion in told and deletion.index < signed


def was_announced(folder: Path) -> bool:
    """Tell whether what a deletion leaves beside the log is there; that proves nothing, nor does that it is not."""
    return any((folder / name).exists() for name in (DELETION, _NEXT))


def _write_flushed(path: Path, content: bytes) -> None:
    """Write a file anew and flush it with its name; half of it is nothing that `_believed` would take."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, _FILE_MODE)
    with os.fdopen(descriptor, "wb") as target:
        target.write(content)
        target.flush()
        os.fsync(descriptor)
    flush_folder(path.parent)
