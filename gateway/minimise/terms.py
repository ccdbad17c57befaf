"""Terms of a search: words, rows of words and parts of numbers, found in folded text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

PART: Final = 6
# Stands as a word between texts that do not follow each other: no row of words and no number goes across it.
END: Final = "\n"
_LONG_WORD: Final = 6
_RUN = re.compile(f"[^a-z{END}]{{{PART},}}")
_RUN_OF_DIGITS = re.compile(f"[0-9]{{{PART},}}")
_DIGITS: Final = b"0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What to look for; no value of it is ever printed.

    `words` are found as whole words, `long_words` also inside others, `phrases` as words in a row (each under its
    longest word), `parts` in any run of digits and signs beyond the Latin alphabet, whatever separates them.
    """

    words: frozenset[str] = field(default=frozenset(), repr=False)
    long_words: tuple[str, ...] = field(default=(), repr=False)
    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    parts: frozenset[str] = field(default=frozenset(), repr=False)

    def __bool__(self) -> bool:
        return bool(self.words or self.long_words or self.phrases or self.parts)

    def surely_absent(self, text: str) -> bool:
        """Tell, without cutting a text into words, that no term can stand in it; False only means: look closer.

        For ASCII text alone, in which folding changes nothing but case: there each word is a piece of the text as it
        stands, a phrase holds its longest word, and a part needs a digit.
        """
        if not text.isascii():
            return False
        content = text.encode("ascii")
        if self.parts and len(content) != len(content.translate(None, _DIGITS)):
            return False
        lower = text.lower()
        return not any(word in lower for word in (*self.words, *self.phrases))

    def occur_in(self, words: Sequence[str]) -> bool:
        """Tell whether any term stands in these words, which follow each other in a text, or are parted by END."""
        different = set(words)
        return (
            not self.words.isdisjoint(different)
            or self._has_long_word(different)
            or self._has_phrase(words, different)
            or self._has_part(words)
        )

    def _has_long_word(self, different: set[str]) -> bool:
        if not self.long_words:
            return False
        text = "\n".join([word for word in different if len(word) >= _LONG_WORD])
        return any(word in text for word in self.long_words)

    def _has_phrase(self, words: Sequence[str], different: set[str]) -> bool:
        longest = self.phrases.keys() & different
        if not longest:
            return False
        text = as_phrase(words)
        return any(phrase in text for word in longest for phrase in self.phrases[word])

    def _has_part(self, words: Sequence[str]) -> bool:
        if not self.parts:
            return False
        # A whole document in another alphabet is one run, which need not be cut up to find a telephone number.
        runs = _RUN if any(not part.isascii() for part in self.parts) else _RUN_OF_DIGITS
        return any(not self.parts.isdisjoint(_cut(run)) for run in runs.findall("".join(words)))


def terms_of(words: Iterable[str], phrases: Iterable[Sequence[str]], parts: frozenset[str]) -> Terms:
    """Make terms out of telling words, rows of words, and parts."""
    single = frozenset(words)
    under: dict[str, set[str]] = {}
    for phrase in phrases:
        under.setdefault(max(phrase, key=len), set()).add(as_phrase(phrase))
    return Terms(
        words=single,
        long_words=tuple(sorted(word for word in single if len(word) >= _LONG_WORD)),
        phrases={word: tuple(sorted(each)) for word, each in under.items()},
        parts=parts,
    )


def as_phrase(words: Sequence[str]) -> str:
    """Join words so that a row of words is found in a text by its edges."""
    return f" {' '.join(words)} "


def parts_of(words: Sequence[str]) -> Iterator[str]:
    """Cut the runs of digits and signs beyond the Latin alphabet into all their parts of six."""
    for run in _RUN.findall("".join(words)):
        yield from _cut(run)


def _cut(run: str) -> Iterator[str]:
    return (run[at : at + PART] for at in range(len(run) - PART + 1))
