import io
import re
from pathlib import Path
from typing import Never

import pikepdf
import pytest

from gateway.minimise.documents.model import Area, Covered, Rebuilt, Tools, Trouble, UnreadableError
from gateway.minimise.documents.paged import PagedDocument
from gateway.minimise.documents.pdf import open_document, second_text
from tests.integration.minimise.nasty_pdf import (
    FIRST,
    LAST,
    NAME,
    SUBJECT,
    add_page,
    font_dictionary,
    holds,
    layers,
    letter_by_letter,
    nasty_pdf,
    picture_stream,
    read_pictures,
    saved,
    simple_pdf,
    text,
    written_picture,
)
from tests.integration.minimise.reading import NAMES, OCR, TOOLS, all_text, marks_of, no_marks, no_other


@pytest.fixture(scope="module")
def nasty() -> PagedDocument:
    return open_document(nasty_pdf(), TOOLS)


@pytest.fixture(scope="module")
def redacted(nasty: PagedDocument) -> Rebuilt:
    return nasty.rebuilt(marks_of(nasty, *NAMES))


def test_a_name_in_every_hiding_place_is_in_no_layer_of_the_output_and_the_subject_still_is(
    tmp_path: Path, redacted: Rebuilt
) -> None:
    found = layers(redacted.content, tmp_path)
    assert [] == [(layer, part) for layer, said in found.items() for part in (FIRST, LAST) if holds(said, part)]
    assert not holds(second_text(redacted.content, OCR), FIRST)
    readable = ("pdftotext", "pdftotext -raw", "mutool", "pdfminer", "ocr")
    assert [] == [layer for layer in readable if not holds(found[layer], SUBJECT.replace(" ", ""))]
    assert "gelakt: derde" in found["pdftotext"]


def test_the_nasty_file_holds_the_name_in_each_of_these_layers_before(tmp_path: Path) -> None:
    found = layers(nasty_pdf(), tmp_path)
    places = ("pdftotext", "pdftotext -raw", "mutool", "qpdf --qdf", "bytes", "pdfminer", "pdfinfo", "ocr")
    assert [] == [layer for layer in places if not holds(found[layer], FIRST)]


def test_what_never_comes_along_is_counted_by_kind(redacted: Rebuilt) -> None:
    expected = {"metadata": 2, "scripts": 1, "attachments": 1, "form-fields": 1}
    expected |= {"bookmarks": 1, "comments": 1, "links": 1, "xfa": 1}
    assert expected == dict(redacted.left_behind)


def test_hidden_white_and_covered_text_is_text_to_search(nasty: PagedDocument) -> None:
    said = all_text(nasty)
    for place in ("onzichtbaar", "wit", "onder een vlak", "In beeld", "Gesplitst:"):
        assert f"{place} {NAME}" in said


def test_a_name_that_is_set_letter_by_letter_is_one_name(nasty: PagedDocument) -> None:
    assert f"voor letter: {NAME}" in all_text(nasty)


def test_letters_drawn_in_any_order_are_read_in_theirs() -> None:
    pieces = letter_by_letter(80, 700, FIRST, step=9).splitlines()
    shuffled = "\n".join(pieces[at] for at in (3, 0, 6, 2, 5, 1, 4))
    assert FIRST in all_text(open_document(simple_pdf(shuffled), TOOLS)).split()


def test_hidden_text_over_visible_text_does_not_mix_its_letters() -> None:
    content = text(80, 700, "Een zichtbaar woord") + text(82, 701, NAME, before="3 Tr")
    said = all_text(open_document(simple_pdf(content), TOOLS))
    assert NAME in said
    assert "Een zichtbaar woord" in said


def test_a_filled_in_form_field_is_read_in_the_picture(nasty: PagedDocument) -> None:
    assert NAME in [passage.text for passage in nasty.passages]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_stand_where_the_text_is_however_the_page_is_turned_and_cut(rotation: int) -> None:
    matrix = {0: "1 0 0 1", 90: "0 1 -1 0", 180: "-1 0 0 -1", 270: "0 -1 1 0"}[rotation]
    pdf = pikepdf.new()
    page = add_page(pdf, f"BT /F 14 Tf {matrix} 250 180 Tm ({SUBJECT} en {NAME}) Tj ET", size=(500, 360))
    page.obj.MediaBox, page.obj.CropBox, page.obj.Rotate = [20, 10, 500, 360], [30, 20, 490, 350], rotation
    document = open_document(saved(pdf), TOOLS)
    read = read_pictures(document.rebuilt(marks_of(document, *NAMES)).content)
    assert holds(read, SUBJECT.replace(" ", ""))
    assert not holds(read, FIRST)
    assert not holds(read, LAST)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_page_that_is_shown_on_its_side_is_read_and_given_upright(rotation: int) -> None:
    pdf = pikepdf.new()
    lines = (
        f"Verslag van een gesprek met {SUBJECT}, die vertelt",
        f"over haar broer {FIRST}",
        f"{LAST} en hun moeder.",
    )
    page = add_page(pdf, "".join(text(60, 700 - 14 * at, line) for at, line in enumerate(lines)))
    page.obj.Rotate = rotation
    document = open_document(saved(pdf), TOOLS)
    assert "\n".join(lines) == all_text(document)
    assert holds(second_text(document.rebuilt(no_marks(document)).content), SUBJECT.replace(" ", ""))
    left = second_text(document.rebuilt(marks_of(document, *NAMES)).content, OCR)
    assert not holds(left, FIRST)
    assert not holds(left, LAST)


def test_slanting_text_is_painted_over_too() -> None:
    content = f"BT /F 20 Tf 0.9 0.44 -0.44 0.9 100 400 Tm (Over {NAME}) Tj ET" + text(60, 100, f"Over {SUBJECT}")
    document = open_document(simple_pdf(content), TOOLS)
    rebuilt = document.rebuilt(marks_of(document, *NAMES))
    assert not holds(second_text(rebuilt.content, OCR), FIRST)


def test_the_same_document_and_marks_give_the_same_bytes(redacted: Rebuilt) -> None:
    again = open_document(nasty_pdf(), TOOLS)
    assert redacted == again.rebuilt(marks_of(again, *NAMES))


def test_a_page_with_a_good_layer_is_not_read_by_ocr_when_it_is_opened() -> None:
    def refusing(_page: bytes) -> Never:
        raise AssertionError("it was read")

    tools = Tools(ocr=refusing, limits=TOOLS.limits, open_other=no_other)
    content = text(60, 700, f"Een gewone brief over {SUBJECT}, met letters en cijfers 1234.") + "60 690 400 1 re f\n"
    assert SUBJECT in all_text(open_document(simple_pdf(content, content), tools))


def test_what_only_the_picture_shows_is_read() -> None:
    pdf = pikepdf.new()
    picture = picture_stream(pdf, written_picture(f"Scan van {NAME}"))
    add_page(
        pdf, "q 400 0 0 53 60 600 cm /P Do Q" + text(60, 700, "Gewone tekst"), XObject=pikepdf.Dictionary(P=picture)
    )
    assert NAME in all_text(open_document(saved(pdf), TOOLS))


def test_a_bad_layer_over_a_scan_does_not_hide_what_the_scan_shows() -> None:
    pdf = pikepdf.new()
    picture = picture_stream(pdf, written_picture(f"Scan van {NAME}"))
    hidden = text(80, 620, "Skan fan Merhowl Tezvay", size=26, before="3 Tr")
    add_page(pdf, "q 400 0 0 53 60 600 cm /P Do Q" + hidden, XObject=pikepdf.Dictionary(P=picture))
    document = open_document(saved(pdf), TOOLS)
    assert NAME in all_text(document)
    assert "Merhowl" in all_text(document)


def test_a_font_that_says_other_letters_than_it_draws_gives_nothing_out() -> None:
    lying = b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange\n" + _mapping(NAME, "gewoon woord..")
    pdf = pikepdf.new()
    page = add_page(pdf, text(60, 700, "Een regel gewone tekst staat hier") + f"BT /L 16 Tf 60 650 Td ({NAME}) Tj ET")
    font = font_dictionary()
    font.ToUnicode = pdf.make_stream(lying + b"\nendcmap")
    page.obj.Resources.Font.L = font
    document = open_document(saved(pdf), TOOLS)
    assert NAME not in all_text(document)
    with pytest.raises(UnreadableError) as refused:
        document.rebuilt(no_marks(document))
    assert Trouble.TYPE_MISMATCH == refused.value.trouble


@pytest.mark.parametrize("matrix", ["1 0 0 1", "0.906 0.423 -0.423 0.906", "0 1 -1 0"])
def test_a_font_that_says_nearly_as_many_of_the_same_letters_as_it_draws_gives_nothing_out(matrix: str) -> None:
    drawn, said = "Merhawi Gebremeskel", "Dezehau iewzeaesoel"
    pdf = pikepdf.new()
    lies = f"BT /L 14 Tf {matrix} 200 300 Tm ({drawn}) Tj ET"
    page = add_page(pdf, text(60, 700, "Een regel gewone tekst staat hier, met genoeg letters.") + lies)
    font = font_dictionary()
    lying = b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange\n" + _mapping(drawn, said)
    font.ToUnicode = pdf.make_stream(lying + b"\nendcmap")
    page.obj.Resources.Font.L = font
    document = open_document(saved(pdf), TOOLS)
    for patterns in ((), ("Dezehau",)):
        with pytest.raises(UnreadableError) as refused:
            document.rebuilt(marks_of(document, *patterns) if patterns else no_marks(document))
        assert Trouble.TYPE_MISMATCH == refused.value.trouble


def test_small_and_slanting_type_that_tells_the_truth_is_given_out() -> None:
    words = "Burgemeester en wethouders hebben volgens de commissie het minimum toegewezen."
    lines = "".join(text(60, 700 - 16 * at, words, size=6 + at) for at in range(7))
    slanting = f"BT /F 9 Tf 0.906 0.423 -0.423 0.906 100 300 Tm ({words}) Tj ET"
    document = open_document(simple_pdf(lines + slanting), TOOLS)
    assert holds(second_text(document.rebuilt(no_marks(document)).content), "wethouders")


def _mapping(drawn: str, said: str) -> bytes:
    pairs = dict(zip(drawn, said, strict=True))
    rows = "\n".join(f"<{ord(letter):02X}> <{ord(other):04X}>" for letter, other in pairs.items())
    return f"{len(pairs)} beginbfchar\n{rows}\nendbfchar".encode()


def test_a_layer_in_numbered_letters_is_read_from_the_picture() -> None:
    sentence = "De heer Merhawi Tesfay is op gesprek geweest bij de dienst"
    shifted = "".join(chr(ord(each) + 1) if each.isalpha() and each not in "zZ" else each for each in sentence)
    pdf = pikepdf.new()
    page = add_page(pdf, f"BT /L 16 Tf 60 650 Td ({sentence}) Tj ET")
    font = font_dictionary()
    consonants = "".join("x" if each.isalpha() else each for each in shifted)
    font.ToUnicode = pdf.make_stream(
        b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange\n" + _mapping(sentence, consonants) + b"\nendcmap"
    )
    page.obj.Resources.Font.L = font
    assert NAME in all_text(open_document(saved(pdf), TOOLS))


def test_a_handwriting_like_scrawl_or_a_photograph_alone_is_for_a_person() -> None:
    scrawl = (
        "2 w "
        + " ".join(
            f"{60 + 9 * at} {500 + 37 * at % 90} {70 + 9 * at} {560 - 23 * at % 70} 90 400 400 300 c"
            if at
            else "60 500 m"
            for at in range(30)
        )
        + " S"
    )
    with pytest.raises(UnreadableError) as refused:
        open_document(simple_pdf(scrawl), TOOLS)
    assert Trouble.NO_TEXT == refused.value.trouble


def test_an_empty_page_between_others_is_no_trouble() -> None:
    document = open_document(simple_pdf(text(60, 700, "Eerste bladzijde"), "", text(60, 700, "Derde")), TOOLS)
    assert [1, 3] == [passage.page for passage in document.passages]
    assert 3 == len(pikepdf.open(io.BytesIO(document.rebuilt(no_marks(document)).content)).pages)


def test_a_signature_beside_text_is_counted_for_the_policy() -> None:
    curve = (
        "1.5 w 300 300 m "
        + " ".join(
            f"{300 + 5 * at} {300 + 40 * (at % 3)} {310 + 5 * at} {260 + 30 * (at % 4)} {312 + 6 * at} 300 c"
            for at in range(20)
        )
        + " S"
    )
    document = open_document(simple_pdf(text(60, 700, "Een brief met daaronder een handtekening.") + curve), TOOLS)
    assert document.pictures >= 1
    assert 0 == open_document(simple_pdf(text(60, 700, "Een brief zonder handtekening.")), TOOLS).pictures


def test_a_span_is_given_as_rectangles_of_its_page() -> None:
    document = open_document(simple_pdf(text(60, 700, "Eerste"), text(300, 421, f"Hier {NAME}")), TOOLS)
    number, passage = next((at, each) for at, each in enumerate(document.passages) if NAME in each.text)
    start = passage.text.index(NAME)
    (area,) = document.boxes(number, start, start + len(NAME))
    assert 2 == area.page
    assert 0.5 < area.left < 0.6 < area.right < 0.9
    assert 0.47 < area.top < 0.5 < area.bottom < 0.51


def test_an_area_that_a_reviewer_adds_is_painted_over_and_gone_from_the_text() -> None:
    document = open_document(simple_pdf(text(60, 800, f"Boven {NAME}") + text(60, 100, f"Onder {SUBJECT}")), TOOLS)
    area = Area(page=1, left=0, top=0, right=1, bottom=0.2)
    rebuilt = document.rebuilt(no_marks(document), [Covered(area=area, label="[gelakt]")])
    said = second_text(rebuilt.content, OCR)
    assert not holds(said, FIRST)
    assert SUBJECT in said
    assert "[gelakt]" in said


def test_an_area_beyond_the_page_is_a_fault_of_the_caller() -> None:
    document = open_document(simple_pdf(text(60, 700, "Tekst")), TOOLS)
    beyond = Area(page=1, left=0, top=0, right=1.2, bottom=0.2)
    with pytest.raises(ValueError, match="shares"):
        document.rebuilt(no_marks(document), [Covered(area=beyond, label="")])


def test_the_review_view_shows_each_page_before_and_after() -> None:
    document = open_document(simple_pdf(text(60, 700, f"Over {NAME}", size=24)), TOOLS)
    (pictures,) = document.page_pictures(marks_of(document, *NAMES), width=1200)
    before, after = (" ".join(word.text for word in OCR(each)) for each in (pictures.before, pictures.after))
    assert NAME in before
    assert FIRST not in after


def test_a_box_tells_no_more_of_a_name_than_the_words_around_it() -> None:
    widths = set()
    for name in ("Bo", "Kees", "Willem"):
        document = open_document(simple_pdf(text(60, 700, name)), TOOLS)
        (area,) = document.boxes(0, 0, len(name))
        widths.add(round(area.right - area.left, 4))
    assert 1 == len(widths)


def test_the_output_names_its_language_and_nothing_else_about_itself(redacted: Rebuilt) -> None:
    content = redacted.content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert {"/Type", "/Pages", "/Lang"} == set(pdf.Root.keys())
        assert "nl-NL" == str(pdf.Root.Lang)
        assert {"/Root", "/Size"} == set(pdf.trailer.keys())
    assert not re.search(rb"(?i)pikepdf|qpdf|pillow|pdfium|tesseract", content)
