"""Verifies a whole log against everything that it has signed, and proves single lines of it; nothing is changed.

What counts is the lines and the checkpoints, and the keys by which the reader knows log and witnesses. The tree beside
them is only used to say in which line a fault is, and for the hashes of lines that were deleted: whether those are the
true ones the checkpoints show as well, and that the lines were deleted by two people an event among the other lines.

A deletion that was interrupted, or is under way, is told as what it is: the event is in the log before the first file
goes, so lines before the one up to which it was approved may be there or not. Lines behind that one may not be missing.
One that the log had not signed for when the power went has removed nothing, and no start goes on with it.
"""

import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from gateway.audit.checkpoint import Checkpoint, LineProof, trusted_checkpoint
from gateway.audit.deletion_records import Deletion, read_deletion
from gateway.audit.deletions import goes_on, was_announced
from gateway.audit.findings import Doubt, LogFault, Verified, Witnessed
from gateway.audit.notes import Note, NoteError, NoteKey, Signature, read_note
from gateway.audit.reading import lines_of, verify_sequence
from gateway.audit.segments import first_index
from gateway.audit.tree import HASH_BYTES, Growing, Hashes, Subtree, includes, inclusion_proof, leaf_hash
from gateway.audit.tree_files import TREE, checkpoints_of, hashes_in, latest_checkpoint, leaves_in, leaves_of
from gateway.package.errors import Code, SluisError

LINES = "log"
_TRIES = 10
_MOMENT_SECONDS = 0.05


def verify_log(folder: Path, keys: Sequence[NoteKey], *, trusted: Iterable[Note] = ()) -> Verified:
    """Verify all lines of the log in `folder` against all its checkpoints, and those that are `trusted` from elsewhere.

    The first key is the log's own. Raises SluisError `audit-unavailable` when a file can not be read.
    """
    trusted, begins = [*trusted], _begins_at(folder)
    try:
        verified = _verified(folder, keys, trusted)
    except SluisError:
        if _begins_at(folder) == begins:
            raise
    else:
        if verified.holds or _begins_at(folder) == begins:
            return verified
    # Files went while they were read: what was seen is the log of no moment.
    return _verified(folder, keys, trusted)


def _verified(folder: Path, keys: Sequence[NoteKey], trusted: Sequence[Note]) -> Verified:
    try:
        signed = _read_checkpoints(folder, keys, trusted)
        beginning = _beginning_of(folder / LINES, folder)
        growing, faults = _compare(folder, beginning, sorted(signed.checkpoints, key=lambda each: each.size))
        faults = [*beginning.faults, *faults, *signed.faults]
        covered = _signed_size(folder, keys[0], growing.size, tries=1 if faults else _TRIES)
        pending, lapsed = beginning.unfinished, None
        if pending and pending != beginning.deletion and not goes_on(folder, pending, signed=covered):
            pending, lapsed = None, pending
    except OSError as error:
        raise _unavailable(error) from error
    if covered < growing.size:
        faults.append(LogFault(Doubt.NOT_SIGNED, covered, growing.size))
    return Verified(
        origin=keys[0].name,
        size=growing.size,
        root=growing.root(),
        checkpoints=len(signed.checkpoints),
        witnessed=signed.witnessed,
        faults=tuple(faults),
        order=tuple(verify_sequence(folder / LINES, first=beginning.first)) if growing.size else (),
        first=beginning.first,
        deletion=beginning.deletion,
        unfinished=pending,
        lapsed=lapsed,
    )


def prove_lines(folder: Path, own: NoteKey, indices: Sequence[int]) -> Iterator[LineProof]:
    """Prove lines in their order, all with one checkpoint, the last one.

    Raises SluisError `event-unsigned` when the log has not signed for such a line yet, `audit-unavailable`.
    """
    try:
        _signed_size(folder, own, max(indices, default=-1) + 1, tries=_TRIES)
        latest = latest_checkpoint(folder, own)
        if latest is None:
            raise SluisError(Code.EVENT_UNSIGNED)
        with _tree(folder) as hashes:
            for index in indices:
                if not 0 <= index < latest[1].size:
                    raise SluisError(Code.EVENT_UNSIGNED)
                yield LineProof(index, tuple(inclusion_proof(index, latest[1].size, hashes)), latest[0])
    except OSError as error:
        raise _unavailable(error) from error


def are_signed_for(folder: Path, own: NoteKey, lines: Iterable[tuple[int, bytes]]) -> bool:
    """Tell whether these lines, each with its number, are shown to be those that the last checkpoint signs for.

    Lines behind it are not asked about. Without the tree beside the log nothing shows it. Raises SluisError
    `audit-unavailable` when the checkpoints can not be read.
    """
    try:
        latest = latest_checkpoint(folder, own)
    except OSError as error:
        raise _unavailable(error) from error
    size, root = (latest[1].size, latest[1].root) if latest else (0, b"")
    with contextlib.suppress(OSError), _tree(folder) as hashes:
        return all(
            includes(inclusion_proof(index, size, hashes), index=index, size=size, leaf=leaf_hash(line), root=root)
            for index, line in lines
            if 0 <= index < size
        )
    return False


@dataclass(slots=True)
class _Signed:
    """What the log, and those who vouch for it, have signed."""

    checkpoints: list[Checkpoint] = field(default_factory=list)
    witnesses: dict[str, Witnessed] = field(default_factory=dict)
    faults: list[LogFault] = field(default_factory=list)

    @property
    def witnessed(self) -> tuple[Witnessed, ...]:
        return tuple(self.witnesses.values())

    def add(self, checkpoint: Checkpoint, cosignatures: Iterable[Signature]) -> None:
        self.checkpoints.append(checkpoint)
        for each in cosignatures:
            self.witnesses[each.name] = Witnessed(each.name, checkpoint.size, each.cosigned_at)


def _read_checkpoints(folder: Path, keys: Sequence[NoteKey], trusted: Iterable[Note]) -> _Signed:
    signed, size = _Signed(), 0
    for content in checkpoints_of(folder):
        try:
            checkpoint, cosignatures = trusted_checkpoint(read_note(content), keys)
        except NoteError:
            signed.faults.append(LogFault(Doubt.CHECKPOINT_FALSE, size, size))
            continue
        size = checkpoint.size
        signed.add(checkpoint, cosignatures)
    for note in trusted:
        signed.add(*trusted_checkpoint(note, keys))
    return signed


@dataclass(frozen=True, slots=True)
class _Beginning:
    """Where a log begins now, and why there; without deletion and fault it is the beginning that it always had.

    `unfinished` is the last deletion of lines of which some are still there.
    """

    first: int = 0
    deletion: Deletion | None = None
    unfinished: Deletion | None = None
    faults: tuple[LogFault, ...] = ()


def _beginning_of(lines: Path, folder: Path) -> _Beginning:
    """Find out whether lines before the first one were deleted, and whether the log itself says so. Raises OSError."""
    claimed = _begins_at(folder)
    # To look for one that was only announced, where every line is there, takes a pass over all of them.
    told = [*_deletions_in(lines)] if claimed or was_announced(folder) else []
    unfinished = max((each for each in told if each.end > claimed), key=lambda each: each.index, default=None)
    if not claimed:
        return _Beginning(unfinished=unfinished)
    deletion = min((each for each in told if each.end >= claimed), key=lambda each: each.end, default=None)
    if not _remembers(folder, claimed):
        # Nothing can be computed any more; without a deletion the lines are taken as what they should be, and are not.
        faults = (LogFault(Doubt.HASHES_MISSING, 0, claimed),) if deletion else ()
        return _Beginning(deletion=deletion, faults=faults)
    if deletion is not None and deletion.end == claimed:
        return _Beginning(claimed, deletion, unfinished)
    if not _is_remembered(lines, folder, claimed):
        # The first line is not what it says it is; that is for the checkpoints to show.
        return _Beginning()
    if deletion is not None:
        return _Beginning(claimed, deletion, unfinished)
    deleted = max((each.end for each in told), default=0)
    return _Beginning(claimed, faults=(LogFault(Doubt.LINES_MISSING, deleted, claimed),))


def _begins_at(folder: Path) -> int:
    """Give the number that the first line bears; before the first event there is no folder of lines.

    One that was removed is missed by the checkpoints. Raises SluisError `audit-unavailable`.
    """
    try:
        return first_index(folder / LINES) if (folder / LINES).exists() else 0
    except OSError as error:
        raise _unavailable(error) from error


def _deletions_in(lines: Path) -> Iterator[Deletion]:
    for _, _, line in lines_of(lines) if lines.exists() else ():
        if (told := read_deletion(line)) is not None:
            yield told


def _remembers(folder: Path, size: int) -> bool:
    """Tell whether the tree has the hashes of so many lines."""
    with contextlib.suppress(OSError):
        return leaves_in((folder / TREE).stat().st_size // HASH_BYTES) >= size
    return False


def _is_remembered(lines: Path, folder: Path, index: int) -> bool:
    """Tell whether the first line that is there has, by the tree, the number that it claims."""
    with contextlib.suppress(OSError), _tree(folder) as hashes:
        return [leaf_hash(line) for _, _, line in islice(lines_of(lines), 1)] == hashes([Subtree(0, index)])
    return False


def _leaves(folder: Path, first: int) -> Iterator[bytes]:
    """Give the hash of every line of the log, of deleted ones as the tree remembers it."""
    yield from leaves_of(folder, first) if first else ()
    for _, _, line in lines_of(folder / LINES) if (folder / LINES).exists() else ():
        yield leaf_hash(line)


def _compare(folder: Path, beginning: _Beginning, checkpoints: Sequence[Checkpoint]) -> tuple[Growing, list[LogFault]]:
    """Build the tree of all lines anew and compare it at the size of each checkpoint; tell the first difference."""
    growing, good, place = Growing(), 0, 0
    faults: list[LogFault] = []
    roots = {each.end: each.root for each in (beginning.deletion, beginning.unfinished) if each is not None}
    for leaf in _leaves(folder, beginning.first):
        growing.add(leaf)
        while place < len(checkpoints) and checkpoints[place].size <= growing.size:
            if checkpoints[place].root == growing.root():
                good = growing.size
            elif not faults:
                faults.append(_narrowed(folder, beginning.first, good, growing.size))
            place += 1
        if not faults and growing.size in roots and growing.root() != roots[growing.size]:
            faults.append(LogFault(Doubt.CHANGED, 0, growing.size))
    if place < len(checkpoints):
        faults.append(LogFault(Doubt.LINES_MISSING, growing.size, checkpoints[-1].size))
    return growing, faults


def _narrowed(folder: Path, first: int, good: int, end: int) -> LogFault:
    """Find the first line of a range whose hash is not the one that the tree beside it remembers, if there is one."""
    begin = max(first, good)
    lines = islice(lines_of(folder / LINES), begin - first, max(begin, end) - first)
    with contextlib.suppress(OSError), _tree(folder) as hashes:
        remembered = hashes([Subtree(0, index) for index in range(begin, end)])
        for index, ((_, _, line), leaf) in enumerate(zip(lines, remembered, strict=False), begin):
            if leaf_hash(line) != leaf:
                return LogFault(Doubt.CHANGED, index, index + 1)
    return LogFault(Doubt.CHANGED, good, end)


def _signed_size(folder: Path, own: NoteKey, size: int, *, tries: int) -> int:
    """Tell for how many lines the log has signed; a log that is being written gets a moment to sign its last group."""
    signed = 0
    for _ in range(tries):
        latest = latest_checkpoint(folder, own)
        signed = latest[1].size if latest else 0
        if signed >= size or tries == 1:
            break
        time.sleep(_MOMENT_SECONDS)
    return signed


@contextlib.contextmanager
def _tree(folder: Path) -> Iterator[Hashes]:
    with (folder / TREE).open("rb") as source:
        yield lambda subtrees: hashes_in(source.fileno(), subtrees)


def _unavailable(error: OSError) -> SluisError:
    return SluisError(Code.AUDIT_UNAVAILABLE, detail={"errno": error.errno or 0})
