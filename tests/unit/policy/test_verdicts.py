"""What is told about the rules is what they decide, and each verdict names what would have to change."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.deciding import decide_only
from gateway.policy.policy_set import PolicySet
from gateway.policy.remedies import remedy_for
from gateway.policy.value_forms import SPECIMENS
from gateway.policy.verdicts import CIRCUMSTANCES, Circumstance, verdict_on
from tests.unit.policy.building import NOW, SAMPLES, examined

NECESSITY = "De politie moet weten dat deze persoon insuline gebruikt bij de ontruiming."


@given(data=st.data())
def test_a_verdict_that_is_told_is_the_one_that_a_package_gets(shipped: PolicySet, data: st.DataObject) -> None:
    recipient = data.draw(st.sampled_from(SAMPLES))
    purpose = data.draw(st.sampled_from(sorted(shipped.purposes)))
    path = data.draw(st.sampled_from(["name", "health", "criminalRecord", "bsn", "address", "internalNotes", "schoen"]))
    when: Circumstance = data.draw(st.sampled_from(CIRCUMSTANCES))
    more: dict[str, Any] = {"necessity": NECESSITY} if when.necessity else {}
    form = shipped.forms.get(path)
    facts = examined(
        recipient,
        purpose=purpose,
        rows=[{path: SPECIMENS[form] if form else "x"}],
        secret_address=when.secret_address,
        **more,
    )

    decided = decide_only(facts, policy=shipped, now=NOW).recipients[0].fields[0]
    assert decided == verdict_on(path, recipient=recipient, purpose=purpose, policy=shipped, circumstance=when)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_verdict_on_a_field_has_its_remedy_in_both_languages(shipped: PolicySet, language: str) -> None:
    found = {
        verdict.reason.rule_id
        for grant in shipped.grants.values()
        for tables in grant.verdicts
        for table in tables
        for verdict in table.values()
    }
    for rule_id in found:
        told = remedy_for(rule_id, recipient="stichting", purpose="steun", kind="ngo")
        assert "{" not in getattr(told, language)
        assert (rule_id in told.en) == (rule_id not in {str(each) for each in shipped.reasons})
