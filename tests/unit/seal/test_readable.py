import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.labels import Label, Labels
from gateway.package.states import Language
from gateway.receipt.templates import Templates
from gateway.seal.readable import readable_records

_LABELS = Labels(fields={"name": Label("Naam", "Name"), "address.town": Label("Woonplaats", "Town")})
_TEMPLATES = Templates(folders=[Path(__file__).parents[3] / "templates"])


def _rows(content: object, *, language: Language = Language.NL) -> list[tuple[int, str, str]]:
    data = json.dumps(content).encode()
    records = readable_records(data, labels=_LABELS, language=language)
    return [(record.number, row.name, row.value) for record in records for row in record.rows]


def test_a_field_is_called_by_its_label_and_what_has_none_by_its_own_key() -> None:
    content = {"name": "A. Voorbeeld", "address": {"town": "Assen", "street": "Laan"}}

    assert [
        (0, "Naam", "A. Voorbeeld"),
        (0, "address / Woonplaats", "Assen"),
        (0, "address / street", "Laan"),
    ] == _rows(content)
    assert (0, "Name", "A. Voorbeeld") == _rows(content, language=Language.EN)[0]


def test_records_and_what_comes_more_than_once_are_numbered_from_one() -> None:
    assert [(1, "Naam", "A"), (2, "Naam", "B")] == _rows([{"name": "A"}, {"name": "B"}])
    assert [(0, "kind 1 / Naam", "A"), (0, "kind 2 / Naam", "B")] == [
        (number, name.replace("name", "Naam"), value)
        for number, name, value in _rows({"kind": [{"name": "A"}, {"name": "B"}]})
    ]
    assert [(0, "talen", "Tigrinya, Arabisch")] == _rows({"talen": ["Tigrinya", "Arabisch"]})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "ja"),
        (False, "nee"),
        (None, "-"),
        (12345678901234567890123, "12345678901234567890123"),
        (0.1, "0.1"),
        ("01", "01"),
    ],
)
def test_a_value_is_shown_as_it_was_sent(value: object, said: str) -> None:
    assert [(0, "x", said)] == _rows({"x": value})


class _Cells(HTMLParser):
    """Reads the cells of a page, and what would be markup of a value."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, _attributes: Any) -> None:
        self.tags.add(tag)
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells and self.lasttag == "td":
            self.cells[-1] += data


_TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20).map(str.strip).filter(bool)


@given(st.dictionaries(_TEXTS, _TEXTS, min_size=1, max_size=5))
def test_every_value_stands_once_in_a_cell_of_the_page_whatever_it_is_made_of(content: dict[str, str]) -> None:
    records = readable_records(json.dumps(content).encode(), labels=_LABELS, language=Language.NL)
    page = _TEMPLATES.render("data.html.j2", language=Language.NL, context={"package_id": "1", "records": records})

    reading = _Cells()
    reading.feed(page)
    assert list(content.values()) == [cell.strip("\n") for cell in reading.cells]
    assert set() == reading.tags & {"script", "img", "a", "iframe", "svg"}


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", "</td><td>x", "&lt;b&gt;", "<img src=x onerror=y>"])
def test_markup_in_a_value_is_shown_and_never_carried_out(attack: str) -> None:
    records = readable_records(json.dumps({"x": attack}).encode(), labels=_LABELS, language=Language.NL)
    page = _TEMPLATES.render("data.html.j2", language=Language.NL, context={"package_id": "1", "records": records})

    reading = _Cells()
    reading.feed(page)
    assert [attack] == [cell.strip("\n") for cell in reading.cells]
