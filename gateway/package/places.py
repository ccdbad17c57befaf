"""Says a place in a package as people count and name it: `documents[0].kind` is `document 1, kind`. Pure.

Programs keep the place as it is. What is no list, line or known part is shown as it stands: it is a key of the sender.
"""

import re
from collections.abc import Callable
from typing import Final

from gateway.package.problems import sentence

# What is counted from one: the parts of a package, and the places within a document.
_COUNTED: Final = {
    "document": "document {number}",
    "line": "line {number}",
    "member": "file {number} in the zip file",
    "page": "page {number}",
    "sheet": "sheet {number}",
    "paragraph": "paragraph {number}",
}
# The parts of what would be sent, as the search for residue names them, and of what somebody hands in or asks.
_PARTS: Final = {
    "body": "the content of the request",
    "query": "the parameters of the request",
    "entry": "the name of what was handed in",
    "files": "the names of the files in the package",
    "dataFile": "the data file (dataFile)",
    "documents": "the documents (documents)",
    "data": "the data",
    "left-out": "the list of what was left out",
    "request.reference": "the reference in the letter (request.reference)",
    "sender.unit": "the unit in the letter (sender.unit)",
}
PLACES: Final = (*_COUNTED.values(), *_PARTS.values())
_NUMBERED = re.compile(rf"documents\[(?P<from_zero>\d+)\]|(?P<what>{'|'.join(_COUNTED)}) (?P<number>\d+)(?!\d)")
_WITHIN = re.compile(r"(?<=, )(?P<what>page|sheet|paragraph|line) (?P<number>\d+)(?!\d)")
_ITEM = re.compile(r"\[(\d+)\]")


def said_place(where: str, *, say: Callable[[str], str]) -> str:
    """Say a place in the reader's language; `say` translates a text of the catalogue."""

    def counted(what: str, number: int) -> str:
        return sentence(say(_COUNTED[what]), {"number": number})

    if where in _PARTS:
        return say(_PARTS[where])
    found = _NUMBERED.match(where)
    if found is None:
        return _from_one(where)
    if found["from_zero"] is None:
        said = counted(found["what"], int(found["number"]))
    else:
        said = counted("document", int(found["from_zero"]) + 1)
    rest = _from_one(_WITHIN.sub(lambda place: counted(place["what"], int(place["number"])), where[found.end() :]))
    return said + (f", {rest[1:]}" if rest.startswith(".") else rest)


def _from_one(path: str) -> str:
    return _ITEM.sub(lambda item: f" {int(item[1]) + 1}", path)
