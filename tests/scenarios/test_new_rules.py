"""Rules and register change while the service runs: what lints counts, what does not is said, nothing is in between."""

import json
from typing import Any

import httpx
import pytest
import yaml

from gateway.audit.reading import read_events
from tests.preloaded import sluis
from tests.scenarios.world import MUNICIPALITY, World, manifest, until


@pytest.fixture
def running(quiet_world: World) -> World:
    quiet_world.set("policy", reloadSeconds=0.1)
    quiet_world.start()
    return quiet_world


def edit(world: World, old: str, new: str) -> None:
    path = world.site.recipients / f"{MUNICIPALITY}.yaml"
    text = path.read_text(encoding="utf-8")
    assert 1 == text.count(old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def health(world: World) -> dict[str, Any]:
    with world.client() as client:
        found: dict[str, Any] = client.get("/health/ready").json()
    return found


def status(world: World) -> tuple[int, dict[str, Any]]:
    done = sluis(world.site.root, "status", "--json")
    return done.returncode, json.loads(done.stdout)


def loaded(world: World) -> list[str]:
    events = read_events(world.site.audit_log)
    return [str(event["rule.version"]) for event in events if event["event.action"] == "policy-loaded"]


def released(slip: dict[str, Any]) -> set[str]:
    return {each["path"] for each in slip["fields"] if each["verdict"] == "release"}


def test_a_field_that_is_taken_out_of_a_permission_stays_behind_without_a_restart(running: World) -> None:
    running.drop_file("voor.json", manifest())
    assert {"name", "town"} == released(running.slip("voor.json", "done"))
    before = health(running)["policyDigest"]

    entry = running.site.recipients / f"{MUNICIPALITY}.yaml"
    content = yaml.safe_load(entry.read_text(encoding="utf-8"))
    content["permissions"][0]["fields"] = ["name"]
    entry.write_text(yaml.safe_dump(content), encoding="utf-8")
    after = until(lambda: (now := health(running)["policyDigest"]) != before and now)
    running.drop_file("na.json", manifest())

    assert {"name"} == released(running.slip("na.json", "done"))
    assert [before, after] == loaded(running)
    assert {before, after} == {path.name for path in running.site.policy_copies.iterdir()}
    evaluated = [each for each in read_events(running.site.audit_log) if "evaluated" in str(each["event.action"])]
    assert [before, after] == [str(each["rule.version"]) for each in evaluated]


def test_rules_with_a_fault_are_told_by_place_and_the_last_good_ones_go_on(running: World) -> None:
    before = health(running)["policyDigest"]
    edit(running, "kind: municipality", "kind: munisipality")
    problem = until(lambda: health(running).get("problems"))
    assert [{"code": "policy-invalid", "where": f"recipients/{MUNICIPALITY}.yaml:5 kind"}] == problem
    exit_code, told = status(running)
    assert (1, problem) == (exit_code, told["problems"])
    with running.client() as client:
        assert httpx.codes.SERVICE_UNAVAILABLE == client.get("/health/ready").status_code

    running.drop_file("toch.json", manifest())
    assert {"name", "town"} == released(running.slip("toch.json", "done"))
    edit(running, "kind: munisipality", "kind: municipality")
    until(lambda: health(running)["ready"])

    assert [before] == loaded(running)
    lines = [json.loads(line) for line in running.site.service_log.read_text(encoding="utf-8").splitlines()]
    assert 1 == len([line for line in lines if line["event.action"] == "policy-not-loaded"])


def test_a_package_is_decided_by_no_set_that_the_log_did_not_announce_before(running: World) -> None:
    digests = set()
    for turn in range(5):
        edit(running, "kind: municipality", f"kind: municipality  # {turn}\n#")
        for number in range(8):
            running.drop_file(f"pakket-{turn}-{number}.json", manifest())
        digests.add(until(lambda: (now := health(running)["policyDigest"]) not in digests and now))
        edit(running, f"kind: municipality  # {turn}\n#", "kind: municipality")
    for turn in range(5):
        for number in range(8):
            running.slip(f"pakket-{turn}-{number}.json", "done")

    announced: set[str] = set()
    for event in read_events(running.site.audit_log):
        if event["event.action"] == "policy-loaded":
            announced.add(str(event["rule.version"]))
        elif event["event.action"] == "package-policy-evaluated":
            assert event["rule.version"] in announced
    assert digests <= announced
