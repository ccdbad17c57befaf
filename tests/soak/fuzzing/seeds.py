"""What the mutations begin with: for each reader an honest file, and one with a name in every hiding place."""

import io
import zipfile
from base64 import encodebytes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from typing import Final

import pikepdf
from PIL import Image, ImageDraw, ImageFont

from tests.integration.minimise.nasty_pdf import add_page, nasty_pdf, picture_stream, saved, simple_pdf, text
from tests.unit.minimise.documents import test_eml as mails
from tests.unit.minimise.documents.nasty_docx import nasty_docx, paragraph, plain_docx, run
from tests.unit.minimise.documents.nasty_html import nasty_html
from tests.unit.minimise.documents.nasty_ods import nasty_ods, simple_ods, text_cell
from tests.unit.minimise.documents.nasty_odt import nasty_odt, p, plain_odt
from tests.unit.minimise.documents.nasty_xlsx import nasty_xlsx, patched_zip

PLANTED: Final = ("Merhawi Tesfay", "Fatemeh Rezai")
SUBJECT_NAMES: Final = ("Selam Haile", "Samira Al-Jabouri", "Samira Haddad")
READERS: Final = (
    "text", "markdown", "html", "docx", "odt", "xlsx", "ods", "eml", "archive", "pdf", "image",
)  # fmt: skip
PACKED: Final = frozenset({"docx", "odt", "xlsx", "ods", "archive"})
DRAWN: Final = frozenset({"pdf", "image"})
DRAWN_WORDS: Final = {
    word: (10 + 85 * at, 30, 90 + 85 * at, 60)
    for at, word in enumerate(("De", "heer", "Merhawi", "Tesfay", "sprak", "Selam", "Haile"))
}
"""What stands in pictures, and where: left, top, right, bottom, in pixels."""
_SENTENCES: Final = (
    "Gespreksverslag van Selam Haile",
    "De heer Merhawi Tesfay, geboren 12-03-1987, woont aan de Dorpsstraat 12, 3511 AB Utrecht.",
    "Zijn BSN is 123456782 en zijn V-nummer 0987654321; hij is te bereiken op 06 23456789.",
    "Mail hem op merhawi.tesfay@voorbeeld.example of betaal op NL91ABNA0417164300.",
    "Selam Haile woont in Nijmegen en sprak met haar zus mevrouw Fatemeh Rezai.",
    "Regievoerder J. de Wit maakte dit verslag.",
)
_REFUSED: Final = ("embeddings/", "Object 1/", "externalLinks/")
"""Parts for which a whole file is refused at the door, so that no reader would see the rest."""
_FONT: Final = "/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A file to begin with."""

    name: str
    content: bytes = field(repr=False)


@cache
def seeds(reader: str) -> Sequence[Seed]:
    """Give the files of a reader."""
    suffix = {"text": "txt", "markdown": "md", "archive": "zip"}.get(reader, reader)
    if reader == "image":
        return tuple(
            Seed(name=f"a.{kind}", content=_picture(kind)) for kind in ("png", "jpg", "gif", "tif", "webp", "bmp")
        )
    return tuple(Seed(name=f"a.{suffix}", content=each) for each in _CONTENTS[reader]())


def members(content: bytes) -> dict[str, bytes]:
    """Unpack a zip of our own."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(parts: Mapping[str, bytes], *, level: int = 1) -> bytes:
    """Pack parts; the type of an OpenDocument file is stored."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as new:
        for name, part in parts.items():
            new.writestr(
                zipfile.ZipInfo(name), part, zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            )
    return made.getvalue()


def _let_in(content: bytes) -> bytes:
    parts = {name: part for name, part in members(content).items() if not any(refused in name for refused in _REFUSED)}
    return packed(parts)


def _texts() -> Sequence[bytes]:
    whole = "\n\n".join(_SENTENCES)
    return (
        whole.encode(),
        "\r\n".join(_SENTENCES).encode("cp1252"),
        "\ufeff".encode() + whole.encode(),
        whole.encode("utf-16"),
    )


def _markdown() -> Sequence[bytes]:
    title, *others = _SENTENCES
    listed = "\n".join(f"- **{each}**" for each in others)
    rows = "| Merhawi Tesfay | 123456782 |\n| [Fatemeh Rezai](https://voorbeeld.example/rezai) | _x_ |"
    table = f"| naam | nummer |\n|---|---|\n{rows}"
    return (f"# {title}\n\n{listed}\n\n```\n{others[0]}\n```\n\n{table}\n".encode(), *_texts()[:1])


def _pages() -> Sequence[bytes]:
    body = "".join(f"<p>{each}</p>" for each in _SENTENCES)
    rows = "<tr><td>Merhawi <b>Tesfay</b></td><td rowspan=2>123456782</td></tr><tr><td>Fatemeh Rezai</td></tr>"
    head = "<!DOCTYPE html><html><head><meta charset=utf-8><style>.x{color:red}</style></head>"
    plain = f"{head}<body>{body}<table>{rows}</table></body></html>"
    return (nasty_html().partition(b"?>")[2], plain.encode(), plain.encode("utf-16"))


def _word() -> Sequence[bytes]:
    plain = "".join(paragraph(run(each[:20]), run(each[20:], "<w:b/>")) for each in _SENTENCES)
    return (_let_in(nasty_docx()), plain_docx(plain))


def _odt() -> Sequence[bytes]:
    return (_let_in(nasty_odt()), _let_in(plain_odt("".join(map(p, _SENTENCES)))))


def _xlsx() -> Sequence[bytes]:
    kinds = tuple(
        (f'<Override PartName="/{name}"', f'<Override PartName="/weg/{name}"')
        for name in members(nasty_xlsx())
        if "externalLinks" in name
    )
    return (_let_in(patched_zip(nasty_xlsx(), changes={"[Content_Types].xml": kinds})),)


def _ods() -> Sequence[bytes]:
    rows = "".join(f"<table:table-row>{text_cell(each)}{text_cell('x')}</table:table-row>" for each in _SENTENCES)
    return (_let_in(nasty_ods()), simple_ods(f'<table:table table:name="Blad1">{rows}</table:table>'))


def _mails() -> Sequence[bytes]:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = (
        _SENTENCES[1],
        "Merhawi Tesfay <m@x.example>",
        "Selam Haile <s@x.example>",
    )
    mail["Date"] = "Mon, 2 Nov 2026 10:00:00 +0100"
    mail.set_content("\n\n".join(_SENTENCES), cte="quoted-printable")
    mail.add_alternative(_pages()[1].decode(), subtype="html", cte="base64")
    forwarded = EmailMessage()
    forwarded["Subject"], forwarded["From"] = "Fwd: Fatemeh Rezai", '"Rezai, F." <f@x.example>'
    forwarded.set_content("\n\n".join(_SENTENCES[3:]))
    forwarded.add_attachment(_texts()[0], maintype="text", subtype="plain", filename="Merhawi Tesfay.txt")
    forwarded.add_attachment(mail)
    nasty = message_from_bytes(mails._nasty(), policy=policy.default)
    for part, (seed,) in zip(nasty.iter_attachments(), (_xlsx(), _ods()[:1]), strict=False):
        part.set_payload(encodebytes(seed))
    return (nasty.as_bytes(), mail.as_bytes(), forwarded.as_bytes())


def _archives() -> Sequence[bytes]:
    inner = packed({"Fatemeh Rezai.txt": _texts()[0], "b.html": _pages()[1]})
    whole = {
        "Merhawi Tesfay/a.txt": _texts()[0],
        "b.docx": _word()[1],
        "c.zip": inner,
        "__MACOSX/x": b"x",
        "d.eml": _mails()[1],
    }
    return (
        packed(whole),
        packed({"a.txt": _texts()[0], "b.md": _markdown()[0]}),
        packed({"a.ods": _ods()[1], "b.odt": _odt()[1]}),
    )


def _pdfs() -> Sequence[bytes]:
    lines = "".join(text(20, 180 - 22 * at, each[:60], size=8) for at, each in enumerate(_SENTENCES))
    small = simple_pdf(lines, size=(320, 200))
    scan = pikepdf.new()
    width, height = drawn_words().size
    picture = pikepdf.Dictionary(P=picture_stream(scan, drawn_words()))
    points = (width * 72 / 200, height * 72 / 200)
    add_page(scan, f"q {points[0]} 0 0 {points[1]} 0 0 cm /P Do Q", size=points, XObject=picture)
    nasty = nasty_pdf()
    # The last one takes as long as twenty of the others.
    return (*(small, unpacked(small), saved(scan), unpacked(saved(scan))) * 5, nasty)


def unpacked(content: bytes) -> bytes:
    """Write the same PDF with its streams in the clear, so that a changed byte changes what is drawn."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as file:
        file.save(
            made,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        )
    return made.getvalue()


@cache
def drawn_words() -> Image.Image:
    """Draw the words where they are said to stand."""
    sheet = Image.new("L", (620, 200), 255)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(_FONT, 22)
    for word, box in DRAWN_WORDS.items():
        draw.text((box[0] + 2, box[1] + 2), word, fill=0, font=font)
    return sheet


def _picture(kind: str) -> bytes:
    sheet = drawn_words()
    made = io.BytesIO()
    formats = {"jpg": "JPEG", "tif": "TIFF"}
    options = {"comment": PLANTED[0].encode()} if kind in {"jpg", "gif"} else {}
    sheet.save(made, formats.get(kind, kind.upper()), dpi=(200, 200), **options)
    return made.getvalue()


_CONTENTS: Final = {
    "text": _texts,
    "markdown": _markdown,
    "html": _pages,
    "docx": _word,
    "odt": _odt,
    "xlsx": _xlsx,
    "ods": _ods,
    "eml": _mails,
    "archive": _archives,
    "pdf": _pdfs,
}
