"""How a slip tells each recipient's standing: nothing is said to wait, or to be allowed, in what has ended."""

from dataclasses import replace

import pytest

from gateway.package.edits import DocumentEdits, Edits, Span
from gateway.package.facts import Counted, Kind, Whose
from gateway.package.reviews import ReviewReason
from gateway.package.states import DeliveryState, DocumentVerdict, Outcome, PackageState, Verdict
from gateway.receipt.port import SlipFacts
from gateway.receipt.slip_files import render_slip
from gateway.receipt.slips import slip_of
from tests.unit.receipt.samples import (
    ALLOWED,
    BOTH,
    CONSENT,
    ENDINGS,
    HELD,
    NGO,
    decision,
    delivering,
    facts,
    field,
    recipient,
    shipped,
)

TEMPLATES = shipped()
WAITING = replace(HELD.recipients[0], fields=(field("name", Verdict.HOLD, CONSENT),))


def text_of(told: SlipFacts) -> str:
    return render_slip(slip_of(told, texts=TEMPLATES), templates=TEMPLATES)[".txt"].decode()


def page_of(told: SlipFacts) -> str:
    return render_slip(slip_of(told, texts=TEMPLATES), templates=TEMPLATES)[".html"].decode()


@pytest.mark.parametrize(("ending", "said"), [("withdrawn", "ingetrokken"), ("expired", "verlopen")])
def test_in_a_package_that_is_over_nothing_waits_for_anybody(ending: str, said: str) -> None:
    told = replace(ENDINGS[ending], decision=replace(HELD, recipients=(WAITING,)))
    made = slip_of(told, texts=TEMPLATES)

    assert f"Stand: {said}; er is niets verstuurd" in text_of(told)
    for form in (text_of(told), page_of(told)):
        assert "wacht op" not in form
        assert "waits for" not in form
        assert CONSENT.nl not in form
    assert ending == made.as_json()["recipients"][0]["state"]
    assert ["name"] == [each["path"] for each in made.as_json()["fields"]]


@pytest.mark.parametrize(
    ("by_sender", "why"),
    [
        (True, "De afzender heeft het ingetrokken."),
        (False, "Uw Privacy Office heeft het ingetrokken."),
        (None, "Iemand die dat mag, heeft het ingetrokken."),
    ],
)
def test_a_withdrawal_says_whether_the_sender_did_it(by_sender: bool | None, why: str) -> None:
    made = slip_of(replace(ENDINGS["withdrawn"], withdrawn_by_sender=by_sender), texts=TEMPLATES)

    assert [why] == [each.words.nl for each in made.why]


def test_a_refused_package_does_not_say_of_any_field_that_it_may_go() -> None:
    for form in (text_of(ENDINGS["refused"]), page_of(ENDINGS["refused"])):
        assert "mag mee" not in form
        assert "Mag mee" not in form
    assert "- name: niet verstuurd" in text_of(ENDINGS["refused"])
    assert "- departureStrategy: weggelaten" in text_of(ENDINGS["refused"])


def test_a_recipient_who_is_refused_beside_one_who_gets_it_is_told_the_same() -> None:
    made = slip_of(ENDINGS["partly-allowed"], texts=TEMPLATES)

    first, second = made.recipients
    assert (True, "niet verstuurd") == (first.closed, first.fields[0].said.nl)
    assert (False, "verstuurd") == (second.closed, second.fields[0].said.nl)


@pytest.mark.parametrize("reason", ReviewReason)
def test_a_refusal_by_a_reviewer_names_the_reason_that_was_chosen_in_both_languages(reason: ReviewReason) -> None:
    refused = decision(Outcome.REFUSED, recipient(NGO, Outcome.REFUSED, CONSENT))
    told = replace(facts(PackageState.REFUSED, CONSENT.rule_id, decided=refused), review_reason=reason)

    rule, chosen = slip_of(told, texts=TEMPLATES).why

    assert (CONSENT.rule_id, reason.value) == (rule.code, chosen.code)
    assert chosen.words.nl.startswith("Wie besliste")
    assert f"- {chosen.words.en}" in text_of(told)


def redacted(count: int) -> SlipFacts:
    """A slip of one document of which so many names and places were taken out, and as many fields that went."""
    found = Counted(kind=Kind.NAME, whose=Whose.THIRD_PARTY, certain=True, count=count)
    document = DocumentVerdict(
        number=1,
        kind="letter",
        verdict=Verdict.REDACT,
        reason=ALLOWED,
        redacted=(found,),
        edits=DocumentEdits(number=1, edits=Edits(added=(Span(passage=0, start=0, end=1),) * count)),
    )
    fields = tuple(field(f"veld{number}", Verdict.RELEASE, ALLOWED) for number in range(count))
    one, two = (replace(each, fields=fields, documents=(document,)) for each in BOTH.recipients)
    decided = replace(BOTH, recipients=(one, two))
    return delivering(PackageState.DONE, DeliveryState.SENT, DeliveryState.SENT, decided=decided)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, ("Gelakt: 1 naam, 1 andere plaats door het Privacy Office", "Verstuurd: 1 veld, 1 document")),
        (2, ("Gelakt: 2 namen, 2 andere plaatsen door het Privacy Office", "Verstuurd: 2 velden, 1 document")),
        (1, ("Redacted: 1 name, 1 more place by the Privacy Office", "Sent: 1 field, 1 document")),
        (2, ("Redacted: 2 names, 2 more places by the Privacy Office", "Left out: 0 fields, 0 documents")),
    ],
)
def test_what_is_counted_on_a_slip_is_said_of_one_as_of_one_and_of_more_as_of_more(
    count: int, said: tuple[str, str]
) -> None:
    for form in (text_of(redacted(count)), page_of(redacted(count))):
        assert all(each in form for each in said)
