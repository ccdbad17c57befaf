"""Documents that attack whoever opens them. They are made when asked for: a bomb does not belong in a repository."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import pikepdf

from gateway.minimise.documents.model import Trouble
from tests.vectors.archives.building import DEFLATED, Piece, Told, build

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_ANY = frozenset(Trouble)
_NO_DTD = frozenset({Trouble.DAMAGED, Trouble.ACTIVE})


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """One attack: the name it comes under, how its bytes are made, and the troubles that it may end in."""

    name: str = field(repr=False)
    make: Callable[[], bytes] = field(repr=False)
    troubles: frozenset[Trouble] = _ANY
    recognised: bool = False
    """Whether its type is that of an honest file, so that only the reader of that type can see what is wrong."""


def zipped(files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def content_types(main: str, parts: Mapping[str, str] | None = None) -> bytes:
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{told}"/>' for name, told in (parts or {}).items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{main}{overrides}</Types>'
    ).encode()


def _main(part: str, told: str) -> str:
    return f'<Override PartName="/{part}" ContentType="{told}"/>'


_RELATIONS = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    b'Target="word/document.xml"/></Relationships>'
)


def document_xml(text: str, *, before: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        f"<w:t>{text}</w:t></w:r></w:p></w:body></w:document>"
    ).encode()


def docx(
    text: str = "Hallo",
    *,
    before: str = "",
    more: Mapping[str, bytes] | None = None,
    types: Mapping[str, str] | None = None,
) -> bytes:
    """Make a small honest docx, or one with something else in it."""
    main = _main("word/document.xml", f"{WORD}.document.main+xml")
    return zipped(
        {
            "[Content_Types].xml": content_types(main, types),
            "_rels/.rels": _RELATIONS,
            "word/document.xml": document_xml(text, before=before),
            **(more or {}),
        }
    )


def xlsx(*, more: Mapping[str, bytes] | None = None, types: Mapping[str, str] | None = None) -> bytes:
    main = _main("xl/workbook.xml", f"{SHEET}.sheet.main+xml")
    return zipped(
        {
            "[Content_Types].xml": content_types(main, types),
            "_rels/.rels": _RELATIONS.replace(b"word/document", b"xl/workbook"),
            "xl/workbook.xml": b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets/></workbook>',
            **(more or {}),
        }
    )


def odt(*, more: Mapping[str, bytes] | None = None, manifest: str = "") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text", zipfile.ZIP_STORED)
        archive.writestr("content.xml", "<content/>")
        archive.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{manifest}</m:manifest>',
        )
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return target.getvalue()


def pdf(text: str = "Hallo") -> bytes:
    """Make a PDF of one page with a line of text."""
    made = pikepdf.new()
    made.add_blank_page(page_size=(595, 842))
    page = made.pages[0]
    name = pikepdf.Name
    font = pikepdf.Dictionary(Type=name.Font, Subtype=name.Type1, BaseFont=name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = made.make_stream(f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode())
    return _saved(made)


def _saved(made: pikepdf.Pdf, *, encryption: pikepdf.Encryption | bool = False) -> bytes:
    target = io.BytesIO()
    made.save(target, encryption=encryption)
    return target.getvalue()


def png(width: int = 8, height: int = 8, *, rows: bytes | None = None) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\x00" * ((width + 1) * height) if rows is None else rows, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


# ---- The attacks ---------------------------------------------------------------------------------------------------


@cache
def _bomb() -> bytes:
    return docx(more={"word/media/image.xml": b"\x00" * (250 * 1024 * 1024)})


@cache
def _forged_size() -> bytes:
    """A member that inflates to 64 MiB and says that it is small."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(b"\x00" * 1024 * 1024) for _ in range(64)) + packer.flush()
    lie = Told(size=1000, crc=0)
    pieces = [
        Piece(
            name=b"[Content_Types].xml", content=content_types(_main("word/document.xml", f"{WORD}.document.main+xml"))
        ),
        Piece(name=b"word/document.xml", packed=packed, local=lie, central=lie),
    ]
    return build([pieces[1], pieces[0]])


@cache
def _forged_types() -> bytes:
    """The same lie in the part that tells the type itself."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(b"\x00" * 1024 * 1024) for _ in range(64)) + packer.flush()
    lie = Told(size=1000, crc=0)
    return build([Piece(name=b"[Content_Types].xml", packed=packed, local=lie, central=lie)])


def _overlap() -> bytes:
    content = document_xml("x" * 100_000)
    first = Piece(name=b"a.txt", content=content)
    return build([first, Piece(name=b"b.txt", content=content, central=Told(offset=0))])


@cache
def _many_members() -> bytes:
    return zipped({f"{number}.txt": b"" for number in range(10_001)}, method=zipfile.ZIP_STORED)


@cache
def _bomb_in_archive() -> bytes:
    inner = zipped({"leeg.txt": b"\x00" * (30 * 1024 * 1024)})
    return zipped({f"{number}.zip": inner for number in range(8)})


def _ole(encrypted: bool) -> bytes:
    word = "EncryptedPackage" if encrypted else "WordDocument"
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 1016 + word.encode("utf-16-le") + b"\x00" * 1024


def _nested_forms() -> bytes:
    """Thirty forms that each draw the next one ten times: 10^30 drawings in a few kilobytes."""
    made = pikepdf.new()
    made.add_blank_page(page_size=(595, 842))
    inner = made.make_stream(b"0 0 10 10 re f")
    for _ in range(30):
        form = made.make_stream(b"/X Do " * 10)
        inner.Type, inner.Subtype, inner.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, pikepdf.Array([0, 0, 595, 842])
        form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=inner))
        inner = form
    page = made.pages[0]
    inner.Type, inner.Subtype, inner.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, pikepdf.Array([0, 0, 595, 842])
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=inner))
    page.Contents = made.make_stream(b"/X Do")
    return _saved(made)


def _encrypted_pdf() -> bytes:
    made = pikepdf.open(io.BytesIO(pdf()))
    return _saved(made, encryption=pikepdf.Encryption(owner="o", user="u", R=6))


def _huge_page() -> bytes:
    made = pikepdf.new()
    made.add_blank_page(page_size=(14_400, 14_400))
    return _saved(made)


@cache
def _many_pages() -> bytes:
    made = pikepdf.new()
    for _ in range(501):
        made.add_blank_page(page_size=(10, 10))
    return _saved(made)


@cache
def _huge_picture() -> bytes:
    """A hundred megapixels in 100 KB."""
    return png(10_000, 10_000)


_LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]>"
)
_XXE = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def _encrypted_member() -> bytes:
    return build([Piece(name=b"brief.txt", content=b"x" * 100, flags=1)])


def _symlink() -> bytes:
    return build([Piece(name=b"brief.txt", content=b"/etc/passwd", mode=0o120777)])


CORPUS: Mapping[str, Hostile] = {
    "zip bomb in a docx": Hostile(name="a.docx", make=_bomb, troubles=frozenset({Trouble.TOO_LARGE})),
    "forged size of the content types": Hostile(
        name="a.docx", make=_forged_types, troubles=frozenset({Trouble.DAMAGED})
    ),
    "forged size of the document": Hostile(
        name="a.docx",
        make=_forged_size,
        troubles=frozenset({Trouble.DAMAGED, Trouble.TYPE_MISMATCH}),
        recognised=True,
    ),
    "overlapping members": Hostile(name="a.zip", make=_overlap, troubles=frozenset({Trouble.DAMAGED})),
    "ten thousand members and one": Hostile(name="a.zip", make=_many_members, troubles=frozenset({Trouble.TOO_LARGE})),
    "bombs within an archive": Hostile(name="a.zip", make=_bomb_in_archive, recognised=True),
    "path out of the archive": Hostile(
        name="a.zip", make=lambda: zipped({"../../etc/cron.d/x": b"x"}), troubles=frozenset({Trouble.DAMAGED})
    ),
    "absolute path": Hostile(
        name="a.zip", make=lambda: zipped({"/etc/passwd": b"x"}), troubles=frozenset({Trouble.DAMAGED})
    ),
    "drive letter": Hostile(
        name="a.zip", make=lambda: zipped({"C:/Windows/x": b"x"}), troubles=frozenset({Trouble.DAMAGED})
    ),
    "symbolic link": Hostile(name="a.zip", make=_symlink, troubles=frozenset({Trouble.DAMAGED})),
    "the same name twice": Hostile(
        name="a.zip",
        make=lambda: build([Piece(name=b"a.txt", content=b"1"), Piece(name=b"A.TXT", content=b"2")]),
        troubles=frozenset({Trouble.DAMAGED}),
    ),
    "name of a thousand characters": Hostile(
        name="a.zip", make=lambda: zipped({"x" * 1000 + ".txt": b"x"}), troubles=frozenset({Trouble.DAMAGED})
    ),
    "control characters in a name": Hostile(
        name="a.zip", make=lambda: zipped({"a\x1b[2J.txt": b"x"}), troubles=frozenset({Trouble.DAMAGED})
    ),
    "encrypted member": Hostile(name="a.zip", make=_encrypted_member, troubles=frozenset({Trouble.ENCRYPTED})),
    "unknown compression": Hostile(
        name="a.zip", make=lambda: build([Piece(name=b"a.txt", content=b"x", method=DEFLATED + 86, packed=b"x")])
    ),
    "billion laughs": Hostile(
        name="a.docx", make=lambda: docx("&m;", before=_LAUGHS), troubles=_NO_DTD, recognised=True
    ),
    "external entity": Hostile(name="a.docx", make=lambda: docx("&x;", before=_XXE), troubles=_NO_DTD, recognised=True),
    "external entity in the content types": Hostile(
        name="a.docx",
        make=lambda: zipped({"[Content_Types].xml": b'<?xml version="1.0"?>' + _XXE.encode() + b"<w>&x;</w>"}),
        troubles=frozenset({Trouble.DAMAGED}),
    ),
    "macro document under another name": Hostile(
        name="a.docx",
        make=lambda: docx(
            more={"word/vbaProject.bin": b"x"}, types={"word/vbaProject.bin": "application/vnd.ms-office.vbaProject"}
        ),
        troubles=frozenset({Trouble.ACTIVE}),
    ),
    "macro project under another name": Hostile(
        name="a.docx",
        make=lambda: docx(
            more={"word/styles.bin": b"x"}, types={"word/styles.bin": "application/vnd.ms-office.vbaProject"}
        ),
        troubles=frozenset({Trouble.ACTIVE}),
    ),
    "macro document that says so": Hostile(name="a.docm", make=docx, troubles=frozenset({Trouble.ACTIVE})),
    "embedded object": Hostile(
        name="a.docx",
        make=lambda: docx(
            more={"word/embeddings/oleObject1.bin": b"x"},
            types={"word/embeddings/oleObject1.bin": "application/vnd.openxmlformats-officedocument.oleObject"},
        ),
        troubles=frozenset({Trouble.ACTIVE}),
    ),
    "external workbook": Hostile(
        name="a.xlsx",
        make=lambda: xlsx(
            more={"xl/externalLinks/externalLink1.xml": b"<x/>"},
            types={"xl/externalLinks/externalLink1.xml": f"{SHEET}.externalLink+xml"},
        ),
        troubles=frozenset({Trouble.ACTIVE}),
    ),
    "macros in an odt": Hostile(
        name="a.odt",
        make=lambda: odt(more={"Basic/Standard/Module1.xml": b"<x/>"}),
        troubles=frozenset({Trouble.ACTIVE}),
    ),
    "encrypted odt": Hostile(
        name="a.odt",
        make=lambda: odt(manifest='<m:file-entry m:full-path="content.xml"><m:encryption-data/></m:file-entry>'),
        troubles=frozenset({Trouble.ENCRYPTED}),
    ),
    "encrypted docx": Hostile(name="a.docx", make=lambda: _ole(True), troubles=frozenset({Trouble.ENCRYPTED})),
    "old Word document": Hostile(name="a.doc", make=lambda: _ole(False), troubles=frozenset({Trouble.NOT_KNOWN})),
    "old Word document as docx": Hostile(name="a.docx", make=lambda: _ole(False)),
    "encrypted pdf": Hostile(
        name="a.pdf", make=_encrypted_pdf, troubles=frozenset({Trouble.ENCRYPTED}), recognised=True
    ),
    "nested forms": Hostile(name="a.pdf", make=_nested_forms, recognised=True),
    "page of five metres": Hostile(
        name="a.pdf", make=_huge_page, troubles=frozenset({Trouble.TOO_LARGE, Trouble.NO_TEXT}), recognised=True
    ),
    "five hundred pages and one": Hostile(
        name="a.pdf", make=_many_pages, troubles=frozenset({Trouble.TOO_LARGE}), recognised=True
    ),
    "truncated pdf": Hostile(name="a.pdf", make=lambda: pdf()[:120], recognised=True),
    "pdf behind a gif": Hostile(
        name="a.gif", make=lambda: b"GIF89a" + b"\x01" * 20 + pdf(), troubles=frozenset({Trouble.TYPE_MISMATCH})
    ),
    "gif before a pdf": Hostile(
        name="a.pdf", make=lambda: b"GIF89a" + b"\x01" * 20 + pdf(), troubles=frozenset({Trouble.TYPE_MISMATCH})
    ),
    "pdf and zip in one": Hostile(
        name="a.pdf", make=lambda: pdf() + docx(), troubles=frozenset({Trouble.TYPE_MISMATCH})
    ),
    "pdf within the first kilobyte of a docx": Hostile(
        name="a.docx",
        make=lambda: build(
            [Piece(name=b"%PDF-1.7.xml", content=b"x"), Piece(name=b"[Content_Types].xml", content=b"x")]
        ),
        troubles=frozenset({Trouble.DAMAGED, Trouble.TYPE_MISMATCH}),
    ),
    "docx as pdf": Hostile(name="a.pdf", make=docx, troubles=frozenset({Trouble.TYPE_MISMATCH})),
    "docx as zip": Hostile(name="a.zip", make=docx, troubles=frozenset({Trouble.TYPE_MISMATCH})),
    "html as txt": Hostile(
        name="a.txt",
        make=lambda: b"<html><body onload=alert(1)>Hallo</body></html>",
        troubles=frozenset({Trouble.TYPE_MISMATCH}),
    ),
    "page in a picture": Hostile(
        name="a.png",
        make=lambda: png() + b"<html><script>x</script></html>",
        troubles=frozenset({Trouble.TYPE_MISMATCH}),
    ),
    "program as txt": Hostile(
        name="a.txt", make=lambda: b"\x7fELF\x02\x01\x01" + b"\x00" * 100, troubles=frozenset({Trouble.TYPE_MISMATCH})
    ),
    "a hundred megapixels": Hostile(
        name="a.png", make=_huge_picture, troubles=frozenset({Trouble.TOO_LARGE}), recognised=True
    ),
    "truncated docx": Hostile(name="a.docx", make=lambda: docx()[:-30], troubles=frozenset({Trouble.DAMAGED})),
    "truncated picture": Hostile(name="a.png", make=lambda: png()[:45], recognised=True),
    "nothing at all": Hostile(name="a.txt", make=lambda: b"", troubles=frozenset({Trouble.DAMAGED})),
}
