"""The Merkle tree: its roots are those of RFC 9162, true proofs are believed, and no other ones."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.tree import (
    Growing,
    Subtree,
    consistency_proof,
    includes,
    inclusion_proof,
    is_consistent,
    leaf_hash,
    node_hash,
    root_of,
)

MOST = 70
LINES = [f"line {number}".encode() for number in range(MOST)]


def as_defined(lines: Sequence[bytes]) -> bytes:
    """Compute the root as section 2.1.1 of RFC 9162 defines it, by recursion."""
    if not lines:
        return hashlib.sha256(b"").digest()
    if len(lines) == 1:
        return hashlib.sha256(b"\x00" + lines[0]).digest()
    split = 1
    while 2 * split < len(lines):
        split *= 2
    return hashlib.sha256(b"\x01" + as_defined(lines[:split]) + as_defined(lines[split:])).digest()


def hashes(subtrees: Sequence[Subtree]) -> list[bytes]:
    return [as_defined(LINES[each.before << each.level : (each.before + 1) << each.level]) for each in subtrees]


sizes = st.integers(1, MOST)


@pytest.mark.parametrize("size", range(MOST))
def test_a_tree_that_grew_line_by_line_has_the_root_of_the_definition(size: int) -> None:
    growing = Growing()
    for line in LINES[:size]:
        growing.add(leaf_hash(line))

    assert (size, as_defined(LINES[:size])) == (growing.size, growing.root())
    assert as_defined(LINES[:size]) == root_of(size, hashes)


def test_a_tree_goes_on_from_its_edge_and_tells_what_each_leaf_completed() -> None:
    growing = Growing(2, hashes([Subtree(1, 0)]))

    completed = [*map(len, (growing.add(leaf_hash(LINES[2])), growing.add(leaf_hash(LINES[3]))))]

    assert [1, 3] == completed
    assert as_defined(LINES[:4]) == growing.root()


def test_an_edge_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="one hash for each bit"):
        Growing(3, [bytes(32)])


@given(st.data(), sizes)
def test_each_line_is_proved_to_be_in_the_tree_and_no_other_in_its_place(data: st.DataObject, size: int) -> None:
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    root, proof = as_defined(LINES[:size]), inclusion_proof(index, size, hashes)

    assert includes(proof, index=index, size=size, leaf=leaf_hash(LINES[index]), root=root)
    assert (other == index) == includes(proof, index=index, size=size, leaf=leaf_hash(LINES[other]), root=root)
    assert (other == index) == includes(proof, index=other, size=size, leaf=leaf_hash(LINES[index]), root=root)


@given(st.data(), sizes)
def test_a_tree_is_proved_to_begin_with_each_smaller_one_and_with_no_other(data: st.DataObject, size: int) -> None:
    old = data.draw(st.integers(1, size))
    root, old_root, proof = as_defined(LINES[:size]), as_defined(LINES[:old]), consistency_proof(old, size, hashes)
    rewritten = as_defined([b"something else", *LINES[1:old]])

    assert is_consistent(proof, old=old, old_root=old_root, size=size, root=root)
    assert not is_consistent(proof, old=old, old_root=rewritten, size=size, root=root)
    assert not is_consistent(proof, old=old, old_root=old_root, size=size, root=rewritten)
    assert (old == size) == is_consistent(proof, old=size, old_root=old_root, size=size, root=root)


@settings(max_examples=300)
@given(st.data(), sizes)
def test_a_proof_with_a_changed_missing_or_added_hash_proves_nothing(data: st.DataObject, size: int) -> None:
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root, old_root = as_defined(LINES[:size]), as_defined(LINES[:old])

    def line_is_believed(proof: Sequence[bytes]) -> bool:
        return includes(proof, index=index, size=size, leaf=leaf_hash(LINES[index]), root=root)

    def growth_is_believed(proof: Sequence[bytes]) -> bool:
        return is_consistent(proof, old=old, old_root=old_root, size=size, root=root)

    for proof, believed in (
        (inclusion_proof(index, size, hashes), line_is_believed),
        (consistency_proof(old, size, hashes), growth_is_believed),
    ):
        place = data.draw(st.integers(0, len(proof)))
        assert not believed([*proof[:place], bytes(32), *proof[place:]])
        if place < len(proof):
            assert not believed([*proof[:place], *proof[place + 1 :]])
            assert not believed([*proof[:place], bytes(32), *proof[place + 1 :]])


def test_everything_begins_with_the_empty_tree_and_nothing_has_to_be_proved_of_that() -> None:
    empty = as_defined([])

    assert [] == consistency_proof(0, 5, hashes)
    assert is_consistent([], old=0, old_root=empty, size=5, root=as_defined(LINES[:5]))
    assert not is_consistent([], old=0, old_root=bytes(32), size=5, root=as_defined(LINES[:5]))
    assert not is_consistent([bytes(32)], old=0, old_root=empty, size=5, root=as_defined(LINES[:5]))


def test_an_attack_that_shows_an_inner_node_as_a_line_fails_because_nodes_and_leaves_hash_apart() -> None:
    left, right = leaf_hash(LINES[0]), leaf_hash(LINES[1])

    assert node_hash(left, right) != leaf_hash(left + right)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_is_made_of_a_line_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion_proof(index, size, hashes)
    assert not includes([], index=index, size=size, leaf=bytes(32), root=bytes(32))


@pytest.mark.parametrize(("old", "size"), [(4, 3), (-1, 3)])
def test_no_proof_is_made_of_a_tree_that_shrank(old: int, size: int) -> None:
    with pytest.raises(ValueError, match="does not shrink"):
        consistency_proof(old, size, hashes)
    assert not is_consistent([], old=old, old_root=bytes(32), size=size, root=bytes(32))
