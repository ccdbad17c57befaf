"""Data files that their parser dies of: the package waits with a code of its own, and the service goes on."""

import contextlib
import io
import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from tests.scenarios.world import World, guardian_manifest
from tests.soak.fuzzing.seeds import members, packed

NAME = "Samuel Tesfay"
FILES = {
    "lijst.yaml": f"name: {NAME}\n".encode(),
    "lijst.xml": f"<gegevens><name>{NAME}</name></gegevens>".encode(),
}


def _package(name: str, content: bytes) -> dict[str, Any]:
    return {"package.json": guardian_manifest(data=None, dataFile=name), name: content}


def _workbook(*, rows: int) -> bytes:
    made = io.BytesIO()
    workbook = Workbook()
    workbook.save(made)
    parts = members(made.getvalue())
    sheet = "xl/worksheets/sheet1.xml"
    cell = '<c r="{}{}" t="inlineStr"><is><t>' + NAME + "</t></is></c>"
    written = "".join(
        f'<row r="{row}">{"".join(cell.format(column, row) for column in "ABCDEFGHIJ")}</row>'
        for row in range(1, rows + 1)
    )
    begin, _, end = parts[sheet].decode().partition("<sheetData")
    parts[sheet] = f"{begin}<sheetData>{written}</sheetData>{end[end.index('<page') :]}".encode()
    return packed(parts)


@contextlib.contextmanager
def _all_readers_killed(service: int) -> Iterator[None]:
    """Kill every reader at its work, from the first moment on: one that is seen too late may have read the file."""
    enough = threading.Event()
    killed: list[int] = []

    def kill() -> None:
        while not enough.wait(0.002):
            for process in _jobs(service):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
                    killed.append(process)

    killing = threading.Thread(target=kill)
    killing.start()
    try:
        yield
    finally:
        enough.set()
        killing.join()
    assert killed


def _jobs(service: int) -> list[int]:
    """Give the children in which this service's sandboxes read a file: copies of the process that started them."""
    parents = {}
    for path in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])

    def command(process: int) -> list[bytes]:
        return Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")

    def comes_from(process: int) -> bool:
        while process > 1 and process != service:
            process = parents.get(process, 0)
        return process == service

    found = []
    for process, parent in parents.items():
        try:
            is_copy = b"gateway.minimise.sandbox_process" in command(process) and command(process) == command(parent)
        except OSError:
            continue
        if is_copy and comes_from(process):
            found.append(process)
    return found


def test_a_workbook_whose_parser_is_killed_waits_and_the_next_packages_go(quiet_world: World) -> None:
    world = quiet_world
    world.start()
    service = world.service
    assert service is not None
    with _all_readers_killed(service.pid):
        world.drop("werkmap", _package("lijst.xlsx", _workbook(rows=30_000)))
        held = world.slip("werkmap", "held")
    assert "data-reading-failed" == held["code"]
    for name, content in FILES.items():
        world.drop(name, _package(name, content))
        assert "done" == world.slip(name)["state"]
    world.stop()
    assert NAME not in json.dumps(held)


def test_what_takes_too_long_to_read_waits_in_a_package_and_in_a_preview_and_json_goes(
    quiet_world: World,
) -> None:
    world = quiet_world
    world.set("documents", seconds=0.001)
    world.start()
    files = {**FILES, "lijst.xlsx": _workbook(rows=1000)}
    for name, content in files.items():
        world.drop(name, _package(name, content))
    assert ["data-reading-failed"] * 3 == [world.slip(name, "held")["code"] for name in files]
    with world.client() as client:
        for name, content in files.items():
            package = _package(name, content)
            manifest = ("manifest", ("package.json", json.dumps(package["package.json"]), "application/json"))
            answer = client.post("/v1/previews", files=[manifest, ("file", (name, content))])
            assert (409, "data-reading-failed") == (answer.status_code, answer.json()["code"])
            assert NAME not in answer.text
    world.drop("lijst.json", _package("lijst.json", json.dumps({"name": NAME}).encode()))
    assert "done" == world.slip("lijst.json")["state"]
    world.stop()
