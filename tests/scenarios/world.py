"""A whole site of real parts for scenarios: gpg keys, a mail server with TLS, the service in a process of its own."""

import json
import os
import re
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
import yaml

from gateway.bootstrap.layout import SiteLayout
from gateway.entrypoints.demo.mail_server import MailServer
from gateway.entrypoints.demo.stage import answers, drop_into
from gateway.seal.keyring import create_home, create_recipient_key, export_public, import_pinned, stop_agent
from tests.preloaded import start_service
from tests.scenarios.ready import ForkedMailServer, ready_site

PATIENCE_SECONDS = 60.0
_STOP_SECONDS = 30.0
FOLDERS = ("3-Actie nodig", "4-Geweigerd", "5-Verzonden")
MUNICIPALITY = "gemeente-voorbeeld"
GUARDIAN = "nidos-voorbeeld"
GUARDIAN_ENTRY = """\
id: {id}
kind: guardian
organisation: Nidos
name: Nidos, {id}
language: nl
channels:
  - {{channel: file-drop, address: {id}, keys: ["{key}"]}}
permissions:
  - {{purpose: guardianship, fields: [name, education], reviewOn: 2099-01-01}}
tellLeftOut: true
"""
"""Another guardian in the register, by its id, with one key for the file drop."""


def until(
    found: Callable[[], Any], *, seconds: float = PATIENCE_SECONDS, otherwise: Callable[[], object] = lambda: ""
) -> Any:
    """Wait until something is found; the patience is a bound for a broken service, never a measurement.

    `otherwise` tells how things stand when it did not come.
    """
    deadline = time.monotonic() + seconds
    while not (result := found()):
        if time.monotonic() > deadline:
            raise AssertionError(f"what was waited for did not come {otherwise()}")
        time.sleep(0.05)
    return result


def manifest(**changes: Any) -> dict[str, Any]:
    """Make a manifest that goes to the municipality by mail; a change to None takes a key away."""
    whole: dict[str, Any] = {
        "format": "sluis-package/1",
        "recipients": [MUNICIPALITY],
        "purpose": "public-order",
        "sender": {"organisation": "DT&V", "name": "M. de Vries"},
        "subject": {"name": "Amina Yusuf", "dateOfBirth": "1990-05-01"},
        "data": {"name": "Amina Yusuf", "town": "Voorbeeldstad", "departureStrategy": "via Brussel"},
    }
    whole.update(changes)
    return {key: value for key, value in whole.items() if value is not None}


def guardian_manifest(**changes: Any) -> dict[str, Any]:
    """Make a manifest that goes to Nidos by file drop."""
    return manifest(
        **{
            "recipients": [GUARDIAN],
            "purpose": "guardianship",
            "subject": {"name": "Samuel Tesfay", "dateOfBirth": "2014-03-09"},
            "guardianship": {"reference": "C/13/1"},
            "data": {"name": "Samuel Tesfay", "religion": "x", "departureStrategy": "geen"},
            **changes,
        }
    )


class Running(Protocol):
    """The service's process, however it was started."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, number: int, /) -> None: ...


@dataclass
class World:
    """One site; the service runs only between `start` and `stop`."""

    site: SiteLayout
    mail: MailServer
    service: Running | None = field(default=None)

    @property
    def outbox(self) -> Path:
        return self.site.root / "outbox"

    @property
    def incoming(self) -> Path:
        return self.outbox / "1-Verzenden"

    def new_key(self) -> str:
        """Make a key in a home of its own, put it on the site's ring, and give its fingerprint."""
        with tempfile.TemporaryDirectory(dir="/tmp", prefix="sk") as folder:
            home = Path(folder) / "g"
            create_home(home)
            key = create_recipient_key(home, name="Nieuw", email="post@nieuw.example")
            try:
                import_pinned(self.site.gnupg, export_public(home, key), expected=key)
            finally:
                stop_agent(home)
        return key

    def start(self, service: Running | None = None) -> None:
        """Start the service, or wait for one that was started in another way."""
        self.service = service or start_service(self.site.root)
        until(self._answers)

    def stop(self) -> None:
        if self.service is not None:
            self.service.send_signal(signal.SIGTERM)
            assert 0 == self.service.wait(_STOP_SECONDS)
            self.service = None

    def kill(self) -> None:
        assert self.service is not None
        self.service.send_signal(signal.SIGKILL)
        self.service.wait()
        self.service = None

    def _answers(self) -> bool:
        assert self.service is not None
        assert self.service.poll() is None, "the service did not start"
        if not self._listens():
            return False
        return answers(self.site.socket)

    def _listens(self) -> bool:
        """Knock first: httpx does not close the socket of a connection that was refused."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
            return peer.connect_ex(os.fspath(self.site.socket)) == 0

    def client(self) -> httpx.Client:
        transport = httpx.HTTPTransport(uds=os.fspath(self.site.socket))
        return httpx.Client(transport=transport, base_url="http://localhost", timeout=30)

    def drop(self, name: str, files: Mapping[str, bytes | str | dict[str, Any]]) -> None:
        """Drop a folder package the way an application should: written aside, then renamed into place."""
        with tempfile.TemporaryDirectory(dir=self.site.root) as folder:
            entry = Path(folder) / name
            entry.mkdir()
            for file, content in files.items():
                (entry / file).write_bytes(_bytes(content))
            drop_into(self.outbox, entry)

    def drop_file(self, name: str, content: bytes | str | dict[str, Any]) -> None:
        part = self.incoming / f"{name}.part"
        part.write_bytes(_bytes(content))
        part.rename(self.incoming / name)

    def slips(self, entry: str) -> list[dict[str, Any]]:
        """Give the slips of one entry, each with the folder that it lies in."""
        found = []
        for folder in FOLDERS:
            for path in (self.outbox / folder).iterdir():
                # One that says something newer may have come into another folder since they were listed.
                if path.name[: -len(".12345678.json")] == entry and path.suffix == ".json":
                    with suppress(FileNotFoundError):
                        found.append({**json.loads(path.read_bytes()), "folder": folder})
        return found

    def slip(self, entry: str, *states: str) -> dict[str, Any]:
        """Wait for the slip of an entry, in one of these states when given."""

        def look() -> dict[str, Any] | None:
            found = [slip for slip in self.slips(entry) if not states or slip["state"] in states]
            return found[0] if found else None

        slip: dict[str, Any] = until(look)
        return slip

    def home(self, recipient: str) -> Path:
        return self.site.sample / recipient / "gnupg"

    def set(self, section: str | None, **changes: Any) -> None:
        """Change settings before a start."""
        settings = yaml.safe_load(self.site.settings.read_text(encoding="utf-8"))
        (settings if section is None else settings.setdefault(section, {})).update(changes)
        self.site.settings.write_text(yaml.safe_dump(settings), encoding="utf-8")


def _bytes(content: bytes | str | dict[str, Any]) -> bytes:
    if isinstance(content, dict):
        return json.dumps(content).encode()
    return content if isinstance(content, bytes) else content.encode()


def switch_the_guard_off(site: SiteLayout) -> None:
    """Let the same data go to the same recipient as often as the tests of one site send it."""
    rules = site.policies / "rules.yaml"
    text = rules.read_text(encoding="utf-8")
    changed = re.sub(r"^  (\w+): (?:warn|hold)\b", r"  \1: off", text, flags=re.MULTILINE)
    assert text != changed
    rules.write_text(changed, encoding="utf-8")


@contextmanager
def new_world(*, guard: bool = False) -> Iterator[World]:
    """Make a site in a short path (sockets), with its mail server; the service is not started.

    Its wrong-recipient guard is switched off unless a test is about it.
    """
    root = Path(tempfile.mkdtemp(prefix="sl", dir="/tmp"))
    try:
        mail_folder = root / "m"
        mail_folder.mkdir()
        with ForkedMailServer(mail_folder) as mail:
            world = World(ready_site(root / "s", mail), mail)
            if not guard:
                switch_the_guard_off(world.site)
            try:
                yield world
            finally:
                if world.service is not None:
                    world.kill()
                for home in (world.site.gnupg, *world.site.sample.glob("*/gnupg")):
                    stop_agent(home)
    finally:
        shutil.rmtree(root, ignore_errors=True)
