"""Finds what is written with a capital and is certainly nobody, before names are looked for.

Rules:
1. A row of words that a list has as an organisation, law or people is one wherever it stands in a row of capitals.
2. What a word in front makes a place, a disease, a ship or a judgment is that: `de wijk Hodan`, `ziekte van Crohn`.
3. What ends as a building, a street or a medicine ends is that, unless a list has it as a surname.
4. Abbreviations of notes (`Antw.`, `Betr.:`) and the head lines and dates of English mail are no names. Neither is what
   is written as only labels and codes are: `Zorgnr`, `Reg.tolk`, `Voorna(a)m`, `AMS-IST`, a word without a vowel.
5. What stands in a field for the place of birth or the nationality is that.
6. A month within a date, letters within a number (`4OT7781`) and the code of a country in a cell of its own (`SYR`) are
   nobody, also when a list has them as a name (`jun`, `mei`, `geo`).
What follows a form of address or a word for kin is left alone: there a name is meant.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from gateway.minimise.people import cues
from gateway.minimise.people.lists import folded
from gateway.minimise.people.runs import Cue, cue_of
from gateway.minimise.people.tokens import Shape, Token
from gateway.minimise.people.words import LISTED, Sort, Vocabulary

_CAPITALS: Final = frozenset({Shape.CAPITAL, Shape.UPPER})
_WRITTEN_LARGE: Final = _CAPITALS | {Shape.INITIAL}
_SPOKEN: Final = frozenset({Cue.HONORIFIC, Cue.KIN, Cue.NAMED, Cue.ROLE})
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
    r"\b(?P<what>[A-ZÀ-Þ][\w-]{3,30})"
    r"(?= (?:[A-Z][a-z]{2,12} )?\d[ -]?dd\b|,? z\.? ?n\b"
    r"| \d{1,4}(?:[.,]\d{1,3})? ?(?:mg|mcg|µg|gr?|ml|mm|IE|dd|stuks|tabl\w*)\b)"
)
_MEDICATION: Final = re.compile(
    r"(?:^|\n|  )[ \t]{0,8}(?:(?:thuis|huidige |actuele )?medicatie|medicijnen|geneesmiddelen"
    r"|medication"
    r"|current medication|medikation|medikamente|traitement)\b ?:?[ \t]{0,20}(?P<list>[^\n]{3,200})",
    re.IGNORECASE,
)
_MEDICINE: Final = re.compile(
    r"(?:^|, ?|; ?|\+ ?|\ben |\band )(?P<what>[A-ZÀ-Þ][a-zà-ÿ]{3,30})(?= ?(?:[,;.+(]|$|\d|en [A-Z]|and [A-Z]|z\.? ?n))"
)
_MONTH: Final = re.compile(
    r"(?<![\w./-])(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|e|\.)?[ -]?(?P<month>[^\W\d_]{3,10})\b"
    r"(?=\.?[ -](?:'\d\d|(?:19|20)\d\d)\b|\.?,?\s{1,12}\d{1,2}[:.]\d\d\b)"
    r"|\b(?:op|per|vanaf|tot|sinds|dd|d\.d\.|on|since|until|before|after|dated|am|vom|bis|seit|le|du|depuis) "
    r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|e|er|\.)? (?P<told>[^\W\d_]{3,10})\b(?! [A-ZÀ-Þ])"
)
_LABEL: Final = re.compile(
    r"\b[^\W\d_]{2,24}(?:\([a-zé]{1,3}\)[^\W\d_]{0,12}){1,2}|\b[A-Z][a-z]{2,20}nrs?\b"
    r"|(?<=\d)[A-Z]{1,4}(?=\d)|(?<=\d{3}-)[A-Z]{2,4}(?![\w-])"
)
_CUT_SHORT: Final = re.compile(
    r"\b(?P<what>[A-Z][a-z]{1,5})\.(?=[a-z]{2})|\b(?P<label>[A-Z][a-z]{1,8})\. ?(?=:)"
    r"|(?<![\w-])(?P<code>[A-Z]{1,4})(?=\d{2,})|\b(?P<from>[A-Z]{3})-(?P<to>[A-Z]{3})(?![\w-])"
    r"|(?<![^\W_])(?<![A-ZÀ-Þ] )(?P<short>[A-Z]{2,4})"
    r"(?= \d{1,3}(?:[.:]\d\d)?(?![\d/.-])(?! ?(?:jaar|jr|years|ans|jahre)\b))"
)
"""`Reg.tolk`, `Behand.:`, `HV5801`, `AMS-IST`, `ETA 17.05`."""
_BIRTHPLACE: Final = re.compile(
    r"\b(?:geboorteplaats|geboorteland|(?:place|country) of birth|birthplace|geburtsort|geburtsland"
    r"|(?:lieu|pays) de naissance|citizenship|nationality|nationalit[eé]|staatsangehörigkeit)"
    r"(?:\(?s\)?)?[ \t]{0,3}:\s{0,40}(?P<where>[^\W\d_][\w' -]{1,30}?)(?=  |[\t\n,;/(|]|$)",
    re.IGNORECASE,
)
_VOWEL: Final = re.compile("[aeiouy]")
_LONGEST_CUE: Final = 24
_LONG_NUMBER: Final = 4
_APART: Final = re.compile(r"  |[\t\n/|;()\u2013]|- ")


def find_nobody(text: str, tokens: Sequence[Token], vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Give the spans of a normal text whose capitals are nobody's."""
    for pattern in (_ENGLISH_DATE, _ENGLISH_LETTER):
        for found in pattern.finditer(text):
            yield found.span()
    for found in _DOSE.finditer(text):
        if not vocabulary.sort(found["what"]) & LISTED:
            yield found.span("what")
    yield from _labels(text, vocabulary)
    yield from _medicines(text, vocabulary)
    for at, token in enumerate(tokens):
        if token.shape not in _CAPITALS:
            continue
        last = _listed_row(text, tokens, at, vocabulary)
        if last is None:
            last = _thing(text, tokens, at, vocabulary)
        if last is None and (
            _is_country(text, tokens, at, vocabulary)
            or _is_unspoken(tokens, at, vocabulary)
            or _is_language(text, tokens, at, vocabulary)
        ):
            last = at
        if last is not None:
            yield token.start, tokens[last].end


def _labels(text: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Give the months of dates, places of birth in fields, and what is written as no name is."""
    for found in _MONTH.finditer(text):
        group = found.lastgroup or ""
        if folded(found[group]) in cues.MONTHS:
            yield found.span(group)
    for found in _LABEL.finditer(text):
        yield found.span()
    for found in _BIRTHPLACE.finditer(text):
        yield found.span("where")
    for found in _CUT_SHORT.finditer(text):
        before = text[max(0, found.start() - _LONGEST_CUE) : found.start()].rstrip(" :").rpartition(" ")[2]
        listed = any(vocabulary.sort(word) & LISTED for word in found.groups() if word)
        if not listed and cue_of(before.lower()) not in _SPOKEN:
            yield found.span()


def _medicines(text: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Give what stands in the field for medicines, by which no list knows a person."""
    for found in _MEDICATION.finditer(text):
        for each in _MEDICINE.finditer(found["list"]):
            if not vocabulary.sort(each["what"]) & LISTED:
                start = found.start("list")
                yield start + each.start("what"), start + each.end("what")


def _is_country(text: str, tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> bool:
    """Tell the code of a country that has a cell of its own; one that is a name too only behind a date or a number."""
    token = tokens[at]
    if token.text not in cues.COUNTRY_CODES or not _APART.search(token.gap):
        return False
    behind = tokens[at + 1].gap if at + 1 < len(tokens) else text[token.end :]
    alone = not behind or _APART.search(behind) is not None or any(map(str.isdigit, behind))
    digits = sum(map(str.isdigit, token.gap))
    return alone and (digits >= _LONG_NUMBER or not vocabulary.sort(token.text) & LISTED)


def _is_unspoken(tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> bool:
    """Tell an unknown word without a vowel, which nobody can say, with no name beside it: `Wbtv`, not `Ng Kim`."""
    token = tokens[at]
    if token.shape is not Shape.CAPITAL or _VOWEL.search(vocabulary.fold(token.text)) or vocabulary.sort(token.text):
        return False
    if _is_spoken_to(tokens, at, _SPOKEN - {Cue.ROLE}) or (
        at and token.gap == " " and tokens[at - 1].shape in _WRITTEN_LARGE
    ):
        return False
    return at + 1 >= len(tokens) or tokens[at + 1].gap != " " or tokens[at + 1].shape not in _WRITTEN_LARGE


def _is_language(text: str, tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> bool:
    """Tell a language that is a name too: `in het Turks`, `tolk Frans/Soussou`; not `tolk Frans belde`."""
    if not at or Sort.NOBODY not in vocabulary.sort(tokens[at].text):
        return False
    before = tokens[at - 1].text.lower()
    if tokens[at].gap == " " and before == "het":
        return True
    ends = text[tokens[at].end : tokens[at].end + 2].strip(" ")[:1] in {"", "/", ")", ",", ";", "\n", "("}
    return before in {"tolk", "taal", "talen", "tolkentaal"} and tokens[at].gap in {" ", ": ", " : "} and ends


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


def _is_spoken_to(tokens: Sequence[Token], at: int, of: frozenset[Cue] = _SPOKEN) -> bool:
    """Tell whether the word before says that a person follows."""
    if not at or tokens[at].gap not in {" ", ". ", ": ", " ("}:
        return False
    return cue_of(tokens[at - 1].text.lower()) in of


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
    return token.text.lower() in cues.NOTES and (token.opens or text[token.end : token.end + 1] in {".", ":"})


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
