"""The audit log of a site: anybody can check it, and who changes it stops what it announces."""

import json
from pathlib import Path

import pytest

from gateway.audit.reading import lines_of, read_events
from gateway.audit.tree_files import checkpoints_of
from tests.integration.audit.outside.programs import shipped_says
from tests.preloaded import sluis
from tests.scenarios.world import World, guardian_manifest, until


@pytest.fixture
def world(quiet_world: World) -> World:
    """A site over which one package went, the service still running."""
    quiet_world.start()
    quiet_world.drop_file("eerste.json", guardian_manifest())
    quiet_world.slip("eerste.json", "done")
    return quiet_world


def verified(world: World, *more: str) -> tuple[int, dict[str, object]]:
    done = sluis(world.site.root, "audit", "verify", "--json", *more)
    return done.returncode, json.loads(done.stdout)


def problems(world: World) -> set[str]:
    with world.client() as client:
        return {each["code"] for each in client.get("/health/ready").json().get("problems", [])}


def lines_in(world: World) -> list[bytes]:
    return [line for _, _, line in lines_of(world.site.audit_log)]


def day_file(world: World) -> Path:
    return next(world.site.audit_log.iterdir())


def test_the_log_holds_while_the_service_runs_and_after_it_ended(world: World) -> None:
    running = verified(world)
    world.stop()
    ended = verified(world)

    assert [(0, True), (0, True)] == [(code, told["holds"]) for code, told in (running, ended)]
    assert len(lines_in(world)) == ended[1]["size"]
    assert shipped_says("log", world.site.root / "audit", "--keys", world.site.audit_keys)


def test_one_event_is_shown_and_its_proof_convinces_who_knows_nothing_of_sluis(world: World, tmp_path: Path) -> None:
    released = next(each for each in read_events(world.site.audit_log) if "package-released" == each["event.action"])
    folder, number = tmp_path / "bewijs", str(released["event.sequence"])

    by_id = sluis(world.site.root, "audit", "show", released["event.id"], "--json", "--proof", str(folder))
    by_number = sluis(world.site.root, "audit", "show", number)
    unknown = sluis(world.site.root, "audit", "show", "99999")

    assert released == json.loads(by_id.stdout)["event"]
    assert released["event.id"] in by_number.stdout
    assert (1, True) == (unknown.returncode, "event-unknown" in unknown.stdout + unknown.stderr)
    proof = folder / f"{number}.tlog-proof"
    assert proof.stat().st_size < 2048
    assert shipped_says("receipt", folder / f"{number}.json", proof, "--keys", world.site.audit_keys)


def test_an_attack_that_changes_a_line_is_named_and_the_service_does_not_start_on_it(world: World) -> None:
    world.stop()
    before = day_file(world).read_bytes()
    day_file(world).write_bytes(before.replace(b'"package-released"', b'"package-received"', 1))
    changed = next(n for n, line in enumerate(before.splitlines()) if b'"package-released"' in line)

    code, told = verified(world)
    start = sluis(world.site.root, "run")

    assert (4, [{"fault": "changed", "first": changed, "last": changed}]) == (code, told["faults"])
    assert (4, True) == (start.returncode, "audit-changed" in start.stdout + start.stderr)
    day_file(world).write_bytes(before)
    world.start()
    assert (0, True) == (verified(world)[0], verified(world)[1]["holds"])


def test_an_attack_that_takes_lines_off_a_running_log_stops_all_release_until_they_are_back(world: World) -> None:
    there, before = day_file(world), day_file(world).read_bytes()
    aside = there.rename(world.site.root / "weg.jsonl")
    world.drop_file("tweede.json", guardian_manifest())
    until(lambda: "audit-changed" in problems(world))
    written = lines_in(world)

    aside.rename(there)
    slip = world.slip("tweede.json", "done")

    assert [] == written
    assert before == there.read_bytes()[: len(before)]
    assert slip["id"] in {each.get("gateway.package.id") for each in read_events(world.site.audit_log)}
    assert (0, True) == (verified(world)[0], verified(world)[1]["holds"])


def test_a_checkpoint_kept_elsewhere_shows_that_a_log_begun_anew_is_another_one(world: World, tmp_path: Path) -> None:
    world.stop()
    kept = tmp_path / "checkpoint"
    kept.write_bytes([*checkpoints_of(world.site.root / "audit")][-1])
    honest = verified(world, "--checkpoint", str(kept))
    for name in ("tree", "checkpoints"):
        (world.site.root / "audit" / name).unlink()
    day_file(world).unlink()
    world.start()
    world.stop()

    by_itself, beside = verified(world), verified(world, "--checkpoint", str(kept))

    assert [0, 0, 4] == [honest[0], by_itself[0], beside[0]]
    kept.write_text("geen checkpoint", encoding="utf-8")
    code, told = verified(world, "--checkpoint", str(kept))
    assert (2, "checkpoint-unreadable") == (code, told["code"])


def test_a_site_from_before_gets_its_key_once_and_its_lines_become_the_first_of_the_log(world: World) -> None:
    world.stop()
    before = lines_in(world)
    for name in ("audit/vkeys", "audit/tree", "audit/checkpoints", "secrets/audit.key"):
        (world.site.root / name).unlink()
    start = sluis(world.site.root, "run")

    begun = sluis(world.site.root, "audit", "init", "--origin", "sluis.example/audit/node-1-b")
    again = sluis(world.site.root, "audit", "init")
    world.start()

    assert (1, True) == (start.returncode, "audit/vkeys" in start.stdout + start.stderr)
    assert (0, 1) == (begun.returncode, again.returncode)
    assert begun.stdout.startswith("sluis.example/audit/node-1-b+")
    assert (before, True) == (lines_in(world)[: len(before)], verified(world)[1]["holds"])
