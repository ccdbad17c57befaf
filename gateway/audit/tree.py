"""The Merkle tree over the lines of the log: roots, proofs that a line is in it, proofs that it only grew (RFC 9162).

A leaf is SHA-256 over 0x00 and the exact bytes of a line, a node SHA-256 over 0x01 and its two children. A tree of any
size is the perfect subtrees into which its size falls apart, from the left; `Subtree` names one of them.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

HASH_BYTES = 32


class Subtree(NamedTuple):
    """A perfect subtree of `2 ** level` leaves, with `before` such subtrees on its left."""

    level: int
    before: int


Hashes = Callable[[Sequence[Subtree]], Sequence[bytes]]
"""Gives the hash of each of these subtrees, in their order."""


def leaf_hash(line: bytes) -> bytes:
    """Give the hash of one line, without its line break (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\0" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of two subtrees side by side."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Growing:
    """The right edge of a tree: all that is needed to add leaves and to give the root, whatever its size.

    `size` is the number of leaves, `edge` the hashes of the perfect subtrees of that size, from the left.
    """

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        if len(edge) != size.bit_count():
            raise ValueError("an edge has one hash for each bit of its size")
        self.size = size
        self._edge = list(edge)

    def add(self, leaf: bytes) -> list[bytes]:
        """Add the hash of a leaf; give it and the hash of each subtree that it completed, smallest first."""
        completed = [leaf]
        carry = self.size
        while carry & 1:
            completed.append(node_hash(self._edge.pop(), completed[-1]))
            carry >>= 1
        self._edge.append(completed[-1])
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Give the root (RFC 9162, section 2.1.1); that of no leaves is SHA-256 over nothing."""
        return joined(self._edge)


def joined(subtrees: Sequence[bytes]) -> bytes:
    """Give the hash of what these subtrees make together, each smaller than the one before it."""
    if not subtrees:
        return hashlib.sha256().digest()
    *left, found = subtrees
    for each in reversed(left):
        found = node_hash(each, found)
    return found


def subtrees_of(first: int, end: int) -> Iterator[Subtree]:
    """Take the leaves from `first` up to `end` apart into perfect subtrees, from the left."""
    while first < end:
        level = (end - first).bit_length() - 1
        if first:
            level = min(level, (first & -first).bit_length() - 1)
        yield Subtree(level, first >> level)
        first += 1 << level


def root_of(size: int, hashes: Hashes) -> bytes:
    """Give the root that the tree had when it had this many leaves."""
    return joined(hashes([*subtrees_of(0, size)]))


def inclusion_proof(index: int, size: int, hashes: Hashes) -> list[bytes]:
    """Prove that the leaf at `index` is in the tree of `size` leaves (RFC 9162, section 2.1.3.1).

    Raises ValueError when there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of that size")
    return _proof([*_beside(index, index + 1, size)], hashes)


def consistency_proof(old: int, size: int, hashes: Hashes) -> list[bytes]:
    """Prove that the tree of `size` leaves begins with that of `old` leaves (RFC 9162, section 2.1.4.1).

    Raises ValueError when the old one is not the smaller.
    """
    if not 0 <= old <= size:
        raise ValueError("a tree does not shrink")
    if old in (0, size):
        return []
    # The smallest subtree at the right edge of the old tree is where both trees meet; the proof climbs from there.
    level = (old & -old).bit_length() - 1
    start = old - (1 << level)
    path = [*_beside(start, old, size)]
    met = [] if start == 0 else [(start, old)]
    return _proof([*met, *path], hashes)


def includes(proof: Sequence[bytes], *, index: int, size: int, leaf: bytes, root: bytes) -> bool:
    """Tell whether a proof shows that the leaf is in the tree of that root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(each, found)
            while node & 1 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, each)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(proof: Sequence[bytes], *, old: int, old_root: bytes, size: int, root: bytes) -> bool:
    """Tell whether a proof shows that the newer tree begins with the older one (RFC 9162, section 2.1.4.2).

    A tree of nothing is the beginning of any; nothing has to be proved of it.
    """
    if not 0 <= old <= size or (old == 0 and old_root != joined(())):
        return False
    if old in (0, size):
        return not proof and (old == 0 or old_root == root)
    path = [*proof] if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    node, last = old - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            before, after = node_hash(each, before), node_hash(each, after)
            while node & 1 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, each)
        node, last = node >> 1, last >> 1
    return last == 0 and before == old_root and after == root


def _beside(first: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """Give what lies beside the way from these leaves, one perfect subtree, up to the root: ranges, nearest first."""
    below, above = 0, size
    found = []
    while (below, above) != (first, end):
        middle = below + (1 << (above - below - 1).bit_length() - 1)
        if first < middle:
            found.append((middle, above))
            above = middle
        else:
            found.append((below, middle))
            below = middle
    return reversed(found)


def _proof(ranges: Sequence[tuple[int, int]], hashes: Hashes) -> list[bytes]:
    """Give one hash for each range, all subtrees asked for at once."""
    parts = [[*subtrees_of(first, end)] for first, end in ranges]
    found = iter(hashes([each for part in parts for each in part]))
    return [joined([next(found) for _ in part]) for part in parts]
