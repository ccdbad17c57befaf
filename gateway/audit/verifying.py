"""Verifies a whole log against everything that it has signed, and proves single lines of it; nothing is changed.

What counts is the lines and the checkpoints, and the keys by which the reader knows log and witnesses. The tree beside
them is only used to say in which line a fault is.
"""

import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from gateway.audit.checkpoint import Checkpoint, LineProof, trusted_checkpoint
from gateway.audit.findings import Doubt, LogFault, Verified, Witnessed
from gateway.audit.notes import Note, NoteError, NoteKey, Signature, read_note
from gateway.audit.reading import lines_of, verify_sequence
from gateway.audit.tree import Growing, Hashes, Subtree, inclusion_proof, leaf_hash
from gateway.audit.tree_files import TREE, checkpoints_of, hashes_in, latest_checkpoint
from gateway.package.errors import Code, SluisError

LINES = "log"
_TRIES = 10
_MOMENT_SECONDS = 0.05


def verify_log(folder: Path, keys: Sequence[NoteKey], *, trusted: Iterable[Note] = ()) -> Verified:
    """Verify all lines of the log in `folder` against all its checkpoints, and those that are `trusted` from elsewhere.

    The first key is the log's own. Raises SluisError `audit-unavailable` when a file can not be read.
    """
    try:
        signed = _read_checkpoints(folder, keys, trusted)
        growing, faults = _compare(folder, sorted(signed.checkpoints, key=lambda each: each.size))
        faults += signed.faults
        covered = _signed_size(folder, keys[0], growing.size)
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
        order=tuple(verify_sequence(folder / LINES)) if growing.size else (),
    )


def prove_line(folder: Path, own: NoteKey, index: int) -> LineProof:
    """Prove one line with the log's last checkpoint.

    Raises SluisError `not-found` when the log has not signed for such a line yet, `audit-unavailable`.
    """
    return next(prove_lines(folder, own, (index,)))


def prove_lines(folder: Path, own: NoteKey, indices: Iterable[int]) -> Iterator[LineProof]:
    """Prove lines in their order, all with the checkpoint that is the last one now. Raises as `prove_line` does."""
    try:
        latest = latest_checkpoint(folder, own)
        if latest is None:
            raise SluisError(Code.NOT_FOUND)
        with _tree(folder) as hashes:
            for index in indices:
                if not 0 <= index < latest[1].size:
                    raise SluisError(Code.NOT_FOUND)
                yield LineProof(index, tuple(inclusion_proof(index, latest[1].size, hashes)), latest[0])
    except OSError as error:
        raise _unavailable(error) from error


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


def _compare(folder: Path, checkpoints: Sequence[Checkpoint]) -> tuple[Growing, list[LogFault]]:
    """Build the tree of all lines anew and compare it at the size of each checkpoint; tell the first difference."""
    growing, good, place = Growing(), 0, 0
    faults: list[LogFault] = []
    # Before the first event there is no folder of lines; one that was removed is missed by the checkpoints.
    for _, _, line in lines_of(folder / LINES) if (folder / LINES).exists() else ():
        growing.add(leaf_hash(line))
        while place < len(checkpoints) and checkpoints[place].size <= growing.size:
            if checkpoints[place].root == growing.root():
                good = growing.size
            elif not faults:
                faults.append(_narrowed(folder, good, growing.size))
            place += 1
    if place < len(checkpoints):
        faults.append(LogFault(Doubt.LINES_MISSING, growing.size, checkpoints[-1].size))
    return growing, faults


def _narrowed(folder: Path, good: int, end: int) -> LogFault:
    """Find the first line of a range whose hash is not the one that the tree beside it remembers, if there is one."""
    lines = islice(lines_of(folder / LINES), good, end)
    with contextlib.suppress(OSError), _tree(folder) as hashes:
        remembered = hashes([Subtree(0, index) for index in range(good, end)])
        for index, ((_, _, line), leaf) in enumerate(zip(lines, remembered, strict=False), good):
            if leaf_hash(line) != leaf:
                return LogFault(Doubt.CHANGED, index, index + 1)
    return LogFault(Doubt.CHANGED, good, end)


def _signed_size(folder: Path, own: NoteKey, size: int) -> int:
    """Tell for how many lines the log has signed; a log that is being written gets a moment to sign its last group."""
    signed = 0
    for _ in range(_TRIES):
        latest = latest_checkpoint(folder, own)
        signed = latest[1].size if latest else 0
        if signed >= size:
            break
        time.sleep(_MOMENT_SECONDS)
    return signed


@contextlib.contextmanager
def _tree(folder: Path) -> Iterator[Hashes]:
    with (folder / TREE).open("rb") as source:
        yield lambda subtrees: hashes_in(source.fileno(), subtrees)


def _unavailable(error: OSError) -> SluisError:
    return SluisError(Code.AUDIT_UNAVAILABLE, detail={"errno": error.errno or 0})
