"""Who signed an authorisation, and at which age: what a sender writes does not make another person's signature good."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.evidence.examining import examine
from gateway.evidence.port import NotConnected, Registers
from gateway.package.facts import Filing, KeyHealth
from gateway.package.states import Channel, Outcome
from gateway.policy.deciding import decide_only
from gateway.policy.policy_set import PolicySet
from gateway.policy.register import fingerprints
from tests.unit.documents import PLAIN_TEXT_ONLY, READ_HERE, nobody_known
from tests.unit.evidence.building import make_package
from tests.unit.policy.building import NOW

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\nstartxref\n9\n%%EOF\n"
BORN_18_TODAY = dt.date(2008, 11, 20)


class _Answers(NotConnected):
    """Registers in which the authorisation is filed and not withdrawn."""

    def filing(self, _reference: str, /, *, sha256: str) -> Filing:
        assert sha256
        return Filing.FILED

    def withdrawn(self, reference: str, /, *, on: dt.date) -> bool | None:
        assert on == NOW.date()
        return not reference


def rules(policy: PolicySet, *, subject: dict[str, Any] | None = None, **consent: Any) -> list[str]:
    """Examine and decide; give the rules that hold the package."""
    said: dict[str, Any] = {
        "document": "machtiging.pdf",
        "signedOn": dt.date(2026, 11, 1),
        "signedBy": "Reza Karimi",
        "signerRole": "subject",
        "recipient": "Stichting Vluchtelingenhulp Voorbeeld",
        "caseReference": "IS-TV/2026/118",
    }
    package, contents = make_package(
        {1: PDF},
        recipients=["vluchtelingenhulp-voorbeeld"],
        purpose="legal-support",
        subject={"name": "Reza Karimi", "dateOfBirth": "1985-11-30"} | (subject or {}),
        data={"name": "Reza Karimi"},
        consent=said | consent,
    )
    answers = _Answers()
    seen = examine(
        package,
        contents=contents,
        fingerprints=fingerprints(policy, package.manifest.recipients),
        key_health=lambda _: KeyHealth.USABLE,
        open_channels=frozenset(Channel),
        now=NOW,
        zone=ZoneInfo("Europe/Amsterdam"),
        files=READ_HERE,
        searching=PLAIN_TEXT_ONLY,
        known_of=nobody_known,
        registers=Registers(cases=answers, withdrawals=answers, bar=answers),
        bar_numbers={},
    )
    decision = decide_only(seen, policy=policy, now=NOW)
    found = [each.rule_id for each in decision.recipients[0].reasons]
    assert bool(found) is (decision.outcome is not Outcome.CLEARED)
    return found


def test_an_adults_own_signature_is_good(shipped: PolicySet) -> None:
    assert [] == rules(shipped)


@pytest.mark.parametrize(("day", "expected"), [(1, []), (0, []), (-1, ["consent.signed-by-minor"])])
def test_attack_signed_alone_at_16_and_handed_in_at_18(day: int, expected: list[str], shipped: PolicySet) -> None:
    born = {"dateOfBirth": "2007-11-10"}
    signed_on = dt.date(2025, 11, 10) + dt.timedelta(days=day)
    assert expected == rules(shipped, subject=born, signedOn=signed_on, validUntil=dt.date(2030, 1, 1))


def test_attack_signed_before_the_birth(shipped: PolicySet) -> None:
    early: dict[str, Any] = {"signedOn": dt.date(1970, 1, 1), "validUntil": dt.date(2030, 1, 1)}
    guardian: dict[str, Any] = {"signedBy": "Hassan", "signerRole": "guardian", "proof": "C/13/12345"}
    assert ["consent.before-birth"] == rules(shipped, **early)
    assert ["consent.before-birth"] == rules(shipped, **early, **guardian)


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("1985-11-30", ["consent.signed-for-adult"]),
        (BORN_18_TODAY.isoformat(), ["consent.signed-for-adult"]),
        ("2008-11-21", []),
        ("2008-00-00", []),
    ],
)
def test_attack_a_parent_signs_for_an_adult(born: str, expected: list[str], shipped: PolicySet) -> None:
    parent: dict[str, Any] = {"signedBy": "Hassan Karimi", "signerRole": "parent", "proof": "Geboorteakte 2011-118"}
    assert expected == rules(shipped, subject={"dateOfBirth": born}, **parent)


@pytest.mark.parametrize("proof", ["nee", "paspoort", "n.v.t.", "-", "123456", "a1", "....1...a..."])
def test_attack_a_word_in_place_of_a_proof(proof: str, shipped: PolicySet) -> None:
    guardian: dict[str, Any] = {"signedBy": "Hassan", "signerRole": "guardian"}
    assert ["consent.signer-unproven"] == rules(shipped, **guardian, proof=proof)
    assert [] == rules(shipped, **guardian, proof="Beschikking C/13/1")


def test_attack_another_signer_put_among_the_spellings_of_the_subjects_name(shipped: PolicySet) -> None:
    other = {"nameVariants": ["Hassan Karimi"]}
    assert ["consent.name-differs"] == rules(shipped, signedBy="Hassan Karimi")
    assert ["consent.name-variant"] == rules(shipped, subject=other, signedBy="KARIMI, Hassan")
    guardian: dict[str, Any] = {"signerRole": "guardian", "proof": "C/13/12345"}
    assert ["consent.signed-by-minor"] == rules(shipped, subject=other, signedBy="Hassan Karimi", **guardian)
