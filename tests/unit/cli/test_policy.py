"""Promises of the commands under `sluis policy`: they read files only, and say what is in them."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.entrypoints.cli.policy_commands.review_dates import today
from tests.unit.cli.conftest import Said, run
from tests.unit.policy.building import SHIPPED, Folders, make_folders

GRANT = ("gemeente-voorbeeld", "public-order")


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return make_folders(tmp_path / "site")


def policy(folders: Folders, *words: object) -> Said:
    return run("--site", folders.policies.parent, "policy", *words)


# ---- lint ------------------------------------------------------------------------------------------------------


def test_lint_of_good_rules_ends_well_and_names_their_digest(folders: Folders) -> None:
    digest = folders.load().digest

    assert (0, f"Geen fouten. {digest}\n") == ((said := policy(folders, "lint")).exit_code, said.out)
    assert {"format": "sluis-policy-lint/1", "digest": digest, "faults": [], "warnings": []} == policy(
        folders, "lint", "--json"
    ).json


def test_lint_names_every_fault_at_once_with_its_place(folders: Folders) -> None:
    folders.replace("recipients/nidos-voorbeeld.yaml", "kind: guardian", "kind: guardin")
    folders.replace("policies/kinds.yaml", "needs: [consent]", "needs: [consen]")
    folders.replace("policies/cases.yaml", "case: The IND sends,", "cse: The IND sends,")
    said = policy(folders, "lint")
    found = policy(folders, "lint", "--json").json["faults"]

    assert 1 == said.exit_code
    places = {each["where"].partition(":")[0] for each in found}
    assert {"recipients/nidos-voorbeeld.yaml", "policies/kinds.yaml", "policies/cases.yaml"} == places
    assert all(each["where"] in said.out and each["expected"] for each in found)
    assert "een bekende sleutel verwacht: deze kent Sluis niet" in said.out
    assert "a known key expected: this one is unknown" in {each["expected"] for each in found}


@pytest.mark.parametrize(("days", "mark", "said"), [(0, "voorbij", "moest"), (30, "binnenkort", "moet voor")])
def test_a_permission_that_has_to_be_reviewed_is_warned_of_and_marked(
    folders: Folders, days: int, mark: str, said: str
) -> None:
    due = today() + dt.timedelta(days=days)
    folders.replace("recipients/gemeente-voorbeeld.yaml", "reviewOn: 2028-01-01", f"reviewOn: {due}")
    linted, shown = policy(folders, "lint"), policy(folders, "show", "gemeente-voorbeeld")

    assert 0 == linted.exit_code
    assert f"gemeente-voorbeeld public-order: {said}" in linted.out
    assert f"{due} ({mark})" in shown.out
    assert [str(due)] == [each["reviewOn"] for each in policy(folders, "lint", "--json").json["warnings"]]


def test_a_permission_with_time_left_is_not_warned_of(folders: Folders) -> None:
    due = today() + dt.timedelta(days=31)
    folders.replace("recipients/gemeente-voorbeeld.yaml", "reviewOn: 2028-01-01", f"reviewOn: {due}")

    assert [] == policy(folders, "lint", "--json").json["warnings"]


def test_lint_of_a_folder_that_is_not_there_is_a_fault_of_usage(tmp_path: Path) -> None:
    assert 2 == run("policy", "lint", tmp_path / "nowhere").exit_code
    assert 2 == run("policy", "lint").exit_code


def test_rules_in_a_site_that_may_only_be_passed_through_are_read(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Officers get `x` on a site and no more; root, as whom tests may run, could read it all the same."""
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.X_OK or not Path(path).is_dir())
    assert 0 == run("policy", "lint", folders.policies.parent).exit_code


def _closed(method: Callable[..., Any], site: Path) -> Callable[..., Any]:
    """Let a method refuse what is in a site."""

    def refusing(path: Path, **given: Any) -> Any:
        if path.is_relative_to(site):
            raise PermissionError(path)
        return method(path, **given)

    return refusing


def test_lint_of_a_site_that_may_not_be_entered_says_so_and_whom_to_ask(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    for asked in ("is_dir", "stat", "iterdir"):
        monkeypatch.setattr(Path, asked, _closed(getattr(Path, asked), folders.policies.parent))
    said = policy(folders, "lint")
    assert 1 == said.exit_code
    assert "read-forbidden" in said.err
    assert "beheerder" in said.err


@pytest.mark.parametrize("command", ["lint", "test"])
def test_the_shipped_folder_is_read_with_its_samples(command: str) -> None:
    assert 0 == run("policy", command, SHIPPED).exit_code


# ---- test ------------------------------------------------------------------------------------------------------


def test_a_case_that_ends_otherwise_is_printed_with_its_line(folders: Folders) -> None:
    before = "to: gemeente-voorbeeld, purpose: public-order, sender: IND, fields: {name: release field.permitted}"
    folders.replace("policies/cases.yaml", before, before.replace("release field", "strip field"))
    said = policy(folders, "test", "--lang", "en")
    (failing,) = policy(folders, "test", "--json").json["failing"]
    lines = (folders.policies / "cases.yaml").read_text(encoding="utf-8").splitlines()

    assert 1 == said.exit_code
    assert "case: The IND sends," in lines[failing["line"] - 1]
    assert [{"what": "name", "expected": "strip field.permitted", "found": "release field.permitted"}] == failing[
        "differences"
    ]
    assert all(part in said.out for part in (f"cases.yaml:{failing['line']}", "The IND sends", " cases, 1 otherwise."))


def test_a_case_for_a_recipient_whom_nobody_knows_ends_otherwise_and_stops_no_other(folders: Folders) -> None:
    text = (folders.policies / "cases.yaml").read_text(encoding="utf-8")
    changed = text.replace("The IND sends, to: gemeente-voorbeeld", "The IND sends, to: gemeente-weg")
    (folders.policies / "cases.yaml").write_text(changed, encoding="utf-8")
    found = policy(folders, "test", "--json").json

    assert ["recipient-unknown"] == [each["found"] for each in found["failing"][0]["differences"]]
    assert 80 < found["cases"]


def test_rules_without_cases_say_where_they_are_expected(folders: Folders) -> None:
    (folders.policies / "cases.yaml").unlink()
    said = policy(folders, "test", "--json")

    assert 1 == said.exit_code
    assert "policy-invalid" == said.json["code"]


# ---- explain ---------------------------------------------------------------------------------------------------


def explained(folders: Folders, *words: str) -> dict[str, Any]:
    return policy(folders, "explain", *words, "--json").json


def test_explain_gives_rule_step_article_both_sentences_and_what_would_have_to_change(folders: Folders) -> None:
    found = explained(folders, *GRANT, "telephone")
    (verdict,) = found["verdicts"]

    assert ("sluis-policy-explain/1", "municipality") == (found["format"], found["kind"])
    assert ("strip", "minimum.not-needed", 3) == (verdict["verdict"], verdict["ruleId"], verdict["step"])
    assert "purposes.yaml" in verdict["remedy"]["en"]
    assert all(verdict["reason"][language] for language in ("nl", "en"))
    assert verdict["article"] in policy(folders, "explain", *GRANT, "telephone").out


def test_explain_tells_what_a_necessity_and_a_secret_address_make_of_it(folders: Folders) -> None:
    special = explained(folders, *GRANT, "health")["verdicts"]
    address = explained(folders, *GRANT, "address")["verdicts"]

    assert [("strip", False), ("hold", True)] == [(each["verdict"], each["necessity"]) for each in special]
    assert [("release", False), ("block", True)] == [(each["verdict"], each["secretAddress"]) for each in address]
    assert "Met een geschreven noodzaak:" in policy(folders, "explain", *GRANT, "health").out


@pytest.mark.parametrize(
    ("words", "rule_id"),
    [
        ((*GRANT, "shoeSize"), "field.unclassified"),
        (("gemeente-voorbeeld", "housing", "name"), "municipality.other-purpose"),
        (("vluchtelingenhulp-voorbeeld", "voluntary-return", "name"), "permission.missing"),
        (("advocaat-voorbeeld", "public-order", "name"), "purpose.not-for-recipient"),
    ],
)
def test_explain_says_why_nothing_goes(folders: Folders, words: tuple[str, ...], rule_id: str) -> None:
    assert [rule_id] == [each["ruleId"] for each in explained(folders, *words)["verdicts"]]


@pytest.mark.parametrize(
    ("words", "code"),
    [(("niemand", "public-order", "name"), "recipient-unknown"), (("ind-voorbeeld", "x", "name"), "purpose-unknown")],
)
def test_explain_of_what_nobody_knows_is_a_problem(folders: Folders, words: tuple[str, ...], code: str) -> None:
    said = policy(folders, "explain", *words, "--json")
    assert (1, code) == (said.exit_code, said.json["code"])


# ---- show ------------------------------------------------------------------------------------------------------


def test_show_tells_what_goes_what_waits_what_it_takes_and_until_when(folders: Folders) -> None:
    rows = policy(folders, "show", "vluchtelingenhulp-voorbeeld", "--json").json["permissions"]
    said = policy(folders, "show", "vluchtelingenhulp-voorbeeld")

    assert ["legal-support"] == [each["purpose"] for each in rows]
    assert ("name", "health") == (rows[0]["fields"][0], rows[0]["afterReview"][1])
    assert (["consent"], ["secure-mail"], "2028-01-01") == tuple(
        rows[0][key] for key in ("needs", "channels", "reviewOn")
    )
    assert all(part in said.out for part in ("Juridische ondersteuning", "Naam", "machtiging", "2028-01-01"))


def test_show_of_a_kind_names_its_basis_and_of_nothing_everybody(folders: Folders) -> None:
    assert "Consent of the person" in policy(folders, "show", "ngo", "--lang", "en").out
    everybody = policy(folders, "show", "--json").json["permissions"]
    assert set(folders.load().grants) == {(each["recipient"], each["purpose"]) for each in everybody}


def test_show_of_a_field_tells_what_becomes_of_it_for_each_recipient(folders: Folders) -> None:
    found = policy(folders, "show", "gezondheid", "--json").json

    assert ("health", "special") == (found["field"], found["category"])
    verdicts = {(each["recipient"], each["purpose"]): each["ruleId"] for each in found["verdicts"]}
    assert ("special.no-necessity", "special.small-chain") == (verdicts[GRANT], verdicts["ind-voorbeeld", "return"])
    assert "Gezondheid (health)" in policy(folders, "show", "health").out


def test_show_of_what_is_not_in_the_rules_is_a_fault_of_usage(folders: Folders) -> None:
    assert 2 == policy(folders, "show", "geheim").exit_code


# ---- diff ------------------------------------------------------------------------------------------------------


@pytest.fixture
def changed(tmp_path: Path) -> Folders:
    return make_folders(tmp_path / "changed")


def diff(old: Folders, new: Folders, *words: str) -> Said:
    return run("policy", "diff", old.policies.parent, new.policies.parent, *words)


def test_the_same_rules_change_nothing_for_anybody(folders: Folders, changed: Folders) -> None:
    assert (0, "Nothing changes for anybody.\n") == (
        (said := diff(folders, changed, "--lang", "en")).exit_code,
        said.out,
    )
    assert [] == diff(folders, changed, "--json").json["changes"]


def test_a_field_that_becomes_ordinary_is_told_for_whom_and_in_which_cases(folders: Folders, changed: Folders) -> None:
    path = changed.policies / "fields.yaml"
    text = path.read_text(encoding="utf-8")
    head, tail = text.split("  - id: health\n", 1)
    tail = tail.replace("category: special\n    special: health", "category: ordinary", 1)
    path.write_text(f"{head}  - id: health\n{tail}", encoding="utf-8")
    lines = diff(folders, changed).out.splitlines()

    assert "gemeente-voorbeeld public-order health: strip special.no-necessity -> release field.permitted" in lines
    told = (
        "gemeente-voorbeeld public-order health (met noodzaak): hold special.second-person -> release field.permitted"
    )
    assert told in lines
    assert any(line.startswith("case Special data stays behind without a necessity health:") for line in lines)


def test_what_else_changes_for_a_recipient_is_told_too(folders: Folders, changed: Folders) -> None:
    changed.replace("recipients/gemeente-voorbeeld.yaml", "A" * 40, "B" * 40)
    changed.replace("recipients/gemeente-voorbeeld.yaml", "reviewOn: 2028-01-01", "reviewOn: 2029-01-01")
    changed.replace("policies/kinds.yaml", "needs: [consent]", "needs: []")
    (changed.recipients / "nidos-voorbeeld.yaml").unlink()
    found = diff(folders, changed, "--json").json["changes"]
    told = {(each["who"], each["what"]): (each["before"], each["after"]) for each in found if each["who"] != "case"}

    assert ("consent", "-") == told["ngo", "needs"]
    assert ("2028-01-01", "2029-01-01") == told["gemeente-voorbeeld", "reviewOn"]
    assert "B" * 40 in told["gemeente-voorbeeld", "channels"][1]
    assert ("release field.permitted", "-") == told["nidos-voorbeeld", "name"]
    assert ("nidos-voorbeeld", "telephone") in told
    assert ("nidos-voorbeeld", "bsn") not in told


def test_a_case_that_no_sender_could_write_ends_otherwise_and_stops_no_other(folders: Folders) -> None:
    case = "{case: Vreemd, to: gemeente-voorbeeld, purpose: public-order, subject: x, outcome: held, "
    line = case + "consent: {categories: [ordinary, special, criminal, internal, ordinary]}}"
    path = folders.policies / "cases.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("cases:\n", f"cases:\n  - {line}\n", 1), encoding="utf-8")
    (failing,) = policy(folders, "test", "--json").json["failing"]

    assert ("Vreemd", "manifest-invalid") == (failing["case"], failing["differences"][0]["found"])
