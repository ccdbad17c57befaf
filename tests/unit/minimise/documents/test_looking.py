import pytest
from PIL import Image, ImageDraw, ImageFont

from gateway.minimise.documents import looking

_SIZE = (1654, 1000)
_TEXT = (190, 190, 460, 250)


def _sheet(shade: int = 255) -> Image.Image:
    return Image.new("L", _SIZE, shade)


def _written(shade: int = 255) -> Image.Image:
    sheet = _sheet(shade)
    ImageDraw.Draw(sheet).text((200, 200), "Een regel tekst", fill=0, font=ImageFont.load_default(32))
    return sheet


def test_an_empty_sheet_of_any_paper_is_blank() -> None:
    assert all(looking.is_blank(_sheet(shade)) for shade in (255, 230, 200))


def test_a_word_is_ink_on_any_paper() -> None:
    for shade in (255, 230, 200):
        assert looking.has_ink(_written(shade))
        assert not looking.is_blank(_written(shade))


def test_what_was_read_is_no_ink_any_more() -> None:
    assert not looking.has_ink(looking.without(_written(), [_TEXT]))


def test_text_that_was_read_is_no_picture_nor_is_a_table_nor_a_bar() -> None:
    sheet = _written()
    draw = ImageDraw.Draw(sheet)
    for row in range(400, 800, 60):
        draw.line((100, row, 1500, row), fill=0, width=3)
    draw.rectangle((100, 850, 700, 950), fill=0)
    assert 0 == looking.count_pictures(looking.without(sheet, [_TEXT]))


def test_a_photograph_is_a_picture_light_or_dark() -> None:
    for share in (0.2, 0.6):
        sheet = _written()
        face = Image.blend(Image.radial_gradient("L").resize((300, 380)), Image.new("L", (300, 380), 90), share)
        sheet.paste(face, (900, 300))
        assert 1 == looking.count_pictures(looking.without(sheet, [_TEXT]))


def test_a_line_that_nobody_could_read_counts_as_a_picture() -> None:
    assert 1 == looking.count_pictures(_written())


def _form(*, degrees: float = 0) -> Image.Image:
    sheet = _sheet()
    draw = ImageDraw.Draw(sheet)
    for row in range(100, 900, 90):
        draw.line((60, row, 1600, row), fill=0, width=3)
    for column in range(60, 1700, 220):
        draw.line((column, 100, column, 820), fill=0, width=3)
    return sheet.rotate(degrees, fillcolor=255, resample=Image.Resampling.BICUBIC)


@pytest.mark.parametrize("degrees", [0, 0.4, 1, 3])
def test_the_rules_of_a_form_are_no_writing_where_they_cross_straight_or_askew(degrees: float) -> None:
    assert 0 == looking.count_pictures(_form(degrees=degrees))


@pytest.mark.parametrize("size", [26, 32, 44])
def test_a_name_that_touches_the_rules_of_a_form_and_that_nobody_could_read_counts_as_a_picture(size: int) -> None:
    form = _form()
    ImageDraw.Draw(form).text((300, 285 - size), "Merhawi Tesfay", fill=0, font=ImageFont.load_default(size))

    assert 1 == looking.count_pictures(form)


def test_a_name_that_a_line_runs_through_and_that_nobody_could_read_counts_as_a_picture() -> None:
    sheet = _sheet()
    draw = ImageDraw.Draw(sheet)
    draw.text((200, 200), "Merhawi Tesfay", fill=0, font=ImageFont.load_default(30))
    draw.line((0, 320, 1600, 40), fill=90, width=2)

    assert 1 == looking.count_pictures(sheet)


@pytest.mark.parametrize(("ink", "shade"), [(200, 255), (110, 150), (160, 255)])
def test_faint_writing_that_nobody_could_read_counts_as_a_picture(ink: int, shade: int) -> None:
    sheet = _sheet(shade)
    ImageDraw.Draw(sheet).text((200, 200), "Merhawi Tesfay", fill=ink, font=ImageFont.load_default(40))

    assert looking.has_ink(sheet)
    assert 1 <= looking.count_pictures(sheet)


def test_writing_on_a_dark_page_counts_as_a_picture_and_so_does_the_dark_page_alone() -> None:
    page = _sheet(120)
    assert 1 == looking.count_pictures(page)

    ImageDraw.Draw(page).text((200, 200), "Merhawi Tesfay", fill=255, font=ImageFont.load_default(40))

    assert looking.has_ink(page)
    assert 1 <= looking.count_pictures(page)


@pytest.mark.parametrize("degrees", [20, 30, 45, 75])
def test_writing_that_is_turned_and_that_nobody_could_read_counts_as_a_picture(degrees: float) -> None:
    sheet = _sheet()
    note = Image.new("L", (500, 60), 255)
    ImageDraw.Draw(note).text((5, 5), "Merhawi Gebremeskel", fill=0, font=ImageFont.load_default(36))
    sheet.paste(note.rotate(degrees, expand=True, fillcolor=255), (300, 100))

    assert 1 <= looking.count_pictures(sheet)


def test_letters_below_each_other_that_nobody_could_read_count_as_a_picture() -> None:
    sheet = _sheet()
    draw = ImageDraw.Draw(sheet)
    for number, letter in enumerate("Gebremeskel"):
        draw.text((400, 60 + number * 60), letter, fill=0, font=ImageFont.load_default(40))

    assert 1 == looking.count_pictures(sheet)


def test_boxes_to_tick_and_the_grain_of_a_scan_are_no_writing() -> None:
    sheet = Image.blend(_sheet(), Image.effect_noise(_SIZE, 40), 0.1)
    draw = ImageDraw.Draw(sheet)
    for row in range(8):
        draw.rectangle((200, 60 + row * 60, 236, 96 + row * 60), outline=0, width=3)

    assert 0 == looking.count_pictures(sheet)
