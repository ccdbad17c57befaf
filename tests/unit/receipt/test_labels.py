"""People read what a field and a document are called in their own language; programs keep ids and paths."""

from dataclasses import replace
from pathlib import Path

from gateway.package.labels import NO_LABELS, Label, Labels
from gateway.package.states import RecipientKind
from gateway.policy.policy_files import load_policy_set
from gateway.receipt.port import SlipFacts
from gateway.receipt.slip_files import render_slip
from gateway.receipt.slips import slip_of
from tests.unit.policy.building import make_folders
from tests.unit.receipt.samples import BOTH, ENDINGS, shipped

TEMPLATES = shipped()
LABELS = Labels(
    fields={"departureStrategy": Label("Vertrekstrategie", "Departure strategy"), "name": Label("Naam", "Name")},
    documents={"letter": Label("Brief", "Letter")},
)


def forms(told: SlipFacts) -> tuple[str, str, str]:
    made = render_slip(slip_of(told, texts=TEMPLATES), templates=TEMPLATES)
    return made[".txt"].decode(), made[".html"].decode(), made[".json"].decode()


def test_slips_name_fields_and_documents_in_the_readers_language_and_programs_get_the_ids() -> None:
    text, page, as_json = forms(replace(ENDINGS["done"], labels=LABELS))
    dutch, english = text.split("-" * 72)

    assert "- Vertrekstrategie: weggelaten" in dutch
    assert "- Departure strategy: left out" in english
    assert "Document 1, Brief" in dutch
    assert "Document 1, Letter" in english
    assert "Vertrekstrategie" in page
    assert "departureStrategy" not in text + page
    assert '"path": "departureStrategy"' in as_json
    assert '"kind": "letter"' in as_json


def test_a_field_that_nobody_classified_keeps_its_own_path() -> None:
    text, _, _ = forms(replace(ENDINGS["done"], labels=LABELS))

    assert "- familyMembers[].name: " in text
    assert "Document 2, interview-report" in text


def test_labels_of_a_decision_are_those_that_it_names() -> None:
    found = LABELS.of(BOTH)

    assert LABELS == found
    assert NO_LABELS == Labels(fields={"other": Label("Anders", "Other")}).of(BOTH)


def test_the_labels_of_the_policy_files_are_found_by_every_spelling_and_kind(tmp_path: Path) -> None:
    folders = make_folders(tmp_path / "site")
    labels = load_policy_set(folders.policies, recipients=folders.recipients).labels

    assert [Label("V-nummer", "V-number")] * 2 == [labels.field("vNumber"), labels.field("vreemdelingennummer")]
    assert "Brief" == labels.document("letter").nl
    assert "Public order and safety" == labels.purpose("public-order", to=RecipientKind.MUNICIPALITY).en
    assert "onbekend" == labels.purpose("onbekend", to=RecipientKind.NGO).nl


def test_a_purpose_is_called_as_for_the_first_kind_of_recipient_that_has_it_and_else_by_its_id() -> None:
    care = Label("Zorg", "Care")
    labels = Labels(purposes={(RecipientKind.NGO, "care"): care})

    assert care == labels.purpose_for("care", [RecipientKind.MUNICIPALITY, RecipientKind.NGO])
    assert Label("care", "care") == labels.purpose_for("care", [RecipientKind.MUNICIPALITY])
    assert Label("care", "care") == labels.purpose_for("care", [])
