"""The malware scan, against a daemon that speaks as clamd does."""

import socket
import time
from pathlib import Path

import pytest

from gateway.minimise.clamd import Clamd, Malware, Scan
from tests.integration.minimise.malware_daemon import EICAR, on_tcp, on_unix

CLEAN, UNREACHABLE = Scan(verdict=Malware.CLEAN), Scan(verdict=Malware.UNREACHABLE)


def test_the_eicar_test_file_is_found_and_named(tmp_path: Path) -> None:
    with on_unix(tmp_path) as (path, _):
        assert Scan(verdict=Malware.FOUND, name="Eicar-Signature") == Clamd(path).scan(EICAR)


@pytest.mark.parametrize("size", [0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 1024 * 1024])
def test_a_document_of_any_size_reaches_the_daemon_whole(tmp_path: Path, size: int) -> None:
    with on_unix(tmp_path) as (path, daemon):
        assert CLEAN == Clamd(path).scan(b"a" * size)
        assert [size] == daemon.scanned


def test_a_daemon_on_tcp_is_asked_likewise() -> None:
    with on_tcp() as (address, _):
        clamd = Clamd(address)
        assert clamd.is_there()
        assert CLEAN == clamd.scan(b"hallo")
        assert Malware.FOUND is clamd.scan(EICAR).verdict


def test_a_document_beyond_the_daemons_limit_is_too_large_and_never_clean(tmp_path: Path) -> None:
    with on_unix(tmp_path, stream_max_length=100_000) as (path, _):
        assert Scan(verdict=Malware.TOO_LARGE) == Clamd(path).scan(b"a" * 5_000_000)


def test_a_daemon_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    assert not Clamd(tmp_path / "none.ctl").is_there()
    assert UNREACHABLE == Clamd(tmp_path / "none.ctl").scan(b"hallo")
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()[:2]
    assert UNREACHABLE == Clamd(address).scan(b"hallo")


def test_a_daemon_that_says_nothing_is_left_in_time(tmp_path: Path) -> None:
    with on_unix(tmp_path, answering=lambda _: time.sleep(3)) as (path, _):
        start = time.monotonic()
        assert UNREACHABLE == Clamd(path, seconds=0.5).scan(b"a" * 10_000_000)
        assert not Clamd(path, seconds=0.5).is_there()
        assert time.monotonic() - start < 2.5


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"stream: OK",
        b"stream: OK and more\0",
        b"stream: ok\0",
        b"OK\0",
        b"stream: Can't allocate memory ERROR\0",
        b"COMMAND READ TIMED OUT\0",
        b"UNKNOWN COMMAND\0",
        b"\0",
        b"\xff\xfe\0",
        b"x" * 100_000 + b"\0",
        b"stream: OK\0stream: Eicar-Signature FOUND\0",
    ],
)
def test_what_is_not_exactly_an_answer_is_never_clean(tmp_path: Path, answer: bytes) -> None:
    with on_unix(tmp_path, answering=lambda peer: _answer(peer, answer)) as (path, _):
        assert Malware.CLEAN is not Clamd(path, seconds=5).scan(b"hallo").verdict


def _answer(peer: socket.socket, answer: bytes) -> None:
    while not peer.recv(65536).endswith(bytes(4)):
        pass
    peer.sendall(answer)


def test_a_name_that_could_be_anything_is_not_repeated(tmp_path: Path) -> None:
    with on_unix(tmp_path, answering=lambda peer: _answer(peer, b"stream: Merhawi\nTesfay FOUND\0")) as (path, _):
        assert Malware.CLEAN is not Clamd(path).scan(b"hallo").verdict
    (tmp_path / "clamd.ctl").unlink()
    with on_unix(tmp_path, answering=lambda peer: _answer(peer, b"stream: van Merhawi FOUND\0")) as (path, _):
        assert Scan(verdict=Malware.FOUND, name="unnamed") == Clamd(path).scan(b"hallo")
