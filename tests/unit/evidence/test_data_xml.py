from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evidence.data_xml import read_xml
from gateway.package.errors import Code, SluisError

_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0xFFFD, exclude_categories=["Cs", "Cc"]))
_ROW = st.dictionaries(st.text("abc", min_size=1, max_size=3), _TEXT, min_size=1, max_size=4)


def _refused(content: bytes) -> SluisError:
    with pytest.raises(SluisError) as caught:
        read_xml(content)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


def _fields(row: dict[str, str]) -> str:
    return "".join(f"<{key}>{escape(text)}</{key}>" for key, text in row.items())


@given(row=_ROW, encoding=st.sampled_from(["utf-8", "utf-16"]))
def test_the_fields_of_the_root_are_a_record(row: dict[str, str], encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<gegevens>\n{_fields(row)}\n</gegevens>\n'

    data = read_xml(text.encode(encoding))

    assert ("record", (row,)) == (data.shape, data.rows)


@given(rows=st.lists(_ROW, min_size=1, max_size=4))
def test_records_of_one_name_are_a_list(rows: list[dict[str, str]]) -> None:
    text = "".join(f"<persoon>{_fields(row)}</persoon>" for row in rows)

    data = read_xml(f"<x>{text}</x>".encode())

    assert ("list", tuple(rows)) == (data.shape, data.rows)


def test_a_field_that_stands_more_than_once_is_a_list_of_texts() -> None:
    assert ({"a": ["1", "", "03"], "b": "x"},) == read_xml(b"<r><a>1</a><b>x</b><a/><a>03</a></r>").rows


def test_one_namespace_and_character_data_are_let_in() -> None:
    assert ({"a": "<b> & c"},) == read_xml(b'<r xmlns="urn:x"><a><![CDATA[<b>]]> &amp; c</a></r>').rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "definition",
    [
        "<!DOCTYPE r>",
        '<!DOCTYPE r SYSTEM "http://x.example/x.dtd">',
        '<!DOCTYPE r [<!ENTITY x "y">]>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
        '<!DOCTYPE r [<!ATTLIST r a CDATA "verborgen">]>',
    ],
)
def test_xxe_a_document_type_definition_is_refused_in_every_encoding(definition: str, encoding: str) -> None:
    mark = "\ufeff" if encoding.startswith("utf-16-") else ""

    error = _refused(f"{mark}{definition}<r><a>1</a></r>".encode(encoding))

    assert Code.DATA_AMBIGUOUS is error.code


@pytest.mark.parametrize(
    "content",
    [
        b'<r a="1"><b>2</b></r>',
        b'<r><b a="1">2</b></r>',
        b"<r><!-- x --><b>2</b></r>",
        b"<!-- x --><r><b>2</b></r>",
        b"<r><b>2</b></r><!-- x -->",
        b"<r><b>2<!-- x -->3</b></r>",
        b"<?x y?><r><b>2</b></r>",
        b"<r><?x y?><b>2</b></r>",
        b"<r>tekst<b>2</b></r>",
        b"<r><b>2</b>tekst</r>",
        b"<r>tekst</r>",
        b"<r><p><b>2</b>tekst</p></r>",
        b"<r><p><b>2</b></p><c>3</c></r>",
        b"<r><p><b>2</b></p><q><b>3</b></q></r>",
        b"<r><p><b><c>2</c></b></p></r>",
        b'<r xmlns:n="u"><n:b>2</n:b><b>3</b></r>',
        b'<r xmlns="u"><b xmlns="v">2</b></r>',
        b'<r xmlns:x="http://www.w3.org/2001/XMLSchema-instance"><b x:nil="true"/></r>',
    ],
)
def test_whatever_the_policy_would_not_see_is_refused_as_ambiguous(content: bytes) -> None:
    assert Code.DATA_AMBIGUOUS is _refused(content).code


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"tekst",
        b"<r>",
        b"<r><b>2</c></r>",
        b"<r><b>&x;</b></r>",
        b"<r/><r/>",
        b"<r><b>\xff</b></r>",
        b'<?xml version="1.0" encoding="UTF-7"?><r><b>+AE0-</b></r>',
        b'<?xml version="1.0" encoding="ebcdic-cp-nl"?><r/>',
        b"<r><b>\x00</b></r>",
        b"<:r><b>2</b></:r>",
        b"<r><:b>2</:b></r>",
    ],
)
def test_what_is_no_xml_data_is_refused_as_unreadable(content: bytes) -> None:
    assert Code.DATA_UNREADABLE is _refused(content).code


@pytest.mark.parametrize(
    "content", [b"<!-- x -->tekst", b"<?x y?><r", b"<!-- x --><r <r>", b"<!-- x -->" + b" " * 100_000]
)
def test_a_comment_before_a_root_that_never_comes_is_refused(content: bytes) -> None:
    assert Code.DATA_AMBIGUOUS is _refused(content).code


def test_xxe_a_definition_far_behind_a_comment_is_refused() -> None:
    assert (
        Code.DATA_AMBIGUOUS
        is _refused(b"<!-- x -->" + b" " * 100_000 + b'<!DOCTYPE r [<!ENTITY x "y">]><r><a>&x;</a></r>').code
    )


def test_a_flood_of_elements_is_refused_before_it_fills_the_memory() -> None:
    assert Code.FIELDS_TOO_MANY is _refused(b"<r>" + b"<b/>" * 1_000_000).code
    assert Code.FIELDS_TOO_MANY is _refused(b"<r>" + b"<b/>" * 10_001 + b"</r>").code
    assert Code.DATA_AMBIGUOUS is _refused(b"<r>" * 1_000_000).code


def test_an_error_in_xml_names_its_line_and_no_value() -> None:
    error = _refused(b"<r>\n<a>1</a>\n<b geheim='x'/>\n</r>")

    assert "line 3" == error.where
    assert "geheim" not in str(error)
