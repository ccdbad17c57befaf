"""Whoever puts a document in a package takes it for sent: that one stayed behind stands at the top of the slip."""

from dataclasses import replace

import pytest

from gateway.package.labels import Label, Labels
from gateway.package.states import DeliveryState, DocumentVerdict, PackageState, Verdict
from gateway.receipt.port import SlipFacts
from gateway.receipt.slip_files import render_slip
from gateway.receipt.slips import slip_of
from tests.unit.receipt.samples import ALLOWED, BOTH, STRATEGY, delivering, shipped

TEMPLATES = shipped()
SENT = DeliveryState.SENT
NO_STEPS = "U hoeft niets te doen"


def told(*verdicts: Verdict, second: DeliveryState = SENT, state: PackageState = PackageState.DONE) -> SlipFacts:
    """Give the facts of a package with these documents, of which the first recipient got the rest."""
    documents = tuple(
        DocumentVerdict(number=number, kind="letter", verdict=each, reason=STRATEGY if each != "release" else ALLOWED)
        for number, each in enumerate(verdicts, 1)
    )
    decided = replace(BOTH, recipients=tuple(replace(each, documents=documents) for each in BOTH.recipients))
    labels = Labels(documents={"letter": Label("Brief", "Letter")})
    return replace(delivering(state, SENT, second, decided=decided), labels=labels)


def text_of(facts: SlipFacts) -> str:
    return render_slip(slip_of(facts, texts=TEMPLATES), templates=TEMPLATES)[".txt"].decode()


@pytest.mark.parametrize("kept", [Verdict.STRIP, Verdict.BLOCK])
def test_a_package_whose_only_document_stayed_behind_says_so_in_its_title_and_first_sentence(kept: Verdict) -> None:
    made = slip_of(told(kept), texts=TEMPLATES)

    assert "Uw pakket is verstuurd, maar ZONDER het document" == made.title.nl
    assert "Your package was sent, but WITHOUT its document" == made.title.en
    assert made.happened.nl.endswith("Het document is NIET verstuurd.")
    assert "done" == made.ending.value
    assert NO_STEPS not in "".join(each.nl for each in made.now)
    assert made.now[0].nl.startswith("Heeft de ontvanger het document nodig?")


def test_of_more_documents_that_all_stayed_behind_the_title_speaks_of_documents() -> None:
    made = slip_of(told(Verdict.STRIP, Verdict.STRIP), texts=TEMPLATES)

    assert "Uw pakket is verstuurd, maar ZONDER de documenten" == made.title.nl
    assert made.happened.en.endswith("The documents were NOT sent.")


def test_when_one_of_more_documents_stayed_behind_the_sender_is_told_what_to_do() -> None:
    first, last = slip_of(told(Verdict.RELEASE, Verdict.STRIP), texts=TEMPLATES).now

    assert first.nl.startswith("Heeft de ontvanger het document nodig?")
    assert NO_STEPS not in first.nl + last.nl


def test_above_the_answers_stands_each_document_that_stayed_behind_for_whom_and_why() -> None:
    text = text_of(told(Verdict.RELEASE, Verdict.STRIP))
    head, _, _ = text.partition("1. Wat is er gebeurd")

    said = f"Document 2 (Brief) is NIET verstuurd aan Vluchtelingenhulp Voorbeeld, Afdeling Inkomend. {STRATEGY.nl}"
    assert f"Let op: {said}" in head
    assert "Document 1" not in head
    assert "Uw pakket is verstuurd\r\n" in head


def test_the_page_and_the_json_say_it_too() -> None:
    made = slip_of(told(Verdict.STRIP), texts=TEMPLATES)

    page, _, _ = render_slip(made, templates=TEMPLATES)[".html"].decode().partition("<dl>")
    assert "<strong>Document 1 (Brief) is NIET verstuurd aan" in page
    (said,) = made.as_json()["text"]["en"]["notSent"]
    assert said.startswith("Document 1 (Letter) was NOT sent to ")


def test_of_somebody_who_got_nothing_at_all_no_document_is_named_at_the_top() -> None:
    made = slip_of(told(Verdict.STRIP, second=DeliveryState.UNDELIVERABLE), texts=TEMPLATES)

    (said,) = made.not_sent
    assert "Vluchtelingenhulp Voorbeeld" in said.nl
    assert "Afdeling Inkomend" not in said.nl


@pytest.mark.parametrize("verdicts", [(), (Verdict.RELEASE,), (Verdict.REDACT,)], ids=["none", "sent", "redacted"])
def test_a_package_whose_documents_went_or_that_had_none_speaks_of_none_that_did_not(
    verdicts: tuple[Verdict, ...],
) -> None:
    made = slip_of(told(*verdicts), texts=TEMPLATES)

    assert ((), "Uw pakket is verstuurd") == (made.not_sent, made.title.nl)
    assert any(NO_STEPS in each.nl for each in made.now)
