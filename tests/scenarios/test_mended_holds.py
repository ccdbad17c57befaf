"""What waits for a key or a channel goes by itself once that is mended; what waits for a person still does."""

import json
import re

import yaml

from gateway.audit.reading import read_events
from gateway.entrypoints.demo.opening import open_mail
from tests.integration.seal.homes import run
from tests.scenarios.test_four_eyes import pinned, sluis
from tests.scenarios.test_reviews import OFFICER, RELEASE, review, told, with_health
from tests.scenarios.test_the_whole_way import mail_of
from tests.scenarios.world import MUNICIPALITY, World, manifest, until

NEVER = 3600.0


def without_mail(world: World) -> dict[str, object]:
    """Take the mail server out of the settings, and give what stood there."""
    settings = yaml.safe_load(world.site.settings.read_text(encoding="utf-8"))
    mail: dict[str, object] = settings.pop("mail")
    world.site.settings.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return mail


def actions(world: World, package: str) -> list[str]:
    return [str(each["event.action"]) for each in told(world, package)]


def test_what_waited_for_a_channel_goes_once_it_is_connected_and_what_a_person_releases_waits_for_that_alone(
    quiet_world: World,
) -> None:
    world = quiet_world
    mail = without_mail(world)
    world.start()
    world.drop_file("gaat.json", manifest())
    world.drop("wacht", {"package.yaml": with_health()})
    goes, waits = world.slip("gaat.json", "held"), world.slip("wacht", "held")
    refused = review(world, waits["id"], RELEASE, by=OFFICER)
    world.stop()

    world.set(None, mail=mail)
    world.start()
    world.slip("gaat.json", "done")
    until(lambda: 2 == actions(world, waits["id"]).count("package-held"))

    assert ("channel.not-connected", 409) == (goes["code"], refused.status_code)
    assert "vanzelf" in json.dumps(goes, ensure_ascii=False)
    decided = [each for each in told(world, goes["id"]) if each["event.action"] == "package-policy-evaluated"]
    assert [["denied"], ["allowed"]] == [each["event.type"] for each in decided]
    assert ["5-Verzonden"] == [each["folder"] for each in world.slips("gaat.json")]
    held = [each for each in told(world, waits["id"]) if each["event.action"] == "package-held"]
    assert [["channel.not-connected", "special.second-person"], ["special.second-person"]] == [
        sorted(each["rule.id"]) for each in held
    ]
    assert "package-sealed" not in actions(world, waits["id"])
    assert 201 == review(world, waits["id"], RELEASE, by=OFFICER).status_code
    world.slip("wacht", "done")
    world.stop()


def test_what_waited_for_a_key_that_had_expired_goes_as_soon_as_its_owner_has_made_it_last_longer(
    quiet_world: World,
) -> None:
    world = quiet_world
    world.set(None, environment="test", testClock={"aheadSeconds": 3 * 86400.0})
    world.set("holds", lookSeconds=NEVER)
    key, home = pinned(world, MUNICIPALITY), world.home(MUNICIPALITY)
    run(home, "--quick-set-expire", key, "1d")
    run(home, "--quick-set-expire", key, "1d", "*")
    run(world.site.gnupg, "--import", stdin=run(home, "--armor", "--export", key))
    world.start()
    world.drop_file("gaat.json", manifest())
    held = world.slip("gaat.json", "held")

    run(home, "--quick-set-expire", key, "2y")
    run(home, "--quick-set-expire", key, "2y", "*")
    renewed = world.site.root.parent / "renewed.asc"
    renewed.write_bytes(run(home, "--armor", "--export", key))
    left, _ = sluis(
        world, "keys", "import", str(renewed), "--recipient", MUNICIPALITY, "--source", "brief", person="beheer"
    )
    done = world.slip("gaat.json", "done")

    assert (0, "key-expired") == (left, held["code"])
    assert "vanzelf" in json.dumps(held, ensure_ascii=False)
    assert "data.json" in open_mail(mail_of(world, done["id"]), home=home).parts
    assert ["package-held"] == [each for each in actions(world, done["id"]) if each == "package-held"]
    world.stop()


def test_attack_rules_that_changed_let_nothing_go_that_waits_for_a_person_alone(quiet_world: World) -> None:
    world = quiet_world
    world.set("policy", reloadSeconds=0.1)
    world.set("holds", lookSeconds=0.1)
    entry = world.site.recipients / f"{MUNICIPALITY}.yaml"
    good = entry.read_text(encoding="utf-8")
    world.start()
    world.drop("persoon", {"package.yaml": with_health()})
    person = world.slip("persoon", "held")
    before = actions(world, person["id"])
    entry.write_text(re.sub(r"reviewOn: [0-9-]+", "reviewOn: 2020-01-01", good), encoding="utf-8")
    until(lambda: 2 == loaded(world))
    world.drop_file("regel.json", manifest())
    due = world.slip("regel.json", "held")

    entry.write_text(good, encoding="utf-8")
    done = world.slip("regel.json", "done")

    assert ("special.second-person", "permission.review-due") == (person["code"], due["code"])
    assert "Vraag het uw Privacy Office" in json.dumps(due, ensure_ascii=False)
    assert due["id"] == done["id"]
    assert before == actions(world, person["id"])
    world.stop()


def loaded(world: World) -> int:
    return [each["event.action"] for each in read_events(world.site.audit_log)].count("policy-loaded")


def test_what_is_still_amiss_is_decided_on_once_and_no_more(quiet_world: World) -> None:
    world = quiet_world
    without_mail(world)
    world.set("holds", lookSeconds=0.1)
    world.start()
    world.drop_file("wacht.json", manifest())
    package = world.slip("wacht.json", "held")["id"]
    before = actions(world, package)
    world.stop()
    world.start()
    world.drop_file("ook.json", manifest(subject={"name": "Bo Jansen"}, data={"name": "Bo Jansen"}))
    world.slip("ook.json", "held")

    assert before == actions(world, package)
    world.stop()
