"""A skipped stage is a type error: mypy accepts the whole order, and refuses each way round it, line by line."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_EXPECTED = re.compile(r"# expect: (?P<codes>[a-z-]+(?:, [a-z-]+)*)$")
_REPORTED = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+): error: .*\[(?P<code>[a-z-]+)\]$")

Fault = tuple[str, int, str]


def _expected(path: Path) -> set[Fault]:
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    marked = ((number, _EXPECTED.search(line)) for number, line in lines)
    return {(path.name, number, code) for number, mark in marked if mark for code in mark["codes"].split(", ")}


@pytest.fixture(scope="module")
def reported() -> set[Fault]:
    """Run mypy once over all files of this folder, with the project's own settings."""
    paths = [str(path) for path in sorted([*_HERE.glob("accepted_*.py"), *_HERE.glob("refused_*.py")])]
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--no-pretty", "--hide-error-context", *paths]
    result = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=110, check=False)
    faults = [_REPORTED.match(line) for line in result.stdout.splitlines() if ": error: " in line]
    assert not result.stderr
    return {(Path(fault["path"]).name, int(fault["line"]), fault["code"]) for fault in faults if fault}


def test_the_whole_order_is_accepted(reported: set[Fault]) -> None:
    accepted = {path.name for path in _HERE.glob("accepted_*.py")}

    assert accepted
    assert set() == {fault for fault in reported if fault[0] in accepted}


def test_every_way_round_a_stage_is_refused_and_nothing_else(reported: set[Fault]) -> None:
    refused = sorted(_HERE.glob("refused_*.py"))

    assert all(_expected(path) for path in refused)
    assert {fault for path in refused for fault in _expected(path)} == reported
