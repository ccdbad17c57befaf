"""The demo's real parts: a site with keys, a mail server with TLS, and the service, each in a process of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.site import SiteWishes, create_site
from gateway.entrypoints.demo.mail_server import MailServer
from gateway.seal.keyring import stop_agent

_START_SECONDS = 60
_STOP_SECONDS = 30
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A site with its service and mail server running."""

    site: SiteLayout
    mail: MailServer
    service: "subprocess.Popen[bytes]"

    @property
    def outbox(self) -> Path:
        """The outbox of the site."""
        return self.site.root / "outbox"


@contextmanager
def open_stage(root: Path) -> Iterator[Stage]:
    """Make a sample site in an empty folder, start everything, and stop everything in the end."""
    mail_folder = root.with_name(f"{root.name}-mail")
    mail_folder.mkdir(mode=0o700)
    try:
        with MailServer(mail_folder) as mail:
            wishes = SiteWishes(
                sample=True,
                smtp=(mail.host, mail.port),
                smtp_ca=mail.ca_file,
                settle_seconds=1.0,
                scan_seconds=0.5,
                retry_seconds=2.0,
            )
            site = create_site(root, wishes)
            try:
                with running_service(site) as service:
                    yield Stage(site=site, mail=mail, service=service)
            finally:
                for home in (site.gnupg, *site.sample.glob("*/gnupg")):
                    stop_agent(home)
    finally:
        shutil.rmtree(mail_folder, ignore_errors=True)


@contextmanager
def running_service(site: SiteLayout) -> "Iterator[subprocess.Popen[bytes]]":
    """Run the service of a site in a process of its own. Raises RuntimeError when it does not start."""
    process = start_service(site)
    try:
        _wait_for(site.socket, process)
        yield process
    finally:
        stop_service(process)


def start_service(site: SiteLayout) -> "subprocess.Popen[bytes]":
    """Start `sluis run` on a site."""
    command = [sys.executable, "-m", "gateway.entrypoints.cli", "--site", os.fspath(site.root), "run"]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def stop_service(process: "subprocess.Popen[bytes]") -> None:
    """Ask the service to end, and see to it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def _wait_for(path: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not answers(path):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the service did not start")
        time.sleep(_POLL_SECONDS)


def answers(path: Path) -> bool:
    """Tell whether somebody listens on a socket; its file is there a moment before that."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(os.fspath(path))
        except OSError:
            return False
    return True


def drop_into(outbox: Path, entry: Path) -> None:
    """Drop an entry as an application should: write it under another name, then rename it into place."""
    folder = outbox / "1-Verzenden"
    part = folder / f"{entry.name}.part"
    if entry.is_dir():
        shutil.copytree(entry, part)
    else:
        shutil.copy(entry, part)
    part.rename(folder / entry.name)
