"""A PDF that hides a name in every place that is known, and the programs that look for it."""

import io
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from pdfminer.high_level import extract_text
from PIL import Image, ImageDraw, ImageFont

from gateway.minimise.tesseract import installed

FIRST, LAST = "Merhawi", "Tesfay"
NAME = f"{FIRST} {LAST}"
SUBJECT = "Samira Haddad"
_A4 = (595, 842)


def font_dictionary() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type1,
        BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )


def text(x: float, y: float, words: str, *, size: float = 12, before: str = "") -> str:
    return f"{before} BT /F {size} Tf {x} {y} Td ({words}) Tj ET\n"


def letter_by_letter(x: float, y: float, words: str, *, step: float = 8.0) -> str:
    return "".join(text(x + step * at, y, each) for at, each in enumerate(words) if each != " ")


def add_page(pdf: pikepdf.Pdf, content: str, *, size: tuple[float, float] = _A4, **resources: Any) -> pikepdf.Page:
    page = pikepdf.Page(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[0, 0, *size],
            Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font_dictionary()), **resources),
            Contents=pdf.make_stream(content.encode("latin-1")),
        )
    )
    pdf.pages.append(page)
    return pdf.pages[-1]


def saved(pdf: pikepdf.Pdf, **options: Any) -> bytes:
    written = io.BytesIO()
    pdf.save(written, static_id=True, **options)
    return written.getvalue()


def simple_pdf(*contents: str, **options: Any) -> bytes:
    pdf = pikepdf.new()
    for content in contents:
        add_page(pdf, content, **options)
    return saved(pdf)


def written_picture(words: str, *, size: tuple[int, int] = (900, 120), height: int = 60) -> Image.Image:
    picture = Image.new("L", size, 255)
    ImageDraw.Draw(picture).text((20, 20), words, fill=0, font=ImageFont.load_default(height))
    return picture


def picture_stream(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Stream:
    stream = pikepdf.Stream(pdf, picture.tobytes())
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height = picture.size
    stream.ColorSpace, stream.BitsPerComponent = pikepdf.Name.DeviceGray, 8
    return stream


def nasty_pdf() -> bytes:
    """The list of the trials, and beyond it: thumbnails, named destinations, layers, structure, an old revision."""
    pdf = pikepdf.new()
    body = (
        text(60, 780, f"Verklaring van {SUBJECT} over haar broer")
        + text(60, 750, f"Mijn broer {NAME} woont in Utrecht.")
        + text(60, 720, "Letter voor letter:")
        + letter_by_letter(200, 720, NAME)
        + f"BT /F 12 Tf 60 690 Td (Gesplitst: {FIRST[:4]}) Tj ({FIRST[4:]} {LAST}) Tj ET\n"
        + text(60, 660, f"Over twee regels heeft {SUBJECT} gesproken met {FIRST}")
        + text(60, 646, f"{LAST} en daarna niet meer.")
        + text(60, 610, f"onzichtbaar {NAME}", before="3 Tr")
        + text(60, 580, f"wit {NAME}", before="0 Tr 1 g")
        + text(60, 550, f"onder een vlak {NAME}", before="0 g")
        + "0 g 55 545 220 18 re f\n"
        + "q 300 0 0 40 60 480 cm /Photo Do Q\n"
        + text(60, 440, f"Naam van {SUBJECT} blijft staan.")
    )
    photo = picture_stream(pdf, written_picture(f"In beeld {NAME}"))
    photo.Metadata = pdf.make_stream(f"<x>{NAME}</x>".encode())
    page = add_page(pdf, body, XObject=pikepdf.Dictionary(Photo=photo))
    add_page(pdf, text(60, 780, f"Tweede bladzijde over {SUBJECT}, niets bijzonders."))
    _hide_in_page(pdf, page)
    _hide_in_document(pdf, page)
    return saved(pdf)


def _hide_in_page(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.obj.PieceInfo = pikepdf.Dictionary(App=pikepdf.Dictionary(Private=pikepdf.String(NAME)))
    page.obj.Thumb = picture_stream(pdf, written_picture(NAME, size=(300, 60), height=24))
    field = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Widget,
        FT=pikepdf.Name.Tx,
        T=pikepdf.String("naam"),
        V=pikepdf.String(NAME),
        DA=pikepdf.String("/F 12 Tf 0 g"),
        Rect=[60, 380, 300, 400],
        F=4,
    )
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Text,
        Rect=[400, 380, 420, 400],
        Contents=pikepdf.String(NAME),
        T=pikepdf.String(NAME),
    )
    action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String(f"https://voorbeeld.example/{FIRST}.{LAST}"))
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[60, 430, 200, 450], Border=[0, 0, 0], A=action
    )
    page.obj.Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(each) for each in (field, note, link)]))
    pdf.Root.AcroForm = pikepdf.Dictionary(
        Fields=[page.obj.Annots[0]],
        NeedAppearances=True,
        DR=pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font_dictionary())),
        XFA=pdf.make_stream(f"<xfa>{NAME}</xfa>".encode()),
    )


def _hide_in_document(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    pdf.docinfo["/Title"] = NAME
    pdf.docinfo["/Author"] = pikepdf.String(NAME)
    xmp = pikepdf.Stream(pdf, f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{NAME}</x:xmpmeta>".encode())
    xmp.Type, xmp.Subtype = pikepdf.Name.Metadata, pikepdf.Name.XML
    pdf.Root.Metadata = pdf.make_indirect(xmp)
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(NAME, 0))
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(f"app.alert('{NAME}')"))
    pdf.attachments[f"{NAME}.txt"] = f"brief aan {NAME}".encode()
    pdf.Root.Dests = pikepdf.Dictionary({f"/{FIRST}": [page.obj, pikepdf.Name.Fit]})
    pdf.Root.StructTreeRoot = pikepdf.Dictionary(
        Type=pikepdf.Name.StructTreeRoot, K=pikepdf.Dictionary(S=pikepdf.Name.Figure, Alt=pikepdf.String(NAME))
    )


def layers(content: bytes, folder: Path) -> dict[str, str]:
    """Give the text of every layer of a PDF, as programs that share no code with ours see it, and its pictures read."""
    file = folder / "out.pdf"
    file.write_bytes(content)
    found = {
        "pdftotext": _output("pdftotext", file, "-"),
        "pdftotext -raw": _output("pdftotext", "-raw", file, "-"),
        "mutool": _output("mutool", "draw", "-q", "-F", "text", file),
        "qpdf --qdf": _output("qpdf", "--qdf", "--object-streams=disable", "--stream-data=uncompress", file, "-"),
        "bytes": content.decode("latin-1"),
        "utf-16": content.decode("utf-16-be", "replace"),
        "pdfminer": extract_text(io.BytesIO(content)),
        "pdfinfo": _output("pdfinfo", file),
        "ocr": read_pictures(content),
    }
    assert all(found.values())
    return found


def _output(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return done.stdout.decode("latin-1" if command[0] == "qpdf" else "utf-8")


def read_pictures(content: bytes) -> str:
    """Read the pages of a PDF as a person would see them, at another size than they were read at before."""
    pdf = pypdfium2.PdfDocument(content)
    words = []
    for page in pdf:
        written = io.BytesIO()
        page.render(scale=300 / 72, grayscale=True).to_pil().save(written, "PNG")
        words += _words(written.getvalue())
    pdf.close()
    return " ".join(words)


@cache
def _words(page: bytes) -> list[str]:
    return [word.text for word in installed()(page)]


def holds(layer: str, name: str) -> bool:
    """Tell whether a name stands in a layer, however it is spaced or written as bytes."""
    folded = re.sub(r"[\W_]+", "", layer).lower()
    hexadecimal = (name.encode().hex(), name.encode("utf-16-be").hex())
    return name.lower() in folded or any(each in layer.lower() for each in hexadecimal)
