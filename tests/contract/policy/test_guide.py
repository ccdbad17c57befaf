"""Each row of the guide's four steps and of the questions that it leaves open has its cases, or the test that holds it.

The rows go by keys of our own. A case that is renamed or taken away leaves a row without its proof, and this fails.
"""

import pytest

from gateway.policy.case_files import load_cases
from gateway.policy.policy_files import find_place
from tests.unit.policy.building import SHIPPED

NAMES = {case.case for _, case in load_cases(find_place(SHIPPED)).cases}

CASES = {
    "1 chain partner": [
        "A chain partner gets the BSN when its purpose needs it",
        "COA gets medication for reception inside the small chain",
        "DT&V gets the name for return",
        "DJI gets what return needs",
        "The KMar gets what return needs",
        "The police is a chain partner under its own name",
        "Foreign Affairs gets what identification needs",
    ],
    "1 municipality": ["A municipality gets what public order needs"],
    "1 ngo": ["An NGO with a good authorisation gets what its purpose needs", "An NGO without consent waits"],
    "1 ngo: date, name, signature, filing": [
        "An authorisation without a date waits",
        "An authorisation without a name waits",
        "An authorisation that is not in the package waits",
        "An authorisation without a reference in IS-TV waits",
        "An authorisation that is not filed under its reference waits",
    ],
    "1 guardian": ["Nidos gets data about a minor", "Nidos needs no consent of the person"],
    "1 lawyer": ["A lawyer on the register gets what representation needs", "Consent is not asked for a lawyer"],
    "1 who sends": ["The IND sends", "COA sends", "DT&V sends under another spelling of its name"],
    "2 ordinary": ["Where a person is is known under every plain spelling"],
    "2 special": ["Special data is known under every plain spelling"],
    "2 criminal": ["Criminal data is known under every plain spelling"],
    "2 biometrics": ["Facial images never leave"],
    "2 unclassified": ["A field that nobody classified does not leave"],
    "3 departure strategy": ["An NGO never gets the departure strategy"],
    "3 reports": [
        "An interview report that was not searched waits",
        "A report of a presentation in person that was not searched waits too",
        "An interview report goes with others redacted",
        "A report of a presentation in person goes with others redacted",
    ],
    "3 not searchable": ["A document that can not be searched waits"],
    "4 chain partner by BVV": ["A chain partner waits until the BVV is connected", "A chain partner does not get mail"],
    "4 file postbox": ["A municipality waits for the file postbox until that is connected"],
    "4 no fall-back": ["The first channel is down and the second is not taken"],
    "open: special without a necessity": ["Consent does not let religion go without a necessity"],
    "open: special with a necessity": ["The KMar is outside the small chain"],
    "open: criminal likewise": ["A lawyer gets criminal data after a second person only"],
    "open: inside the small chain": [
        "Inside the small chain no necessity is asked",
        "Inside the small chain only what the purpose needs goes",
    ],
    "open: biometrics and genetics": ["A package with only fingerprints is refused", "Genetic data never leaves"],
    "open: what is a necessity": [
        "A whole necessity of filler words is none",
        "Dots do not make a necessity longer",
        "A necessity of 39 characters is too short",
        "A necessity of 40 characters is long enough to be judged",
    ],
    "open: consent with a flaw": [
        "An authorisation in another person's name waits",
        "An authorisation dated tomorrow waits",
        "A scan that nobody can read waits",
    ],
    "open: consent withdrawn or too old": [
        "A withdrawn authorisation is refused",
        "An authorisation has ended on the day after its last",
        "An authorisation is too old one day after twelve months",
    ],
    "open: consent names the recipient": ["An authorisation that names no recipient waits"],
    "open: who signs for a minor": [
        "A parent signs for a minor with a proof",
        "A guardian signs for a minor with a proof",
        "A minor who signed alone waits",
        "Who signs as guardian in the own name is not the guardian",
    ],
    "open: the name differs": [
        "Diacritics and the order of the names make no difference",
        "Another spelling of the name waits",
    ],
    "open: consent for health": ["Consent and a second person let health data go to an NGO"],
    "open: register of the bar": ["A lawyer waits while the register can not be read"],
    "open: representative who is no lawyer": ["A representative without a mandate waits"],
    "open: mandate ended, struck off": [
        "A mandate that ended yesterday is refused",
        "An ended mandate of a lawyer is refused",
        "A lawyer who was struck off is refused",
        "A lawyer who is not on the register waits",
        "A suspended lawyer waits",
    ],
    "open: another channel than BVV": ["An exception for a chain partner is a decision of the Privacy Office"],
    "open: BVV outside the chain": ["The BVV is not for a municipality"],
    "open: departure strategy": [
        "A chain partner with a return task gets the departure strategy",
        "A chain partner with another task does not get the departure strategy",
    ],
    "open: municipality with another purpose": [
        "A municipality does not get data for housing",
        "A municipality does not get data for care",
    ],
    "open: minority is not guardianship": ["Being a minor is not guardianship"],
    "open: the 18th birthday": ["Nidos gets nothing on the 18th birthday"],
    "open: birth date partly unknown": [
        "Whoever could be 18 counts as 18 for Nidos",
        "Whoever could still be a minor counts as one for signing",
    ],
    "open: BSN": ["An NGO never gets the BSN", "A lawyer never gets the BSN", "Nidos does not get the BSN"],
    "open: secret address": [
        "No part of a secret address leaves",
        "An appointment that was not searched may name a secret address and waits",
        "Out of a letter that was searched a secret address is redacted like that of others",
        "A secret address goes out of a letter as the field is blocked",
        "Reception needs the address even when it is secret",
    ],
    "open: reviewOn": ["A permission does not hold on its review date"],
    "open: several recipients": [
        "One refused recipient refuses all",
        "Those who may get it get it when the package says so",
    ],
    # Until documents are redacted, whatever may hold other people's data waits, whoever they are.
    "open: officials, third parties, towns and ages in a document": [
        "An interview report goes with others redacted",
        "Officials stay in a letter to a municipality",
        "Officials stay in a letter within the chain",
        "Officials go out of a letter to an NGO",
        "Officials go out of a decision for a lawyer",
    ],
    "open: the subject's own data in a document": [
        "The name and V-number of the person stay in a letter",
        "A telephone number that the purpose does not need goes out of a letter too",
        "A BSN of the person goes out of a letter to an NGO",
    ],
    "open: active content": ["A document that can not be searched waits"],
}
# No package can say these, so no case can.
TESTS = {
    "1 anything else": ("tests/unit/policy/test_policy_files.py", "a kind that does not exist"),
    "open: unknown kind, NCTV": ("tests/unit/policy/test_policy_files.py", "an NGO that calls itself a chain partner"),
    "open: the reviewer's legal ground": ("tests/unit/policy/test_reviewing.py", "no ground"),
    "open: 29 February": ("tests/unit/evidence/test_ages.py", '("2008-02-29", "2026-02-28", (17, 18))'),
    "open: an address that differs": ("tests/unit/policy/test_guide_dates.py", "can_not_say_an_address"),
}


@pytest.mark.parametrize("row", CASES)
def test_each_row_of_the_guide_has_the_cases_that_are_named_for_it(row: str) -> None:
    assert set() == set(CASES[row]) - NAMES
    assert CASES[row]


@pytest.mark.parametrize("row", TESTS)
def test_each_row_that_no_package_can_say_has_its_test(row: str) -> None:
    path, text = TESTS[row]
    assert text in (SHIPPED.parent / path).read_text(encoding="utf-8")
