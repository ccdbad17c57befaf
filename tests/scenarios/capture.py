"""What anybody on the network sees: Debian's dumpcap on loopback, filtered to exactly some ports, read by tshark.

Nothing here waits for a time: a capture has begun when a mark that was sent through it lies in the file, and it is
whole when the last mark does, since packets are kept in the order in which they passed.
"""

import re
import secrets
import signal
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.scenarios.world import PATIENCE_SECONDS, until

HOST = "127.0.0.1"
_KERNEL_BUFFER_MIB = 64
_DROPPED = re.compile(r"Packets received/dropped on interface [^:]*: ?[^:]*: (\d+)/(\d+)")
_FIELDS = ("tcp.stream", "tcp.srcport", "tcp.dstport", "tcp.seq", "tcp.payload")


@dataclass
class Conversation:
    """One TCP connection to one of the ports: what each side said, put together again."""

    port: int
    to_server: bytes = field(repr=False)
    to_client: bytes = field(repr=False)

    @property
    def both(self) -> tuple[bytes, bytes]:
        return self.to_server, self.to_client


@dataclass
class Capture:
    """What passed the ports while it ran; complete after the end of `capturing`."""

    file: Path
    ports: frozenset[int]
    conversations: list[Conversation] = field(default_factory=list)

    def of(self, port: int) -> list[Conversation]:
        return [each for each in self.conversations if each.port == port]


@contextmanager
def capturing(file: Path, ports: Iterable[int]) -> Iterator[Capture]:
    """Capture what passes these ports of loopback. Where that is not permitted, the AssertionError quotes dumpcap."""
    with socket.create_server((HOST, 0)) as beacon, file.open("wb") as output:
        beacon_port = beacon.getsockname()[1]
        capture = Capture(file, frozenset(ports))
        with subprocess.Popen(
            _command({*capture.ports, beacon_port}), stdout=output, stderr=subprocess.PIPE
        ) as dumpcap:
            try:
                _mark(dumpcap, beacon, file)
                yield capture
                _mark(dumpcap, beacon, file)
            finally:
                dumpcap.send_signal(signal.SIGINT)
                said = _said(dumpcap)
    _assert_nothing_was_missed(said)
    capture.conversations = _conversations(capture)


def _command(ports: Iterable[int]) -> list[str]:
    wanted = " or ".join(f"port {port}" for port in sorted(ports))
    # The file is ours and dumpcap gets it open: it may run with other rights than we do.
    return ["dumpcap", "-q", "-i", "lo", "-B", str(_KERNEL_BUFFER_MIB), "-f", f"tcp and ({wanted})", "-w", "-"]


def _said(dumpcap: "subprocess.Popen[bytes]") -> str:
    return dumpcap.communicate(timeout=PATIENCE_SECONDS)[1].decode("utf-8", "replace")


def _mark(dumpcap: "subprocess.Popen[bytes]", beacon: socket.socket, file: Path) -> None:
    """Send a mark through the capture until it lies in the file: what passed before it lies there too."""
    mark = secrets.token_hex(16).encode()

    def found() -> bool:
        if dumpcap.poll() is not None:
            raise AssertionError(f"dumpcap does not capture on loopback: {_said(dumpcap)}")
        with socket.create_connection(beacon.getsockname(), timeout=PATIENCE_SECONDS) as client, beacon.accept()[0]:
            client.sendall(mark)
        return mark in file.read_bytes()

    until(found)


def _assert_nothing_was_missed(said: str) -> None:
    counted = _DROPPED.search(said)
    assert counted, f"dumpcap did not say what it missed: {said}"
    assert "0" == counted[2], f"dumpcap missed packets: {said}"


def _conversations(capture: Capture) -> list[Conversation]:
    """Let tshark take the packets apart, and put what each side said together by its sequence numbers."""
    streams: dict[tuple[int, int], tuple[dict[int, bytes], dict[int, bytes]]] = {}
    for line in _fields_of(capture.file).splitlines():
        stream, source, target, sequence, payload = line.split("\t")
        port = int(target) if int(target) in capture.ports else int(source)
        if port in capture.ports:
            said = streams.setdefault((int(stream), port), ({}, {}))[int(port == int(source))]
            content = bytes.fromhex(payload.replace(":", ""))
            # The same again when it was sent again; the longer one has more of it.
            said[int(sequence)] = max(said.get(int(sequence), b""), content, key=len)
    return [Conversation(port, _joined(up), _joined(down)) for (_, port), (up, down) in streams.items()]


def _fields_of(file: Path) -> str:
    command = ["tshark", "-n", "-r", str(file), "-Y", "tcp.len > 0", "-T", "fields"]
    command += ["-o", "tcp.desegment_tcp_streams:FALSE", "-o", "tcp.relative_sequence_numbers:TRUE"]
    for name in _FIELDS:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, check=False, timeout=4 * PATIENCE_SECONDS)
    assert 0 == done.returncode, done.stderr.decode("utf-8", "replace")
    return done.stdout.decode("ascii")


def _joined(pieces: dict[int, bytes]) -> bytes:
    whole = bytearray()
    for sequence, content in sorted(pieces.items()):
        at = sequence - 1
        assert 0 <= at <= len(whole), "a piece of the conversation is missing"
        whole[at : at + len(content)] = content
    return bytes(whole)


def say_in_clear(port: int, content: bytes) -> None:
    """Connect to a server, say this without any protection, and hear it out; it may close as it likes."""
    with socket.create_connection((HOST, port), timeout=PATIENCE_SECONDS) as client, suppress(ConnectionError):
        client.sendall(content)
        client.shutdown(socket.SHUT_WR)
        while client.recv(65_536):
            pass
