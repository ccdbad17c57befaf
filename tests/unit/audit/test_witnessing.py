"""A witness cosigns a log that only grows, and nothing else, whatever it is asked."""

from collections.abc import Sequence

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.checkpoint import Checkpoint, read_checkpoint
from gateway.audit.notes import Note, NoteError, NoteSigner, SignatureType, read_note
from gateway.audit.tree import Growing, Subtree, consistency_proof, leaf_hash, root_of
from gateway.audit.witnessing import MAX_REQUEST_BYTES, Request, Witness, cosigned

LOG = NoteSigner("sluis.example/audit/node-1", SignatureType.LOG, Ed25519PrivateKey.from_private_bytes(b"1" * 32))
OTHER = NoteSigner("iemand.example/log", SignatureType.LOG, Ed25519PrivateKey.from_private_bytes(b"2" * 32))
OWN = NoteSigner("toezicht.example/w1", SignatureType.COSIGNATURE, Ed25519PrivateKey.from_private_bytes(b"3" * 32))
NOW = 1_795_000_000
MOST = 40


class Log:
    """A log of lines that are told apart by its name; another name is another history."""

    def __init__(self, name: str = "") -> None:
        self.leaves = [leaf_hash(f"{name}{number}".encode()) for number in range(MOST)]

    def hashes(self, subtrees: Sequence[Subtree]) -> list[bytes]:
        found = []
        for level, before in subtrees:
            growing = Growing()
            for leaf in self.leaves[before << level : (before + 1) << level]:
                growing.add(leaf)
            found.append(growing.root())
        return found

    def note(self, size: int, *, signer: NoteSigner = LOG) -> Note:
        text = Checkpoint(LOG.name, size, root_of(size, self.hashes)).as_text()
        return Note(text, (signer.sign(text),))

    def asks(self, old: int, size: int) -> bytes:
        return Request(old, tuple(consistency_proof(old, size, self.hashes)), self.note(size)).as_bytes()


class Kept:
    """A memory that holds what it was given, and can be made to fail."""

    def __init__(self) -> None:
        self.notes: dict[str, bytes] = {}
        self.full = False

    def last(self, origin: str, /) -> bytes | None:
        return self.notes.get(origin)

    def keep(self, origin: str, note: bytes, /) -> None:
        if self.full:
            raise OSError(28, "no space left")
        self.notes[origin] = note


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def witness(kept: Kept) -> Witness:
    return witness_over(kept)


def witness_over(kept: Kept) -> Witness:
    return Witness(signer=OWN, logs=[LOG.public()], memory=kept, now=lambda: NOW)


def size_in(kept: Kept) -> int:
    return read_checkpoint(read_note(kept.notes[LOG.name])).size


def test_a_log_that_grew_is_cosigned_with_the_time_and_remembered(witness: Witness, kept: Kept) -> None:
    log = Log()
    answers = [witness.add_checkpoint(log.asks(old, size)) for old, size in ((0, 3), (3, 3), (3, 17))]

    assert [200, 200, 200] == [each.status for each in answers]
    note = cosigned(log.note(17), answers[-1].body, OWN.public())
    assert [NOW] == [each.cosigned_at for each in note.signed_by([OWN.public()])]
    assert 17 == size_in(kept)


@given(st.lists(st.tuples(st.integers(0, MOST), st.integers(0, MOST), st.booleans()), max_size=12))
def test_whatever_is_asked_the_cosigned_checkpoints_are_of_one_history_that_only_grows(
    asked: list[tuple[int, int, bool]],
) -> None:
    kept, honest, rewritten = Kept(), Log(), Log("anders ")
    witness = witness_over(kept)
    history: list[Checkpoint] = []
    for old, size, cheats in asked:
        log = rewritten if cheats else honest
        proof = tuple(consistency_proof(min(old, size), size, log.hashes))
        if witness.add_checkpoint(Request(old, proof, log.note(size)).as_bytes()).status == 200:
            history.append(read_checkpoint(log.note(size)))

    sizes = [each.size for each in history]
    assert sorted(sizes) == sizes
    seen = [each for each in history if each.size]
    assert len({root_of(each.size, honest.hashes) == each.root for each in seen}) <= 1


def test_an_attack_with_a_rewritten_log_and_the_operators_true_key_is_refused(witness: Witness, kept: Kept) -> None:
    witness.add_checkpoint(Log().asks(0, 10))

    assert 422 == witness.add_checkpoint(Log("anders ").asks(10, 12)).status
    assert (409, b"10\n") == (witness.add_checkpoint(Log("anders ").asks(10, 10)).status, b"10\n")
    assert (409, b"10\n") == _told(witness, Log("anders ").asks(0, 12))
    assert 10 == size_in(kept)


def test_an_attack_that_rolls_a_log_back_is_refused_and_the_true_size_told(witness: Witness, kept: Kept) -> None:
    witness.add_checkpoint(Log().asks(0, 10))

    assert (409, b"10\n") == _told(witness, Log().asks(0, 5))
    assert 400 == witness.add_checkpoint(Request(10, (), Log().note(5)).as_bytes()).status
    assert 10 == size_in(kept)


def _told(witness: Witness, request: bytes) -> tuple[int, bytes]:
    answer = witness.add_checkpoint(request)
    assert "text/x.tlog.size" == answer.media_type
    return answer.status, answer.body


def test_an_unknown_log_and_a_stranger_in_the_name_of_a_known_one_are_told_apart(witness: Witness, kept: Kept) -> None:
    text = Checkpoint(OTHER.name, 3, bytes(32)).as_text()

    assert 404 == witness.add_checkpoint(Request(0, (), Note(text, (OTHER.sign(text),))).as_bytes()).status
    assert 403 == witness.add_checkpoint(Request(0, (), Log().note(3, signer=OTHER)).as_bytes()).status
    assert {} == kept.notes


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 00\n\n" + Log().note(3).as_bytes(),
        b"old -1\n\n" + Log().note(3).as_bytes(),
        b"old 0\nAAAA\n\n" + Log().note(3).as_bytes(),
        b"old 0\n" + b"A" * 43 * 64 + b"=\n\n" + Log().note(3).as_bytes(),
        b"old 0\n\nno note\n",
        b"x" * (MAX_REQUEST_BYTES + 1),
    ],
)
def test_a_request_in_another_form_is_refused(body: bytes, witness: Witness, kept: Kept) -> None:
    assert 400 == witness.add_checkpoint(body).status
    assert {} == kept.notes


def test_what_can_not_be_remembered_is_not_cosigned(witness: Witness, kept: Kept) -> None:
    kept.full = True

    with pytest.raises(OSError, match="no space"):
        witness.add_checkpoint(Log().asks(0, 3))


def test_an_answer_without_a_cosignature_of_the_witness_is_none() -> None:
    note = Log().note(3)
    for answer in (OTHER.sign(note.text).as_line(), OWN.sign(b"something else\n", at=NOW).as_line()):
        with pytest.raises(NoteError):
            cosigned(note, answer, OWN.public())
