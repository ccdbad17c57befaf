"""Finds what is written with a capital and is certainly nobody, before names are looked for.

Rules:
1. A row of words that a list has as an organisation, law or people is one wherever it stands in a row of capitals.
2. What a word in front makes a place, a disease, a ship or a judgment is that: `de wijk Hodan`, `ziekte van Crohn`.
3. What ends as a building, a street or a medicine ends is that, unless a list has it as a surname.
4. Abbreviations of notes (`Antw.`, `Betr.:`) and the head lines and dates of English mail are no names.
5. What is filled in behind a field for a place, a people, a language, a bank or a medicine is that: `Stam: Noorzai`.
   What a list has as a given name is left to the search all the same.
6. A month of another calendar behind a day, what a laboratory measured, and what bears a number (`K14`) are no names.
What follows a form of address or a word for kin is left alone: there a name is meant.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from gateway.minimise.people import cues
from gateway.minimise.people.runs import Cue, Runs, cue_of
from gateway.minimise.people.tokens import Shape, Token
from gateway.minimise.people.words import LISTED, Sort, Vocabulary

_CAPITALS: Final = frozenset({Shape.CAPITAL, Shape.UPPER})
_LONGEST_ROW: Final = 4
_LONGEST_THING: Final = 3
_ENGLISH_DATE: Final = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun),? (?=\d|[A-Z][a-z]{2,8}\.? \d)"
    r"|\b(?:january|february|march|april|may|june|july|august|september|october|november|december) "
    r"(?=\d{1,2}(?:st|nd|rd|th)?,? \d{4})",
    re.IGNORECASE,
)
_ENGLISH_LETTER: Final = re.compile(
    r"^(?:From|Sent|To|Subject|Date|Reply-To|Attachments?|Importance)(?=:)|\b(?:Kind|Best|Warm|With kind) regards\b"
    r"|\bYours (?:sincerely|faithfully)\b|^Dear\b|\b(?:Emergency (?:contact|number|exit|shelter)s?|Grace periods?)\b",
    re.MULTILINE,
)
_DOSE: Final = re.compile(
    r"\b(?P<what>[A-ZÀ-Þ][\w-]{3,30})(?= \d{1,4}(?:[.,]\d{1,3})? ?(?:mg|mcg|µg|gr?|ml|mm|IE|dd|stuks|tabl\w*)\b)"
)

_PLACE_FIELD: Final = re.compile(
    r"(?:^|(?<=[.;|\t] )|(?<=[|\t]))(?:[Gg]eboorte(?:plaats|land|dorp|streek)|[Vv]erblijf(?:s)?plaats|[Hh]erkomst"
    r"|[Ll]and|[Pp]laats|[Ss]tad|[Dd]orp|[Pp]rovincie|[Rr]egio|[Dd]istrict|[Nn]ationaliteit|[Tt]aal|[Tt]alen|[Mm]oedertaal"
    r"|[Ss]preektaal|[Dd]ialect|[Gg]eloof|[Gg]odsdienst|[Rr]eligie|[Kk]erk|[Ee]tniciteit|[Bb]evolkingsgroep|[Cc]lan"
    r"|[Ss]ubclan|[Ss]tam|[Kk]aste|[Bb]ank|[Mm]erk|[Tt]ype|[Mm]odel|[Oo]pleiding|[Pp]roduct|[Mm]unteenheid"
    r"|[Pp]rovider|[Zz]orgverzekeraar|[Vv]erzekeraar)(?: (?:ouders?|gezin|familie|kinderen|tolk|\d))?: ?"
    r"(?P<what>[A-ZÀ-Þ][\w'-]*(?: (?:(?:de|del|la|al|el|van|ul|an) )?[A-ZÀ-Þ][\w'-]*){0,3})",
    re.MULTILINE,
)
_MEDICAL_FIELD: Final = re.compile(
    r"\b(?:[Mm]edicatie|[Mm]ed|[Mm]edicijn(?:en)?|[Aa]llergie(?:en|\u00ebn)?|[Dd]iagnoses?|[Vv]oorgeschiedenis|DD"
    r"|[Gg]ebruikt|[Ll]ab(?:uitslag(?:en)?)?|[Rr]ecept|[Vv]accinaties?): "
)
_ITEM: Final = re.compile(
    r"(?P<what>[A-Za-zÀ-ÿ][\w-]{1,30})(?: (?:\d[\w.,/%]{0,10}|[a-z]{1,3}\b|forte|retard|zo nodig)){0,4}"
    r"(?P<end>[,;?+]| en |\.?$|\. )",
    re.MULTILINE,
)
_MEASURED: Final = re.compile(r"\b(?P<what>[A-Z][A-Za-z]{1,10})(?= (?:[<>=] ?)?\d{1,3}[.,]\d(?![\d.,-]))")
_NUMBERED: Final = re.compile(r"\b[A-Z]{1,2}(?=\d)|(?<=\d)[A-Z]{1,3}(?=\d)")
_DAY: Final = re.compile(r"\b[0-3]?\d (?P<what>[A-Z][a-z]{1,10}|[A-Z]{3,9})\b(?! \d{5}| [A-ZÀ-Þ])")
_YEAR: Final = re.compile(r" (?:1[34]|19|20)\d\d\b| {1,6}[0-2]?\d[:.][0-5]\d\b")
_MOST_ITEMS: Final = 20
_REGION: Final = re.compile(
    r"\b(?:Noord|Oost|Zuid|West|Midden|Zuidoost|Noordoost|Zuidwest|Noordwest)-[A-Z][a-z]{3,20}\b"
)
_STATE: Final = re.compile(
    r"(?:(?<![\w-])|(?<=\d-))(?:AFG|ALB|ARM|AZE|BEL|BGD|BGR|BIH|BLR|BRA|CHN|CIV|CMR|COD|COG|COL|CUB|CZE|DEU|DZA|ECU"
    r"|EGY|ERI|ESP|ETH|FRA|GBR|GEO|GHA|GIN|GMB|GRC|HRV|HUN|IND|IRN|IRQ|ISR|ITA|JOR|KAZ|KGZ|KWT|LBN|LBR|LBY|LKA|LTU|LVA"
    r"|MAR|MDA|MKD|MLI|MMR|MNE|MNG|NER|NGA|NLD|NPL|PAK|POL|PSE|PRT|ROU|RUS|RWA|SDN|SLE|SOM|SRB|SSD|SUR|SVK|SYR|TCD|TGO"
    r"|TJK|TUN|TUR|UGA|UKR|USA|UZB|VEN|VNM|XKX|YEM|ZAF|ZWE)(?![\w-])"
)
_OPTIONAL: Final = re.compile(r"\b[A-Za-z]{3,20}(?:\([a-z]{1,3}\)[a-z]{0,4}){1,3}")
"""`Voorna(a)m(en)`: what a form asks for."""
_SAINT: Final = re.compile(r"\bSint[ -][A-Z]\w+")
_LANGUAGE: Final = re.compile(
    r"\b(?:(?:in|naar|uit) het|(?:[Ss]preekt|[Ss]prak|[Ss]preken|[Tt]alen|[Tt]aal|[Tt]olk|[Vv]ertaler)(?: in het)?:?"
    r"|en|/|,) ?(?P<what>Frans|Turks|Engels|Duits|Pools|Grieks|Perzisch|Russisch|Arabisch|Spaans|Portugees|Zweeds)\b"
    r"(?! (?:[A-Z]|van |de |der |den |ten |ter |zegt|zei|was|is |heeft|belt))"
)


def find_nobody(text: str, tokens: Sequence[Token], vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Give the spans of a normal text whose capitals are nobody's."""
    yield from _by_form(text, vocabulary)
    yield from _fields(text, vocabulary)
    for at, token in enumerate(tokens):
        if token.shape not in _CAPITALS:
            continue
        last = _listed_row(text, tokens, at, vocabulary)
        if last is None:
            last = _thing(text, tokens, at, vocabulary)
        if last is not None:
            yield token.start, tokens[last].end


def names_thing(runs: Runs, first: int) -> bool:
    """Tell that what is called so is a place or an organisation: `het kamp heet Endabaguna`.

    Not where it only says which of them: `de leider van het kamp heet …`.
    """
    tokens = runs.tokens
    if first < 2 or tokens[first - 1].text not in cues.HOW_CALLED:  # noqa: PLR2004 - the noun and the verb.
        return False
    noun = first - 2
    if not runs.is_organisation(noun) and tokens[noun].text.lower() not in cues.LOCATING:
        return False
    at = noun - 1
    while at >= 0 and noun - at <= _LONGEST_THING and not tokens[at + 1].opens:
        if tokens[at].text.lower() in cues.WITHIN_NOUN:
            return False
        at -= 1
    return True


def _by_form(text: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Give what its form makes nobody: heads of English mail, doses and measurements, months, what bears a number."""
    for pattern in (_ENGLISH_DATE, _ENGLISH_LETTER, _NUMBERED, _REGION, _STATE, _SAINT, _OPTIONAL):
        for found in pattern.finditer(text):
            yield found.span()
    for pattern in (_DOSE, _MEASURED):
        for found in pattern.finditer(text):
            if not vocabulary.sort(found["what"]) & LISTED:
                yield found.span("what")
    for found in _DAY.finditer(text):
        # `kamer 3 Jan de Vries`: what people are called by is a month before a year or an hour only.
        a_name = vocabulary.sort(found["what"]) & LISTED and not _YEAR.match(text, found.end())
        if found["what"].lower() in cues.MONTHS and not a_name:
            yield found.span("what")
    for found in _LANGUAGE.finditer(text):
        if found["what"] != "Frans" or found[0][:1] not in "e,/":
            yield found.span("what")


def _fields(text: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Give what fields say that ask for no person; not what a list has as a given name."""
    if ":" not in text:
        return
    for found in _PLACE_FIELD.finditer(text):
        if not any(_is_given(word, vocabulary) for word in found["what"].split()):
            yield found.span("what")
    for field in _MEDICAL_FIELD.finditer(text):
        at = field.end()
        for _ in range(_MOST_ITEMS):
            item = _ITEM.match(text, at)
            if item is None or vocabulary.sort(item["what"]) & LISTED:
                break
            yield item.span("what")
            at = item.end() + text.startswith(" ", item.end())
            if item["end"][:1] in {".", "?", ""}:
                break


def _is_given(word: str, vocabulary: Vocabulary) -> bool:
    sort = vocabulary.sort(word)
    return bool(sort & (Sort.NAME | Sort.FIRST)) and not sort & Sort.NOBODY


def _listed_row(text: str, tokens: Sequence[Token], first: int, vocabulary: Vocabulary) -> int | None:
    """Give where a listed row of two words or more ends that begins at a token."""
    if not vocabulary.begins_nobody(tokens[first].text):
        return None
    most = first
    while most + 1 < len(tokens) and most - first < _LONGEST_ROW - 1 and tokens[most + 1].gap == " ":
        most += 1
    for last in range(most, first, -1):
        row = text[tokens[first].start : tokens[last].end]
        if tokens[last].shape is not Shape.INITIAL and vocabulary.is_nobody(row) and not vocabulary.is_place(row):
            return last
    return None


def _is_spoken_to(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether the word before says that a person follows."""
    if not at or tokens[at].gap not in {" ", ". ", ": ", " ("}:
        return False
    return cue_of(tokens[at - 1].text.lower()) in {Cue.HONORIFIC, Cue.KIN, Cue.NAMED, Cue.ROLE}


def _thing(text: str, tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> int | None:
    """Give where a row ends that is a thing or a place by what stands before it or by how it ends."""
    alone = not _is_spoken_to(tokens, at)
    if _is_note(text, tokens, at) or (alone and vocabulary.is_thing(tokens[at].text)):
        return at
    if alone and _is_led(tokens, at):
        return _row_end(tokens, at)
    for last in range(at + 1, min(len(tokens), at + _LONGEST_THING)):
        capital = tokens[last].shape in _CAPITALS
        if tokens[last].gap != " " or not (capital or tokens[last].text in cues.LINKS):
            break
        if capital and vocabulary.is_thing(tokens[last].text):
            return last
    return None


def _is_note(text: str, tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    lower = token.text.lower()
    if lower.endswith(("nr", "nrs")) and len(lower) > len("nrs"):
        # `Zorgnr`, `Dossiernr`: what a number is.
        return True
    return lower in cues.NOTES and (token.opens or text[token.end : token.end + 1] in {".", ":"})


def _is_led(tokens: Sequence[Token], at: int) -> bool:
    """Tell what a word right before makes a thing or a place: `schip Galaxy`, `gevangenis van Mai Serwa`."""
    if not at or tokens[at].gap not in {" ", ' "', " '"}:
        return False
    before = tokens[at - 1].text.lower()
    if before in cues.LEADS_TO_THING:
        return True
    if before == "te":
        # `geboren te Adi Keyh`, not `mevrouw te Velde`.
        return at > 1 and tokens[at - 2].shape is Shape.LOWER and cue_of(tokens[at - 2].text) is Cue.NONE
    return (
        before == "van"
        and at > 1
        and tokens[at - 1].gap == " "
        and tokens[at - 2].text.lower() in cues.LEADS_TO_THING_OF
    )


def _row_end(tokens: Sequence[Token], at: int) -> int:
    last = at
    while last + 1 < len(tokens) and last - at < _LONGEST_THING and tokens[last + 1].gap == " ":
        if tokens[last + 1].shape not in _CAPITALS:
            break
        last += 1
    return last
