import io
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from gateway.minimise.documents.image import open_document, second_text
from gateway.minimise.documents.model import Trouble
from gateway.minimise.tesseract import installed
from tests.integration.minimise.nasty_pdf import FIRST, LAST, NAME, SUBJECT, holds, layers, read_pictures
from tests.integration.minimise.reading import NAMES, OCR, TOOLS, all_text, marks_of, no_marks, trouble_of

_FONT: Final = "/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf"


def _sheet(*lines: str, size: tuple[int, int] = (1654, 500), height: int = 34) -> Image.Image:
    sheet = Image.new("L", size, 255)
    draw = ImageDraw.Draw(sheet)
    for row, line in enumerate(lines):
        draw.text((150, 120 + 70 * row), line, fill=0, font=ImageFont.truetype(_FONT, height))
    return sheet


_PAGE: Final = (1654, 1200)
_LINES: Final = (
    f"Verslag van het gesprek met {SUBJECT}.",
    f"Haar broer {NAME} woont in Utrecht.",
    "De overige regels noemen niemand bij naam.",
)


def _saved(sheet: Image.Image, kind: str, **options: Any) -> bytes:
    written = io.BytesIO()
    sheet.save(written, kind, **options)
    return written.getvalue()


@cache
def _scan() -> bytes:
    """Noise, 1.2 degrees aslant, JPEG at quality 40: a scan as they come in."""
    sheet = _sheet(*_LINES).rotate(1.2, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    return _saved(Image.blend(sheet, Image.effect_noise(sheet.size, 60), 0.12), "JPEG", quality=40)


def _png() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", NAME)
    texts.add_itxt("Description", NAME, zip=True)
    return _saved(_sheet(*_LINES), "PNG", pnginfo=texts)


def _jpeg() -> bytes:
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = NAME, NAME
    return _saved(_sheet(*_LINES), "JPEG", quality=90, exif=exif, comment=NAME.encode(), icc_profile=NAME.encode())


def _gif() -> bytes:
    return _saved(_sheet(*_LINES), "GIF", comment=NAME.encode())


def _tiff() -> bytes:
    second = _sheet(f"Tweede vel: {NAME} en {SUBJECT} samen.")
    return _saved(_sheet(*_LINES), "TIFF", save_all=True, append_images=[second], description=NAME, dpi=(200, 200))


def _webp() -> bytes:
    return _saved(_sheet(*_LINES), "WEBP", quality=80, xmp=NAME.encode())


def _bmp() -> bytes:
    return _saved(_sheet(*_LINES), "BMP") + NAME.encode()


_KINDS: Final[Sequence[Callable[[], bytes]]] = (_scan, _png, _jpeg, _gif, _tiff, _webp, _bmp)


@pytest.mark.parametrize("make", _KINDS)
def test_a_name_in_an_image_is_in_no_layer_of_the_output_and_the_subject_still_is(
    make: Callable[[], bytes], tmp_path: Path
) -> None:
    document = open_document(make(), TOOLS)
    rebuilt = document.rebuilt(marks_of(document, *NAMES))
    found = layers(rebuilt.content, tmp_path)
    assert [] == [(layer, part) for layer, said in found.items() for part in (FIRST, LAST) if holds(said, part)]
    assert not holds(second_text(rebuilt.content), FIRST)
    assert [] == [layer for layer in ("pdftotext", "mutool", "pdfminer", "ocr") if not holds(found[layer], "Haddad")]
    assert (".pdf", "application/pdf") == (rebuilt.suffix, rebuilt.media_type)


def test_what_stands_beside_the_pixels_is_counted() -> None:
    for make, expected in ((_png, {"comments": 2}), (_jpeg, {"metadata": 1, "comments": 1}), (_gif, {"comments": 1})):
        document = open_document(make(), TOOLS)
        assert expected == dict(document.rebuilt(no_marks(document)).left_behind)


def test_every_frame_is_a_page() -> None:
    document = open_document(_tiff(), TOOLS)
    assert {1, 2} == {passage.page for passage in document.passages}
    assert 2 == len(pikepdf.open(io.BytesIO(document.rebuilt(no_marks(document)).content)).pages)


def test_the_same_image_and_marks_give_the_same_bytes() -> None:
    first, second = (open_document(_scan(), replace(TOOLS, ocr=installed())) for _ in range(2))
    assert first.rebuilt(marks_of(first, *NAMES)) == second.rebuilt(marks_of(second, *NAMES))


def test_an_image_that_lies_on_its_side_by_its_exif_is_read_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = _sheet(*_LINES).transpose(Image.Transpose.ROTATE_90)
    assert NAME in all_text(open_document(_saved(turned, "JPEG", quality=90, exif=exif), TOOLS))


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_sheet_that_lay_the_wrong_way_on_the_scanner_is_read_and_painted_over(degrees: int) -> None:
    lines = (*_LINES, "Een regel meer maakt het lezen van de stand", f"wat zekerder. Over {NAME} staat er niets meer.")
    turned = _sheet(*lines, *lines, size=_PAGE).rotate(degrees, expand=True)
    document = open_document(_saved(turned, "PNG"), TOOLS)
    assert 4 == all_text(document).count(NAME)
    after = document.rebuilt(marks_of(document, *NAMES)).content
    (picture,) = document.page_pictures(marks_of(document, *NAMES), width=turned.width)
    upright = Image.open(io.BytesIO(picture.after)).rotate(-degrees, expand=True)
    read = " ".join(word.text for word in OCR(_saved(upright, "PNG")))
    assert not holds(second_text(after, OCR) + read, FIRST)
    assert 2 == read.count(SUBJECT)


def test_a_name_under_full_transparency_is_not_seen_and_does_not_go() -> None:
    sheet = _sheet(*_LINES, size=_PAGE).convert("RGBA")
    hidden = _sheet(f"Verborgen {NAME}", size=_PAGE)
    transparent = Image.merge("RGBA", (hidden, hidden, hidden, Image.new("L", hidden.size, 0)))
    sheet.paste(transparent, (0, 600))
    document = open_document(_saved(sheet, "PNG"), TOOLS)
    assert "Verborgen" not in all_text(document)
    assert "Verborgen" not in read_pictures(document.rebuilt(marks_of(document, *NAMES)).content)


def test_a_picture_of_sixteen_bits_is_read() -> None:
    deep = Image.frombytes(
        "I;16",
        (1654, 400),
        b"".join(struct.pack("<H", each * 257) for each in _sheet(NAME, size=(1654, 400)).tobytes()),
    )
    assert NAME in all_text(open_document(_saved(deep, "PNG"), TOOLS))


def test_a_small_picture_of_a_letter_is_enlarged_to_be_read() -> None:
    small = _sheet(*_LINES, size=_PAGE).resize((827, 600), Image.Resampling.LANCZOS)
    assert NAME in all_text(open_document(_saved(small, "PNG"), TOOLS))


def test_an_image_without_anything_on_it_has_no_passages() -> None:
    document = open_document(_saved(Image.new("L", (1000, 800), 255), "PNG"), TOOLS)
    assert [] == list(document.passages)
    assert document.rebuilt([]).content.startswith(b"%PDF-")


def test_a_face_beside_text_is_counted_for_the_policy() -> None:
    sheet = _sheet(*_LINES, size=_PAGE)
    face = Image.radial_gradient("L").resize((350, 450))
    sheet.paste(Image.blend(face, Image.effect_noise(face.size, 60), 0.4), (1100, 500))
    assert open_document(_saved(sheet, "JPEG", quality=85), TOOLS).pictures >= 1
    assert 0 == open_document(_saved(_sheet(*_LINES), "JPEG", quality=85), TOOLS).pictures


def test_a_photograph_alone_is_for_a_person() -> None:
    face = Image.blend(Image.radial_gradient("L").resize((900, 900)), Image.effect_noise((900, 900), 60), 0.4)
    assert Trouble.NO_TEXT == trouble_of(open_document, _saved(face, "JPEG", quality=85))


def test_a_format_beyond_the_list_is_damaged_whatever_pillow_knows() -> None:
    assert Trouble.DAMAGED == trouble_of(open_document, _saved(Image.new("L", (50, 50), 255), "PPM"))


def test_a_png_with_a_false_checksum_is_damaged() -> None:
    content = bytearray(_saved(_sheet(*_LINES), "PNG"))
    at = content.index(b"IDAT") + 40
    content[at] ^= 0xFF
    assert zlib.crc32(bytes(content))
    assert Trouble.DAMAGED == trouble_of(open_document, bytes(content))


def test_words_are_read_in_the_output_by_an_independent_reader_too() -> None:
    document = open_document(_scan(), TOOLS)
    said = second_text(document.rebuilt(marks_of(document, *NAMES)).content, OCR)
    assert 2 <= said.count("Haddad")
