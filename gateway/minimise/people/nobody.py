"""Finds what is written with a capital and is certainly nobody, before names are looked for.

Rules:
1. A row of words that a list has as an organisation, law or people is one wherever it stands in a row of capitals.
2. What a word in front makes a place, a disease, a ship or a judgment is that: `de wijk Hodan`, `ziekte van Crohn`;
   what it makes a body or a firm too, unless a list has it as a name: `GGZ Breburg`. So does what is said behind it.
3. What ends as a building, a street or a medicine ends is that, unless a list has it as a surname.
4. Abbreviations of notes (`Antw.`, `Betr.:`) and the head lines and dates of English mail are no names. Neither is what
   is written as only labels and codes are: `Zorgnr`, `Reg.tolk`, `Voorna(a)m`, `AMS-IST`, a word without a vowel.
5. What is filled in behind a field for a place, a people, a bank or a medicine is that: `Stam: Noorzai`.
   What a list has as a given name is left to the search all the same.
6. A month within a date, what a laboratory measured, letters within a number (`4OT7781`) and the code of a country in a
   cell of its own (`SYR`) are nobody, also when a list has them as a name (`jun`, `mei`, `geo`).
What follows a form of address or a word for kin is left alone: there a name is meant.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from gateway.minimise.people import cues, things
from gateway.minimise.people.cueing import Cue, cue_of
from gateway.minimise.people.lists import folded
from gateway.minimise.people.runs import Runs
from gateway.minimise.people.tokens import Shape, Token
from gateway.minimise.people.words import LISTED, Sort, Vocabulary

_CAPITALS: Final = frozenset({Shape.CAPITAL, Shape.UPPER})
_WRITTEN_LARGE: Final = _CAPITALS | {Shape.INITIAL}
_SPOKEN: Final = frozenset({Cue.HONORIFIC, Cue.KIN, Cue.NAMED, Cue.ROLE})
_DETERMINERS: Final = frozenset({"de", "het", "een", "deze", "die", "onze", "mijn", "zijn", "haar", "hun"})
_JOINING: Final = frozenset(
    {"omdat", "dat", "toen", "als", "terwijl", "nadat", "voordat", "want", "en", "of", "hebben"}
)
_LONGEST_ROW: Final = 4
_LONGEST_THING: Final = 3
_ENGLISH_DATE: Final = re.compile(
    r"\b(?=[mtwfsjando])(?:"
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun),? (?=\d|[A-Z][a-z]{2,8}\.? \d)"
    r"|(?:january|february|march|april|may|june|july|august|september|october|november|december) "
    r"(?=\d{1,2}(?:st|nd|rd|th)?,? \d{4}))",
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
_MONTH: Final = re.compile(
    r"(?<![\w./-])(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|e|\.)?[ -]?(?P<month>[^\W\d_]{3,10})\b"
    r"(?=\.?[ -](?:'\d\d|(?:19|20)\d\d)\b|\.?,?\s{1,12}\d{1,2}[:.]\d\d\b)"
    r"|\b(?:op|per|vanaf|tot|sinds|dd|d\.d\.|on|since|until|before|after|dated|am|vom|bis|seit|le|du|depuis) "
    r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|e|er|\.)? (?P<told>[^\W\d_]{3,10})\b(?! [A-ZÀ-Þ])"
)
_LABEL: Final = re.compile(
    r"\b[^\W\d_]{2,24}+(?:\([a-zé]{1,3}\)[^\W\d_]{0,12}){1,2}|\b[A-Z][a-z]{2,20}nrs?\b"
    r"|(?<=\d)[A-Z]{1,4}(?=\d)|(?<=\d{3}-)[A-Z]{2,4}(?![\w-])"
)
_CUT_SHORT: Final = re.compile(
    r"(?=[A-Z])(?:\b(?P<what>[A-Z][a-z]{1,5})\.(?=[a-z]{2})|\b(?P<label>[A-Z][a-z]{1,8})\. ?(?=:)"
    r"|(?<![\w-])(?P<code>[A-Z]{1,4})(?=\d{2,})|\b(?P<from>[A-Z]{3})-(?P<to>[A-Z]{3})(?![\w-])"
    r"|(?<![^\W_])(?<![A-ZÀ-Þ] )(?P<short>[A-Z]{2,4})"
    r"(?= \d{1,3}(?:[.:]\d\d)?(?![\d/.-])(?! ?(?:jaar|jr|years|ans|jahre)\b)))"
)
"""`Reg.tolk`, `Behand.:`, `HV5801`, `AMS-IST`, `ETA 17.05`."""
_BIRTHPLACE: Final = re.compile(
    r"\b(?=[pbgclns])(?:(?:place|country) of birth|birthplace|geburtsort|geburtsland"
    r"|(?:lieu|pays) de naissance|citizenship|nationality|nationalit[eé]|staatsangehörigkeit)"
    r"(?:\(?s\)?)?[ \t]{0,3}:\s{0,40}(?P<where>[^\W\d_][\w' -]{1,30}?)(?=  |[\t\n,;/(|]|$)",
    re.IGNORECASE,
)
_VOWEL: Final = re.compile("[aeiouy]")
_LONGEST_CUE: Final = 24
_LONG_NUMBER: Final = 4
_APART: Final = re.compile(r"  |[\t\n/|;()\u2013]|- ")

_PLACE_FIELD: Final = re.compile(
    r"(?:^|(?<=[.;|\t] )|(?<=[|\t]))(?:[Gg]eboorte(?:plaats|land|dorp|streek)|[Vv]erblijf(?:s)?plaats|[Hh]erkomst"
    r"|[Ll]and|[Pp]laats|[Ss]tad|[Dd]orp|[Pp]rovincie|[Rr]egio|[Dd]istrict|[Nn]ationaliteit|[Tt]aal|[Tt]alen|[Mm]oedertaal"
    r"|[Ss]preektaal|[Dd]ialect|[Gg]eloof|[Gg]odsdienst|[Rr]eligie|[Kk]erk|[Ee]tniciteit|[Bb]evolkingsgroep|[Cc]lan"
    r"|[Ss]ubclan|[Ss]tam|[Kk]aste|[Bb]ank|[Mm]erk|[Tt]ype|[Mm]odel|[Oo]pleiding|[Pp]roduct|[Mm]unteenheid"
    r"|[Kk]leur|[Vv]lucht(?:route)?|[Rr]oute|[Ll]ocatie|[Bb]estemming|[Aa]mbassade|[Pp]rovider"
    r"|[Zz]orgverzekeraar|[Vv]erzekeraar)(?: (?:ouders?|gezin|familie|kinderen|tolk|\d))?: ?"
    r"(?P<what>[A-ZÀ-Þ][\w'-]*(?: (?:(?:de|del|la|al|el|van|ul|an) )?[A-ZÀ-Þ][\w'-]*){0,3})",
    re.MULTILINE,
)
_MEDICAL_FIELD: Final = re.compile(
    r"\b(?:medicatie|med|medicijn(?:en)?|allergie(?:en|\u00ebn)?|diagnoses?|voorgeschiedenis|dd|gebruikt"
    r"|lab(?:uitslag(?:en)?)?|recept|vaccinaties?): "
    r"|(?:^|\n|  )[ \t]{0,8}(?:(?:thuis|huidige |actuele |current )?medicati(?:e|on)|medicijnen|geneesmiddelen"
    r"|medikation|medikamente|traitement)\b ?:?[ \t]{0,20}(?=(?-i:[A-ZÀ-Þ]))",
    re.IGNORECASE,
)
_ITEM: Final = re.compile(
    r"(?P<what>[A-Za-zÀ-ÿ][\w-]{1,30})(?: (?:\d[\w.,/%]{0,10}|[a-z]{1,3}\b|forte|retard|zo nodig)){0,4}"
    r"(?P<end>[,;?+]| en |\.?$|\. )",
    re.MULTILINE,
)
_MEASURED: Final = re.compile(r"\b(?P<what>[A-Z][A-Za-z]{1,10})(?= (?:[<>=] ?)?\d{1,3}[.,]\d(?![\d.,-]))")
_MOST_ITEMS: Final = 20
_GIVEN: Final = re.compile(r"\b(?:[Gg]iven|[Ff]irst|[Ll]ast|[Ff]amily|[Mm]iddle|[Mm]aiden)(?=[ -][Nn]ames?\b)")
_REGION: Final = re.compile(
    r"\b(?:Noord|Oost|Zuid|West|Midden|Zuidoost|Noordoost|Zuidwest|Noordwest)-[A-Z][a-z]{3,20}\b"
)
_SAINT: Final = re.compile(r"\bSint[ -][A-Z]\w+")


def find_nobody(text: str, tokens: Sequence[Token], vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Give the spans of a normal text whose capitals are nobody's."""
    yield from _by_form(text, vocabulary)
    yield from _fields(text, vocabulary)
    yield from _labels(text, vocabulary)
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
    """Give what its form makes nobody: heads of English mail, doses and measurements, regions, saints."""
    for pattern in (_ENGLISH_DATE, _ENGLISH_LETTER, _GIVEN, _REGION, _SAINT):
        for found in pattern.finditer(text):
            yield found.span()
    for pattern in (_DOSE, _MEASURED):
        for found in pattern.finditer(text):
            if not vocabulary.sort(found["what"]) & LISTED:
                yield found.span("what")


def _fields(text: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Give what fields say that ask for no person; not what a list has as a given name."""
    for found in _PLACE_FIELD.finditer(text):
        if not any(vocabulary.is_given(word) for word in found["what"].split()):
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


def _labels(text: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Give the months of dates, places of birth in fields, and what is written as no name is."""
    for found in _MONTH.finditer(text):
        group = found.lastgroup or ""
        if folded(found[group]) in cues.MONTHS:
            yield found.span(group)
    for found in _LABEL.finditer(text):
        yield found.span()
    for found in _BIRTHPLACE.finditer(text):
        if not any(vocabulary.is_given(word) for word in found["where"].split()):
            yield found.span("where")
    for found in _CUT_SHORT.finditer(text):
        before = text[max(0, found.start() - _LONGEST_CUE) : found.start()].rstrip(" :").rpartition(" ")[2]
        listed = any(vocabulary.sort(word) & LISTED for word in found.groups() if word)
        if not listed and cue_of(before.lower()) not in _SPOKEN:
            yield found.span()


def _is_country(text: str, tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> bool:
    """Tell the code of a country that has a cell of its own; one that is a name too only behind a date or a number."""
    token = tokens[at]
    if token.text not in things.COUNTRY_CODES or not _APART.search(token.gap):
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
    if not at or not vocabulary.sort(tokens[at].text) & Sort.NOBODY:
        return False
    before = tokens[at - 1].text.lower()
    if tokens[at].gap == " " and before in things.BEFORE_LANGUAGES:
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
    if alone and (_is_led(tokens, at, vocabulary) or _is_coloured(tokens, at, vocabulary)):
        return _row_end(tokens, at)
    if alone and (body := _body(tokens, at, vocabulary)) is not None:
        return body
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


def _is_led(tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> bool:
    """Tell what a word right before makes a thing or a place: `schip Galaxy`, `gevangenis van Mai Serwa`.

    What a list has as a given name and as nothing else is none, but for a room: `in het ziekenhuis Ahmed gezien`.
    """
    if not at or tokens[at].gap not in {" ", ' "', " '"}:
        return False
    before = tokens[at - 1].text.lower()
    in_thing = before == "van" or (before in things.LEADS_TO_THING and before not in things.ROOMS)
    if in_thing and vocabulary.is_given(tokens[at].text):
        return False
    if before in things.LEADS_TO_THING:
        return True
    if before == "te":
        # `geboren te Adi Keyh`, not `mevrouw te Velde`.
        return at > 1 and tokens[at - 2].shape is Shape.LOWER and cue_of(tokens[at - 2].text) is Cue.NONE
    return (
        before == "van"
        and at > 1
        and tokens[at - 1].gap == " "
        and tokens[at - 2].text.lower() in things.LEADS_TO_THING_OF
    )


def _body(tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> int | None:
    """Give where the name of a body, a saint or a place ends that begins at a token."""
    if vocabulary.fold(tokens[at].text) in things.FOREIGN_BODIES:
        return _body_end(tokens, at)
    last = _row_end(tokens, at)
    a_saint = last > at and tokens[at].text.lower() in things.SAINTS
    return last if a_saint or _is_led_to_body(tokens, at, vocabulary) or _is_apposed(tokens, last, vocabulary) else None


def _is_coloured(tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> bool:
    """Tell a car by its colour: `een zwarte Patriot`."""
    coloured = at > 0 and tokens[at].gap == " " and tokens[at - 1].text in things.COLOURS
    return coloured and not vocabulary.sort(tokens[at].text) & LISTED


def _is_led_to_body(tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> bool:
    """Tell the name of a body that no list has as a person's: `GGZ Breburg`, `leden van Jaysh al-Islam`."""
    if not at or tokens[at].gap not in {" ", ". ", ' "', " '"}:
        return False
    before = tokens[at - 1].text.lower()
    if tokens[at].gap == ". ":
        led = before in things.SHORT_BODIES
    elif before == "van":
        led = at > 1 and tokens[at - 1].gap == " " and tokens[at - 2].text.lower() in things.LEADS_TO_BODY_OF
    else:
        led = before in things.LEADS_TO_BODY and not _may_act(tokens, at - 1)
    return led and not vocabulary.sort(tokens[at].text) & LISTED


def _may_act(tokens: Sequence[Token], at: int) -> bool:
    """Tell a body of which something may be said to be done to who follows: `heeft de militie Hiwot gezien`."""
    if tokens[at].opens or not at:
        return False
    before = tokens[at - 1].text.lower()
    if before in _DETERMINERS:
        return at < 2 or tokens[at - 2].text.lower() not in things.BEFORE_BODIES  # noqa: PLR2004 - a word before it.
    return before in cues.ACTING | cues.SPEAKING | _JOINING


def _is_apposed(tokens: Sequence[Token], last: int, vocabulary: Vocabulary) -> bool:
    """Tell a place by what is said behind it: `Adi Abeto, de gevangenis.`, not `Omar, de school was dicht`."""
    if last + 2 >= len(tokens) or tokens[last + 1].gap != ", " or vocabulary.sort(tokens[last].text) & LISTED:
        return False
    if tokens[last + 1].text not in things.ARTICLES or tokens[last + 2].text not in things.APPOSED_PLACES:
        return False
    return last + 3 >= len(tokens) or tokens[last + 3].gap[:1] in {".", ",", ";", ")", "\n"}


def _body_end(tokens: Sequence[Token], at: int) -> int:
    """Give where the name of a body abroad ends: `Policia e Shtetit`, `Jaysh al-Islam`."""
    last = at
    for ahead in range(at + 1, min(len(tokens), at + _LONGEST_ROW + 1)):
        if tokens[ahead].gap != " ":
            break
        if tokens[ahead].shape in _CAPITALS:
            last = ahead
        elif tokens[ahead].text not in things.FOREIGN_LINKS:
            break
    return last


def _row_end(tokens: Sequence[Token], at: int) -> int:
    last = at
    while last + 1 < len(tokens) and last - at < _LONGEST_THING and tokens[last + 1].gap == " ":
        if tokens[last + 1].shape not in _CAPITALS:
            break
        last += 1
    return last
