"""Whoever sends the log's lines on is given each of them, in order, also after a restart and a removed file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bootstrap.log_following import LogFollower
from gateway.package.errors import Code, SluisError


def write_days(folder: Path, *days: int) -> None:
    """Write a file for each day, with so many lines in it."""
    folder.mkdir(exist_ok=True)
    number = 0
    for day, count in enumerate(days, 1):
        lines = [f'{{"event.sequence":{number + each}}}\n' for each in range(count)]
        (folder / f"2026-11-{day:02}.jsonl").write_text("".join(lines))
        number += count


def numbers(follower: LogFollower, *, size: int = 1000, most: int = 1000) -> list[int]:
    return [each.index for each in follower.ahead(size=size, most=most)]


@given(days=st.lists(st.integers(0, 5), min_size=1, max_size=4), most=st.integers(1, 7), restarts=st.booleans())
def test_every_line_is_given_once_and_in_order_by_whatever_batches(
    days: list[int], most: int, restarts: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("log")
    write_days(root / "log", *days)
    follower = LogFollower(root / "log", root / "place")
    given_out: list[int] = []
    while batch := follower.ahead(size=sum(days), most=most):
        given_out += [each.index for each in batch]
        follower.keep(batch[-1])
        if restarts:
            follower = LogFollower(root / "log", root / "place")
    assert list(range(sum(days))) == given_out


def test_what_was_given_and_not_kept_is_given_again(tmp_path: Path) -> None:
    write_days(tmp_path / "log", 3)
    assert [0, 1] == numbers(LogFollower(tmp_path / "log", tmp_path / "place"), most=2)
    assert [0, 1] == numbers(LogFollower(tmp_path / "log", tmp_path / "place"), most=2)


def test_who_begins_to_follow_has_a_place_before_anything_arrived_and_loses_none_by_beginning_again(
    tmp_path: Path,
) -> None:
    write_days(tmp_path / "log", 3)
    follower = LogFollower(tmp_path / "log", tmp_path / "places" / "siem.json")
    follower.begin()
    assert (tmp_path / "places" / "siem.json").exists()
    follower.keep(follower.ahead(size=9, most=2)[-1])
    follower.begin()
    assert [2] == numbers(LogFollower(tmp_path / "log", tmp_path / "places" / "siem.json"))


def test_a_line_that_no_checkpoint_covers_is_not_given_yet(tmp_path: Path) -> None:
    write_days(tmp_path / "log", 3)
    assert [0, 1] == numbers(LogFollower(tmp_path / "log", tmp_path / "place"), size=2)


def test_a_line_that_is_still_being_written_is_not_given(tmp_path: Path) -> None:
    write_days(tmp_path / "log", 2)
    with (tmp_path / "log" / "2026-11-01.jsonl").open("a") as file:
        file.write('{"event.sequ')
    assert [0, 1] == numbers(LogFollower(tmp_path / "log", tmp_path / "place"))


def test_an_unreadable_line_takes_its_number_and_is_given(tmp_path: Path) -> None:
    write_days(tmp_path / "log", 1)
    with (tmp_path / "log" / "2026-11-01.jsonl").open("a") as file:
        file.write('garbage\n{"event.sequence":2}\n')
    given_out = LogFollower(tmp_path / "log", tmp_path / "place").ahead(size=9, most=9)
    assert [(0, b'{"event.sequence":0}'), (1, b"garbage"), (2, b'{"event.sequence":2}')] == [
        (each.index, each.line) for each in given_out
    ]


def test_after_the_next_file_was_removed_the_lines_that_are_left_keep_their_numbers(tmp_path: Path) -> None:
    write_days(tmp_path / "log", 2, 2, 2)
    follower = LogFollower(tmp_path / "log", tmp_path / "place")
    follower.keep(follower.ahead(size=9, most=1)[-1])
    (tmp_path / "log" / "2026-11-01.jsonl").unlink()
    assert [2, 3, 4, 5] == numbers(LogFollower(tmp_path / "log", tmp_path / "place"))


@pytest.mark.parametrize("length", [3, 5, 12])
def test_a_log_that_was_set_back_gives_nothing_however_far_it_has_grown_again(tmp_path: Path, length: int) -> None:
    write_days(tmp_path / "log", 4)
    follower = LogFollower(tmp_path / "log", tmp_path / "place")
    follower.keep(follower.ahead(size=9, most=9)[-1])
    lines = [f'{{"event.sequence":{number},"anew":true}}\n' for number in range(2, length)]
    path = tmp_path / "log" / "2026-11-01.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:2] + lines))
    again = LogFollower(tmp_path / "log", tmp_path / "place")
    assert again.is_of_another_log(length)
    with pytest.raises(SluisError) as refused:
        again.ahead(size=length, most=9)
    assert Code.AUDIT_CHANGED is refused.value.code


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"next":"x"}',
        b'{"next":1}',
        b'{"next":-1,"file":"","offset":0,"length":0,"leaf":""}',
        b'{"next":0,"file":"","offset":1000000000000000000000000000000,"length":0,"leaf":""}',
        b'{"next":0,"file":"","offset":1e300,"length":0,"leaf":""}',
    ],
)
def test_a_place_that_can_not_be_read_starts_nothing_anew(tmp_path: Path, content: bytes) -> None:
    write_days(tmp_path / "log", 1)
    (tmp_path / "place").write_bytes(content)
    with pytest.raises(SluisError) as refused:
        LogFollower(tmp_path / "log", tmp_path / "place")
    assert Code.AUDIT_UNAVAILABLE is refused.value.code
