"""Nothing can be deleted from the shipped rules without a case that fails, or a set that no longer loads."""

from typing import Any

import pytest

from gateway.policy.case_files import load_cases
from gateway.policy.cases import CaseForm, differences
from gateway.policy.policy_files import find_place
from gateway.policy.policy_set import PolicySet
from gateway.policy.policy_yaml import Faults, Loc, read_plain
from tests.contract.policy.deletions import FORMS, read_rules
from tests.unit.policy.building import SAMPLES, SHIPPED

TABLE: Any = read_plain("cases.yaml", (SHIPPED / "cases.yaml").read_bytes(), faults=Faults()).value
RULES = read_rules(TABLE["recipients"])
# The long cases at the end of the table notice most, so they are asked first.
CASES: list[CaseForm] = [case for _, case in reversed(load_cases(find_place(SHIPPED)).cases)]
FILES = [*FORMS, *(f"recipients/{name}.yaml" for name in SAMPLES)]
# A thousand sets between them: minutes, so `make soak` deletes from these.
LARGE = {"policies/fields.yaml", "policies/purposes.yaml", "recipients/ind-voorbeeld.yaml"}

# Two thousand sets of rules, each run against the cases: counting every line of that would take five times as long.
pytestmark = [pytest.mark.no_cover, pytest.mark.timeout(1200)]

# What nobody has to notice, and why. A place stands here only as long as its deletion goes unnoticed.
UNNOTICED = {
    "policies/fields.yaml fields.27.validator": "no purpose needs the IBAN, so its form is never asked",
    "policies/organisations.yaml organisations.0.securityOffice": "an address to show to people; it decides nothing",
    "policies/organisations.yaml organisations.1.securityOffice": "an address to show to people; it decides nothing",
    "policies/organisations.yaml organisations.2.securityOffice": "an address to show to people; it decides nothing",
    "policies/rules.yaml holds": "without it the shipped days count; they decide nothing about a package",
    "recipients/gemeente-voorbeeld.yaml permissions.0.documents": "the same documents as the purpose has",
    "recipients/nidos-voorbeeld.yaml permissions.0.documents": "the same documents as the purpose has",
}
# Only entries that the linter refuses would show it; tests/unit/policy/test_policy_files.py has NCTV and Nidos.
UNNOTICED_WHEN_TURNED = {"policies/kinds.yaml kinds.0.namedOnly", "policies/kinds.yaml kinds.3.namedOnly"}


def noticed(changed: PolicySet | None) -> bool:
    return changed is None or any(differences(case, policy=changed) for case in CASES)


def place(name: str, loc: Loc) -> str:
    return f"{name} {'.'.join(map(str, loc))}"


def test_the_rules_as_they_are_pass_every_case() -> None:
    assert not noticed(RULES.unchanged())


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=pytest.mark.soak if each in LARGE else ()) for each in FILES]
)
def test_every_deletion_of_one_item_is_noticed_by_a_case_or_by_the_linter(name: str) -> None:
    deletions = list(RULES.deletions(name))
    lost = {
        f"{place(name, loc)} ({RULES.item(name, loc)}): deleted, and no case of policies/cases.yaml fails"
        for loc in deletions
        if place(name, loc) not in UNNOTICED and not noticed(RULES.without(name, loc))
    }

    assert set() == lost
    assert len(deletions) > 10


def test_every_truth_value_that_is_turned_round_is_noticed() -> None:
    lost = {place(name, loc) for name, loc in RULES.flags() if not noticed(RULES.turned(name, loc))}

    assert UNNOTICED_WHEN_TURNED == lost


def test_what_nobody_has_to_notice_is_really_unnoticed() -> None:
    every = {place(name, loc): (name, loc) for name in FILES for loc in RULES.deletions(name)}

    assert set(UNNOTICED) <= set(every)
    assert [] == [each for each in UNNOTICED if noticed(RULES.without(*every[each]))]
