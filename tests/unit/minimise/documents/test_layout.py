from hypothesis import given
from hypothesis import strategies as st

from gateway.minimise.documents.layout import Line, line_of, lines_of_words, passages_of
from gateway.minimise.documents.model import Word

_WIDTH, _HEIGHT = 10, 20


def _line(text: str, left: float, top: float) -> Line:
    boxes = [
        None if each == " " else (left + _WIDTH * at, top, left + _WIDTH * (at + 1), top + _HEIGHT)
        for at, each in enumerate(text)
    ]
    line = line_of(text, boxes)
    assert line is not None
    return line


def _texts(*lines: Line) -> list[str]:
    return [placed.text for placed in passages_of(lines, page=1)]


def test_lines_under_each_other_are_one_passage() -> None:
    assert ["Merhawi\nTesfay"] == _texts(_line("Merhawi", 0, 0), _line("Tesfay", 0, 24))


def test_lines_far_from_each_other_are_passages_of_their_own() -> None:
    assert ["Merhawi", "Tesfay"] == _texts(_line("Merhawi", 0, 0), _line("Tesfay", 0, 90))


def test_a_column_is_read_to_its_end_before_the_next() -> None:
    left = [_line("linker kolom", 0, row) for row in (0, 24, 48)]
    right = [_line("rechter kolom", 400, row) for row in (0, 24, 48)]
    expected = ["linker kolom\nlinker kolom\nlinker kolom", "rechter kolom\nrechter kolom\nrechter kolom"]
    assert expected == _texts(*left, *right)


def test_a_cell_beside_its_heading_is_one_row() -> None:
    assert ["Naam:\tMerhawi"] == _texts(_line("Naam:", 0, 0), _line("Merhawi", 300, 0))


def test_what_lies_on_top_of_something_else_is_not_mixed_with_it() -> None:
    assert ["gewoon", "Merhawi"] == sorted(_texts(_line("gewoon", 0, 0), _line("Merhawi", 4, 1)), key=str.istitle)


def test_a_word_from_ocr_gives_each_of_its_letters_its_whole_box() -> None:
    words = [
        Word(text="Merhawi,", box=(10, 10, 90, 30), confidence=90, line=0),
        Word(text="ja", box=(100, 10, 120, 30), confidence=90, line=0),
    ]
    (line,) = lines_of_words(words)
    assert "Merhawi, ja" == line.text
    assert [(10, 10, 90, 30)] * 8 + [None] + [(100, 10, 120, 30)] * 2 == list(line.boxes)


@given(st.permutations(range(7)))
def test_letters_on_one_line_are_read_in_their_order_whatever_order_draws_them(order: list[int]) -> None:
    letters = [_line(each, _WIDTH * at, 0) for at, each in enumerate("Merhawi")]
    assert ["Merhawi"] == _texts(*(letters[at] for at in order))


@given(
    st.lists(
        st.tuples(st.text("abcXYZ ", min_size=1, max_size=9), st.integers(0, 900), st.integers(0, 900)), max_size=12
    )
)
def test_no_letter_is_lost_and_each_keeps_its_box(pieces: list[tuple[str, int, int]]) -> None:
    lines = [_line(text.strip(), x, y) for text, x, y in pieces if text.strip()]
    placed = passages_of(lines, page=3)
    expected = sorted((each, box) for line in lines for each, box in zip(line.text, line.boxes, strict=True) if box)
    found = [pair for each in placed for pair in zip(each.text, each.boxes, strict=True) if pair[1] is not None]
    assert expected == sorted(found, key=lambda pair: (pair[0], pair[1] or (0, 0, 0, 0)))
    assert all(len(each.text) == len(each.rows) and each.page == 3 for each in placed)
