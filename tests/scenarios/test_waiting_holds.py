"""A hold that nobody looks at is told of again, then told of to more people, and in the end it expires."""

import email
import email.policy
import json
from typing import Any

import pytest

from tests.integration.deliver.scripted_relay import HOST
from tests.preloaded import sluis
from tests.scenarios.faulty_mail import FaultyMail
from tests.scenarios.test_document_reviews import TEXT
from tests.scenarios.test_redacted_documents import letter
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
from tests.scenarios.world import MUNICIPALITY, World, manifest, until

DAY = 86_400
DEPUTIES = """
  - id: privacy-3
    organisation: DT&V
    roles: [privacy-officer]
    email: privacy-3@dtv.example
    deputies: [{id: plaatsvervanger}, {id: te-laat, until: 2020-01-01}]
  - id: zelf
    organisation: DT&V
    roles: [privacy-officer]
    deputies: [{id: van-zelf}]
  - {id: plaatsvervanger, organisation: DT&V, roles: [caseworker], email: plaatsvervanger@dtv.example}
  - {id: te-laat, organisation: DT&V, roles: [caseworker], email: te-laat@dtv.example}
  - {id: beheer-2, organisation: DT&V, roles: [administrator], email: beheer@dtv.example}
  - {id: veilig, organisation: DT&V, roles: [security], email: veilig@dtv.example}
  - {id: coa-privacy, organisation: COA, roles: [privacy-officer], email: privacy@coa.example}
  - {id: van-zelf, organisation: DT&V, roles: []}
"""


@pytest.fixture
def world(quiet_world: World) -> World:
    quiet_world.set(None, environment="test")
    quiet_world.set("holds", lookSeconds=0.1)
    with quiet_world.site.people.open("a", encoding="utf-8") as people:
        people.write(DEPUTIES)
    quiet_world.start()
    return quiet_world


def after(world: World, days: float) -> None:
    """Let the service's clock stand so many days after the beginning."""
    world.stop()
    world.set("testClock", aheadSeconds=days * DAY)
    world.start()


def actions(world: World, package: str) -> list[str]:
    return [each["event.action"] for each in told(world, package)]


def hold(world: World, package: str, *, by: str = OFFICER) -> dict[str, Any]:
    with world.client() as client:
        found: dict[str, Any] = client.get(f"/v1/holds/{package}", headers=as_person(world, by)).json()
        return found


def health(world: World) -> dict[str, Any]:
    with world.client() as client:
        found: dict[str, Any] = client.get("/health/ready").json()
        return found


def test_a_hold_is_told_of_once_then_to_more_people_and_expires_with_its_content(world: World) -> None:
    world.drop("wacht", {"package.yaml": with_health()})
    package = world.slip("wacht", "held")["id"]
    held = actions(world, package)

    after(world, 2.1)
    until(lambda: "hold-reminded" in actions(world, package))
    reminded = until(lambda: next((each for each in world.slips("wacht") if "herinnering" in json.dumps(each)), None))
    marked = hold(world, package)["overdue"]
    after(world, 2.2)
    after(world, 5.2)
    until(lambda: "hold-escalated" in actions(world, package))
    counted = health(world)
    after(world, 1)
    after(world, 30.3)
    slip = world.slip("wacht", "expired")

    assert [*held, "hold-reminded", "hold-escalated", "package-expired"] == actions(world, package)
    assert ("3-Actie nodig", "reminded") == (reminded["folder"], marked)
    assert (True, 1, 1) == (counted["ready"], counted["overdueHolds"], counted["escalatedHolds"])
    assert ("4-Geweigerd", "hold-expired") == (slip["folder"], slip["code"])
    assert ["hold-expired", "special.second-person"] == told_codes(world, package)
    # The older slip goes once the new one is there.
    until(lambda: 1 == len(world.slips("wacht")))
    assert (409, "state-conflict") == told_when_reviewed(world, package)
    world.stop()


def told_codes(world: World, package: str) -> list[str]:
    last = told(world, package)[-1]
    return [*last["error.code"], *last["rule.id"]]


def told_when_reviewed(world: World, package: str) -> tuple[int, str]:
    answer = review(world, package, RELEASE, by=OFFICER)
    return answer.status_code, str(answer.json()["code"])


def test_the_slip_of_a_hold_says_until_when_it_waits_and_names_the_privacy_office(world: World) -> None:
    world.drop("wacht", {"package.yaml": with_health()})
    slip = world.slip("wacht", "held")

    day = hold(world, slip["id"])["expiresAt"][:10]

    assert day == slip["expiresAt"][:10]
    assert "Het pakket wacht tot " + "-".join(reversed(day.split("-"))) in json.dumps(slip, ensure_ascii=False)
    assert "avg@dtv.minvenj.nl" in json.dumps(slip)
    world.stop()


def test_officers_are_told_by_mail_then_deputies_and_administrators_too_and_no_mail_names_anybody(world: World) -> None:
    package = submitted(world, with_health())

    after(world, 2.1)
    first = until(lambda: addressees(world, count=1))
    after(world, 2.2)
    after(world, 5.3)
    all_told = until(lambda: addressees(world, count=4))
    texts = [content(each.content) for each in world.mail.messages()]

    assert ["privacy-3@dtv.example"] == first
    assert ["beheer@dtv.example", "plaatsvervanger@dtv.example", *["privacy-3@dtv.example"] * 2] == sorted(all_told)
    assert all(word in text for text in texts for word in (package[-8:], "special.second-person", "sluis holds list"))
    secrets = (package, "Amina", "Yusuf", "diabetes", "insuline", "public-order", MUNICIPALITY, SENDER)
    assert [] == [word for text in texts for word in secrets if word in text]
    assert all(each.tls for each in world.mail.messages())
    world.stop()


def addressees(world: World, *, count: int) -> list[str] | None:
    found = [address for each in world.mail.messages() for address in each.recipients]
    return found if len(found) >= count else None


def content(raw: bytes) -> str:
    """Give a mail as its reader sees it, headers included."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return "\n".join([*(f"{name}: {value}" for name, value in message.items()), str(message.get_content())])


def test_a_sender_who_is_an_officer_is_not_told_of_a_hold_of_its_own(world: World) -> None:
    own = submitted_by(world, "privacy-3")
    after(world, 2.1)
    until(lambda: "hold-reminded" in actions(world, own))
    other = submitted(world, with_health())
    after(world, 4.3)
    until(lambda: addressees(world, count=1))

    texts = [content(each.content) for each in world.mail.messages()]

    assert [True] == [other[-8:] in text for text in texts]
    world.stop()


def test_what_the_mail_server_could_not_take_comes_once_it_is_there_again(world: World) -> None:
    submitted(world, with_health())
    mail = FaultyMail(world.site.root / "relay-ca.pem")
    mail.start()
    world.set("mail", host=HOST, port=mail.relay.port, caFile="relay-ca.pem")
    mail.stop()
    after(world, 2.1)
    until(lambda: b"hold-notices-wait" in world.site.service_log.read_bytes())
    before = list(mail.relay.messages)
    mail.start()
    try:
        until(lambda: mail.relay.messages)
    finally:
        mail.stop()

    assert [] == before
    assert b"privacy-3@dtv.example" in mail.relay.messages[0]
    world.stop()


def test_after_weeks_of_standstill_nothing_expires_unannounced(world: World) -> None:
    package = submitted(world, with_health())
    before = actions(world, package)

    after(world, 100)
    until(lambda: "hold-reminded" in actions(world, package))
    after(world, 102)
    still = actions(world, package)
    after(world, 104)
    until(lambda: "hold-escalated" in actions(world, package))

    assert [*before, "hold-reminded"] == still
    assert "held" == state_of(world, package)
    assert hold(world, package)["expiresAt"] > hold(world, package)["heldSince"]
    world.stop()


def test_a_package_that_is_held_again_begins_to_wait_anew(world: World) -> None:
    package = submitted(world, with_health())
    after(world, 3)
    until(lambda: "hold-reminded" in actions(world, package))
    rules = world.site.policies / "rules.yaml"
    world.stop()
    rules.write_text(rules.read_text(encoding="utf-8") + "\n# Changed in between.\n", encoding="utf-8")
    world.start()

    assert 201 == review(world, package, RELEASE, by=OFFICER).status_code
    until(lambda: 2 == actions(world, package).count("package-held"))

    assert "" == hold(world, package)["overdue"]
    after(world, 5.5)
    until(lambda: 2 == actions(world, package).count("hold-reminded"))
    assert "hold-escalated" not in actions(world, package)
    world.stop()


def test_a_submission_whose_files_never_come_ends_after_a_week(world: World) -> None:
    with world.client() as client:
        body = manifest(documents=[{"file": "brief.txt", "kind": "letter"}])
        package = client.post("/v1/packages", json=body).json()["id"]

    after(world, 6.9)
    before = state_of(world, package)
    after(world, 7.1)
    until(lambda: "expired" == state_of(world, package))

    with world.client() as client:
        slip = client.get(f"/v1/packages/{package}/slip").json()
    assert ("incomplete", "submission-expired") == (before, slip["code"])
    assert ["package-expired"] == actions(world, package)
    world.stop()


def test_a_deputy_decides_in_an_officers_place_and_the_log_names_both(world: World) -> None:
    package = submitted(world, with_health())

    refused = [review(world, package, RELEASE, by=person) for person in ("te-laat", SENDER)]
    shown = hold(world, package, by="plaatsvervanger")
    answer = review(world, package, RELEASE, by="plaatsvervanger")
    until(lambda: "done" == state_of(world, package))

    event = next(each for each in told(world, package) if each["event.action"] == "package-reviewed")
    assert ["not-permitted", "review-own-package"] == [each.json()["code"] for each in refused]
    assert package == shown["id"]
    assert 201 == answer.status_code
    assert ("plaatsvervanger", "privacy-3") == (event["user.id"], event["gateway.review.deputy_for"])
    world.stop()


def test_a_deputy_decides_neither_on_its_own_package_nor_in_the_place_of_its_sender(world: World) -> None:
    own, of_officer = (submitted_by(world, person) for person in ("plaatsvervanger", "zelf"))

    answers = [review(world, own, RELEASE, by="plaatsvervanger"), review(world, of_officer, RELEASE, by="van-zelf")]

    assert ["review-own-package", "not-permitted"] == [each.json()["code"] for each in answers]
    assert 201 == review(world, of_officer, RELEASE, by="plaatsvervanger").status_code
    world.stop()


def test_attack_the_senders_own_deputy_looks_at_the_hold_and_its_documents_instead_of_deciding(world: World) -> None:
    body = letter("verslag.txt")
    parts: dict[str, Any] = {"manifest": (None, json.dumps(body), "application/json"), "file": ("verslag.txt", TEXT)}
    own = as_person(world, "zelf")
    with world.client() as client:
        package = client.post("/v1/packages", files=parts, headers=own).json()["id"]
        until(lambda: "held" == client.get(f"/v1/packages/{package}", headers=own).json()["state"])
    paths = [f"/v1/holds/{package}{rest}" for rest in ("", "/documents/1", "/documents/1/pages/1?side=before")]

    def answers(person: str) -> tuple[set[str], list[int]]:
        headers = as_person(world, person)
        with world.client() as client:
            listed = {each["id"] for each in client.get("/v1/holds", headers=headers).json()["holds"]}
            return listed, [client.get(path, headers=headers).status_code for path in paths]

    assert (set(), [403, 403, 403]) == answers("van-zelf")
    with world.client() as client:
        withdrawal = client.post(f"/v1/packages/{package}/withdrawal", headers=as_person(world, "van-zelf"))
    assert 404 == withdrawal.status_code
    assert ({package}, [200, 200, 404]) == answers("plaatsvervanger")
    world.stop()


def submitted_by(world: World, person: str) -> str:
    headers = as_person(world, person)
    with world.client() as client:
        package = str(client.post("/v1/packages", json=with_health(), headers=headers).json()["id"])
    with world.client() as client:
        until(lambda: "held" == client.get(f"/v1/packages/{package}", headers=headers).json()["state"])
    return package


def test_the_list_of_holds_and_the_status_tell_people_what_waits_too_long(world: World) -> None:
    package = submitted(world, with_health())
    after(world, 2.1)
    until(lambda: "hold-reminded" in actions(world, package))

    listed = typed(world, "holds", "list")
    status = typed(world, "status")

    assert all(word in listed for word in (package[-8:], "herinnerd", "special.second-person", "avg@dtv.minvenj.nl"))
    assert "1 pakket wacht te lang op een besluit; waarvan opgeschaald: 0." in status
    world.stop()


def typed(world: World, *words: str) -> str:
    token = as_person(world, OFFICER)["Authorization"].removeprefix("Bearer ")
    done = sluis(world.site.root, *words, "--token", token)
    assert 0 == done.returncode
    return done.stdout
