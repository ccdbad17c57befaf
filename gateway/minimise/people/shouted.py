"""Finds names in lines of capitals that are ordinary words or have particles: `NAAM: VAN DEN BERG`, `DE HEER DE GROOT`.

In such a line a capital says nothing, so that only the word in front tells that a name follows.

Rules:
1. Behind a form of address stands a name: its particles, one word whatever it is, and what lists have as names.
2. Behind a field that asks for a name everything is one, up to where the line or the field ends or a verb stands.
3. Behind a word for kin or a role the same, where a particle or a listed name begins it: `KINDEREN: TWEE` is none.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.minimise.people import cues, things
from gateway.minimise.people.cueing import Cue, cue_of
from gateway.minimise.people.names import Mention, is_function_word, mention_of
from gateway.minimise.people.runs import Runs
from gateway.minimise.people.tokens import Shape
from gateway.minimise.people.words import LISTED, Sort

_MOST_WORDS: Final = 6
_IN_NAME: Final = frozenset({" ", ".", ". ", "-", ".-"})
_IN_FIELD: Final = frozenset({":", ": ", " : ", "\t"})
_NO_ANSWER: Final = frozenset(
    {"onbekend", "onbekende", "bekend", "geen", "nvt", "idem", "afwezig", "aanwezig", "geheim", "anoniem", "ja", "nee"}
)


def find_shouted(runs: Runs, named: Sequence[bool]) -> Iterator[Mention]:
    """Find the names behind fields and forms of address in lines of capitals; `named` tells which tokens are in one."""
    ended = -1
    for at in range(1, len(runs.tokens)):
        cue = cue_of(runs.tokens[at - 1].text.lower())
        in_field = runs.tokens[at].gap in _IN_FIELD and _asks_for_name(runs, at - 1, cue)
        addressed = cue is Cue.HONORIFIC and runs.tokens[at].gap in {" ", ". "}
        if at <= ended or not (in_field or addressed) or not runs.is_shouted(at):
            continue
        row = _row(runs, at, whole=in_field)
        words = [each for each in row if runs.tokens[each].text.lower() not in cues.PARTICLES]
        if not words or all(named[each] for each in words):
            continue
        listed = any(runs.vocabulary.sort(runs.tokens[each].text) & LISTED for each in words)
        if cue in {Cue.KIN, Cue.ROLE} and not listed and row[0] == words[0]:
            continue
        ended = row[-1]
        word = runs.tokens[at - 1].text.lower()
        yield mention_of(runs.tokens, row[0], row[-1], certain=listed, cue=cue, word=word)


def _asks_for_name(runs: Runs, at: int, cue: Cue) -> bool:
    """Tell whether the last word of a field's label asks for a person: `ACHTERNAAM`, `NAAM BUURMAN`."""
    return runs.tokens[at].text.lower() in cues.FIELD_NAMES or cue in {Cue.KIN, Cue.ROLE, Cue.HONORIFIC}


def _row(runs: Runs, first: int, *, whole: bool) -> list[int]:
    """Give the tokens of the name that begins at one; none where something else than a name stands there.

    `whole`: every word belongs to the name, not only the first and those that a list has.
    """
    row: list[int] = []
    words = 0
    for at in range(first, min(len(runs.tokens), first + _MOST_WORDS)):
        token = runs.tokens[at]
        if at > first and token.gap not in _IN_NAME:
            break
        lower = token.text.lower()
        if lower in cues.PARTICLES and (not words or _leads_to_surname(runs, at)):
            row.append(at)
            continue
        if not _may_belong(runs, at) or (words and not whole and not _is_name(runs, at)):
            break
        row.append(at)
        words += token.shape is not Shape.INITIAL
    while row and runs.tokens[row[-1]].text.lower() in cues.PARTICLES:
        row.pop()
    organised = any(runs.vocabulary.fold(runs.tokens[at].text) in things.ORGANISATIONS for at in row)
    return [] if organised else row


def _may_belong(runs: Runs, at: int) -> bool:
    token = runs.tokens[at]
    lower = token.text.lower()
    if runs.is_blocked(at) or token.shape not in {Shape.UPPER, Shape.INITIAL}:
        return False
    if is_function_word(lower) or lower in _NO_ANSWER or lower in cues.ACTING | cues.SPEAKING | cues.TITLES:
        return False
    return cue_of(lower) is Cue.NONE


def _is_name(runs: Runs, at: int) -> bool:
    if runs.tokens[at].shape is Shape.INITIAL:
        return True
    sort = runs.vocabulary.sort(runs.tokens[at].text)
    return bool(sort & LISTED) or not sort & (Sort.WORD | Sort.PLACE | Sort.NOBODY)


def _leads_to_surname(runs: Runs, at: int) -> bool:
    """Tell whether a particle within a row leads on to a surname: `ROOS VAN DEN BERG`, not `BAKKER VAN DE SCHOOL`."""
    while at < len(runs.tokens) and runs.tokens[at].text.lower() in cues.PARTICLES:
        at += 1
    if at >= len(runs.tokens) or not _may_belong(runs, at):
        return False
    sort = runs.vocabulary.sort(runs.tokens[at].text)
    return bool(sort & Sort.SURNAME) and not sort & Sort.NOBODY
