"""Finds names that are written in small letters, as in notes and messages.

Rules:
1. A word that only a list of names knows is a name, not a certain one.
2. A word that no list knows is one beside another name or right after a cue: `mijn broer hiwot`, `farid noori`.
3. Where most words are unknown, the text is in another language, and small letters say nothing.
"""

from collections.abc import Iterator
from typing import Final

from gateway.minimise.people.names import Mention, mention_of
from gateway.minimise.people.runs import Cue, Runs, cue_of
from gateway.minimise.people.tokens import Shape
from gateway.minimise.people.words import LISTED, Sort

_LEAST_LETTERS: Final = 3
_LEAST_UNCUED: Final = 4
_CUES: Final = frozenset({Cue.HONORIFIC, Cue.NAMED, Cue.KIN, Cue.ROLE})
_JOINS: Final = frozenset({"el", "al", "bin", "van", "de", "der", "den", "ibn", "abu"})
_NOT_AFTER: Final = frozenset({"in", "te", "uit", "naar", "een", "het", "de"})
_MOST_UNKNOWN: Final = 0.3
_WINDOW: Final = 12


def find_small_names(runs: Runs, taken: list[bool]) -> Iterator[Mention]:
    """Find the names in small letters of one text; `taken` tells which tokens stand in something found already."""
    tokens = runs.tokens
    if is_foreign(runs, 0, len(tokens)):
        return
    at = 0
    while at < len(tokens):
        if taken[at] or not _may_be(runs, at) or not _begins(runs, at):
            at += 1
            continue
        last = at
        while last + 1 < len(tokens) and tokens[last + 1].gap == " " and not taken[last + 1]:
            after = tokens[last + 1]
            if _may_be(runs, last + 1):
                last += 1
            elif (
                after.text in _JOINS
                and last + 2 < len(tokens)
                and _may_be(runs, last + 2)
                and tokens[last + 2].gap == " "
            ):
                last += 2
            else:
                break
            if last - at > _WINDOW:
                break
        yield mention_of(tokens, at, last, certain=False, cue=runs.cue_before(at)[0])
        at = last + 1


def is_foreign(runs: Runs, first: int, last: int) -> bool:
    """Tell whether the words of a stretch are mostly in another language."""
    small = [
        token.text
        for token in runs.tokens[first:last]
        if token.shape is Shape.LOWER and len(token.text) >= _LEAST_LETTERS
    ]
    if len(small) < _WINDOW:
        return False
    unknown = sum(not runs.vocabulary.sort(word) for word in small)
    return unknown > _MOST_UNKNOWN * len(small)


def _may_be(runs: Runs, at: int) -> bool:
    token = runs.tokens[at]
    if token.shape is not Shape.LOWER or len(token.text) < _LEAST_LETTERS or cue_of(token.text) is not Cue.NONE:
        return False
    sort = runs.vocabulary.sort(token.text)
    return not sort & (Sort.WORD | Sort.NOBODY | Sort.PROPER) and (not sort & Sort.PLACE or bool(sort & LISTED))


def _begins(runs: Runs, at: int) -> bool:
    tokens, vocabulary = runs.tokens, runs.vocabulary
    token = tokens[at]
    sort = vocabulary.sort(token.text)
    before = tokens[at - 1].text if at else ""
    cue = runs.cue_before(at)[0]
    if sort & (Sort.NAME | Sort.FIRST):
        return len(token.text) >= _LEAST_UNCUED or cue in _CUES
    if cue in _CUES and tokens[at].gap == " ":
        return True
    if before in _NOT_AFTER or token.gap != " " or at + 1 >= len(tokens) or tokens[at + 1].gap != " ":
        return False
    after = vocabulary.sort(tokens[at + 1].text)
    return len(token.text) >= _LEAST_UNCUED and _may_be(runs, at + 1) and bool(after & LISTED)
