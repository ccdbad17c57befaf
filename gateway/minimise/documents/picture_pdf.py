"""Writes a PDF of nothing but pictures and the words that can be read in them, and proves that it is nothing else.

Rules:
1. A page is one picture in grey, or in black and white where nothing is grey; and over it, invisible, its words, so
   that they can be read aloud, searched and copied. The words are given by who read the finished picture.
2. No metadata, no identifier, nothing from chance or the clock: the same pages give the same bytes.
3. What was written is opened again and every object and operator of it compared with a list of what there may be.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pikepdf
from PIL import Image

from gateway.minimise.documents.model import Word
from gateway.minimise.documents.picture_pdf_check import NOTHING, verify

_QUALITY: Final = 60
_THRESHOLD: Final = 160
_DARK: Final = 110
_GREY_BELOW: Final = 205
_PART: Final = 8
_MUCH: Final = 40
"""Of 255: how much of a part is grey, when it is more than an edge."""
_GREY_PARTS: Final = 0.0005
"""How many parts may be grey, before a page is kept in grey."""
_STRIP_OFFSETS: Final = 273
_ROWS_PER_STRIP: Final = 278
_STRIP_SIZES: Final = 279
_LETTER_WIDTH: Final = 500
_CODES: Final = range(0x20, 0x7F)
_MOST_CODES: Final = 190
_FIRST_OTHER: Final = 0x21


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturePage:
    """A page: its encoded picture, size in points, and words with boxes in pixels of the picture."""

    data: bytes = field(repr=False)
    is_grey: bool
    pixels: tuple[int, int]
    points: tuple[float, float]
    words: tuple[Word, ...] = field(repr=False)


def page_of(picture: Image.Image, words: Iterable[Word], *, dots_per_inch: float) -> PicturePage:
    """Encode a page by rule 1."""
    grey = _is_grey(picture)
    points = (picture.width * 72 / dots_per_inch, picture.height * 72 / dots_per_inch)
    return PicturePage(
        data=_jpeg(picture) if grey else _fax(picture),
        is_grey=grey,
        pixels=picture.size,
        points=points,
        words=tuple(words),
    )


def _is_grey(picture: Image.Image) -> bool:
    """Tell whether there is grey that is not just the soft edge of black: parts with much grey and nothing dark."""
    dark = picture.point([255 if each < _DARK else 0 for each in range(256)]).reduce(_PART).tobytes()
    grey = picture.point([255 if each < _GREY_BELOW else 0 for each in range(256)]).reduce(_PART).tobytes()
    parts = sum(light > _MUCH and not black for light, black in zip(grey, dark, strict=True))
    return parts > _GREY_PARTS * len(grey)


def _jpeg(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=_QUALITY, optimize=True)
    return written.getvalue()


def _fax(picture: Image.Image) -> bytes:
    """Encode in CCITT group 4: the one strip of a TIFF, without the rest of it."""
    two = picture.point([255 if each >= _THRESHOLD else 0 for each in range(256)], mode="1")
    written = io.BytesIO()
    two.save(written, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: picture.height})
    with Image.open(io.BytesIO(written.getvalue()), formats=("TIFF",)) as tiff:
        tags: Any = tiff
        (offset,), (size,) = tags.tag_v2[_STRIP_OFFSETS], tags.tag_v2[_STRIP_SIZES]
    return written.getvalue()[offset : offset + size]


def write(pages: Sequence[PicturePage], *, language: str) -> bytes:
    """Write the PDF. Raises ValueError when it is not what rule 3 allows, which would be a fault of ours."""
    pdf = pikepdf.new()
    pdf.Root.Lang = pikepdf.String(language)
    codes = _Codes()
    contents = [_content(page, codes) for page in pages]
    fonts = codes.fonts(pdf)
    for page, content in zip(pages, contents, strict=True):
        resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=_picture(pdf, page)))
        if page.words:
            resources.Font = fonts
        pdf.pages.append(
            pikepdf.Page(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Page,
                    MediaBox=[0, 0, *(round(each, 2) for each in page.points)],
                    Resources=resources,
                    Contents=pdf.make_stream(content),
                )
            )
        )
    written = io.BytesIO()
    pdf.save(written, static_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable, fix_metadata_version=False)
    content = _without_id(written.getvalue())
    verify(content)
    return content


def _without_id(content: bytes) -> bytes:
    """Rule 2: the identifier is a fixed one of the library; it tells what wrote it, and is blanked."""
    start = content.rindex(b"/ID [")
    end = content.index(b"]", start) + 1
    return content[:start] + b" " * (end - start) + content[end:]


def _picture(pdf: pikepdf.Pdf, page: PicturePage) -> pikepdf.Stream:
    width, height = page.pixels
    stream = pikepdf.Stream(pdf, page.data)
    known = {
        "/Type": pikepdf.Name.XObject,
        "/Subtype": pikepdf.Name.Image,
        "/Width": width,
        "/Height": height,
        "/ColorSpace": pikepdf.Name.DeviceGray,
        "/BitsPerComponent": 8 if page.is_grey else 1,
        "/Filter": pikepdf.Name.DCTDecode if page.is_grey else pikepdf.Name.CCITTFaxDecode,
    }
    for key, value in known.items():
        stream[key] = value
    if not page.is_grey:
        stream["/DecodeParms"] = pikepdf.Dictionary(K=-1, Columns=width, Rows=height, BlackIs1=True)
    return stream


def _content(page: PicturePage, codes: "_Codes") -> bytes:
    width, height = page.points
    parts = [f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /P Do Q"]
    parts += [_word(word, page, codes) for word in page.words]
    return "\n".join(parts).encode("latin-1")


def _word(word: Word, page: PicturePage, codes: "_Codes") -> str:
    """Write a word where it stands, as wide as it is, with the space after it."""
    scale = page.points[0] / page.pixels[0]
    left, top, right, bottom = (each * scale for each in word.box)
    size = max(bottom - top, 1.0)
    stretch = 100 * max(right - left, 0.5) / (len(word.text) * size * _LETTER_WIDTH / 1000)
    shown = "".join(f"/F{font} {size:.2f} Tf ({text}) Tj " for font, text in codes.encoded(word.text + " "))
    return f"BT 3 Tr {stretch:.2f} Tz 1 0 0 1 {left:.2f} {page.points[1] - bottom:.2f} Tm {shown}ET"


class _Codes:
    """Gives each character a code in a font. Font 0 has ASCII as itself, so that a search of the bytes finds it."""

    def __init__(self) -> None:
        self._others: dict[str, int] = {}

    def encoded(self, text: str) -> list[tuple[int, str]]:
        """Give runs of one font each: its number and the codes, escaped as a PDF string."""
        runs: list[tuple[int, str]] = []
        for character in text:
            font, code = self._place(character)
            escaped = f"\\{chr(code)}" if chr(code) in "()\\" else chr(code) if code in _CODES else f"\\{code:03o}"
            if runs and runs[-1][0] == font:
                runs[-1] = (font, runs[-1][1] + escaped)
            else:
                runs.append((font, escaped))
        return runs

    def _place(self, character: str) -> tuple[int, int]:
        if ord(character) in _CODES:
            return 0, ord(character)
        number = self._others.setdefault(character, len(self._others))
        return 1 + number // _MOST_CODES, _FIRST_OTHER + number % _MOST_CODES

    def fonts(self, pdf: pikepdf.Pdf) -> pikepdf.Dictionary:
        """Make the fonts: letters without a drawing, each of which knows what it means."""
        others = list(self._others)
        tables = [{code: chr(code) for code in _CODES}]
        tables += [
            {_FIRST_OTHER + at: each for at, each in enumerate(others[start : start + _MOST_CODES])}
            for start in range(0, len(others), _MOST_CODES)
        ]
        nothing = pdf.make_indirect(pdf.make_stream(NOTHING))
        return pikepdf.Dictionary({f"/F{number}": _font(pdf, table, nothing) for number, table in enumerate(tables)})


def _font(pdf: pikepdf.Pdf, table: dict[int, str], nothing: pikepdf.Object) -> pikepdf.Object:
    first, last = min(table), max(table)
    names = [pikepdf.Name("/a")] * (last - first + 1)
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type3,
        FontBBox=[0, 0, _LETTER_WIDTH, 1000],
        FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
        CharProcs=pikepdf.Dictionary(a=nothing),
        Encoding=pikepdf.Dictionary(Type=pikepdf.Name.Encoding, Differences=[first, *names]),
        FirstChar=first,
        LastChar=last,
        Widths=[_LETTER_WIDTH] * (last - first + 1),
        ToUnicode=pdf.make_stream(_unicode_map(table)),
        Resources=pikepdf.Dictionary(),
    )
    return pdf.make_indirect(font)


def _unicode_map(table: dict[int, str]) -> bytes:
    """Write what each code means (ISO 32000-1, 9.10.3)."""
    rows = [f"<{code:02X}> <{text.encode('utf-16-be').hex().upper()}>" for code, text in table.items()]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    mapped = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /S def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <FF> endcodespacerange\n{mapped}\nendcmap end end"
    ).encode()
