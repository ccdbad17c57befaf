"""The door for documents within documents, as the readers of this folder see it: by the ending, and not too deep."""

import re
from collections.abc import Sequence

from lxml import etree

from gateway.minimise.documents import archive, eml, ods, xlsx
from gateway.minimise.documents.model import (
    Limits,
    Mark,
    Opened,
    Passage,
    Rebuilt,
    Tools,
    Trouble,
    UnreadableError,
    Word,
)

SUBJECT = "Samira Al-Jabouri"
THIRD = "Merhawi Tesfay"
_THIRD = re.compile("Merhawi Tesfay|Merhawi|Tesfay", re.IGNORECASE)
_LABEL = "[gelakt: derde]"
_READERS = {"xlsx": xlsx, "ods": ods, "eml": eml, "zip": archive}


class ShownPage:
    """A page of HTML as its paragraphs, as far as no style hides them."""

    def __init__(self, content: bytes) -> None:
        root = etree.fromstring(content, etree.HTMLParser(encoding="utf-8"))
        shown = [each for each in root.iter("p") if "none" not in each.get("style", "")]
        self.passages: Sequence[Passage] = [Passage(text=each.text or "") for each in shown]

    def rebuilt(self, marks: Sequence[Sequence[Mark]]) -> Rebuilt:
        assert len(self.passages) == len(marks)
        return Rebuilt(content=b"", suffix=".html", media_type="text/html", left_behind={"hidden-text": 1})


def no_ocr(_: bytes) -> Sequence[Word]:
    raise AssertionError("nothing here is a picture")


def tools(depth: int = 5, limits: Limits | None = None) -> Tools:
    """Give what readers may use; `depth` counts the doors that may still be opened."""
    chosen = limits or Limits()

    def open_other(content: bytes, name: str) -> Opened:
        if depth == 0:
            raise UnreadableError(Trouble.TOO_LARGE)
        ending = name.rpartition(".")[2]
        if ending == "html":
            return ShownPage(content)
        if ending not in _READERS:
            raise UnreadableError(Trouble.NOT_KNOWN)
        opened: Opened = _READERS[ending].open_document(content, tools(depth - 1, chosen))
        return opened

    return Tools(ocr=no_ocr, limits=chosen, open_other=open_other)


def without_third(opened: Opened) -> Rebuilt:
    """Write it anew without the third party, as a search that finds every mention would have it."""
    return opened.rebuilt(
        [
            [Mark(start=found.start(), end=found.end(), label=_LABEL) for found in _THIRD.finditer(passage.text)]
            for passage in opened.passages
        ]
    )


def names_third(text: str) -> bool:
    """Tell whether a part of the third party's name stands in a text, whatever stands between its letters."""
    squeezed = re.sub(r"[\W_]", "", text).casefold()
    return "merhawi" in squeezed or "tesfay" in squeezed
