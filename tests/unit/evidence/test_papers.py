"""A signed paper is readable when its bytes are a whole PDF or picture, whatever its name says."""

import hashlib
import io
import struct

import pytest

from gateway.evidence.papers import MAX_PAPER_BYTES, PaperFacts, look_at
from gateway.package.facts import Paper
from tests.unit.documents import READ_HERE

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\nstartxref\n9\n%%EOF\n"
FRAME, SCAN = b"\xff\xc0\x00\x0b\x08\x00\x0a\x00\x14\x01\x01\x11\x00", b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(9) + FRAME + SCAN + bytes(9) + b"\xff\xd9"
PNG_HEAD = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
PNG = (
    PNG_HEAD
    + struct.pack(">II", 20, 10)
    + bytes(9)
    + b"\x00\x00\x00\x01IDATx"
    + bytes(4)
    + bytes(4)
    + b"IEND\xaeB`\x82"
)


def looked(content: bytes) -> PaperFacts:
    return look_at(io.BytesIO(content), files=READ_HERE)


def tiff(*tags: int, order: str = "<") -> bytes:
    begin = b"II*\x00" if order == "<" else b"MM\x00*"
    entries = b"".join(struct.pack(f"{order}HHII", tag, 4, 1, 8) for tag in tags)
    return begin + struct.pack(f"{order}I", 12) + bytes(4) + struct.pack(f"{order}H", len(tags)) + entries + bytes(4)


@pytest.mark.parametrize(
    "content",
    [
        PDF,
        JPEG,
        JPEG.replace(b"\xff\xc0", b"\xff\xe1\xff\xff" + bytes(0xFFFD) + b"\xff\xff\xc2"),
        PNG,
        tiff(256, 257, 273),
        tiff(256, 257, 324, order=">"),
    ],
    ids=["pdf", "jpeg", "progressive jpeg after much about the camera", "png", "tiff", "tiff with tiles"],
)
def test_a_whole_scan_is_readable_and_known_by_its_digest(content: bytes) -> None:
    facts = looked(content)

    assert (Paper.READABLE, hashlib.sha256(content).hexdigest()) == (facts.paper, facts.sha256)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Machtiging",
        PDF[:20],
        PDF.replace(b"<<>>", b"<</Encrypt 2 0 R>>"),
        b"MZ" + PDF,
        b"\xff\xd8\xff" + bytes(99),
        b"PK\x03\x04" + PDF,
        PDF.replace(b"<<>>", b"<</E#6ecrypt 2 0 R>>"),
        PDF.replace(b"<<>>", b"<</#45#6E#63#72#79#70#74 2 0 R>>"),
        b"%PDF-1.4\n%%EOF",
        PDF.replace(b"startxref", b""),
        b"II*\x00",
        b"II*\x00" + bytes(9),
        tiff(256, 257),
        tiff(256, 257, 273)[:-20],
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe0" + bytes(99) + b"\xff\xd9",
        JPEG.replace(b"\x00\x0a\x00\x14", bytes(4)),
        JPEG.replace(SCAN, b""),
        b"\x89PNG\r\n\x1a\n" + bytes(9) + b"IEND\xaeB`\x82",
        PNG.replace(b"IDAT", b"IDAX"),
    ],
    ids=[
        *("empty", "text", "half a pdf", "encrypted pdf", "program", "half a picture", "zip"),
        *("encrypted pdf, a letter escaped", "encrypted pdf, each letter escaped", "pdf of nothing"),
        *("pdf without a table", "tiff of four bytes", "tiff without a directory", "tiff without data"),
        *("tiff that is cut off", "empty jpeg", "jpeg without segments", "jpeg without a size", "jpeg without a scan"),
        *("png without a size", "png without data"),
    ],
)
def test_anything_else_is_not_readable(content: bytes) -> None:
    assert Paper.UNREADABLE is looked(content).paper


def test_an_encrypted_pdf_is_known_also_where_its_mark_lies_across_two_pieces() -> None:
    begin = PDF[:9]
    filler = bytes(256 * 1024 - len(begin) - 4)
    end = b" 1 0 obj startxref\n9\n%%EOF"

    assert Paper.READABLE is looked(begin + filler + end).paper
    for name in (b"/Encrypt", b"/E#6ecrypt", b"/#45#6e#63#72#79#70#74"):
        assert Paper.UNREADABLE is looked(begin + filler + name + end).paper


def test_a_paper_beyond_the_limit_is_not_readable() -> None:
    assert Paper.UNREADABLE is looked(PDF + bytes(MAX_PAPER_BYTES) + b"%%EOF").paper


def test_a_pdf_that_says_that_it_is_signed_is_told_apart_also_across_two_pieces() -> None:
    begin = PDF[:9]
    filler = bytes(256 * 1024 - len(begin) - 4)

    assert looked(begin + filler + b"/Byte#52ange[0 1 2 3] 1 0 obj startxref\n9\n%%EOF").signed
    assert not looked(PDF).signed
    assert not looked(tiff(256, 257, 273) + b"/ByteRange").signed
    assert not looked(b"%PDF-1.4 /ByteRange").signed
