"""Says a place in a package as people count and name it: `documents[0].kind` is `document 1, kind`. Pure.

Programs keep the place as it is. What is no list, line or known part is shown as it stands: it is a key of the sender.
"""

import re
from collections.abc import Callable
from typing import Final

from gateway.package.problems import sentence

_DOCUMENT: Final = "document {number}"
_LINE: Final = "line {number}"
# The parts of what would be sent, as the search for residue names them.
_PARTS: Final = {
    "data": "the data",
    "left-out": "the list of what was left out",
    "request.reference": "the reference in the letter (request.reference)",
    "sender.unit": "the unit in the letter (sender.unit)",
}
PLACES: Final = (_DOCUMENT, _LINE, *_PARTS.values())
_NUMBERED = re.compile(r"documents\[(\d+)\]|document (\d+)(?!\d)|line (\d+)(?!\d)")
_ITEM = re.compile(r"\[(\d+)\]")


def said_place(where: str, *, say: Callable[[str], str]) -> str:
    """Say a place in the reader's language; `say` translates a text of the catalogue."""
    if where in _PARTS:
        return say(_PARTS[where])
    found = _NUMBERED.match(where)
    if found is None:
        return _counted(where)
    from_zero, number, line = found.groups()
    text = _DOCUMENT if line is None else _LINE
    count = int(line or number or 0) if from_zero is None else int(from_zero) + 1
    rest = _counted(where[found.end() :])
    return sentence(say(text), {"number": count}) + (f", {rest[1:]}" if rest.startswith(".") else rest)


def _counted(path: str) -> str:
    return _ITEM.sub(lambda item: f" {int(item[1]) + 1}", path)
