"""Lines that somebody put behind the last checkpoint: nobody has vouched for them, and a start says so."""

import os
import shutil
from pathlib import Path

import pytest

from gateway.audit.events import Event, EventAction
from gateway.audit.findings import Doubt
from gateway.audit.reading import read_events
from gateway.audit.records import record_of
from gateway.audit.tree import root_of
from gateway.audit.tree_files import CHECKPOINTS, TREE, hashes_in
from gateway.audit.verifying import verify_log
from gateway.package.errors import SluisError
from tests.integration.audit.attacking import FIRST_DAY, KEYS, NOW, SIZE, deletion_event, opened, written

_FIRST, _LAST = "2026-11-26.jsonl", "2026-11-27.jsonl"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("audit") / "w")


@pytest.fixture
def log(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "log"))


def forged(folder: Path, event: Event) -> bytes:
    """Write a line behind the last checkpoint, as whoever can write files and has no key."""
    line = record_of(
        event,
        sequence=SIZE,
        at=NOW,
        event_id="0190a0b0-0000-7000-8000-00000000beef",
        salt=os.urandom(16),
        version="0.1.0",
        host="gateway-1",
        node="node-1",
    )
    with (folder / "log" / _LAST).open("ab") as target:
        target.write(line + b"\n")
    return line


def forged_deletion(folder: Path) -> bytes:
    descriptor = os.open(folder / TREE, os.O_RDONLY)
    try:
        root = root_of(FIRST_DAY, lambda subtrees: hashes_in(descriptor, subtrees))
    finally:
        os.close(descriptor)
    return forged(folder, deletion_event((0, FIRST_DAY), root))


@pytest.mark.parametrize("with_its_copy", [True, False])
def test_a_deletion_that_nobody_signed_for_hides_no_day_and_gets_no_signature(with_its_copy: bool, log: Path) -> None:
    signed = (log / CHECKPOINTS).read_bytes()
    line = forged_deletion(log)
    if with_its_copy:
        (log / "deletion").write_bytes(line)
    (log / "log" / _FIRST).unlink()

    for _ in range(2):
        with pytest.raises(SluisError, match="audit-changed"):
            opened(log, first_day=False)

        assert signed == (log / CHECKPOINTS).read_bytes()
        assert not verify_log(log, KEYS).holds


def test_a_deletion_that_nobody_signed_for_is_not_carried_out(log: Path) -> None:
    (log / "deletion").write_bytes(forged_deletion(log))

    opened(log, first_day=False).close()

    assert {_FIRST, _LAST} == {path.name for path in (log / "log").iterdir()}
    assert 0 == verify_log(log, KEYS).first


def test_lines_without_a_checkpoint_are_signed_and_it_is_said_how_many_they_were(log: Path) -> None:
    forged(log, Event(action=EventAction.PACKAGE_SEALED))
    assert [Doubt.NOT_SIGNED] == [each.doubt for each in verify_log(log, KEYS).faults]

    opened(log, first_day=False).close()

    told = [*read_events(log / "log")][-1]
    assert ("audit-log-recovered", 1) == (told["event.action"], told["gateway.counts.unsigned_lines"])
    assert verify_log(log, KEYS).holds
