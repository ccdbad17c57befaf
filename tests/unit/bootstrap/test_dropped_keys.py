"""What the operational log left out is counted, by whichever process it was left out."""

from pathlib import Path

import pytest

from gateway.bootstrap.dropped_keys import DroppedKeys

DROPPED = b'{"event.action":"event-without-name","log.dropped_keys":2}\n'
CLEAN = b'{"event.action":"deliveries-wait"}\n'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "service.jsonl"
    path.write_bytes(DROPPED)
    return path


def add(log: Path, *lines: bytes) -> None:
    with log.open("ab") as target:
        target.writelines(lines)


def test_what_was_left_out_before_the_start_is_not_counted(log: Path) -> None:
    assert 0 == DroppedKeys(log).count()


def test_what_is_left_out_from_then_on_is_counted_once(log: Path) -> None:
    dropped = DroppedKeys(log)
    add(log, CLEAN, DROPPED)
    first = dropped.count()
    add(log, DROPPED)

    assert [2, 4, 4] == [first, dropped.count(), dropped.count()]


def test_a_line_half_written_is_counted_when_it_is_whole(log: Path) -> None:
    dropped = DroppedKeys(log)
    add(log, DROPPED[:-5])
    half = dropped.count()
    add(log, DROPPED[-5:])

    assert [0, 2] == [half, dropped.count()]


def test_a_log_that_was_moved_aside_or_cut_is_read_from_its_beginning(log: Path) -> None:
    dropped = DroppedKeys(log)
    log.rename(log.with_suffix(".1"))
    gone = dropped.count()
    add(log, DROPPED)
    moved = dropped.count()
    log.write_bytes(CLEAN)
    cut = dropped.count()
    add(log, DROPPED)

    assert [0, 2, 2, 4] == [gone, moved, cut, dropped.count()]
