"""What the security team is alerted to at a running service: in the log, by the command, and among the numbers."""

import json
from typing import Any

import pytest

from gateway.audit.alert_rules import RULES, AlertId
from gateway.audit.reading import read_events
from tests.preloaded import sluis
from tests.scenarios.test_metrics import numbers
from tests.scenarios.world import GUARDIAN, World, guardian_manifest, until


@pytest.fixture
def world(quiet_world: World) -> World:
    """A site whose service looks often, over which one package went."""
    quiet_world.set("audit", alerts={"lookSeconds": 0.2, "without": ["out-of-hours"]})
    quiet_world.start()
    quiet_world.drop_file("eerste.json", guardian_manifest())
    quiet_world.slip("eerste.json", "done")
    return quiet_world


def raised(world: World) -> list[dict[str, Any]]:
    events = read_events(world.site.audit_log)
    return [each for each in events if "alert-raised" == each["event.action"] and "first-recipient" in each["rule.id"]]


def listed(world: World, *more: str) -> list[dict[str, Any]]:
    done = sluis(world.site.root, "audit", "alerts", "--json", *more)
    alerts: list[dict[str, Any]] = json.loads(done.stdout)["alerts"]
    return alerts


def test_a_first_package_to_a_recipient_is_raised_once_listed_and_counted(world: World) -> None:
    (alert,) = until(lambda: raised(world))
    world.drop_file("tweede.json", guardian_manifest(data={"name": "Samuel Tesfay"}))
    world.slip("tweede.json", "done")
    until(lambda: numbers(world)['gateway_alerts_total{alert="first-recipient"}'])
    world.stop()
    started = next(e for e in read_events(world.site.audit_log) if "package-release-started" == e["event.action"])
    (found,) = listed(world)

    assert [alert] == raised(world)
    assert ("alert", GUARDIAN, started["event.id"]) == (
        alert["event.kind"],
        alert["gateway.recipient.id"],
        alert["gateway.alert.event"],
    )
    assert ("first-recipient", "medium", started["event.id"], started["event.sequence"], GUARDIAN) == tuple(
        found[key] for key in ("rule", "severity", "event", "number", "recipient")
    )
    assert 0 == sluis(world.site.root, "audit", "verify").returncode


def test_people_read_what_an_alert_means_and_what_to_do(world: World) -> None:
    rule = RULES[AlertId.FIRST_RECIPIENT]
    dutch = sluis(world.site.root, "audit", "alerts").stdout
    english = sluis(world.site.root, "--lang", "en", "audit", "alerts").stdout

    assert all(text in dutch for text in (GUARDIAN, rule.sentence.nl, rule.remedy.nl))
    assert all(text in english for text in (GUARDIAN, rule.sentence.en, rule.remedy.en))


def test_nothing_is_listed_since_a_later_day(world: World) -> None:
    assert listed(world)
    assert [] == listed(world, "--since", "2099-01-01")
    assert "2099-01-01" in sluis(world.site.root, "audit", "alerts", "--since", "2099-01-01").stdout


def test_a_site_can_have_the_alerts_listed_and_not_raised(quiet_world: World) -> None:
    quiet_world.set("audit", alerts={"lookSeconds": 0.05, "raiseEvents": False, "without": ["out-of-hours"]})
    quiet_world.start()
    quiet_world.drop_file("stil.json", guardian_manifest())
    quiet_world.slip("stil.json", "done")
    quiet_world.stop()

    assert ([], 1) == (raised(quiet_world), len(listed(quiet_world)))
