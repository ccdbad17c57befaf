"""What a document is: name, structure and libmagic have to agree."""

import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.minimise.documents.model import Trouble, UnreadableError
from gateway.minimise.documents.recognising import DocumentType, recognise
from tests import hostile_documents as hostile

MAIL = b"From: a@ind.example\r\nTo: b@coa.example\r\nSubject: Brief\r\n\r\nHallo\r\n"
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00"
    + bytes(3)
    + b"\xff\xff\xff,"
    + bytes(4)
    + b"\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
HONEST = {
    "brief.txt": (b"Geachte heer,\n\nHierbij het verslag.\n", DocumentType.TEXT),
    "windows.txt": ("Caf\u00e9 aan het Plein.\r\n".encode("cp1252"), DocumentType.TEXT),
    "kladblok.txt": ("Geachte heer Ko\u00e7, dit is een brief.".encode("utf-16"), DocumentType.TEXT),
    "vragen.txt": (
        b"Onderwerp: gesprek\nDatum: 3 mei\n\nVraag: Waar woont u?\nAntwoord: In Ter Apel.\n",
        DocumentType.TEXT,
    ),
    "lijst.csv": (b"naam;plaats\nx;y\n", DocumentType.TEXT),
    "verslag.md": (b"# Verslag\n\n- een\n- twee\n", DocumentType.MARKDOWN),
    "pagina.html": (b"<!DOCTYPE html><html><body><p>Hallo</p></body></html>", DocumentType.HTML),
    "deel.HTM": (b"<p>Hallo <b>daar</b></p>", DocumentType.HTML),
    "bericht.eml": (MAIL, DocumentType.EML),
    "brief.docx": (hostile.docx(), DocumentType.DOCX),
    "blad.xlsx": (hostile.xlsx(), DocumentType.XLSX),
    "brief.odt": (hostile.odt(), DocumentType.ODT),
    "brief.PDF": (hostile.pdf(), DocumentType.PDF),
    "foto.png": (hostile.png(), DocumentType.IMAGE),
    "foto.gif": (GIF, DocumentType.IMAGE),
    "alles.zip": (hostile.zipped({"brief.txt": b"hallo", "brief.pdf": hostile.pdf()}), DocumentType.ARCHIVE),
    "gestapeld.zip": (hostile.zipped({"brief.pdf": hostile.pdf()}, method=0), DocumentType.ARCHIVE),
}


def trouble(content: bytes, name: str) -> Trouble:
    with pytest.raises(UnreadableError) as raised:
        recognise(content, name)
    return raised.value.trouble


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_document_is_what_its_name_says(name: str) -> None:
    content, expected = HONEST[name]

    assert expected is recognise(content, name)


@pytest.mark.parametrize("name", HONEST)
def test_a_document_under_the_name_of_another_type_is_refused(name: str) -> None:
    content, own = HONEST[name]
    plain = {DocumentType.TEXT, DocumentType.MARKDOWN}
    for other, (_, kind) in HONEST.items():
        if own is kind or {own, kind} <= plain or (own, kind) == (DocumentType.HTML, DocumentType.MARKDOWN):
            # Markdown may hold HTML (CommonMark 4.6), and any text is Markdown.
            continue
        if own is DocumentType.EML and kind in plain:
            # Mail without MIME is plain text, and nothing hides in it.
            continue
        assert trouble(content, other) in {Trouble.TYPE_MISMATCH, Trouble.DAMAGED}, other


@pytest.mark.parametrize("attack", [each for each, one in hostile.CORPUS.items() if not one.recognised])
def test_a_hostile_document_is_refused_at_once_before_it_is_parsed(attack: str) -> None:
    one = hostile.CORPUS[attack]
    content = one.make()
    start = time.monotonic()

    assert trouble(content, one.name) in one.troubles
    assert time.monotonic() - start < 2


def test_the_corpus_holds_at_least_forty_attacks() -> None:
    assert len(hostile.CORPUS) >= 40


@pytest.mark.parametrize(
    "name", ["brief", "", ".", "brief.exe", "brief.txt.lnk", "x" * 1000, "a\x00.\x1b", "brief.rtf", "b.msg"]
)
def test_a_name_without_a_known_ending_is_not_known(name: str) -> None:
    assert Trouble.NOT_KNOWN is trouble(b"hallo", name)


def test_mail_with_encoded_parts_does_not_pass_as_text() -> None:
    assert Trouble.TYPE_MISMATCH is trouble(
        MAIL.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"), "bericht.txt"
    )


def test_every_image_type_has_its_own_ending() -> None:
    assert Trouble.TYPE_MISMATCH is trouble(hostile.png(), "foto.jpg")


def test_a_part_of_unknown_type_makes_an_office_document_active() -> None:
    content = hostile.docx(more={"word/x.bin": b"x"}, types={"word/x.bin": "application/x-unknown"})

    assert Trouble.ACTIVE is trouble(content, "brief.docx")


def test_a_presentation_and_a_template_are_not_known() -> None:
    for told in ("presentationml.presentation.main+xml", "wordprocessingml.template.main+xml"):
        main = f'<Override PartName="/x.xml" ContentType="application/vnd.openxmlformats-officedocument.{told}"/>'
        content = hostile.zipped({"[Content_Types].xml": hostile.content_types(main), "x.xml": b"<x/>"})

        assert Trouble.NOT_KNOWN is trouble(content, "brief.docx")


def test_what_real_programs_write_is_recognised(tmp_path: Path) -> None:
    import docx
    import odfdo
    import openpyxl

    docx.Document().save(str(tmp_path / "a.docx"))
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    odfdo.Document("text").save(tmp_path / "a.odt")
    odfdo.Document("spreadsheet").save(tmp_path / "a.ods")
    for path in sorted(tmp_path.iterdir()):
        assert path.suffix == f".{recognise(path.read_bytes(), path.name)}"


@given(content=st.binary(max_size=300), name=st.sampled_from([*HONEST, "x.tif", "x.webp", "x.bmp", "x.ods"]))
def test_whatever_comes_it_is_a_type_or_a_trouble(content: bytes, name: str) -> None:
    for opening in (b"", b"PK\x03\x04", b"%PDF-1.4", HONEST[name][0][:60] if name in HONEST else b"II*\x00"):
        with suppress(UnreadableError):
            assert recognise(opening + content, name) in DocumentType


@given(data=st.data(), name=st.sampled_from(sorted(HONEST)))
def test_a_mutated_document_is_a_type_or_a_trouble(data: st.DataObject, name: str) -> None:
    content = bytearray(HONEST[name][0])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(UnreadableError):
        assert recognise(bytes(content), name) is HONEST[name][1]
