"""The oldest days of the audit log go: by a written policy, by two people, and what was proved stays proved."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.reading import read_events
from gateway.bootstrap.log_following import LogFollower
from tests.integration.audit.outside.programs import shipped_says
from tests.preloaded import sluis as plain_sluis
from tests.scenarios.test_four_eyes import sluis
from tests.scenarios.world import World, guardian_manifest

PROPOSES, APPROVES = "beheer", "privacy-1"
POLICY = "bewaarbeleid-2026/3.1"
DAY = 86_400.0


@pytest.fixture
def world(quiet_world: World) -> World:
    """A site over which a package went a hundred days ago and one today, whose policy keeps lines for thirty days."""
    world = quiet_world
    world.set(None, environment="test", testClock={"aheadSeconds": 0.0})
    world.set("audit", retention={"policy": POLICY, "keepSeconds": 30 * DAY})
    world.start()
    world.drop_file("eerste.json", guardian_manifest())
    world.slip("eerste.json", "done")
    world.stop()
    world.set("testClock", aheadSeconds=100 * DAY)
    world.start()
    world.drop_file("tweede.json", guardian_manifest())
    world.slip("tweede.json", "done")
    return world


def after(days: int) -> str:
    """Give the day that is so many days after the first package went, in UTC."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=days)).date().isoformat()


def prune(world: World, until: str, *, by: str) -> tuple[int, Any]:
    return sluis(world, "audit", "prune", "--until", until, person=by)


def refused(told: tuple[int, Any]) -> tuple[int, str, str]:
    """Give the exit code, the code, and the place that is named."""
    return told[0], told[1]["code"], told[1]["detail"].rpartition(" ")[2].rstrip(".")


def events(world: World, *wanted: str) -> list[dict[str, Any]]:
    return [each for each in read_events(world.site.audit_log) if each["event.action"] in wanted]


def files(world: World) -> list[str]:
    return sorted(path.name[:10] for path in world.site.audit_log.iterdir())


def test_two_people_have_the_old_days_deleted_and_everything_still_verifies(world: World, tmp_path: Path) -> None:
    released, days = events(world, "package-released")[0], files(world)
    number, until = str(released["event.sequence"]), after(2)
    assert 0 == sluis(world, "audit", "show", number, "--proof", str(tmp_path))[0]

    left, proposed = prune(world, until, by=PROPOSES)
    before = files(world)
    done, deleted = prune(world, until, by=APPROVES)

    assert (3, "proposed", POLICY, PROPOSES) == (left, proposed["state"], proposed["policy"], proposed["proposedBy"])
    assert (0, "deleted", PROPOSES, APPROVES) == (done, deleted["state"], deleted["proposedBy"], deleted["approvedBy"])
    assert (days, days[1:]) == (before, files(world))
    wished, gone = events(world, "audit-deletion-proposed", "audit-segment-deleted")
    assert PROPOSES == wished["user.id"]
    assert (POLICY, 0, deleted["last"] + 1) == (
        gone["gateway.retention.policy"],
        gone["gateway.segment.first"],
        gone["gateway.segment.end"],
    )
    world.stop()
    world.start()
    _, verified = sluis(world, "audit", "verify")
    assert (True, deleted["last"] + 1) == (verified["holds"], verified["first"])
    assert (PROPOSES, APPROVES) == (verified["deletion"]["proposer"], verified["deletion"]["approver"])
    keys = ("--keys", world.site.audit_keys)
    assert shipped_says("log", world.site.root / "audit", *keys)
    assert shipped_says("receipt", tmp_path / f"{number}.json", tmp_path / f"{number}.tlog-proof", *keys)
    assert (1, "event-unknown") == refused(sluis(world, "audit", "show", number))[:2]
    assert "audit-log-recovered" not in {each["event.action"] for each in read_events(world.site.audit_log)}


def test_a_deletion_that_did_not_finish_is_told_by_verify_and_finished_at_the_next_start(world: World) -> None:
    until, first = after(2), min(world.site.audit_log.iterdir())
    content = first.read_bytes()
    assert 3 == prune(world, until, by=PROPOSES)[0]
    _, deleted = prune(world, until, by=APPROVES)
    world.stop()
    # As the power leaves it between the event and the removal of the file.
    first.write_bytes(content)

    left, verified = sluis(world, "audit", "verify")
    told = plain_sluis(world.site.root, "audit", "verify").stdout
    world.start()
    world.stop()

    assert (0, True, deleted["last"] + 1) == (left, verified["holds"], verified["unfinished"]["end"])
    assert "start Sluis opnieuw" in " ".join(told.split())
    assert None is sluis(world, "audit", "verify")[1]["unfinished"]
    assert 1 == len(files(world))


def test_nobody_deletes_alone_and_nobody_without_the_role(world: World) -> None:
    until = after(2)
    assert (1, "not-permitted") == refused(prune(world, until, by="medewerker"))[:2]
    assert (1, "not-permitted") == refused(prune(world, until, by="beveiliging"))[:2]
    assert 3 == prune(world, until, by=APPROVES)[0]

    assert (1, "approval-own-proposal") == refused(prune(world, until, by=APPROVES))[:2]
    assert (1, "not-permitted") == refused(prune(world, until, by=PROPOSES))[:2]
    # Another day is another deletion: it is proposed anew.
    assert 3 == prune(world, after(3), by="privacy-2")[0]
    assert 3 == prune(world, until, by=APPROVES)[0]
    world.stop()
    world.start()
    done, deleted = prune(world, until, by="privacy-2")
    assert (0, APPROVES, "privacy-2") == (done, deleted["proposedBy"], deleted["approvedBy"])


def test_what_the_policy_keeps_and_what_a_follower_has_not_got_stays(world: World) -> None:
    lines = world.site.audit_log
    place = world.site.root / "audit" / "places" / "siem.json"
    place.parent.mkdir()
    follower = LogFollower(lines, place)
    ahead = follower.ahead(size=10_000, most=10_000)
    follower.keep(ahead[0])

    assert (1, "audit-retention", after(70)) == refused(prune(world, after(71), by=PROPOSES))
    assert (1, "audit-none-so-old", after(-1)) == refused(prune(world, after(-1), by=PROPOSES))
    assert (1, "audit-not-sent", "audit/places/siem.json") == refused(prune(world, after(2), by=PROPOSES))
    follower.keep(ahead[-1])
    assert 3 == prune(world, after(2), by=PROPOSES)[0]
    assert 2 == len(files(world))


def test_without_a_written_policy_nothing_is_ever_deleted(quiet_world: World) -> None:
    quiet_world.start()

    assert (1, "audit-retention-missing", "audit.retention") == refused(prune(quiet_world, "2020-01-01", by=PROPOSES))


def test_an_attack_with_a_proposal_that_somebody_wrote_into_the_spool_is_none(world: World) -> None:
    assert 3 == prune(world, after(2), by=PROPOSES)[0]
    path = world.site.spool / "audit-deletion.json"
    said = json.loads(path.read_bytes())
    said["proposal"]["proposer"] = "privacy-2"
    path.write_text(json.dumps(said), encoding="utf-8")

    left, proposed = prune(world, after(2), by=APPROVES)

    assert (3, "proposed", APPROVES) == (left, proposed["state"], proposed["proposedBy"])
    assert 2 == len(files(world))
