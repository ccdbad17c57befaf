"""The service killed at random moments under load, and what has to be true of every package afterwards."""

import contextlib
import functools
import http.client
import itertools
import json
import os
import random
import socket
import threading
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.audit.findings import Doubt
from gateway.audit.reading import read_events
from gateway.bootstrap.audit_reading import verify_site_log
from gateway.entrypoints.demo.stage import start_service
from tests.scenarios.arrivals import by_town, drop_files, mailbox, open_all
from tests.scenarios.crowd import Expected, came_whole, expected, slip_names, wait_for_slips
from tests.scenarios.world import GUARDIAN, World, until

UNDERWAY = 150
API_CLIENTS = 2
SETTLE_SECONDS = 0.1
# From the start of the process, so that some kills fall into its start-up.
SOONEST_SECONDS, LATEST_SECONDS = 0.4, 5.0


class UnixConnection(http.client.HTTPConnection):
    """HTTP to the service's socket; unlike httpx it closes the socket of a connection that was refused."""

    def __init__(self, world: World) -> None:
        super().__init__("localhost", timeout=30)
        self._path = os.fspath(world.site.socket)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask(world: World, method: str, path: str, content: bytes = b"", kind: str = "") -> tuple[int, dict[str, Any]]:
    """Make one request. Raises OSError or HTTPException when no whole answer came."""
    with contextlib.closing(UnixConnection(world)) as connection:
        connection.request(method, path, body=content or None, headers={"Content-Type": kind} if kind else {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


class Load:
    """Keeps packages coming by both doors until it is stopped; API clients repeat under the same id until answered."""

    def __init__(self, world: World) -> None:
        self.dropped: list[Expected] = []
        self.acknowledged: dict[str, Expected] = {}
        self.repeated = 0
        self.unexpected: list[str] = []
        self._world = world
        self._numbers = itertools.count()
        self._ending = threading.Event()
        clients = [threading.Thread(target=self._submit_all) for _ in range(API_CLIENTS)]
        self._threads = [threading.Thread(target=self._drop_all), *clients]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Drop and submit nothing new; what an API client has begun needs a running service to be finished."""
        self._ending.set()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _drop_all(self) -> None:
        while not self._ending.wait(0.01):
            if len(self.dropped) - len(slip_names(self._world)["5-Verzonden"]) < UNDERWAY:
                number = next(self._numbers)
                package = expected(number, entry=f"pakket-{number:05}.json", mail_every=2)
                self.dropped.append(package)
                self._world.drop_file(package.entry, package.manifest)

    def _submit_all(self) -> None:
        while not self._ending.wait(0.05):
            number = next(self._numbers)
            package = expected(number, entry="", with_document=number % 3 == 0, mail_every=2)
            package_id = str(uuid.uuid4())
            try:
                self._submit(package_id, package)
            except AssertionError as error:
                self.unexpected.append(str(error))

    def _submit(self, package_id: str, package: Expected) -> None:
        body = json.dumps({**package.manifest, "id": package_id}).encode()
        self._until_taken("POST", "/v1/packages", body, "application/json")
        if package.document:
            path = f"/v1/packages/{package_id}"
            self._until_taken("PUT", f"{path}/documents/1", package.document.encode(), "application/octet-stream")
        self.acknowledged[package_id] = package

    def _until_taken(self, method: str, path: str, content: bytes, kind: str) -> None:
        while True:
            try:
                status, answer = ask(self._world, method, path, content, kind)
            except (OSError, http.client.HTTPException):
                self.repeated += 1
                time.sleep(0.05)
                continue
            assert status in {200, 201}, f"{method} {status} {answer.get('code')}"
            return


_FINISH_SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a run under kills came to."""

    kills: int
    dropped: int
    submitted: int
    repeated: int
    mails: int
    mails_sent_again: int


def run_under_kills(world: World, *, kills: int, seed: int) -> Report:
    """Kill the service so often under load, let it finish, and check every package. Fails when a promise is broken."""
    chance = random.Random(seed)
    world.set("outbox", settleSeconds=SETTLE_SECONDS)
    load = Load(world)
    load.start()
    for _ in range(kills):
        world.service = start_service(world.site)
        time.sleep(chance.uniform(SOONEST_SECONDS, LATEST_SECONDS))
        world.kill()
        check_log(world, load)
    load.end()
    world.start()
    load.join()
    wait_for_slips(world, len(load.dropped))
    total = len(load.dropped) + len(load.acknowledged)

    def states() -> dict[str, int]:
        counts: dict[str, int] = ask(world, "GET", "/health/ready")[1]["packages"]
        return counts

    # A busy machine may still have thousands before it when the load ends.
    until(lambda: states()["done"] >= total, seconds=_FINISH_SECONDS, otherwise=states)
    check_states(world, load, total)
    world.stop()
    report = check_arrivals(world, load)
    check_traces(world, load)
    return replace(report, kills=kills)


def check_log(world: World, load: Load) -> None:
    """Whatever was acknowledged is in the log, and nothing is wrong with it but that a crash left a group unsigned."""
    acknowledged = {*load.acknowledged}
    if not world.site.audit_log.exists():
        assert not acknowledged
        return
    verified = verify_site_log(world.site)
    assert ({each.doubt for each in verified.faults} <= {Doubt.NOT_SIGNED}, ()) == (True, verified.order)
    received = {
        each["gateway.package.id"]
        for each in read_events(world.site.audit_log)
        if each["event.action"] == "package-received"
    }
    assert acknowledged <= received


def check_states(world: World, load: Load, total: int) -> None:
    """Each package is in exactly one final state, and there is no other one."""
    assert [] == load.unexpected[:5]
    counts = ask(world, "GET", "/health/ready")[1]["packages"]
    assert {"done": total} == {state: count for state, count in counts.items() if count}
    states = {ask(world, "GET", f"/v1/packages/{package}")[1]["state"] for package in load.acknowledged}
    assert {"done"} == states


def check_arrivals(world: World, load: Load) -> Report:
    """Each package reached its recipient; only mail came twice, as the same bytes under the same Message-ID."""
    packages = [*load.dropped, *load.acknowledged.values()]
    mails = mailbox(world)
    by_mail = sum(package.by_mail for package in packages)
    assert (by_mail, len(packages) - by_mail) == (len(mails.copies), len(drop_files(world)))
    assert all(1 == len(set(copies)) for copies in mails.copies.values())
    arrived = by_town(open_all(world, mails))
    assert [] == [package.data["town"] for package in packages if not came_whole(package, arrived)]
    return Report(
        kills=0,
        dropped=len(load.dropped),
        submitted=len(load.acknowledged),
        repeated=load.repeated,
        mails=by_mail,
        mails_sent_again=mails.sent_again(),
    )


def _is_empty(folder: Path) -> bool:
    return not list(folder.iterdir())


def check_traces(world: World, load: Load) -> None:
    """Each dropped entry has one slip and is gone; nothing half lies anywhere; the log has no gap."""
    slips = slip_names(world)
    assert {"3-Actie nodig": 0, "4-Geweigerd": 0, "5-Verzonden": len(load.dropped)} == {
        folder: len(names) for folder, names in slips.items()
    }
    assert {package.entry for package in load.dropped} == {
        name[: -len(".12345678.json")] for name in slips["5-Verzonden"]
    }
    for folder in (world.incoming, world.outbox / "2-In behandeling", *(world.site.spool / "payloads").iterdir()):
        until(functools.partial(_is_empty, folder))
    endings = {"".join(path.suffixes[-2:]) for path in (world.site.drop / GUARDIAN).iterdir()}
    assert {".tar.pgp", ".manifest.json", ".json.sig"} == endings
    assert 3 * len(drop_files(world)) == len(list((world.site.drop / GUARDIAN).iterdir()))
    assert verify_site_log(world.site).holds
    released = {
        each["gateway.package.id"]
        for each in read_events(world.site.audit_log)
        if each["event.action"] == "package-released"
    }
    assert len(load.dropped) + len(load.acknowledged) == len(released)
