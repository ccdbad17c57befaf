"""Finds names in other than Latin letters: in a Dutch file they are hardly ever anything else.

A row of up to five words of one script is a name that is not certain, or certain beside a cue; more is a sentence in
that language, which nobody here can search: it is taken out whole, and listed.
"""

import re
from collections.abc import Iterator
from typing import Final

from gateway.minimise.people.findings import Kind
from gateway.minimise.people.spots import Spot

_SCRIPTS: Final = (
    "\u0370-\u03ff\u1f00-\u1fff",
    "\u0400-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f",
    "\u0530-\u058f",
    "\u0590-\u05ff",
    "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff",
    "\u0700-\u074f",
    "\u0900-\u0dff",
    "\u0e00-\u0fff",
    "\u1000-\u109f",
    "\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2f",
    "\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0002fa1f",
    "\u1200-\u139f\u2d80-\u2ddf\uab00-\uab2f",
    "\u1780-\u17ff",
    "\u1800-\u18af",
)
_LETTERS: Final = re.compile("|".join(f"[{script}]+(?:[ '.\u00b7\u30fb-]{{1,2}}[{script}]+)*" for script in _SCRIPTS))
_ANY: Final = re.compile(f"[{''.join(_SCRIPTS)}]")
_MANY: Final = 5
_IDEOGRAPHS: Final = "\u3400"


def find_other_scripts(text: str) -> Iterator[Spot]:
    """Find the rows of words of a normal text that are not in Latin letters."""
    if text.isascii() or not _ANY.search(text):
        return
    for found in _LETTERS.finditer(text):
        row = found[0].rstrip(" .'-")
        if row[1:] or row >= _IDEOGRAPHS:
            # A Greek letter stands for a quantity, an ideograph for a word.
            yield Spot(found.start(), found.start() + len(row), Kind.NAME, certain=len(row.split()) <= _MANY)
