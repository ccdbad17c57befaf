"""Reads tables: what stands at the head of a column, or of a row, says what its cells are.

Rules:
1. A head is a cell of few words, without a digit, that names a kind: `Geboren`, `Tel.`, `V-nummer`, `Adres`. It counts
   for the cells below it up to the next head there, and for the cell to its right.
2. In a text the lines that tabs, bars or semicolons part are rows. Their heads count for the lines below, up to a
   sentence. Where a row has another number of cells than its heads have, every cell is searched for what any says.
3. A head alone on its line counts for the short lines below it: so a page is read whose columns stand close together.
4. What a head says decides the form: a number that lost its zero is a telephone number below `Telefoon`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from gateway.minimise.people.dates import dates_of
from gateway.minimise.people.findings import CellPlace, Kind
from gateway.minimise.people.lists import folded
from gateway.minimise.people.spots import Spot
from gateway.minimise.people.words import Vocabulary

_LONGEST_HEAD: Final = 40
_MOST_WORDS: Final = 5
_LONGEST_CELL: Final = 60
_MOST_WORDS_OF_CELL: Final = 3
_WORDS_OF_HEADS: Final = {
    word: kind
    for kind, words in {
        Kind.BIRTH_DATE: "geboren geb gebdat gebdatum geboorte geboortedatum geboortedag geboortedata gbd dob born"
        " birth birthdate",
        Kind.TELEPHONE: "telefoon telefoonnummer telefoonnummers telefoonnr tel telnr telnummer mobiel mobielnummer"
        " mobieltje mob gsm phone mobile whatsapp fax 06nummer",
        Kind.BSN: "bsn bsnnummer bsnnr burgerservicenummer sofi sofinummer",
        Kind.V_NUMBER: "vnummer vnr vreemdelingennummer vreemdelingnummer",
        Kind.ADDRESS: "adres woonadres verblijfadres verblijfsadres huisadres postadres straat address",
        Kind.POSTCODE: "postcode",
        Kind.TOWN: "woonplaats verblijfplaats verblijf plaats gemeente stad",
        Kind.IBAN: "iban rekening rekeningnummer bankrekening bankrekeningnummer banknummer",
        Kind.DOCUMENT_NUMBER: "paspoort paspoortnummer paspoortnr documentnummer documentnr idnummer identiteitsnummer"
        " rijbewijsnummer",
        Kind.LICENCE_PLATE: "kenteken kentekennummer",
        Kind.REGISTER_NUMBER: "tolknummer tolknr tolkcode bignummer bignr barnummer barnr",
        Kind.STAFF_NUMBER: "personeelsnummer personeelsnr dienstnummer dienstnr stamnummer medewerkersnummer",
    }.items()
    for word in words.split()
}
_PLACE_OF_BIRTH: Final = frozenset({"plaats", "land"})
_BETWEEN: Final = re.compile(r"\t|\|")
_SEMICOLON: Final = re.compile(";")
_LEAST_SEMICOLONS: Final = 2
"""In a line; one alone stands in a sentence."""
_FORMS: Final = {
    Kind.TELEPHONE: re.compile(r"[+(]?\d[\d ()./\n-]{4,24}\d"),
    Kind.BSN: re.compile(r"\d(?:[ .-]?\d){6,9}(?!\d)"),
    Kind.V_NUMBER: re.compile(r"(?:\bV ?-?)?\d(?:[ .-]?\d){6,11}(?!\d)", re.IGNORECASE),
    Kind.POSTCODE: re.compile(r"\b[1-9]\d{3} ?[A-Za-z]{2}\b"),
    Kind.IBAN: re.compile(r"\b(?:[A-Za-z]{2})?\d(?:[ .-]?[A-Za-z0-9]){6,32}"),
    Kind.DOCUMENT_NUMBER: re.compile(r"\b[A-Za-z0-9][A-Za-z0-9/-]{4,19}\b"),
    Kind.LICENCE_PLATE: re.compile(r"\b[A-Z0-9]{1,4}(?:[ -][A-Z0-9]{1,4}){1,3}\b|\b[A-Z0-9]{5,8}\b"),
    Kind.REGISTER_NUMBER: re.compile(r"(?<![\w.,:-])(?:[A-Z]{1,4}-?)?\d{3,11}(?![\w.,:-])"),
    Kind.STAFF_NUMBER: re.compile(r"(?<![\w.,:-])(?:[A-Z]{1,4}-?)?\d{3,11}(?![\w.,:-])"),
}
_LEAST_DIGITS: Final = {Kind.TELEPHONE: 7, Kind.DOCUMENT_NUMBER: 4, Kind.LICENCE_PLATE: 1}


@dataclass(frozen=True, slots=True)
class Headed:
    """A span of a text below a head, or to its right; only what is `below` has a row that tells whose it is."""

    start: int
    end: int
    kind: Kind
    below: bool


@dataclass(slots=True)
class Tabled:
    """What is known of one text by the tables in it: what heads say, and which lines are rows below heads."""

    headed: list[Headed] = field(default_factory=list)
    rows: list[tuple[int, int]] = field(default_factory=list)


def head_of(cell: str) -> Kind | None:
    """Give what the cells beside a head are, None when it is none."""
    # `Gemeente: Oss` is a field and what it says.
    if len(cell) > _LONGEST_HEAD or not any(map(str.isalpha, cell)) or ": " in cell.strip():
        return None
    text = folded(cell)
    if any(map(str.isdigit, text.replace("06", ""))):
        return None
    words = re.findall(r"\w+", text.replace("-", ""))
    if len(words) > _MOST_WORDS:
        return None
    if words == ["tolk"]:
        # Among other words it begins a sentence: `Tolk Bao Zhang belde`.
        return Kind.REGISTER_NUMBER
    joined = {"".join(words), *map("".join, pairwise(words))}
    kind = next((known for word in (*words, *sorted(joined)) if (known := _WORDS_OF_HEADS.get(word))), None)
    return None if kind is Kind.BIRTH_DATE and _PLACE_OF_BIRTH.intersection(words[1:2]) else kind


class Columns:
    """Reads the texts of a document in order, and keeps the heads that count for those to come."""

    def __init__(self) -> None:
        self._below: dict[tuple[int, int], Kind] = {}
        self._left: tuple[CellPlace, Kind] | None = None
        self._heads: list[Kind | None] = []

    def read(self, text: str, place: CellPlace | None) -> Tabled:
        """Read one text; `place` is where its cell stands in a table, None when it is no cell."""
        tabled = Tabled()
        if place is not None:
            self._read_cell(text, place, tabled)
            return tabled
        if not self._heads and "\t" not in text and "|" not in text and len(text) > _LONGEST_HEAD and "\n" not in text:
            return tabled
        at = 0
        for line in text.split("\n"):
            self._read_line(line, at, tabled)
            at += len(line) + 1
        return tabled

    def _read_cell(self, text: str, place: CellPlace, tabled: Tabled) -> None:
        if (kind := head_of(text)) is not None:
            self._below[place.table, place.column] = kind
            self._left = (place, kind)
            return
        if self._left is not None and _stands_beside(place, self._left[0]):
            tabled.headed.append(Headed(0, len(text), self._left[1], below=False))
        elif (kind := self._below.get((place.table, place.column))) is not None:
            tabled.headed.append(Headed(0, len(text), kind, below=True))

    def _read_line(self, line: str, at: int, tabled: Tabled) -> None:
        cells = _cells(line)
        if not cells:
            return
        kinds = [head_of(line[start:end]) for start, end in cells]
        # Also of a line of heads: `Woonplaats`, a tab and a town may be all that a form says.
        tabled.headed += (
            Headed(at + start, at + end, before, below=False)
            for before, (start, end) in zip(kinds, cells[1:], strict=False)
            if before is not None
        )
        if any(kinds) and not any(map(str.isdigit, line.replace("06", ""))) and not line.rstrip().endswith(":"):
            self._heads = kinds
            return
        if not self._heads:
            return
        if len(cells) == 1 and _is_sentence(line):
            self._heads = []
            return
        tabled.rows.append((at, at + len(line)))
        for number, (start, end) in enumerate(cells):
            if not any(kinds):
                headed = (Headed(at + start, at + end, kind, below=True) for kind in self._at(number, cells))
                tabled.headed += headed

    def _at(self, number: int, cells: Sequence[tuple[int, int]]) -> list[Kind]:
        """Give what the heads say of a cell of a row: by its place, or anything when cells are missing."""
        if len(cells) == len(self._heads):
            kind = self._heads[number]
            return [] if kind is None else [kind]
        return [kind for kind in self._heads if kind is not None and kind is not Kind.ADDRESS]


def _stands_beside(place: CellPlace, left: CellPlace) -> bool:
    return (place.table, place.row) == (left.table, left.row) and place.column - left.column in {0, 1}


def _is_sentence(line: str) -> bool:
    words = sum(any(map(str.isalpha, word)) for word in line.split())
    return len(line) > _LONGEST_CELL or words > _MOST_WORDS_OF_CELL or line.rstrip()[-1:] in {".", ",", ":", "?"}


def _cells(line: str) -> list[tuple[int, int]]:
    """Give where the cells of a line stand, without the bars around it and the line of dashes below its heads."""
    found: list[tuple[int, int]] = []
    start = 0
    stripped = line.strip()
    if not stripped.strip("|-:+= \t"):
        return []
    between = _SEMICOLON if line.count(";") >= _LEAST_SEMICOLONS and not _BETWEEN.search(line) else _BETWEEN
    ends = [*(each.start() for each in between.finditer(line)), len(line)]
    for end in ends:
        found.append((start, end))
        start = end + 1
    if stripped.startswith("|"):
        found = found[1:]
    return found[:-1] if stripped.endswith("|") and len(found) > 1 else found


def spots_in(headed: Headed, text: str, vocabulary: Vocabulary) -> Iterator[Spot]:
    """Give what a head says about its cell, of a normal text."""
    start, end = headed.start, headed.end
    cell = text[start:end]
    if headed.kind is Kind.BIRTH_DATE:
        yield from (Spot(start + first, start + last, Kind.BIRTH_DATE) for first, last, _ in dates_of(cell))
    elif headed.kind in {Kind.ADDRESS, Kind.TOWN}:
        inner = cell.strip()
        first = start + len(cell) - len(cell.lstrip())
        is_address = headed.kind is Kind.ADDRESS and any(map(str.isdigit, inner)) and any(map(str.isalpha, inner))
        if is_address or vocabulary.is_dutch_town(inner):
            yield Spot(first, first + len(inner), headed.kind, certain=False)
    else:
        dates = [(first, last) for first, last, _ in dates_of(cell)]
        for found in _FORMS[headed.kind].finditer(cell):
            is_date = any(first <= found.start() and found.end() <= last for first, last in dates)
            if not is_date and sum(map(str.isdigit, found[0])) >= _LEAST_DIGITS.get(headed.kind, 0):
                yield Spot(start + found.start(), start + found.end(), headed.kind)
