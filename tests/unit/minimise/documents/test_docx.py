import io
import os
import time
import zipfile

import docx
import pytest
from docx2python import docx2python
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.minimise.documents.docx import open_document, second_text
from gateway.minimise.documents.docx_writing import write_docx
from gateway.minimise.documents.model import Trouble, UnreadableError, apply_marks
from gateway.minimise.documents.rich_text import RichText, paragraphs_of
from tests.examples import examples
from tests.unit.minimise.documents.nasty_docx import N, nasty_docx, paragraph, plain_docx, run, zipped
from tests.unit.minimise.documents.office_building import (
    LABEL,
    TOOLS,
    documents,
    marks,
    marks_for,
    rebuilt_without,
    texts,
)

_SECONDS = 10
_EITHER = r"Merhawi Tesfay|Merhawi|Tesfay"
_NOT_CARRIED = frozenset({
    "alternative-texts", "bookmarks", "comments", "custom-data", "deleted-text", "embedded-objects", "external-links",
    "field-codes", "form-fields", "hidden-characters", "hidden-text", "images", "link-targets", "list-labels",
    "properties", "unknown-parts", "variables",
})  # fmt: skip


def _trouble(content: bytes) -> Trouble:
    with pytest.raises(UnreadableError) as raised:
        open_document(content, TOOLS)
    return raised.value.trouble


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# ---- The nasty file


def test_a_name_in_every_hiding_place_is_in_no_part_of_what_is_written() -> None:
    written = rebuilt_without(open_document(nasty_docx(), TOOLS), _EITHER).content

    for name, part in _parts(written).items():
        assert not [word for word in ("merhawi", "tesfay") if word in f"{name}{part.decode()}".lower()]
    with docx2python(io.BytesIO(written)) as other:
        assert "Tesfay" not in other.text
        assert "Selam Haile" in other.text
        assert LABEL in other.text
    assert "Tesfay" not in second_text(written)
    assert "Gespreksverslag van Selam Haile" in second_text(written)


def test_what_is_left_behind_is_counted_by_kind() -> None:
    rebuilt = rebuilt_without(open_document(nasty_docx(), TOOLS), _EITHER)

    assert _NOT_CARRIED == set(rebuilt.left_behind)


def test_all_that_people_could_read_is_a_passage() -> None:
    found = "\n".join(texts(open_document(nasty_docx(), TOOLS)))

    for text in (
        "De heer Merhawi Tesfay sprak met Selam Haile.", "invoeging Merhawi Tesfay", "naar hier", "veldresultaat",
        "tekstvak van Merhawi Tesfay", "oud tekstvak Merhawi", "besturing van Merhawi", "blok van Merhawi",
        "cel met Merhawi", "wit op blauw", "Som: Merhawi", "voetnoot Merhawi", "eindnoot Merhawi", "Kop van Merhawi",
        "Voet van Merhawi", "eigen element",
    ):  # fmt: skip
        assert text in found


def test_what_nobody_could_read_is_no_passage() -> None:
    found = texts(open_document(nasty_docx(), TOOLS))

    for text in (
        "verborgen",
        "weg Merhawi",
        "in de code",
        "terugval",
        "bedekt",
        "niet getoonde",
        "los",
        "rood op rood",
    ):
        assert not [passage for passage in found if text in passage]


def test_the_same_file_and_marks_give_the_same_bytes() -> None:
    first, second = (rebuilt_without(open_document(nasty_docx(), TOOLS), _EITHER).content for _ in range(2))

    assert first == second


def test_emphasis_lists_headings_and_tables_come_along() -> None:
    written = rebuilt_without(open_document(nasty_docx(), TOOLS), "Tesfay").content
    read = docx.Document(io.BytesIO(written))

    assert "Heading 1" == read.paragraphs[0].style.name  # type: ignore[union-attr] # python-docx has no types of its own
    assert [("De heer Mer", None), ("ha", True), ("wi ", None)] == [
        (each.text, each.bold) for each in read.paragraphs[1].runs[:3]
    ]
    assert 3 == len(read.tables[0].rows)


# ---- Laws


@settings(max_examples=examples(15, many=300), deadline=None)
@given(st.data(), documents())
def test_what_is_written_holds_exactly_the_passages_with_their_marks_carried_out(
    data: st.DataObject, document: RichText
) -> None:
    opened = open_document(write_docx(document), TOOLS)
    passages = texts(opened)
    assert [each.text for each in paragraphs_of(document)] == passages
    rows = [data.draw(marks(len(text))) for text in passages]

    written = opened.rebuilt(rows).content

    wanted = [text for text in map(apply_marks, passages, rows) if text]
    assert wanted == texts(open_document(written, TOOLS))
    assert set("\n".join(wanted).split("\n")) <= {*second_text(written).split("\n"), ""}


@settings(max_examples=examples(15, many=300), deadline=None)
@given(documents(flat=True))
def test_the_second_reading_gives_all_text_in_order_and_nothing_else(document: RichText) -> None:
    wanted = "\n".join(paragraph.text for paragraph in paragraphs_of(document))

    assert _without_empty_lines(wanted) == _without_empty_lines(second_text(write_docx(document)))


def _without_empty_lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


# ---- Hiding and showing


@pytest.mark.parametrize(
    ("properties", "is_seen"),
    [
        ('<w:color w:val="FFFFFF"/>', False),
        ('<w:color w:val="FFFFFF"/><w:highlight w:val="black"/>', True),
        ('<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="000080"/>', True),
        ('<w:color w:val="FFFF00"/>', True),
        ('<w:color w:val="auto" w:themeColor="background1"/>', False),
        ('<w:vanish w:val="0"/>', True),
        ("<w:webHidden/>", True),
        ('<w:sz w:val="3"/>', False),
        ('<w:sz w:val="12"/>', True),
        ('<w:highlight w:val="black"/>', False),
        ('<w:highlight w:val="yellow"/>', True),
        ("<w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange>", True),
    ],
)
def test_only_letters_that_can_be_seen_are_carried_over(properties: str, is_seen: bool) -> None:
    opened = open_document(plain_docx(paragraph(run("een "), run("twee", properties))), TOOLS)

    assert [f"een {'twee' if is_seen else ''}"] == texts(opened)


def test_white_text_in_a_table_whose_style_colours_its_ground_is_seen() -> None:
    white = paragraph(run("wit", '<w:color w:val="FFFFFF"/>'))
    table = f'<w:tbl><w:tblPr><w:tblStyle w:val="T"/></w:tblPr><w:tr><w:tc>{white}</w:tc></w:tr></w:tbl>'
    style = '<w:style w:type="table" w:styleId="T"><w:tblPr/><w:tcPr><w:shd w:fill="4472C4"/></w:tcPr></w:style>'

    assert [] == texts(open_document(plain_docx(table), TOOLS))
    assert ["wit"] == texts(open_document(plain_docx(table, styles=style), TOOLS))


def test_the_code_of_a_field_that_never_ends_is_not_read() -> None:
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'

    assert ["voor "] == texts(open_document(plain_docx(paragraph(run("voor "), begin, run(N))), TOOLS))


def test_letters_of_a_symbol_font_are_letters_and_its_boxes_are_boxes() -> None:
    signs = "".join(f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>' for font, code in (
        ("Arial", "004D"), ("Wingdings", "F0FE"), ("Wingdings", "F042"), ("Wingdings", "x"),
    ))  # fmt: skip

    assert ["M\u2611\u25a1\u25a1"] == texts(open_document(plain_docx(paragraph(signs)), TOOLS))


def test_the_strict_dialect_is_read() -> None:
    strict = _parts(plain_docx(paragraph(run("Selam Haile"))))
    for old, new in (
        (b"http://schemas.openxmlformats.org/wordprocessingml/2006", b"http://purl.oclc.org/ooxml/wordprocessingml"),
        (b"http://schemas.openxmlformats.org/officeDocument/2006", b"http://purl.oclc.org/ooxml/officeDocument"),
    ):
        strict = {name: part.replace(old, new) for name, part in strict.items()}

    assert ["Selam Haile"] == texts(open_document(zipped(strict, complete=True), TOOLS))


# ---- Attacks

_DTD = '<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def _replaced(name: str, part: str | bytes) -> bytes:
    return zipped({**_parts(plain_docx(paragraph(run("x")))), name: part}, complete=True)


def _with_document(start: str, body: str, encoding: str = "utf-8") -> bytes:
    xml = _parts(plain_docx(body))["word/document.xml"].decode()
    xml = xml.replace('<?xml version="1.0"?>', f'<?xml version="1.0" encoding="{encoding}"?>{start}')
    return _replaced("word/document.xml", xml.encode(encoding))


def test_xxe_is_refused_also_in_utf_16() -> None:
    assert Trouble.ACTIVE == _trouble(_with_document(_DTD, "<w:p>&e;</w:p>"))
    assert Trouble.ACTIVE == _trouble(_with_document(_DTD, "<w:p/>", "utf-16"))


def test_a_billion_laughs_are_refused() -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    start = f'<!DOCTYPE w [<!ENTITY a0 "ha">{laughs}]>'

    assert _trouble(_with_document(start, "<w:p><w:r><w:t>&a11;</w:t></w:r></w:p>")) in {
        Trouble.ACTIVE,
        Trouble.DAMAGED,
    }


def test_macros_are_refused_under_any_name() -> None:
    assert Trouble.ACTIVE == _trouble(_replaced("word/vbaProject.bin", b"x"))
    types = _parts(plain_docx(""))["[Content_Types].xml"].replace(b".document.main", b".document.macroEnabled.main")
    assert Trouble.ACTIVE == _trouble(_replaced("[Content_Types].xml", types))


def test_a_thousand_tables_in_each_other_are_refused_or_read() -> None:
    nested = "<w:tbl><w:tr><w:tc>" * 1000 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 1000

    assert Trouble.DAMAGED == _trouble(plain_docx(nested))
    levels = 60
    nested = "<w:tbl><w:tr><w:tc>" * levels + paragraph(run("diep")) + "</w:tc></w:tr></w:tbl>" * levels
    assert ["diep"] == texts(open_document(plain_docx(nested), TOOLS))


def test_a_truncated_file_is_damaged_wherever_it_is_cut() -> None:
    whole = nasty_docx()

    for length in range(0, len(whole), 211):
        assert _trouble(whole[:length]) in {Trouble.DAMAGED, Trouble.TYPE_MISMATCH}


def test_a_zip_bomb_is_too_large() -> None:
    assert Trouble.TOO_LARGE == _trouble(_replaced("word/media/image1.png", b"\0" * 40_000_000))
    assert Trouble.TOO_LARGE == _trouble(_replaced("word/document.xml", os.urandom(34_000_000)))


@pytest.mark.parametrize("content", [b"", b"PK", b"%PDF-1.7", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600])
def test_what_is_no_docx_is_refused(content: bytes) -> None:
    assert _trouble(content) in {Trouble.DAMAGED, Trouble.TYPE_MISMATCH}


def test_an_encrypted_file_is_encrypted() -> None:
    container = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")

    assert Trouble.ENCRYPTED == _trouble(container)


def test_text_that_is_shown_turned_around_can_not_be_searched() -> None:
    turned = f'<w:bdo w:val="rtl">{run("yafseT")}</w:bdo>'

    assert Trouble.NO_TEXT == _trouble(plain_docx(paragraph(run("\u202eyafseT\u202c"))))
    assert Trouble.NO_TEXT == _trouble(plain_docx(paragraph(turned)))


def test_a_block_of_base64_can_not_be_searched_however_it_is_cut_into_runs() -> None:
    assert Trouble.NO_TEXT == _trouble(plain_docx(paragraph(run("TWVyaGF3aQ" * 15), run("TWVyaGF3aQ" * 15, "<w:b/>"))))


def test_names_of_parts_with_control_characters_or_a_thousand_characters_are_refused() -> None:
    assert Trouble.DAMAGED == _trouble(_replaced("word/a\nb.xml", b"<a/>"))
    assert Trouble.DAMAGED == _trouble(_replaced("word/" + "a" * 1000, b"<a/>"))


def test_a_circle_of_styles_ends() -> None:
    circle = "".join(
        f'<w:style w:type="paragraph" w:styleId="{one}"><w:basedOn w:val="{other}"/></w:style>'
        for one, other in ("AB", "BA")
    )
    body = paragraph(run("x"), properties='<w:pStyle w:val="A"/>')

    assert ["x"] == texts(open_document(plain_docx(body, styles=circle), TOOLS))


def test_a_hundred_thousand_runs_are_read_and_written_in_time() -> None:
    runs = [run(f"w{number * 7919 % 100_000} ", "<w:b/>" if number % 2 else "") for number in range(100_000)]
    content = plain_docx("".join(paragraph(*runs[start : start + 1000]) for start in range(0, len(runs), 1000)))

    began = time.process_time()
    opened = open_document(content, TOOLS)
    opened.rebuilt(marks_for(opened.passages, "w7919 "))

    assert time.process_time() - began < _SECONDS


def test_a_cell_over_a_billion_columns_is_cut_to_size() -> None:
    cell = f'<w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr>{paragraph(run("x"))}</w:tc>'
    wide = f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>"

    written = rebuilt_without(open_document(plain_docx(wide), TOOLS), "y").content

    assert b'<w:gridSpan w:val="63"/>' in _parts(written)["word/document.xml"]
