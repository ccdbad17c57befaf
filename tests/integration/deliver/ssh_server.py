"""Debian's OpenSSH server on loopback, with a host key of its own and nothing but its built-in SFTP."""

import os
import pwd
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh

from gateway.deliver.sftp import SftpCourier
from gateway.deliver.sftp_connection import SftpSettings, read_own_key
from gateway.package.states import SealedParcel
from tests.unit.deliver.parcels import SealedBytes, drop_parcel

HOST = "127.0.0.1"
SERVER = "keten"
_WAIT_SECONDS = 20
_SETTINGS = """
ListenAddress {host}:{port}
HostKey {home}/host_key
PidFile none
AuthorizedKeysFile {home}/authorized_keys
AllowUsers {user}
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
MaxStartups 100
Subsystem sftp internal-sftp
ForceCommand internal-sftp
"""


def parcel(
    content: bytes = b"\x85\x01\x0c\x03sealed", *, address: str = "ngo", sealed: SealedBytes | None = None
) -> SealedParcel:
    """Make a parcel for a folder on the server."""
    return drop_parcel(content, address=f"sftp:{SERVER}/{address}", sealed=sealed)


class SshServer:
    """A server that lets one user in, by one key, and ends with the process that started it.

    `inbox` is the folder below which recipients' folders lie. Run by root it serves the user `nobody`, since root may
    write everywhere; `more` are lines for its settings.
    """

    def __init__(self, home: Path, *, more: str = "") -> None:
        self._home = home
        self._more = more
        self.log = home / "sshd.log"
        self.user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port: int = free.getsockname()[1]
        self.inbox = home / "inbox"
        self.inbox.mkdir()
        # The user comes through here to the inbox; sshd gives that user nothing else.
        home.chmod(0o711)
        self.make_folder("ngo")
        self.host_key = self.new_host_key()
        self.key = self.new_key("user_key")
        (home / "authorized_keys").write_bytes(self.key.export_public_key())

    def make_folder(self, name: str) -> Path:
        folder = self.inbox / name
        folder.mkdir()
        os.chown(folder, pwd.getpwnam(self.user).pw_uid, -1)
        return folder

    def new_key(self, name: str, kind: str = "ssh-ed25519", **options: Any) -> asyncssh.SSHKey:
        """Make a key and leave it in a file of mode 0600."""
        key = asyncssh.generate_private_key(kind, **options)
        path = self._home / name
        path.write_bytes(key.export_private_key())
        path.chmod(0o600)
        return read_own_key(path.read_bytes())

    def new_host_key(self, kind: str = "ssh-ed25519", **options: Any) -> asyncssh.SSHKey:
        """Give the server another key; it shows it from its next start on."""
        return self.new_key("host_key", kind, **options)

    @property
    def key_file(self) -> Path:
        return self._home / "user_key"

    @property
    def host_key_line(self) -> str:
        return self.host_key.export_public_key().decode().strip()

    @contextmanager
    def running(self) -> Iterator["SshServer"]:
        settings = self._home / "sshd_config"
        text = _SETTINGS.format(host=HOST, port=self.port, home=self._home, user=self.user)
        settings.write_text(text + self._more)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        command = [
            "setpriv",
            "--pdeathsig",
            "TERM",
            "/usr/sbin/sshd",
            "-D",
            "-f",
            os.fspath(settings),
            "-E",
            os.fspath(self.log),
        ]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
            try:
                self._wait_until_it_listens(process)
                self.process = process
                yield self
            finally:
                process.terminate()

    def courier(self, **changes: Any) -> SftpCourier:
        """Make a courier to it, with short waits."""
        settings: dict[str, Any] = {
            "name": SERVER,
            "host": HOST,
            "port": self.port,
            "user": self.user,
            "host_keys": (self.host_key.convert_to_public(),),
            "key": self.key,
            "folder": str(self.inbox),
            "connect_timeout_seconds": 20,
            "timeout_seconds": 20,
        }
        return SftpCourier(settings=SftpSettings(**{**settings, **changes}))

    def _wait_until_it_listens(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                with socket.create_connection((HOST, self.port), timeout=1) as connection:
                    if connection.recv(4) == b"SSH-":
                        return
            except OSError:
                pass
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self.log.read_text() if self.log.exists() else "sshd did not start")
            time.sleep(0.05)
