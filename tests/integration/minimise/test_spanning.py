import re

import pytest

from gateway.minimise.documents.paged import PagedDocument
from gateway.minimise.documents.pdf import open_document, second_text
from tests.integration.minimise.nasty_pdf import SUBJECT, holds, simple_pdf, text
from tests.integration.minimise.reading import OCR, TOOLS, marks_of

_TOP = text(60, 790, "Gemeente Voorbeeld, dossier 12")
_BOTTOM = text(60, 40, "Bladzijde van een verslag")


def _pages(last: str, first: str) -> PagedDocument:
    before = _TOP + text(60, 700, f"Verslag van een gesprek met {SUBJECT}.") + text(60, 60, last) + _BOTTOM
    after = _TOP + text(60, 740, first) + text(60, 700, "Daarna ging iedereen weer naar huis.") + _BOTTOM
    return open_document(simple_pdf(before, after), TOOLS)


@pytest.mark.parametrize(
    ("last", "first", "pattern"),
    [
        ("haar buurman heet Merhawi", "Bakker en hij kwam langs.", r"Merhawi\s+Bakker"),
        ("haar buurman is de heer Blorfen-", "gard en hij kwam langs.", r"Blorfen-\s*gard"),
    ],
)
def test_a_name_that_is_broken_over_two_pages_is_one_name_and_painted_over_on_both(
    last: str, first: str, pattern: str
) -> None:
    document = _pages(last, first)
    [at] = [at for at, each in enumerate(document.passages) if re.search(pattern, each.text)]
    found = re.search(pattern, document.passages[at].text)
    assert found is not None
    assert [1, 2] == [area.page for area in document.boxes(at, found.start(), found.end())]
    left = second_text(document.rebuilt(marks_of(document, pattern)).content, OCR)
    for part in re.findall("[A-Za-z]{4,}", found.group()):
        assert not holds(left, part)
    assert holds(left, "kwamlangs")


def test_a_page_that_ends_with_a_sentence_makes_no_passage_with_the_next() -> None:
    document = _pages("en daarmee was het gesprek klaar.", "Op maandag begon een nieuw gesprek.")
    assert not [each for each in document.passages if "klaar." in each.text and "maandag" in each.text]


@pytest.mark.parametrize("beside", [(316, 500), (316, 484)])
def test_a_word_that_is_broken_in_a_column_is_one_word_whatever_stands_beside_it(beside: tuple[int, int]) -> None:
    x, y = beside
    content = (
        text(60, 500, "haar buurman kwam, Blorfen-")
        + text(x, y, "Op maandag gaat zij naar")
        + text(60, 484, "gard en zij praatten")
        + text(x, y - 16, "school in de ochtend.")
    )
    said = [each.text for each in open_document(simple_pdf(content), TOOLS).passages]
    assert any(re.search(r"Blorfen-\ngard", each) for each in said)


def test_a_word_that_is_broken_at_the_end_of_a_column_goes_on_at_the_top_of_the_next() -> None:
    column = "".join(text(60, 500 - 16 * at, "woorden over iets anders") for at in range(3))
    content = column + text(60, 452, "en de heer Blorfen-") + text(316, 500, "gard kwam langs.")
    said = [each.text for each in open_document(simple_pdf(content), TOOLS).passages]
    assert any(re.search(r"Blorfen-\ngard", each) for each in said)
