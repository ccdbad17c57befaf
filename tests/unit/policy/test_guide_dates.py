"""The days on which something begins or ends, from the sender's date to the decision, counted in Europe/Amsterdam."""

import datetime as dt
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.evidence.examining import examine
from gateway.evidence.port import NotConnected, Registers
from gateway.package.facts import KeyHealth
from gateway.package.states import Channel, Outcome
from gateway.policy.cases import CaseForm, decide_case
from gateway.policy.deciding import decide_only
from gateway.policy.policy_set import PolicySet
from gateway.policy.register import fingerprints
from tests.unit.documents import PLAIN_TEXT_ONLY, READ_HERE, nobody_known
from tests.unit.evidence.building import make_package

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOBODY = NotConnected()


def decided(policy: PolicySet, *, now: str, **more: Any) -> tuple[Outcome, tuple[str, ...]]:
    """Examine and decide at one moment; give the outcome and its rules."""
    package, contents = make_package(data={"name": "Iemand"}, **more)
    moment = dt.datetime.fromisoformat(now)
    seen = examine(
        replace(package, received_at=moment),
        contents=contents,
        fingerprints=fingerprints(policy, package.manifest.recipients),
        key_health=lambda _: KeyHealth.USABLE,
        open_channels=frozenset(Channel),
        now=moment,
        zone=AMSTERDAM,
        files=READ_HERE,
        searching=PLAIN_TEXT_ONLY,
        known_of=nobody_known,
        registers=Registers(cases=NOBODY, withdrawals=NOBODY, bar=NOBODY),
        bar_numbers={},
    )
    decision = decide_only(seen, policy=policy, now=moment)
    return decision.outcome, tuple(each.rule_id for each in decision.recipients[0].reasons)


def to_nidos(policy: PolicySet, *, now: str, born: str) -> tuple[Outcome, tuple[str, ...]]:
    return decided(
        policy,
        now=now,
        recipients=["nidos-voorbeeld"],
        purpose="guardianship",
        guardianship={"reference": "C/1"},
        subject={"name": "Iemand", "dateOfBirth": born},
    )


@pytest.mark.parametrize(
    ("born", "now", "expected"),
    [
        ("2008-11-21", "2026-11-20T12:00+00:00", (Outcome.CLEARED, ())),
        ("2008-11-21", "2026-11-20T22:30+00:00", (Outcome.CLEARED, ())),
        ("2008-11-21", "2026-11-20T23:30+00:00", (Outcome.REFUSED, ("subject.adult",))),
        ("2008-11-21", "2026-11-21T12:00+00:00", (Outcome.REFUSED, ("subject.adult",))),
        ("2008-07-02", "2026-07-01T21:30+00:00", (Outcome.CLEARED, ())),
        ("2008-07-02", "2026-07-01T22:30+00:00", (Outcome.REFUSED, ("subject.adult",))),
        ("2008-02-29", "2026-02-27T12:00+00:00", (Outcome.CLEARED, ())),
        ("2008-02-29", "2026-02-28T12:00+00:00", (Outcome.HELD, ("subject.age-unsure",))),
        ("2008-02-29", "2026-03-01T12:00+00:00", (Outcome.REFUSED, ("subject.adult",))),
    ],
    ids=[
        "tomorrow",
        "22:30",
        "23:30 is tomorrow",
        "today",
        "summer 21:30",
        "summer 22:30",
        "27 Feb",
        "28 Feb",
        "1 Mar",
    ],
)
def test_nidos_gets_nothing_from_the_first_minute_of_the_18th_birthday_in_amsterdam(
    born: str, now: str, expected: tuple[Outcome, tuple[str, ...]], shipped: PolicySet
) -> None:
    assert expected == to_nidos(shipped, now=now, born=born)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2027-12-31T22:30+00:00", (Outcome.CLEARED, ())),
        ("2027-12-31T23:30+00:00", (Outcome.HELD, ("permission.review-due",))),
        ("2028-01-01T12:00+00:00", (Outcome.HELD, ("permission.review-due",))),
        ("2028-01-02T12:00+00:00", (Outcome.HELD, ("permission.review-due",))),
    ],
    ids=["tomorrow", "23:30 is tomorrow", "today", "yesterday"],
)
def test_a_permission_ends_with_the_first_minute_of_its_review_date_in_amsterdam(
    now: str, expected: tuple[Outcome, tuple[str, ...]], shipped: PolicySet
) -> None:
    assert expected == decided(shipped, now=now)


@pytest.mark.parametrize(
    ("today", "signed_on", "reasons"),
    [
        ("2026-11-20", "2026-11-20", ()),
        ("2026-11-20", "2026-11-21", ("consent.future",)),
        ("2026-11-20", "2025-11-20", ()),
        ("2026-11-20", "2025-11-19", ("consent.lapsed",)),
        ("2025-02-28", "2024-02-29", ()),
        ("2025-03-01", "2024-02-29", ("consent.lapsed",)),
        ("2027-01-31", "2026-01-31", ()),
        ("2027-02-01", "2026-01-31", ("consent.lapsed",)),
        ("2026-11-20", "9999-12-31", ("consent.future",)),
    ],
)
def test_an_authorisation_counts_from_the_day_it_was_signed_through_the_same_day_a_year_later(
    today: str, signed_on: str, reasons: tuple[str, ...], shipped: PolicySet
) -> None:
    case = CaseForm.model_validate(
        {
            "case": "x",
            "to": "vluchtelingenhulp-voorbeeld",
            "purpose": "legal-support",
            "fields": {"name": "x"},
            "today": today,
            "consent": {"signedOn": signed_on},
            "outcome": "cleared",
        }
    )
    found = decide_case(case, policy=shipped).recipients[0].reasons
    assert reasons == tuple(each.rule_id for each in found)


def test_a_package_can_not_say_an_address_for_its_recipient() -> None:
    """What differs from the register can not even be written: a recipient is an id, and unknown keys are refused."""
    with pytest.raises(ValueError, match="recipients"):
        make_package(recipients=[{"id": "gemeente-voorbeeld", "address": "elders@gemeente.example"}])
    with pytest.raises(ValueError, match="address"):
        make_package(address="elders@gemeente.example")
