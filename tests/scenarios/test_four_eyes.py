"""Four eyes on the rules themselves, on a real service: two people, restarts, kills, and files that change."""

import grp
import json
import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from gateway.audit.reading import read_events
from gateway.entrypoints.demo.opening import open_mail
from tests import preloaded
from tests.scenarios.test_reviews import as_person
from tests.scenarios.test_the_whole_way import mail_of
from tests.scenarios.world import MUNICIPALITY, World, manifest, until

PROPOSER, APPROVER, ADMINISTRATOR = "privacy-1", "privacy-2", "beheer"
OLD, NEW = "openbareorde@gemeente-voorbeeld.example", "post@aanvaller.example"


@pytest.fixture
def world(quiet_world: World) -> World:
    quiet_world.set("policy", reloadSeconds=0.1)
    quiet_world.set(None, fourEyes=True)
    quiet_world.start()
    return quiet_world


def sluis(world: World, *words: str, person: str = "") -> tuple[int, Any]:
    token = as_person(world, person)["Authorization"].removeprefix("Bearer ") if person else ""
    done = preloaded.sluis(world.site.root, *words, "--json", env={**os.environ, "SLUIS_TOKEN": token})
    return done.returncode, json.loads(done.stdout)


def health(world: World) -> dict[str, Any]:
    with world.client() as client:
        found: dict[str, Any] = client.get("/health/ready").json()
    return found


def post(world: World, what: str, digest: str, *, by: str) -> httpx.Response:
    headers = as_person(world, by)
    with world.client() as client:
        return client.post(f"/v1/policy/{what}", json={"digest": digest}, headers=headers)


def approve_what_lies_there(world: World) -> str:
    with world.client() as client:
        digest = str(client.get("/v1/policy", headers=as_person(world, PROPOSER)).json()["onDisk"])
    assert 201 == post(world, "proposals", digest, by=PROPOSER).status_code
    assert 201 == post(world, "approvals", digest, by=APPROVER).status_code
    return digest


def edit(world: World, old: str = OLD, new: str = NEW) -> str:
    """Change the municipality's entry, wait until it is seen, and give the digest of what lies there now."""
    path = world.site.recipients / f"{MUNICIPALITY}.yaml"
    text = path.read_text(encoding="utf-8")
    assert 1 == text.count(old)
    path.write_text(text.replace(old, new), encoding="utf-8")
    return str(until(lambda: health(world)["notices"])[0]["where"].split()[0])


def pinned(world: World, recipient: str) -> str:
    """Give the fingerprint in a recipient's entry."""
    entry = (world.site.recipients / f"{recipient}.yaml").read_text(encoding="utf-8")
    return str(re.findall(r"[0-9A-F]{40}", entry)[0])


def told(world: World) -> list[tuple[str, str]]:
    return [(str(each["event.action"]), str(each.get("rule.version"))) for each in read_events(world.site.audit_log)]


def mails_to(world: World, address: str) -> int:
    return sum(address in mail.recipients for mail in world.mail.messages())


def test_a_new_site_takes_and_decides_nothing_until_two_people_have_said_so_and_loses_nothing(world: World) -> None:
    world.drop_file("vroeg.json", manifest())
    with world.client() as client:
        refused = client.post("/v1/packages", json=manifest())
    exit_code, status = sluis(world, "status")
    assert (503, "policy-not-approved") == (refused.status_code, refused.json()["code"])
    assert (1, [{"code": "policy-not-approved", "where": "policies"}]) == (exit_code, status["problems"])
    assert (1, "policy-not-approved") == (*_code(sluis(world, "recipients", "list")),)

    _, changes = sluis(world, "policy", "propose", person=ADMINISTRATOR)
    proposed, found = sluis(world, "policy", "propose", changes["after"], person=ADMINISTRATOR)
    assert (0, "") == (proposed, found["inForce"])
    approved, body = sluis(world, "policy", "approve", found["onDisk"], person=APPROVER)
    slip = world.slip("vroeg.json", "done")

    assert (0, found["onDisk"], False) == (approved, body["inForce"], body["waits"])
    assert "done" == slip["state"]
    events = {str(each["event.action"]): each for each in read_events(world.site.audit_log)}
    assert ADMINISTRATOR == events["policy-proposed"]["user.id"]
    assert (APPROVER, ADMINISTRATOR) == tuple(
        events["policy-approved"][key] for key in ("user.id", "gateway.policy.proposer")
    )
    actions = [action for action, _ in told(world)]
    first = actions.index("package-policy-evaluated")
    assert actions.index("policy-proposed") < actions.index("policy-approved") < actions.index("policy-loaded") < first


def test_a_new_site_with_a_faulty_entry_says_in_status_where_the_fault_is_and_once_mended_what_waits(
    quiet_world: World,
) -> None:
    world = quiet_world
    world.set("policy", reloadSeconds=0.1)
    world.set(None, fourEyes=True)
    path = world.site.recipients / f"{MUNICIPALITY}.yaml"
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace("kind: ", "kinds: ", 1), encoding="utf-8")
    world.start()
    (problem,) = until(lambda: [each for each in health(world)["problems"] if each["code"] == "policy-invalid"])
    shown = preloaded.sluis(world.site.root, "status").stdout
    path.write_text(good, encoding="utf-8")
    until(lambda: ["policy-not-approved"] == [each["code"] for each in health(world)["problems"]])

    assert problem["where"].startswith(f"recipients/{MUNICIPALITY}.yaml")
    assert f"recipients/{MUNICIPALITY}.yaml" in shown
    assert "Tot dan beslist Sluis niets" in shown
    assert 1 == len(health(world)["notices"])
    approve_what_lies_there(world)
    assert [] == health(world)["problems"]


def _code(ran: tuple[int, Any]) -> tuple[int, str]:
    return ran[0], ran[1]["code"]


def test_a_package_that_was_taken_before_waits_for_the_approval_and_is_not_held(quiet_world: World) -> None:
    quiet_world.set("policy", reloadSeconds=0.1)
    quiet_world.start()
    body = manifest(documents=[{"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}])
    with quiet_world.client() as client:
        package = client.post("/v1/packages", json=body).json()["id"]
    quiet_world.stop()
    quiet_world.set(None, fourEyes=True)
    quiet_world.start()
    with quiet_world.client() as client:
        octets = {"Content-Type": "application/octet-stream"}
        path = f"/v1/packages/{package}/documents/1"
        assert client.put(path, content=b"Geachte heer,", headers=octets).is_success

        def shown() -> dict[str, Any]:
            return dict(client.get(f"/v1/packages/{package}").json())

        until(lambda: "policy-not-approved" == shown()["code"])
        assert "received" == shown()["state"]
        approve_what_lies_there(quiet_world)
        until(lambda: "done" == shown()["state"])


def test_an_address_that_one_person_changed_gets_nothing_also_after_a_restart(world: World) -> None:
    before = approve_what_lies_there(world)
    after = edit(world)
    world.drop_file("een.json", manifest())
    world.slip("een.json", "done")
    world.stop()
    world.start()
    world.drop_file("twee.json", manifest())
    world.slip("twee.json", "done")
    with world.client() as client:
        decision = client.post("/v1/previews", json=manifest()).json()

    assert (2, 0) == (mails_to(world, OLD), mails_to(world, NEW))
    assert (before, True) == (decision["policyDigest"], health(world)["ready"])
    assert {before} == {digest for action, digest in told(world) if action == "package-policy-evaluated"}
    found = sluis(world, "policy", "diff", person=APPROVER)[1]
    assert (before, after) == (found["before"], found["after"])
    assert any(OLD in each["before"] and NEW in each["after"] for each in found["changes"])
    checks = {each["name"]: each["code"] for each in sluis(world, "check")[1]["checks"]}
    assert ("", "policy-not-approved") == (checks["policy"], checks["approval"])

    assert 201 == post(world, "proposals", after, by=PROPOSER).status_code
    assert 201 == post(world, "approvals", after, by=APPROVER).status_code
    world.drop_file("drie.json", manifest())
    world.slip("drie.json", "done")

    assert (2, 1) == (mails_to(world, OLD), mails_to(world, NEW))
    found = sluis(world, "check")[1]
    assert "" == {each["name"]: each["code"] for each in found["checks"]}["approval"]


def test_a_swapped_key_waits_too_and_the_old_one_is_sealed_to(world: World) -> None:
    before = approve_what_lies_there(world)
    own, other = pinned(world, MUNICIPALITY), world.new_key()
    edit(world, own, other)
    world.drop_file("een.json", manifest())
    mail = mail_of(world, world.slip("een.json", "done")["id"])

    assert "data.json" in open_mail(mail, home=world.home(MUNICIPALITY)).parts
    assert {before} == {digest for action, digest in told(world) if action == "package-policy-evaluated"}
    found = sluis(world, "policy", "diff", person=APPROVER)[1]
    assert any(own in each["before"] and other in each["after"] for each in found["changes"])


def test_the_proposer_other_roles_and_another_digest_bring_nothing_into_force(world: World) -> None:
    before = approve_what_lies_there(world)
    after = edit(world)
    assert 201 == post(world, "proposals", after, by=PROPOSER).status_code

    answers = {
        by: post(world, "approvals", digest, by=by)
        for by, digest in ((PROPOSER, after), (ADMINISTRATOR, after), ("medewerker", after), (APPROVER, before))
    }

    assert {
        PROPOSER: "approval-own-proposal",
        ADMINISTRATOR: "not-permitted",
        "medewerker": "not-permitted",
        APPROVER: "policy-changed",
    } == {by: each.json()["code"] for by, each in answers.items()}
    assert before == health(world)["policyDigest"]
    assert ("policy-approved", after) not in told(world)


def test_rules_with_a_fault_can_not_be_proposed(world: World) -> None:
    before = approve_what_lies_there(world)
    path = world.site.recipients / f"{MUNICIPALITY}.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("kind: municipality", "kind: gemeente"), encoding="utf-8")
    exit_code, problem = sluis(world, "policy", "propose", person=PROPOSER)

    assert (1, "policy-invalid") == (exit_code, problem["code"])
    assert [f"recipients/{MUNICIPALITY}.yaml:5 kind"] == [each["where"] for each in problem["errors"]]
    until(lambda: "policy-invalid" in {each["code"] for each in health(world)["problems"]})
    assert before == health(world)["policyDigest"]


@pytest.mark.parametrize("moment", ["proposed", "in the log", "on the disk", "answered"])
def test_kill_9_around_an_approval_leaves_no_unapproved_set_in_force(world: World, moment: str) -> None:
    before = approve_what_lies_there(world)
    after = edit(world)
    post(world, "proposals", after, by=PROPOSER)
    headers = as_person(world, APPROVER)

    def approve() -> int:
        with world.client() as client:
            return client.post("/v1/policy/approvals", json={"digest": after}, headers=headers).status_code

    def on_disk() -> bool:
        return f'"approver":"{APPROVER}","at"' in (stood := world.site.policy_standing.read_text()) and (
            f'"approved":{{"digest":"{after}"' in stood
        )

    with ThreadPoolExecutor(1) as pool:
        asked = None if moment == "proposed" else pool.submit(approve)
        if moment == "in the log":
            until(lambda: ("policy-approved", after) in told(world))
        elif moment == "on the disk":
            until(on_disk)
        elif asked is not None and moment == "answered":
            assert 201 == asked.result()
        world.kill()
        if asked is not None:
            asked.exception()
    world.start()

    counts = health(world)["policyDigest"]
    events = told(world)
    if moment in ("on the disk", "answered"):
        assert after == counts
    if moment == "proposed":
        assert before == counts
    assert counts == before or ("policy-approved", after) in events
    assert ("policy-loaded", after) not in events or events.index(("policy-approved", after)) < events.index(
        ("policy-loaded", after)
    )
    if counts == before:
        assert 201 == post(world, "approvals", after, by=APPROVER).status_code
    assert after == health(world)["policyDigest"]


def test_the_group_of_the_settings_may_use_the_socket_of_the_service(quiet_world: World) -> None:
    quiet_world.set("api", group=grp.getgrgid(os.getgid()).gr_name)
    quiet_world.start()
    socket = quiet_world.site.socket

    assert [0o710, 0o660] == [stat.S_IMODE(place.stat().st_mode) for place in (socket.parent, socket)]
    assert health(quiet_world)["ready"]


def test_a_group_that_this_machine_does_not_know_is_a_refusal_to_start(quiet_world: World) -> None:
    quiet_world.set("api", group="sluis-bestaat-niet")
    exit_code, problem = sluis(quiet_world, "run")

    assert (1, "setting-invalid", "api.group") == (exit_code, problem["code"], problem["errors"][0]["where"])
