"""Compares a PDF that we wrote with the list of what may be in it: nothing else leaves, whatever the reason.

Every object is reached from the root by a path that is named here, and carries no key that is not named here. The
operators of a page place one picture and invisible words. Anything else is a fault of ours, and nothing is given out.
"""

import io
from typing import Any, Final

import pikepdf

NOTHING: Final = b"500 0 0 0 500 1000 d1"
"""What each letter of the fonts draws: its width, and then nothing."""

_OPERATORS: Final = frozenset({"q", "Q", "cm", "Do", "BT", "ET", "Tf", "Tr", "Tz", "Tm", "Tj"})
_TRAILER: Final = frozenset({"/Root", "/Size"})
_ROOT: Final = frozenset({"/Type", "/Pages", "/Lang"})
_PAGES: Final = frozenset({"/Type", "/Count", "/Kids"})
_PAGE: Final = frozenset({"/Type", "/Parent", "/MediaBox", "/Resources", "/Contents"})
_RESOURCES: Final = frozenset({"/XObject", "/Font"})
_STREAM: Final = frozenset({"/Length", "/Filter"})
_PICTURE: Final = _STREAM | {
    *("/Type", "/Subtype", "/Width", "/Height", "/ColorSpace", "/BitsPerComponent", "/DecodeParms"),
}
_FAX: Final = frozenset({"/K", "/Columns", "/Rows", "/BlackIs1"})
_FONT: Final = frozenset(
    {
        *("/Type", "/Subtype", "/FontBBox", "/FontMatrix", "/CharProcs", "/Encoding", "/FirstChar", "/LastChar"),
        *("/Widths", "/ToUnicode", "/Resources"),
    }
)


def verify(content: bytes) -> None:
    """Check a PDF that we wrote. Raises ValueError for anything that may not be in it."""
    _demand(content.startswith(b"%PDF-") and content.count(b"%%EOF") == 1 and content.endswith(b"%%EOF\n"))
    with pikepdf.open(io.BytesIO(content), attempt_recovery=False) as pdf:
        trailer: Any = pdf.trailer
        _keys(trailer, _TRAILER)
        _keys(pdf.Root, _ROOT)
        reached = {pdf.Root.objgen}
        pages: Any = pdf.Root.Pages
        _keys(pages, _PAGES)
        reached.add(pages.objgen)
        for page in pages.Kids:
            reached |= _page(page)
        _demand(len(pdf.objects) == len(reached))


def _page(page: Any) -> set[tuple[int, int]]:
    _keys(page, _PAGE)
    _demand(page.Type == "/Page")
    resources = page.Resources
    _keys(resources, _RESOURCES)
    _keys(resources.XObject, frozenset({"/P"}))
    picture = resources.XObject.P
    _keys(picture, _PICTURE)
    _demand(picture.Subtype == "/Image" and picture.ColorSpace == "/DeviceGray")
    if "/DecodeParms" in picture:
        _keys(picture.DecodeParms, _FAX)
    _keys(page.Contents, _STREAM)
    for instruction in pikepdf.parse_content_stream(page.Contents):
        operator, operands = str(instruction.operator), list(instruction.operands)
        _demand(operator in _OPERATORS)
        _demand(operator != "Do" or operands == [pikepdf.Name.P])
        _demand(operator != "Tr" or operands == [3])
    reached = {page.objgen, page.Contents.objgen, picture.objgen}
    for font in resources.get("/Font", pikepdf.Dictionary()).values():
        reached |= _font(font)
    return reached


def _font(font: Any) -> set[tuple[int, int]]:
    _keys(font, _FONT)
    _demand(font.Subtype == "/Type3")
    _keys(font.Encoding, frozenset({"/Type", "/Differences"}))
    _keys(font.CharProcs, frozenset({"/a"}))
    _keys(font.Resources, frozenset())
    _keys(font.CharProcs.a, _STREAM)
    _demand(font.CharProcs.a.read_bytes() == NOTHING)
    _keys(font.ToUnicode, _STREAM)
    return {font.objgen, font.CharProcs.a.objgen, font.ToUnicode.objgen}


def _keys(value: Any, allowed: frozenset[str]) -> None:
    _demand(set(value.keys()) <= allowed)


def _demand(holds: bool) -> None:  # noqa: FBT001 - it reads as a sentence.
    if not holds:
        raise ValueError("a PDF that we wrote holds what it may not hold")
