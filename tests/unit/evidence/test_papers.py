"""A signed paper is readable when its bytes are a whole PDF or picture, whatever its name says."""

import hashlib
import io

import pytest

from gateway.evidence.papers import MAX_PAPER_BYTES, look_at
from gateway.package.facts import Paper

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF\n"


@pytest.mark.parametrize(
    "content",
    [
        PDF,
        b"\xff\xd8\xff\xe0" + bytes(99) + b"\xff\xd9",
        b"\x89PNG\r\n\x1a\n" + bytes(9) + b"IEND\xaeB`\x82",
        b"II*\x00" + bytes(9),
    ],
    ids=["pdf", "jpeg", "png", "tiff"],
)
def test_a_whole_scan_is_readable_and_known_by_its_digest(content: bytes) -> None:
    facts = look_at(io.BytesIO(content))

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
    ],
    ids=["empty", "text", "half a pdf", "encrypted pdf", "program", "half a picture", "zip"],
)
def test_anything_else_is_not_readable(content: bytes) -> None:
    assert Paper.UNREADABLE is look_at(io.BytesIO(content)).paper


def test_an_encrypted_pdf_is_known_also_where_its_mark_lies_across_two_pieces() -> None:
    begin = PDF[:9]
    filler = bytes(256 * 1024 - len(begin) - 4)

    assert Paper.UNREADABLE is look_at(io.BytesIO(begin + filler + b"/Encrypt 2 0 R\n%%EOF")).paper


def test_a_paper_beyond_the_limit_is_not_readable() -> None:
    assert Paper.UNREADABLE is look_at(io.BytesIO(PDF + bytes(MAX_PAPER_BYTES) + b"%%EOF")).paper


def test_a_pdf_that_says_that_it_is_signed_is_told_apart_also_across_two_pieces() -> None:
    begin = PDF[:9]
    filler = bytes(256 * 1024 - len(begin) - 4)

    assert look_at(io.BytesIO(begin + filler + b"/ByteRange[0 1 2 3]\n%%EOF")).signed
    assert not look_at(io.BytesIO(PDF)).signed
    assert not look_at(io.BytesIO(b"II*\x00/ByteRange")).signed
    assert not look_at(io.BytesIO(b"%PDF-1.4 /ByteRange")).signed
