"""The record says what a signed paper proved, and says nothing where it can not be relied on."""

from typing import Any

import pytest

from gateway.package.facts import Proof
from gateway.policy.cases import CaseForm, decide_case
from gateway.policy.policy_set import PolicySet

NGO = "vluchtelingenhulp-voorbeeld"


def _proof(shipped: PolicySet, **case: Any) -> Proof | None:
    whole = {"case": "x", "to": NGO, "purpose": "legal-support", "fields": {"name": "x"}, "outcome": "cleared"}
    form = CaseForm.model_validate(whole | case)
    return decide_case(form, policy=shipped).recipients[0].proof


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ("none", Proof.STATEMENT),
        ("valid", Proof.SIGNATURE),
        ("seal", Proof.SEAL),
        ("other-name", None),
        ("untrusted", None),
        ("broken", None),
    ],
)
def test_an_authorisation_proves_as_much_as_its_signature(
    shipped: PolicySet, signature: str, expected: Proof | None
) -> None:
    assert expected is _proof(shipped, consent={"signature": signature})


def test_a_paper_that_is_not_there_or_can_not_be_read_proves_nothing(shipped: PolicySet) -> None:
    assert [None, None, None] == [
        _proof(shipped),
        _proof(shipped, consent={"paper": "missing"}),
        _proof(shipped, consent={"paper": "unreadable"}),
    ]


def test_who_needs_no_paper_has_no_proof(shipped: PolicySet) -> None:
    assert _proof(shipped, to="gemeente-voorbeeld", purpose="public-order", consent=True) is None
    assert _proof(shipped, to="advocaat-voorbeeld", purpose="representation", mandate=True) is None
