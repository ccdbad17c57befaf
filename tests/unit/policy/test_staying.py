"""What stays of the subject in a text is what the recipient would get as data, and not a kind more."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.facts import Kind, Stays
from gateway.package.ids import RecipientId
from gateway.package.states import Verdict
from gateway.policy.asking import ask
from gateway.policy.policy_set import PolicySet
from gateway.policy.staying import FIELDS_OF, stays_for
from gateway.policy.verdicts import CIRCUMSTANCES, Circumstance, verdict_on
from tests.unit.policy.building import NOW, SAMPLES, examined

NECESSITY = "De politie moet weten dat deze persoon insuline gebruikt bij de ontruiming."


def staying(policy: PolicySet, recipient: str, purpose: str, *, when: Circumstance) -> Stays:
    more: dict[str, Any] = {"necessity": NECESSITY} if when.necessity else {}
    facts = examined(recipient, purpose=purpose, secret_address=when.secret_address, **more)
    return stays_for(
        ask(facts, policy=policy, now=NOW),
        recipient=policy.recipients[RecipientId(recipient)],
        grant=policy.grants.get((RecipientId(recipient), purpose)),
    )


@pytest.mark.parametrize("recipient", SAMPLES)
@given(data=st.data())
def test_a_kind_of_the_subjects_own_stays_when_a_field_for_it_would_be_released(
    shipped: PolicySet, data: st.DataObject, recipient: str
) -> None:
    purpose = data.draw(st.sampled_from(sorted({asked for who, asked in shipped.grants if who == recipient})))
    when = data.draw(st.sampled_from(CIRCUMSTANCES))
    kind = data.draw(st.sampled_from(sorted(FIELDS_OF)))

    verdicts = {
        verdict_on(path, recipient=recipient, purpose=purpose, policy=shipped, circumstance=when).verdict
        for path in FIELDS_OF[kind]
    }

    assert (Verdict.RELEASE in verdicts) == (kind in staying(shipped, recipient, purpose, when=when).subject)


@pytest.mark.parametrize("recipient", SAMPLES)
def test_without_a_permission_nothing_of_the_subject_stays(shipped: PolicySet, recipient: str) -> None:
    assert () == staying(shipped, recipient, "no-such-purpose", when=CIRCUMSTANCES[0]).subject


def test_what_has_no_field_stays_for_nobody_but_for_the_name(shipped: PolicySet) -> None:
    ever = {
        kind
        for recipient, purpose in shipped.grants
        for when in CIRCUMSTANCES
        for kind in staying(shipped, recipient, purpose, when=when).subject
    }

    assert Kind.NAME in ever
    assert set() == ever - set(FIELDS_OF) - {Kind.NAME}


def test_every_field_that_permits_a_kind_stands_in_the_catalogue(shipped: PolicySet) -> None:
    assert set() == {path for paths in FIELDS_OF.values() for path in paths} - set(shipped.field_ids)
