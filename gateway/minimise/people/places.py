"""Finds where somebody lives: addresses, postcodes, and towns that stand with an address or a home.

Rules:
1. A street is one by its ending or its beginning and a house number, by the list of streets, or by a word like "adres".
2. A town goes with an address, a postcode or a home in the Netherlands. A bare town, a court's and a foreign one stay.
3. The address of an office stays: it leads to nobody.
"""

import re
from collections.abc import Iterator
from typing import Final

from gateway.minimise.people import cues, list_words
from gateway.minimise.people.findings import Kind
from gateway.minimise.people.spots import Spot
from gateway.minimise.people.words import LISTED, Vocabulary

_BEGINNING_ALONE: Final = frozenset({"Laan", "Boulevard", "Rue", "Avenue", "Via", "Calle", "Vulytsia", "Vul."})
_WORD: Final = r"[A-ZÀ-ÞİŞ'][\w'.À-ÿ-]{0,30}"
_LINK: Final = r"(?:van|de|der|den|het|'t|ten|ter|in|op|aan|en|la|du|des|von|te)"
_NUMBER: Final = (
    r"(?:nr\.? ?|nummer |no\.? ?|huisnummer )?\d{1,5}(?:(?: ?[-/]? ?(?:[A-Z]\d{1,3}|[A-Za-z]{1}|bis|hs|huis|zw|rd|zwart"
    r"|rood|I{1,3}|IV|V|boven|beneden|[1-9]\d?hoog|[1-9] hoog|\d{1,4}))(?![\w]))?(?:[-/ ](?:[A-Z]"
    r"|\d{1,3})(?![\w.]))?"
)
_HOUSE: Final = re.compile(rf"(?<=[\w.'])(?P<gap>,? )(?P<number>{_NUMBER})(?![\w/])(?![.,:]\d)")
_BEFORE_POSTCODE: Final = re.compile(rf"{_WORD}(?: (?:{_LINK} ){{0,2}}{_WORD}){{0,3}}$")
_POSTCODE_NEXT: Final = re.compile(r"(?:,? {1,2}|,?\n)[1-9]\d{3} ?[A-Z]{2}\b")
_TOWN_NEXT: Final = re.compile(r",? (?:te |in )?(?=['A-Z])")
_ALONE: Final = re.compile(
    rf"(?:^|[,(:\t] ?| {{2}}|\b(?:[Oo]p|[Aa]an|[Nn]aar|[Aa]dres) )"
    rf"(?P<street>{_WORD}(?: (?:{_LINK} ){{0,2}}{_WORD}){{0,3}})$"
)
_ENDING: Final = r"(?:straat|laan|weg|plein|kade|gracht|singel|dijk|dreef|plantsoen|steeg|pad)"
_ON_STREET: Final = re.compile(
    rf"\b(?:aan|op) (?:(?:de|het|'t) )?"
    rf"(?P<street>(?:{_WORD} (?:{_LINK} ){{0,2}}){{0,3}}[A-ZÀ-Þ][\w'-]{{0,30}}{_ENDING})"
    r"(?![\w-]| ?\d)"
)
_GLUED: Final = re.compile(rf"(?<![\w-])[A-ZÀ-Þ][\w'-]{{2,30}}{_ENDING}\d{{1,4}}[a-zA-Z]?(?![\w])")
_LIVES_AT: Final = re.compile(
    r"\b(?:woont|woonde|wonen|wonend|woonachtig|verblijft|verbleef|logeert|slaapt|huis|kamer|adres|appartement|flat"
    r"|woning|ingeschreven)\b[^\n.;!?]{0,60}$",
    re.IGNORECASE,
)
_LEAST_STREET: Final = 4
_FIELD: Final = re.compile(
    r"\b(?:(?:[Ww]oon|[Pp]ost|[Hh]uis|[Vv]erblijf(?:s)?|[Tt]huis|[Cc]orrespondentie)?[Aa]dres|ADRES)"
    r"(?:(?: [\w ]{0,20})?: ?| {2,12})(?P<value>[^\n;|\t]{4,80})"
)
_ABROAD: Final = re.compile(
    r"\b(?:[Uu]l\.|[Vv]ul\.|[Pp]rosp\.|Rruga|Calle|Carrera|Cra\.|Jalan|Jl\.|Rue|Via|Sokak|Kooche|Koocheh)"
    rf" {_WORD}(?: [\w'.-]{{1,20}}){{0,3}}?,? (?:nr\.? ?|no\.? ?|plaque ?|#)?\d{{1,4}}(?:[/-]\d{{1,4}}|[a-zA-Z])?(?!\w)"
    rf"|\b[Nn]o\.? ?\d{{1,4}},(?: {_WORD}(?: \d{{1,3}})?,?){{1,4}}? (?:Road|Street|Lane|Avenue|Rd|St|Road)\b"
    rf"|(?<![\w.,/-])\d{{1,4}}[a-zA-Z]?,?(?: {_WORD}){{1,3}} (?:Road|Street|Lane|Avenue|Drive"
    r"|Close|Crescent|Terrace|Gardens|Rd)\b"
    rf"|(?<![\w.,/-])\d{{1,4}}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|place|chemin|all[ée]e)"
    rf"(?: [\w'À-ÿ-]{{1,20}}){{0,3}} {_WORD}"
)
_MOST_WORDS: Final = 6
_LONGEST_STREET: Final = 90
_WITHIN: Final = r"(?:van|de|der|den|het|'t|ten|ter|la|du|des|von)"
_CUED: Final = re.compile(
    r"\b(?:(?:woon|post|huis|verblijf|thuis|bezoek|correspondentie|inschrijf|factuur)?adres(?:sen|gegevens)?"
    r"|wonen(?:de|d)|woonachtig|woont|woonde|wonen|verblijft|verbleef|verblijvend|verblijvende|ingeschreven"
    r"|staat ingeschreven|gevestigd|verhuisd|verhuisde|inwonend|huisvesting|slaapt|logeert|logeerde"
    r"|gehuisvest)\b"
    r"(?P<between>[^\n.;]{0,40}?)(?P<how> (?:op|aan|in|te|bij|naar|:)|:| is| luidt) (?:(?:het adres|de|het"
    r"|nummer|nr\.?|kamer)[: ] ?)?"
    rf"(?P<street>{_WORD}(?: (?:{_WITHIN} ){{0,2}}{_WORD}){{0,4}})(?P<number>,? {_NUMBER}(?![\w]))?",
)
_POSTCODE: Final = re.compile(r"(?<![\w.,-])[1-9]\d{3} {0,2}[A-Z]{2}(?![\w])")
_POSTCODE_LOOSE: Final = re.compile(r"(?<=[\s,(])[1-9]\d{3} ?[A-Za-z]{2}(?![\w])")
_NO_LETTERS: Final = frozenset({"SA", "SD", "SS"})
_WORDS_OF_TWO: Final = frozenset(
    {
        "IS",
        "IN",
        "EN",
        "OF",
        "OP",
        "TE",
        "ER",
        "WE",
        "NA",
        "IK",
        "ZE",
        "JE",
        "UW",
        "OM",
        "AL",
        "DE",
        "HR",
        "MW",
        "NR",
        "BV",
        "NV",
        "EU",
        "CM",
        "MM",
        "KM",
        "KG",
        "ML",
        "MG",
    }
)
_TOWN: Final = re.compile(
    rf"(?:'s-|'S-|'t )?{_WORD}(?:[ -](?:(?:aan|op|bij|den|de|der|over|onder|van) ?){{0,3}}[A-Z][\w-]{{0,30}}){{0,5}}"
)
_HOME: Final = re.compile(
    r"(?i:\b(?:woont|woonde|wonen|wonende|woonachtig|verblijft|verblijvend|verblijvende|gevestigd|woonplaats"
    r"|verhuisd|verhuisde|ingeschreven|inwoner|thuis|gehuisvest|studeert|verblijven|logeert|slaapt|ondergebracht"
    r"|opvanggezin|pleeggezin|gastgezin|woonvoorziening|woongroep|woning|huis|appartement|flat|kamer|studio"
    r"|werkzaam en woonachtig)\b)[^\n.;:0-9]{0,40}?(?:(?i:\b(?:in|te|naar|van)\b)|:) ?$"
)
_OFFICE: Final = re.compile(
    r"\b(?:ind|coa|dt&v|rechtbank|gemeentehuis|stadhuis|loket|politiebureau|bureau|kantoor|hoofdkantoor|balie"
    r"|zittingslocatie|zittingsplaats|postbus|ziekenhuis|school|gerechtshof|ministerie|gemeente|azc"
    r"|aanmeldcentrum|opvanglocatie|ambassade|consulaat|b\.?v\.?|stichting|bezoekadres)\b[^\n.;]{0,60}$",
    re.IGNORECASE,
)
# A hyphen belongs to a word here and a word begins once, so that every text is read in one way only.
_TOWN_BEFORE: Final = re.compile(
    rf"(?<![\w'.-])(?P<town>(?:'[sSt]-? ?)?{_WORD}(?: {_WORD}){{0,2}})(?:,? (?:aan de |op de |aan het |aan |op )"
    r"|[ ,]{0,2}\(|, )$"
)
_UNLISTED_TOWN: Final = re.compile(r",? (?:in|te) (?P<town>[A-ZÀ-Þ][\w'-]{2,30})(?![\w])")
_SMALL_TOWN: Final = re.compile(r"[a-z'][\w'-]{2,30}(?: [a-z][\w-]{1,30}){0,3}(?![\w])")
_TOWNS_AND_OFFICES: Final = frozenset({"budel", "den haag", "groningen", "utrecht", "ter apel", "zoutkamp"})
"""Where so much of government is that the name stands for it; people live there all the same."""
_STREET_AND_NUMBER: Final = re.compile(r"[^\d,]{4,80}[ ,]\d{1,5}(?:[ /-]?[A-Za-z]\b|[/-]\d{1,4}\b)?")
_REACH: Final = 100
_LONGEST_END: Final = 8
"""Of what leads to a town, `naar ` with the sign before it."""
_REACH_BEFORE: Final = 60


def find_places(text: str, vocabulary: Vocabulary) -> list[Spot]:
    """Find the addresses, postcodes and towns of homes in a normal text; spots may overlap."""
    streets = [*_streets(text, vocabulary), *_fields(text), *_abroad(text)] if any(map(str.isdigit, text)) else []
    streets += [*_streets_again(text, streets)]
    spots = [*streets, *_cued(text, vocabulary), *_without_number(text)]
    postcodes = [*_postcodes(text, [spot.end for spot in spots])]
    spots += postcodes
    # Beside what is known now: a town beside a town beside it would never end.
    spots += [*_towns_at(text, spots, vocabulary)]
    spots += _towns_of_homes(text, vocabulary)
    return spots


def street_of(address: str) -> str:
    """Give the street of an address that begins with one, without its number; empty when it is none for sure."""
    street = re.split(r"[ ,]+(?=\d)", address.strip(), maxsplit=1)[0]
    return street if street.lower().endswith(tuple(cues.SURE_ENDINGS)) and "," not in street else ""


def house_of(address: str) -> str:
    """Give the street and the house number with which an address begins; empty when it does not."""
    found = _STREET_AND_NUMBER.match(address.strip())
    return found[0] if found else ""


def _streets(text: str, vocabulary: Vocabulary) -> Iterator[Spot]:
    for house in _HOUSE.finditer(text):
        least = max(0, house.start() - _LONGEST_STREET)
        line = max(text.rfind("\n", least, house.start()) + 1, least)
        start = _street_start(text, line, house.start(), vocabulary)
        if start is None and _POSTCODE_NEXT.match(text, house.end()):
            # What stands before a number and a postcode is a street, also when no list knows it.
            before = _BEFORE_POSTCODE.search(text, line, house.start())
            start = before.start() if before else None
        if start is None and _is_before_town(text, house, vocabulary):
            before = _ALONE.search(text, line, house.start())
            start = before.start("street") if before and _may_be_street(before["street"], vocabulary) else None
        if start is not None and not _is_office(text, start):
            yield Spot(start, house.end(), Kind.ADDRESS)


def _is_before_town(text: str, house: re.Match[str], vocabulary: Vocabulary) -> bool:
    """Tell whether a town comes behind a number that is no year: `Langs de Vecht 3-b te Ommen`."""
    lead = _TOWN_NEXT.match(text, house.end())
    if lead is None or _is_year(house["number"]):
        return False
    town = _town(text, lead.end(), vocabulary, after_postcode=False)
    return town is not None and vocabulary.is_dutch_town(text[town.start : town.end])


def _may_be_street(row: str, vocabulary: Vocabulary) -> bool:
    first, *others = row.split(" ")
    if len(row) < _LEAST_STREET or any(map(str.isdigit, row)):
        return False
    numbered = vocabulary.fold(first) in cues.MONTHS or first.lower() in list_words.NUMBERED
    return not numbered and (bool(others) or not vocabulary.sort(first) & LISTED)


def _streets_again(text: str, spots: list[Spot]) -> Iterator[Spot]:
    """Give the streets that stand in the text with a house number once, with another one: `Achterom 7` and `9`."""
    streets: dict[str, set[str]] = {}
    for spot in spots:
        street = re.split(r",? \d", text[spot.start : spot.end], maxsplit=1)[0]
        if len(street) >= _LEAST_STREET and street[:1].isupper():
            streets.setdefault(street.rpartition(" ")[2], set()).add(street)
    known = {spot.end for spot in spots}
    for house in _HOUSE.finditer(text) if streets else ():
        begin = max(0, house.start() - _LONGEST_STREET)
        before = text[begin : house.start()]
        for street in streets.get(before.rpartition(" ")[2].rpartition("\n")[2], ()):
            if before.endswith(street) and house.end() not in known and not before[: -len(street)][-1:].isalnum():
                yield Spot(house.start() - len(street), house.end(), Kind.ADDRESS)


def _fields(text: str) -> Iterator[Spot]:
    """Give what is filled in behind "Adres:", up to where the postcode or the next field begins."""
    for found in _FIELD.finditer(text):
        value = re.split(r",? ?\(?[1-9]\d{3} ?[A-Z]{2}\b|\. (?=[A-Z])| {2,}", found["value"])[0].rstrip(" .,")
        if any(map(str.isdigit, value)) and not _OFFICE.search(value):
            yield Spot(found.start("value"), found.start("value") + len(value), Kind.ADDRESS, certain=False)


def _abroad(text: str) -> Iterator[Spot]:
    """Give addresses that are written as abroad: `ul. Długa 14/3`, `No. 18, Lane 3, Xincheng Road`."""
    for found in _ABROAD.finditer(text):
        yield Spot(*found.span(), Kind.ADDRESS, certain=False)


def _street_start(text: str, line: int, end: int, vocabulary: Vocabulary) -> int | None:
    """Give where the street begins that ends right before a house number; None when no street stands there."""
    row = text[line:end].split(" ")[-_MOST_WORDS:]
    # What ends a clause ends the street as well.
    for at in range(len(row) - 2, -1, -1):
        if not row[at] or row[at][-1] in ",;:()|" or (row[at][-1] == "." and len(row[at]) > len("Burg.")):
            row = row[at + 1 :]
            break
    # A bracket begins a clause; it is no part of the street.
    opened = next((at for at in range(len(row) - 1, 0, -1) if row[at][:1] in {"(", "|"}), 0)
    row = row[opened:]
    row[0] = row[0].lstrip('("\u201c|')
    for at in range(len(row)):
        if _is_listed_street(row[at:], vocabulary) or (row[at] in cues.BEGINNINGS and _begins_street(row[at:])):
            return end - len(" ".join(row[at:]))
    last = row[-1]
    if not last.lower().endswith(tuple(cues.SURE_ENDINGS)) or not (last[:1].isupper() or last.startswith("'")):
        return None
    at = len(row) - 1
    while at and (row[at - 1][:1].isupper() or (row[at - 1] in cues.LINKS and at > 1 and row[at - 2][:1].isupper())):
        at -= 1
    return end - len(" ".join(row[at:]))


def _begins_street(row: list[str]) -> bool:
    ending = row[-1].lower().endswith(tuple(cues.SURE_ENDINGS)) and len(row) > 1
    capitals = all(word[:1].isupper() or word in cues.LINKS or word.isdigit() for word in row)
    return capitals and (ending or (row[0] in _BEGINNING_ALONE and len(row) > 1 and row[-1][:1].isupper()))


def _is_listed_street(row: list[str], vocabulary: Vocabulary) -> bool:
    name = " ".join(row)
    if not name or not (name[0].isupper() or (len(row) > 1 and row[1][:1].isupper() and row[0] in cues.LINKS)):
        return (
            len(row) == 1
            and name.endswith(("straat", "laan", "plein", "gracht"))
            and vocabulary.fold(name) in vocabulary.lists.streets
        )
    fold = vocabulary.fold(name)
    lists = vocabulary.lists
    return (
        fold in lists.streets
        and fold not in lists.towns
        and fold not in lists.not_people
        and not (len(row) == 1 and (vocabulary.is_word(name.lower()) or vocabulary.sort(name) & LISTED))
    )


def _cued(text: str, vocabulary: Vocabulary) -> Iterator[Spot]:
    for found in _CUED.finditer(text):
        start, end = found.span("street")
        street = found["street"]
        number = found["number"]
        if _is_office(text, found.start()) or _is_office(text, start):
            continue
        fold = vocabulary.fold(street)
        if number and not _is_year(number):
            yield Spot(start, found.end("number"), Kind.ADDRESS)
        elif not vocabulary.is_place(street) and (
            re.search(rf"(?:{'|'.join(map(re.escape, cues.SURE_ENDINGS))})$", street)
            or (
                fold in vocabulary.lists.streets
                and found["how"].strip() in {"aan", "op"}
                and fold not in vocabulary.lists.not_people
            )
        ):
            yield Spot(start, end, Kind.ADDRESS, certain=False)


def _without_number(text: str) -> Iterator[Spot]:
    """Give the streets and their glued numbers: `woont in Ede aan de Stationsweg`, `Kerkstraat5`."""
    for found in _ON_STREET.finditer(text):
        if _LIVES_AT.search(text, max(0, found.start() - _REACH), found.start()) and not _is_office(
            text, found.start()
        ):
            yield Spot(*found.span("street"), Kind.ADDRESS, certain=False)
    for found in _GLUED.finditer(text):
        yield Spot(*found.span(), Kind.ADDRESS)


def _is_year(number: str) -> bool:
    return re.fullmatch(r",? (?:19|20)\d\d", number) is not None


def _is_office(text: str, start: int) -> bool:
    return _OFFICE.search(text, max(0, start - 60), start) is not None


def _postcodes(text: str, addresses: list[int]) -> Iterator[Spot]:
    for found in _POSTCODE.finditer(text):
        letters = found[0][-2:]
        near = any(0 <= found.start() - end <= 4 for end in addresses)  # noqa: PLR2004 - a comma, a line end.
        if letters in _NO_LETTERS or (letters in _WORDS_OF_TWO and " " in found[0] and not near):
            continue
        if not _is_office(text, found.start()) or near:
            yield Spot(*found.span(), Kind.POSTCODE)
    for end in addresses:
        loose = _POSTCODE_LOOSE.search(text, end, end + 12)
        if loose and loose.start() - end <= 3:  # noqa: PLR2004 - a comma, a space.
            yield Spot(*loose.span(), Kind.POSTCODE)
    for found in re.finditer(r"(?i:postcode)[: ]{1,3}(?:is )?([1-9]\d{3} ?[A-Za-z]{2})(?![\w])", text):
        yield Spot(*found.span(1), Kind.POSTCODE)


def _towns_at(text: str, spots: list[Spot], vocabulary: Vocabulary) -> Iterator[Spot]:
    """Give the towns right after, or right before, an address or a postcode."""
    for spot in spots:
        lead = re.compile(r"[ ,\n]{0,3}(?:\()?(?:(?:te|in) )?(?:\d{4,5} (?=[A-Z]))?").match(text, spot.end)
        at = lead.end() if lead else spot.end
        if at - spot.end and (town := _town(text, at, vocabulary, after_postcode=spot.kind is Kind.POSTCODE)):
            yield town
        elif (
            spot.kind is Kind.ADDRESS
            and (unlisted := _UNLISTED_TOWN.match(text, spot.end))
            and vocabulary.fold(unlisted["town"]) not in cues.MONTHS
        ):
            yield Spot(*unlisted.span("town"), Kind.TOWN, certain=False)
        yield from _town_before(text, spot.start, vocabulary)


def _town_before(text: str, end: int, vocabulary: Vocabulary) -> Iterator[Spot]:
    """Give the town right before an address: of `In Alphen aan den Rijn (` without the word that begins a sentence."""
    begin = max(0, end - _REACH_BEFORE)
    found = _TOWN_BEFORE.search(text[begin:end])
    if not found:
        return
    words = found["town"].split(" ")
    for at in range(len(words)):
        town = " ".join(words[at:])
        if vocabulary.is_dutch_town(town):
            last = begin + found.end("town")
            yield Spot(last - len(town), last, Kind.TOWN)
            return


def _town(text: str, at: int, vocabulary: Vocabulary, *, after_postcode: bool) -> Spot | None:
    found = _TOWN.match(text, at)
    if not found:
        return None
    end = found.end()
    while end > at:
        row = text[at:end].rstrip(".")
        if vocabulary.is_place(row) or vocabulary.is_dutch_town(row.replace("'s-", "'s ")):
            return Spot(at, at + len(row), Kind.TOWN)
        end = max(text.rfind(" ", at, end), at)
    if after_postcode:
        first = re.compile(r"[A-ZÀ-Þ'][\w'-]+").match(text, at)
        if first and not vocabulary.is_word(first[0]):
            return Spot(at, first.end(), Kind.TOWN, certain=False)
    return None


def _towns_of_homes(text: str, vocabulary: Vocabulary) -> Iterator[Spot]:
    for found in re.finditer(r"(?<![\w])(?:'[sSt]-? ?)?[A-ZÀ-Þ]", text):
        before = text[max(0, found.start() - _REACH) : found.start()]
        if before[-1:] not in {" ", ":", "\n"} or not _HOME_END.search(before[-_LONGEST_END:]):
            continue
        if (home := _HOME.search(before)) and not _OFFICE.search(before[: home.start()]):
            town = _town(text, found.start(), vocabulary, after_postcode=False)
            if town and _is_home_town(text, town, vocabulary):
                yield town
    for lives in _LIVES.finditer(text):
        town = _town(text, lives.start("town"), vocabulary, after_postcode=False)
        if town and town.end == lives.end("town") and _is_home_town(text, town, vocabulary):
            yield town


def _is_home_town(text: str, town: Spot, vocabulary: Vocabulary) -> bool:
    name = text[town.start : town.end]
    return vocabulary.is_dutch_town(name) and (
        not vocabulary.is_nobody(name) or vocabulary.fold(name) in _TOWNS_AND_OFFICES
    )


def town_at(text: str, at: int, vocabulary: Vocabulary, *, casual: bool) -> int | None:
    """Give where a town of the Netherlands ends that begins here; None when there is none.

    `casual`: it may be written in small letters, unless it is an ordinary word then.
    """
    if not text[at : at + 1].islower():
        town = _town(text, at, vocabulary, after_postcode=False)
        return town.end if town and _is_home_town(text, town, vocabulary) else None
    found = _SMALL_TOWN.match(text, at) if casual else None
    while found:
        row = text[at : found.end()]
        if vocabulary.is_dutch_town(row) and (" " in row or not vocabulary.is_word(row)):
            return found.end()
        found = _SMALL_TOWN.match(text, at, max(text.rfind(" ", at, found.end()), at))
    return None


_LIVES: Final = re.compile(
    rf"\b(?:in|te) (?P<town>{_WORD}(?:[ -](?:(?:aan|op|bij|den|de|der) ){{0,2}}[A-Z][\w-]*){{0,2}})"
    r"(?= (?:(?:gaat|ging|wil|mag|kan|blijft|zou|moet) )?(?:te )?"
    r"(?:woont|woonde|woonden|wonen|verblijft|verbleef|logeert|logeren|slaapt|slapen|studeert|studeren|verblijven)\b)"
)
_HOME_END: Final = re.compile(r"(?i:\b(?:in|te|naar|van)|:) ?$")
