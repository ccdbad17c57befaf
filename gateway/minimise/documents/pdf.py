"""PDF: read by pdfium, rebuilt as pictures of its pages; nothing of the file itself comes along.

Editing a PDF in place leaked with every technique that was tried. What a page looks like is all that is taken over, and
its text layer comes from the finished pictures. `pdf_guard` first refuses what is encrypted, damaged, something else
besides, or made to be drawn for hours. Scripts, attachments and XFA are counted; they are never run, opened or sent on.
"""

import io
from typing import Any, Final

import pikepdf
import pypdfium2
from PIL import Image

from gateway.minimise.documents.model import READING, Limits, Ocr, Tools, Trouble, UnreadableError
from gateway.minimise.documents.paged import PagedDocument, Sheet, png, read
from gateway.minimise.documents.pdf_guard import examine
from gateway.minimise.documents.pdf_layer import DOTS_PER_INCH, SCALE, layer_of, upright_rotation

_DEEPEST: Final = 12


def open_document(content: bytes, tools: Tools) -> PagedDocument:
    """Read a PDF.

    Raises UnreadableError: `type-mismatch`, `damaged`, `encrypted`, `active`, `too-large`; `no-text` when a page has
    ink that nobody can read.
    """
    count, left_behind = examine(content, tools.limits)
    try:
        file = _File(content)
        if len(file) != count:
            # Two libraries see two documents.
            raise UnreadableError(Trouble.DAMAGED)
        for number in range(count):
            file.check_size(number, tools.limits)
        sheets = [file.sheet(number) for number in range(count)]
        return PagedDocument(
            sheets=read(sheets, file.draw, tools),
            draw=file.draw,
            dots_per_inch=_dots_per_inch,
            tools=tools,
            left_behind=left_behind,
        )
    except (pypdfium2.PdfiumError, MemoryError, OSError, ValueError):
        raise UnreadableError(Trouble.DAMAGED) from None


def second_text(content: bytes, ocr: Ocr | None = None) -> str:
    """Give all text of a PDF that was written here.

    The text layer is read by another library than wrote it; every string and content stream in it is taken as bytes;
    and with `ocr` each page is drawn and read once more. (The layer itself already is what was read in the pictures.)
    """
    file = _File(content)
    readings = ["\n".join(file.text(number) for number in range(len(file)))]
    with pikepdf.open(io.BytesIO(content)) as pdf:
        found: Any = [*pdf.objects, pdf.trailer]
        readings.append("\n".join(text for each in found for text in _strings(each, depth=0)))
    if ocr is not None:
        pages = (" ".join(word.text for word in ocr(png(file.draw(number)))) for number in range(len(file)))
        readings.append("\n".join(pages))
    return READING.join(readings)


def _dots_per_inch(_number: int) -> float:
    return DOTS_PER_INCH


class _File:
    """An open PDF. Its pages are opened when they are needed and closed at once."""

    def __init__(self, content: bytes) -> None:
        self._pdf = pypdfium2.PdfDocument(content)
        # Without this, what is filled in on a form is not drawn. No script can run: this pdfium has no engine for them.
        self._pdf.init_forms()
        self._rotations: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._pdf)

    def check_size(self, number: int, limits: Limits) -> None:
        """Refuse a page that is larger than the limit once drawn, before it is."""
        width, height = self._pdf.get_page_size(number)
        if not (min(width, height) >= 1 and width * SCALE * height * SCALE <= limits.pixels):
            raise UnreadableError(Trouble.TOO_LARGE)

    def sheet(self, number: int) -> Sheet:
        """Read the text layer of a page; from here on it lies as its letters stand upright.

        A page that is shown on its side is read badly there, also by people, and what was read would be compared with
        letters of which nothing was read.
        """
        page = self._pdf[number]
        try:
            self._rotations[number] = upright_rotation(page)
            page.set_rotation(self._rotations[number])
            layer = layer_of(page)
        finally:
            page.close()
        return Sheet(lines=layer.lines, trusted=layer.trusted, letters=layer.letters, scattered=layer.scattered)

    def text(self, number: int) -> str:
        """Give the text layer of a page as pdfium itself puts it together."""
        page = self._pdf[number]
        text_page = page.get_textpage()
        try:
            return str(text_page.get_text_range())
        finally:
            text_page.close()
            page.close()

    def draw(self, number: int) -> Image.Image:
        """Draw a page in grey, with its comments and form fields."""
        page = self._pdf[number]
        try:
            page.set_rotation(self._rotations.get(number, page.get_rotation()))
            bitmap = page.render(scale=SCALE, grayscale=True)
            picture: Image.Image = bitmap.to_pil().convert("L").copy()
            bitmap.close()
        finally:
            page.close()
        return picture


def _strings(value: Any, *, depth: int) -> list[str]:
    if depth > _DEEPEST:
        return []
    if isinstance(value, pikepdf.Stream):
        is_picture = value.get("/Subtype") == "/Image"
        return [] if is_picture else [value.read_bytes().decode("latin-1")]
    if isinstance(value, pikepdf.String):
        return [str(value), bytes(value).decode("latin-1")]
    if isinstance(value, pikepdf.Array):
        return [text for each in value if _is_direct(each) for text in _strings(each, depth=depth + 1)]
    if isinstance(value, pikepdf.Dictionary):
        direct = [each for _, each in value.items() if _is_direct(each)]
        return [str(key) for key in value] + [text for each in direct for text in _strings(each, depth=depth + 1)]
    return [str(value)] if isinstance(value, pikepdf.Name) else []


def _is_direct(value: Any) -> bool:
    """Tell whether it stands where it is used; what does not is an object of its own."""
    return not (isinstance(value, pikepdf.Object) and value.is_indirect)
