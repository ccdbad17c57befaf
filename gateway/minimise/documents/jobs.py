"""The two jobs that are done inside the sandbox: search a document for people, and write it anew without them.

Rules:
1. What a search tells is free of values: types, kinds, counts, pages. Names that were found travel apart, as secrets,
   for the search of the package's other documents.
2. Third parties are taken out always; so is what this recipient does not get. Of officials and of the subject's own it
   is told what stays, and the rest goes. A reviewer may lift what was taken for another person's, and add more; never
   lift what this recipient does not get. Changes of a document that reads otherwise by now are not carried out.
3. What was written is read again by another library and searched (`second_search`). When anything is found again, the
   new document is not given.
4. A job decides nothing by chance or time: the same document, knowledge and choice give the same bytes.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Final, Protocol

from gateway.minimise.documents.model import (
    LABELS,
    READING,
    Covered,
    Limits,
    Mark,
    Ocr,
    Opened,
    Pictured,
    Rebuilt,
    ShowsPictures,
    Tools,
    Trouble,
    UnreadableError,
    Word,
    apply_marks,
)
from gateway.minimise.documents.recognising import DocumentType, recognise
from gateway.minimise.documents.registry import ReaderModule, Readers, reader_of
from gateway.minimise.documents.second_search import Again, Taken, found_again, places_of, taken_values
from gateway.minimise.people.findings import CellPlace, Finding, Kind, Known, Whose
from gateway.package.edits import NO_EDITS, Edits, Span
from gateway.package.facts import Counted, Stays
from gateway.package.manifest import Category
from gateway.package.states import Language

WITHHELD_LABELS: Final = {"nl": "[gelakt: niet toegestaan]", "en": "[redacted: not permitted]"}
"""What stands in the place of a value that this recipient does not get."""
OFFICIAL_LABELS: Final = {"nl": "[gelakt: medewerker]", "en": "[redacted: official]"}
"""What stands in the place of an official's name, before or behind the function, which stays."""


class Death(StrEnum):
    """How the process ended that had the document open, when not by itself."""

    DIED = "died"
    """Killed by a limit or by a fault of a parser."""
    TIMED_OUT = "timed-out"


class FindsPeople(Protocol):
    """The search for people in the passages of one document, which are read together."""

    def __call__(
        self,
        texts: Sequence[str],
        /,
        *,
        known: Known,
        second_opinion: Sequence[Sequence[tuple[int, int]]],
        places: Sequence[CellPlace | None] = (),
    ) -> Sequence[Sequence[Finding]]:
        """Give for each text its findings, in order, none overlapping.

        `second_opinion` has for each text the spans that another program takes for people, or is empty;
        `places` where it stands in a table, or None, or is empty.
        """
        ...


def no_opinion(_: Sequence[str], /) -> Sequence[Sequence[tuple[int, int]]]:
    """Have no second opinion."""
    return ()


def reads_nothing(_content: bytes, _question: str, /) -> bytes:
    """Answer no question about any file."""
    raise ValueError("an engine that reads files expected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What a job works with.

    `opinion` asks another program which spans of texts it takes for people. `read` answers a question about a file that
    is no document, such as what rows it holds: both in the words of who asks (`gateway.evidence.file_questions`).
    `names` gives the names of people other than the subject among findings, as written; `raised` the categories that
    texts may hold; `is_ordinary` tells whether a folded word is one of the language.
    """

    find: FindsPeople
    names: Callable[[Sequence[str], Sequence[Sequence[Finding]]], Sequence[str]]
    raised: Callable[[Sequence[str]], frozenset[Category]]
    is_ordinary: Callable[[str], bool]
    ocr: Ocr
    opinion: Callable[[Sequence[str]], Sequence[Sequence[tuple[int, int]]]] = no_opinion
    readers: Readers = reader_of
    read: Callable[[bytes, str], bytes] = reads_nothing
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How one recipient gets a document; `language` is that of the labels."""

    stays: Stays
    language: Language = Language.NL
    edits: Edits = NO_EDITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is known of a document after a search; nothing of it is a value.

    With a `trouble` it could not be searched, and the rest is empty, or as far as it came.
    """

    type: DocumentType | None = None
    trouble: Trouble | Death | None = None
    counted: tuple[Counted, ...] = ()
    pages: int = 0
    raised: frozenset[Category] = frozenset()
    used_ocr: bool = False
    pictures: int = 0

    @property
    def doubtful(self) -> int:
        """Count what is taken out and listed for the reviewer."""
        return sum(each.count for each in self.counted if not each.certain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """The result of a search.

    `names` are secret: of everybody but the subject; `doubted` are those among them that were nowhere certain.
    """

    findings: Findings
    names: tuple[str, ...] = field(default=(), repr=False)
    doubted: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilding:
    """The result of writing a document anew: `rebuilt` is None after a trouble, and when there was residue.

    `taken` counts what was taken out; `residue` holds the kinds that the second search found again, `by_hand` when all
    of it is what a reviewer added, and `places` says where the first of it stands, as `places_of` writes that.
    `added` and `lifted` are the texts that a reviewer said go and stay; secret.
    `text` is all that another library than its writer found in the new document, for who wants to search it as well.
    """

    findings: Findings
    taken: tuple[Counted, ...] = ()
    residue: frozenset[Kind] = frozenset()
    by_hand: bool = False
    places: tuple[str, ...] = ()
    added: tuple[str, ...] = field(default=(), repr=False)
    lifted: tuple[str, ...] = field(default=(), repr=False)
    rebuilt: Rebuilt | None = None
    text: str = field(default="", repr=False)


def search(content: bytes, name: str, *, known: Known, engine: Engine) -> Searched:
    """Search a document; whatever is wrong with it stands in the findings' `trouble`."""
    opening = Opening(engine)
    try:
        read = read_document(content, name, known=known, opening=opening)
    except UnreadableError as error:
        return Searched(findings=Findings(type=opening.kind, trouble=error.trouble, used_ocr=opening.used_ocr))
    names = tuple(engine.names(read.texts, read.found))
    sure = set(engine.names(read.texts, [[each for each in found if each.certain] for found in read.found]))
    return Searched(findings=read.findings, names=names, doubted=tuple(each for each in names if each not in sure))


def rebuild(content: bytes, name: str, *, known: Known, choice: Choice, engine: Engine) -> Rebuilding:
    """Search a document, and write it anew without what may not go, as rules 2 and 3 say.

    Raises ValueError for changes that are not of this document as it reads now.
    """
    opening = Opening(engine)
    try:
        read = read_document(content, name, known=known, opening=opening)
        _check_edits(read, choice.edits)
        gone = [gone_of(number, each, choice=choice) for number, each in enumerate(read.found)]
        marks = [marks_of(each, choice=choice) for each in gone]
        rebuilt = _written(read.opened, marks, choice=choice)
        written = opening.reader.second_text(rebuilt.content)
    except UnreadableError as error:
        return Rebuilding(findings=Findings(type=opening.kind, trouble=error.trouble, used_ocr=opening.used_ocr))
    taken = _counted(read.opened, gone)
    search_for = partial(_residue, read, written, known=known, marks=marks, engine=engine)
    if left := search_for(gone=gone):
        proposed = [
            [each for each in found if goes(each, number, choice=choice)] for number, found in enumerate(read.found)
        ]
        by_hand = bool(choice.edits.added) and not search_for(gone=proposed)
        residue = frozenset(kind for each in left for kind in each.kinds)
        places = places_of(read.opened.passages, map(apply_marks, read.texts, marks), left)
        return Rebuilding(findings=read.findings, taken=taken, residue=residue, by_hand=by_hand, places=places)
    return Rebuilding(
        findings=read.findings,
        taken=taken,
        added=tuple(read.texts[each.passage][each.start : each.end] for each in choice.edits.added),
        lifted=tuple(_lifted(read, choice=choice)),
        rebuilt=rebuilt,
        text=written,
    )


# ---- Reading -------------------------------------------------------------------------------------------------------


class Opening:
    """Opens a document and what lies within it, and keeps count for the whole of it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._left = engine.limits.inflated_bytes
        self._members = engine.limits.members
        self.kind: DocumentType | None = None
        self.used_ocr = False
        self.pictures = 0

    @property
    def reader(self) -> ReaderModule:
        """The module of the outermost document."""
        if self.kind is None:
            raise ValueError("nothing was opened")
        return self.engine.readers(self.kind)

    def open(self, content: bytes, name: str, *, depth: int = 0) -> Opened:
        """Open a document. Raises UnreadableError."""
        limits = self.engine.limits
        self._left -= len(content)
        self._members -= 1
        if depth > limits.depth or self._left < 0 or self._members < 0:
            raise UnreadableError(Trouble.TOO_LARGE)
        kind = recognise(content, name, limits=limits)
        if not depth:
            self.kind = kind
        tools = Tools(
            ocr=self._read_page,
            limits=limits,
            open_other=lambda other, other_name: self.open(other, other_name, depth=depth + 1),
        )
        opened = self.engine.readers(kind).open_document(content, tools)
        if isinstance(opened, ShowsPictures):
            self.pictures += opened.pictures
        return opened

    def _read_page(self, page: bytes) -> Sequence[Word]:
        self.used_ocr = True
        return self.engine.ocr(page)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A document that was opened and searched: for each of its passages the text and the findings."""

    opened: Opened
    texts: tuple[str, ...] = field(repr=False)
    found: tuple[tuple[Finding, ...], ...]
    findings: Findings


def read_document(content: bytes, name: str, *, known: Known, opening: Opening) -> Read:
    """Open a document and search it, as every job does. Raises UnreadableError."""
    engine = opening.engine
    opened = opening.open(content, name)
    texts = tuple(each.text for each in opened.passages)
    opinion = engine.opinion(texts)
    places = tuple(each.place for each in opened.passages)
    found = tuple(tuple(each) for each in engine.find(texts, known=known, second_opinion=opinion, places=places))
    if len(found) != len(texts):
        raise ValueError("findings for each passage expected")
    findings = Findings(
        type=opening.kind,
        counted=_counted(opened, found),
        pages=max((each.page for each in opened.passages), default=0),
        raised=engine.raised(texts),
        used_ocr=opening.used_ocr,
        pictures=opening.pictures,
    )
    return Read(opened=opened, texts=texts, found=found, findings=findings)


def _counted(opened: Opened, found: Sequence[Sequence[Finding]]) -> tuple[Counted, ...]:
    counts = Counter(
        (each.kind, each.whose, passage.page, each.certain)
        for passage, findings in zip(opened.passages, found, strict=True)
        for each in findings
    )
    return tuple(
        Counted(kind=kind, whose=whose, page=page, certain=certain, count=count)
        for (kind, whose, page, certain), count in sorted(counts.items())
    )


# ---- Taking out ----------------------------------------------------------------------------------------------------


def _check_edits(read: Read, edits: Edits) -> None:
    """Refuse changes of another document than this one: taking out nothing would let go what a reviewer took out."""
    if not edits:
        return
    if edits.seen != seen_of(read.texts):
        raise ValueError("a document that reads as it did when it was reviewed expected")
    if not all(each.is_within(read.texts) for each in edits.added):
        raise ValueError("a span of this document expected")
    if edits.areas and not isinstance(read.opened, Pictured):
        raise ValueError("a document with pages expected")


def seen_of(texts: Iterable[str]) -> str:
    """Name what a reviewer sees of a document, as hexadecimal digits: equal for equal passages."""
    digest = hashlib.sha256()
    for each in texts:
        content = each.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def _written(opened: Opened, marks: Sequence[Sequence[Mark]], *, choice: Choice) -> Rebuilt:
    if isinstance(opened, Pictured) and choice.edits.areas:
        return opened.rebuilt(marks, covered(choice))
    return opened.rebuilt(marks)


def covered(choice: Choice) -> tuple[Covered, ...]:
    """Give the areas that a reviewer added, with what stands in them."""
    return tuple(Covered(area=each, label=LABELS[choice.language.value]) for each in choice.edits.areas)


def gone_of(number: int, findings: Sequence[Finding], *, choice: Choice) -> tuple[Finding, ...]:
    """Give what goes out of one passage, what a reviewer added among it."""
    gone = [each for each in findings if goes(each, number, choice=choice)]
    gone += (
        Finding(start=each.start, end=each.end, kind=Kind.NAME, whose=Whose.THIRD_PARTY)
        for each in choice.edits.added
        if each.passage == number
    )
    return tuple(sorted(gone, key=lambda each: (each.start, each.end)))


def goes(finding: Finding, number: int, *, choice: Choice) -> bool:
    """Tell whether a finding in the passage with this number goes out."""
    if finding.kind is Kind.WITHHELD:
        return True
    if finding.whose is Whose.SUBJECT:
        return finding.kind not in choice.stays.subject
    if finding.whose is Whose.OFFICIAL and choice.stays.officials:
        return False
    return not any(_covers(each, finding, number) for each in choice.edits.lifted)


def may_be_lifted(finding: Finding) -> bool:
    """Tell whether a reviewer can say that it stays: it was taken for another person's."""
    return finding.kind is not Kind.WITHHELD and finding.whose is not Whose.SUBJECT


def _lifted(read: Read, *, choice: Choice) -> Iterator[str]:
    """Give the texts of what stays because a reviewer said so."""
    for number, (text, found) in enumerate(zip(read.texts, read.found, strict=True)):
        for each in found:
            by_hand = any(_covers(span, each, number) for span in choice.edits.lifted)
            if by_hand and not goes(each, number, choice=choice):
                yield text[each.start : each.end]


def _covers(span: Span, finding: Finding, number: int) -> bool:
    """Tell whether a whole finding lies in a span: of one that is longer by now, the reviewer saw only a part."""
    return span.passage == number and span.start <= finding.start and finding.end <= span.end


def marks_of(gone: Sequence[Finding], *, choice: Choice) -> tuple[Mark, ...]:
    """Make marks of what goes; what overlaps becomes one, under the label of what began first."""
    marks: list[Mark] = []
    for each in gone:
        if marks and each.start < marks[-1].end:
            last = marks.pop()
            marks.append(Mark(start=last.start, end=max(last.end, each.end), label=last.label))
        else:
            marks.append(Mark(start=each.start, end=each.end, label=label_of(each)[choice.language.value]))
    return tuple(marks)


def label_of(finding: Finding) -> Mapping[str, str]:
    """Give what stands in the place of a finding that goes, by language."""
    if finding.kind is Kind.WITHHELD or finding.whose is Whose.SUBJECT:
        return WITHHELD_LABELS
    return OFFICIAL_LABELS if finding.whose is Whose.OFFICIAL else LABELS


# ---- The second search ---------------------------------------------------------------------------------------------


def _residue(
    read: Read,
    written: str,
    *,
    known: Known,
    gone: Sequence[Sequence[Finding]],
    marks: Sequence[Sequence[Mark]],
    engine: Engine,
) -> tuple[Again, ...]:
    """Give what each reading of the new document shows again; none is as it should be."""
    staying = (
        text[each.start : each.end]
        for text, findings, out in zip(read.texts, read.found, gone, strict=True)
        for each in findings
        if each not in out
    )
    withheld = (Taken(text=value, kind=Kind.WITHHELD) for value in known.withheld)
    search = partial(
        found_again,
        meant=tuple(map(apply_marks, read.texts, marks)),
        taken=(*taken_values(read.texts, gone), *withheld),
        staying=(*known.names, *staying),
        is_ordinary=engine.is_ordinary,
    )
    found = (search(reading) for reading in written.split(READING))
    return tuple(each for each in found if each.kinds)
