"""Tree and checkpoints on disk: whatever is lost of them comes back from the lines, and says the same."""

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.audit.events import Event, EventAction
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.notes import Note
from gateway.audit.reading import lines_of, read_events
from gateway.audit.segments import last_leaves
from gateway.audit.tree_files import CHECKPOINTS, TREE, TreeFiles, checkpoints_of
from gateway.audit.verifying import prove_lines, verify_log
from gateway.package.errors import SluisError
from tests.integration.audit.conftest import Opener
from tests.integration.audit.signing import SIGNER, WITNESS

KEYS = [SIGNER.public()]
EVENT = Event(action=EventAction.PACKAGE_SEALED)
PAST_TWO_FLUSHES = 2200


def write(log: AuditLogFiles, *groups: int) -> None:
    for group in groups:
        assert all(isinstance(each, str) for each in log.write([(EVENT,)] * group))


def test_an_attack_that_takes_the_tree_of_a_long_log_away_does_not_fill_memory(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    size, line = 4000, b"x" * 9_999 + b"\n"
    (folder / "2026-11-20.jsonl").write_bytes(line * size)
    tree = TreeFiles(folder=folder.parent, signer=SIGNER, last_leaves=lambda count: last_leaves(folder, count))

    tracemalloc.start()
    try:
        tree.open(size=size)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        tree.close()

    assert peak < len(line) * size / 10


def recoveries(folder: Path) -> list[int]:
    return [
        event.get("gateway.counts.checkpoint_bytes_cut", 0)
        for event in read_events(folder)
        if "audit-log-recovered" == event["event.action"]
    ]


def test_a_torn_checkpoint_recovers_at_every_cut_point_and_says_so(open_log: Opener, folder: Path) -> None:
    log = open_log()
    write(log, 1, 2)
    log.close()
    path, line_file = folder.parent / CHECKPOINTS, next(folder.iterdir())
    whole, lines, tree = path.read_bytes(), line_file.read_bytes(), (folder.parent / TREE).read_bytes()
    first_end = whole.index(b"\n\n\n") + 3

    for cut in range(first_end, len(whole)):
        path.write_bytes(whole[:cut])
        line_file.write_bytes(lines)
        (folder.parent / TREE).write_bytes(tree)
        open_log().close()

        assert [cut - first_end] == recoveries(folder)
        assert whole == path.read_bytes()[: len(whole)]
        assert verify_log(folder.parent, KEYS).holds


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-7]),
        lambda path: path.write_bytes(path.read_bytes() + bytes(64)),
        lambda path: path.write_bytes(path.read_bytes()[:-6400] + bytes(6400)),
    ],
    ids=["gone", "empty", "torn", "too long", "zeros at its end"],
)
def test_a_tree_that_power_took_is_made_again_from_the_lines(
    damage: Callable[[Path], object], open_log: Opener, folder: Path
) -> None:
    log = open_log()
    write(log, *([100] * (PAST_TWO_FLUSHES // 100)))
    log.close()
    before = (folder.parent / TREE).read_bytes()
    damage(folder.parent / TREE)

    open_log().close()

    assert before == (folder.parent / TREE).read_bytes()
    assert [] == recoveries(folder)


def test_checkpoints_that_power_took_are_signed_again_and_say_the_same(open_log: Opener, folder: Path) -> None:
    log = open_log()
    write(log, 3, 4)
    log.close()
    *_, last = checkpoints_of(folder.parent)
    (folder.parent / CHECKPOINTS).unlink()

    open_log().close()

    assert last == next(checkpoints_of(folder.parent))


def test_every_line_of_a_long_log_is_proved_and_a_proof_stays_small(open_log: Opener, folder: Path) -> None:
    log = open_log()
    write(log, *([100] * (PAST_TWO_FLUSHES // 100)))
    lines = [line for _, _, line in lines_of(folder)]

    for index in (0, 1, 1023, 1024, PAST_TWO_FLUSHES - 1):
        proof = next(prove_lines(folder.parent, SIGNER.public(), (index,)))
        assert PAST_TWO_FLUSHES == proof.verify(lines[index], KEYS).size
        assert len(proof.as_bytes()) < 2048
    with pytest.raises(SluisError, match="event-unsigned"):
        next(prove_lines(folder.parent, SIGNER.public(), (PAST_TWO_FLUSHES,)))


@pytest.mark.parametrize("name", [TREE, CHECKPOINTS])
async def test_a_tree_that_can_not_be_written_stops_the_log_and_the_line_that_was_flushed_stays(
    name: str, open_log: Opener, folder: Path
) -> None:
    log = open_log(retry_seconds=3600.0)
    await log.record(EVENT)
    target, real = (folder.parent / name).stat().st_ino, os.pwrite

    def failing(descriptor: int, content: bytes, at: int) -> int:
        if os.fstat(descriptor).st_ino == target:
            raise OSError(28, "no space left")
        return real(descriptor, content, at)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "pwrite", failing)
        with pytest.raises(SluisError, match="audit-unavailable"):
            await log.record(EVENT)
    with pytest.raises(SluisError, match="audit-unavailable"):
        log.check()
    await log.reopen()
    await log.record(EVENT)

    actions = [event["event.action"] for event in read_events(folder)]
    assert ["package-sealed", "package-sealed", "audit-log-recovered", "package-sealed"] == actions
    assert verify_log(folder.parent, KEYS).holds


async def test_the_last_checkpoint_is_at_hand(open_log: Opener, folder: Path) -> None:
    log = open_log()
    assert log.checkpoint() is None
    await log.record(EVENT)

    note = log.checkpoint()

    assert note is not None
    assert [note.as_bytes()] == [*checkpoints_of(folder.parent)]


async def test_half_a_cosigned_checkpoint_on_a_full_disk_is_followed_by_nothing_and_cut(
    open_log: Opener, folder: Path
) -> None:
    log = open_log(retry_seconds=0.0)
    await log.record(EVENT)
    note = log.checkpoint()
    assert note is not None
    cosigned = Note(note.text, (*note.signatures, WITNESS.sign(note.text, at=1_795_000_000)))
    real = os.pwrite

    def half(descriptor: int, content: bytes, at: int) -> int:
        if at > len(note.as_bytes()) + 2:
            raise OSError(28, "no space left")
        return real(descriptor, bytes(content)[:40], at)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "pwrite", half)
        with pytest.raises(SluisError, match="audit-unavailable"):
            log.keep_cosigned(cosigned)
    await log.record(EVENT)

    assert verify_log(folder.parent, KEYS).holds
    assert [40] == recoveries(folder)
