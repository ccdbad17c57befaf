"""Opens documents with the real reader of pictures, and marks words in them."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Never

from gateway.minimise.documents.model import LABELS, Limits, Mark, Opened, Tools, Trouble, UnreadableError
from gateway.minimise.documents.paged import PagedDocument
from gateway.minimise.tesseract import installed
from tests.integration.minimise.nasty_pdf import FIRST, LAST

# The same page is read once: the tests save one and the same sheet in many ways.
OCR = cache(installed())
NAMES = (rf"{FIRST}\s+{LAST}", FIRST, LAST)


def no_other(_content: bytes, _name: str) -> Never:
    raise AssertionError("a picture opens no other document")


TOOLS = Tools(ocr=OCR, limits=Limits(), open_other=no_other)


def marks_of(document: Opened, *patterns: str) -> list[list[Mark]]:
    wanted = re.compile("|".join(patterns), re.IGNORECASE)
    return [
        [Mark(start=found.start(), end=found.end(), label=LABELS["nl"]) for found in wanted.finditer(passage.text)]
        for passage in document.passages
    ]


def all_text(document: Opened) -> str:
    return "\n".join(passage.text for passage in document.passages)


def no_marks(document: Opened) -> Sequence[Sequence[Mark]]:
    return [[] for _ in document.passages]


def trouble_of(reader: object, content: bytes, tools: Tools = TOOLS) -> Trouble | None:
    assert callable(reader)
    try:
        document = reader(content, tools)
    except UnreadableError as error:
        return error.trouble
    assert isinstance(document, PagedDocument)
    return None
