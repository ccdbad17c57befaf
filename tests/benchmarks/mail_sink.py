"""The receiver, the same for every side: Postfix's `smtp-sink` behind `stunnel`, which speaks STARTTLS for it.

A receiver in Python would be the limit itself (about 200 messages a second); this one is not.
"""

import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

HOST = "localhost"
_START_SECONDS = 10.0
_COUNTED = re.compile(rb"mesg=(\d+)")
_LAST_BYTES = 512
# Whoever looks more often takes the processor away from what is measured; this is 1 % of a round.
_ASK_SECONDS = 5.0
_LOOK_SECONDS = 0.01


@dataclass(frozen=True, kw_only=True)
class MailSink:
    """A running receiver: the port that offers STARTTLS, the plain one behind it, where it counts, what it kept."""

    port: int
    plain_port: int
    ca: Path
    counter: Path
    kept: Path

    def count(self) -> int:
        """Give how many messages were taken since the start."""
        with self.counter.open("rb") as counter:
            counter.seek(max(0, counter.seek(0, os.SEEK_END) - _LAST_BYTES))
            counted = _COUNTED.findall(counter.read())
        return int(counted[-1]) if counted else 0

    def await_count(
        self, expected: int, *, limit_seconds: float, still_goes: Callable[[], None] = lambda: None
    ) -> None:
        """Wait until so many messages were taken; raise TimeoutError when they do not come.

        `still_goes` raises when they can not come any more; asked now and then, since it costs the sender time.
        """
        begin = asked = time.monotonic()
        while self.count() < expected:
            now = time.monotonic()
            if now > begin + limit_seconds:
                raise TimeoutError(f"{self.count()} of {expected} messages came within {limit_seconds:.0f} s")
            if now > asked + _ASK_SECONDS:
                still_goes()
                asked = now
            time.sleep(_LOOK_SECONDS)


@contextmanager
def mail_sink(folder: Path, *, keep: bool = False) -> Iterator[MailSink]:
    """Run a receiver on loopback; with `keep` every message becomes a file."""
    folder.mkdir(mode=0o755)
    kept = folder / "kept"
    kept.mkdir(mode=0o777)
    kept.chmod(0o777)  # smtp-sink gives up root's rights before it writes.
    certificate, ca = _make_certificate(folder)
    inner, outer = _free_port(), _free_port()
    counter = folder / "counter"
    with counter.open("wb") as counts, (folder / "stunnel.log").open("wb") as log:
        sink = subprocess.Popen(_sink_command(inner, kept if keep else None), stdout=counts, stderr=counts)
        front = subprocess.Popen(
            ["/usr/bin/stunnel4", _write_front(folder, inner, outer, certificate)], stdout=log, stderr=log
        )
        try:
            _await_port(inner)
            _await_port(outer)
            yield MailSink(port=outer, plain_port=inner, ca=ca, counter=counter, kept=kept)
        finally:
            for process in (front, sink):
                process.terminate()
                process.wait(timeout=10)


def _sink_command(port: int, kept: Path | None) -> list[str]:
    privileges = ["-u", "nobody"] if os.geteuid() == 0 else []
    keeping = ["-R", str(kept), "-d", "%M."] if kept and os.geteuid() == 0 else ["-d", f"{kept}/%M."] if kept else []
    return ["/usr/sbin/smtp-sink", "-c", *privileges, *keeping, f"127.0.0.1:{port}", "100"]


def _make_certificate(folder: Path) -> tuple[Path, Path]:
    authority = trustme.CA()
    certificate, ca = folder / "server.pem", folder / "ca.pem"
    authority.issue_cert(HOST, "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    certificate.chmod(0o600)
    authority.cert_pem.write_to_path(ca)
    return certificate, ca


def _write_front(folder: Path, inner: int, outer: int, certificate: Path) -> Path:
    settings = folder / "stunnel.conf"
    settings.write_text(
        "foreground = yes\npid =\ndebug = 4\n"
        f"[smtp]\nprotocol = smtp\naccept = 127.0.0.1:{outer}\nconnect = 127.0.0.1:{inner}\n"
        f"cert = {certificate}\nsslVersionMin = TLSv1.2\nsocket = l:TCP_NODELAY=1\nsocket = r:TCP_NODELAY=1\n",
        encoding="utf-8",
    )
    return settings


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_port(port: int) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
