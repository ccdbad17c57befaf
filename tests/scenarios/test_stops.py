"""The service stopped or killed between accepting a dropped entry and removing it: no plaintext stays, nothing is lost.

What is accepted is removed a moment later, together with others. Here that moment is made an hour.
"""

import asyncio
import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.reading import read_events
from gateway.bootstrap import outbox_door
from gateway.bootstrap.build import open_house
from gateway.bootstrap.running import run_house
from gateway.spool.port import NewPackage, PackageRow
from tests.scenarios.world import PATIENCE_SECONDS, World, manifest, new_world, until

SLOW_TO_REMOVE = """
from gateway.bootstrap import outbox_door
from gateway.entrypoints.cli import main
outbox_door._DISCARD_SECONDS = 3600.0
main()
"""


@pytest.fixture(scope="module")
def site() -> Iterator[World]:
    """A site whose service each test starts and stops."""
    with new_world() as made:
        yield made


def start_slow_to_remove(world: World) -> None:
    words = ["--site", os.fspath(world.site.root), "run"]
    world.start(
        subprocess.Popen(
            [sys.executable, "-c", SLOW_TO_REMOVE, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
    )


def in_progress(world: World) -> list[Path]:
    return list((world.outbox / "2-In behandeling").iterdir())


def came_of(world: World, entry: str) -> tuple[int, int]:
    """Count the slips of an entry, and how often packages of that name were received."""
    slips = world.slips(entry)
    packages = {slip["id"] for slip in slips}
    events = list(read_events(world.site.audit_log))
    received = [each for each in events if each["event.action"] == "package-received"]
    return len(slips), sum(each["gateway.package.id"] in packages for each in received)


def test_a_stop_right_after_an_entry_was_accepted_leaves_no_plaintext_in_the_outbox(site: World) -> None:
    start_slow_to_remove(site)
    site.drop_file("stop.json", manifest())
    site.slip("stop.json", "done")
    before = in_progress(site)
    site.stop()

    assert (1, []) == (len(before), in_progress(site))
    assert (1, 1) == came_of(site, "stop.json")


def test_a_kill_right_after_an_entry_was_accepted_ends_in_one_package_and_its_plaintext_goes_at_the_next_start(
    site: World,
) -> None:
    mails = len(site.mail.messages())
    start_slow_to_remove(site)
    site.drop_file("kill.json", manifest())
    site.slip("kill.json", "done")
    site.kill()
    left = in_progress(site)
    site.start()
    until(lambda: not in_progress(site))
    site.stop()

    assert (1, mails + 1) == (len(left), len(site.mail.messages()))
    assert (1, 1) == came_of(site, "kill.json")


async def cancelled_in_accepting(
    world: World, entry: str, monkeypatch: pytest.MonkeyPatch, *, committed: bool
) -> tuple[int, int]:
    """Stop while an entry is being accepted and nobody got the answer; count what lies claimed before and after."""
    reached = asyncio.Event()
    async with open_house(world.site) as house:
        accept = house.spool.accept

        async def unanswered(new: NewPackage, /, **told: Any) -> PackageRow | None:
            if committed:
                await accept(new, **told)
            reached.set()
            await asyncio.Event().wait()
            return None

        monkeypatch.setattr(house.spool, "accept", unanswered)
        monkeypatch.setattr(outbox_door, "_DISCARD_SECONDS", 3600.0)
        work = asyncio.create_task(run_house(house))
        world.drop_file(entry, manifest())
        async with asyncio.timeout(PATIENCE_SECONDS):
            await reached.wait()
        before = in_progress(world)
        work.cancel()
        await asyncio.wait([work])
    return len(before), len(in_progress(world))


@pytest.mark.parametrize(("committed", "left"), [(True, 0), (False, 1)], ids=["committed", "not-yet-committed"])
async def test_a_stop_before_the_answer_of_a_commit_removes_what_was_accepted_and_nothing_else(
    site: World, monkeypatch: pytest.MonkeyPatch, *, committed: bool, left: int
) -> None:
    entry = f"midden-{left}.json"
    claimed = await cancelled_in_accepting(site, entry, monkeypatch, committed=committed)
    site.start()
    await asyncio.to_thread(site.slip, entry, "done")
    await asyncio.to_thread(until, lambda: not in_progress(site))
    site.stop()

    assert (1, left) == claimed
    assert (1, 1) == came_of(site, entry)


async def test_a_stop_ends_in_time_when_an_accepted_entry_can_not_be_removed(
    site: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_door, "_CLOSE_SECONDS", 0.1)
    async with open_house(site.site) as house:

        async def never(*_: object) -> list[Any]:
            await asyncio.Event().wait()
            return []

        monkeypatch.setattr(type(house.workers), "discard", staticmethod(never))
        work = asyncio.create_task(run_house(house))
        site.drop_file("vast.json", manifest())
        await asyncio.to_thread(site.slip, "vast.json", "done")
        work.cancel()
        await asyncio.wait([work])
    left = in_progress(site)
    monkeypatch.undo()
    site.start()
    await asyncio.to_thread(until, lambda: not in_progress(site))
    site.stop()

    assert 1 == len(left)
    assert (1, 1) == came_of(site, "vast.json")


def named(name: str, *, below: int) -> list[int]:
    """List the processes of a program among all that descend from another one, without their own."""
    mine = [int(each) for each in Path(f"/proc/{below}/task/{below}/children").read_text(encoding="ascii").split()]
    found = []
    for each in mine:
        with suppress(FileNotFoundError, ProcessLookupError):
            is_it = name in Path(f"/proc/{each}/comm").read_text(encoding="utf-8")
            found += [each] if is_it else named(name, below=each)
    return found


# A worker with a sandbox stays for minutes; here it ends as soon as one without.
_SOON_WITHOUT_SANDBOXES = """
import runpy, gateway.bootstrap.workers as workers
workers._WARM_SECONDS = workers._SPARE_SECONDS
runpy.run_module("gateway.entrypoints.cli", run_name="__main__")
"""


def test_a_worker_that_ends_for_want_of_work_takes_its_sandbox_along_and_leaves_nothing_for_others_to_bury(
    site: World,
) -> None:
    prctl, set_subreaper = ctypes.CDLL(None).prctl, 36
    # As the first process of a container: whatever the service leaves behind becomes a child of this one.
    prctl(set_subreaper, 1)
    try:
        words = [sys.executable, "-c", _SOON_WITHOUT_SANDBOXES, "--site", os.fspath(site.site.root), "run"]
        service = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        site.start(service)
        letter = {"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}
        for name in ("Amina Yusuf", "Samuel Tesfay"):
            subject = {"name": name, "dateOfBirth": "1990-05-01"}
            whole = manifest(subject=subject, data={"name": name}, documents=[letter])
            site.drop(name, {"package.yaml": whole, "brief.txt": "Goedemiddag."})
        until(lambda: len(named("bwrap", below=service.pid)) == 2)
        until(lambda: len(named("bwrap", below=service.pid)) == 1)
        left = [each for each in named("bwrap", below=os.getpid()) if each not in named("bwrap", below=service.pid)]
        site.stop()
    finally:
        prctl(set_subreaper, 0)

    assert [] == left
