"""Word lists to judge names by, held in little memory: sorted bytes and a binary search, no sets of strings."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from gateway.package.folding import words_of

_CACHED: Final = 50_000


class SortedWords:
    """A set of words as one row of bytes, sorted, divided by line ends: the list of Dutch takes 5 MB, not 40."""

    __slots__ = ("_blob", "_seen")

    def __init__(self, words: Iterable[bytes]) -> None:
        self._blob = b"\n".join((b"", *sorted(words), b""))
        self._seen: dict[str, bool] = {}

    def __contains__(self, word: str) -> bool:
        known = self._seen.get(word)
        if known is None:
            if len(self._seen) >= _CACHED:
                self._seen.clear()
            known = self._seen[word] = self._has(word.encode("utf-8", "replace"))
        return known

    def heads(self) -> frozenset[str]:
        """Give the first words of the rows of two words and more."""
        return frozenset(row.partition(b" ")[0].decode() for row in self._blob.split(b"\n") if b" " in row)

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
    """What is known about words. All but `words` and `proper` are folded by `folded`.

    `words`: Dutch as it is written in lower case. `proper`: Dutch words with a capital, people's names among them.
    `names`: names of many origins, counted as names whatever else they are. `first_names`, `surnames`: as used in the
    Netherlands. `towns`: of the Netherlands. `places`: towns abroad. `streets`: of the Netherlands.
    `not_people`: organisations, groups, languages, laws, medicines, countries: rows of words too.
    `abroad`: ordinary words of English, German and French, which count where a text is in that language.
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
    abroad: SortedWords = field(repr=False)


def folded(text: str) -> str:
    """Fold a name or a row of words for comparing: case, diacritics, hyphens and apostrophes make no difference."""
    return " ".join(words_of(text))
