"""Promises of what a reviewer added in a document: it stands nowhere in what leaves, or the package waits."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.minimise.minimising import minimise
from gateway.minimise.port import RebuiltDocument
from gateway.package.errors import Code
from gateway.package.facts import Searchability
from gateway.package.states import Data, Held, Minimised, Verdict
from tests.unit.minimise.building import Case, document_verdict, make_case, recipient_decision, verdicts_for

ROW: dict[str, Any] = {"name": "Amina Yusuf"}


@dataclass(kw_only=True)
class Written:
    """Writes each document as it is told, in the order of their numbers."""

    documents: list[RebuiltDocument] = field(default_factory=list)

    def rebuild(self, *_: Any, **__: Any) -> RebuiltDocument:
        return self.documents.pop(0)


def document(text: str, *added: str, lifted: tuple[str, ...] = ()) -> RebuiltDocument:
    return RebuiltDocument(content=b"x", suffix=".txt", media_type="text/plain", text=text, added=added, lifted=lifted)


def case(*documents: RebuiltDocument, row: dict[str, Any] = ROW) -> Case:
    verdicts = tuple(document_verdict(number, Verdict.REDACT) for number in range(1, len(documents) + 1))
    recipient = recipient_decision(fields=verdicts_for([row], row), documents=verdicts)
    files = {each.number: b"x" for each in verdicts}
    return make_case(
        Data(shape="record", rows=(row,)), recipient, documents=files, searchability=Searchability.SEARCHED
    )


def ending(*documents: RebuiltDocument, row: dict[str, Any] = ROW) -> str:
    """Give where what was added was found, or nothing."""
    made = case(*documents, row=row)
    result = minimise(made.cleared, contents=made.contents, documents=Written(documents=list(documents)))
    if isinstance(result, Minimised):
        return ""
    assert isinstance(result, Held)
    assert [Code.ADDED_ELSEWHERE] == [each.rule_id for each in result.reasons]
    return result.where


@pytest.mark.parametrize("words", ["Feenstra", "01-02-2022", "fietsenwinkel", "de bakker om de hoek", "2019"])
def test_what_was_added_in_one_document_may_not_stand_in_another_however_ordinary_it_is(words: str) -> None:
    redacted = document("Daar was [gelakt: derde].", words)

    assert "document 2" == ending(redacted, document(f"Ook hier: {words.upper()}!"))
    assert not ending(redacted, document("Hier niet."))


def test_what_was_added_in_one_place_may_not_stand_in_another_of_the_same_document() -> None:
    assert "document 1" == ending(document("Eerst [gelakt: derde], later fietsenwinkel.", "fietsenwinkel"))


def test_what_was_added_may_not_stand_in_the_data() -> None:
    row = {**ROW, "remark": "Werkt bij de fietsenwinkel."}
    assert "data" == ending(document("[gelakt: derde]", "Fietsenwinkel"), row=row)


def test_the_words_of_a_label_are_not_taken_for_what_was_added() -> None:
    assert not ending(document("Dat is [gelakt: derde] in dit dossier.", "derde"))


def test_what_a_reviewer_lets_stay_in_another_place_by_name_stays_there() -> None:
    assert not ending(document("[gelakt: derde]", "Feenstra"), document("Feenstra", lifted=("Feenstra",)))
