"""Checkpoints, and proofs that hang on them: what the log says of itself, in forms that outsiders read (C2SP).

`tlog-checkpoint`: whose log, how many lines, their root. `tlog-proof`: one line is in the log of that checkpoint.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.audit.notes import Note, NoteError, NoteKey, Signature, SignatureType, read_note
from gateway.audit.tree import HASH_BYTES, includes, leaf_hash

_PROOF_HEAD = b"c2sp.org/tlog-proof@v1\n"
_MAX_HASHES = 63
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log as it was: `origin` names it, `size` counts its lines, `root` is that of the tree over them."""

    origin: str
    size: int
    root: bytes

    def as_text(self) -> bytes:
        """Give the text that is signed (C2SP tlog-checkpoint)."""
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n".encode()


@dataclass(frozen=True, slots=True)
class LineProof:
    """A proof that the line at `index` is in the log of a checkpoint (C2SP tlog-proof)."""

    index: int
    hashes: tuple[bytes, ...]
    note: Note

    def as_bytes(self) -> bytes:
        """Give the proof as a `.tlog-proof` file holds it."""
        hashes = "".join(f"{encoded(each)}\n" for each in self.hashes)
        return _PROOF_HEAD + f"index {self.index}\n{hashes}\n".encode() + self.note.as_bytes()

    def verify(self, line: bytes, keys: Iterable[NoteKey]) -> Checkpoint:
        """Give the checkpoint in whose log the line is. Raises NoteError when it is not proved to be in one."""
        checkpoint, _ = trusted_checkpoint(self.note, keys)
        found = includes(
            self.hashes, index=self.index, size=checkpoint.size, leaf=leaf_hash(line), root=checkpoint.root
        )
        if not found:
            raise NoteError("the line is not the one that the proof is about")
        return checkpoint


def read_checkpoint(note: Note) -> Checkpoint:
    """Read a note's text as a checkpoint, whoever signed it; lines behind the third are for others, and never empty.

    Raises NoteError.
    """
    if b"\n\n" in note.text:
        # Such as a whole file of checkpoints, which ends as the last one of them does.
        raise NoteError("the note is no single checkpoint")
    origin, size, root, *_ = [*note.text.decode().split("\n"), "", "", ""]
    if not origin or not _SIZE.fullmatch(size):
        raise NoteError("the note is no checkpoint")
    return Checkpoint(origin, int(size), decoded(root))


def trusted_checkpoint(note: Note, keys: Iterable[NoteKey]) -> tuple[Checkpoint, Sequence[Signature]]:
    """Read a checkpoint that its own log has signed, and give it with the cosignatures of known witnesses.

    Raises NoteError; also when one of the keys has a false signature under it.
    """
    known = tuple(keys)
    checkpoint = read_checkpoint(note)
    logs = [key for key in known if key.type is SignatureType.LOG and key.name == checkpoint.origin]
    if not note.signed_by(logs):
        raise NoteError("the log that the checkpoint names has not signed it")
    return checkpoint, note.signed_by(key for key in known if key.type is SignatureType.COSIGNATURE)


def read_line_proof(content: bytes) -> LineProof:
    """Read a `.tlog-proof` file. Raises NoteError."""
    head, blank, note = content.partition(b"\n\n")
    if not blank or not content.startswith(_PROOF_HEAD):
        raise NoteError("this is no proof of a log's line")
    lines = head.decode("ascii", "replace").split("\n")[1:]
    if lines and lines[0].startswith("extra "):
        del lines[0]
    if not lines or not lines[0].startswith("index ") or not _SIZE.fullmatch(lines[0][6:]):
        raise NoteError("the proof does not say of which line it is")
    if len(lines) > _MAX_HASHES + 1:
        raise NoteError("the proof is too long")
    return LineProof(int(lines[0][6:]), tuple(map(decoded, lines[1:])), read_note(note))


def encoded(value: bytes) -> str:
    """Write a hash as checkpoints and proofs do."""
    return base64.b64encode(value).decode()


def decoded(text: str) -> bytes:
    """Read a hash that `encoded` wrote. Raises NoteError."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("what should be a hash is none") from error
    if len(value) != HASH_BYTES:
        raise NoteError("what should be a hash is none")
    return value
