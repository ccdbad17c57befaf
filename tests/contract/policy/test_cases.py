"""The shipped table of cases, run against the shipped policies; and proof that the table would notice a lost rule."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.package.facts import ConsentFacts, Filing, Paper, Standing
from gateway.package.ids import Fingerprint, RecipientId
from gateway.package.manifest import Category
from gateway.package.states import Channel, Decision, Examined, KeyHealth, Searchability, Verdict
from gateway.policy.deciding import decide_only
from gateway.policy.policy_set import PolicySet
from gateway.policy.reviewing import refused_by_review
from gateway.policy.rules import RuleId
from tests.unit.policy.building import (
    KEY,
    NOW,
    SHIPPED,
    Folders,
    covering,
    document,
    examined,
    make_folders,
    with_reviews,
)

TABLE: dict[str, Any] = yaml.safe_load((SHIPPED / "cases.yaml").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = TABLE["cases"]
RULES: list[dict[str, Any]] = yaml.safe_load((SHIPPED / "rules.yaml").read_text(encoding="utf-8"))["rules"]
BLOCKING = [rule["id"] for rule in RULES if "blocks" in rule]
KEYS_OF_A_CASE = {
    "case", "to", "purpose", "fields", "documents", "outcome", "because", "sender", "necessity", "secretAddress",
    "ages", "guardianship", "consent", "mandate", "bar", "subject", "channel", "connected", "partial", "key", "today",
    "review",
}  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return _folders(tmp_path_factory.mktemp("cases"))


@pytest.fixture(scope="module")
def policy(folders: Folders) -> PolicySet:
    return folders.load()


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_the_shipped_policies_decide_each_case_as_its_line_says(case: dict[str, Any], policy: PolicySet) -> None:
    assert list(_differences(case, policy=policy)) == []


def test_the_table_has_no_line_that_tests_nothing() -> None:
    assert len(CASES) >= 150
    assert [case["case"] for case in CASES if not set(case) <= KEYS_OF_A_CASE] == []
    assert [case["case"] for case in CASES if not case.get("fields") and not case.get("documents")] == []


def test_every_rule_is_the_answer_in_at_least_one_case(policy: PolicySet) -> None:
    answered = {rule_id for case in CASES for rule_id in _rule_ids(_decide(case, policy=policy))}
    assert {rule["id"] for rule in RULES} - answered == set()


def test_every_recipient_and_every_sending_organisation_has_a_case(policy: PolicySet) -> None:
    reached = {name for case in CASES for name in ([case["to"]] if isinstance(case["to"], str) else case["to"])}
    assert set(policy.recipients) == reached
    assert {case.get("sender", "DT&V") for case in CASES} >= {"IND", "COA", "DT&V"}


@pytest.mark.parametrize("rule_id", BLOCKING)
def test_taking_a_blocking_rule_away_makes_a_case_fail(rule_id: str, tmp_path: Path) -> None:
    folders = _folders(tmp_path)
    path = folders.policies / "rules.yaml"
    rules = yaml.safe_load(path.read_text(encoding="utf-8"))
    rules["rules"] = [rule for rule in rules["rules"] if rule["id"] != rule_id]
    path.write_text(yaml.safe_dump(rules, allow_unicode=True), encoding="utf-8")
    policy = folders.load()
    assert any(difference for case in CASES for difference in _differences(case, policy=policy))


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
    facts = examined("steunpunt-noord", purpose="legal-support", rows=[{"name": "x", "vNumber": "x", "email": "x"}])
    decision = decide_only(facts, policy=folders.load(), now=NOW)
    verdicts = {each.path: each.verdict for each in decision.recipients[0].fields}
    assert verdicts == {"name": Verdict.RELEASE, "vNumber": Verdict.RELEASE, "email": Verdict.STRIP}


# ---- Running a line ------------------------------------------------------------------------------------------


def _folders(root: Path) -> Folders:
    folders = make_folders(root)
    for entry in TABLE["recipients"]:
        folders.add_recipient(entry)
    return folders


def _decide(case: dict[str, Any], *, policy: PolicySet) -> Decision:
    declared = case.get("documents", [])
    documents = tuple(
        document(item["kind"], number=number, holds=item.get("holds", [])) for number, item in enumerate(declared, 1)
    )
    ages = case.get("ages", [30, 30]) or [None, None]
    extra: dict[str, Any] = {key: case[key] for key in ("necessity", "channel", "partial") if key in case}
    if case.get("guardianship"):
        extra["guardianship"] = {"reference": "C/01/2026"}
    subject = case.get("subject", "x")
    first = policy.recipients[RecipientId(case["to"] if isinstance(case["to"], str) else case["to"][0])]
    consent = _consent(case.get("consent"), subject=subject, recipient=first.organisation)
    mandate = _paper_of(
        case.get("mandate"), {"signedOn": dt.date(2026, 11, 1), "signedBy": subject, "paper": "readable"}
    )
    extra |= {"consent": consent.manifest} if consent.manifest else {}
    extra |= {"mandate": mandate.manifest} if mandate.manifest else {}
    facts = examined(
        case["to"],
        purpose=case["purpose"],
        rows=[_row(case["fields"])] if "fields" in case else None,
        sender=case.get("sender", "DT&V"),
        documents=documents,
        search={n: Searchability(item.get("search", "text")) for n, item in enumerate(declared, 1)},
        ages=(ages[0], ages[1]),
        keys={Fingerprint(KEY): KeyHealth(case.get("key", "usable"))},
        connected=map(Channel, case.get("connected", ["secure-mail", "file-drop"])),
        today=case.get("today", dt.date(2026, 11, 20)),
        secret_address=case.get("secretAddress", False),
        subject=subject,
        consent_facts=consent.facts,
        mandate_paper=mandate.paper,
        bar={first.id: Standing(case.get("bar", "registered"))} if first.bar_number else {},
        **extra,
    )
    return _reviewed(case.get("review"), decide_only(facts, policy=policy, now=NOW), facts, policy=policy)


def _reviewed(review: str | None, hold: Decision, facts: Examined, *, policy: PolicySet) -> Decision:
    if review == "refused":
        return refused_by_review(hold, policy=policy)
    if review == "released":
        return decide_only(with_reviews(facts, covering(facts, policy)), policy=policy, now=NOW)
    return hold


_GOOD_CONSENT = {
    "signedOn": dt.date(2026, 11, 1),
    "signerRole": "subject",
    "caseReference": "IS-TV/2026/118",
    "paper": "readable",
    "filing": "filed",
    "withdrawn": False,
}


@dataclass(frozen=True)
class _SignedPaper:
    """What a case says of a signed paper: its part of the manifest, and what was found."""

    manifest: dict[str, Any]
    paper: Paper = Paper.MISSING
    facts: ConsentFacts | None = None


def _paper_of(said: Any, good: dict[str, Any]) -> _SignedPaper:
    if not said:
        return _SignedPaper({})
    whole = {**good, **(said if isinstance(said, dict) else {})}
    if "categories" in whole:
        whole["categories"] = [Category(each) for each in whole["categories"]]
    paper = Paper(whole.pop("paper"))
    return _SignedPaper({key: value for key, value in whole.items() if value is not None}, paper)


def _consent(said: Any, *, subject: str, recipient: str) -> _SignedPaper:
    if not said:
        return _SignedPaper({})
    whole = {**_GOOD_CONSENT, "signedBy": subject, "recipient": recipient, **(said if isinstance(said, dict) else {})}
    facts = ConsentFacts(
        paper=Paper(whole["paper"]), filing=Filing(whole.pop("filing")), withdrawn=whole.pop("withdrawn")
    )
    return replace(_paper_of(whole, {}), facts=facts)


def _row(paths: dict[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for path in paths:
        *parents, last = path.split(".")
        place = row
        for parent in parents:
            key = parent.removesuffix("[]")
            items = place.setdefault(key, [{}] if parent.endswith("[]") else {})
            place = items[0] if isinstance(items, list) else items
        place[last.replace("~1", ".")] = "x"
    return row


def _differences(case: dict[str, Any], *, policy: PolicySet) -> Iterator[str]:
    decision = _decide(case, policy=policy)
    first = decision.recipients[0]
    found: dict[str, str] = {each.path: f"{each.verdict} {each.reason.rule_id}" for each in first.fields}
    expected: dict[str, str] = dict(case.get("fields", {}))
    for number, item in enumerate(case.get("documents", []), 1):
        expected[f"document {number}"] = item["expected"]
    found |= {f"document {each.number}": f"{each.verdict} {each.reason.rule_id}" for each in first.documents}
    if expected != found:
        yield f"expected {expected}, found {found}"
    if case["outcome"] != decision.outcome.value:
        yield f"expected {case['outcome']}, found {decision.outcome}"
    reasons = [reason.rule_id for reason in first.reasons]
    if "because" in case and case["because"] != reasons:
        yield f"expected because of {case['because']}, found {reasons}"


def _rule_ids(decision: Decision) -> Iterator[str]:
    for recipient in decision.recipients:
        yield from (reason.rule_id for reason in recipient.reasons)
        yield from (each.reason.rule_id for each in recipient.fields)
        yield from (each.reason.rule_id for each in recipient.documents)
