"""A small engine that really finds: people with a title, numbers of nine digits, and what is withheld; and a reader."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gateway.formats.packed import members
from gateway.minimise.documents.jobs import Engine
from gateway.minimise.documents.model import (
    Mark,
    Opened,
    Passage,
    Rebuilt,
    Tools,
    Trouble,
    UnreadableError,
    Word,
    apply_marks,
)
from gateway.minimise.documents.recognising import DocumentType
from gateway.minimise.people.findings import CellPlace, Finding, Kind, Known, Whose
from gateway.package.manifest import Category

_PERSON = re.compile(r"\b(mevrouw|de heer|agent)\s+([A-Z]\w+(?: [A-Z]\w+)*)")
_NUMBER = re.compile(r"\b\d{9}\b")
ORDINARY = frozenset({"de", "bakker", "is", "een", "heer", "mevrouw", "in", "woont"})


Spans = Sequence[Sequence[tuple[int, int]]]


def find(
    texts: Sequence[str], /, *, known: Known, second_opinion: Spans, places: Sequence[CellPlace | None] = ()
) -> Sequence[Sequence[Finding]]:
    found = [list(_in(text, known)) for text in texts]
    for each, spans in zip(found, second_opinion, strict=False):
        each.extend(Finding(start=start, end=end, kind=Kind.NAME, whose=Whose.THIRD_PARTY) for start, end in spans)
    return [sorted(each, key=lambda one: one.start) for each in found]


def _in(text: str, known: Known) -> Iterator[Finding]:
    for found in _PERSON.finditer(text):
        whose = Whose.OFFICIAL if found[1] == "agent" else Whose.THIRD_PARTY
        whose = Whose.SUBJECT if found[2] in known.names else whose
        yield Finding(start=found.start(2), end=found.end(2), kind=Kind.NAME, whose=whose)
    for found in _NUMBER.finditer(text):
        yield Finding(start=found.start(), end=found.end(), kind=Kind.BSN, whose=Whose.THIRD_PARTY, certain=False)
    for value in known.withheld:
        for found in re.finditer(re.escape(value), text):
            yield Finding(start=found.start(), end=found.end(), kind=Kind.WITHHELD, whose=Whose.SUBJECT)


def names(texts: Sequence[str], findings: Sequence[Sequence[Finding]]) -> Sequence[str]:
    return [
        text[each.start : each.end]
        for text, found in zip(texts, findings, strict=True)
        for each in found
        if each.kind is Kind.NAME and each.whose is not Whose.SUBJECT
    ]


def raised(texts: Sequence[str]) -> frozenset[Category]:
    return frozenset({Category.SPECIAL}) if any("ziek" in text for text in texts) else frozenset()


def read_page(page: bytes) -> Sequence[Word]:
    return [Word(text="Hallo", box=(0, 0, 10, 10), confidence=90, line=0)]


@dataclass(frozen=True, kw_only=True)
class Lines:
    """A text, a line at a time."""

    passages: Sequence[Passage] = field(repr=False)

    def rebuilt(self, marks: Sequence[Sequence[Mark]]) -> Rebuilt:
        lines = (apply_marks(each.text, gone) for each, gone in zip(self.passages, marks, strict=True))
        return Rebuilt(content="\n".join(lines).encode(), suffix=".txt", media_type="text/plain")


def _text(content: bytes, _: Tools) -> Opened:
    try:
        lines = content.decode().split("\n")
    except UnicodeDecodeError:
        raise UnreadableError(Trouble.DAMAGED) from None
    return Lines(passages=[Passage(text=line, page=number) for number, line in enumerate(lines, 1)])


def _archive(content: bytes, tools: Tools) -> Opened:
    opened = [tools.open_other(inner, name) for name, inner in members(content, tools.limits).items()]
    return Lines(passages=[passage for each in opened for passage in each.passages])


def _image(content: bytes, tools: Tools) -> Opened:
    return Lines(passages=[Passage(text=" ".join(word.text for word in tools.ocr(content)), page=1)])


@dataclass(frozen=True, kw_only=True)
class Module:
    """What a reader's module has to offer."""

    open_document: Callable[[bytes, Tools], Opened]
    second_text: Callable[[bytes], str] = bytes.decode


READERS = {
    DocumentType.TEXT: Module(open_document=_text),
    DocumentType.ARCHIVE: Module(open_document=_archive),
    DocumentType.IMAGE: Module(open_document=_image),
}


def readers(kind: DocumentType, /) -> Module:
    """Give the reader of a type. Raises UnreadableError for most."""
    if kind not in READERS:
        raise UnreadableError(Trouble.NOT_KNOWN)
    return READERS[kind]


ENGINE = Engine(
    find=find, names=names, raised=raised, is_ordinary=ORDINARY.__contains__, ocr=read_page, readers=readers
)


def load() -> Engine:
    """Give the engine, as the sandbox's process asks for it."""
    return ENGINE
