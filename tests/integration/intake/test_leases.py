import fcntl
import os
import signal
from pathlib import Path

import pytest

from gateway.intake.leases import file_held, held_for_writing, leases_work


def test_leases_are_believed_on_a_local_disk_and_not_on_others(tmp_path: Path) -> None:
    assert leases_work(tmp_path)
    assert not leases_work(Path("/proc"))


def test_leases_are_not_believed_when_nothing_is_known_of_the_mounts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, **_how: str) -> str:
        raise PermissionError

    monkeypatch.setattr(Path, "read_text", refuse)
    assert not leases_work(tmp_path)


def test_a_writer_is_seen_and_a_reader_is_not(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with path.open("rb"):
        assert not file_held(str(path))
    with path.open("ab"):
        assert file_held(str(path))
    assert not file_held(str(path))


def test_a_writer_is_still_seen_after_the_file_was_moved(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("ab"):
        path.rename(tmp_path / "moved")
        assert file_held(str(tmp_path / "moved"))


def test_a_lease_is_given_back_and_its_signal_can_not_end_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signals: list[int] = []
    call = fcntl.fcntl

    def watched(descriptor: int, command: int, argument: int = 0) -> int:
        if (command, argument) == (fcntl.F_SETLEASE, fcntl.F_UNLCK):
            signals.append(call(descriptor, fcntl.F_GETSIG))
        return call(descriptor, command, argument)

    path = tmp_path / "file"
    path.touch()
    descriptor = os.open(path, os.O_RDONLY)
    try:
        monkeypatch.setattr(fcntl, "fcntl", watched)
        assert not held_for_writing(descriptor)
        assert fcntl.F_UNLCK == call(descriptor, fcntl.F_GETLEASE)
    finally:
        os.close(descriptor)
    assert [signal.SIGURG] == signals
    assert signal.SIG_DFL == signal.getsignal(signal.SIGURG)


def test_what_is_gone_or_no_plain_file_is_not_held(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")

    assert not any(file_held(str(tmp_path / name)) for name in ("gone", "pipe", "link"))
