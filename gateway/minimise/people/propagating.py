"""Finds a name that was found once everywhere else, also its parts, inflected and in small letters."""

from collections.abc import Iterable, Sequence
from typing import Final

from gateway.minimise.people import cues
from gateway.minimise.people.cueing import Cue
from gateway.minimise.people.findings import Whose
from gateway.minimise.people.names import Mention, is_function_word, mention_of
from gateway.minimise.people.persons import Name
from gateway.minimise.people.runs import Runs
from gateway.minimise.people.tokens import Shape
from gateway.minimise.people.words import LISTED, Sort, Vocabulary

_LEAST_CAPITAL: Final = 2
_LEAST_SMALL: Final = 4


class Found:
    """The parts of the names that were found, and whose they are."""

    def __init__(self, *, but: frozenset[str]) -> None:
        self._but = but
        self._parts: dict[str, tuple[Whose, bool]] = {}

    def add(self, name: Name, whose: Whose, *, certain: bool) -> None:
        """Add a name. What the subject is called too is left to who decides whose a name is."""
        for part in name.parts:
            if part in self._but or len(part) < _LEAST_CAPITAL:
                continue
            known = self._parts.get(part)
            if (
                known is None
                or (known[0] is Whose.OFFICIAL and whose is Whose.THIRD_PARTY)
                or (certain and not known[1])
            ):
                kept = Whose.THIRD_PARTY if known and known[0] is Whose.THIRD_PARTY else whose
                self._parts[part] = (kept, certain or bool(known and known[1]))

    def whose(self, part: str) -> tuple[Whose, bool] | None:
        """Give whose a part of a name is, inflected or not."""
        known = self._parts.get(part)
        if known is None and len(part) > _LEAST_SMALL and part.endswith("s"):
            known = self._parts.get(part[:-1])
        return known


def find_again(
    runs: Runs, taken: Sequence[bool], found: Found, vocabulary: Vocabulary
) -> Iterable[tuple[Mention, Whose]]:
    """Find the names in a text that were found elsewhere; `taken` tells which tokens stand in something already."""
    words = {token.text for token in runs.tokens}
    parts = {word for word in words if any(map(found.whose, vocabulary.fold(word).split()))}
    for at, token in enumerate(runs.tokens):
        if taken[at] or token.text not in parts:
            continue
        known = _known(runs, at, found, vocabulary)
        if known is not None:
            yield mention_of(runs.tokens, at, at, certain=known[1], cue=Cue.NONE), known[0]


def _known(runs: Runs, at: int, found: Found, vocabulary: Vocabulary) -> tuple[Whose, bool] | None:
    token = runs.tokens[at]
    if token.shape is Shape.INITIAL or len(token.text) < _LEAST_CAPITAL:
        return None
    known = next((each for part in vocabulary.fold(token.text).split() if (each := found.whose(part))), None)
    if known is None or not _can_be_name(runs, at, vocabulary.sort(token.text), certain=known[1]):
        return None
    sure = token.shape is not Shape.LOWER and not _may_only_open(runs, at, vocabulary.sort(token.text))
    return known if sure else (known[0], False)


def _may_only_open(runs: Runs, at: int, sort: int) -> bool:
    """Tell a word at the head of a sentence whose capital says nothing: that somebody bears it is all that tells."""
    return bool(sort & Sort.WORD) and runs.tokens[at].opens and not sort & Sort.SURNAME and not _acts(runs, at)


def _can_be_name(runs: Runs, at: int, sort: int, *, certain: bool) -> bool:
    """Tell whether a word that is part of a name elsewhere can be one here."""
    token = runs.tokens[at]
    if token.shape is Shape.LOWER:
        ordinary = bool(sort & (Sort.WORD | Sort.NOBODY)) or (bool(sort & Sort.PROPER) and not sort & LISTED)
        return len(token.text) >= _LEAST_SMALL and not ordinary
    if runs.is_acronym(at) or sort & Sort.NOBODY or is_function_word(token.text):
        return False
    hidden = bool(sort & Sort.WORD) and (token.opens or runs.is_shouted(at))
    # Somebody is certainly called so: at the head of a sentence it may be meant, `Hope speelt buiten`.
    return not hidden or (certain and (bool(sort & Sort.SURNAME) or token.opens)) or _acts(runs, at)


def _acts(runs: Runs, at: int) -> bool:
    """Tell whether a verb follows: `Lala was …`, where somebody of that name is known."""
    if at + 1 >= len(runs.tokens) or runs.tokens[at + 1].gap != " ":
        return False
    return runs.tokens[at + 1].text in cues.ACTING | cues.SPEAKING
