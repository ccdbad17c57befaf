"""Gives back to the search for names what only looked like nobody: what is told to be a person is one.

What says that a word is a thing, a label or an ordinary foreign word looks at the word and what is right beside it.
Here it is held against what says more: behind a form of address, a word for kin, a greeting or a field for a name
stands a person.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.minimise.people import cues
from gateway.minimise.people.cueing import Cue, cue_of
from gateway.minimise.people.names import is_function_word
from gateway.minimise.people.tokens import Shape, Token
from gateway.minimise.people.words import LISTED, Sort, Vocabulary

_WORDS: Final = frozenset({Shape.CAPITAL, Shape.UPPER})
_GREETINGS: Final = frozenset({"beste", "geachte", "lieve", "dag", "hoi", "hallo", "dear", "contactpersoon"})
_ROYAL: Final = frozenset({"prins", "prinses", "koning", "koningin"})
"""After them schools and streets are called."""
_NOBODY: Final = frozenset({"sir", "sirs", "madam", "all", "allen", "collega", "team"})
_TO_TITLE: Final = frozenset({" ", ". "})
_LONGEST: Final = 4

_Span = tuple[int, int]


def told_people(
    tokens: Sequence[Token], taken: Sequence[bool], named: Sequence[bool], vocabulary: Vocabulary
) -> Iterator[_Span]:
    """Give the rows of tokens that are told to be a person and are not all named yet.

    `taken`: which tokens are something else.
    """
    reached = -1
    for at, token in enumerate(tokens):
        if at <= reached or not at or token.shape not in _WORDS or taken[at] or not _may_be(token, vocabulary):
            continue
        known = vocabulary.is_nobody(token.text) or vocabulary.is_place(token.text)
        if _tells(tokens[at - 1].text.lower(), token.gap, listed=known or not tokens[at - 1].opens):
            reached = _whole(tokens, at, taken)
            if not all(named[at : reached + 1]):
                yield at, reached


def _whole(tokens: Sequence[Token], last: int, taken: Sequence[bool]) -> int:
    """Give where the row of capitals ends."""
    for _ in range(_LONGEST):
        after = last + 1
        if after == len(tokens) or tokens[after].gap != " " or tokens[after].shape not in _WORDS or taken[after]:
            break
        last = after
    # `Jans(s)en`: how somebody writes that a spelling is not certain.
    while last + 1 < len(tokens) and tokens[last + 1].gap in {"(", ")"} and tokens[last + 1].shape is Shape.LOWER:
        last += 1
    return last


def _may_be(token: Token, vocabulary: Vocabulary) -> bool:
    """Tell whether a word may be a name at all: not `zijn vader Turks`, `Dear Sir`, `KINDEREN: TWEE`."""
    if is_function_word(token.text) or token.text.lower() in _NOBODY or cue_of(token.text.lower()) is not Cue.NONE:
        return False
    sort = vocabulary.sort(token.text)
    ordinary = token.shape is Shape.UPPER and sort & Sort.WORD and not sort & LISTED
    return not ordinary and not (sort & Sort.NOBODY and sort & Sort.PROPER)


def _tells(word: str, gap: str, *, listed: bool) -> bool:
    """Tell whether a word says that a person follows behind this gap.

    `listed`: what follows is in a list of something else, or the word is only the last one of a longer label.
    """
    cue = cue_of(word)
    return (
        (cue is Cue.HONORIFIC and gap in _TO_TITLE and word not in _ROYAL)
        or (cue is Cue.KIN and (gap == " " or (gap == ": " and not listed)))
        or (word in cues.FIELD_NAMES and gap.strip() == ":")
        or (word in _GREETINGS and gap in {" ", ": "})
    )
