"""Finds what is written with a capital and is certainly nobody, before names are looked for.

Rules:
1. A row of words that a list has as an organisation, law or people is one wherever it stands in a row of capitals.
2. What a word in front makes a place, a disease, a ship or a judgment is that: `de wijk Hodan`, `ziekte van Crohn`;
   what it makes a body or a firm too, unless a list has it as a name: `GGZ Breburg`. So does what is said behind it.
3. What ends as a building, a street or a medicine ends is that, unless a list has it as a surname.
4. Abbreviations of notes (`Antw.`, `Betr.:`) and the head lines and dates of English mail are no names.
What follows a form of address or a word for kin is left alone: there a name is meant.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from gateway.minimise.people import bodies, cues
from gateway.minimise.people.runs import Cue, cue_of
from gateway.minimise.people.tokens import Shape, Token
from gateway.minimise.people.words import LISTED, Vocabulary

_CAPITALS: Final = frozenset({Shape.CAPITAL, Shape.UPPER})
_DETERMINERS: Final = frozenset({"de", "het", "een", "deze", "die", "onze", "mijn", "zijn", "haar", "hun"})
_JOINING: Final = frozenset(
    {"omdat", "dat", "toen", "als", "terwijl", "nadat", "voordat", "want", "en", "of", "hebben"}
)
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


def find_nobody(text: str, tokens: Sequence[Token], vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Give the spans of a normal text whose capitals are nobody's."""
    for pattern in (_ENGLISH_DATE, _ENGLISH_LETTER):
        for found in pattern.finditer(text):
            yield found.span()
    for found in _DOSE.finditer(text):
        if not vocabulary.sort(found["what"]) & LISTED:
            yield found.span("what")
    for at, token in enumerate(tokens):
        if token.shape not in _CAPITALS:
            continue
        last = _listed_row(text, tokens, at, vocabulary)
        if last is None:
            last = _thing(text, tokens, at, vocabulary)
        if last is not None:
            yield token.start, tokens[last].end


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
    if alone and (_is_led(tokens, at) or _is_said_thing(tokens, at, vocabulary)):
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


def _body(tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> int | None:
    """Give where the name of a body, a saint or a place ends that begins at a token."""
    if vocabulary.fold(tokens[at].text) in bodies.FOREIGN_BODIES:
        return _body_end(tokens, at)
    last = _row_end(tokens, at)
    a_saint = last > at and tokens[at].text.lower() in bodies.SAINTS
    return last if a_saint or _is_led_to_body(tokens, at, vocabulary) or _is_apposed(tokens, last, vocabulary) else None


def _is_said_thing(tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> bool:
    """Tell a thing by a field, a colour or a word for speech before it: `Stam: Peul`, `een zwarte Patriot`."""
    if not at:
        return False
    before = tokens[at - 1].text.lower()
    if tokens[at].gap == ": ":
        return before in bodies.FIELDS_OF_THINGS
    if tokens[at].text.lower() in bodies.LANGUAGES:
        beside = tokens[at].gap in {"/", ", "} and vocabulary.is_nobody(before)
        ahead = at + 1 < len(tokens) and tokens[at + 1].gap in {"/", ", "} and vocabulary.is_nobody(tokens[at + 1].text)
        return beside or ahead or (tokens[at].gap == " " and before in bodies.BEFORE_LANGUAGES)
    coloured = tokens[at].gap == " " and tokens[at - 1].text in bodies.COLOURS
    return coloured and not vocabulary.sort(tokens[at].text) & LISTED


def _is_led_to_body(tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> bool:
    """Tell the name of a body that no list has as a person's: `GGZ Breburg`, `leden van Jaysh al-Islam`."""
    if not at or tokens[at].gap not in {" ", ". ", ' "', " '"}:
        return False
    before = tokens[at - 1].text.lower()
    if tokens[at].gap == ". ":
        led = before in bodies.SHORT_BODIES
    elif before == "van":
        led = at > 1 and tokens[at - 1].gap == " " and tokens[at - 2].text.lower() in bodies.LEADS_TO_BODY_OF
    else:
        led = before in bodies.LEADS_TO_BODY and not _may_act(tokens, at - 1)
    return led and not vocabulary.sort(tokens[at].text) & LISTED


def _may_act(tokens: Sequence[Token], at: int) -> bool:
    """Tell a body of which something may be said to be done to who follows: `heeft de militie Hiwot gezien`."""
    if tokens[at].opens or not at:
        return False
    before = tokens[at - 1].text.lower()
    if before in _DETERMINERS:
        return at < 2 or tokens[at - 2].text.lower() not in bodies.BEFORE_BODIES  # noqa: PLR2004 - a word before it.
    return before in cues.ACTING | cues.SPEAKING | _JOINING


def _is_apposed(tokens: Sequence[Token], last: int, vocabulary: Vocabulary) -> bool:
    """Tell a place by what is said behind it: `Adi Abeto, de gevangenis.`, not `Omar, de school was dicht`."""
    if last + 2 >= len(tokens) or tokens[last + 1].gap != ", " or vocabulary.sort(tokens[last].text) & LISTED:
        return False
    if tokens[last + 1].text not in bodies.ARTICLES or tokens[last + 2].text not in bodies.APPOSED_PLACES:
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
        elif tokens[ahead].text not in bodies.FOREIGN_LINKS:
            break
    return last


def _row_end(tokens: Sequence[Token], at: int) -> int:
    last = at
    while last + 1 < len(tokens) and last - at < _LONGEST_THING and tokens[last + 1].gap == " ":
        if tokens[last + 1].shape not in _CAPITALS:
            break
        last += 1
    return last
