"""Debian's rsyslog as the receiver of a security team: over TLS, with a certificate of its own, and none of ours.

It writes each message as one line of JSON, parsed by its own parsers: the head, the structured data, the text as it
came, and what its reader of CEF makes of it.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme

RSYSLOGD = "/usr/sbin/rsyslogd"
_CONFIGURATION = """
global(workDirectory="{folder}" maxMessageSize="128k" defaultNetstreamDriver="ossl"
  parser.escapeControlCharactersOnReceive="off"
  defaultNetstreamDriverCAFile="{folder}/ca.pem" defaultNetstreamDriverCertFile="{folder}/certificate.pem"
  defaultNetstreamDriverKeyFile="{folder}/key.pem")
# Messages are written as they are read: what the receiver has in memory only is lost when it is killed.
main_queue(queue.type="Direct")
module(load="mmpstrucdata")
module(load="mmnormalize")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="{mode}" {peers})
input(type="imtcp" port="{port}" address="127.0.0.1")
action(type="mmpstrucdata")
set $.text = ltrim($msg);
action(type="mmnormalize" rule=["rule=:%cef:cef%"] path="$!read" variable="$.text")
template(name="all" type="list" option.jsonf="on") {{
  property(outname="text" name="msg" format="jsonf")
  property(outname="priority" name="pri" format="jsonf")
  property(outname="at" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="id" name="msgid" format="jsonf")
  property(outname="read" name="$!all-json" format="jsonf")
}}
action(type="omfile" file="{folder}/received" template="all")
"""


@dataclass
class Receiver:
    """One receiver on loopback. `authority` vouches for it, and for the clients that it takes when it is choosy."""

    folder: Path
    authority: trustme.CA = field(default_factory=trustme.CA)
    choosy: bool = False
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def prepare(self) -> None:
        self.folder.mkdir()
        certificate = self.authority.issue_cert("127.0.0.1")
        self.authority.cert_pem.write_to_path(str(self.ca_file))
        certificate.private_key_pem.write_to_path(str(self.folder / "key.pem"))
        (self.folder / "certificate.pem").write_bytes(b"".join(each.bytes() for each in certificate.cert_chain_pems))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        mode, peers = ("x509/name", 'permittedPeer=["client.example"]') if self.choosy else ("anon", "")
        text = _CONFIGURATION.format(folder=self.folder, port=self.port, mode=mode, peers=peers)
        (self.folder / "rsyslog.conf").write_text(text, encoding="utf-8")

    def client_certificate(self, name: str) -> tuple[Path, Path]:
        """Issue a certificate for a client; give its file and that of its key."""
        issued = self.authority.issue_cert(name)
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(key))
        key.chmod(0o600)
        return certificate, key

    def start(self) -> None:
        self._cut_back_to_whole_lines()
        command = [RSYSLOGD, "-n", "-f", str(self.folder / "rsyslog.conf"), "-i", str(self.folder / "pid")]
        with (self.folder / "errors").open("ab") as errors:
            self.process = subprocess.Popen(command, stdout=errors, stderr=errors)
        deadline = time.monotonic() + 20
        while not self._listens():
            assert time.monotonic() < deadline, (self.folder / "errors").read_text()
            time.sleep(0.05)

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def stop(self, *, by: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(by)
            self.process.wait(20)
            self.process = None

    def _cut_back_to_whole_lines(self) -> None:
        # Killed between two writes it leaves half a message, and once back writes the next one behind it on the same
        # line. Half a message has not arrived: whoever sent it was told nothing, and has to send it again.
        if self._file.exists():
            written = self._file.read_bytes()
            os.truncate(self._file, written.rfind(b"\n") + 1)

    @property
    def _file(self) -> Path:
        return self.folder / "received"

    def received(self) -> list[dict[str, Any]]:
        """Give what has arrived so far; whole lines only."""
        lines = self._file.read_bytes().splitlines(keepends=True) if self._file.exists() else []
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def texts(self) -> list[bytes]:
        """Give the texts of the messages, to the byte; one space before belongs to the format, not to the text."""
        return [str(each["text"]).removeprefix(" ").encode() for each in self.received()]


@contextmanager
def syslog_receiver(folder: Path, *, choosy: bool = False) -> Iterator[Receiver]:
    """Run a receiver until the end of the block."""
    receiver = Receiver(folder, choosy=choosy)
    receiver.prepare()
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()
