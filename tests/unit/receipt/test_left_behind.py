"""What the sender could have sent by writing the package otherwise is asked about on the slip, and nothing else is."""

from dataclasses import replace

import pytest

from gateway.package.labels import Label, Labels
from gateway.package.states import DeliveryState, DocumentVerdict, PackageState, Reason, Verdict
from gateway.receipt.slip_model import Slip
from gateway.receipt.slips import slip_of
from tests.unit.receipt.samples import BOTH, NGO, STRATEGY, delivering, field, shipped

NOTHING_TO_DO = "U hoeft niets te doen"


def reason(rule: str) -> Reason:
    return Reason(rule_id=rule, nl="Dat blijft achter.", en="That stays behind.")


def slip(*rules: str, kinds: tuple[str, ...] = (), first: DeliveryState = DeliveryState.SENT) -> Slip:
    fields = tuple(field(f"veld{number}", Verdict.STRIP, reason(rule)) for number, rule in enumerate(rules, 1))
    documents = tuple(
        DocumentVerdict(number=number, kind="x", verdict=Verdict.STRIP, reason=reason(rule))
        for number, rule in enumerate(kinds, 1)
    )
    one, two = BOTH.recipients
    only_one = (replace(one, fields=fields, documents=documents), replace(two, documents=()))
    decided = replace(BOTH, recipients=only_one)
    told = delivering(PackageState.DONE, first, DeliveryState.SENT, decided=decided)
    return slip_of(told, texts=shipped())


@pytest.mark.parametrize(
    ("made", "asked", "remedy"),
    [
        (slip("field.unclassified", "field.unclassified"), "Hadden veld1, veld2 mee gemoeten?", "geschreven"),
        (slip("special.no-necessity"), "Had veld1 mee gemoeten?", "'necessity'"),
        (slip("criminal.no-necessity"), "Had veld1 mee gemoeten?", "'necessity'"),
        (slip(kinds=("document.unknown-kind",)), "Had document 1 mee gemoeten?", "soort"),
        (slip(kinds=("x", "special.no-necessity")), "Had document 2 mee gemoeten?", "'necessity'"),
    ],
    ids=["unknown fields", "special", "criminal", "unknown kind", "document"],
)
def test_what_a_mended_package_could_have_taken_along_is_asked_about_with_the_remedy(
    made: Slip, asked: str, remedy: str
) -> None:
    first, *_, last = made.now

    assert first.nl.startswith(asked)
    assert remedy in first.nl
    assert "have gone too?" in first.en
    assert NOTHING_TO_DO not in first.nl + last.nl
    assert "Privacy Office" in last.nl


@pytest.mark.parametrize(
    ("made", "nl", "en"),
    [
        (slip("field.unclassified"), "kent dit veld niet", "does not know this field."),
        (slip("field.unclassified", "field.unclassified"), "kent deze velden niet", "does not know these fields."),
        (slip(kinds=("document.unknown-kind",)), "Had document 1 mee", "Should document 1 have"),
        (slip(kinds=("document.unknown-kind",) * 2), "Hadden documenten 1, 2 mee", "Should documents 1, 2 have"),
    ],
    ids=["a field", "fields", "a document", "documents"],
)
def test_one_thing_is_asked_about_as_one_and_more_as_more(made: Slip, nl: str, en: str) -> None:
    assert nl in made.now[0].nl
    assert en in made.now[0].en


def test_what_the_purpose_does_not_need_is_not_asked_about() -> None:
    made = slip(STRATEGY.rule_id, "minimum.not-needed")

    assert [True] == [each.nl.startswith(NOTHING_TO_DO) for each in made.now]


def test_of_a_document_that_stayed_behind_the_advice_stands_beside_the_question_about_fields() -> None:
    made = slip("field.unclassified", kinds=("document.not-needed", "document.unknown-kind"))

    asked = ["Had veld1 mee gemoeten?", "Had document 2 mee gemoeten?", "Heeft de ontvanger het document nodig?"]
    assert [*asked, "Is het per ongeluk verstuurd?"] == [each.nl.partition("?")[0] + "?" for each in made.now]


@pytest.mark.parametrize(
    ("written", "nl"),
    [
        ("verslag", ["Bedoelde u report (Gespreksverslag)?"]),
        ("reprot", ["Bedoelde u report (Gespreksverslag)?"]),
        ("xyz", []),
    ],
)
def test_of_an_unknown_kind_is_said_to_check_how_it_is_written_and_which_may_have_been_meant(
    written: str, nl: list[str]
) -> None:
    document = DocumentVerdict(number=1, kind=written, verdict=Verdict.STRIP, reason=reason("document.unknown-kind"))
    decided = replace(
        BOTH, recipients=tuple(replace(each, fields=(), documents=(document,)) for each in BOTH.recipients)
    )
    labels = Labels(
        documents={"report": Label("Gespreksverslag", "Report of a talk"), "photo": Label("Foto", "Photograph")}
    )
    told = delivering(PackageState.DONE, DeliveryState.SENT, DeliveryState.SENT, decided=decided)
    first, *near, _ = slip_of(replace(told, labels=labels.of(decided)), texts=shipped()).now

    assert "Kijk na hoe de soort is geschreven" in first.nl
    assert nl == [each.nl for each in near]


def test_nothing_is_asked_about_a_recipient_who_got_nothing() -> None:
    made = slip("field.unclassified", first=DeliveryState.UNDELIVERABLE)

    assert not any("mee gemoeten" in each.nl for each in made.now)
    assert str(NGO) in {each.id for each in made.recipients}


def test_a_long_row_of_names_is_cut() -> None:
    (first, _) = slip(*["field.unclassified"] * 30).now

    assert "veld10, …" in first.nl
    assert "veld11" not in first.nl
