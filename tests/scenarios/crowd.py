"""Thousands of packages dropped at once, some of them by slow writers, and what has to come of each.

Every package carries a mark of its own in its town, so that what arrives is compared with what was written for it.
"""

import heapq
import json
import os
import random
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.scenarios.arrivals import Arrived, by_town, drop_files, mailbox, open_all
from tests.scenarios.world import FOLDERS, World, guardian_manifest, manifest

STALL_SECONDS = 90.0
MAIL_EVERY = 5
OLD = (1_600_000_000, 1_600_000_000)
DOCUMENT = {"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}

Steps = Generator[float, None, None]


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One package as it was written, and what of it has to arrive."""

    entry: str
    by_mail: bool
    manifest: dict[str, Any] = field(repr=False)
    data: dict[str, Any] = field(repr=False)
    document: str = field(repr=False, default="")


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How slow writers write, in seconds; `idle` is longer than the site's settle time, `gap` is shorter."""

    gap: float
    idle: float


def expected(number: int, *, entry: str, with_document: bool = False, mail_every: int = MAIL_EVERY) -> Expected:
    by_mail = number % mail_every == 0
    town = f"Dorp {number:05}"
    make = manifest if by_mail else guardian_manifest
    name = "Amina Yusuf" if by_mail else "Samuel Tesfay"
    document = "".join(f"Regel {line} uit {town}, met groet.\n" for line in range(200)) if with_document else ""
    whole = make(
        data={"name": name, "town": town, "departureStrategy": "via Brussel"},
        documents=[DOCUMENT] if with_document else None,
    )
    return Expected(entry=entry, by_mail=by_mail, manifest=whole, data={"name": name, "town": town}, document=document)


# ---- At once -----------------------------------------------------------------------------------------------------


def drop_at_once(world: World, packages: list[Expected]) -> None:
    """Drop packages as fast as this process can: most renamed into place, some written right there."""
    for number, package in enumerate(packages):
        content = json.dumps(package.manifest).encode()
        if number % 4 == 3:
            (world.incoming / package.entry).write_bytes(content)
        else:
            world.drop_file(package.entry, content)


# ---- Slowly ------------------------------------------------------------------------------------------------------


def write_in_pieces(world: World, package: Expected, pace: Pace) -> Steps:
    """Write a folder in place: its manifest whole, its letter piece by piece in an open file."""
    folder = _folder(world, package)
    yield pace.gap
    with (folder / "brief.txt").open("wb") as target:
        for piece in _pieces(package.document.encode(), 12):
            target.write(piece)
            target.flush()
            yield pace.gap


def hold_open(world: World, package: Expected, pace: Pace) -> Steps:
    """Write half a letter, and leave the file open without a byte for longer than the settle time."""
    folder = _folder(world, package)
    content = package.document.encode()
    with (folder / "brief.txt").open("wb") as target:
        target.write(content[:777])
        target.flush()
        yield pace.idle
        target.write(content[777:])
        target.flush()
        yield pace.idle


def copy_keeping_times(world: World, package: Expected, pace: Pace) -> Steps:
    """Fill a file of full size piece by piece; after each piece it is closed and gets its old time back."""
    folder = _folder(world, package)
    path = folder / "brief.txt"
    content = package.document.encode()
    path.write_bytes(bytes(len(content)))
    os.utime(path, OLD)
    offset = 0
    for piece in _pieces(content, 12):
        yield pace.gap
        with path.open("r+b") as target:
            target.seek(offset)
            target.write(piece)
        os.utime(path, OLD)
        offset += len(piece)


def hold_a_manifest_open(world: World, package: Expected, pace: Pace) -> Steps:
    """Write a single manifest in two halves, with a long wait between them; marked as finished too early."""
    content = json.dumps(package.manifest).encode()
    with (world.incoming / package.entry).open("wb") as target:
        target.write(content[:100])
        target.flush()
        (world.incoming / f"{package.entry}.klaar").touch()
        yield pace.idle
        target.write(content[100:])


Writer = Callable[[World, Expected, Pace], Steps]
SLOW_WRITERS: tuple[Writer, ...] = (write_in_pieces, hold_open, copy_keeping_times, hold_a_manifest_open)


def _folder(world: World, package: Expected) -> Path:
    folder = world.incoming / package.entry
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps(package.manifest), encoding="utf-8")
    return folder


def _pieces(content: bytes, count: int) -> list[bytes]:
    size = -(-len(content) // count)
    return [content[start : start + size] for start in range(0, len(content), size)]


def slow_packages(count: int, *, start: int) -> list[Expected]:
    """Make the packages of slow writers, in the order in which `SlowWriters` gives them out."""
    writers = [SLOW_WRITERS[number % len(SLOW_WRITERS)] for number in range(count)]
    return [
        expected(start + number, entry=f"traag-{number:05}.json", with_document=False)
        if writer is hold_a_manifest_open
        else expected(start + number, entry=f"traag-{number:05}", with_document=True)
        for number, writer in enumerate(writers)
    ]


class SlowWriters:
    """Runs all slow writers in one thread; `slowest_gap` is the longest that one had to wait beyond its own wish."""

    def __init__(self, world: World, packages: list[Expected], pace: Pace) -> None:
        self.slowest_gap = 0.0
        self._plan = [
            SLOW_WRITERS[number % len(SLOW_WRITERS)](world, package, pace) for number, package in enumerate(packages)
        ]
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._write()
        except BaseException as error:  # noqa: BLE001 - told to who joins.
            self._failure = error

    def _write(self) -> None:
        chance = random.Random(1)
        start = time.monotonic()
        heap = [(start + chance.random(), number) for number in range(len(self._plan))]
        heapq.heapify(heap)
        while heap:
            when, number = heapq.heappop(heap)
            time.sleep(max(0.0, when - time.monotonic()))
            self.slowest_gap = max(self.slowest_gap, time.monotonic() - when)
            pause = next(self._plan[number], None)
            if pause is not None:
                heapq.heappush(heap, (time.monotonic() + pause, number))


# ---- The end -----------------------------------------------------------------------------------------------------


def wait_for_slips(world: World, count: int) -> None:
    """Wait until so many slips lie there; the patience counts from the last one that came."""
    seen, since = -1, time.monotonic()
    while (found := sum(map(len, slip_names(world).values()))) < count:
        if found != seen:
            seen, since = found, time.monotonic()
        assert time.monotonic() - since < STALL_SECONDS, f"{found} of {count} slips, and no more came"
        time.sleep(0.2)


def slip_names(world: World) -> dict[str, list[str]]:
    """Give the names of the slips' JSON forms by folder."""
    return {
        folder: [name for name in os.listdir(world.outbox / folder) if is_slip(name)]  # noqa: PTH208 - names only.
        for folder in FOLDERS
    }


def is_slip(name: str) -> bool:
    """Tell a slip from an entry that was given back, which ends in .json as well."""
    stem, _, ending = name.rpartition(".")
    mark = stem.rpartition(".")[2]
    return ending == "json" and len(mark) == 8 and not name.startswith(".") and mark.isalnum() and "." in stem


def check_crowd(world: World, packages: list[Expected]) -> None:
    """Hold everything that lies anywhere against what was written: nothing lost, nothing early, one slip each."""
    slips = slip_names(world)
    assert {"3-Actie nodig": [], "4-Geweigerd": []} == {name: slips[name] for name in ("3-Actie nodig", "4-Geweigerd")}
    assert sorted(package.entry for package in packages) == sorted(
        each[: -len(".12345678.json")] for each in slips["5-Verzonden"]
    )
    left = [name for name in os.listdir(world.incoming) if not name.endswith(".klaar")]  # noqa: PTH208 - names only.
    assert [] == left
    assert [] == os.listdir(world.outbox / "2-In behandeling")  # noqa: PTH208 - names only.
    mails = mailbox(world)
    assert 0 == mails.sent_again()
    arrived = by_town(open_all(world, mails))
    by_mail = sum(package.by_mail for package in packages)
    assert (by_mail, len(packages) - by_mail) == (len(mails.copies), len(drop_files(world)))
    wrong = [package.entry for package in packages if not came_whole(package, arrived)]
    assert [] == wrong


def came_whole(package: Expected, arrived: dict[str, list[Arrived]]) -> bool:
    """Tell whether a package arrived once, and just as it was written."""
    came = arrived.get(package.data["town"], [])
    return [(package.data, package.document)] == [(each.data, each.document.decode()) for each in came]
