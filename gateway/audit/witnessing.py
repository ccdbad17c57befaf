"""The witness: cosigns what a log says of itself as long as the log only grows, and remembers it (C2SP tlog-witness).

Rules, in order:
1. Nothing is believed that the log's own key has not signed, nor of a log that was not named beforehand.
2. A checkpoint is cosigned only when it is proved to begin with the last one that was: never a rollback, a rewrite or a
   second version of the same size.
3. What was cosigned is remembered on disk before anybody gets the cosignature.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from gateway.audit.checkpoint import Checkpoint, decoded, encoded, read_checkpoint, trusted_checkpoint
from gateway.audit.notes import MAX_NOTE_BYTES, Note, NoteError, NoteKey, NoteSigner, read_note, read_signatures
from gateway.audit.tree import is_consistent, joined

MAX_REQUEST_BYTES: Final = MAX_NOTE_BYTES + 4096
MAX_HASHES: Final = 63
TEXT: Final = "text/plain; charset=utf-8"
SIZE: Final = "text/x.tlog.size"
EMPTY_ROOT: Final = joined(())
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


class Memory(Protocol):
    """What a witness remembers: for each log, by its origin, the last checkpoint that it cosigned.

    An implementer promises that `keep` returns only when the checkpoint is on disk in place of the one before.
    """

    def last(self, origin: str, /) -> bytes | None:
        """Give the last checkpoint as it was kept; None when there is none. Raises OSError."""
        ...

    def keep(self, origin: str, note: bytes, /) -> None:
        """Remember a checkpoint. Raises OSError; then nothing may be cosigned."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a log, as HTTP gives it."""

    status: int
    body: bytes = b""
    media_type: str = TEXT


@dataclass(frozen=True, slots=True)
class Request:
    """What a log asks: a checkpoint, and the proof that it begins with the one of `old` lines."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def as_bytes(self) -> bytes:
        """Give the request as it is sent."""
        proof = "".join(f"{encoded(each)}\n" for each in self.proof)
        return f"old {self.old}\n{proof}\n".encode() + self.note.as_bytes()


class Witness:
    """Answers logs, one at a time: two answers at once could contradict each other.

    Args:
        signer: the witness's own key, of type COSIGNATURE.
        logs: the keys of the logs that it knows.
        memory: what it cosigned before.
        now: gives the time in seconds since 1970.
    """

    def __init__(self, *, signer: NoteSigner, logs: Sequence[NoteKey], memory: Memory, now: Callable[[], int]) -> None:
        self._signer = signer
        self._logs = tuple(logs)
        self._memory = memory
        self._now = now

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer one request. Raises OSError when nothing can be remembered."""
        try:
            request = read_request(body)
            origin = read_checkpoint(request.note).origin
        except NoteError:
            return Answer(400)
        known = [key for key in self._logs if key.name == origin]
        if not known:
            return Answer(404)
        try:
            checkpoint, _ = trusted_checkpoint(request.note, known)
        except NoteError:
            return Answer(403)
        return self._judge(request, checkpoint)

    def _judge(self, request: Request, checkpoint: Checkpoint) -> Answer:
        last = self._last(checkpoint.origin)
        if request.old > checkpoint.size:
            return Answer(400)
        if request.old != last.size:
            return Answer(409, f"{last.size}\n".encode(), SIZE)
        if last.size == checkpoint.size and last.root != checkpoint.root:
            return Answer(409, f"{last.size}\n".encode(), SIZE)
        grew = is_consistent(
            request.proof, old=last.size, old_root=last.root, size=checkpoint.size, root=checkpoint.root
        )
        if not grew:
            return Answer(422)
        self._memory.keep(checkpoint.origin, request.note.as_bytes())
        return Answer(200, self._signer.sign(request.note.text, at=self._now()).as_line())

    def _last(self, origin: str) -> Checkpoint:
        kept = self._memory.last(origin)
        if kept is None:
            return Checkpoint(origin, 0, EMPTY_ROOT)
        return read_checkpoint(read_note(kept))


def read_request(body: bytes) -> Request:
    """Read what a log asks. Raises NoteError."""
    if len(body) > MAX_REQUEST_BYTES:
        raise NoteError("the request is too long")
    head, blank, note = body.partition(b"\n\n")
    first, *hashes = head.decode("ascii", "replace").split("\n")
    old = _OLD.fullmatch(first)
    if not blank or old is None or len(hashes) > MAX_HASHES:
        raise NoteError("the request is in another form")
    return Request(int(old[1]), tuple(map(decoded, hashes)), read_note(note))


def cosigned(note: Note, answer: bytes, witness: NoteKey) -> Note:
    """Put a witness's cosignature under a checkpoint. Raises NoteError when the answer has none that holds."""
    whole = Note(note.text, (*note.signatures, *read_signatures(answer)))
    found = whole.signed_by([witness])
    if not found:
        raise NoteError("the witness has not cosigned")
    return Note(note.text, (*note.signatures, *found))
