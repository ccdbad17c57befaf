"""What is done inside the sandbox, with a small engine that really finds."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.minimise.documents.jobs import (
    Choice,
    Engine,
    Findings,
    Rebuilding,
    Searched,
    rebuild,
    search,
    seen_of,
)
from gateway.minimise.documents.model import Limits, Mark, Opened, Passage, Rebuilt, Tools, Trouble
from gateway.minimise.documents.recognising import DocumentType
from gateway.minimise.documents.registry import reader_of
from gateway.minimise.documents.second_search import Taken, found_again, places_of
from gateway.minimise.people.findings import CellPlace, Kind, Known, Whose
from gateway.package.edits import Area, Edits, Span
from gateway.package.facts import Counted, Stays
from gateway.package.manifest import Category
from gateway.package.states import Language
from tests import hostile_documents as hostile
from tests.unit.documents import keeping
from tests.unit.minimise.documents.small_engine import ENGINE, Lines, Module

KNOWN = Known(names=("Yohannes Tesfay",), withheld=("Kerkstraat 5",))
TEXT = (
    "Dit is het verslag van de heer Yohannes Tesfay.\n"
    "Zijn nicht mevrouw Merhawi Tesfay is ziek; haar nummer is 123456789.\n"
    "Hij sprak met agent Jansen en woont in de Kerkstraat 5.\n"
)
OUTSIDE = Choice(stays=keeping(officials=False))
INSIDE = Choice(stays=keeping(officials=True))


def searched(text: str = TEXT, *, known: Known = KNOWN, engine: Engine = ENGINE) -> Searched:
    return search(text.encode(), "verslag.txt", known=known, engine=engine)


def rebuilt(text: str = TEXT, *, choice: Choice = OUTSIDE, known: Known = KNOWN, engine: Engine = ENGINE) -> Rebuilding:
    return rebuild(text.encode(), "verslag.txt", known=known, choice=choice, engine=engine)


def text_of(outcome: Rebuilding) -> str:
    assert outcome.rebuilt is not None
    return outcome.rebuilt.content.decode()


def test_a_search_tells_kinds_counts_and_pages_and_no_value() -> None:
    findings = searched().findings

    assert DocumentType.TEXT is findings.type
    assert None is findings.trouble
    assert 4 == findings.pages
    assert frozenset({Category.SPECIAL}) == findings.raised
    assert Counted(kind=Kind.NAME, whose=Whose.THIRD_PARTY, page=2, certain=True, count=1) in findings.counted
    assert 1 == findings.doubtful
    assert not findings.used_ocr


def test_names_travel_apart_and_are_in_no_repr() -> None:
    result = searched()

    assert ("Merhawi Tesfay", "Jansen") == result.names
    assert "Merhawi" not in repr(result)
    assert "Merhawi" not in repr(rebuilt())


def test_a_document_that_can_not_be_read_is_a_trouble() -> None:
    result = search(b"\xff\xfe\xfd", "verslag.txt", known=KNOWN, engine=ENGINE)

    assert Searched(findings=Findings(trouble=Trouble.TYPE_MISMATCH)) == result


def test_a_type_without_a_reader_is_not_known() -> None:
    engine = dataclasses.replace(ENGINE, readers=reader_of)
    result = search(b"x" * 10, "verslag.exe", known=KNOWN, engine=engine)

    assert Trouble.NOT_KNOWN is result.findings.trouble


def test_ocr_is_told_of() -> None:
    assert search(hostile.png(), "scan.png", known=KNOWN, engine=ENGINE).findings.used_ocr


def test_the_subject_stays_and_third_parties_and_what_is_withheld_go() -> None:
    assert (
        "Dit is het verslag van de heer Yohannes Tesfay.\n"
        "Zijn nicht mevrouw [gelakt: derde] is ziek; haar nummer is [gelakt: derde].\n"
        "Hij sprak met agent [gelakt: medewerker] en woont in de [gelakt: niet toegestaan].\n"
    ) == text_of(rebuilt())


def test_officials_stay_inside_government() -> None:
    written = text_of(rebuilt(choice=INSIDE))

    assert "agent Jansen" in written
    assert "Merhawi" not in written
    assert "Kerkstraat" not in written


def test_the_labels_are_in_the_recipients_language() -> None:
    written = text_of(rebuilt(choice=Choice(stays=keeping(officials=False), language=Language.EN)))

    assert "mevrouw [redacted: third party] is" in written


def edited(**changes: Any) -> Choice:
    edits = Edits(seen=seen_of(TEXT.split("\n")), **changes)
    return Choice(stays=keeping(officials=False), edits=edits)


def test_a_reviewer_may_lift_and_add_but_never_lift_what_is_withheld() -> None:
    line = TEXT.split("\n")
    lifted = Span(passage=1, start=line[1].index("123456789"), end=line[1].index("123456789") + 9)
    withheld = Span(passage=2, start=0, end=len(line[2]))
    added = Span(passage=0, start=0, end=3)
    written = text_of(rebuilt(choice=edited(lifted=(lifted,), added=(added,))))

    assert "123456789" in written
    assert written.startswith("[gelakt: derde] is het verslag")
    assert "Kerkstraat" not in text_of(rebuilt(choice=edited(lifted=(withheld,))))


def test_what_the_recipient_does_not_get_of_the_subjects_own_can_not_be_lifted() -> None:
    name = Span(passage=0, start=0, end=len(TEXT.split("\n", maxsplit=1)[0]))
    nothing = Stays(officials=False)
    assert "Yohannes" not in text_of(rebuilt(choice=dataclasses.replace(edited(lifted=(name,)), stays=nothing)))


def test_a_finding_that_is_longer_by_now_than_what_was_lifted_goes() -> None:
    line = TEXT.split("\n")[1]
    part = Span(passage=1, start=line.index("Merhawi"), end=line.index("Merhawi") + len("Merhawi"))
    assert "Merhawi" not in text_of(rebuilt(choice=edited(lifted=(part,))))


def test_changes_of_a_document_that_reads_otherwise_by_now_give_no_document() -> None:
    edits = Edits(seen=seen_of(["something", "else"]), lifted=(Span(passage=0, start=0, end=1),))
    with pytest.raises(ValueError, match="as it did when it was reviewed"):
        rebuilt(choice=Choice(stays=keeping(officials=False), edits=edits))


def test_a_rectangle_on_a_document_without_pages_gives_no_document() -> None:
    area = Area(page=1, left=0.1, top=0.1, right=0.2, bottom=0.2)
    with pytest.raises(ValueError, match="with pages"):
        rebuilt(choice=edited(areas=(area,)))


@pytest.mark.parametrize("span", [(0, 0, 10_000), (9, 0, 1), (0, 3, 3), (0, -1, 2)])
def test_an_added_span_that_is_not_there_gives_no_document(span: tuple[int, int, int]) -> None:
    passage, start, end = span
    with pytest.raises(ValueError, match="a span of this document"):
        rebuilt(choice=edited(added=(Span(passage=passage, start=start, end=end),)))


def test_what_was_taken_is_counted_and_what_stays_is_not() -> None:
    assert {(Kind.NAME, Whose.THIRD_PARTY), (Kind.BSN, Whose.THIRD_PARTY), (Kind.WITHHELD, Whose.SUBJECT)} == {
        (each.kind, each.whose) for each in rebuilt(choice=INSIDE).taken
    }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Leaking(Lines):
    """Writes a line more than it should, as a writer does that copies metadata."""

    more: str

    def rebuilt(self, marks: Sequence[Sequence[Mark]]) -> Rebuilt:
        honest = super().rebuilt(marks)
        return dataclasses.replace(honest, content=honest.content + b"\n" + self.more.encode())


def leaking(more: str) -> Engine:
    def open_document(content: bytes, _: Tools) -> Opened:
        return Leaking(passages=[Passage(text=line) for line in content.decode().split("\n")], more=more)

    return dataclasses.replace(ENGINE, readers=lambda _: Module(open_document=open_document))


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ("auteur: Merhawi Tesfay", Kind.NAME),
        ("auteur: merhawi", Kind.NAME),
        ("auteur: MERHAWI", Kind.NAME),
        ("nummer: 123 456 789", Kind.BSN),
        ("Kerk-straat 5", Kind.WITHHELD),
        ("kerkstraat\u00a05", Kind.WITHHELD),
    ],
)
def test_what_is_found_again_is_told_by_kind_and_nothing_is_given(more: str, kind: Kind) -> None:
    outcome = rebuilt(engine=leaking(more))

    assert frozenset({kind}) == outcome.residue
    assert None is outcome.rebuilt


def test_residue_that_stands_in_no_passage_that_was_meant_to_go_has_no_place() -> None:
    assert () == rebuilt(engine=leaking("auteur: Merhawi Tesfay")).places


@pytest.mark.parametrize(
    ("page", "cell", "place"),
    [
        (0, None, "paragraph 3"),
        (2, None, "page 2"),
        (2, CellPlace(2, 1, 1), "sheet 2"),
    ],
)
def test_residue_is_told_by_the_place_in_which_it_stands(page: int, cell: CellPlace | None, place: str) -> None:
    passages = [Passage(text="niets"), Passage(text="Merhawi"), Passage(text="x123456789x", page=page, place=cell)]
    taken = [Taken(text="123456789", kind=Kind.BSN)]
    again = found_again("x123456789x", meant=(), taken=taken, staying=(), is_ordinary=lambda _: False)

    assert frozenset({Kind.BSN}) == again.kinds
    assert (place,) == places_of(passages, [each.text for each in passages], [again])
    assert "123456789" not in repr(again)


def test_of_residue_in_many_places_the_first_ten_are_told_each_once() -> None:
    passages = [Passage(text="x123456789x", page=number // 2) for number in range(2, 40)]
    taken = [Taken(text="123456789", kind=Kind.BSN)]
    again = found_again("x123456789x", meant=(), taken=taken, staying=(), is_ordinary=lambda _: False)

    found = places_of(passages, [each.text for each in passages], [again])

    assert [f"page {number}" for number in range(1, 11)] == list(found)


def test_the_shared_family_name_of_the_subject_is_no_residue() -> None:
    assert frozenset() == rebuilt().residue


def test_an_ordinary_word_may_stand_where_it_was_meant_to_stand_and_nowhere_else() -> None:
    text = "De bakker is mevrouw Bakker.\n"

    assert "De bakker is mevrouw [gelakt: derde]." in text_of(rebuilt(text))
    assert frozenset() == rebuilt(text, engine=leaking("De bakker is mevrouw")).residue
    assert frozenset({Kind.NAME}) == rebuilt("Dit is mevrouw Bakker.", engine=leaking("bakker")).residue


def test_the_words_that_a_pdf_is_made_of_are_no_residue() -> None:
    engine = dataclasses.replace(leaking("/Lang\n/Pages"), is_ordinary={"lang"}.__contains__)

    assert frozenset() == rebuilt("Dit is mevrouw Lang.", engine=engine).residue
    engine = dataclasses.replace(leaking("/Merhawi"), is_ordinary={"lang"}.__contains__)
    assert frozenset({Kind.NAME}) == rebuilt("Dit is mevrouw Merhawi.", engine=engine).residue


def test_documents_within_documents_end_at_a_depth() -> None:
    content = hostile.zipped({"a.txt": b"Dit is mevrouw Merhawi."})
    for _ in range(4):
        content = hostile.zipped({"a.zip": content})
    assert ("Merhawi",) == search(content, "a.zip", known=KNOWN, engine=ENGINE).names
    content = hostile.zipped({"a.zip": hostile.zipped({"a.zip": content})})

    assert Trouble.TOO_LARGE is search(content, "a.zip", known=KNOWN, engine=ENGINE).findings.trouble


def test_documents_within_a_document_share_one_allowance() -> None:
    engine = dataclasses.replace(ENGINE, limits=Limits(inflated_bytes=100_000))
    content = hostile.zipped({f"{number}.zip": hostile.zipped({"a.txt": b"a" * 60_000}) for number in range(3)})

    assert Trouble.TOO_LARGE is search(content, "a.zip", known=KNOWN, engine=engine).findings.trouble


@given(
    st.lists(
        st.sampled_from(
            ["mevrouw Merhawi", "de heer Yohannes Tesfay", "agent Jansen", "123456789", "een bakker", "\n"]
        ),
        max_size=12,
    ),
    st.booleans(),
)
def test_whatever_goes_holds_no_third_party(parts: list[str], officials_stay: bool) -> None:
    outcome = rebuilt("Over " + " ".join(parts), choice=Choice(stays=keeping(officials=officials_stay)))
    written = text_of(outcome)

    assert "Merhawi" not in written
    assert "123456789" not in written
    assert (" ".join(parts).count("Jansen") if officials_stay else 0) == written.count("Jansen")
    assert " ".join(parts).count("Yohannes") == written.count("Yohannes")
