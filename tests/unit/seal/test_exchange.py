"""The pump between our bytes and a process, tried with small programs in place of gpg."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.seal.exchange import StalledError, Traffic, exchange

PATIENCE = 20.0


def started(*command: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def python(program: str) -> "subprocess.Popen[bytes]":
    return started(sys.executable, "-c", program)


@pytest.mark.parametrize("large", [True, False])
@pytest.mark.parametrize("size", [0, 1, 65_536, 5_000_000])
def test_every_byte_comes_back_in_order(size: int, large: bool) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    pieces = [content[:size], b"", content[:7]]
    output = bytearray()

    said = exchange(started("cat"), Traffic(iter(pieces), output.extend, large=large), patience_seconds=PATIENCE)

    assert b"".join(pieces) == output
    assert b"" == said


def test_what_the_process_says_is_given_back() -> None:
    process = started("sh", "-c", "echo fault >&2; exit 3")

    assert b"fault\n" == exchange(process, Traffic(iter(()), bytearray().extend), patience_seconds=PATIENCE)
    assert 3 == process.returncode


def test_a_process_that_says_more_than_a_pipe_holds_before_it_writes_is_heard_and_read() -> None:
    process = python("import sys; sys.stderr.write('s' * 1_000_000); sys.stdout.write('o' * 1_000_000)")
    output = bytearray()

    said = exchange(process, Traffic(iter((b"x",)), output.extend), patience_seconds=PATIENCE)

    assert (1_000_000, 1_000_000) == (said.count(b"s"), output.count(b"o"))


def test_a_process_that_stops_reading_is_heard_to_its_end() -> None:
    process = started("sh", "-c", "exec 0<&-; echo refused >&2; exit 2")
    endless = iter(lambda: bytes(1_000_000), None)

    assert b"refused\n" == exchange(process, Traffic(endless, bytearray().extend), patience_seconds=PATIENCE)
    assert 2 == process.returncode


@pytest.mark.parametrize(
    "program",
    [
        "import time; time.sleep(60)",
        "import sys, time; sys.stdin.buffer.read(1); time.sleep(60)",
        "import os, time; os.close(1); os.close(2); time.sleep(60)",
    ],
    ids=["reads nothing", "reads a little", "closes its outputs and stays"],
)
def test_a_process_without_progress_is_killed(program: str) -> None:
    process = python(program)
    endless = iter(lambda: bytes(1_000_000), None)

    with pytest.raises(StalledError):
        exchange(process, Traffic(endless, bytearray().extend), patience_seconds=0.3)

    assert process.poll() == -9


def test_slow_progress_is_progress() -> None:
    process = python("import sys, time\nfor _ in range(6): time.sleep(0.5); print('x', flush=True)")
    output = bytearray()

    # Longer in all than the patience, and every step far shorter, also on a machine that is busy.
    exchange(process, Traffic(iter(()), output.extend), patience_seconds=2.5)

    assert b"x\n" * 6 == output


def test_a_source_that_fails_kills_the_process_before_it_sees_the_end_of_its_input(tmp_path: Path) -> None:
    finished = tmp_path / "finished"
    process = started("sh", "-c", f"cat >/dev/null; touch {finished}")

    def failing() -> Iterator[bytes]:
        yield b"half a message"
        raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        exchange(process, Traffic(failing(), bytearray().extend), patience_seconds=PATIENCE)

    assert process.poll() == -9
    assert not finished.exists()


def test_a_sink_that_fails_kills_the_process() -> None:
    def failing(_: memoryview) -> None:
        raise OSError("no room")

    process = started("yes")
    with pytest.raises(OSError, match="no room"):
        exchange(process, Traffic(iter(()), failing), patience_seconds=PATIENCE)

    assert process.poll() == -9


def test_every_descriptor_is_closed_at_the_end() -> None:
    process = started("cat")

    exchange(process, Traffic(iter((b"x",)), bytearray().extend), patience_seconds=PATIENCE)

    assert [True] * 3 == [pipe is not None and pipe.closed for pipe in (process.stdin, process.stdout, process.stderr)]


def test_a_process_without_pipes_is_our_own_mistake() -> None:
    process = subprocess.Popen(["true"])
    with pytest.raises(TypeError):
        exchange(process, Traffic(iter(()), bytearray().extend), patience_seconds=PATIENCE)
    process.wait()
