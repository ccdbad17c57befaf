import io
import random
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, Final

import pikepdf
import pytest
from PIL import Image

from tests.integration.minimise.nasty_pdf import add_page, nasty_pdf, saved, simple_pdf, text

_SECONDS: Final = 10
_MEBIBYTES: Final = 512


def _form(pdf: pikepdf.Pdf, content: bytes, **resources: Any) -> Any:
    form = pikepdf.Stream(pdf, content)
    form.Type, form.Subtype, form.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 500, 500]
    form.Resources = pikepdf.Dictionary(**resources)
    return pdf.make_indirect(form)


def _nested_forms() -> bytes:
    pdf = pikepdf.new()
    form = _form(pdf, b"0 0 m 500 500 l S")
    for _ in range(12):
        form = _form(pdf, b"/F Do " * 10, XObject=pikepdf.Dictionary(F=form))
    add_page(pdf, "/F Do", XObject=pikepdf.Dictionary(F=form))
    return saved(pdf)


def _nested_forms_under_escaped_names() -> bytes:
    pdf = pikepdf.new()
    form = _form(pdf, b"0 0 m 500 500 l S")
    for _ in range(12):
        form = _form(pdf, b"/#46orm Do " * 10, XObject=pikepdf.Dictionary(Form=form))
    add_page(pdf, "/Form Do", XObject=pikepdf.Dictionary(Form=form))
    return saved(pdf)


def _nested_patterns() -> bytes:
    pdf = pikepdf.new()
    pattern = _form(pdf, b"0 0 1 1 re f")
    for _ in range(12):
        pattern = _form(pdf, b"/Pattern cs /P scn 0 0 9 9 re f " * 10, Pattern=pikepdf.Dictionary(P=pattern))
        pattern.PatternType, pattern.PaintType, pattern.TilingType = 1, 1, 1
        pattern.XStep = pattern.YStep = 1
    add_page(pdf, "/Pattern cs /P scn 0 0 500 500 re f", Pattern=pikepdf.Dictionary(P=pattern))
    return saved(pdf)


def _form_that_draws_itself() -> bytes:
    pdf = pikepdf.new()
    form = _form(pdf, b"/F Do /F Do")
    form.Resources.XObject = pikepdf.Dictionary(F=form)
    add_page(pdf, "/F Do", XObject=pikepdf.Dictionary(F=form))
    return saved(pdf)


def _inflating_content() -> bytes:
    pdf = pikepdf.new()
    page = add_page(pdf, "")
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"0 0 m 9 9 l S " * 75_000) for _ in range(400)) + packer.flush()
    page.obj.Contents = pikepdf.Stream(pdf, packed, Filter=pikepdf.Name.FlateDecode)
    return saved(pdf, compress_streams=False)


def _huge_picture() -> bytes:
    pdf = pikepdf.new()
    picture = pikepdf.Stream(pdf, b"\x00" * 100)
    picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    picture.Width = picture.Height = 60_000
    picture.ColorSpace, picture.BitsPerComponent = pikepdf.Name.DeviceGray, 1
    picture.Filter, picture.DecodeParms = pikepdf.Name.CCITTFaxDecode, pikepdf.Dictionary(K=-1, Columns=60_000)
    add_page(pdf, "500 0 0 500 0 0 cm /P Do", XObject=pikepdf.Dictionary(P=picture))
    return saved(pdf)


def _huge_inline_picture() -> bytes:
    return simple_pdf("500 0 0 500 0 0 cm BI /W 60000 /H 60000 /CS /G /BPC 1 /F /CCF ID \x00\x00 EI")


def _page_tree_in_a_circle() -> bytes:
    pdf = pikepdf.open(io.BytesIO(simple_pdf("")))
    pdf.Root.Pages.Kids = [pdf.Root.Pages]
    return saved(pdf)


def _zip_behind() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("brief.txt", "tekst")
    return simple_pdf(text(60, 700, "Een brief")) + packed.getvalue()


def _encrypted(*, user: str) -> bytes:
    pdf = pikepdf.open(io.BytesIO(simple_pdf(text(60, 700, "Een brief"))))
    written = io.BytesIO()
    pdf.save(written, encryption=pikepdf.Encryption(owner="eigenaar", user=user))
    return written.getvalue()


def _deep_arrays() -> bytes:
    return simple_pdf("[" * 200_000 + "]" * 200_000)


def _noise() -> bytes:
    return b"%PDF-1.7\n" + random.Random(1).randbytes(200_000) + b"\nstartxref\n9\n%%EOF\n"


PDFS: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "nested-forms": (_nested_forms, "too-large"),
    "nested-forms-under-escaped-names": (_nested_forms_under_escaped_names, "too-large"),
    "nested-patterns": (_nested_patterns, "too-large"),
    "form-that-draws-itself": (_form_that_draws_itself, "too-large"),
    "inflating-content": (_inflating_content, "too-large"),
    "huge-picture": (_huge_picture, "too-large"),
    "huge-inline-picture": (_huge_inline_picture, "too-large"),
    "page-of-5-metres": (lambda: simple_pdf("0 0 m 9 9 l S", size=(14_400, 14_400)), "too-large"),
    "page-without-size-and-text": (lambda: simple_pdf("9 9 m 90 90 l S", size=(0, 0)), "no-text"),
    "600-pages": (lambda: simple_pdf(*[""] * 600), "too-large"),
    "page-tree-in-a-circle": (_page_tree_in_a_circle, "damaged"),
    "truncated": (lambda: nasty_pdf()[:4000], "damaged"),
    "truncated-by-one-line": (lambda: simple_pdf("").removesuffix(b"%%EOF\n"), "damaged"),
    "encrypted": (lambda: _encrypted(user="geheim"), "encrypted"),
    "encrypted-without-password": (lambda: _encrypted(user=""), "encrypted"),
    "zip-behind": (_zip_behind, "type-mismatch"),
    "something-before": (lambda: b"GIF89a" + simple_pdf(""), "type-mismatch"),
    "noise": (_noise, "damaged"),
    "deep-arrays": (_deep_arrays, "opened"),
}


def _png_of_100_megapixels() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(10_001)) for _ in range(10_000)) + packer.flush()
    head = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _png_with_inflating_text() -> bytes:
    written = io.BytesIO()
    Image.new("L", (50, 50), 255).save(written, "PNG")
    body = b"Comment\x00\x00" + zlib.compress(bytes(300_000_000), 9)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    content = written.getvalue()
    return content[:33] + chunk + content[33:]


def _many_frames() -> bytes:
    written = io.BytesIO()
    frames = [Image.effect_noise((8, 8), 90) for _ in range(600)]
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    return written.getvalue()


def _truncated_jpeg() -> bytes:
    written = io.BytesIO()
    Image.effect_noise((600, 600), 80).save(written, "JPEG")
    return written.getvalue()[: len(written.getvalue()) // 2]


def _tiff_in_a_circle() -> bytes:
    written = io.BytesIO()
    Image.new("L", (20, 20), 255).save(written, "TIFF")
    content = bytearray(written.getvalue())
    (first,) = struct.unpack("<I", content[4:8])
    (count,) = struct.unpack("<H", content[first : first + 2])
    content[first + 2 + 12 * count : first + 6 + 12 * count] = struct.pack("<I", first)
    return bytes(content)


def _saved_noise() -> bytes:
    written = io.BytesIO()
    Image.effect_noise((400, 300), 90).save(written, "JPEG")
    return written.getvalue()


IMAGES: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "png-of-100-megapixels": (_png_of_100_megapixels, "too-large"),
    "png-with-inflating-text": (_png_with_inflating_text, "damaged"),
    "gif-of-600-frames": (_many_frames, "too-large"),
    "truncated-jpeg": (_truncated_jpeg, "damaged"),
    "tiff-whose-frames-go-in-a-circle": (_tiff_in_a_circle, "opened"),
    "svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><text>Merhawi</text></svg>", "damaged"),
    "nothing": (lambda: b"", "damaged"),
    "photograph": (_saved_noise, "no-text"),
}


FILES: Final = {f"{name}.pdf": each for name, each in PDFS.items()} | {
    f"{name}.bin": each for name, each in IMAGES.items()
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    folder = tmp_path_factory.mktemp("hostile")
    for name, (make, _) in FILES.items():
        (folder / name).write_bytes(make())
    command = (sys.executable, "-m", "tests.integration.minimise.open_each", *(str(folder / name) for name in FILES))
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=True)
    return dict(zip(FILES, map(str.split, done.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_trouble_within_ten_seconds_and_little_memory(
    name: str, outcomes: dict[str, list[str]]
) -> None:
    said, seconds, peak = outcomes[name]
    assert FILES[name][1] == said
    assert float(seconds) < _SECONDS
    assert int(peak) < _MEBIBYTES
