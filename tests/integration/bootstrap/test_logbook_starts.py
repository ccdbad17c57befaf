"""When an action began is the same time however often its line is read, and from wherever reading begins."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bootstrap.log_following import LogFollower, LogLine
from gateway.bootstrap.logbook_starts import Starts

REACH = 400
_LINE = st.tuples(
    st.sampled_from(["package-release-started", "package-released", "package-release-failed", "service-started"]),
    st.integers(0, 2),
    st.integers(1, 2),
    st.integers(0, 60),
)


def write(folder: Path, days: list[list[tuple[str, int, int, int]]]) -> list[LogLine]:
    folder.mkdir()
    number = 0
    for day, lines in enumerate(days, 1):
        with (folder / f"2026-11-{day:02}.jsonl").open("wb") as target:
            for action, package, attempt, more in lines:
                record: dict[str, Any] = {
                    "event.sequence": number,
                    "event.action": action,
                    "@timestamp": f"time-{number}",
                    "gateway.package.id": str(package),
                    "gateway.recipient.id": "r",
                    "gateway.attempt": attempt,
                    "more": "x" * more,
                }
                target.write(orjson.dumps(record) + b"\n")
                number += 1
    return list(LogFollower(folder, folder.parent / "place").ahead(size=number, most=number))


@given(days=st.lists(st.lists(_LINE, max_size=8), min_size=1, max_size=3))
def test_it_does_not_matter_where_reading_begins(
    days: list[list[tuple[str, int, int, int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("log") / "log"
    lines = write(folder, days)
    whole = Starts(folder, reach=REACH)
    expected = [whole.start_of(line) for line in lines]
    assert expected == [Starts(folder, reach=REACH).start_of(line) for line in lines]


def test_an_intent_counts_for_its_own_attempt_at_its_own_package_and_not_from_far_away(tmp_path: Path) -> None:
    started, released = "package-release-started", "package-released"
    near, other, far = (started, 0, 1, 0), (started, 1, 1, 0), ("service-started", 0, 1, REACH)
    lines = write(tmp_path / "log", [[near, other, (released, 0, 1, 0), (released, 0, 2, 0), far, (released, 1, 1, 0)]])
    follow = Starts(tmp_path / "log", reach=REACH)
    assert ["", "", "time-0", "", "", ""] == [follow.start_of(line) for line in lines]
