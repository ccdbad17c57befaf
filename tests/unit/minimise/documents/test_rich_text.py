from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.minimise.documents.model import Mark, apply_marks
from gateway.minimise.documents.rich_text import (
    Cell,
    Emphasis,
    OpenedRichText,
    Paragraph,
    Piece,
    RichText,
    Section,
    Table,
    joined,
    paragraphs_of,
    redacted,
    without_marked,
)
from tests.unit.minimise.documents.office_building import PIECES, documents, marks

_NAME = (Piece("De heer Mer"), Piece("ha", Emphasis.BOLD), Piece("wi zei", Emphasis.ITALIC))


@given(st.data(), PIECES)
def test_the_text_of_the_pieces_is_the_text_with_the_marks_carried_out(
    data: st.DataObject, pieces: list[Piece]
) -> None:
    text = "".join(piece.text for piece in pieces)
    of_text = data.draw(marks(len(text)))

    left = list(without_marked(pieces, of_text))

    assert apply_marks(text, of_text) == "".join(piece.text for piece in left)


@given(st.data(), PIECES)
def test_every_letter_that_stays_looks_as_it_did(data: st.DataObject, pieces: list[Piece]) -> None:
    looks = [piece.emphasis for piece in pieces for _ in piece.text]
    of_text = [Mark(start=each.start, end=each.end, label="") for each in data.draw(marks(len(looks)))]

    left = [piece.emphasis for piece in without_marked(pieces, of_text) for _ in piece.text]

    marked = {place for mark in of_text for place in range(mark.start, mark.end)}
    assert [look for place, look in enumerate(looks) if place not in marked] == left


@settings(max_examples=40, deadline=None)
@given(st.data(), documents())
def test_a_document_has_the_passages_of_the_original_with_the_marks_carried_out(
    data: st.DataObject, document: RichText
) -> None:
    passages = [paragraph.text for paragraph in paragraphs_of(document)]
    rows = [data.draw(marks(len(text))) for text in passages]

    changed = [paragraph.text for paragraph in paragraphs_of(redacted(document, rows))]

    wanted = [apply_marks(text, row) for text, row in zip(passages, rows, strict=True)]
    assert [text for text in wanted if text] == changed


def test_a_name_over_three_pieces_becomes_one_label_that_looks_as_its_beginning() -> None:
    left = tuple(without_marked(_NAME, [Mark(start=8, end=15, label="[x]")]))

    assert (Piece("De heer "), Piece("[x]"), Piece(" zei", Emphasis.ITALIC)) == left


def test_a_reference_to_a_note_within_a_mark_stays_behind_the_label() -> None:
    pieces = (Piece("Mer"), Piece("", Emphasis.NONE, 0), Piece("hawi"))

    left = tuple(without_marked(pieces, [Mark(start=0, end=7, label="[x]")]))

    assert (Piece("[x]"), Piece("", Emphasis.NONE, 0)) == left


def test_an_empty_mark_at_the_very_end_is_carried_out() -> None:
    assert "Merhawi[x]" == "".join(
        piece.text for piece in without_marked([Piece("Merhawi")], [Mark(start=7, end=7, label="[x]")])
    )


def test_pieces_that_look_the_same_are_one_piece() -> None:
    assert (Piece("abc"), Piece("d", Emphasis.BOLD)) == joined(
        [Piece("a"), Piece("b"), Piece("c"), Piece("d", Emphasis.BOLD)]
    )


@pytest.mark.parametrize("rows", [[], [[], []]])
def test_marks_for_another_number_of_passages_are_a_mistake(rows: list[list[Mark]]) -> None:
    document = RichText(sections=(Section(blocks=(Paragraph(pieces=(Piece("a"),)),)),))

    with pytest.raises(ValueError, match="rows of marks than passages"):
        redacted(document, rows)


def test_what_is_opened_does_not_show_its_text() -> None:
    document = RichText(sections=(Section(blocks=(Paragraph(pieces=_NAME),)),))
    opened = OpenedRichText(
        document=document, write=lambda _: b"", suffix=".x", media_type="x/y", left_behind=Counter()
    )

    assert "Mer" not in repr(opened)
    assert "Mer" not in repr(opened.passages)


def test_a_passage_in_a_cell_says_where_it_stands_also_beside_a_cell_over_two_rows() -> None:
    def cell(text: str, **spans: int) -> Cell:
        return Cell(blocks=(Paragraph(pieces=(Piece(text),)),), **spans)

    table = Table(rows=((cell("a", rows=2), cell("b", columns=2), cell("c")), (cell("d"), cell("e"), cell("f"))))
    document = RichText(sections=(Section(blocks=(Paragraph(pieces=(Piece("x"),)), table)),))
    opened = OpenedRichText(
        document=document, write=lambda _: b"", suffix=".docx", media_type="", left_behind=Counter()
    )

    assert [None, (0, 0), (0, 1), (0, 3), (1, 1), (1, 2), (1, 3)] == [
        each.place and (each.place.row, each.place.column) for each in opened.passages
    ]
