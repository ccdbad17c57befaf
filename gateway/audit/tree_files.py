"""The log's tree and checkpoints on disk, beside its lines: what proofs are made of, and what the log has signed.

Rules, in order:
1. `tree` holds the hash of every leaf and of every subtree that is complete, 32 bytes each, in the order in which they
   came to be. It can be made again from the lines and is never evidence by itself. The hashes of lines that were
   deleted are all that is left of them: that part is flushed before the lines go, and nothing can make it again.
2. `checkpoints` holds every checkpoint that was signed, in order, each followed by an empty line. A line is durable
   before the checkpoint over it is signed, so that a checkpoint that gets lost with the power can be signed again
   and says the same: what is in the file need not be on disk before anybody is answered.
3. The tree is flushed each time that it grew by `_FLUSH_LEAVES`; what came later is not believed when it is opened
   again, but made from the lines.
4. A log that has fewer lines than it has signed for, or other ones, is not opened: somebody has changed it.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from gateway.audit.checkpoint import Checkpoint, read_checkpoint
from gateway.audit.notes import Note, NoteError, NoteKey, NoteSigner, read_note
from gateway.audit.tree import (
    HASH_BYTES,
    Growing,
    Subtree,
    includes,
    inclusion_proof,
    leaf_hash,
    root_of,
    subtrees_of,
)
from gateway.package.errors import Code, SluisError

TREE = "tree"
CHECKPOINTS = "checkpoints"
_FILE_MODE = 0o640
_FLUSH_LEAVES = 1024
_NOTE_END = b"\n\n\n"
_BLOCK = 65_536
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class TreeFiles:
    """Writes the tree and signs its checkpoints. Not safe for use by two threads at once.

    Args:
        folder: where both files lie, above the folder of the lines.
        signer: the log's own key.
        last_leaves: gives the leaf hashes of that many of the log's last lines, oldest first.
    """

    def __init__(self, *, folder: Path, signer: NoteSigner, last_leaves: Callable[[int], Sequence[bytes]]) -> None:
        self._folder = folder
        self._signer = signer
        self._last_leaves = last_leaves
        self._tree: int | None = None
        self._checkpoints: int | None = None
        self._growing = Growing()
        self._flushed = 0
        self._signed = 0
        self._latest: Note | None = None

    @property
    def latest(self) -> Note | None:
        """The last checkpoint, as the log signed it; None as long as the log is empty."""
        return self._latest

    @property
    def signed(self) -> int:
        """How many lines the last checkpoint is over: what stands behind them, nobody has vouched for yet."""
        return self._signed

    def open(self, *, size: int, first: int = 0) -> int:
        """Bring the tree to a log of `size` lines, and sign nothing; give the bytes of a torn checkpoint.

        `first` is the number of the first line that is still there.

        Raises OSError; SluisError `audit-changed` when the lines are not those that were signed for.
        """
        self.close()
        self._tree = os.open(self._folder / TREE, _FLAGS, _FILE_MODE)
        self._checkpoints = os.open(self._folder / CHECKPOINTS, _FLAGS, _FILE_MODE)
        signed, cut = self._find_latest()
        if signed is not None and signed.size > size:
            raise SluisError(Code.AUDIT_CHANGED, detail={"signed": signed.size, "found": size})
        self._rebuild(size, first)
        if signed is not None and root_of(signed.size, self.hashes) != signed.root:
            raise SluisError(Code.AUDIT_CHANGED, detail={"signed": signed.size, "found": size})
        self._signed = signed.size if signed is not None else 0
        return cut

    def sign_rest(self) -> int:
        """Sign what stands behind the last checkpoint, and tell how many lines that were. Raises OSError."""
        rest = self._growing.size - self._signed
        if rest:
            self._sign()
        return rest

    def grow(self, lines: Sequence[bytes]) -> None:
        """Add lines that are on disk, and sign. Raises OSError; then the tree has to be opened again."""
        self._add([leaf_hash(line) for line in lines])
        self._sign()

    def keep(self, cosigned: Note) -> None:
        """Keep a checkpoint of before with the signatures of others, and the last one behind it. Raises OSError."""
        latest = self._latest
        if latest is None or latest.text == cosigned.text:
            self._latest = cosigned
            self._write(cosigned)
        else:
            self._write(cosigned, latest)

    def hashes(self, subtrees: Sequence[Subtree]) -> list[bytes]:
        """Give the hashes of complete subtrees. Raises OSError."""
        if self._tree is None:
            raise OSError("the tree is closed")
        return hashes_in(self._tree, subtrees)

    def flush(self) -> None:
        """Make the tree and the checkpoints durable as far as they are. Raises OSError."""
        os.fdatasync(_opened(self._tree))
        os.fdatasync(_opened(self._checkpoints))

    def holds(self, line: bytes, index: int) -> bool:
        """Tell whether this very line has this number in the log that was signed last. Raises OSError."""
        size, root = self._growing.size, self._growing.root()
        if not 0 <= index < size:
            return False
        return includes(
            inclusion_proof(index, size, self.hashes), index=index, size=size, leaf=leaf_hash(line), root=root
        )

    def root_of(self, size: int) -> bytes:
        """Give the root that the log had when it had this many lines. Raises OSError."""
        return root_of(size, self.hashes)

    def close(self) -> None:
        """Flush and close both files."""
        for descriptor in (self._tree, self._checkpoints):
            if descriptor is not None:
                try:
                    os.fdatasync(descriptor)
                except OSError:
                    # Neither file has anything that could not be made again from the lines.
                    pass
                finally:
                    os.close(descriptor)
        self._tree = self._checkpoints = None

    def _find_latest(self) -> tuple[Checkpoint | None, int]:
        """Find the last whole checkpoint of ours and cut what stands behind it."""
        descriptor = _opened(self._checkpoints)
        size = os.fstat(descriptor).st_size
        end, self._latest, checkpoint = _last_own(descriptor, self._signer.public())
        os.ftruncate(descriptor, end)
        return checkpoint, size - end

    def _rebuild(self, size: int, first: int) -> None:
        """Believe what was flushed, and make the rest from the lines.

        Nothing is cut before it is known that the lines are there: the hashes of deleted ones can not be made again.
        """
        descriptor = _opened(self._tree)
        held = min(size, leaves_in(os.fstat(descriptor).st_size // HASH_BYTES))
        kept = max(0, held // _FLUSH_LEAVES - 1) * _FLUSH_LEAVES
        if kept < first <= held:
            kept = first
        missing = self._last_leaves(size - kept)
        if len(missing) != size - kept:
            raise SluisError(Code.AUDIT_CHANGED, detail={"signed": size, "found": kept + len(missing)})
        os.ftruncate(descriptor, hashes_of(kept) * HASH_BYTES)
        self._growing = Growing(kept, hashes_in(descriptor, [*subtrees_of(0, kept)]))
        self._flushed = kept
        self._add(missing)

    def _add(self, leaves: Sequence[bytes]) -> None:
        descriptor = _opened(self._tree)
        at = hashes_of(self._growing.size) * HASH_BYTES
        _write_at(descriptor, b"".join(each for leaf in leaves for each in self._growing.add(leaf)), at)
        if self._growing.size // _FLUSH_LEAVES > self._flushed // _FLUSH_LEAVES:
            os.fdatasync(descriptor)
            self._flushed = self._growing.size

    def _sign(self) -> None:
        text = Checkpoint(self._signer.name, self._growing.size, self._growing.root()).as_text()
        note = Note(text, (self._signer.sign(text),))
        self._write(note)
        self._latest, self._signed = note, self._growing.size

    def _write(self, *notes: Note) -> None:
        descriptor = _opened(self._checkpoints)
        content = b"".join(each.as_bytes() + b"\n\n" for each in notes)
        _write_at(descriptor, content, os.fstat(descriptor).st_size)


def hashes_of(leaves: int) -> int:
    """Tell how many hashes the tree of that many leaves is made of."""
    return 2 * leaves - leaves.bit_count()


def leaves_in(hashes: int) -> int:
    """Tell how many leaves are whole, with all that they completed, in that many hashes."""
    leaves = hashes // 2
    while hashes_of(leaves + 1) <= hashes:
        leaves += 1
    return leaves


def hashes_in(descriptor: int, subtrees: Sequence[Subtree]) -> list[bytes]:
    """Read the hashes of complete subtrees out of an open tree. Raises OSError."""
    found = [os.pread(descriptor, HASH_BYTES, _place_of(each) * HASH_BYTES) for each in subtrees]
    if any(len(each) != HASH_BYTES for each in found):
        raise OSError("the tree has an end that was not expected")
    return found


def leaves_of(folder: Path, end: int) -> Iterator[bytes]:
    """Give the hashes of the first `end` leaves as the tree remembers them. Raises OSError when it has fewer."""
    with (folder / TREE).open("rb") as source:
        for index in range(end):
            hashes = source.read((hashes_of(index + 1) - hashes_of(index)) * HASH_BYTES)
            if len(hashes) < HASH_BYTES:
                raise OSError("the tree has an end that was not expected")
            yield hashes[:HASH_BYTES]


def _place_of(subtree: Subtree) -> int:
    """Tell where a subtree's hash stands: behind that of its last leaf and of what that leaf completed before."""
    last_leaf = ((subtree.before + 1) << subtree.level) - 1
    return hashes_of(last_leaf) + subtree.level


def latest_checkpoint(folder: Path, own: NoteKey) -> tuple[Note, Checkpoint] | None:
    """Find the last checkpoint that the log with this key has signed, None when there is none yet. Raises OSError."""
    if not (folder / CHECKPOINTS).exists():
        return None
    with (folder / CHECKPOINTS).open("rb") as source:
        _, note, checkpoint = _last_own(source.fileno(), own)
    return None if note is None or checkpoint is None else (note, checkpoint)


def checkpoints_of(folder: Path) -> Iterator[bytes]:
    """Give all checkpoints as they were written, oldest first; one that is being written is none. Raises OSError."""
    if not (folder / CHECKPOINTS).exists():
        return
    with (folder / CHECKPOINTS).open("rb") as source:
        rest = b""
        while block := source.read(_BLOCK):
            *whole, rest = (rest + block).split(_NOTE_END)
            yield from (each + b"\n" for each in whole)


def _last_own(descriptor: int, own: NoteKey) -> tuple[int, Note | None, Checkpoint | None]:
    """Find the last whole checkpoint by this key, and where it ends."""
    for end, note in _notes_from_end(descriptor, os.fstat(descriptor).st_size):
        checkpoint = _own(note, own)
        if checkpoint is not None:
            return end, note, checkpoint
    return 0, None, None


def _own(note: Note, key: NoteKey) -> Checkpoint | None:
    """Read a checkpoint that this key has signed; None when it is none."""
    try:
        return read_checkpoint(note) if note.signed_by([key]) else None
    except NoteError:
        return None


def _notes_from_end(descriptor: int, size: int) -> Iterator[tuple[int, Note]]:
    """Give the notes of a file that can be read, last one first, each with the place where it ends."""
    window = _BLOCK
    while True:
        begin = max(0, size - window)
        block = os.pread(descriptor, size - begin, begin)
        yield from _notes_in(block, begin)
        if begin == 0:
            return
        window *= 8


def _notes_in(block: bytes, begin: int) -> Iterator[tuple[int, Note]]:
    end = block.rfind(_NOTE_END)
    while end >= 0:
        before = block.rfind(_NOTE_END, 0, end)
        content = block[before + len(_NOTE_END) if before >= 0 else 0 : end + 1]
        with contextlib.suppress(NoteError):
            yield begin + end + len(_NOTE_END), read_note(content)
        end = before


def _write_at(descriptor: int, content: bytes, at: int) -> None:
    rest = memoryview(content)
    while rest:
        written = os.pwrite(descriptor, rest, at)
        rest, at = rest[written:], at + written


def _opened(descriptor: int | None) -> int:
    if descriptor is None:
        raise OSError("the tree is closed")
    return descriptor
