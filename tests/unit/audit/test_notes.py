"""Signed notes, checkpoints and proofs: the formats of C2SP to the byte, and nothing believed that nobody signed."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.checkpoint import (
    Checkpoint,
    LineProof,
    read_checkpoint,
    read_line_proof,
    trusted_checkpoint,
)
from gateway.audit.notes import (
    MAX_NOTE_BYTES,
    Note,
    NoteError,
    NoteKey,
    NoteSigner,
    SignatureType,
    read_note,
    read_note_key,
    read_signatures,
)
from gateway.audit.tree import leaf_hash, node_hash


def key_of(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


LOG = NoteSigner("sluis.example/audit/node-1", SignatureType.LOG, key_of(1))
WITNESS = NoteSigner("toezicht.example/w1", SignatureType.COSIGNATURE, key_of(2))
KEYS = (LOG.public(), WITNESS.public())
LINES = (b'{"a":1}', b'{"b":2}')
CHECKPOINT = Checkpoint(LOG.name, 2, node_hash(*map(leaf_hash, LINES)))
SIGNED = Note(
    CHECKPOINT.as_text(), (LOG.sign(CHECKPOINT.as_text()), WITNESS.sign(CHECKPOINT.as_text(), at=1_795_000_000))
)


def test_the_example_of_the_standard_verifies() -> None:
    # C2SP signed-note: the key of the Go checksum database in its documentation, and what it signed.
    key = read_note_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = read_note(
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n\u2014 PeterNeumann "
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n".encode()
    )

    assert ["PeterNeumann"] == [each.name for each in note.signed_by([key])]
    assert "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW" == key.as_text()


def test_a_note_a_key_a_checkpoint_and_a_proof_are_read_as_they_were_written() -> None:
    proof = LineProof(1, (leaf_hash(LINES[0]),), SIGNED)

    assert SIGNED == read_note(SIGNED.as_bytes())
    assert [key.as_text() for key in KEYS] == [read_note_key(key.as_text()).as_text() for key in KEYS]
    assert CHECKPOINT == read_checkpoint(SIGNED)
    assert proof == read_line_proof(proof.as_bytes())
    assert SIGNED.signatures[1:] == tuple(read_signatures(SIGNED.signatures[1].as_line()))


def test_a_checkpoint_tells_who_cosigned_it_and_when() -> None:
    checkpoint, (cosignature,) = trusted_checkpoint(SIGNED, KEYS)

    assert CHECKPOINT == checkpoint
    assert (WITNESS.name, 1_795_000_000) == (cosignature.name, cosignature.cosigned_at)


def test_a_line_is_proved_by_its_proof_and_no_other_line_is() -> None:
    proof = LineProof(1, (leaf_hash(LINES[0]),), SIGNED)

    assert CHECKPOINT == proof.verify(LINES[1], KEYS)
    with pytest.raises(NoteError, match="not the one"):
        proof.verify(LINES[0], KEYS)


def test_what_a_stranger_signed_is_no_checkpoint_of_this_log() -> None:
    stranger = NoteSigner(LOG.name, SignatureType.LOG, key_of(3))
    text = CHECKPOINT.as_text()

    for note in (Note(text, (stranger.sign(text),)), Note(text, (WITNESS.sign(text, at=0),))):
        with pytest.raises(NoteError, match="has not signed"):
            trusted_checkpoint(note, KEYS)


def test_an_attack_with_a_true_signature_of_another_log_of_ours_is_refused() -> None:
    other = NoteSigner("sluis.example/audit/node-2", SignatureType.LOG, key_of(4))
    text = CHECKPOINT.as_text()

    with pytest.raises(NoteError, match="has not signed"):
        trusted_checkpoint(Note(text, (other.sign(text),)), (other.public(), *KEYS))


def test_a_signature_of_the_log_is_none_of_a_witness_and_the_other_way_round() -> None:
    same = NoteSigner(LOG.name, SignatureType.COSIGNATURE, LOG.key)
    text = CHECKPOINT.as_text()

    assert LOG.public().id != same.public().id
    assert not LOG.public().verifies(same.sign(text, at=5).signature, text)
    assert not same.public().verifies(LOG.sign(text).signature, text)


def test_one_false_signature_of_a_known_key_condemns_the_note() -> None:
    forged = Note(SIGNED.text.replace(b"\n2\n", b"\n3\n"), SIGNED.signatures)

    with pytest.raises(NoteError, match="does not belong"):
        trusted_checkpoint(forged, KEYS)


def test_signatures_of_keys_that_nobody_knows_are_passed_over() -> None:
    unknown = NoteSigner("iemand.example", SignatureType.LOG, key_of(5)).sign(SIGNED.text)

    assert CHECKPOINT == trusted_checkpoint(Note(SIGNED.text, (unknown, *SIGNED.signatures)), KEYS)[0]


@given(st.binary(max_size=300))
def test_bytes_that_are_no_note_are_refused_with_a_reason_and_nothing_else(content: bytes) -> None:
    for read in (read_note, read_line_proof):
        with pytest.raises(NoteError):
            read(content)


@given(st.integers(0, len(SIGNED.as_bytes()) - 1), st.integers(1, 255))
def test_no_byte_of_a_checkpoint_can_be_changed_unseen(place: int, change: int) -> None:
    content = bytearray(SIGNED.as_bytes())
    content[place] ^= change
    try:
        checkpoint, cosignatures = trusted_checkpoint(read_note(bytes(content)), KEYS)
    except NoteError:
        return
    # All that can be changed is the line of a signature, which then is nobody's.
    assert CHECKPOINT == checkpoint
    assert not cosignatures


@pytest.mark.parametrize(
    "content",
    [
        b"text\n\n",
        b"\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 a AAAA\n",
        b"text\n\n\xe2\x80\x94 a !!!!\n",
        b"text\n\n- a AAAAAAA=\n",
        b"te\rxt\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"te\xffxt\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 a AAAAAAA=",
        b"x" * (MAX_NOTE_BYTES + 1),
    ],
)
def test_a_note_that_is_not_in_its_form_is_refused(content: bytes) -> None:
    with pytest.raises(NoteError):
        read_note(content)


@pytest.mark.parametrize(
    "text",
    [
        b"log\n2\n",
        b"log\n02\nAAAA\n",
        b"log\n-1\nAAAA\n",
        b"log\n2\nAAAA\n",
        b"log\n2\n%%\n",
        CHECKPOINT.as_text() + b"\nmore\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(text: bytes) -> None:
    with pytest.raises(NoteError):
        read_checkpoint(Note(text, (LOG.sign(text),)))


@pytest.mark.parametrize(
    "head",
    [
        "c2sp.org/tlog-proof@v2\nindex 1\n",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v1\nindex 01\n",
        "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n",
        "c2sp.org/tlog-proof@v1\nindex 1\n" + (base64.b64encode(bytes(32)).decode() + "\n") * 64,
    ],
)
def test_a_proof_that_is_not_in_its_form_is_refused(head: str) -> None:
    with pytest.raises(NoteError):
        read_line_proof(head.encode() + b"\n" + SIGNED.as_bytes())


def test_extra_data_of_a_proof_is_passed_over() -> None:
    content = LineProof(1, (leaf_hash(LINES[0]),), SIGNED).as_bytes().replace(b"index", b"extra AAAA\nindex", 1)

    assert CHECKPOINT == read_line_proof(content).verify(LINES[1], KEYS)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b"])
def test_a_name_that_would_break_the_form_of_a_note_is_refused(name: str) -> None:
    with pytest.raises(NoteError, match="no spaces"):
        NoteKey(name, SignatureType.LOG, LOG.key.public_key())


@pytest.mark.parametrize(
    "line",
    [
        LOG.public().as_text().replace("node-1", "node-2"),
        LOG.public().as_text()[:-4],
        "log+00000000+" + base64.b64encode(b"\x06" + bytes(32)).decode(),
        "log",
    ],
)
def test_a_public_key_that_is_not_in_its_form_is_refused(line: str) -> None:
    with pytest.raises(NoteError):
        read_note_key(line)


def test_the_secret_key_is_in_no_repr() -> None:
    assert "key=" not in repr(LOG)


def test_a_witness_signs_no_text_without_its_time() -> None:
    with pytest.raises(ValueError, match="has a time"):
        WITNESS.sign(b"text\n")
