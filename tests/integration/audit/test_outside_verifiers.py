"""Whoever has the log and its public keys sees each change, with our verifier and with ones that are not ours."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.audit.checkpoint import Checkpoint, encoded
from gateway.audit.findings import Doubt
from gateway.audit.notes import Note, NoteSigner, SignatureType, read_note
from gateway.audit.tree import consistency_proof, leaf_hash
from gateway.audit.tree_files import CHECKPOINTS, TREE, checkpoints_of, hashes_in
from gateway.audit.verifying import prove_lines, verify_log
from tests.examples import examples
from tests.integration.audit.attacking import (
    GROUPS,
    KEYS,
    SIZE,
    flipped,
    inserted,
    lines_in,
    pruned,
    put,
    removed,
    reordered,
    written,
)
from tests.integration.audit.outside.programs import SHIPPED, Verifiers, built_go_verifier, go_says, shipped_says
from tests.integration.audit.signing import SIGNER, WITNESS


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("audit") / "a")


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_go_verifier(tmp_path_factory.mktemp("go"))


@pytest.fixture(scope="module")
def logs(log: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[bytes], Path]]:
    """The lines of the log and of the same one without its first day, each with a folder that attacks may change."""
    folder = tmp_path_factory.mktemp("logs")
    whole, without = (Path(shutil.copytree(log, folder / name)) for name in ("whole", "pruned"))
    return {"whole": (lines_in(whole), whole), "pruned": (lines_in(pruned(without)), without)}


@pytest.fixture
def copy(log: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(log, tmp_path / "copy"))


def answers(folder: Path, go: Path) -> list[bool]:
    """Ask all three verifiers."""
    return [
        verify_log(folder, KEYS).holds,
        shipped_says("log", folder, "--keys", folder / "vkeys"),
        go_says(go, "log", folder, folder / "vkeys"),
    ]


def test_an_honest_log_holds_for_everybody(log: Path, go: Path) -> None:
    verified = verify_log(log, KEYS)

    assert [True] * 3 == answers(log, go)
    assert (SIGNER.name, SIZE, len(GROUPS)) == (verified.origin, verified.size, verified.checkpoints)


@pytest.mark.parametrize("index", [0, 5, SIZE - 1])
def test_the_proof_of_a_line_holds_for_everybody_and_for_no_other_line(
    index: int, log: Path, go: Path, tmp_path: Path
) -> None:
    proof, record, other = tmp_path / "p.tlog-proof", tmp_path / "record", tmp_path / "other"
    proof.write_bytes(next(prove_lines(log, SIGNER.public(), (index,))).as_bytes())
    record.write_bytes(lines_in(log)[index] + b"\n")
    other.write_bytes(lines_in(log)[(index + 1) % SIZE])

    keys = log / "vkeys"
    for shown, holds in ((record, True), (other, False)):
        assert holds == shipped_says("receipt", shown, proof, "--keys", keys)
        assert holds == go_says(go, "receipt", shown, proof, keys)


def test_openssl_alone_verifies_a_checkpoint_and_gives_the_hash_of_a_line(log: Path, tmp_path: Path) -> None:
    note = read_note([*checkpoints_of(log)][-1])
    (tmp_path / "body").write_bytes(note.text)
    (tmp_path / "signature").write_bytes(note.signatures[0].signature)
    public = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00" + SIGNER.public().key.public_bytes_raw()
    (tmp_path / "key.der").write_bytes(public)
    command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in body -sigfile signature"

    assert (
        b"Verified Successfully"
        in subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=True).stdout
    )
    (tmp_path / "body").write_bytes(note.text.replace(str(SIZE).encode(), b"1"))
    assert 0 != subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=False).returncode


@pytest.fixture(scope="module")
def asked(log: Path, go: Path) -> Iterator[Verifiers]:
    """All three verifiers, each in a process that goes on to the next log."""
    with Verifiers(go, KEYS, log / "vkeys") as opened:
        yield opened


@pytest.mark.parametrize("attack", [flipped, removed, inserted, reordered])
@pytest.mark.parametrize("state", ["whole", "pruned"])
@settings(
    max_examples=examples(50, many=500), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_an_attack_with_one_flipped_removed_inserted_or_reordered_record_is_seen_by_everybody(
    state: str,
    attack: Callable[[list[bytes], st.DataObject], list[bytes]],
    data: st.DataObject,
    logs: dict[str, tuple[list[bytes], Path]],
    asked: Verifiers,
) -> None:
    lines, folder = logs[state]
    put(folder, attack(lines, data))

    assert [False] * 3 == asked.answers(folder)
    put(folder, lines)
    assert [True] * 3 == asked.answers(folder)


def test_the_changed_line_is_named_as_long_as_the_tree_is_left_alone(log: Path, copy: Path) -> None:
    lines = lines_in(log)
    put(copy, [*lines[:6], lines[6].replace(b'"gateway.attempt":', b'"gateway.attempt":7'), *lines[7:]])

    assert [(Doubt.CHANGED, 6, 7)] == [(each.doubt, each.first, each.end) for each in verify_log(copy, KEYS).faults]
    (copy / TREE).unlink()
    assert [(Doubt.CHANGED, 5, 13)] == [(each.doubt, each.first, each.end) for each in verify_log(copy, KEYS).faults]


def test_lines_that_were_taken_off_the_end_are_missed_by_everybody(log: Path, copy: Path, go: Path) -> None:
    put(copy, lines_in(log)[:-2])

    assert [False] * 3 == answers(copy, go)
    assert [(Doubt.LINES_MISSING, SIZE - 2, SIZE)] == [
        (each.doubt, each.first, each.end) for each in verify_log(copy, KEYS).faults
    ]


def test_lines_that_nobody_signed_for_are_told_by_everybody(log: Path, copy: Path, go: Path) -> None:
    line = lines_in(log)[-1].replace(f'"event.sequence":{SIZE - 1}'.encode(), f'"event.sequence":{SIZE}'.encode())
    put(copy, [*lines_in(log), line])

    assert [False] * 3 == answers(copy, go)
    assert [(Doubt.NOT_SIGNED, SIZE, SIZE + 1)] == [
        (each.doubt, each.first, each.end) for each in verify_log(copy, KEYS).faults
    ]


def test_a_checkpoint_that_another_key_has_signed_is_told_by_everybody(log: Path, copy: Path, go: Path) -> None:
    notes = [*checkpoints_of(log)]
    stranger = NoteSigner(SIGNER.name, SignatureType.LOG, WITNESS.key)
    text = read_note(notes[2]).text
    notes[2] = Note(text, (stranger.sign(text),)).as_bytes()
    (copy / CHECKPOINTS).write_bytes(b"".join(each + b"\n\n" for each in notes))

    assert [False] * 3 == answers(copy, go)
    assert [Doubt.CHECKPOINT_FALSE] == [each.doubt for each in verify_log(copy, KEYS).faults]


def test_an_operator_who_rewrites_all_with_the_true_key_is_caught_by_one_checkpoint_kept_elsewhere(
    log: Path, go: Path, tmp_path: Path
) -> None:
    kept = read_note([*checkpoints_of(log)][2])
    rewritten = written(tmp_path / "r", first=100)
    (tmp_path / "old").write_bytes(kept.as_bytes())
    (tmp_path / "new").write_bytes([*checkpoints_of(rewritten)][-1])

    # By itself it is a perfect log: this is why checkpoints go to others.
    assert [True] * 3 == answers(rewritten, go)
    assert [Doubt.CHANGED] == [each.doubt for each in verify_log(rewritten, KEYS, trusted=[kept]).faults]
    keys = ("--keys", rewritten / "vkeys")
    assert not shipped_says("checkpoints", tmp_path / "old", tmp_path / "new", "--log", rewritten, *keys)


def test_two_checkpoints_and_a_proof_show_that_a_log_only_grew(log: Path, tmp_path: Path) -> None:
    notes = [*checkpoints_of(log)]
    for name, note in (("old", notes[2]), ("new", notes[-1])):
        (tmp_path / name).write_bytes(note)
    with (log / TREE).open("rb") as source:
        proof = consistency_proof(5, SIZE, lambda subtrees: hashes_in(source.fileno(), subtrees))
    (tmp_path / "proof").write_text("".join(f"{encoded(each)}\n" for each in proof), encoding="ascii")
    arguments = (tmp_path / "old", tmp_path / "new", "--keys", log / "vkeys")

    assert shipped_says("checkpoints", *arguments, "--proof", tmp_path / "proof")
    assert shipped_says("checkpoints", *arguments, "--log", log)
    (tmp_path / "proof").write_text("".join(f"{encoded(each)}\n" for each in proof[::-1]), encoding="ascii")
    assert not shipped_says("checkpoints", *arguments, "--proof", tmp_path / "proof")


def test_a_cosignature_of_a_known_witness_is_counted_and_can_be_wanted(log: Path, copy: Path, go: Path) -> None:
    notes = [read_note(each) for each in checkpoints_of(log)]
    notes[-2] = Note(notes[-2].text, (*notes[-2].signatures, WITNESS.sign(notes[-2].text, at=1_795_000_000)))
    (copy / CHECKPOINTS).write_bytes(b"".join(each.as_bytes() + b"\n\n" for each in notes))
    wanted = ("--keys", copy / "vkeys", "--witnesses", "1")

    assert [True] * 3 == answers(copy, go)
    assert [(WITNESS.name, SIZE - 1, 1_795_000_000)] == [*verify_log(copy, KEYS).witnessed]
    assert shipped_says("log", copy, *wanted)
    assert not shipped_says("log", log, *wanted)


def test_an_attack_with_a_record_of_brackets_does_not_end_the_verifier(copy: Path) -> None:
    line = b"[" * 100_000
    put(copy, [line])
    signed = Checkpoint(SIGNER.name, 1, leaf_hash(line)).as_text()
    (copy / CHECKPOINTS).write_bytes(Note(signed, (SIGNER.sign(signed),)).as_bytes() + b"\n\n")

    assert shipped_says("log", copy, "--keys", copy / "vkeys")


def test_an_attack_with_a_proof_of_nothing_is_said_to_be_no_check(tmp_path: Path, log: Path) -> None:
    (tmp_path / "record").write_bytes(b"{}")
    (tmp_path / "proof").write_bytes(b"c2sp.org/tlog-proof@v1\n\nx")
    names = [str(each) for each in (tmp_path / "record", tmp_path / "proof", "--keys", log / "vkeys")]

    done = subprocess.run([sys.executable, "-I", str(SHIPPED), "receipt", *names], capture_output=True, check=False)

    assert (2, b"") == (done.returncode, done.stdout)
    assert done.stderr.startswith(b"can not be checked: ")
