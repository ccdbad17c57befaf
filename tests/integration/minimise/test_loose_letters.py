from math import cos, pi, radians, sin

import pytest

from gateway.minimise.documents.model import Trouble
from gateway.minimise.documents.pdf import open_document, second_text
from tests.integration.minimise.nasty_pdf import FIRST, LAST, NAME, SUBJECT, holds, simple_pdf, text
from tests.integration.minimise.reading import NAMES, OCR, TOOLS, all_text, marks_of, trouble_of

_BODY = text(60, 760, f"Verslag van een gesprek met {SUBJECT} over haar broer.")


def _set(*letters: tuple[str, float, float, float]) -> bytes:
    """Make a page on which each letter is drawn for itself, at a place and an angle in radians."""
    drawn = "".join(
        f"BT /F 14 Tf {cos(a):.4f} {sin(a):.4f} {-sin(a):.4f} {cos(a):.4f} {x:.1f} {y:.1f} Tm ({letter}) Tj ET\n"
        for letter, x, y, a in letters
    )
    return simple_pdf(_BODY + drawn)


def _arc(*, radius: float, degrees: float) -> bytes:
    angles = [radians(90 + degrees * (len(NAME) / 2 - at)) for at in range(len(NAME))]
    places = [(300 + radius * cos(each), 500 - radius + radius * sin(each), each - pi / 2) for each in angles]
    return _set(*((letter, *place) for letter, place in zip(NAME, places, strict=True)))


OFF_THE_LINE = {
    "wave": _set(*((letter, 100 + 10 * at, 400 + 9 * sin(at), 0) for at, letter in enumerate(NAME))),
    "high wave": _set(*((letter, 100 + 10 * at, 400 + 20 * sin(at / 2), 0) for at, letter in enumerate(NAME))),
    "stairs": _set(*((letter, 100 + 10 * at, 400 - 10 * at, 0) for at, letter in enumerate(NAME))),
    "stacked": _set(*((letter, 300, 600 - 16 * at, 0) for at, letter in enumerate(NAME))),
    "slope": _set(*((letter, 100 + 9 * at, 400 + 4 * at, radians(24)) for at, letter in enumerate(NAME))),
    "arc": _arc(radius=90, degrees=8),
    "wide arc": _arc(radius=1000, degrees=0.7),
}


@pytest.mark.parametrize("way", OFF_THE_LINE)
def test_a_name_whose_letters_are_set_off_the_line_is_read(way: str) -> None:
    assert NAME in all_text(open_document(OFF_THE_LINE[way], TOOLS))


@pytest.mark.parametrize("way", ["wave", "arc"])
def test_a_name_whose_letters_are_set_off_the_line_is_painted_over(way: str) -> None:
    document = open_document(OFF_THE_LINE[way], TOOLS)
    left = second_text(document.rebuilt(marks_of(document, *NAMES)).content, OCR)
    assert not holds(left, FIRST)
    assert not holds(left, LAST)
    assert holds(left, SUBJECT.replace(" ", ""))


def test_letters_that_lie_about_in_no_order_are_for_a_person() -> None:
    order = (5, 2, 9, 0, 12, 7, 3, 11, 1, 8, 13, 4, 10, 6)
    content = _set(*((NAME[at], 100 + 10 * at, 400 - 10 * at, 0) for at in order))
    assert Trouble.NO_TEXT is trouble_of(open_document, content)


def test_a_zigzag_of_letters_is_for_a_person() -> None:
    content = _set(*((letter, 100 + 10 * at, 400 + 14 * (at % 2), 0) for at, letter in enumerate(NAME)))
    assert Trouble.NO_TEXT is trouble_of(open_document, content)


def test_single_letters_in_the_cells_of_a_table_trouble_nobody() -> None:
    rows = "".join(text(60, 600 - 20 * at, f"Rij {at}") + text(200, 600 - 20 * at, "MV"[at % 2]) for at in range(6))
    answers = "".join(text(300, 600 - 20 * at, "ABCDEF"[at]) for at in range(6))
    assert trouble_of(open_document, simple_pdf(_BODY + rows + answers)) is None
