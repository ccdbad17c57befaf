"""A site tells a Logboek Dataverwerkingen of each disclosure, whoever of the two is killed, and of nobody by name."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.events import EventAction
from gateway.audit.processing import ACTIONS
from gateway.audit.reading import read_events
from gateway.package.errors import Code
from tests.logbook import DEFAULT, GUARDIANSHIP, LogbookServer
from tests.preloaded import sluis
from tests.scenarios.canary import Search, data_of, make_canary, subject_of
from tests.scenarios.test_witness import notices
from tests.scenarios.world import World, guardian_manifest, manifest, until

RELEASED = ACTIONS[EventAction.PACKAGE_RELEASED].name


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LogbookServer]:
    made = LogbookServer(folder=tmp_path / "logbook").prepare()
    made.start()
    yield made
    made.kill()


@pytest.fixture
def telling_world(quiet_world: World, server: LogbookServer) -> World:
    """A site that knows the logbook; its service has not been started."""
    quiet_world.set("audit", logbook=server.settings(quiet_world.site.root, lateSeconds=0))
    return quiet_world


def actions_in_log(world: World) -> int:
    return len([each for each in read_events(world.site.audit_log) if each["event.action"] in ACTIONS])


def actions_told(server: LogbookServer) -> list[dict[str, Any]]:
    return [each for each in server.spans().values() if "dpl.core.data_subject_id" not in each["attributes"]]


def all_told(world: World, server: LogbookServer) -> bool:
    return actions_in_log(world) == len(actions_told(server)) and not notices(world)


def test_each_disclosure_is_told_under_its_purpose_and_no_personal_value_with_it(
    telling_world: World, server: LogbookServer
) -> None:
    world, canary = telling_world, make_canary(random.Random())
    server.behave("slow", seconds=0.05)
    world.start()
    told: dict[str, Any] = {"subject": subject_of(canary), "data": data_of(canary)}
    world.drop_file(f"{canary['entry']}.json", guardian_manifest(**told))
    world.drop_file("gemeente.json", manifest(**told))
    world.drop_file("verboden.json", manifest(**told, recipients=["nidos-voorbeeld"]))
    for entry in (f"{canary['entry']}.json", "gemeente.json", "verboden.json"):
        world.slip(entry, "done", "held", "refused")
    until(lambda: all_told(world, server))

    assert {} == Search(canary.everything()).of_all(("body", each) for each in server.bodies())
    assert server.bodies()
    released = [each for each in actions_told(server) if each["name"] == RELEASED]
    assert {GUARDIANSHIP, DEFAULT} == {each["attributes"]["dpl.core.processing_activity_id"] for each in released}
    assert {("sluis", "STATUS_CODE_OK")} == {(each["resource"]["service.name"], each["status"]) for each in released}
    assert "STATUS_CODE_ERROR" not in {each["status"] for each in server.spans().values()}


def test_nothing_is_missing_or_invented_when_the_logbook_and_the_service_are_killed_in_turns(
    telling_world: World, server: LogbookServer
) -> None:
    world = telling_world
    server.behave("silent", times=2)
    world.start()
    world.drop_file("eerste.json", guardian_manifest())
    world.slip("eerste.json", "done")
    server.kill()
    world.drop_file("tweede.json", guardian_manifest())
    world.slip("tweede.json", "done")
    until(lambda: Code.LOGBOOK_UNREACHABLE.value in notices(world))
    world.kill()
    server.start()
    server.behave("stuck", times=1)
    before = len(server.took())
    world.start()
    world.drop_file("derde.json", guardian_manifest())
    until(lambda: len(server.took()) > before)
    world.kill()
    server.behave("well")
    world.start()
    world.slip("derde.json", "done")

    until(lambda: all_told(world, server))

    assert 3 == len([each for each in actions_told(server) if each["name"] == RELEASED])


def test_check_asks_the_logbook_and_says_which_purposes_have_the_default_activity(
    telling_world: World, server: LogbookServer
) -> None:
    root = telling_world.site.root

    told = json.loads(sluis(root, "check", "--json").stdout)
    server.kill()
    down = json.loads(sluis(root, "check", "--json").stdout)

    assert ["", Code.LOGBOOK_UNREACHABLE.value] == [_outcome(each, "logbook") for each in (told, down)]
    defaults = {each["where"] for each in told["warnings"] if each.get("code") == Code.LOGBOOK_DEFAULT_ACTIVITY.value}
    assert "public-order" in defaults
    assert "guardianship" not in defaults
    assert [] == server.took()


def _outcome(told: dict[str, Any], name: str) -> str:
    (code,) = [str(each["code"]) for each in told["checks"] if each["name"] == name]
    return code
