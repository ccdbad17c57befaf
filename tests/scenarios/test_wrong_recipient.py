"""The wrong-recipient guard on a running service: warned once, held when it is doubtful, and never fooled by haste."""

import json
import re
from typing import Any

import pytest

from gateway.audit.reading import read_events
from tests.preloaded import sluis
from tests.scenarios.test_reviews import OFFICER, SENDER, review, state_of, told
from tests.scenarios.world import GUARDIAN, MUNICIPALITY, World, guardian_manifest, manifest, until

LAWYER, OTHER_LAWYER = "advocaat-voorbeeld", "advocaat-ander"
CHECKED = {"verdict": "release", "reasonCode": "recipient-checked", "text": "Nagevraagd."}
FORGED = "gemeente-voorbee1d"


@pytest.fixture
def world(guarded_world: World) -> World:
    guarded_world.set("policy", reloadSeconds=0.1)
    return guarded_world


def add_recipient(world: World, new: str, *, like: str, **names: str) -> None:
    """Put an entry in the register that is another one's but for its id, its key, and the texts that are named."""
    text = (world.site.recipients / f"{like}.yaml").read_text(encoding="utf-8").replace(like, new)
    text = re.sub(r"\b[0-9A-F]{40}\b", world.new_key(), text)
    for old, other in names.items():
        text = text.replace(old, other)
    (world.site.recipients / f"{new}.yaml").write_text(text, encoding="utf-8")


def sent(world: World, body: dict[str, Any]) -> tuple[str, str, list[str], list[str]]:
    """Hand a package in; give its id, its ending, why, and what the decision warns of."""
    with world.client() as client:
        package = str(client.post("/v1/packages", json=body).json()["id"])
        until(lambda: state_of(world, package) in {"done", "held", "refused"})
        (decided,) = client.get(f"/v1/packages/{package}/decision").json()["recipients"]
    reasons, warnings = ([each["ruleId"] for each in decided[key]] for key in ("reasons", "warnings"))
    return package, state_of(world, package), reasons, warnings


def to_lawyer(lawyer: str, **changes: Any) -> dict[str, Any]:
    return manifest(recipients=[lawyer], purpose="representation", **changes)


def data(town: str, *, name: str = "Amina Yusuf") -> dict[str, str]:
    return {"name": name, "town": town}


def test_the_first_package_to_a_recipient_is_warned_of_and_the_second_is_not(world: World) -> None:
    world.start()
    with world.client() as client:
        previews = [client.post("/v1/previews", json=guardian_manifest()).json() for _ in range(2)]
    first = sent(world, guardian_manifest())
    second = sent(world, guardian_manifest(data={"name": "Samuel Tesfay", "town": "Ergens"}))

    assert [["guard.first-time"]] * 2 == [
        [each["ruleId"] for each in preview["recipients"][0]["warnings"]] for preview in previews
    ]
    assert ("done", [], ["guard.first-time"]) == first[1:]
    assert ("done", [], []) == second[1:]
    events = [each for each in told(world, first[0]) if each["event.action"] == "package-policy-evaluated"]
    assert [["guard.first-time"]] == [each["gateway.warnings"] for each in events]
    assert not any("gateway.warnings" in each for each in told(world, second[0]))


def test_a_slip_warns_in_both_languages_and_the_package_went_all_the_same(world: World) -> None:
    world.start()
    world.drop_file("eerste.json", guardian_manifest())
    slip = world.slip("eerste.json", "done")
    (text,) = (world.outbox / "5-Verzonden").glob("eerste.json.*.txt")
    shown = text.read_text(encoding="utf-8-sig")

    assert ["guard.first-time"] == [each["ruleId"] for each in slip["recipients"][0]["warnings"]]
    assert "Let op: Uw organisatie stuurt voor het eerst iets naar deze ontvanger." in shown
    assert "Please note: Your organisation has never sent anything to this recipient." in shown


def test_a_double_drop_is_sent_once_and_the_other_waits_for_a_second_person(world: World) -> None:
    world.start()
    for name in ("een.json", "twee.json", "drie.json"):
        world.drop_file(name, manifest())
    slips = [world.slip(name, "done", "held") for name in ("een.json", "twee.json", "drie.json")]
    held = next(each for each in slips if "held" == each["state"])
    own = review(world, held["id"], CHECKED, by=SENDER)
    answer = review(world, held["id"], CHECKED, by=OFFICER)
    until(lambda: "done" == state_of(world, held["id"]))

    assert ["done", "held", "held"] == sorted(each["state"] for each in slips)
    assert {"guard.same-data"} == {each["code"] for each in slips if "held" == each["state"]}
    assert (403, 201) == (own.status_code, answer.status_code)
    assert 2 == len(world.mail.messages())


def test_the_same_id_again_is_no_second_package_and_waits_for_nobody(world: World) -> None:
    world.start()
    body = manifest(id="6f0c2a52-6f6c-4c0e-9f3e-2d1f0c9a1b11")
    assert "done" == sent(world, body)[1]
    assert "done" == sent(world, body)[1]
    assert 1 == len(world.mail.messages())


def test_another_lawyer_than_before_waits_and_goes_once_a_second_person_has_looked(world: World) -> None:
    add_recipient(world, OTHER_LAWYER, like=LAWYER, Voorbeeld="Wijngaarden")
    world.start()
    first = sent(world, to_lawyer(LAWYER, data=data("A")))
    _, *other_person = sent(
        world, to_lawyer(OTHER_LAWYER, data=data("A", name="Lin Chen"), subject={"name": "Lin Chen"})
    )
    package, *other = sent(world, to_lawyer(OTHER_LAWYER, data=data("A")))
    preview = preview_of(world, to_lawyer(OTHER_LAWYER, data=data("B")))
    answer = review(world, package, CHECKED, by=OFFICER)
    until(lambda: "done" == state_of(world, package))
    again = sent(world, to_lawyer(OTHER_LAWYER, data=data("C")))

    assert "done" == first[1]
    assert "done" == other_person[0]
    assert ["held", ["guard.other-than-before"]] == other[:2]
    assert ("held", ["guard.other-than-before"]) == preview
    assert 201 == answer.status_code
    assert ("done", []) == again[1:3]


def preview_of(world: World, body: dict[str, Any]) -> tuple[str, list[str]]:
    with world.client() as client:
        decision = client.post("/v1/previews", json=body).json()
    return decision["outcome"], [each["ruleId"] for each in decision["recipients"][0]["reasons"]]


def test_a_recipient_with_a_nearly_identical_id_is_warned_of_and_held_when_the_request_names_the_real_one(
    world: World,
) -> None:
    add_recipient(world, FORGED, like=MUNICIPALITY, Voorbeeld="Voorbee1d")
    world.start()
    warned = sent(world, manifest(recipients=[FORGED]))
    named = sent(
        world,
        manifest(recipients=[FORGED], data=data("B"), request={"requestedBy": "J. Smit, Gemeente Voorbeeld"}),
    )
    another = {"data": data("B", name="Lin Chen"), "subject": {"name": "Lin Chen"}}
    real = sent(world, manifest(**another, request={"requestedBy": "gemeente voorbeeld"}))

    assert ("done", [], ["guard.first-time", "guard.near-miss"]) == warned[1:]
    assert ("held", ["guard.other-named"]) == named[1:3]
    assert ("done", []) == real[1:3]


def test_an_unknown_id_is_answered_with_the_one_that_it_looks_like(world: World) -> None:
    world.start()
    body = manifest(recipients=[FORGED])
    world.drop_file("verschreven.json", body)
    slip = world.slip("verschreven.json", "rejected")
    with world.client() as client:
        answer = client.post("/v1/packages", json=body, headers={"Accept-Language": "nl"}).json()
        unlike = client.post("/v1/packages", json=manifest(recipients=["politie-oost"])).json()

    assert ("recipient-unknown", "recipients[0]") == (slip["code"], slip["where"])
    assert f"Bedoelde u {MUNICIPALITY}?" in slip["text"]["nl"]["now"]
    assert f"Did you mean {MUNICIPALITY}?" in slip["text"]["en"]["now"]
    assert answer["remedy"].startswith(f"Bedoelde u {MUNICIPALITY}? ")
    assert "Did you mean" not in unlike["remedy"]


def test_kill_9_while_it_is_sent_loses_no_history_so_that_a_second_drop_still_waits(world: World) -> None:
    world.start()
    with world.client() as client:
        package = str(client.post("/v1/packages", json=manifest()).json()["id"])
        until(lambda: client.get(f"/v1/packages/{package}").json()["state"] in {"releasing", "done"})
    world.kill()
    world.start()
    twin = sent(world, manifest(sender={"organisation": "DT&V", "name": "A. Bakker"}))
    until(lambda: "done" == state_of(world, package))

    assert ("held", ["guard.same-data"]) == twin[1:3]


def test_nothing_about_the_person_is_in_the_history_in_clear_and_it_ends_with_its_time(world: World) -> None:
    world.set("history", keepSeconds=0)
    world.start()
    v_number = "0991234509"
    subject = {"name": "Kanarie Vogel", "vNumber": v_number}
    body = guardian_manifest(subject={**subject, "dateOfBirth": "2014-03-09"}, data={"name": "Kanarie Vogel"})
    first = sent(world, body)
    kept = [path.read_bytes() for path in (world.site.root / "spool").rglob("*") if path.is_file()]
    world.stop()
    world.start()
    # What is to be forgotten is looked for when the service starts, a moment after it answers.
    until(lambda: ("cleared", []) == preview_of(world, body))

    assert ("done", ["guard.first-time"]) == (first[1], first[3])
    assert not any(text.encode() in content for content in kept for text in (v_number, "Kanarie", "Vogel"))


def test_a_policy_that_only_warns_of_the_same_data_lets_it_go_and_says_so(world: World) -> None:
    rules = world.site.policies / "rules.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("sameData: hold", "sameData: warn"), encoding="utf-8")
    world.start()
    sent(world, guardian_manifest())
    again = sent(world, guardian_manifest())

    assert ("done", [], ["guard.same-data"]) == again[1:]
    assert 2 == len(list((world.site.drop / GUARDIAN).glob("*.tar.pgp")))


def test_a_preview_on_the_command_line_shows_the_warning_before_anything_is_sent(world: World) -> None:
    world.start()
    file = world.site.root / "pakket.json"
    file.write_text(json.dumps(guardian_manifest()), encoding="utf-8")
    shown = sluis(world.site.root, "preview", str(file))

    assert 0 == shown.returncode
    assert "Let op:" in shown.stdout
    assert "[guard.first-time]" in shown.stdout
    assert [] == [each for each in read_events(world.site.audit_log) if each["event.action"] == "package-received"]
