"""What the sandbox loads to try mutated documents: the engine of this installation with its readers in memory.

`load` does a document a job, as the service has it done; `load_reading` also reads pictures with OCR. `load_batches`
does many in a row in one job: each through the same function as a job of its own, within the same walls and limits, but
without a process for each. What it gives is how each ended and what leaked by what kind, no text of any.
"""

import dataclasses
import io
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from PIL import Image, ImageChops, ImageStat

from gateway.minimise import engine as installed
from gateway.minimise.documents.jobs import Choice, Engine, Rebuilding
from gateway.minimise.documents.model import Mark, Opened, Passage, Rebuilt, Tools, Trouble, UnreadableError, Word
from gateway.minimise.documents.recognising import DocumentType, recognise
from gateway.minimise.documents.registry import reader_of
from gateway.minimise.documents.wire import Request, read_answer, write_answer
from gateway.minimise.people.findings import CellPlace, Finding, Known
from gateway.minimise.sandbox_process import _answer, _fault
from tests.soak.fuzzing.leaking import Seen, leaks, markup
from tests.soak.fuzzing.mutating import mutated
from tests.soak.fuzzing.seeds import DRAWN_WORDS, PLANTED, SUBJECT_NAMES, Seed, drawn_words
from tests.unit.documents import keeping
from tests.unit.minimise.documents.small_engine import Module

KNOWN: Final = Known(names=SUBJECT_NAMES, others=PLANTED, withheld=("bedrag",))
CHOICE: Final = Choice(stays=keeping(officials=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Which documents: `count` of a reader, from `first` on."""

    reader: str
    seed: int
    first: int
    count: int

    def written(self) -> bytes:
        """Write it as the document of a job."""
        return json.dumps(dataclasses.asdict(self)).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How one document ended: `rebuilt`, `residue` or a trouble; `faults` are what must never be."""

    number: int
    outcome: str
    faults: tuple[str, ...] = ()
    seconds: float = 0.0


def faults_of(sample: Seed, seen: Seen | None, done: Rebuilding) -> list[str]:
    """Tell what leaked, and memory that ran out without a limit that said so."""
    told = leaks(seen, done, choice=CHOICE) if seen is not None else []
    if done.findings.trouble is Trouble.TOO_LARGE and done.findings.type is None:
        try:
            recognise(sample.content, sample.name)
        except UnreadableError:
            return told
        told.append("out of memory")
    return told


def outcome_of(done: Rebuilding) -> str:
    """Name how a job ended."""
    if done.findings.trouble is not None:
        return done.findings.trouble.value
    return "residue" if done.residue else "rebuilt"


def try_one(batch: Batch, number: int, engine: Engine) -> Tried:
    """Do one document as a job of its own is done, from the message of its request to that of its answer."""
    sample = mutated(batch.reader, seed=batch.seed, number=number)
    seen: list[Seen] = []

    def find(
        texts: Sequence[str],
        /,
        *,
        known: Known,
        second_opinion: Sequence[Sequence[tuple[int, int]]],
        places: Sequence[CellPlace | None] = (),
    ) -> Sequence[Sequence[Finding]]:
        found = engine.find(texts, known=known, second_opinion=second_opinion, places=places)
        seen.append(Seen(texts=texts, found=found))
        return found

    began = time.process_time()
    request = Request(name=sample.name, known=KNOWN, choice=CHOICE)
    try:
        answer = _answer(request, sample.content, dataclasses.replace(engine, find=find))
        done = read_answer(*write_answer(answer)).rebuilding
    except Exception as error:  # noqa: BLE001 - the very thing that is looked for.
        return Tried(number=number, outcome="fault", faults=(_fault(error),))
    seconds = time.process_time() - began
    if done is None:
        return Tried(number=number, outcome="fault", faults=("no answer",))
    faults = faults_of(sample, next(iter(seen), None), done)
    return Tried(number=number, outcome=outcome_of(done), faults=tuple(faults), seconds=seconds)


def _read_page(page: bytes) -> Sequence[Word]:
    """Read what stands in the seeds' pictures where it still stands; what it reads is not sure enough to compare."""
    picture = Image.open(io.BytesIO(page)).convert("L")
    sheet = drawn_words()
    read = []
    for word, box in DRAWN_WORDS.items():
        different = ImageChops.difference(picture.crop(box), sheet.crop(box))
        if ImageStat.Stat(different).mean[0] < 20:
            read.append(Word(text=word, box=box, confidence=70, line=0))
    return read


def load_reading() -> Engine:
    """Give the engine with all that the first document of each kind would load."""
    for kind in DocumentType:
        reader_of(kind)
    return installed.load()


def load() -> Engine:
    """Give the same, with OCR that takes no time."""
    return dataclasses.replace(load_reading(), ocr=_read_page)


def load_batches() -> Engine:
    """Give an engine whose documents are batches."""
    engine = load()
    # Made before the first job, or each job would make it.
    markup()

    def open_document(content: bytes, _: Tools) -> Opened:
        return _OpenedBatch(batch=Batch(**json.loads(content)), engine=engine)

    def readers(_: DocumentType, /) -> Module:
        return Module(open_document=open_document, second_text=lambda _: "")

    return dataclasses.replace(engine, readers=readers)


@dataclass(frozen=True, kw_only=True)
class _OpenedBatch:
    batch: Batch
    engine: Engine
    passages: Sequence[Passage] = field(default=())

    def rebuilt(self, _: Sequence[Sequence[Mark]]) -> Rebuilt:
        numbers = range(self.batch.first, self.batch.first + self.batch.count)
        tried = [dataclasses.asdict(try_one(self.batch, number, self.engine)) for number in numbers]
        return Rebuilt(content=json.dumps(tried).encode(), suffix=".json", media_type="application/json")
