"""How rules stand where nobody changes them alone, over every order of proposals and approvals."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.errors import Code, SluisError
from gateway.package.ids import PersonId
from gateway.policy.standing import Proposal, Standing

AT = dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.UTC)
PEOPLE = tuple(map(PersonId, ("anna", "bram", "chris")))
DIGESTS = ("a" * 64, "b" * 64)

people, digests = st.sampled_from(PEOPLE), st.sampled_from(DIGESTS)
acts = st.tuples(st.sampled_from(["propose", "approve", "lies"]), people, digests)


def proposal(digest: str, proposer: PersonId) -> Proposal:
    return Proposal(digest=digest, proposer=proposer, organisation="DT&V", at=AT)


@given(st.lists(acts, max_size=30))
def test_whatever_is_approved_was_last_proposed_by_another_person_and_is_exactly_that_digest(
    turns: list[tuple[str, PersonId, str]],
) -> None:
    standing = Standing()
    last: tuple[str, PersonId] | None = None
    for act, person, digest in turns:
        before = standing
        match act:
            case "propose":
                standing, last = standing.proposed(proposal(digest, person)), (digest, person)
            case "lies":
                standing = standing.without_other(digest)
                last = last if last and last[0] == digest else None
            case _:
                fits = last is not None and last[0] == digest and last[1] != person
                if not fits:
                    with pytest.raises(SluisError):
                        standing.approved_by(person, digest=digest, at=AT)
                    continue
                standing, last = standing.approved_by(person, digest=digest, at=AT), None
                assert standing.approved is not None
                assert (digest, person) == (standing.approved.digest, standing.approved.approver)
                assert person != standing.approved.proposer
        assert act == "approve" or before.approved == standing.approved
        assert (last is None) == (standing.proposal is None)


def test_an_approval_without_a_proposal_of_that_digest_is_told_apart_from_ones_own() -> None:
    standing = Standing().proposed(proposal(DIGESTS[0], PEOPLE[0]))

    with pytest.raises(SluisError) as other:
        standing.approved_by(PEOPLE[1], digest=DIGESTS[1], at=AT)
    with pytest.raises(SluisError) as own:
        standing.approved_by(PEOPLE[0], digest=DIGESTS[0], at=AT)

    assert (Code.POLICY_CHANGED, Code.APPROVAL_OWN_PROPOSAL) == (other.value.code, own.value.code)


def test_an_approval_ends_the_proposal_so_that_it_counts_once() -> None:
    standing = Standing().proposed(proposal(DIGESTS[0], PEOPLE[0])).approved_by(PEOPLE[1], digest=DIGESTS[0], at=AT)

    with pytest.raises(SluisError) as raised:
        standing.approved_by(PEOPLE[2], digest=DIGESTS[0], at=AT)

    assert Code.POLICY_CHANGED is raised.value.code
