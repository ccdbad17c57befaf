"""Documents as the stages see them: a real sandbox behind a malware scan, and what the sandbox says put as facts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.bootstrap.documents import ENGINE, TROUBLES, SandboxedDocuments
from gateway.minimise.clamd import Clamd
from gateway.minimise.documents.jobs import Death
from gateway.minimise.documents.model import Trouble
from gateway.minimise.sandbox import Sandbox
from gateway.minimise.sandbox_ways import Way, ways
from gateway.package.edits import NO_EDITS
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Kind, Searchability, Stays, Whose
from gateway.package.known import Known
from gateway.package.states import Language
from tests.integration.minimise.malware_daemon import EICAR, on_unix
from tests.unit.documents import keeping

KNOWN = Known(names=("Amina Yusuf",))
TEXT = b"Amina Yusuf sprak met hoorambtenaar I. Jansen over haar buurman Merhawi Gebremeskel."


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


@pytest.mark.parametrize("way", [*ways()], ids=lambda way: " ".join((way.name, *way.confiner[1:2])))
def test_each_way_into_a_sandbox_has_all_that_a_site_needs(way: Way) -> None:
    with Sandbox(engine=ENGINE, confined_by=(way,)) as made:
        assert way.name == made.check()


def rebuilt(documents: SandboxedDocuments, *, officials_stay: bool, language: Language = Language.NL) -> str:
    stays = keeping(officials=officials_stay)
    made = documents.rebuild(TEXT, "a.txt", known=KNOWN, stays=stays, language=language, edits=NO_EDITS)
    assert (".txt", made.content.decode().strip()) == (made.suffix, made.text.strip())
    return made.text


def test_what_a_search_found_is_a_fact_in_numbers_and_names_travel_apart(sandbox: Sandbox) -> None:
    found = SandboxedDocuments(sandbox).search(TEXT, "a.txt", known=KNOWN)

    assert Searchability.SEARCHED is found.searchability
    assert {(Kind.NAME, whose) for whose in Whose} == {(each.kind, each.whose) for each in found.findings.counted}
    assert "Merhawi Gebremeskel" in found.names
    assert "Merhawi" not in repr(found)


def test_officials_stay_for_government_and_go_for_others(sandbox: Sandbox) -> None:
    documents = SandboxedDocuments(sandbox)
    assert "I. Jansen" in rebuilt(documents, officials_stay=True)
    assert "Jansen" not in rebuilt(documents, officials_stay=False)
    assert "hoorambtenaar" in rebuilt(documents, officials_stay=False)


OWN = b"Amina Yusuf woont op Voorbeeldweg 12, 1234 AB. Haar BSN is 999990019, haar V-nummer 0991234501."


@pytest.mark.parametrize(
    ("subject", "there"),
    [
        ((Kind.NAME, Kind.V_NUMBER), {"Amina Yusuf", "0991234501"}),
        ((Kind.NAME, Kind.ADDRESS, Kind.POSTCODE), {"Amina Yusuf", "Voorbeeldweg 12", "1234 AB"}),
        ((), set()),
    ],
)
def test_of_the_subjects_own_only_what_is_permitted_stays_though_the_data_never_said_it(
    sandbox: Sandbox, subject: tuple[Kind, ...], there: set[str]
) -> None:
    documents, stays = SandboxedDocuments(sandbox), Stays(subject=subject)
    made = documents.rebuild(OWN, "a.txt", known=KNOWN, stays=stays, language=Language.NL, edits=NO_EDITS)
    said = {"Amina Yusuf", "Voorbeeldweg 12", "1234 AB", "999990019", "0991234501"}
    assert there == {each for each in said if each in made.text}
    assert "[gelakt: niet toegestaan]" in made.text


def test_labels_speak_the_recipients_language(sandbox: Sandbox) -> None:
    assert "[redacted: third party]" in rebuilt(SandboxedDocuments(sandbox), officials_stay=True, language=Language.EN)


def test_malware_is_found_before_anything_is_parsed(sandbox: Sandbox, tmp_path: Path) -> None:
    with on_unix(tmp_path) as (path, daemon):
        documents = SandboxedDocuments(sandbox, scanner=Clamd(path))
        assert Searchability.MALWARE is documents.search(EICAR, "a.txt", known=KNOWN).searchability
        assert Searchability.SEARCHED is documents.search(TEXT, "a.txt", known=KNOWN).searchability
        assert [len(EICAR), len(TEXT)] == daemon.scanned
        documents.check_scanner()


def test_without_an_answer_of_the_scanner_nothing_is_parsed_and_the_check_says_so(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    documents = SandboxedDocuments(sandbox, scanner=Clamd(tmp_path / "none"))
    assert Searchability.NOT_SCANNED is documents.search(TEXT, "a.txt", known=KNOWN).searchability
    with pytest.raises(SluisError) as caught:
        documents.check_scanner()
    assert Code.SCANNER_UNREACHABLE is caught.value.code


def test_every_way_in_which_a_search_can_fail_is_a_reason_to_hold() -> None:
    assert {*Trouble, *Death} == set(TROUBLES)
    assert not {Searchability.TEXT, Searchability.SEARCHED} & set(TROUBLES.values())


def test_what_can_not_be_searched_any_more_is_not_written(sandbox: Sandbox) -> None:
    with pytest.raises(SluisError) as caught:
        SandboxedDocuments(sandbox).rebuild(
            b"", "a.txt", known=KNOWN, stays=keeping(officials=True), language=Language.NL, edits=NO_EDITS
        )
    assert Code.DOCUMENT_NOT_REBUILT is caught.value.code


def test_a_machine_that_gives_no_sandbox_is_told_and_nothing_is_parsed() -> None:
    documents = SandboxedDocuments(Sandbox(confined_by=()))
    for ask in (documents.check_sandbox, lambda: documents.search(TEXT, "a.txt", known=KNOWN)):
        with pytest.raises(SluisError) as caught:
            ask()
        assert Code.SANDBOX_MISSING is caught.value.code
