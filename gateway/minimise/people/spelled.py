"""Finds names that are spelled letter by letter: `J A N S E N`, `J-A-N-S-E-N`, `J.a.n.s.e.n`.

A heading that is spaced out (`V E R S L A G`) is an ordinary word and stays, and so does what
stands on the line of an organisation (`G E M E E N T E   A L P H E N`). What is found is never certain.
"""

import re
from collections.abc import Iterator
from typing import Final

from gateway.minimise.people import things
from gateway.minimise.people.findings import Kind
from gateway.minimise.people.spots import Spot
from gateway.minimise.people.words import LISTED, Sort, Vocabulary

_SPACED: Final = re.compile(r"(?<![^\W_])(?<!\.)[^\W\d_](?:([ .-])[^\W\d_])(?:\1[^\W\d_]){2,24}(?![^\W_])")
_VOWEL: Final = re.compile("[aeiouy]")
_PARTS: Final = re.compile(r"[ .-]")


def find_spelled(text: str, vocabulary: Vocabulary) -> Iterator[Spot]:
    """Find the rows of single letters in a normal text that spell no ordinary word."""
    head = -1
    for found in _SPACED.finditer(text):
        row = _PARTS.sub("", found[0])
        if not row[0].isupper() or not (row.isupper() or row[1:].islower()):
            continue
        # `A.B.C.D.` are initials, which go with their name; `W.v.t.t.k.` is an abbreviation.
        if ("." in found[0] and row.isupper()) or not _VOWEL.search(vocabulary.fold(row)):
            continue
        if vocabulary.fold(row) in things.ORGANISATIONS:
            head = text.find("\n", found.end()) if "\n" in text[found.end() :] else len(text)
        if found.start() < head or row.lower().endswith("nr"):
            continue
        sort = vocabulary.sort(row.capitalize())
        if sort & LISTED or not sort & (Sort.WORD | Sort.NOBODY | Sort.PLACE):
            yield Spot(*found.span(), Kind.NAME, certain=False)
