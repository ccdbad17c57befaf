"""A slip says that the sender has to do something exactly when nobody else can mend what holds the package."""

from dataclasses import replace

import pytest

from gateway.package.errors import Code
from gateway.package.reviews import FOR_A_PERSON_TO_SETTLE
from gateway.package.states import DocumentVerdict, Outcome, PackageState, Reason, Verdict
from gateway.policy.rules import RuleId
from gateway.receipt.slip_model import SlipRecipient
from gateway.receipt.slips import slip_of
from gateway.receipt.whose_turn import FOR_OTHERS_TO_MEND, FOR_THE_ADMINISTRATOR, is_decided_again, waits_for_sender
from tests.unit.receipt.samples import NGO, decision, facts, recipient, shipped

FOR_SENDER = "wacht tot u iets doet"


def held(code: str, *, outcome: Outcome = Outcome.HELD) -> SlipRecipient:
    reason = Reason(rule_id=code, nl="Daarom.", en="Because.")
    document = DocumentVerdict(number=1, kind="letter", verdict=Verdict.HOLD, reason=reason)
    one = recipient(NGO, outcome, *([reason] if outcome is Outcome.HELD else []))
    decided = decision(outcome, replace(one, documents=(document,)))
    (told,) = slip_of(facts(PackageState.HELD, code, decided=decided), texts=shipped()).recipients
    return told


@pytest.mark.parametrize(
    "code",
    ["document.not-searchable", "document.undeclared", "consent.missing", "field.value-not-valid", "mandate.missing"],
)
def test_what_only_the_sender_can_mend_waits_for_the_sender_and_for_no_decision(code: str) -> None:
    told = held(code)

    assert [FOR_SENDER] * 2 == [told.state_said.nl, told.documents[0].said.nl]


@pytest.mark.parametrize("code", sorted(FOR_A_PERSON_TO_SETTLE | FOR_OTHERS_TO_MEND))
def test_what_others_decide_or_mend_does_not_send_the_sender_looking(code: str) -> None:
    told = held(code)

    assert ["wacht op een persoon", "wacht op een beslissing"] == [told.state_said.nl, told.documents[0].said.nl]


def test_what_was_allowed_and_held_for_residue_waits_for_the_sender() -> None:
    assert FOR_SENDER == held(Code.RESIDUE_FOUND.value, outcome=Outcome.CLEARED).state_said.nl


def test_as_long_as_one_of_several_reasons_is_the_senders_it_waits_for_the_sender() -> None:
    assert waits_for_sender(["special.second-person", "document.undeclared"])
    assert not waits_for_sender(["special.second-person", "key-expired"])
    assert not waits_for_sender([])


def test_what_others_mend_are_rules_that_exist() -> None:
    assert set(RuleId) >= FOR_OTHERS_TO_MEND


@pytest.mark.parametrize("code", sorted(FOR_THE_ADMINISTRATOR))
def test_what_only_the_administrator_can_mend_is_not_to_be_handed_in_again_and_is_decided_on_again(code: str) -> None:
    reason = Reason(rule_id=code, nl="Daarom.", en="Because.")
    decided = decision(Outcome.HELD, recipient(NGO, Outcome.HELD, reason))
    slip = slip_of(facts(PackageState.HELD, code, decided=decided), texts=shipped())

    asks, again = (each.nl for each in slip.now)
    assert "U kunt dit niet in het pakket verhelpen. Vraag het de beheerder van Sluis." == asks
    assert again.startswith("Lever het pakket niet opnieuw in: zodra dat is hersteld, beslist Sluis er vanzelf opnieuw")
    assert any("beheerder" in each.nl for each in slip.help)


@pytest.mark.parametrize(
    ("codes", "asked"),
    [
        (["permission.review-due"], "Vraag het uw Privacy Office."),
        (["key-expired"], "De beheerder vraagt de ontvanger om een nieuwe sleutel"),
        (["special.second-person", "channel.not-connected"], "Vraag het de beheerder van Sluis."),
    ],
)
def test_what_others_mend_is_decided_on_again_so_nobody_is_told_to_hand_it_in_twice(
    codes: list[str], asked: str
) -> None:
    slip = slip_of(facts(PackageState.HELD, *codes), texts=shipped())

    said = " ".join(each.nl for each in slip.now)
    assert asked in said
    assert 1 == said.count("Lever het pakket niet opnieuw in")
    assert is_decided_again(codes)
    assert not is_decided_again([*codes, "mandate.missing"])
    assert not is_decided_again(["special.second-person"])


def test_what_the_privacy_office_decides_is_not_to_be_handed_in_again_and_says_when_a_new_slip_comes() -> None:
    reason = Reason(rule_id="document.doubtful", nl="Daarom.", en="Because.")
    decided = decision(Outcome.HELD, recipient(NGO, Outcome.HELD, reason))
    (now,) = slip_of(facts(PackageState.HELD, "document.doubtful", decided=decided), texts=shipped()).now

    assert now.nl.endswith("niet opnieuw in. U krijgt vanzelf een nieuw bericht zodra er is besloten.")
    assert now.en.endswith("Do not hand it in again: a new slip comes by itself as soon as it has decided.")


def test_a_mail_server_that_is_down_does_not_say_twice_that_there_is_nothing_to_do() -> None:
    slip = slip_of(facts(PackageState.RELEASING, Code.MAIL_UNREACHABLE.value), texts=shipped())
    assert 1 == sum(each.nl.count("U hoeft niets te doen") for each in slip.now)
