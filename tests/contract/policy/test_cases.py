"""The shipped table of cases, run against the shipped policies; and proof that the table would notice a lost rule."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.package.states import Decision, Verdict
from gateway.policy.case_files import load_cases
from gateway.policy.cases import CaseForm, decide_case, differences
from gateway.policy.deciding import decide_only
from gateway.policy.policy_files import find_place
from gateway.policy.policy_set import PolicySet
from gateway.policy.rules import RuleId
from tests.unit.policy.building import NOW, SHIPPED, Folders, examined, make_folders

TABLE: dict[str, Any] = yaml.safe_load((SHIPPED / "cases.yaml").read_text(encoding="utf-8"))
LOADED = load_cases(find_place(SHIPPED))
CASES = [case for _, case in LOADED.cases]
RULES: list[dict[str, Any]] = yaml.safe_load((SHIPPED / "rules.yaml").read_text(encoding="utf-8"))["rules"]
BLOCKING = [rule["id"] for rule in RULES if "blocks" in rule]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return _folders(tmp_path_factory.mktemp("cases"))


@pytest.fixture(scope="module")
def policy(folders: Folders) -> PolicySet:
    return folders.load()


@pytest.mark.parametrize("case", CASES, ids=[case.case for case in CASES])
def test_the_shipped_policies_decide_each_case_as_its_line_says(case: CaseForm) -> None:
    assert () == differences(case, policy=LOADED.policy)


def test_the_table_has_no_line_that_tests_nothing() -> None:
    assert len(CASES) >= 150
    assert [case.case for case in CASES if not case.fields and not case.documents] == []


def test_the_line_of_a_case_is_where_it_stands_in_the_file() -> None:
    lines = (SHIPPED / "cases.yaml").read_text(encoding="utf-8").splitlines()
    assert [] == [case.case for number, case in LOADED.cases if f"case: {case.case}, " not in lines[number - 1]]


def test_every_rule_is_the_answer_in_at_least_one_case(policy: PolicySet) -> None:
    answered = {rule_id for case in CASES for rule_id in _rule_ids(decide_case(case, policy=policy))}
    assert {rule["id"] for rule in RULES} - answered == set()


def test_every_recipient_and_every_sending_organisation_has_a_case(policy: PolicySet) -> None:
    reached = {name for case in CASES for name in case.to}
    assert set(policy.recipients) == reached
    assert {case.sender for case in CASES} >= {"IND", "COA", "DT&V"}


@pytest.mark.parametrize("rule_id", BLOCKING)
def test_taking_a_blocking_rule_away_makes_a_case_fail(rule_id: str, tmp_path: Path) -> None:
    folders = _folders(tmp_path)
    path = folders.policies / "rules.yaml"
    rules = yaml.safe_load(path.read_text(encoding="utf-8"))
    rules["rules"] = [rule for rule in rules["rules"] if rule["id"] != rule_id]
    path.write_text(yaml.safe_dump(rules, allow_unicode=True), encoding="utf-8")
    policy = folders.load()
    assert any(difference for case in CASES for difference in differences(case, policy=policy))


def test_every_sentence_of_a_rule_is_short_and_in_both_languages() -> None:
    for rule in RULES:
        for language in ("nl", "en"):
            sentences = [part for part in rule[language].split(". ") if part]
            assert max(len(part.split()) for part in sentences) <= 25, (rule["id"], language)
        assert rule["nl"] != rule["en"]


def test_the_rules_of_the_program_and_of_the_file_are_the_same() -> None:
    assert {rule["id"] for rule in RULES if "blocks" not in rule} == {rule_id.value for rule_id in RuleId}


def test_the_new_recipient_of_the_readme_loads_and_gets_what_it_says(tmp_path: Path) -> None:
    folders = make_folders(tmp_path)
    example = (SHIPPED / "README.md").read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    (folders.recipients / "steunpunt-noord.yaml").write_text(example, encoding="utf-8")
    facts = examined(
        "steunpunt-noord", purpose="legal-support", rows=[{"name": "x", "vNumber": "0991234501", "email": "x"}]
    )
    decision = decide_only(facts, policy=folders.load(), now=NOW)
    verdicts = {each.path: each.verdict for each in decision.recipients[0].fields}
    assert verdicts == {"name": Verdict.RELEASE, "vNumber": Verdict.RELEASE, "email": Verdict.STRIP}


# ---- Running a line ------------------------------------------------------------------------------------------


def _folders(root: Path) -> Folders:
    folders = make_folders(root)
    for entry in TABLE["recipients"]:
        folders.add_recipient(entry)
    return folders


def _rule_ids(decision: Decision) -> Iterator[str]:
    for recipient in decision.recipients:
        yield from (reason.rule_id for reason in recipient.reasons)
        yield from (each.reason.rule_id for each in recipient.fields)
        yield from (each.reason.rule_id for each in recipient.documents)
