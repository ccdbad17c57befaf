"""A real service over the fake gateway, on the socket of a site, for the real command line."""

import asyncio
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from gateway.entrypoints.api.app import build_app
from gateway.entrypoints.api.server import ApiServer
from gateway.entrypoints.api.settings import ApiSettings
from gateway.entrypoints.api.socket_path import socket_of_site
from gateway.entrypoints.cli.console.root import root
from tests.contract.api.fake_gateway import FakeGateway, caseworker


@pytest.fixture
def gateway() -> FakeGateway:
    fake = FakeGateway()
    fake.people = {os.getuid(): caseworker()}
    fake.may_be = {os.getuid(): {"a-voorbeeld", "b-voorbeeld"}}
    return fake


@pytest.fixture
def empty_site() -> Iterator[Path]:
    """A site without a service."""
    made = Path(tempfile.mkdtemp(dir="/tmp", prefix="s"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def site(empty_site: Path, gateway: FakeGateway) -> Iterator[Path]:
    """A site with a service that runs."""
    settings = ApiSettings()
    with asyncio.Runner() as loop:
        server = ApiServer(
            build_app(gateway, settings=settings), socket_path=socket_of_site(empty_site), tcp=None, settings=settings
        )
        thread = threading.Thread(target=loop.run, args=(server.run(),))
        up = threading.Event()
        announcing = threading.Thread(target=_wait_for, args=(socket_of_site(empty_site), up))
        thread.start()
        announcing.start()
        up.wait(10)
        yield empty_site
        server.stop()
        thread.join(20)
        announcing.join()


def _wait_for(path: Path, up: threading.Event) -> None:
    while not path.exists():
        up.wait(0.01)
    up.set()


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Read its one JSON object."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Sluis = Callable[..., Said]


@pytest.fixture
def sluis(site: Path) -> Sluis:
    """Type `sluis …` at the site."""
    return lambda *words, **environment: run(*words, SLUIS_SITE=str(site), **environment)


def run(*words: object, typed: str | None = None, **environment: str) -> Said:
    given = {"SLUIS_SITE": None, "SLUIS_TOKEN": None, "SLUIS_LANG": None} | environment
    result = CliRunner().invoke(root, [str(word) for word in words], input=typed, env=given, prog_name="sluis")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


def every_command(
    command: click.Command, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Give each command that does something, with what is typed for it."""
    if not isinstance(command, click.Group):
        yield words, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        if found := command.get_command(context, name):
            yield from every_command(found, (*words, name))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package in a folder, with one document."""
    return write_package(tmp_path / "pakket")


def write_package(
    folder: Path, *, purpose: str = "public-order", documents: tuple[str, ...] = ("verslag één.txt",)
) -> Path:
    folder.mkdir()
    declared = "".join(f"  - {{file: {name}, kind: interview-report}}\n" for name in documents)
    (folder / "package.yaml").write_text(
        "format: sluis-package/1\n"
        "recipients: [gemeente-voorbeeld]\n"
        f"purpose: {purpose}\n"
        "sender: {organisation: COA, name: A. Voorbeeld}\n"
        "subject: {name: B. Voorbeeld, dateOfBirth: 1990-05-01}\n"
        "data: {name: B. Voorbeeld, address: Dorpsstraat 1}\n" + (f"documents:\n{declared}" if documents else ""),
        encoding="utf-8",
    )
    for name in documents:
        (folder / name).write_text(f"inhoud van {name}", encoding="utf-8")
    return folder
