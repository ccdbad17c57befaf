"""A log whose oldest days were deleted: everything still holds, and nobody takes lines away unseen."""

import shutil
import stat
import subprocess
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from gateway.audit.events import Event, EventAction
from gateway.audit.findings import Doubt
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.notes import read_note
from gateway.audit.reading import find_line, find_numbered_line, lines_of, read_events
from gateway.audit.tree import is_consistent, leaf_hash
from gateway.audit.tree_files import CHECKPOINTS, TREE, checkpoints_of
from gateway.audit.verifying import prove_lines, verify_log
from gateway.bootstrap.log_following import LogFollower
from gateway.package.errors import SluisError
from tests.integration.audit.attacking import (
    FIRST_DAY,
    KEYS,
    POLICY,
    SECOND_DAY,
    SIZE,
    deletion_event,
    lines_in,
    opened,
    pruned,
    put,
    written,
)
from tests.integration.audit.outside.programs import answers, built_go_verifier, faults, go_says, shipped_says
from tests.integration.audit.signing import SIGNER

DELETION = "deletion"
EVENT = Event(action=EventAction.PACKAGE_SEALED)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("audit") / "w")


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_go_verifier(tmp_path_factory.mktemp("go"))


@pytest.fixture
def log(whole: Path, tmp_path: Path) -> Path:
    """The log without its first day."""
    return pruned(Path(shutil.copytree(whole, tmp_path / "log")))


@pytest.fixture
def full(whole: Path, tmp_path: Path) -> Path:
    """The log as it was before anything was deleted."""
    return Path(shutil.copytree(whole, tmp_path / "full"))


def started(folder: Path) -> AuditLogFiles:
    return opened(folder, first_day=False)


def actions(folder: Path) -> list[str]:
    return [each["event.action"] for each in read_events(folder / "log")]


class PowerFailedError(Exception):
    """Nothing after this happened."""


def _power_fails(*_: object, **__: object) -> None:
    raise PowerFailedError


def _read_only(*_: object, **__: object) -> None:
    raise OSError(30, "read-only file system")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "log").iterdir())


def test_a_deleted_day_is_gone_and_everybody_still_verifies_what_is_left(log: Path, go: Path) -> None:
    verified = verify_log(log, KEYS)

    assert [True] * 3 == answers(log, go)
    assert ["2026-11-27.jsonl"] == names(log)
    assert (FIRST_DAY, SIZE + 1) == (verified.first, verified.size)
    assert verified.deletion is not None
    told = verified.deletion
    assert (FIRST_DAY, POLICY, "a-voorbeeld", "b-voorbeeld") == (told.end, told.policy, told.proposer, told.approver)


def test_the_event_of_a_deletion_names_the_root_that_the_deleted_lines_had(whole: Path, log: Path) -> None:
    (said,) = (each for each in read_events(log / "log") if "audit-segment-deleted" == each["event.action"])
    notes = [read_note(each) for each in checkpoints_of(whole)]
    size, root = notes[3].text.decode().split("\n")[1:3]

    assert (0, FIRST_DAY) == (said["gateway.segment.first"], said["gateway.segment.end"])
    assert (str(FIRST_DAY), said["gateway.segment.root"]) == (size, b64decode(root).hex())


def test_a_proof_that_was_given_away_before_the_line_was_deleted_still_convinces_everybody(
    whole: Path, log: Path, go: Path, tmp_path: Path
) -> None:
    record, proof = tmp_path / "record", tmp_path / "proof"
    record.write_bytes(lines_in(whole)[5] + b"\n")
    proof.write_bytes(next(prove_lines(whole, SIGNER.public(), (5,))).as_bytes())
    kept = next(prove_lines(whole, SIGNER.public(), (5,))).note

    assert shipped_says("receipt", record, proof, "--keys", log / "vkeys")
    assert go_says(go, "receipt", record, proof, log / "vkeys")
    # The checkpoint under that proof is one of this log, pruned or not.
    assert verify_log(log, KEYS, trusted=[kept]).holds


def test_whoever_kept_a_deleted_line_gets_a_new_proof_of_it(whole: Path, log: Path) -> None:
    line = lines_in(whole)[5]

    assert SIZE + 1 == next(prove_lines(log, SIGNER.public(), (5,))).verify(line, KEYS).size


def test_lines_keep_their_numbers(whole: Path, log: Path) -> None:
    last = lines_in(whole)[-1]
    event = orjson.loads(last)["event.id"]

    assert (SIZE - 1, last) == find_line(log / "log", event)
    assert last == find_numbered_line(log / "log", SIZE - 1)
    assert None is find_numbered_line(log / "log", FIRST_DAY - 1)
    assert list(range(FIRST_DAY, SIZE + 1)) == [each["event.sequence"] for each in read_events(log / "log")]


def test_a_log_goes_on_after_a_restart_and_another_day_can_be_deleted(log: Path, go: Path) -> None:
    restarted = started(log)
    restarted.write([(EVENT,)])
    restarted.close()

    assert [True] * 3 == answers(log, go)
    assert "audit-log-recovered" not in actions(log)
    again = started(log)
    assert None is again.prefix(SECOND_DAY)
    assert None is again.prefix("2027-01-01"), "the file of today stays"
    again.close()


def test_a_second_deletion_takes_the_event_of_the_first_one_along_and_stands_for_both(log: Path, go: Path) -> None:
    later = opened(log, first_day=False, days=2)
    later.write([(EVENT,)])
    prefix = later.prefix("2026-11-28")
    assert prefix is not None
    later.delete(deletion_event((prefix.first, prefix.end), prefix.root))
    later.close()
    opened(log, first_day=False, days=2).close()

    assert (FIRST_DAY, SIZE + 1) == (prefix.first, prefix.end)
    assert ["2026-11-28.jsonl"] == names(log)
    assert [True] * 3 == answers(log, go)
    assert SIZE + 1 == verify_log(log, KEYS).first
    assert "audit-log-recovered" not in actions(log)


def test_two_checkpoints_from_before_and_after_a_deletion_are_compared_without_us(
    whole: Path, log: Path, tmp_path: Path
) -> None:
    another = written(tmp_path / "another", first=100)
    kept = {
        "old": [*checkpoints_of(whole)][1],
        "new": [*checkpoints_of(log)][-1],
        "other": [*checkpoints_of(another)][1],
    }
    for name, note in kept.items():
        (tmp_path / name).write_bytes(note)
    keys = ("--log", log, "--keys", log / "vkeys")

    assert shipped_says("checkpoints", tmp_path / "old", tmp_path / "new", *keys)
    assert not shipped_says("checkpoints", tmp_path / "other", tmp_path / "new", *keys)


def test_a_witness_gets_its_proof_of_growth_from_before_to_after_a_deletion(whole: Path, log: Path) -> None:
    restarted = started(log)
    old, new = (read_note([*checkpoints_of(folder)][-1]) for folder in (whole, log))
    roots = [b64decode(note.text.split(b"\n")[2]) for note in (old, new)]

    proof = restarted.growth(SIZE, SIZE + 1)
    restarted.close()

    assert is_consistent(proof, old=SIZE, old_root=roots[0], size=SIZE + 1, root=roots[1])


def test_a_follower_goes_on_with_the_first_line_that_is_left(log: Path, tmp_path: Path) -> None:
    given = LogFollower(log / "log", tmp_path / "place").ahead(size=SIZE + 1, most=2)

    assert [FIRST_DAY, FIRST_DAY + 1] == [each.index for each in given]


def test_a_closed_file_is_read_only_and_the_one_that_grows_is_not(whole: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (whole / "log").iterdir()}

    assert {"2026-11-26.jsonl": 0o440, "2026-11-27.jsonl": 0o640} == modes


@pytest.mark.parametrize("deleted", [True, False], ids=["pruned", "whole"])
def test_a_torn_last_record_recovers_at_every_cut_point(deleted: bool, full: Path) -> None:
    folder = pruned(full) if deleted else full
    log = started(folder)
    signed = (folder / CHECKPOINTS).read_bytes()
    log.write([(EVENT,)])
    log.close()
    path = folder / "log" / "2026-11-27.jsonl"
    content, first = path.read_bytes(), FIRST_DAY if deleted else 0
    begin = content.rindex(b"\n", 0, -1) + 1

    for cut in range(begin, len(content)):
        path.write_bytes(content[:cut])
        (folder / CHECKPOINTS).write_bytes(signed)
        started(folder).close()

        verified = verify_log(folder, KEYS)
        assert (True, first) == (verified.holds, verified.first)
        assert content[:begin] == path.read_bytes()[:begin]
        assert (cut > begin) == ("audit-log-recovered" in actions(folder))


@pytest.mark.parametrize("deleted", [True, False], ids=["pruned", "whole"])
def test_a_torn_last_checkpoint_recovers_at_every_cut_point(deleted: bool, full: Path) -> None:
    folder = pruned(full) if deleted else full
    log = started(folder)
    log.write([(EVENT,)])
    log.close()
    path, lines = folder / "log" / "2026-11-27.jsonl", (folder / "log" / "2026-11-27.jsonl").read_bytes()
    content = (folder / CHECKPOINTS).read_bytes()
    begin = content.rindex(b"\n\n\n", 0, -3) + 3

    for cut in range(begin, len(content)):
        path.write_bytes(lines)
        (folder / CHECKPOINTS).write_bytes(content[:cut])
        started(folder).close()

        assert verify_log(folder, KEYS).holds
        assert content == (folder / CHECKPOINTS).read_bytes()[: len(content)]


def test_a_crash_before_the_event_was_written_deletes_nothing(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = started(full)
    prefix = log.prefix(SECOND_DAY)
    assert prefix is not None
    with monkeypatch.context() as patch:
        patch.setattr(log, "_append", _power_fails)
        with pytest.raises(PowerFailedError):
            log.delete(deletion_event((prefix.first, prefix.end), prefix.root))
    log.close()

    started(full).close()

    assert ["2026-11-26.jsonl", "2026-11-27.jsonl"] == names(full)
    assert not (full / "deletion.next").exists()
    assert verify_log(full, KEYS).holds


def test_a_crash_between_the_event_and_the_deletion_is_taken_up_at_the_next_start_and_told(
    full: Path, go: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = started(full)
    prefix = log.prefix(SECOND_DAY)
    assert prefix is not None
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", _power_fails)
        with pytest.raises(PowerFailedError):
            log.delete(deletion_event((prefix.first, prefix.end), prefix.root))
    log.close()
    before = names(full)

    started(full).close()

    assert (["2026-11-26.jsonl", "2026-11-27.jsonl"], ["2026-11-27.jsonl"]) == (before, names(full))
    told = [each for each in read_events(full / "log") if "audit-log-recovered" == each["event.action"]]
    assert [1] == [each["gateway.counts.files_removed"] for each in told]
    assert [True] * 3 == answers(full, go)


async def test_files_that_can_not_be_removed_stop_the_log_until_they_can(
    full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = started(full)
    prefix = log.prefix(SECOND_DAY)
    assert prefix is not None
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", _read_only)
        with pytest.raises(SluisError, match="audit-unavailable"):
            log.delete(deletion_event((prefix.first, prefix.end), prefix.root))
    with pytest.raises(SluisError, match="audit-unavailable"):
        log.check()
    await log.reopen()
    log.check()
    log.close()

    assert ["2026-11-27.jsonl"] == names(full)
    assert verify_log(full, KEYS).holds


def test_an_attack_that_removes_the_oldest_file_without_an_event_is_found_as_missing_lines(
    full: Path, go: Path
) -> None:
    (full / "log" / "2026-11-26.jsonl").unlink()

    assert [False] * 3 == answers(full, go)
    assert [(Doubt.LINES_MISSING, 0, FIRST_DAY)] == faults(verify_log(full, KEYS))
    with pytest.raises(SluisError, match="audit-changed"):
        started(full)


def test_an_attack_that_removes_more_lines_than_the_event_names_is_found_as_missing_lines(log: Path, go: Path) -> None:
    put(log, lines_in(log)[2:])

    assert [False] * 3 == answers(log, go)
    assert [(Doubt.LINES_MISSING, FIRST_DAY, FIRST_DAY + 2)] == faults(verify_log(log, KEYS))
    with pytest.raises(SluisError, match="audit-changed"):
        started(log)


def forged_line(folder: Path) -> bytes:
    """Write a deletion that looks right, with the true root, and was never in the log."""
    other = Path(shutil.copytree(folder, folder.with_name("other")))
    return lines_in(pruned(other))[-1]


def in_the_copy_only(folder: Path, line: bytes) -> None:
    (folder / DELETION).write_bytes(line)


def in_the_announcement_only(folder: Path, line: bytes) -> None:
    (folder / "deletion.next").write_bytes(line)


def behind_the_last_line(folder: Path, line: bytes) -> None:
    with (folder / "log" / "2026-11-27.jsonl").open("ab") as target:
        target.write(line + b"\n")


def in_place_of_the_last_line(folder: Path, line: bytes) -> None:
    lines = lines_in(folder)
    line = line.replace(f'"event.sequence":{SIZE}'.encode(), f'"event.sequence":{SIZE - 1}'.encode())
    put(folder, [*lines[:-1], line])
    (folder / DELETION).write_bytes(line)


@pytest.mark.parametrize(
    "forge", [in_the_copy_only, in_the_announcement_only, behind_the_last_line, in_place_of_the_last_line]
)
def test_an_attack_that_removes_a_file_and_forges_the_event_is_found(
    forge: Callable[[Path, bytes], None], full: Path, go: Path
) -> None:
    line = forged_line(full)
    (full / "log" / "2026-11-26.jsonl").unlink()
    forge(full, line)

    assert [False] * 3 == answers(full, go)
    with pytest.raises(SluisError, match="audit-changed"):
        started(full)


@pytest.mark.parametrize("name", [DELETION, "deletion.next"])
def test_an_attack_with_a_forged_event_beside_the_log_makes_no_start_delete_anything(name: str, full: Path) -> None:
    (full / name).write_bytes(forged_line(full))

    started(full).close()

    assert ["2026-11-26.jsonl", "2026-11-27.jsonl"] == names(full)


def test_an_attack_on_the_hashes_that_stand_for_deleted_lines_is_found(log: Path, go: Path) -> None:
    tree = bytearray((log / TREE).read_bytes())
    tree[40] ^= 1
    (log / TREE).write_bytes(tree)

    # The second hash of the file is that of line 1, which the second checkpoint is the first to cover.
    assert [False] * 3 == answers(log, go)
    assert (Doubt.CHANGED, 1, 4) == faults(verify_log(log, KEYS))[0]


def test_an_attack_that_takes_the_hashes_of_deleted_lines_away_is_found_and_stops_the_start(
    log: Path, go: Path
) -> None:
    (log / TREE).unlink()

    assert [False] * 3 == answers(log, go)
    assert (Doubt.HASHES_MISSING, 0, FIRST_DAY) == faults(verify_log(log, KEYS))[0]
    with pytest.raises(SluisError, match="audit-changed"):
        started(log)


def test_an_attack_that_removes_the_copy_of_the_event_stops_the_start_until_it_is_put_back(log: Path) -> None:
    copied = (log / DELETION).read_bytes()
    (log / DELETION).unlink()

    with pytest.raises(SluisError, match="audit-changed"):
        started(log)
    assert verify_log(log, KEYS).holds
    guide = (Path(__file__).parents[3] / "docs" / "administrator.md").read_text(encoding="utf-8")
    (command,) = (each for each in guide.splitlines() if each.startswith("grep -h '\"event.action"))
    subprocess.run(["sh", "-c", command.replace("runuser -u sluis -- ", "")], cwd=log, check=True)
    assert copied == (log / DELETION).read_bytes()
    started(log).close()


def test_an_event_in_which_one_person_proposed_and_approved_deletes_nothing(full: Path) -> None:
    log = started(full)
    prefix = log.prefix(SECOND_DAY)
    assert prefix is not None
    event = deletion_event((prefix.first, prefix.end), prefix.root)
    alone = Event(
        action=event.action,
        lines=event.lines,
        root=event.root,
        retention_policy=POLICY,
        proposer=event.person,
        person=event.person,
    )
    log.delete(alone)
    log.close()

    assert ["2026-11-26.jsonl", "2026-11-27.jsonl"] == names(full)


def test_a_tree_that_was_flushed_only_as_far_as_the_deletion_is_made_again_from_there(log: Path) -> None:
    before = (log / TREE).read_bytes()
    leaf = leaf_hash(lines_in(log)[0])
    # What the power took: everything behind the last hash that was flushed before the lines went.
    (log / TREE).write_bytes(before[: before.index(leaf)])
    # One hash less, and the deleted lines have no root any more.
    shorter = Path(shutil.copytree(log, log.with_name("shorter")))
    (shorter / TREE).write_bytes(before[: before.index(leaf) - 32])

    started(log).close()
    with pytest.raises(SluisError, match="audit-changed"):
        started(shorter)

    assert before == (log / TREE).read_bytes()
    assert [] == [each for _, _, each in lines_of(log / "log") if b"audit-log-recovered" in each]


def test_an_attack_on_the_number_of_the_first_line_left_destroys_no_hash_of_deleted_lines(log: Path, go: Path) -> None:
    path = log / "log" / "2026-11-27.jsonl"
    before, tree = path.read_bytes(), (log / TREE).read_bytes()
    number = f'"event.sequence":{FIRST_DAY}'.encode()
    for false in range(FIRST_DAY):
        path.chmod(0o640)
        path.write_bytes(before.replace(number, f'"event.sequence":{false}'.encode(), 1))
        with pytest.raises(SluisError):
            started(log)
        assert tree == (log / TREE).read_bytes()

    path.write_bytes(before)
    started(log).close()

    assert [True] * 3 == answers(log, go)
