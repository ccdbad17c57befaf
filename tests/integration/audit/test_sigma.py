"""The Sigma rules, read by pySigma, turned into SQL by its backend for SQLite, and asked of real lines of the log."""

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sigma.backends.sqlite.sqlite import sqliteBackend
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule
from sigma.validation import SigmaValidator
from sigma.validators.core import condition, metadata, values

from gateway.audit import records
from gateway.audit.alert_rules import RULES, AlertId
from gateway.audit.alerts import Alert
from gateway.audit.events import EventAction
from gateway.audit.telling import alert_raised
from tests.integration.audit.made_logs import MONDAY, Said, said, write_log
from tests.integration.audit.test_alerts import CAUSES, approved, started

FOLDER = Path(__file__).parents[3] / "deploy" / "sigma"
SAID_BY_SIGMA = frozenset(AlertId) - {AlertId.CHECKPOINT_OLD}
LOOKS_AT_EVENTS: dict[AlertId, tuple[list[Said], list[Said]]] = {
    AlertId.HOLD_RELEASED: CAUSES[AlertId.HOLD_RELEASED],
    AlertId.KEY_CHANGED: CAUSES[AlertId.KEY_CHANGED],
    AlertId.LOG_RECOVERED: CAUSES[AlertId.LOG_RECOVERED],
    AlertId.RECIPIENT_VOLUME: CAUSES[AlertId.RECIPIENT_VOLUME],
    AlertId.SAME_PAIR: ([approved("bakker", "jansen") for _ in range(10)], [approved("bakker", "jansen")]),
}
_VALIDATORS = [
    metadata.IdentifierExistenceValidator,
    metadata.IdentifierUniquenessValidator,
    metadata.DuplicateTitleValidator,
    metadata.DuplicateReferencesValidator,
    condition.DanglingDetectionValidator,
    condition.DanglingConditionValidator,
    condition.AllOfThemConditionValidator,
    values.EscapedWildcardValidator,
    values.DoubleWildcardValidator,
    values.NumberAsStringValidator,
    values.ControlCharacterValidator,
    values.WildcardsInsteadOfModifiersValidator,
]


def rules_of(alert: AlertId) -> SigmaCollection:
    return SigmaCollection.from_yaml((FOLDER / f"{alert.value}.yml").read_text(encoding="utf-8"))


def fires(alert: AlertId, folder: Path, events: Iterable[Said]) -> bool:
    """Ask a log, each line a row, as a SIEM would that keeps a list of one as its value."""
    write_log(folder, events)
    lines = [json.loads(line) for path in folder.iterdir() for line in path.read_bytes().splitlines()]
    keys = sorted({*records._TEXTS, *records.NUMBERS, *(key for line in lines for key in line)})
    with closing(sqlite3.connect(":memory:")) as table:
        named = ", ".join(f'"{key}"' for key in keys)
        table.execute(f"CREATE TABLE logs (timestamp, {named})")
        table.executemany(
            f"INSERT INTO logs VALUES ({', '.join('?' * (len(keys) + 1))})",  # noqa: S608 - question marks alone
            [(line["@timestamp"], *(_cell(line.get(key)) for key in keys)) for line in lines],
        )
        queries = sqliteBackend().convert(rules_of(alert))  # type: ignore[no-untyped-call]  # The backend has no types.
        return any(table.execute(query).fetchall() for query in queries)


def _cell(value: Any) -> Any:
    return ",".join(value) if isinstance(value, list) else value


def raised(alert: AlertId, at: dt.datetime = MONDAY) -> Said:
    return alert_raised(Alert(rule=alert, at=at, count=1)), at


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "log"


def test_there_is_a_rule_for_every_alert_that_sigma_can_say() -> None:
    assert {f"{alert.value}.yml" for alert in SAID_BY_SIGMA} == {path.name for path in FOLDER.glob("*.yml")}


@pytest.mark.parametrize("alert", sorted(SAID_BY_SIGMA))
def test_a_rule_says_what_the_alert_says_and_matters_as_much(alert: AlertId) -> None:
    *_, rule = rules_of(alert).rules
    assert isinstance(rule, SigmaRule | SigmaCorrelationRule)

    assert RULES[alert].severity.value == str(rule.level).lower()
    assert (rule.description or "").startswith(RULES[alert].sentence.en)
    assert (rule.description or "").endswith(RULES[alert].remedy.en)


def test_pysigma_finds_nothing_wrong_with_the_rules() -> None:
    validator = SigmaValidator(_VALIDATORS)
    rules: list[Any] = [rule for alert in sorted(SAID_BY_SIGMA) for rule in rules_of(alert).rules]

    assert [] == [str(issue) for issue in validator.validate_rules(iter(rules))]


@pytest.mark.parametrize("alert", sorted(SAID_BY_SIGMA - LOOKS_AT_EVENTS.keys()))
def test_a_rule_finds_the_alert_that_was_raised_and_no_other(folder: Path, alert: AlertId) -> None:
    others = [raised(each) for each in AlertId if each is not alert]

    assert not fires(alert, folder, [said(EventAction.SERVICE_STARTED), *others])
    assert fires(alert, folder, [said(EventAction.SERVICE_STARTED), *others, raised(alert)])


@pytest.mark.parametrize("alert", sorted(LOOKS_AT_EVENTS))
def test_a_rule_about_events_finds_its_cause_and_nothing_without_it(folder: Path, alert: AlertId) -> None:
    calm, cause = LOOKS_AT_EVENTS[alert]

    assert not fires(alert, folder, calm)
    assert fires(alert, folder, [*calm, *cause])


def test_packages_of_two_days_are_not_added_up(folder: Path) -> None:
    later = [started("hulp", at=MONDAY + dt.timedelta(hours=25), number=each) for each in range(20, 31)]

    assert not fires(AlertId.RECIPIENT_VOLUME, folder, [*CAUSES[AlertId.RECIPIENT_VOLUME][0], *later])


def test_every_field_that_a_rule_names_is_one_that_an_event_can_carry() -> None:
    constant = {"event.action", "event.kind"}
    for path in FOLDER.glob("*.yml"):
        for rule in SigmaCollection.from_yaml(path.read_text(encoding="utf-8")).rules:
            if isinstance(rule, SigmaRule):
                items = [item for found in rule.detection.detections.values() for item in found.detection_items]
                named = {getattr(item, "field", None) for item in items}
                assert named <= {*records._TEXTS, *constant}, path.name
