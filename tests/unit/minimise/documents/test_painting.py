import time
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from gateway.minimise.documents.layout import Placed, line_of, passages_of
from gateway.minimise.documents.model import Area
from gateway.minimise.documents.painting import Painted, area_box, boxes_of, paint, share_of

_SIZE = (1000, 400)


def _placed(*texts: str) -> Placed:
    lines = []
    for row, text in enumerate(texts):
        boxes = [(50 + 12.0 * at, 50 + 30.0 * row, 62 + 12.0 * at, 74 + 30.0 * row) for at in range(len(text))]
        line = line_of(text, [None if each == " " else box for each, box in zip(text, boxes, strict=True)])
        assert line is not None
        lines.append(line)
    (placed,) = passages_of(lines, page=1)
    return placed


def test_a_span_over_two_lines_has_a_rectangle_on_each() -> None:
    placed = _placed("met Merhawi", "Tesfay erbij")
    first, second = boxes_of(placed, 4, 18, lines=placed.lines)
    assert first[1] < 50
    assert 74 < first[3] < second[3]
    assert second[0] < 50 < 50 + 6 * 12 < second[2]


@given(st.integers(0, 19), st.integers(1, 12))
def test_a_box_covers_its_letters_and_the_whole_height_of_the_line(start: int, length: int) -> None:
    placed = _placed("abcdefghijklmnopqrstuvwxyz")
    (box,) = boxes_of(placed, start, min(start + length, 26), lines=placed.lines)
    assert box[0] <= 50 + 12 * start - 2
    assert box[2] >= 50 + 12 * min(start + length, 26) + 2
    assert box[1] <= 48
    assert box[3] >= 76


def test_a_box_at_the_end_of_a_line_has_a_width_that_many_names_share() -> None:
    widths = {
        round(box[2] - box[0])
        for name in ("Bo", "Kees", "Willem")
        for placed in [_placed(f"door {name}")]
        for box in boxes_of(placed, 5, len(placed.text), lines=placed.lines)
    }
    assert 1 == len(widths)


def test_a_box_ends_where_the_next_readable_word_begins() -> None:
    placed = _placed("door Merhawi gedaan")
    (box,) = boxes_of(placed, 5, 12, lines=placed.lines)
    assert 50 + 12 * 12 < box[2] <= 50 + 12 * 13


def test_what_is_under_a_box_is_gone_from_the_pixels() -> None:
    secret = Image.effect_noise(_SIZE, 90)
    painted = paint(secret, [Painted(box=(100.5, 60.2, 300.4, 90.7), label="")])
    assert (0, 0) == painted.crop((100, 60, 302, 92)).getextrema()
    assert secret.crop((0, 0, 1000, 60)).tobytes() == painted.crop((0, 0, 1000, 60)).tobytes()


def test_a_label_stands_in_a_box_only_when_it_fits() -> None:
    white = Image.new("L", _SIZE, 255)
    wide, narrow = Painted(box=(10, 10, 400, 50), label="[gelakt]"), Painted(box=(10, 100, 30, 140), label="[gelakt]")
    painted = paint(white, [wide, narrow])
    assert (0, 255) == painted.crop((10, 10, 400, 50)).getextrema()
    assert (0, 0) == painted.crop((10, 100, 30, 140)).getextrema()


@pytest.mark.parametrize("area", [(0.2, 0, 0.1, 1), (0, 0, 1.1, 1), (-0.1, 0, 1, 1), (0, 0.5, 1, 0.5)])
def test_an_area_that_is_not_on_the_page_is_refused(area: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = area
    with pytest.raises(ValueError, match="shares"):
        area_box(Area(page=1, left=left, top=top, right=right, bottom=bottom), _SIZE)


_shares = st.tuples(st.floats(0, 0.49), st.floats(0, 0.49), st.floats(0.51, 1), st.floats(0.51, 1))


@given(_shares)
def test_a_box_as_an_area_is_the_same_box_again(shares: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = shares
    box = area_box(Area(page=1, left=left, top=top, right=right, bottom=bottom), _SIZE)
    area = share_of(box, page=1, size=_SIZE)
    assert area is not None
    assert pytest.approx(box) == area_box(area, _SIZE)


def test_a_box_beside_the_page_is_no_area() -> None:
    assert share_of((1200, 10, 1300, 40), page=1, size=_SIZE) is None


_FAR = [10_000.0, 1e6, 1e9, 1e12, 1e30]


@pytest.mark.parametrize("far", _FAR)
def test_a_label_for_letters_of_a_kilometre_is_written_at_once(far: float) -> None:
    began = time.process_time()
    paint(Image.effect_noise(_SIZE, 90), [Painted(box=(-far, -far, far, far), label="[gelakt: derde]")])

    assert time.process_time() - began < 2


@pytest.mark.parametrize("far", _FAR)
def test_what_is_under_letters_of_a_kilometre_is_gone_and_what_is_beside_them_is_not(far: float) -> None:
    beside = Image.new("L", _SIZE, 200)

    assert (0, 0) == paint(beside, [Painted(box=(-far, -far, far, far), label="")]).getextrema()
    for box in ((far, far, far + 9, far + 9), (-far, -far, -far + 9, -far + 9), (0, far, 9, far)):
        assert beside.tobytes() == paint(beside, [Painted(box=box, label="x")]).tobytes()


@pytest.mark.parametrize("width", [1e-4, 5e-3, 0.9], ids=["a hair", "too narrow for a label", "wide"])
def test_attack_thousands_of_areas_are_painted_in_a_moment(width: float) -> None:
    page = Image.new("L", (1654, 2339), 255)
    areas = [Area(page=1, left=at / 25_000, top=0.01, right=at / 25_000 + width, bottom=0.99) for at in range(2000)]
    boxes = [Painted(box=area_box(each, page.size), label="[gelakt]") for each in areas]
    began = time.process_time()
    paint(page, boxes)

    assert time.process_time() - began < 10


@settings(max_examples=20)
@given(st.floats(15, 600), st.floats(15, 120))
def test_a_label_is_as_large_as_fits(width: float, height: float) -> None:
    page = Image.new("L", (600, 120), 255)
    box = (0.0, 0.0, width, height)
    draw = ImageDraw.Draw(page)
    sizes = range(12, int(min(0.62 * height, 200)) + 1)
    fitting = [size for size in sizes if draw.textlength("[gelakt]", font=ImageFont.load_default(size)) <= width - 4]

    painted = paint(page, [Painted(box=box, label="[gelakt]")])

    expected = page.copy()
    draw = ImageDraw.Draw(expected)
    draw.rectangle((0, 0, ceil(width), ceil(height)), fill=0)
    if fitting:
        font = ImageFont.load_default(max(fitting))
        draw.text((width / 2, height / 2), "[gelakt]", fill=255, font=font, anchor="mm")
    assert expected.tobytes() == painted.tobytes()
