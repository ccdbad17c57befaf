"""Which recipients are easily taken for each other? Pure functions over names and the register.

Two names are alike when they differ, and after folding (case, diacritics, signs between words)
    1 they hold the same words, in whatever order or however joined, or
    2 what is left of both without the words that they share differs by a slip of the hand: one letter changed, left
      out, put in, or turned with its neighbour; in eight letters or more also two, or
    3 they share two words or more and differ in one: the same name in another town.

What they share is set aside first: `gemeente-leiden` and `gemeente-heerde` share nothing but the word everybody has.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from gateway.package.folding import words_of
from gateway.package.ids import RecipientId

# Not every sign that is no letter: a diacritic that stands apart from its letter belongs to the word.
_BETWEEN = re.compile(r"[\s!-/:-@\[-`{-~]+")
_SHORT, _LONG = 4, 8
_SHARED_WORDS = 2
_MOST_SUGGESTED = 3

Words = tuple[str, ...]


class Named(Protocol):
    """An entry of the register, as far as its names go."""

    @property
    def id(self) -> RecipientId:
        """Give its id."""
        ...

    @property
    def name(self) -> str:
        """Give its name as people read it."""
        ...

    @property
    def organisation(self) -> str:
        """Give its organisation's name."""
        ...


def name_words(name: str) -> Words:
    """Give the words of a name or id, folded, in the order of the alphabet; a digit in a word is part of it."""
    return tuple(sorted(filter(None, ("".join(words_of(part)) for part in _BETWEEN.split(name)))))


def alike(one: Words, other: Words) -> bool:
    """Tell whether two names, as `name_words` gives them, are easily taken for each other; equal ones are."""
    left, right = _without(one, other), _without(other, one)
    if len(one) - len(left) >= _SHARED_WORDS and len(left) <= 1 and len(right) <= 1:
        return True
    rest, other_rest = "".join(left), "".join(right)
    return rest == other_rest or _slips(rest, other_rest) <= _most_slips(rest, other_rest)


class Lookalikes:
    """The register by what its names look like; worked out when first asked, and kept, since it takes a while."""

    def __init__(self, register: Mapping[RecipientId, Named]) -> None:
        self._register = register
        self._spellings: dict[RecipientId, _Spelling] = {}
        self._found: dict[RecipientId, tuple[RecipientId, ...]] = {}

    def of(self, recipient: RecipientId) -> tuple[RecipientId, ...]:
        """Give the other entries that are easily taken for this one, in the order of their ids."""
        found = self._found.get(recipient)
        if found is None:
            if not self._spellings:
                self._spellings = {name: _spelling(entry) for name, entry in self._register.items()}
            own = self._spellings[recipient]
            others = (name for name, each in self._spellings.items() if name != recipient and _confusable(own, each))
            found = self._found[recipient] = tuple(sorted(others))
        return found

    def near(self, name: str) -> tuple[RecipientId, ...]:
        """Give the ids that somebody may have meant by one that the register does not know, at most three."""
        words = name_words(name)
        return tuple(sorted(each for each in self._register if alike(words, name_words(each))))[:_MOST_SUGGESTED]


class _Spelling(NamedTuple):
    """The names of one entry, as words."""

    id: Words
    name: Words
    organisation: Words


def _spelling(entry: Named) -> _Spelling:
    return _Spelling(name_words(entry.id), name_words(entry.name), name_words(entry.organisation))


def _confusable(one: _Spelling, other: _Spelling) -> bool:
    """Tell whether two entries are easily taken for each other, by id, name or organisation.

    Two entries of one organisation are two desks of it: that their organisation is the same makes them not alike.
    """
    same_organisation = one.organisation == other.organisation
    return (
        alike(one.id, other.id)
        or alike(one.name, other.name)
        or (not same_organisation and alike(one.organisation, other.organisation))
    )


def names_within(text: str, entries: Iterable[Named]) -> frozenset[RecipientId]:
    """Give those of some entries whose name or organisation stands in a text, as whole words in their own order."""
    words = words_of(text)
    return frozenset(
        each.id for each in entries if any(_stands_in(words_of(name), words) for name in (each.name, each.organisation))
    )


def _stands_in(name: list[str], words: list[str]) -> bool:
    size = len(name)
    return bool(name) and any(words[at : at + size] == name for at in range(len(words) - size + 1))


def _without(words: Words, others: Words) -> list[str]:
    """Take away each word that the other name has too, as often as it has it."""
    left, shared = [], list(others)
    for word in words:
        if word in shared:
            shared.remove(word)
        else:
            left.append(word)
    return left


def _most_slips(one: str, other: str) -> int:
    shortest = min(len(one), len(other))
    return 0 if shortest < _SHORT else 1 if shortest < _LONG else 2


def _slips(one: str, other: str) -> int:
    """Count the slips between two words (Damerau-Levenshtein, no part moved twice); more than two is just many."""
    if abs(len(one) - len(other)) > _most_slips(one, other):
        return max(len(one), len(other))
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, facing in enumerate(other, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != facing))
            if row > 1 and column > 1 and letter == other[column - 2] and facing == one[row - 2]:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, last = last, current
    return last[-1]
