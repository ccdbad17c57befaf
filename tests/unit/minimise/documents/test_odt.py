import io
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odfdo import Document

from gateway.minimise.documents.model import Trouble, UnreadableError, apply_marks
from gateway.minimise.documents.odt import open_document, second_text
from gateway.minimise.documents.odt_writing import write_odt
from gateway.minimise.documents.rich_text import RichText, paragraphs_of
from tests.examples import examples
from tests.unit.minimise.documents.nasty_odt import N, nasty_odt, p, packed, plain_odt, span
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


def _trouble(content: bytes) -> Trouble:
    with pytest.raises(UnreadableError) as raised:
        open_document(content, TOOLS)
    return raised.value.trouble


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# ---- The nasty file


def test_a_name_in_every_hiding_place_is_in_no_part_of_what_is_written() -> None:
    written = rebuilt_without(open_document(nasty_odt(), TOOLS), N).content

    for name, part in _parts(written).items():
        assert not [word for word in ("merhawi", "tesfay") if word in f"{name}{part.decode()}".lower()]
    other = Document(io.BytesIO(written)).get_formatted_text()
    assert "Tesfay" not in other
    assert f"De heer {LABEL} sprak" in other
    assert "Tesfay" not in second_text(written)
    assert "Gespreksverslag van Selam Haile" in second_text(written)


def test_all_that_people_could_read_is_a_passage_and_nothing_hidden_is() -> None:
    found = "\n".join(texts(open_document(nasty_odt(), TOOLS)))

    for text in ("verborgen", "verwijderd", "bedekt"):
        assert text not in found
    for text in (
        "De heer Merhawi Tesfay sprak  met Selam Haile.", "Auteur Merhawi", "koppeling", "tekstvak van Merhawi",
        "vorm van", "Robijn basis", "zichtbaar deel", "inhoud van", "cel met Merhawi", "wit op blauw", "Kop van",
        "Voet van", "Andere kop", "voetnoot Merhawi", "eindnoot Merhawi",
    ):  # fmt: skip
        assert text in found


def test_what_is_left_behind_is_counted_by_kind() -> None:
    assert {
        "alternative-texts", "bookmarks", "comments", "deleted-text", "embedded-objects", "field-codes", "form-fields",
        "hidden-text", "images", "link-targets", "list-labels", "properties", "scripts", "unknown-parts", "variables",
    } == set(rebuilt_without(open_document(nasty_odt(), TOOLS), N).left_behind)  # fmt: skip


def test_the_same_file_and_marks_give_the_same_bytes() -> None:
    first, second = (rebuilt_without(open_document(nasty_odt(), TOOLS), N).content for _ in range(2))

    assert first == second


# ---- Laws


@settings(max_examples=examples(15, many=300), deadline=None)
@given(st.data(), documents())
def test_what_is_written_holds_exactly_the_passages_with_their_marks_carried_out(
    data: st.DataObject, document: RichText
) -> None:
    opened = open_document(write_odt(document), TOOLS)
    passages = texts(opened)
    assert sorted(each.text for each in paragraphs_of(document)) == sorted(passages)
    rows = [data.draw(marks(len(text))) for text in passages]

    written = opened.rebuilt(rows).content

    wanted = [text for text in map(apply_marks, passages, rows) if text]
    assert wanted == texts(open_document(written, TOOLS))
    assert set("\n".join(wanted).split("\n")) <= {*second_text(written).split("\n"), ""}


@settings(max_examples=examples(15, many=300), deadline=None)
@given(documents(flat=True))
def test_the_second_reading_gives_all_text_in_order_and_nothing_else(document: RichText) -> None:
    wanted = "\n".join(paragraph.text for paragraph in paragraphs_of(document))

    assert _lines(wanted) == _lines(second_text(write_odt(document)))


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


# ---- White space and lists


def test_white_space_counts_as_libreoffice_counts_it() -> None:
    body = p("\n  een   twee\n", span("x", " "), "drie", '<text:s text:c="3"/>', span("x", " vier"))

    assert ["een twee drie    vier"] == texts(open_document(plain_odt(body), TOOLS))


def test_a_list_that_goes_on_keeps_its_number() -> None:
    body = (
        f'<text:list xml:id="a"><text:list-item>{p("een")}</text:list-item></text:list>{p("tussen")}'
        f'<text:list text:continue-list="a"><text:list-item>{p("twee")}</text:list-item></text:list>'
        f"<text:list><text:list-item>{p('anders')}</text:list-item></text:list>"
    )
    written = _parts(rebuilt_without(open_document(plain_odt(body), TOOLS), "niets").content)["content.xml"].decode()

    assert 2 == written.count('text:style-name="L0"')
    assert 1 == written.count('text:style-name="L1"')
    assert 'xml:id="l2" text:continue-list="l1"' in written


# ---- Attacks


def test_xxe_is_refused_also_in_utf_16() -> None:
    xml = _parts(plain_odt(p("x")))["content.xml"].decode()
    for encoding in ("utf-8", "utf-16"):
        start = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        hostile = xml.replace('<?xml version="1.0"?>', start)
        assert Trouble.ACTIVE == _trouble(packed({"content.xml": hostile.encode(encoding)}))


def test_macros_are_refused() -> None:
    assert Trouble.ACTIVE == _trouble(packed({**_parts(plain_odt(p("x"))), "Basic/Standard/Module1.xml": "x"}))
    assert Trouble.ACTIVE == _trouble(packed({**_parts(plain_odt(p("x"))), "Scripts/python/x.py": "x"}))


def test_an_encrypted_file_is_encrypted() -> None:
    manifest = (
        '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:file-entry><m:encryption-data/>'
        "</m:file-entry></m:manifest>"
    )

    assert Trouble.ENCRYPTED == _trouble(packed({"META-INF/manifest.xml": manifest, "content.xml": "x"}))


def test_another_type_than_it_says_is_refused() -> None:
    parts = _parts(plain_odt(p("x")))

    assert Trouble.TYPE_MISMATCH == _trouble(
        packed({**parts, "mimetype": b"application/vnd.oasis.opendocument.text-web"})
    )
    assert Trouble.DAMAGED == _trouble(packed({"content.xml": "<a/>"}))


def test_a_thousand_tables_in_each_other_are_refused_and_fifty_are_read() -> None:
    begin, end = (
        "<table:table><table:table-row><table:table-cell>",
        "</table:table-cell></table:table-row></table:table>",
    )

    assert Trouble.DAMAGED == _trouble(plain_odt(begin * 1000 + end * 1000))
    assert ["diep"] == texts(open_document(plain_odt(begin * 50 + p("diep") + end * 50), TOOLS))


def test_tables_that_repeat_each_other_are_too_large() -> None:
    begin = '<table:table><table:table-row><table:table-cell table:number-columns-repeated="63">'
    end = "</table:table-cell></table:table-row></table:table>"

    assert Trouble.TOO_LARGE == _trouble(plain_odt(begin * 6 + p("x") + end * 6))


def test_a_billion_spaces_are_cut_to_size() -> None:
    assert [f"een{' ' * 200}twee"] == texts(open_document(plain_odt(p('een<text:s text:c="999999999"/>twee')), TOOLS))


def test_a_truncated_file_is_damaged_wherever_it_is_cut() -> None:
    whole = nasty_odt()

    for length in range(0, len(whole), 97):
        assert Trouble.DAMAGED == _trouble(whole[:length])


def test_a_circle_of_styles_ends() -> None:
    circle = "".join(
        f'<style:style style:name="{one}" style:family="paragraph" style:parent-style-name="{other}"/>'
        for one, other in ("AB", "BA")
    )

    assert ["x"] == texts(open_document(plain_odt(p("x", style="A"), circle), TOOLS))


def test_a_hundred_thousand_spans_are_read_and_written_in_time() -> None:
    spans = [span(f"T{number % 7}", f"w{number * 7919 % 100_000} ") for number in range(100_000)]
    content = plain_odt("".join(p(*spans[start : start + 1000]) for start in range(0, len(spans), 1000)))

    began = time.process_time()
    opened = open_document(content, TOOLS)
    opened.rebuilt(marks_for(opened.passages, "w7919 "))

    assert time.process_time() - began < _SECONDS
