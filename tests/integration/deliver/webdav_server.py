"""Debian's Apache with mod_dav on loopback, over TLS, with a log-in: a WebDAV server that is not ours."""

import base64
import hashlib
import os
import pwd
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import trustme

from gateway.deliver.webdav import WebDavCourier
from gateway.deliver.webdav_connection import WebDavSettings
from gateway.package.states import SealedParcel
from tests.unit.deliver.parcels import SealedBytes, drop_parcel

HOST = "127.0.0.1"
SERVER = "keten"
USER, PASSWORD = "dtenv", "een-lang-wachtwoord-Zó"
_WAIT_SECONDS = 20
_MODULES = ("mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "ssl", "dav", "dav_fs")
_SETTINGS = """
ServerRoot {home}
ServerName localhost
Listen {host}:{port}
PidFile {home}/apache.pid
ErrorLog {home}/error.log
LogLevel warn
CustomLog {home}/access.log "%m %U %{{Destination}}i %{{Overwrite}}i %>s"
{loading}
Mutex file:{home} default
StartServers 1
{user}
DocumentRoot {inbox}
DavLockDB {home}/locks/db
SSLEngine on
SSLCertificateFile {home}/tls.pem
SSLCertificateKeyFile {home}/tls.pem
SSLProtocol {protocol}
<Directory "{inbox}">
    Dav on
    AuthType Basic
    AuthName inbox
    AuthBasicProvider file
    AuthUserFile {home}/users
    Require valid-user
</Directory>
{more}
"""


def parcel(
    content: bytes = b"\x85\x01\x0c\x03sealed", *, address: str = "ngo", sealed: SealedBytes | None = None
) -> SealedParcel:
    """Make a parcel for a folder on the server."""
    return drop_parcel(content, address=f"webdav:{SERVER}/{address}", sealed=sealed)


class WebDavFolders:
    """A server that lets one user in, by a password; `inbox` is the folder below which recipients' folders lie.

    Run by root it serves as the user `nobody`, since root may write everywhere. `more` are lines for its
    settings, `names` stand in its certificate.
    """

    def __init__(self, home: Path, *, more: str = "", names: tuple[str, ...] = ("localhost", HOST)) -> None:
        self._home = home
        self._more = more
        self.user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port: int = free.getsockname()[1]
        self.ca_file = home / "ca.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        authority.issue_cert(*names).private_key_and_cert_chain_pem.write_to_path(home / "tls.pem")
        digest = base64.b64encode(hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).digest()).decode()
        (home / "users").write_text(f"{USER}:{{SHA}}{digest}\n", encoding="ascii")
        # Who serves comes through here to the inbox.
        home.chmod(0o711)
        self.inbox = home / "inbox"
        for folder in (self.inbox, home / "locks"):
            folder.mkdir()
            self.give(folder)
        self.folder = self.make_folder("ngo")

    def asked(self) -> list[list[str]]:
        """Give what the server says that it was asked: method, path, destination, overwrite, status."""
        log = self._home / "access.log"
        return [line.split(" ") for line in log.read_text().splitlines()] if log.exists() else []

    @property
    def certificate(self) -> Path:
        """The server's certificate with its key."""
        return self._home / "tls.pem"

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    def give(self, path: Path) -> None:
        """Let it be the server's own."""
        os.chown(path, pwd.getpwnam(self.user).pw_uid, -1)

    def make_folder(self, name: str) -> Path:
        folder = self.inbox / name
        folder.mkdir()
        self.give(folder)
        return folder

    @contextmanager
    def running(self, *, protocol: str = "-all +TLSv1.2 +TLSv1.3") -> Iterator["WebDavFolders"]:
        settings = self._home / "apache.conf"
        modules = "\n".join(f"LoadModule {each}_module /usr/lib/apache2/modules/mod_{each}.so" for each in _MODULES)
        user = f"User {self.user}\nGroup nogroup" if os.geteuid() == 0 else ""
        settings.write_text(
            _SETTINGS.format(
                home=self._home,
                host=HOST,
                port=self.port,
                loading=modules,
                user=user,
                inbox=self.inbox,
                protocol=protocol,
                more=self._more,
            ),
            encoding="utf-8",
        )
        command = ["setpriv", "--pdeathsig", "TERM", "/usr/sbin/apache2", "-f", os.fspath(settings), "-DFOREGROUND"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                self._wait_until_it_listens(process)
                yield self
            finally:
                process.terminate()

    def courier(self, **changes: Any) -> WebDavCourier:
        """Make a courier to it, with short waits."""
        settings: dict[str, Any] = {
            "name": SERVER,
            "url": self.url,
            "user": USER,
            "password": PASSWORD.encode(),
            "ca_file": self.ca_file,
            "connect_timeout_seconds": 20,
            "timeout_seconds": 20,
        }
        return WebDavCourier(settings=WebDavSettings(**{**settings, **changes}))

    def _wait_until_it_listens(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                with socket.create_connection((HOST, self.port), timeout=1):
                    return
            except OSError:
                pass
            if process.poll() is not None or time.monotonic() > deadline:
                log = self._home / "error.log"
                raise AssertionError(log.read_text() if log.exists() else "apache2 did not start")
            time.sleep(0.05)
