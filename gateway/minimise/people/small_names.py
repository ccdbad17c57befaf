"""Finds names that are written in small letters, as in notes and messages.

Rules:
1. A word that only a list of names knows is a name, not a certain one.
2. A word that no list knows is one beside another name or right after a cue: `mijn broer hiwot`, `farid noori`.
3. Where most words are unknown, the text is in another language, and small letters say nothing.
"""

import re
from collections.abc import Iterator
from typing import Final

from gateway.minimise.people import cues
from gateway.minimise.people.cueing import Cue, cue_of
from gateway.minimise.people.names import Mention, is_function_word, mention_of
from gateway.minimise.people.runs import Runs
from gateway.minimise.people.tokens import Shape
from gateway.minimise.people.words import LISTED, Sort

_LEAST_LETTERS: Final = 3
_LEAST_UNCUED: Final = 4
_CUES: Final = frozenset({Cue.HONORIFIC, Cue.NAMED, Cue.KIN, Cue.ROLE})
_MOST_PARTICLES: Final = 3
_NOT_AFTER: Final = frozenset({"in", "te", "uit", "naar", "een", "het", "de"})
_MOST_UNKNOWN: Final = 0.3
_WINDOW: Final = 12
_TOGETHER: Final = frozenset(
    {"met", "bij", "voor", "aan", "door", "van", "v", "m", "belt", "bel", "belde", "zoekt", "vraagt", "mailt"}
)
_ADDRESSED: Final = frozenset({"dhr", "mevr", "mw", "mej", "ds", "dr", "hr", "heer", "mevrouw", "meneer"})
_VOWEL: Final = re.compile("[aeiouy]")


def find_small_names(runs: Runs, taken: list[bool]) -> Iterator[Mention]:
    """Find the names in small letters of one Dutch text; `taken` tells which tokens were found already."""
    tokens = runs.tokens
    at = 0
    while at < len(tokens):
        if (led := _led_surname(runs, at)) and not taken[led]:
            yield mention_of(tokens, at, led, certain=False, cue=Cue.HONORIFIC)
            at = led + 1
            continue
        if taken[at] or not (_may_be(runs, at) or _is_cued_word(runs, at)) or not _begins(runs, at):
            at += 1
            continue
        last = _last(runs, at, taken)
        first = at
        if at and tokens[at].gap == " " and not taken[at - 1] and _may_belong(runs, at - 1, Sort.NAME | Sort.FIRST):
            first = at - 1
        yield mention_of(tokens, first, last, certain=False, cue=runs.cue_before(first)[0])
        at = last + 1


def _led_surname(runs: Runs, at: int) -> int | None:
    """Give where a surname in small letters ends whose particles begin at a token: `ds van den berg`."""
    tokens = runs.tokens
    if not at or tokens[at - 1].text.lower() not in _ADDRESSED or tokens[at].gap not in {" ", ". "}:
        return None
    ahead = at
    while ahead < len(tokens) and ahead - at < _MOST_PARTICLES and tokens[ahead].text in cues.PARTICLES:
        ahead += 1
    row = tuple(token.text for token in tokens[at:ahead])
    if row not in cues.PARTICLE_ROWS or ahead >= len(tokens) or tokens[ahead].gap != " ":
        return None
    # `mevrouw van de klas`: the article before an ordinary word.
    plain = row == ("van", "de") and bool(runs.vocabulary.sort(tokens[ahead].text) & Sort.WORD)
    return ahead if _may_belong(runs, ahead, Sort.SURNAME) and not plain else None


def _last(runs: Runs, at: int, taken: list[bool]) -> int:
    """Give where a name in small letters ends that begins at a token."""
    tokens = runs.tokens
    last = at
    while last + 1 < len(tokens) and last - at < _WINDOW and tokens[last + 1].gap == " " and not taken[last + 1]:
        if _may_be(runs, last + 1) or _may_belong(runs, last + 1, LISTED):
            last += 1
            continue
        ahead = last + 1
        while ahead < len(tokens) and ahead - last <= _MOST_PARTICLES and _is_particle(runs, ahead):
            ahead += 1
        row = tuple(token.text for token in tokens[last + 1 : ahead])
        if row not in cues.PARTICLE_ROWS or ahead >= len(tokens) or tokens[ahead].gap != " " or taken[ahead]:
            break
        if not (_may_be(runs, ahead) or _may_belong(runs, ahead, Sort.SURNAME)):
            break
        last = ahead
    return last


def _is_particle(runs: Runs, at: int) -> bool:
    token = runs.tokens[at]
    return token.gap == " " and token.shape is Shape.LOWER and token.text in cues.PARTICLES


def _may_belong(runs: Runs, at: int, lists: int) -> bool:
    """Tell whether an ordinary word can be part of a name that stands beside it: `pieter visser`."""
    token = runs.tokens[at]
    if token.shape is not Shape.LOWER or len(token.text) < _LEAST_LETTERS or is_function_word(token.text):
        return False
    return bool(runs.vocabulary.sort(token.text) & lists) and cue_of(token.text) is Cue.NONE


def _is_cued_word(runs: Runs, at: int) -> bool:
    """Tell an ordinary word that is a name by both sides: `zijn zus roos schouten`."""
    if not _may_belong(runs, at, LISTED):
        return False
    cue = runs.cue_before(at)[0]
    if cue is Cue.HONORIFIC and runs.is_casual and _may_belong(runs, at, Sort.SURNAME):
        return True
    if cue not in _CUES or at + 1 >= len(runs.tokens) or runs.tokens[at + 1].gap != " ":
        return False
    return _may_belong(runs, at, Sort.FIRST | Sort.NAME) and _may_belong(runs, at + 1, Sort.SURNAME | Sort.NAME)


def is_foreign(runs: Runs, first: int, last: int) -> bool:
    """Tell whether the words of a stretch are mostly in another language."""
    small = {
        token.text
        for token, after in zip(runs.tokens[first:last], runs.tokens[first + 1 : last], strict=False)
        # `btr`, `overl.`: notes are Dutch however much they cut short.
        if token.shape is Shape.LOWER
        and len(token.text) >= _LEAST_LETTERS
        and after.gap[:1] != "."
        and _VOWEL.search(token.text)
    }
    if len(small) < _WINDOW:
        return False
    unknown = sum(not runs.vocabulary.sort(word) for word in small)
    return unknown > _MOST_UNKNOWN * len(small)


def _may_be(runs: Runs, at: int) -> bool:
    token = runs.tokens[at]
    if token.shape is not Shape.LOWER or len(token.text) < _LEAST_LETTERS or token.text in cues.NOTES:
        return False
    if cue_of(token.text) is not Cue.NONE:
        return False
    sort = runs.vocabulary.sort(token.text)
    return not sort & (Sort.WORD | Sort.NOBODY | Sort.PROPER) and (not sort & Sort.PLACE or bool(sort & LISTED))


def _is_unknown_actor(runs: Runs, at: int) -> bool:
    """Tell an unknown word where sentences begin small, as in messages: `zij is bij mengs`, `mengs gaat trouwen`."""
    tokens = runs.tokens
    token = tokens[at]
    if not runs.is_casual or len(token.text) < _LEAST_UNCUED or runs.vocabulary.sort(token.text):
        return False
    if not _VOWEL.search(token.text):
        return False
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if after is not None and after.gap == " " and after.text in cues.ACTING | cues.SPEAKING:
        return True
    # `gespr.`, `werkgev.`: what is cut short ends in a consonant.
    cut_short = after is not None and after.gap[:1] == "." and not _VOWEL.match(token.text[-1])
    return at > 0 and token.gap in {" ", ". "} and tokens[at - 1].text in _TOGETHER and not cut_short


def _begins(runs: Runs, at: int) -> bool:
    tokens, vocabulary = runs.tokens, runs.vocabulary
    token = tokens[at]
    sort = vocabulary.sort(token.text)
    before = tokens[at - 1].text if at else ""
    cue = runs.cue_before(at)[0]
    if sort & (Sort.NAME | Sort.FIRST):
        return len(token.text) >= _LEAST_UNCUED or cue in _CUES
    if (cue in _CUES and (tokens[at].gap == " " or (runs.is_casual and tokens[at].gap == ", "))) or _is_unknown_actor(
        runs, at
    ):
        return True
    if before in _NOT_AFTER or token.gap != " " or at + 1 >= len(tokens) or tokens[at + 1].gap != " ":
        return False
    if len(token.text) < _LEAST_UNCUED or not _may_be(runs, at):
        return False
    after = vocabulary.sort(tokens[at + 1].text)
    if _may_be(runs, at + 1):
        return bool(after & LISTED) or not runs.has_capitals
    return _may_belong(runs, at + 1, Sort.NAME)
