"""What was decided is decided again from what was kept for it: same bytes, whatever became of rules and package."""

import asyncio
import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.audit.reading import read_events
from gateway.bootstrap.build import open_house
from gateway.package.encoding import encode_record
from gateway.package.ids import PackageId
from gateway.spool.port import StateChange
from tests.preloaded import sluis
from tests.scenarios.test_reviews import NECESSITY, OFFICER, REFUSE, RELEASE, as_person, review, state_of, submitted
from tests.scenarios.world import MUNICIPALITY, World, manifest, until

WATCHER = "beveiliging"


def with_health() -> dict[str, Any]:
    return manifest(data={"name": "Amina Yusuf", "health": "diabetes"}, necessity=NECESSITY)


def decisions(world: World, package: str) -> list[dict[str, Any]]:
    """Give the events that tell of decisions on a package, oldest first."""
    events = read_events(world.site.audit_log, package=PackageId(package))
    return [each for each in events if each["event.action"] == "package-policy-evaluated"]


def replayed(world: World, audit_id: str, *, by: str = WATCHER) -> tuple[int, dict[str, Any]]:
    """Type `sluis policy replay`; give its exit code and its object."""
    token = as_person(world, by)["Authorization"].removeprefix("Bearer ")
    done = sluis(world.site.root, "--token", token, "--json", "policy", "replay", audit_id)
    return done.returncode, json.loads(done.stdout)


def verdicts(found: dict[str, Any]) -> dict[str, str]:
    return {each["path"]: each["ruleId"] for each in found["decision"]["recipients"][0]["fields"]}


def released(world: World) -> str:
    """Let a package be held, released and sent."""
    package = submitted(world, with_health())
    assert 201 == review(world, package, RELEASE, by=OFFICER).status_code
    until(lambda: "done" == state_of(world, package))
    return package


def test_a_hold_and_the_release_after_it_are_both_replayed_to_the_byte_long_after_the_rules_changed(
    quiet_world: World,
) -> None:
    world = quiet_world
    world.set("policy", reloadSeconds=0.1)
    world.start()
    package = released(world)
    with world.client() as client:
        named = client.get(f"/v1/packages/{package}/decision").json()["decided"]
        before = client.get("/health/ready").json()["policyDigest"]
    entry = world.site.recipients / f"{MUNICIPALITY}.yaml"
    content = yaml.safe_load(entry.read_text(encoding="utf-8"))
    content["permissions"][0]["fields"] = ["town"]
    entry.write_text(yaml.safe_dump(content), encoding="utf-8")
    with world.client() as client:
        until(lambda: before != client.get("/health/ready").json()["policyDigest"])

    hold, release = (replayed(world, each["event.id"]) for each in decisions(world, package))

    assert [each["event.id"] for each in decisions(world, package)] == [each["auditId"] for each in named]
    assert [(0, True)] * 2 == [(code, found["same"]) for code, found in (hold, release)]
    assert ["held", "cleared"] == [found["decision"]["outcome"] for _, found in (hold, release)]
    assert {"name": "field.permitted", "health": "special.second-person"} == verdicts(hold[1])
    assert {"name": "field.permitted", "health": "special.reviewed"} == verdicts(release[1])
    assert {before} == {found["policyDigest"] for _, found in (hold, release)}

    shutil.rmtree(world.site.policy_copies / before)
    code, gone = replayed(world, decisions(world, package)[0]["event.id"])
    assert (1, "policy-unavailable") == (code, gone["code"])
    world.stop()


def test_a_decision_that_a_person_refused_afterwards_is_replayed_as_it_was_made(world: World) -> None:
    package = submitted(world, with_health())
    assert 201 == review(world, package, REFUSE, by=OFFICER).status_code

    (event,) = decisions(world, package)
    code, found = replayed(world, event["event.id"], by=OFFICER)

    assert (0, True, "held") == (code, found["same"], found["decision"]["outcome"])


def test_only_privacy_officers_and_security_replay_and_only_decisions(world: World) -> None:
    package = submitted(world, with_health())
    held = next(
        each
        for each in read_events(world.site.audit_log, package=PackageId(package))
        if each["event.action"] == "package-held"
    )
    (event,) = decisions(world, package)

    answers = [
        replayed(world, event["event.id"], by="medewerker"),
        replayed(world, event["event.id"], by="beheer"),
        replayed(world, held["event.id"]),
        replayed(world, package),
    ]

    assert [(1, "not-permitted"), (1, "not-permitted"), (1, "event-no-decision"), (1, "not-found")] == [
        (code, found["code"]) for code, found in answers
    ]


@pytest.mark.parametrize("part", ["question", "decision"])
def test_an_input_or_decision_that_somebody_with_the_keys_changed_is_not_verified(
    quiet_world: World, part: str
) -> None:
    """The disk, the site key and a consistent story do not help: the log has a keyed digest of both."""
    world = quiet_world
    world.start()
    package = submitted(world, with_health())
    (event,) = decisions(world, package)
    assert 0 == replayed(world, event["event.id"])[0]
    world.stop()

    asyncio.run(_tamper(world, PackageId(package), part))
    world.start()
    code, found = replayed(world, event["event.id"])

    assert (4, False, None) == (code, found["same"], found["decision"])
    assert ["digest"] == [each["place"] for each in found["differences"]]
    world.stop()


def test_what_is_kept_of_a_decision_rests_encrypted_and_dies_with_the_record(quiet_world: World) -> None:
    world = quiet_world
    world.start()
    with world.client() as client:
        package = str(client.post("/v1/packages", json=manifest()).json()["id"])
    until(lambda: "done" == state_of(world, package))
    (event,) = decisions(world, package)
    assert 0 == replayed(world, event["event.id"])[0]
    world.stop()

    spool = [path for path in (world.site.root / "spool").rglob("*") if path.is_file() and "policies" not in path.parts]
    asyncio.run(_end_retention(world))
    world.start()
    code, found = replayed(world, event["event.id"])

    assert spool
    assert [] == [path for path in spool if b"secret_address" in _bytes(path)]
    assert (1, "decision-not-kept") == (code, found["code"])
    world.stop()


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


async def _tamper(world: World, package: PackageId, part: str) -> None:
    """Rewrite what is kept as the service itself would: the right key, the right place, another story."""
    async with open_house(world.site) as house:
        row = await house.spool.find(package)
        assert row is not None
        record = house.pipeline.record_of(row)
        last = record.decided[-1]
        if part == "question":
            assert '"necessity":true' in last.question
            changed = replace(last, question=last.question.replace('"necessity":true', '"necessity":false'))
            record = replace(record, decided=(*record.decided[:-1], changed))
        else:
            assert record.decision is not None
            record = replace(record, decision=replace(record.decision, privacy_office=None))
        sealed = house.parts.vault.seal_record_of(row, encode_record(record))
        change = StateChange(state=row.state, at=row.updated_at, code=row.code, record=sealed)
        await house.spool.change(row.id, row.epoch, change)


async def _end_retention(world: World) -> None:
    async with open_house(world.site) as house:
        later = house.parts.now() + dt.timedelta(days=1)
        assert 1 == await house.endings.forget_lapsed(content_before=later, record_before=later)
