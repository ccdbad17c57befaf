"""Word lists to judge names by, held in little memory: sorted bytes and a binary search, no sets of strings."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from gateway.minimise.people.weights import Weights
from gateway.package.folding import words_of

_CACHED: Final = 50_000


class SortedWords:
    """A set of words as one row of bytes, sorted, divided by line ends: the list of Dutch takes 5 MB, not 40."""

    __slots__ = ("_blob", "_heads", "_openers", "_seen")

    def __init__(self, words: Iterable[bytes]) -> None:
        self._blob = b"\n".join((b"", *sorted(words), b""))
        self._seen: dict[str, bool] = {}
        self._heads: frozenset[str] | None = None
        self._openers: frozenset[str] | None = None

    def __contains__(self, word: str) -> bool:
        known = self._seen.get(word)
        if known is None:
            if len(self._seen) >= _CACHED:
                self._seen.clear()
            known = self._seen[word] = self._has(word.encode("utf-8", "replace"))
        return known

    def heads(self) -> frozenset[str]:
        """Give the first words of the rows of two words and more."""
        if self._heads is None:
            self._heads = frozenset(row.partition(b" ")[0].decode() for row in self._blob.split(b"\n") if b" " in row)
        return self._heads

    def openers(self) -> frozenset[str]:
        """Give the first words of all rows, also of those of one word."""
        if self._openers is None:
            self._openers = frozenset(row.partition(b" ")[0].decode() for row in self._blob.split(b"\n"))
        return self._openers

    def _has(self, word: bytes) -> bool:
        if b"\n" in word or not word:
            return False
        blob = self._blob
        low, high = 0, len(blob) - 1
        # `low` and `high` always stand on a line end; the word, if anywhere, is between them.
        while low < high:
            begin = blob.rfind(b"\n", low, (low + high) // 2 + 1)
            end = blob.find(b"\n", begin + 1)
            line = blob[begin + 1 : end]
            if line == word:
                return True
            if line < word:
                low = end
            else:
                high = begin
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """What is known about words. All but `words`, `proper` and `english` are folded by `folded`.

    `english`: English in lower case, as it is written. `german`, `french`: words of letters and forms.
    `words`: Dutch as it is written in lower case. `proper`: Dutch words with a capital, people's names among them.
    `names`: names of many origins, counted as names whatever else they are. `first_names`, `surnames`: as used in the
    Netherlands. `towns`: of the Netherlands. `places`: towns abroad. `streets`: of the Netherlands.
    `not_people`: organisations, groups, languages, laws, medicines, countries: rows of words too.
    `abroad`: ordinary words of English, German and French, which count where a text is in that language.
    `of_births`, `of_homes`: what the signs around a date of birth and around the town of a home weigh.
    """

    words: SortedWords = field(repr=False)
    proper: SortedWords = field(repr=False)
    names: SortedWords = field(repr=False)
    first_names: SortedWords = field(repr=False)
    surnames: SortedWords = field(repr=False)
    towns: SortedWords = field(repr=False)
    places: SortedWords = field(repr=False)
    streets: SortedWords = field(repr=False)
    not_people: SortedWords = field(repr=False)
    english: SortedWords = field(repr=False)
    german: SortedWords = field(repr=False)
    french: SortedWords = field(repr=False)
    of_births: Weights = field(repr=False)
    of_homes: Weights = field(repr=False)


def folded(text: str) -> str:
    """Fold a name or a row of words for comparing: case, diacritics, hyphens and apostrophes make no difference."""
    return " ".join(words_of(text))
