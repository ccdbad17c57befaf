"""A real IMAP server of its own, on loopback, with a mailbox that tests fill over the wire."""

import imaplib
import os
import pwd
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest
import trustme

from gateway.deliver.imap_connection import ImapSettings

USER, PASSWORD = "terug@sluis.example", "gehéim wachtwoord"
_WAIT_SECONDS = 30
_CONF = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 1
mail_location = maildir:{home}/mail
auth_failure_delay = 0
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {home}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
"""
_WITH_TLS = """
ssl = required
ssl_cert = <{home}/server.pem
ssl_key = <{home}/server.pem
ssl_min_protocol = TLSv1.2
"""
_WITHOUT_TLS = """
ssl = no
disable_plaintext_auth = no
"""


class Dovecot:
    """One server; it ends with the process that started it."""

    def __init__(self, home: Path, authority: trustme.CA, *, tls: bool = True) -> None:
        self._home, self._authority = home, authority
        self.starttls, self.imaps = _free_port(), _free_port()
        root = os.geteuid() == 0
        owner = pwd.getpwnam("dovecot") if root else pwd.getpwuid(os.geteuid())
        for name in ("run", "state", "mail"):
            (home / name).mkdir()
        os.chown(home / "mail", owner.pw_uid, owner.pw_gid)
        home.chmod(0o755)
        (home / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(home / "server.pem")
        text = _CONF + (_WITH_TLS if tls else _WITHOUT_TLS)
        (home / "dovecot.conf").write_text(
            text.format(
                home=home,
                internal=owner.pw_name,
                login="dovenull" if root else owner.pw_name,
                group=owner.pw_gid if not root else "dovecot",
                uid=owner.pw_uid,
                gid=owner.pw_gid,
                starttls=self.starttls,
                imaps=self.imaps if tls else 0,
            )
        )

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Run it as a child of this process, and stop it at the end."""
        command = ["setpriv", "--pdeathsig", "TERM", "/usr/sbin/dovecot", "-F", "-c", str(self._home / "dovecot.conf")]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True) as process:
            try:
                self._wait(process)
                yield self
            finally:
                process.terminate()

    @contextmanager
    def session(self) -> Iterator[imaplib.IMAP4]:
        """Log in as the mailbox's owner, with a program that is not ours."""
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        with imaplib.IMAP4_SSL("127.0.0.1", self.imaps, ssl_context=context) as client:
            client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            yield client

    def put(self, letter: bytes, *, folder: str = "INBOX") -> None:
        """Put a letter into a folder."""
        with self.session() as client:
            assert client.append(folder, "", imaplib.Time2Internaldate(time.time()), letter)[0] == "OK"

    def letters(self, folder: str = "INBOX", *, wanted: str = "ALL") -> int:
        """Count the letters in a folder."""
        with self.session() as client:
            client.select(folder, readonly=True)
            return len(client.search(None, wanted)[1][0].split())

    def make_anew(self, folder: str) -> None:
        """Delete a folder and make it again, as an administrator might: its UIDVALIDITY changes."""
        with self.session() as client:
            client.delete(folder)
            assert client.create(folder)[0] == "OK"

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _WAIT_SECONDS
        while not _listens(self.starttls):
            if time.monotonic() > deadline or process.poll() is not None:
                log = self._home / "dovecot.log"
                pytest.fail(log.read_text() if log.exists() else "Dovecot did not start")
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def imap_settings(server: Dovecot, ca_file: Path) -> ImapSettings:
    """Give what a look at the folder `Terug` takes."""
    return ImapSettings(
        host="127.0.0.1",
        port=server.imaps,
        implicit_tls=True,
        ca_file=ca_file,
        user=USER,
        password=PASSWORD.encode(),
        folder="Terug",
        move_to="",
        connect_timeout_seconds=2,
        timeout_seconds=2,
    )
