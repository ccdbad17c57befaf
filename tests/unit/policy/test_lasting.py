"""What was sealed and still waits goes only while everything holds on which its decision rested."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.package.facts import ConsentFacts, Filing, KeyHealth, Paper, Standing
from gateway.package.ids import RecipientId
from gateway.package.states import Channel, Examined, Facts
from gateway.policy.asking import ask
from gateway.policy.deciding import decide
from gateway.policy.lasting import Lapse, lapse_of
from gateway.policy.policy_set import PolicySet
from tests.unit.policy.building import (
    KEY,
    NOW,
    TODAY,
    Folders,
    covering,
    document,
    examined,
    make_folders,
    with_reviews,
)

GEMEENTE = "recipients/gemeente-voorbeeld.yaml"
NGO, LAWYER = RecipientId("vluchtelingenhulp-voorbeeld"), RecipientId("advocaat-voorbeeld")
GOOD = ConsentFacts(paper=Paper.READABLE, filing=Filing.FILED, withdrawn=False, youngest=30)
CONSENT = {
    "signedOn": dt.date(2026, 11, 1),
    "signedBy": "x",
    "recipient": "Stichting Vluchtelingenhulp Voorbeeld",
    "caseReference": "IS-TV/2026/118",
}
MINOR = examined("nidos-voorbeeld", purpose="guardianship", guardianship={"reference": "C/1"}, ages=(17, 17))
CONSENTED = examined(NGO, purpose="legal-support", consent=CONSENT, consent_facts=GOOD)
DEFENDED = examined(LAWYER, purpose="representation", bar={LAWYER: Standing.REGISTERED})
REVIEWED = examined(
    rows=[{"name": "x", "health": "x"}],
    necessity="De politie moet weten dat deze persoon insuline gebruikt bij de ontruiming.",
)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return make_folders(tmp_path)


def later(facts: Examined, policy: PolicySet, *, then: PolicySet, **changes: Any) -> Lapse | None:
    """Decide by the rules of then, and look again by today's with the facts that changed."""
    asked = ask(facts, policy=then, now=NOW)
    sealed = decide(asked, policy=then).recipients[0]
    assert sealed.channel is not None
    today: Facts = replace(asked.facts, **changes)
    return lapse_of(sealed, asked=asked, facts=today, policy=policy)


@pytest.mark.parametrize("facts", [examined(), MINOR, CONSENTED, DEFENDED])
def test_what_holds_as_it_did_may_go(facts: Examined, shipped: PolicySet) -> None:
    assert later(facts, shipped, then=shipped) is None


@pytest.mark.parametrize(
    ("facts", "changes", "rule_id"),
    [
        (MINOR, {"youngest": 18, "oldest": 18}, "subject.adult"),
        (CONSENTED, {"consent": replace(GOOD, withdrawn=True)}, "consent.withdrawn"),
        (CONSENTED, {"today": TODAY.replace(year=2027, month=11, day=2)}, "consent.lapsed"),
        (DEFENDED, {"bar": {LAWYER: Standing.STRUCK_OFF}}, "bar-register.struck-off"),
        (examined(), {"keys": {KEY: KeyHealth.EXPIRED}}, "key-expired"),
        (examined(), {"keys": {KEY: KeyHealth.REVOKED}}, "key-revoked"),
        (examined(), {"today": TODAY.replace(year=2028, month=1, day=1)}, "permission.review-due"),
    ],
)
def test_attack_a_delivery_that_waits_until_its_basis_has_lapsed(
    facts: Examined, changes: dict[str, Any], rule_id: str, shipped: PolicySet
) -> None:
    assert Lapse((rule_id,)) == later(facts, shipped, then=shipped, **changes)


@pytest.mark.parametrize(
    ("facts", "changes"),
    [
        (CONSENTED, {"consent": replace(GOOD, withdrawn=None)}),
        (DEFENDED, {"bar": {LAWYER: Standing.UNREACHABLE}}),
        (examined(), {"open_channels": frozenset({Channel.FILE_DROP})}),
    ],
)
def test_what_nobody_can_tell_now_may_be_asked_again(
    facts: Examined, changes: dict[str, Any], shipped: PolicySet
) -> None:
    found = later(facts, shipped, then=shipped, **changes)
    assert found is not None
    assert found.passing


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("openbareorde@gemeente-voorbeeld.example", "nieuw@gemeente-voorbeeld.example"),
        (KEY, "B" * 40),
    ],
    ids=["another address", "another key"],
)
def test_attack_a_delivery_to_an_address_or_key_that_is_not_the_recipients_any_more(
    old: str, new: str, folders: Folders, shipped: PolicySet
) -> None:
    folders.replace(GEMEENTE, old, new)
    both = {KEY: KeyHealth.USABLE, "B" * 40: KeyHealth.USABLE}
    assert Lapse() == later(examined(), folders.load(), then=shipped, keys=both)


def test_attack_a_delivery_to_a_recipient_that_left_the_register(folders: Folders, shipped: PolicySet) -> None:
    (folders.recipients / "gemeente-voorbeeld.yaml").unlink()
    assert Lapse() == later(examined(), folders.load(), then=shipped)


def test_that_another_recipient_left_the_register_stops_nothing(folders: Folders, shipped: PolicySet) -> None:
    folders.add_recipient({"id": "gemeente-weg", **_entry()})
    then = folders.load()
    (folders.recipients / "gemeente-weg.yaml").unlink()
    both = examined(["gemeente-voorbeeld", "gemeente-weg"])
    assert later(both, folders.load(), then=then) is None


def _entry() -> dict[str, Any]:
    return {
        "kind": "municipality",
        "organisation": "Gemeente Weg",
        "name": "Gemeente Weg",
        "language": "nl",
        "channels": [{"channel": "secure-mail", "address": "a@weg.example", "keys": ["9" * 40]}],
        "permissions": [{"purpose": "public-order", "fields": ["name"], "reviewOn": "2028-01-01"}],
    }


def test_attack_a_field_that_the_recipient_may_not_have_any_more_is_not_sent_late(
    folders: Folders, shipped: PolicySet
) -> None:
    folders.replace(GEMEENTE, "fields: [name, ", "fields: [")
    facts = examined(rows=[{"name": "x", "town": "x"}])
    assert Lapse(("minimum.not-given",)) == later(facts, folders.load(), then=shipped)


def test_attack_a_document_that_the_recipient_may_not_have_any_more_is_not_sent_late(
    folders: Folders, shipped: PolicySet
) -> None:
    folders.replace(GEMEENTE, "documents: [letter]", "documents: []")
    facts = examined(documents=(document(),))
    assert Lapse(("document.not-given",)) == later(facts, folders.load(), then=shipped)


def test_a_review_stays_good_under_changed_rules_and_only_for_the_hold_that_it_settled(
    folders: Folders, shipped: PolicySet
) -> None:
    folders.replace(GEMEENTE, "language: nl", "language: en")
    changed = folders.load()
    reviewed = with_reviews(REVIEWED, covering(REVIEWED, shipped))
    assert shipped.digest != changed.digest
    assert later(reviewed, changed, then=shipped) is None

    expired = later(reviewed, changed, then=shipped, keys={KEY: KeyHealth.EXPIRED})
    assert Lapse(("special.second-person", "key-expired")) == expired
