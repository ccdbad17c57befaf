"""The numbers of a running service, judged by Prometheus's own tool, and what is shipped to draw and watch them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from gateway.audit.alert_rules import RULES, Severity
from tests.house.document_tables import codes, rows
from tests.scenarios.world import World, guardian_manifest, manifest, until

DEPLOY = Path(__file__).parents[2] / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
DASHBOARD = DEPLOY / "grafana" / "sluis.json"
_NAME = re.compile(r"\bgateway_[a-z_]+")
_SUFFIX = re.compile(r"_(bucket|count|sum)$")


def page(world: World) -> str:
    with world.client() as client:
        answer = client.get("/metrics")
    assert 200 == answer.status_code
    return answer.text


def numbers(world: World) -> dict[str, float]:
    lines = (line.rsplit(" ", 1) for line in page(world).splitlines() if not line.startswith("#"))
    return {name: float(number) for name, number in lines}


def families(world: World) -> set[str]:
    return {line.split()[2] for line in page(world).splitlines() if line.startswith("# TYPE")}


def promtool(*arguments: str | Path, given: str = "") -> str:
    program = shutil.which("promtool")
    assert program, "promtool is missing: deploy/install-debian.sh test"
    done = subprocess.run([program, *arguments], input=given, capture_output=True, text=True, check=False)
    return f"{done.returncode} {done.stdout}{done.stderr}"


def test_promtool_finds_nothing_to_say_about_the_numbers_of_a_running_service(world: World) -> None:
    world.drop_file("meting.json", guardian_manifest())
    world.slip("meting.json", "done")

    assert "0 " == promtool("check", "metrics", given=page(world))


def test_packages_are_counted_as_they_go_and_nobody_is_named(world: World) -> None:
    before = numbers(world)
    world.drop_file("geteld.json", guardian_manifest())
    world.drop_file("onbekend.json", manifest(purpose="unknown"))
    world.slip("geteld.json", "done")
    world.slip("onbekend.json", "refused", "held", "rejected")

    after = until(lambda: numbers(world))
    grown = {name for name, number in after.items() if number > before.get(name, 0)}

    assert {
        'gateway_packages_total{state="received"}',
        'gateway_packages_total{state="sealed"}',
        'gateway_deliveries_total{channel="file-drop",outcome="sent"}',
        'gateway_package_processing_seconds_count{stage="prepare"}',
        'gateway_package_processing_seconds_count{stage="deliver"}',
        "gateway_package_size_bytes_count",
        "gateway_audit_records_total",
        "gateway_audit_tree_size",
    } <= grown
    assert [] == [name for name in ("Samuel", "Tesfay", "geteld") if name in page(world)]


def test_every_name_on_the_dashboard_and_in_the_alerts_is_a_number_that_there_is(world: World) -> None:
    there = families(world)
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    drawn = {name for panel in dashboard["panels"] for each in panel["targets"] for name in _NAME.findall(each["expr"])}
    rules = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"][0]["rules"]
    watched = {name for rule in rules for name in _NAME.findall(rule["expr"])}

    assert there == {_SUFFIX.sub("", name) for name in drawn}
    assert watched <= there


def test_promtool_takes_the_alerts_and_each_fires_on_its_cause_alone() -> None:
    folder = ALERTS.parent
    tested = yaml.safe_load((folder / "alerts_test.yml").read_text(encoding="utf-8"))["tests"]
    rules = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"][0]["rules"]
    outcomes = {(each["alertname"], bool(each["exp_alerts"])) for test in tested for each in test["alert_rule_test"]}

    assert promtool("check", "rules", ALERTS).startswith("0 ")
    assert promtool("test", "rules", folder / "alerts_test.yml").startswith("0 ")
    assert promtool("check", "config", "--syntax-only", folder / "prometheus.yml").startswith("0 ")
    assert {(rule["alert"], fires) for rule in rules for fires in (True, False)} == outcomes


def test_prometheus_tells_of_every_alert_that_matters_more_than_a_little() -> None:
    rules = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"][0]["rules"]
    (expression,) = (rule["expr"] for rule in rules if "SluisAlertRaised" == rule["alert"])
    left_out = expression.split('"')[1].split("|")

    assert sorted(left_out) == sorted(each.value for each, rule in RULES.items() if rule.severity is Severity.LOW)


@pytest.mark.parametrize("language", [("summary", "action"), ("samenvatting", "wat_te_doen")], ids=["en", "nl"])
def test_each_alert_says_what_it_is_and_what_to_do(language: tuple[str, str]) -> None:
    rules = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"][0]["rules"]

    assert [] == [rule["alert"] for rule in rules if not all(rule["annotations"].get(each) for each in language)]


def test_the_table_of_numbers_is_what_a_running_service_gives(world: World) -> None:
    table = rows(DEPLOY.parent / "docs" / "administrator.md", "number")
    named = {code.split("{")[0] for row in table for code in codes(row[:1])}

    assert families(world) == named
