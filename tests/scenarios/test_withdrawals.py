"""A package is taken back as far as it was not sent, by whoever may, and never said to be when it went."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.integration.deliver.scripted_relay import HOST, Answer, Fault
from tests.preloaded import sluis
from tests.scenarios.failing import Site
from tests.scenarios.faulty_mail import FaultyMail
from tests.scenarios.test_reviews import (
    OFFICER,
    RELEASE,
    SENDER,
    as_person,
    review,
    state_of,
    submitted,
    told,
    with_health,
)
from tests.scenarios.world import GUARDIAN, MUNICIPALITY, World, guardian_manifest, manifest, new_world, until

SECOND = "gemeente-tweede"
BURST = 60
NEVER = 1000


@pytest.fixture(scope="module")
def built() -> Iterator[Site]:
    """A site with two municipalities by mail, over a relay that does what a test says."""
    with new_world() as world:
        mail = FaultyMail(world.site.root / "relay-ca.pem")
        mail.start()
        world.set("mail", host=HOST, port=mail.relay.port, caFile="relay-ca.pem", timeoutSeconds=1)
        entry = yaml.safe_load((world.site.recipients / f"{MUNICIPALITY}.yaml").read_text(encoding="utf-8"))
        entry |= {"id": SECOND}
        (world.site.recipients / f"{SECOND}.yaml").write_text(yaml.safe_dump(entry), encoding="utf-8")
        with world.site.people.open("a", encoding="utf-8") as people:
            people.write("  - {id: collega, organisation: DT&V, roles: [caseworker]}\n")
            people.write("  - {id: coa-privacy, organisation: COA, roles: [privacy-officer]}\n")
        world.start()
        try:
            yield Site(world, mail)
        finally:
            mail.stop()
        world.stop()


@pytest.fixture
def site(built: Site) -> Iterator[Site]:
    yield built
    built.mail.mend()


def withdraw(world: World, package: str, *, by: str = SENDER) -> httpx.Response:
    headers = as_person(world, by)
    with world.client() as client:
        return client.post(f"/v1/packages/{package}/withdrawal", headers=headers)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["code"])


def handed_in(world: World, body: dict[str, Any]) -> str:
    with world.client() as client:
        return str(client.post("/v1/packages", json=body).json()["id"])


def deliveries(world: World, package: str) -> dict[str, str]:
    with world.client() as client:
        return {each["id"]: each["state"] for each in client.get(f"/v1/packages/{package}").json()["recipients"]}


def actions(world: World, package: str) -> list[str]:
    return [each["event.action"] for each in told(world, package)]


def nothing_is_kept(world: World, package: str) -> bool:
    """Ask for what only the content has: a document that the package expects, once its key is gone."""
    with world.client() as client:
        body = b"x" * 300_000
        headers = {"Content-Type": "application/octet-stream"}
        answer = client.put(f"/v1/packages/{package}/documents/1", content=body, headers=headers)
        return (409, "state-conflict") == code_of(answer)


def test_the_sender_takes_a_held_package_back_and_gets_a_slip_that_says_so(site: Site) -> None:
    site.world.drop("terug", {"package.yaml": with_health()})
    held = site.world.slip("terug", "held")

    answer = withdraw(site.world, held["id"])
    slip = site.world.slip("terug", "withdrawn")
    late = review(site.world, held["id"], RELEASE, by=OFFICER)

    assert (200, "withdrawn") == (answer.status_code, answer.json()["state"])
    assert ("4-Geweigerd", "Uw pakket is ingetrokken") == (slip["folder"], slip["text"]["nl"]["title"])
    assert ["De afzender heeft het ingetrokken."] == slip["text"]["nl"]["why"]
    assert ["withdrawn"] == [each["state"] for each in slip["recipients"]]
    assert 1 == len(site.world.slips("terug"))
    assert (409, "state-conflict") == code_of(late)
    assert SENDER == told(site.world, held["id"])[-1]["user.id"]
    assert "package-withdrawn" == actions(site.world, held["id"])[-1]
    assert [] == site.mail.copies_of(held["id"])


def test_asking_twice_is_asking_once_and_the_log_tells_of_one_withdrawal(site: Site) -> None:
    package = submitted(site.world, with_health())

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: withdraw(site.world, package), range(6)))

    assert [(200, "withdrawn")] * 6 == [(each.status_code, each.json()["state"]) for each in answers]
    assert 1 == actions(site.world, package).count("package-withdrawn")


def test_a_submission_that_still_waits_for_a_file_is_taken_back_and_takes_none_any_more(site: Site) -> None:
    package = handed_in(site.world, manifest(documents=[{"file": "brief.txt", "kind": "letter"}]))

    answer = withdraw(site.world, package)

    assert (200, "withdrawn") == (answer.status_code, answer.json()["state"])
    assert nothing_is_kept(site.world, package)
    assert "package-received" not in actions(site.world, package)


def test_a_privacy_officer_of_the_organisation_takes_a_package_of_another_person_back(site: Site) -> None:
    package = submitted(site.world, with_health())

    assert (404, "not-found") == code_of(withdraw(site.world, package, by="collega"))
    assert (403, "not-permitted") == code_of(withdraw(site.world, package, by="coa-privacy"))
    assert (403, "not-permitted") == code_of(withdraw(site.world, package, by="beveiliging"))
    assert "held" == state_of(site.world, package)
    assert 200 == withdraw(site.world, package, by=OFFICER).status_code
    assert OFFICER == told(site.world, package)[-1]["user.id"]


def test_an_unknown_package_a_refused_one_and_one_that_was_sent_are_answered_honestly(site: Site) -> None:
    refused = handed_in(site.world, manifest(purpose="housing"))
    sent = handed_in(site.world, manifest())
    until(lambda: ("refused", "done") == (state_of(site.world, refused), state_of(site.world, sent)))

    assert (404, "not-found") == code_of(withdraw(site.world, str(uuid.uuid4())))
    answer = withdraw(site.world, refused)
    assert (409, "state-conflict") == code_of(answer)
    assert ["this package was refused"] == [each["expected"].partition(":")[0] for each in answer.json()["errors"]]
    assert (409, "withdrawal-too-late") == code_of(withdraw(site.world, sent))
    assert "package-withdrawn" not in {*actions(site.world, refused), *actions(site.world, sent)}


def test_withdrawn_while_it_is_being_sealed_it_is_not_sent_and_the_log_tells_of_no_release(site: Site) -> None:
    agent = site.agent()
    os.kill(agent, signal.SIGSTOP)
    try:
        package = handed_in(site.world, manifest())
        other = handed_in(site.world, guardian_manifest())
        until(lambda: gpg_runs(site.world), otherwise=lambda: f"{site.problems()} {deliveries(site.world, other)}")
        answer = withdraw(site.world, package)
    finally:
        os.kill(agent, signal.SIGCONT)
    until(lambda: "done" == state_of(site.world, other))
    after = handed_in(site.world, manifest())
    until(lambda: "done" == state_of(site.world, after))

    assert (200, "withdrawn") == (answer.status_code, answer.json()["state"])
    assert "withdrawn" == state_of(site.world, package)
    assert ["package-received", "package-withdrawn"] == actions(site.world, package)
    assert [] == site.mail.copies_of(package)


def gpg_runs(world: World) -> bool:
    """Tell whether a gpg of this site is at work, waiting for its agent."""
    home = os.fspath(world.site.gnupg).encode()
    found = False
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            found = found or (words[0].endswith(b"gpg") and home in words)
    return found


def test_while_the_courier_talks_to_the_relay_it_is_too_late_and_once_that_failed_it_is_not(site: Site) -> None:
    before = len(site.mail.relay.messages)
    site.mail.relay.script["MAIL"] = [Fault.HANG] * NEVER
    package = handed_in(site.world, manifest())
    until(lambda: "sending" == deliveries(site.world, package)[MUNICIPALITY])
    first = withdraw(site.world, package)
    until(lambda: "waiting" == deliveries(site.world, package)[MUNICIPALITY])

    answer = until(lambda: taken_back(site.world, package))
    site.mail.mend()
    after = handed_in(site.world, manifest())
    until(lambda: "done" == state_of(site.world, after))

    assert (409, "withdrawal-too-late") == code_of(first)
    assert "withdrawn" == answer["state"]
    assert {MUNICIPALITY: "withdrawn"} == deliveries(site.world, package)
    assert "package-released" not in actions(site.world, package)
    assert before + 1 == len(site.mail.relay.messages)


def taken_back(world: World, package: str) -> dict[str, Any] | None:
    """Try until it is not being sent at this moment."""
    answer = withdraw(world, package)
    return dict(answer.json()) if answer.status_code == 200 else None


def test_of_two_recipients_the_one_who_has_it_keeps_it_and_the_other_gets_nothing(site: Site) -> None:
    answers: list[Answer] = [b"250 fine", *[b"451 later"] * NEVER]
    site.mail.relay.script["RCPT"] = answers
    before = len(site.mail.relay.messages)
    site.world.drop_file("twee.json", manifest(recipients=[MUNICIPALITY, SECOND]))
    package = site.world.slip("twee.json", "releasing")["id"]
    until(lambda: {"sent", "waiting"} <= set(deliveries(site.world, package).values()))

    withdrawn = until(lambda: taken_back(site.world, package))
    site.mail.mend()
    slip = site.world.slip("twee.json", "done")
    typed = withdraw_by_command(site.world, package)

    assert "done" == withdrawn["state"]
    assert ["sent", "withdrawn"] == sorted(deliveries(site.world, package).values())
    assert ["sent", "withdrawn"] == sorted(each["state"] for each in slip["recipients"])
    assert "partly-done" == slip["ending"]
    assert before + 1 == len(site.mail.relay.messages)
    assert (1, "done") == (typed.returncode, json.loads(typed.stdout)["state"])
    by_whom = [
        each["gateway.recipient.id"] for each in told(site.world, package) if "withdrawn" in each["event.action"]
    ]
    assert by_whom == [each for each, state in deliveries(site.world, package).items() if state == "withdrawn"]


def withdraw_by_command(world: World, package: str) -> subprocess.CompletedProcess[str]:
    token = as_person(world, SENDER)["Authorization"].removeprefix("Bearer ")
    return sluis(world.site.root, "withdraw", package, "--json", "--token", token)


def test_the_command_ends_with_0_when_nothing_went(site: Site) -> None:
    package = submitted(site.world, with_health())

    done = withdraw_by_command(site.world, package)

    assert (0, "withdrawn") == (done.returncode, json.loads(done.stdout)["state"])


def test_in_a_burst_no_package_is_both_withdrawn_and_sent(site: Site) -> None:
    headers = as_person(site.world, SENDER)

    def hand_in_and_take_back(number: int) -> tuple[str, bool]:
        body = guardian_manifest() if number % 2 else manifest()
        with site.world.client() as client:
            package = str(client.post("/v1/packages", json=body, headers=headers).json()["id"])
            answer = client.post(f"/v1/packages/{package}/withdrawal", headers=headers)
            assert answer.status_code == 200 or (409, "withdrawal-too-late") == code_of(answer)
            return package, answer.status_code == 200

    with ThreadPoolExecutor(8) as pool:
        ends = dict(pool.map(hand_in_and_take_back, range(BURST)))
    until(lambda: all(state_of(site.world, each) in {"done", "withdrawn"} for each in ends))

    told_of = {each: set(actions(site.world, each)) for each in ends}
    dropped = {path.name.partition(".")[0] for path in (site.world.site.drop / GUARDIAN).iterdir()}
    gone = {each for each, withdrawn in ends.items() if withdrawn}
    assert gone
    assert {"withdrawn"} == {state_of(site.world, each) for each in gone}
    assert [] == [each for each in gone if told_of[each] & {"package-sealed", "package-release-started"}]
    assert set() == gone & dropped
    assert [] == [each for each in set(ends) - gone if "package-released" not in told_of[each]]


def test_kill_9_right_after_a_withdrawal_loses_neither_it_nor_its_slip(quiet_world: World) -> None:
    world = quiet_world
    world.start()
    world.drop("terug", {"package.yaml": with_health()})
    held = world.slip("terug", "held")
    answer = withdraw(world, held["id"])
    world.kill()
    for folder in ("3-Actie nodig", "4-Geweigerd"):
        shutil.rmtree(world.outbox / folder)
    world.start()

    slip = world.slip("terug", "withdrawn")
    again = withdraw(world, held["id"])

    assert [200, 200] == [answer.status_code, again.status_code]
    assert held["id"] == slip["id"]
    assert 1 == actions(world, held["id"]).count("package-withdrawn")
    world.stop()
