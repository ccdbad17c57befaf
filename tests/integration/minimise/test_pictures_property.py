"""The law of every document of pictures: no marked word can be read or extracted from what comes out."""

import io
from typing import Final

import pypdfium2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.minimise.documents.pdf import open_document, second_text
from gateway.package.folding import words_of
from tests.examples import examples
from tests.integration.minimise.nasty_pdf import simple_pdf, text
from tests.integration.minimise.reading import OCR, TOOLS, marks_of

_WORDS: Final = ("Merhawi", "Yohannes", "Gebremedhin", "Tesfay", "Samira", "Haddad", "Verklaring", "gesprek", "woning")
_ROWS: Final = 8

_placements = st.lists(
    st.tuples(
        st.integers(0, _ROWS - 1),
        st.floats(30, 330),
        st.floats(7, 22),
        st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4),
        st.sampled_from(["0 g", "0.5 g", "0 g 100 Tz", "0 g 1.5 Tc", "0 g 80 Tz", "1 g", "3 Tr"]),
    ),
    min_size=1,
    max_size=_ROWS,
    unique_by=lambda placement: placement[0],
)


@settings(
    max_examples=examples(4, many=60), deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(_placements, st.sets(st.sampled_from(_WORDS), min_size=1, max_size=5))
def test_no_marked_word_can_be_read_in_the_picture_or_extracted_from_the_file(
    placements: list[tuple[int, float, float, list[str], str]], marked: set[str]
) -> None:
    content = "".join(
        text(x, 90 + 90 * row, " ".join(words), size=size, before=f"0 Tc 100 Tz 0 Tr {before}")
        for row, x, size, words, before in placements
    )
    document = open_document(simple_pdf(content), TOOLS)
    drawn = {word for _, _, _, words, _ in placements for word in words}
    assert drawn <= {word for passage in document.passages for word in passage.text.split()}
    rebuilt = document.rebuilt(marks_of(document, *marked)).content
    said = set(words_of(second_text(rebuilt, OCR))) | set(words_of(_layer(rebuilt)))
    assert set() == {word.lower() for word in marked} & said


def _layer(content: bytes) -> str:
    pdf = pypdfium2.PdfDocument(io.BytesIO(content))
    return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)
