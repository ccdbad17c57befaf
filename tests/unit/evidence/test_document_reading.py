import io
import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evidence.document_reading import searchability
from gateway.package.facts import Searchability

_LIMIT = 50 * 1024 * 1024
_CHUNK = 256 * 1024


def _judge(content: bytes) -> Searchability:
    return searchability(io.BytesIO(content), len(content), limit=_LIMIT)


class _Dribble(io.BytesIO):
    """A stream that gives at most three bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(3, size) if size is not None and size >= 0 else 3)


def _zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return target.getvalue()


@given(
    st.text(st.characters(codec="utf-8", categories=["Ll", "Lu", "Nd"]) | st.sampled_from("\n\t\r\f .,-"), max_size=200)
)
def test_letters_digits_and_line_ends_of_any_script_are_text(text: str) -> None:
    assert _judge(text.encode()) is Searchability.TEXT


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xef\xbb\xbfGeachte heer,\r\n",
        "Beste Zoë, het bedrag is € 5 (a < b & c).".encode(),
        "می‌خواهم".encode(),
        "ver\u00adtrek".encode(),
        b"Datum: 20 november 2026\nBetreft: gesprek\n\nGeachte heer,\n",
        b"Zie https://www.voorbeeld.example/een/heel/lang/pad/" + b"naar-iets/" * 10,
    ],
)
def test_a_plain_letter_is_text(content: bytes) -> None:
    assert _judge(content) is Searchability.TEXT


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\nabc",
        b"leading words\n%PDF-1.7\nabc",
        b"%!PS-Adobe-3.0\n",
        b"{\\rtf1\\ansi Jan}",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a\x01\x00",
        b"\xff\xd8\xff\xe0",
        b"\x7fELF",
        _zip(),
        "tekst".encode("utf-16"),
        b"tekst\x00tekst",
        b"tekst\x1b[8mverborgen",
        b"\xff\xfe",
        b"caf\xe9",
        "afgebroken é".encode()[:-1],
        "\u0085".encode(),
    ],
)
def test_a_binary_format_is_not_text(content: bytes) -> None:
    assert _judge(content) is Searchability.NOT_TEXT


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><p>Jan</p>",
        b"\xef\xbb\xbf \r\n<?xml version='1.0'?><a/>",
        b"<svg/>",
        b"Beste Jan, <b>Mer</b>hawi",
        b"Beste Jan <!-- Merhawi -->",
        b"Beste &#77;erhawi",
        b"Beste &#x4D;erhawi",
        b'{"naam": "\\u004derhawi"}',
        b"MIME-Version: 1.0\n\nTWVyaGF3aQ==",
        b"From: a@b.example\nSubject: x\n y\nmime-version: 1.0\n\nabc",
        b"From a@b.example Mon Nov 23\n",
        b"BEGIN:VCARD\nN:Tesfay\n",
        b"begin 644 brief.txt\n#0V%T\n",
        b"Zie bijlage:\n-----BEGIN PGP MESSAGE-----\n",
        b"data:text/plain;base64,TWVyaGF3aQ==",
        b"Bijlage:\n" + b"TWVyaGF3aSBUZXNmYXkgd29vbnQgaW4gVXRyZWNodCBlbiBpcyBnZWJvcmVuIGluIEFz\n" * 3,
        b"Bijlage: " + b"TWVyaGF3" * 40,
    ],
)
def test_markup_and_encodings_that_hide_content_are_not_text(content: bytes) -> None:
    assert _judge(content) is Searchability.NOT_TEXT


@pytest.mark.parametrize(
    "hidden",
    ["\u200b", "\u2060", "\ufeff", "\u202e", "\u2066", "\u200f", "\u3164", "\ufe0f", "\U000e0041", "\ue000", "\u2800"],
)
def test_invisible_and_turning_characters_are_not_text(hidden: str) -> None:
    assert _judge(f"Mer{hidden}hawi".encode()) is Searchability.NOT_TEXT


@pytest.mark.parametrize("offset", range(-12, 3))
@pytest.mark.parametrize("mark", ["</a", "&#77;", "\\u004d", "-----BEGIN P", "\u202e"])
def test_a_mark_across_the_border_of_two_pieces_is_seen(mark: str, offset: int) -> None:
    content = b"a b " * (_CHUNK // 4) + b"a b "
    at = _CHUNK + offset

    assert _judge(content[:at] + mark.encode() + b" en verder") is Searchability.NOT_TEXT


def test_a_letter_across_the_border_of_two_pieces_is_text() -> None:
    assert _judge(b"a " * (_CHUNK // 2 - 1) + "xé één".encode()) is Searchability.TEXT


def test_a_stream_that_gives_a_few_bytes_at_a_time_is_judged_the_same() -> None:
    content = b"From: a@b.example\nMIME-Version: 1.0\n\n"

    assert searchability(_Dribble(content), len(content), limit=_LIMIT) is Searchability.NOT_TEXT
    assert searchability(_Dribble("Zoë".encode()), 4, limit=_LIMIT) is Searchability.TEXT


def test_a_document_over_the_limit_is_not_even_read() -> None:
    reader = io.BytesIO(b"tekst")

    assert searchability(reader, 11, limit=10) is Searchability.TOO_LARGE
    assert reader.tell() == 0


def test_a_document_that_is_larger_than_it_says_is_too_large() -> None:
    assert searchability(io.BytesIO(b"tekst tekst"), 5, limit=10) is Searchability.TOO_LARGE


def test_random_bytes_are_never_text() -> None:
    source = random.Random(1)

    assert {_judge(source.randbytes(400)) for _ in range(50)} == {Searchability.NOT_TEXT}
