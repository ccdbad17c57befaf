"""A deletion that was interrupted, or is under way, is told as one, and hides no line that nobody let go."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.audit import verifying
from gateway.audit.deletions import DELETION
from gateway.audit.events import Event, EventAction
from gateway.audit.findings import Doubt, Verified
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.reading import read_events
from gateway.audit.segments import Segments
from gateway.audit.tree_files import TREE, TreeFiles
from gateway.audit.verifying import verify_log
from gateway.package.errors import Code, SluisError
from tests.integration.audit.attacking import (
    FIRST_DAY,
    KEYS,
    SIZE,
    deletion_event,
    lines_in,
    opened,
    pruned,
    put,
    written,
)
from tests.integration.audit.outside.programs import SHIPPED, answers, built_go_verifier, faults

THIRD_DAY = "2026-11-28"
FILES = ["2026-11-26.jsonl", "2026-11-27.jsonl", "2026-11-28.jsonl"]
EVENT = Event(action=EventAction.PACKAGE_SEALED)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of three days."""
    folder = written(tmp_path_factory.mktemp("audit") / "w")
    log = started(folder)
    log.write([(EVENT,), (EVENT,)])
    log.close()
    return folder


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_go_verifier(tmp_path_factory.mktemp("go"))


@pytest.fixture
def log(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "log"))


@pytest.fixture
def announced(log: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log in which the deletion of two days stands, of which no file was removed yet."""
    with monkeypatch.context() as patch:
        patch.setattr(Segments, "remove_before", _power_fails)
        with pytest.raises(PowerFailedError):
            delete_two_days(log)
    return log


@pytest.fixture
def half(announced: Path) -> Path:
    """The same log when the power went between the two files."""
    (announced / "log" / FILES[0]).unlink()
    return announced


class PowerFailedError(Exception):
    """Nothing after this happened."""


def _power_fails(*_: object, **__: object) -> None:
    raise PowerFailedError


def started(folder: Path) -> AuditLogFiles:
    return opened(folder, first_day=False, days=2)


def delete_two_days(folder: Path) -> None:
    log = started(folder)
    prefix = log.prefix(THIRD_DAY)
    assert prefix is not None
    try:
        log.delete(deletion_event((prefix.first, prefix.end), prefix.root))
    finally:
        log.close()


def unfinished(verified: Verified) -> int | None:
    return None if verified.unfinished is None else verified.unfinished.end


@pytest.mark.parametrize(("state", "first"), [("announced", 0), ("half", FIRST_DAY)])
def test_an_interrupted_deletion_is_told_by_everybody_and_nothing_else_is_wrong(
    state: str, first: int, go: Path, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(state)
    verified = verify_log(folder, KEYS)

    assert [True] * 3 == answers(folder, go)
    assert (first, SIZE, []) == (verified.first, unfinished(verified), faults(verified))


@pytest.mark.parametrize("state", ["announced", "half"])
def test_the_next_start_finishes_the_deletion_and_nothing_is_told_any_more(
    state: str, go: Path, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(state)
    started(folder).close()
    verified = verify_log(folder, KEYS)

    assert FILES[2:] == [each.name for each in sorted((folder / "log").iterdir())]
    assert [True] * 3 == answers(folder, go)
    assert (SIZE, None) == (verified.first, unfinished(verified))
    assert "audit-log-recovered" in [each["event.action"] for each in read_events(folder / "log")]


@pytest.fixture
def unsigned(log: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log when the power went before it had signed for the deletion of two days."""
    with monkeypatch.context() as patch:
        patch.setattr(TreeFiles, "grow", _power_fails)
        with pytest.raises(PowerFailedError):
            delete_two_days(log)
    return log


@pytest.mark.parametrize("is_pruned", [False, True])
def test_a_deletion_that_was_not_signed_for_is_never_said_to_go_on_with_a_start(
    log: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, *, is_pruned: bool
) -> None:
    if is_pruned:
        pruned(log)
    folder: Path = request.getfixturevalue("unsigned")
    before = verify_log(folder, KEYS)
    started(folder).close()
    after = verify_log(folder, KEYS)

    assert (None, SIZE) == (before.unfinished, before.lapsed.end if before.lapsed else 0)
    assert [Doubt.NOT_SIGNED] == [each.doubt for each in before.faults]
    assert FILES[is_pruned:] == [each.name for each in sorted((folder / "log").iterdir())]
    # Without an earlier deletion nothing is left that says to look for one in every line.
    assert (True, None, is_pruned) == (after.holds, after.unfinished, after.lapsed is not None)


def test_a_deletion_whose_copy_can_not_be_read_makes_the_log_unavailable(announced: Path) -> None:
    (announced / DELETION).unlink(missing_ok=True)
    (announced / DELETION).mkdir()
    with pytest.raises(SluisError) as raised:
        verify_log(announced, KEYS)
    assert Code.AUDIT_UNAVAILABLE is raised.value.code


def test_a_lapsed_deletion_that_is_proposed_anew_is_done(unsigned: Path) -> None:
    started(unsigned).close()
    delete_two_days(unsigned)
    verified = verify_log(unsigned, KEYS)

    assert (True, SIZE, None, None) == (verified.holds, verified.first, verified.unfinished, verified.lapsed)


def test_the_verifier_without_sluis_says_that_the_deletion_is_not_finished(half: Path) -> None:
    said = shipped_output("log", half, "--keys", half / "vkeys")

    assert f"the oldest {FIRST_DAY} were deleted" in said
    assert f"deleting those before {SIZE} is not finished" in said


def shipped_output(*arguments: Path | str) -> str:
    command = [sys.executable, "-I", str(SHIPPED), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_deletion_that_removes_files_while_they_are_read_is_no_fault(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare, waiting = verifying._compare, [log]

    def meanwhile(*given: Any) -> Any:
        if waiting:
            delete_two_days(waiting.pop())
        return compare(*given)

    monkeypatch.setattr(verifying, "_compare", meanwhile)
    verified = verify_log(log, KEYS)

    assert ([], SIZE, None) == (faults(verified), verified.first, unfinished(verified))


def test_an_attack_that_removes_more_lines_than_an_unfinished_deletion_names_is_found(half: Path, go: Path) -> None:
    put(half, lines_in(half)[SIZE - FIRST_DAY + 1 :])

    assert [False] * 3 == answers(half, go)
    assert [(Doubt.LINES_MISSING, SIZE, SIZE + 1)] == faults(verify_log(half, KEYS))
    with pytest.raises(SluisError, match="audit-changed"):
        started(half)


def test_an_attack_that_takes_a_line_from_between_those_of_an_unfinished_deletion_is_found(
    half: Path, go: Path
) -> None:
    lines = lines_in(half)
    put(half, [*lines[:1], *lines[2:]])

    assert [False] * 3 == answers(half, go)
    assert not verify_log(half, KEYS).holds


def test_an_attack_that_changes_a_line_of_an_unfinished_deletion_is_found(half: Path, go: Path) -> None:
    lines = lines_in(half)
    put(half, [lines[0], lines[1].replace(b'"gateway-1"', b'"gateway-2"'), *lines[2:]])

    assert [False] * 3 == answers(half, go)
    assert [(Doubt.CHANGED, FIRST_DAY + 1, FIRST_DAY + 2)] == faults(verify_log(half, KEYS))


def test_an_attack_on_the_hashes_of_lines_that_an_unfinished_deletion_removed_is_found(half: Path, go: Path) -> None:
    tree = bytearray((half / TREE).read_bytes())
    tree[40] ^= 1
    (half / TREE).write_bytes(tree)

    assert [False] * 3 == answers(half, go)


def behind_the_last_line(folder: Path, line: bytes) -> None:
    with (folder / "log" / FILES[2]).open("ab") as target:
        target.write(line + b"\n")


def in_place_of_the_last_line(folder: Path, line: bytes) -> None:
    number = SIZE + 1
    lines = lines_in(folder)
    put(
        folder,
        [*lines[:-1], line.replace(f'"event.sequence":{SIZE + 2}'.encode(), f'"event.sequence":{number}'.encode())],
    )


def beside_the_log(folder: Path, line: bytes) -> None:
    for name in ("deletion", "deletion.next"):
        (folder / name).write_bytes(line)


@pytest.mark.parametrize("forge", [behind_the_last_line, in_place_of_the_last_line, beside_the_log])
def test_an_attack_that_removes_a_file_and_forges_an_unfinished_deletion_is_found(
    forge: Callable[[Path, bytes], None], log: Path, go: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(log, tmp_path / "other"))
    delete_two_days(other)
    forged = lines_in(other)[-1]
    (log / "log" / FILES[0]).unlink()
    forge(log, forged)

    assert [False] * 3 == answers(log, go)
    with pytest.raises(SluisError, match="audit-changed"):
        started(log)


def test_an_attack_by_an_unfinished_deletion_that_one_person_made_alone_hides_nothing(log: Path, go: Path) -> None:
    writing = started(log)
    prefix = writing.prefix(THIRD_DAY)
    assert prefix is not None
    event = deletion_event((prefix.first, prefix.end), prefix.root)
    writing.write([(replace(event, proposer=event.person),)])
    writing.close()
    (log / "log" / FILES[0]).unlink()

    assert [False] * 3 == answers(log, go)
    assert [(Doubt.LINES_MISSING, 0, FIRST_DAY)] == faults(verify_log(log, KEYS))
