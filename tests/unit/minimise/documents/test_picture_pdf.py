import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from gateway.minimise.documents.model import Word
from gateway.minimise.documents.picture_pdf import page_of, write
from gateway.minimise.documents.picture_pdf_check import verify


def _picture(*, grey: bool = False) -> Image.Image:
    picture = Image.new("L", (850, 1100), 255)
    ImageDraw.Draw(picture).rectangle((100, 100, 500, 200), fill=150 if grey else 0)
    return picture


def _words(*texts: str) -> list[Word]:
    return [
        Word(text=text, box=(100, 100 + 60 * row, 400, 140 + 60 * row), confidence=90, line=row)
        for row, text in enumerate(texts)
    ]


def _written(*texts: str, grey: bool = False) -> bytes:
    return write([page_of(_picture(grey=grey), _words(*texts), dots_per_inch=100)], language="nl-NL")


def _read(content: bytes) -> str:
    pdf = pypdfium2.PdfDocument(content)
    return str(pdf[0].get_textpage().get_text_range())


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0x24F), min_size=1, max_size=12))
def test_a_word_of_any_letters_is_extracted_as_it_was_written(text: str) -> None:
    assert text == _read(_written(text)).strip()


@pytest.mark.parametrize(
    "text", ["(haakjes)", "back\\slash", "Çelik", "Y\u0131ld\u0131r\u0131m", "Шевченко", "\u0645", "Ž" * 300]
)
def test_signs_that_mean_something_to_a_pdf_are_words_as_others(text: str) -> None:
    assert text in _read(_written(text)).replace("\r\n", "")


def test_more_letters_than_a_font_has_codes_for_are_kept_apart() -> None:
    letters = "".join(chr(each) for each in range(0x4E00, 0x4E00 + 500))
    assert letters in _read(_written(letters)).replace("\r\n", "").replace(" ", "")


@pytest.mark.parametrize("grey", [True, False])
def test_the_picture_is_drawn_as_it_was_given(*, grey: bool) -> None:
    pdf = pypdfium2.PdfDocument(_written("Woord", grey=grey))
    drawn = pdf[0].render(scale=100 / 72, grayscale=True).to_pil()
    assert (850, 1100) == drawn.size
    assert abs((150 if grey else 0) - drawn.getpixel((300, 150))) < 4
    assert drawn.getpixel((700, 700)) > 250


def test_what_is_black_on_white_is_kept_in_one_bit_and_grey_is_kept_grey() -> None:
    assert b"/CCITTFaxDecode" in _written("Woord")
    assert b"/DCTDecode" in _written("Woord", grey=True)


def test_the_same_pages_give_the_same_bytes_without_date_or_identifier() -> None:
    assert _written("Woord") == _written("Woord")
    assert b"/ID" not in _written("Woord")
    assert b"/Info" not in _written("Woord")


def _javascript(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("x"))


def _metadata(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Metadata = pdf.make_stream(b"<x/>")


def _annotation(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Annots = [pikepdf.Dictionary(Subtype=pikepdf.Name.Text)]


def _visible_text(pdf: pikepdf.Pdf) -> None:
    page: Any = pdf.pages[0].obj
    page.Contents = pdf.make_stream(page.Contents.read_bytes().replace(b"3 Tr", b"0 Tr"))


def _drawing(pdf: pikepdf.Pdf) -> None:
    page: Any = pdf.pages[0].obj
    page.Contents = pdf.make_stream(page.Contents.read_bytes() + b" 0 0 9 9 re f")


def _second_picture(pdf: pikepdf.Pdf) -> None:
    page: Any = pdf.pages[0].obj
    page.Resources.XObject.Q = page.Resources.XObject.P


def _mask(pdf: pikepdf.Pdf) -> None:
    page: Any = pdf.pages[0].obj
    page.Resources.XObject.P.SMask = page.Resources.XObject.P


def _thumbnail(pdf: pikepdf.Pdf) -> None:
    page: Any = pdf.pages[0].obj
    page.Thumb = page.Resources.XObject.P


def _drawing_letter(pdf: pikepdf.Pdf) -> None:
    page: Any = pdf.pages[0].obj
    page.Resources.Font.F0.CharProcs.a.write(b"500 0 0 0 500 1000 d1 0 0 500 500 re f")


def _unreached_object(pdf: pikepdf.Pdf) -> None:
    page: Any = pdf.pages[0].obj
    page.Resources.Font.F0.Widths = pdf.make_indirect(pikepdf.Array([pikepdf.String("Merhawi")]))


def _title(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Title"] = "x"


_FAULTS = (
    *(_javascript, _metadata, _annotation, _visible_text, _drawing, _second_picture, _mask, _thumbnail),
    *(_drawing_letter, _unreached_object, _title),
)


@pytest.mark.parametrize("plant", _FAULTS)
def test_a_planted_fault_in_our_own_output_is_caught(plant: Callable[[pikepdf.Pdf], None]) -> None:
    with pikepdf.open(io.BytesIO(_written("Woord"))) as pdf:
        plant(pdf)
        changed = io.BytesIO()
        pdf.save(changed, static_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    content = changed.getvalue()
    start = content.rindex(b"/ID [")
    end = content.index(b"]", start) + 1
    with pytest.raises(ValueError, match="may not hold"):
        verify(content[:start] + b" " * (end - start) + content[end:])


def test_the_same_way_of_saving_without_a_fault_is_accepted() -> None:
    verify(_written("Woord"))


def test_something_behind_the_end_is_caught() -> None:
    with pytest.raises(ValueError, match="may not hold"):
        verify(_written("Woord") + b"Merhawi")
