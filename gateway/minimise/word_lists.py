"""Reads the word lists that people are found with: the machine's Dutch, deduce's lists of names, and our own.

Rules:
1. Lists are data, read once in a worker, in less than a second; nothing of them is code.
2. A list that is missing or far too short raises OSError: without it a search would find less, and nobody would know.
"""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from gateway.minimise.people.lists import Lists, SortedWords, folded

DUTCH: Final = Path("/usr/share/dict/dutch")
_OWN: Final = Path(__file__).with_name("lists")
_LEAST_DUTCH_WORDS: Final = 200_000


def read_lists(dutch: Path = DUTCH) -> Lists:
    """Read all lists. Raises OSError when one is missing or can not be what it should."""
    lines = dutch.read_bytes().split(b"\n")
    if len(lines) < _LEAST_DUTCH_WORDS:
        raise OSError("the list of Dutch words is too short")
    lookup = _deduce_lists()
    names = lookup / "names"
    return Lists(
        words=SortedWords(line for line in lines if not line[:1].isupper()),
        proper=SortedWords(line for line in lines if line[:1].isupper()),
        names=_folded(word for line in _lines(_OWN / "names.txt") for word in line.split()),
        first_names=_folded(_lines(names / "lst_first_name" / "items.txt")),
        surnames=_folded(
            (*_lines(names / "lst_surname" / "items.txt"), *_lines(names / "lst_interfix_surname" / "items.txt"))
        ),
        towns=_folded(_towns(lookup / "locations" / "lst_placename")),
        places=SortedWords(line.encode() for line in _lines(_OWN / "foreign_towns.txt")),
        streets=_folded(_lines(lookup / "locations" / "lst_street" / "streets_bag.txt")),
        not_people=_folded(word for line in _lines(_OWN / "not_people.txt") for word in line.split(",")),
        abroad=_folded(word for line in _lines(_OWN / "abroad_words.txt") for word in line.split()),
    )


def _deduce_lists() -> Path:
    """Find deduce's lists without importing it, which takes a second and sets up logging."""
    found = find_spec("deduce")
    if found is None or found.origin is None:
        raise OSError("deduce is not installed")
    return Path(found.origin).parent / "data" / "lookup" / "src"


def _towns(folder: Path) -> Iterator[str]:
    for kind in ("lst_residence", "lst_municipality"):
        for line in _lines(folder / kind / "items.txt"):
            # `Hoorn (Zh)`: the province tells two towns apart, and nobody writes it.
            yield line.partition("(")[0]


def _lines(path: Path) -> Iterator[str]:
    """Give the lines of a list but its comments."""
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def _folded(words: Iterable[str]) -> SortedWords:
    return SortedWords({folded(word).encode() for word in words} - {b""})
