import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.records import _TEXTS
from gateway.policy.grounds import ground_of
from gateway.policy.policy_set import PolicySet


@pytest.mark.parametrize(
    ("article", "ground"),
    [
        ("AVG art. 6 lid 1 onder e; Vw 2000 art. 107", "avg-6-1-e/vw-2000-107"),
        ("AVG art. 6 lid 1 onder a; AVG art. 7", "avg-6-1-a/avg-7"),
        ("GDPR Article 6(1)(e); Aliens Act 2000 section 107", "gdpr-6-1-e/aliens-act-2000-107"),
        ("AVG, artikel 6, lid 1, onder e", "avg-6-1-e"),
        ("BW boek 1 art. 302", "bw-boek-1-302"),
    ],
)
def test_the_articles_of_the_policy_become_one_code(article: str, ground: str) -> None:
    assert ground == ground_of(article)


@pytest.mark.parametrize("article", ["", ";", "6 lid 1", "AVG 0991234501", "Ψ 7"])
def test_what_names_no_law_that_can_be_written_so_gives_no_ground(article: str) -> None:
    assert "" == ground_of(article)


def test_of_too_many_articles_as_many_are_named_as_there_is_room_for() -> None:
    ground = ground_of("; ".join(f"AVG art. {number}" for number in range(10, 60)))

    assert ("avg-10/avg-11", True) == (ground[:13], len(ground) <= 100)


@given(st.text(max_size=300))
def test_whatever_the_policy_says_can_be_written_in_the_log(article: str) -> None:
    ground = ground_of(article)

    assert not ground or re.fullmatch(_TEXTS["gateway.legal_basis"], ground)


def test_every_kind_of_recipient_as_shipped_has_a_ground(shipped: PolicySet) -> None:
    expected = {
        "chain_partner": "avg-6-1-e/vw-2000-107",
        "municipality": "avg-6-1-e/gemeentewet-172",
        "ngo": "avg-6-1-a/avg-7",
        "guardian": "avg-6-1-e/bw-boek-1-302",
        "lawyer": "avg-6-1-e/awb-2-1",
    }
    assert expected == {kind.value: each.ground for kind, each in shipped.kinds.items()}
