#!/usr/bin/env python3
"""Checks an audit log of Sluis, or one record out of it, without Sluis: needs Python 3.9 and `cryptography` alone.

    verify_log.py log DIR --keys VKEYS                    a log directory: all records against all checkpoints
    verify_log.py receipt RECORD PROOF --keys VKEYS       one record and its .tlog-proof
    verify_log.py checkpoints OLD NEW --keys VKEYS        two checkpoints: did the log only grow between them?
                  (--proof FILE | --log DIR)

DIR holds `log/*.jsonl` and `checkpoints`. RECORD is the exact line, with or without its line break. VKEYS is a file
with public keys, the log's first, then those of witnesses, one a line; get it from the organisation by another way
than the log, or the check proves nothing. `--witnesses N` wants the cosignatures of N known witnesses as well.

Of a log whose oldest records were deleted DIR holds `tree` as well, with the hashes of those records. They are checked
against the checkpoints like all others, and a record of the log itself has to say which two people deleted them. That
record comes first: when the power went after it, records that it names may be there still, and that is said.

Exit: 0 it holds, 1 it does not hold, 2 it could not be checked.

Formats: C2SP signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof; Merkle tree of RFC 9162.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import pathlib
import sys
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LOG, COSIGNATURE = 1, 4
KEY_BYTES = HASH_BYTES = 32


class DoesNotHoldError(Exception):
    """What was checked is not what was signed; the text says where."""


class CanNotCheckError(Exception):
    """Something that the check needs is missing or unreadable."""


# ---- The tree (RFC 9162, section 2.1) ----------------------------------------------------------------------------


def leaf_hash(record: bytes) -> bytes:
    """Hash a record, without its line break, as a leaf."""
    return hashlib.sha256(b"\0" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees side by side."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """Keeps the hashes of the perfect subtrees that the leaves so far fall apart into, with their sizes."""

    def __init__(self) -> None:
        self.size = 0
        self.parts: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Add a leaf."""
        size, found = 1, leaf
        while self.parts and self.parts[-1][0] == size:
            found = node_hash(self.parts.pop()[1], found)
            size *= 2
        self.parts.append((size, found))
        self.size += 1

    def root(self) -> bytes:
        """Give the root; that of no leaves is SHA-256 over nothing."""
        if not self.parts:
            return hashlib.sha256().digest()
        found = self.parts[-1][1]
        for _, part in reversed(self.parts[:-1]):
            found = node_hash(part, found)
        return found


def root_by_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Compute the root that a proof leads to, recursively as section 2.1.3.1 builds it."""
    if size == 1:
        if proof:
            raise DoesNotHoldError("the proof is too long")
        return leaf
    if not proof:
        raise DoesNotHoldError("the proof is too short")
    half = 1 << (size - 1).bit_length() - 1
    if index < half:
        return node_hash(root_by_inclusion(leaf, index, half, proof[:-1]), proof[-1])
    return node_hash(proof[-1], root_by_inclusion(leaf, index - half, size - half, proof[:-1]))


def roots_by_consistency(
    old: int, size: int, proof: Sequence[bytes], old_root: bytes, *, whole: bool = True
) -> tuple[bytes, bytes]:
    """Compute the old and the new root that a proof leads to, recursively as section 2.1.4.1 builds it."""
    if old == size:
        if whole:
            if proof:
                raise DoesNotHoldError("the proof is too long")
            return old_root, old_root
        if len(proof) != 1:
            raise DoesNotHoldError("the proof has another length than it should")
        return proof[0], proof[0]
    if not proof:
        raise DoesNotHoldError("the proof is too short")
    half = 1 << (size - 1).bit_length() - 1
    if old <= half:
        before, after = roots_by_consistency(old, half, proof[:-1], old_root, whole=whole)
        return before, node_hash(after, proof[-1])
    before, after = roots_by_consistency(old - half, size - half, proof[:-1], old_root, whole=False)
    return node_hash(proof[-1], before), node_hash(proof[-1], after)


# ---- Notes and checkpoints (C2SP) --------------------------------------------------------------------------------


class Key:
    """A public key and whose it is, read from a line of the keys' file."""

    def __init__(self, line: str) -> None:
        name, _, rest = line.partition("+")
        key_id, _, encoded = rest.partition("+")
        content = base64.b64decode(encoded, validate=True)
        if len(content) != 1 + KEY_BYTES or content[0] not in (LOG, COSIGNATURE):
            raise CanNotCheckError("a line of the keys' file is no Ed25519 key of a log or witness")
        self.name, self.type = name, content[0]
        self.id = hashlib.sha256(name.encode() + b"\n" + content).digest()[:4]
        self.key = Ed25519PublicKey.from_public_bytes(content[1:])
        if self.id.hex() != key_id:
            raise CanNotCheckError("a key in the keys' file does not fit its id")

    def verify(self, signature: bytes, text: bytes) -> None:
        """Raise InvalidSignature when this is not the key's signature under the text."""
        if self.type == COSIGNATURE:
            at = int.from_bytes(signature[:8], "big")
            text = b"cosignature/v1\ntime %d\n" % at + text
            signature = signature[8:]
        self.key.verify(signature, text)


class Checkpoint:
    """A checkpoint that the log's own key has signed, and the names of the witnesses that cosigned it."""

    def __init__(self, note: bytes, keys: Sequence[Key]) -> None:
        text, blank, signatures = note.rpartition(b"\n\n")
        if not blank:
            raise DoesNotHoldError("a checkpoint has no signatures")
        text += b"\n"
        origin, size, root = text.decode().split("\n")[:3]
        self.origin, self.size, self.root = origin, int(size), base64.b64decode(root, validate=True)
        self.witnesses: set[str] = set()
        signed = False
        for line in signatures.decode().splitlines():
            dash, name, encoded = line.split(" ")
            content = base64.b64decode(encoded, validate=True)
            for key in keys:
                if dash == "\u2014" and (key.name, key.id) == (name, content[:4]):
                    key.verify(content[4:], text)
                    signed = signed or key is keys[0]
                    if key.type == COSIGNATURE:
                        self.witnesses.add(name)
        if not signed or self.origin != keys[0].name:
            raise DoesNotHoldError("the log has not signed a checkpoint that bears its name")


def read_checkpoint(note: bytes, keys: Sequence[Key]) -> Checkpoint:
    """Read a checkpoint and verify the signatures of all known keys under it."""
    try:
        return Checkpoint(note, keys)
    except InvalidSignature:
        raise DoesNotHoldError("a signature under a checkpoint is false") from None
    except (ValueError, UnicodeDecodeError):
        raise DoesNotHoldError("a checkpoint can not be read") from None


def checkpoints_in(path: pathlib.Path, keys: Sequence[Key]) -> list[Checkpoint]:
    """Read all checkpoints of a file."""
    pieces = path.read_bytes().split(b"\n\n\n")
    if pieces[-1]:
        say("note: the last checkpoint is torn, or was being written; it does not count")
    return [read_checkpoint(piece + b"\n", keys) for piece in pieces[:-1]]


def records_in(folder: pathlib.Path) -> Iterator[bytes]:
    """Give all records of a log directory in their order."""
    for path in sorted((folder / "log").glob("*.jsonl")):
        with path.open("rb") as source:
            for line in source:
                if line.endswith(b"\n"):
                    yield line[:-1]


def first_number(folder: pathlib.Path) -> int:
    """Tell which number the first record bears that is there; records that can not be read take a number each."""
    for place, record in enumerate(records_in(folder)):
        found = number_of(record)
        if found is not None:
            return max(0, found - place)
    return 0


def deleted_leaves(folder: pathlib.Path, count: int) -> Iterator[bytes]:
    """Give the hashes of deleted records: `tree` has each leaf, and behind it the subtrees that it completed."""
    if not count:
        return
    if not (folder / "tree").exists():
        raise DoesNotHoldError(f"the records before {count} are gone, and so are their hashes")
    with (folder / "tree").open("rb") as source:
        for index in range(count):
            completed = (index ^ (index + 1)).bit_length()
            hashes = source.read(HASH_BYTES * completed)
            if len(hashes) < HASH_BYTES:
                raise DoesNotHoldError(f"the records before {count} are gone, and so are their hashes")
            yield hashes[:HASH_BYTES]


def leaves_in(folder: pathlib.Path, first: int) -> Iterator[tuple[bytes, bytes | None]]:
    """Give the hash of each record, with the record itself where it is there."""
    for leaf in deleted_leaves(folder, first):
        yield leaf, None
    for record in records_in(folder):
        yield leaf_hash(record), record


def deletion_in(record: bytes) -> tuple[int, str] | None:
    """Give before which number two people deleted all records, as this record says, and the root that those had."""
    if b"audit-segment-deleted" not in record:
        return None
    try:
        said = json.loads(record)
        end, root = said["gateway.segment.end"], said["gateway.segment.root"]
        two_people = said["user.id"] != said["gateway.policy.proposer"]
        before = 0 <= said["gateway.segment.first"] < end <= said["event.sequence"]
        told = said["event.action"] == "audit-segment-deleted" and two_people and before
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return (end, root) if told and type(end) is int and isinstance(root, str) else None


def want_witnesses(checkpoint: Checkpoint, count: int) -> None:
    """Refuse a checkpoint that too few witnesses cosigned."""
    if len(checkpoint.witnesses) < count:
        raise DoesNotHoldError(f"{len(checkpoint.witnesses)} known witnesses cosigned, {count} are wanted")


# ---- What can be checked -----------------------------------------------------------------------------------------


def check_log(arguments: argparse.Namespace, keys: Sequence[Key]) -> str:
    """Build the tree of all records and compare it with each checkpoint."""
    folder = pathlib.Path(arguments.directory)
    checkpoints = sorted(checkpoints_in(folder / "checkpoints", keys), key=lambda each: each.size)
    tree, good, place, first = Tree(), 0, 0, first_number(folder)
    deletions = sorted(each for each in map(deletion_in, records_in(folder)) if each and each[0] >= first)
    ends, held = {end for end, _ in deletions}, set()
    for leaf, record in leaves_in(folder, first):
        if record is not None:
            expect_number(record, tree.size)
        tree.add(leaf)
        if tree.size in ends:
            held.add((tree.size, tree.root().hex()))
        while place < len(checkpoints) and checkpoints[place].size <= tree.size:
            if checkpoints[place].root != tree.root():
                raise DoesNotHoldError(f"a record from {good} up to {tree.size - 1} is not the one that was signed for")
            good = tree.size
            place += 1
    if place < len(checkpoints):
        raise DoesNotHoldError(f"{checkpoints[-1].size} records were signed for, {tree.size} are there")
    if good < tree.size:
        raise DoesNotHoldError(f"the records from {good} up to {tree.size - 1} were never signed for")
    gone = told_of_deletions(first, deletions, held)
    witnessed = max((each.size for each in checkpoints if each.witnesses), default=0)
    if not any(len(each.witnesses) >= arguments.witnesses for each in checkpoints):
        raise DoesNotHoldError("no checkpoint has the cosignatures that are wanted")
    return (
        f"{tree.size} records under {len(checkpoints)} checkpoints of {keys[0].name}, {gone}"
        f"the first {witnessed} of them cosigned by a known witness; root {tree.root().hex()}"
    )


def told_of_deletions(first: int, deletions: Sequence[tuple[int, str]], held: set[tuple[int, str]]) -> str:
    """Tell what the log says of the records before `first`; `held` are the roots that it really had."""
    if first and not deletions:
        raise DoesNotHoldError(f"the records before {first} are gone, and no record says who deleted them")
    if not held.issuperset(deletions):
        raise DoesNotHoldError("a record says of deleted records what they were not")
    told = f"the oldest {first} were deleted by two people, " if first else ""
    if deletions and deletions[-1][0] > first:
        told += f"deleting those before {deletions[-1][0]} is not finished, the next start of Sluis goes on with it, "
    return told


def number_of(record: bytes, *, unnumbered: int | None = None) -> int | None:
    """Read the number that a record says it has; None of one that can not be read."""
    try:
        found = json.loads(record).get("event.sequence")
    except (ValueError, AttributeError, RecursionError):
        return None
    return found if type(found) is int else unnumbered


def expect_number(record: bytes, expected: int) -> None:
    """Refuse a record that says to be another one; one that can not be read stands for itself by its hash."""
    found = number_of(record, unnumbered=-1)
    if found is not None and found != expected:
        raise DoesNotHoldError(f"where record {expected} belongs stands one with number {found}")


def check_receipt(arguments: argparse.Namespace, keys: Sequence[Key]) -> str:
    """Check that one record is in the log of a signed checkpoint."""
    record = pathlib.Path(arguments.record).read_bytes()
    record = record[:-1] if record.endswith(b"\n") else record
    head, _, note = pathlib.Path(arguments.proof).read_bytes().partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1":
        raise CanNotCheckError("the proof is no C2SP tlog-proof")
    lines = [line for line in lines[1:] if not line.startswith("extra ")]
    if not lines:
        raise CanNotCheckError("the proof says of no record that it proves it")
    index, proof = int(lines[0][len("index ") :]), [base64.b64decode(line, validate=True) for line in lines[1:]]
    checkpoint = read_checkpoint(note, keys)
    want_witnesses(checkpoint, arguments.witnesses)
    if not 0 <= index < checkpoint.size:
        raise DoesNotHoldError("the proof is about a record behind its own checkpoint")
    if root_by_inclusion(leaf_hash(record), index, checkpoint.size, proof) != checkpoint.root:
        raise DoesNotHoldError("the record is not the one that the proof is about")
    expect_number(record, index)
    return f"record {index} is in the log {checkpoint.origin} of {checkpoint.size} records"


def check_checkpoints(arguments: argparse.Namespace, keys: Sequence[Key]) -> str:
    """Check that the log of the newer checkpoint begins with that of the older one."""
    old, new = (read_checkpoint(pathlib.Path(each).read_bytes(), keys) for each in (arguments.old, arguments.new))
    want_witnesses(new, arguments.witnesses)
    if old.size > new.size:
        raise DoesNotHoldError(f"the log had {old.size} records and now has {new.size}")
    if old.size == new.size:
        found = (new.root, new.root)
    elif arguments.log:
        found = roots_of_log(pathlib.Path(arguments.log), old.size, new.size)
    elif arguments.proof:
        lines = pathlib.Path(arguments.proof).read_text("ascii").split()
        proof = [base64.b64decode(line, validate=True) for line in lines]
        found = roots_by_consistency(old.size, new.size, proof, old.root) if old.size else (old.root, new.root)
    else:
        raise CanNotCheckError("checkpoints of two sizes need --proof or --log")
    if found != (old.root, new.root):
        raise DoesNotHoldError("the newer log does not begin with the older one")
    return f"the log {new.origin} only grew, from {old.size} to {new.size} records"


def roots_of_log(folder: pathlib.Path, old: int, new: int) -> tuple[bytes, bytes]:
    """Compute the roots that a log had at two sizes."""
    tree, roots = Tree(), {0: Tree().root()}
    for leaf, _ in leaves_in(folder, first_number(folder)):
        tree.add(leaf)
        if tree.size in (old, new):
            roots[tree.size] = tree.root()
    if new not in roots:
        raise DoesNotHoldError(f"the log has only {tree.size} records")
    return roots[old], roots[new]


def read_keys(path: str) -> list[Key]:
    """Read the keys' file: the log's key first."""
    keys = [Key(line.strip()) for line in pathlib.Path(path).read_text("utf-8").splitlines() if line.strip()]
    if not keys or keys[0].type != LOG:
        raise CanNotCheckError("the keys' file does not begin with the key of the log")
    return keys


def say(text: str) -> None:
    """Tell the user."""
    sys.stdout.write(f"{text}\n")


def main() -> int:
    """Run one check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--keys", required=True)
    common.add_argument("--witnesses", type=int, default=0)
    commands = parser.add_subparsers(dest="command", required=True)
    log = commands.add_parser("log", parents=[common])
    log.add_argument("directory")
    receipt = commands.add_parser("receipt", parents=[common])
    receipt.add_argument("record")
    receipt.add_argument("proof")
    checkpoints = commands.add_parser("checkpoints", parents=[common])
    checkpoints.add_argument("old")
    checkpoints.add_argument("new")
    checkpoints.add_argument("--proof")
    checkpoints.add_argument("--log")
    arguments = parser.parse_args()
    check = {"log": check_log, "receipt": check_receipt, "checkpoints": check_checkpoints}[arguments.command]
    try:
        say(f"holds: {check(arguments, read_keys(arguments.keys))}")
    except DoesNotHoldError as error:
        say(f"DOES NOT HOLD: {error}")
        return 1
    except (CanNotCheckError, OSError, ValueError, UnicodeDecodeError) as error:
        sys.stderr.write(f"can not be checked: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
