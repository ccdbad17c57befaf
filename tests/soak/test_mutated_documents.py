"""Ten thousand mutated documents for each reader, in warm sandboxes: nothing falls over, nothing redacted comes out.

Most of them are done many to a job, by the same function and within the same walls and limits as a job of their own
(`tests.soak.fuzzing.trying`). The first five hundred for each reader are jobs of their own, as the service has them
done; of these two hundred PDFs and two hundred pictures are read by the real OCR. What ended a batch is done one by
one.

`SLUIS_SOAK_SEED` gives the seed of an earlier run, `SLUIS_SOAK_MUTATIONS` another number than ten thousand.
"""

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final, Self

import pytest

from gateway.minimise import engine as installed
from gateway.minimise.documents.jobs import Death, Engine, Opening
from gateway.minimise.documents.model import UnreadableError
from gateway.minimise.people.findings import CellPlace, Finding
from gateway.minimise.sandbox import Sandbox, SandboxLimits
from tests.integration.minimise.nasty_pdf import read_pictures
from tests.soak.fuzzing.leaking import Seen, is_planted
from tests.soak.fuzzing.mutating import mutated
from tests.soak.fuzzing.seeds import DRAWN, READERS, Seed
from tests.soak.fuzzing.trying import CHOICE, KNOWN, Batch, Tried, faults_of, outcome_of
from tests.soak.seeds import drawn_seed

_TESTS: Final = Path(__file__).parents[1]
_ENGINES: Final = "tests.soak.fuzzing.trying"
_COUNT: Final = int(os.environ.get("SLUIS_SOAK_MUTATIONS") or 10_000)
_SEED: Final = drawn_seed()
_ALONE: Final = _COUNT // 20
_BY_OCR: Final = _COUNT // 50
_IN_A_BATCH: Final = 50
_SEARCHED: Final = 10
"""Of so many documents one is searched before it is rebuilt, as the service has every one."""
_LIMITS: Final = SandboxLimits(idle_seconds=3600)
_HANDS: Final = 2


class Hand:
    """One thread's sandboxes, by what they load, each of which has to stay the same process."""

    def __init__(self) -> None:
        self._sandboxes: dict[str, tuple[Sandbox, int]] = {}
        self._told: list[str] = []
        self._asked: list[Sequence[str]] = []

    def sandbox(self, engine: str) -> Sandbox:
        """Give the sandbox that has loaded this."""
        if engine not in self._sandboxes:
            sandbox = Sandbox(
                limits=_LIMITS,
                engine=f"{_ENGINES}:{engine}",
                readable=(_TESTS,),
                second_opinion=self._see if engine != "load_batches" else None,
                told=self._told.append,
            )
            sandbox.check()
            self._sandboxes[engine] = (sandbox, _process(sandbox))
        return self._sandboxes[engine][0]

    def batch(self, batch: Batch) -> list[Tried]:
        """Do a batch, or one by one what is in it when the job did not live to tell."""
        done = self.sandbox("load_batches").rebuild(batch.written(), "a.txt", known=KNOWN, choice=CHOICE)
        if done.rebuilt is None:
            return [self.alone(batch, number) for number in range(batch.first, batch.first + batch.count)]
        return [Tried(**{**each, "faults": tuple(each["faults"])}) for each in json.loads(done.rebuilt.content)]

    def alone(self, batch: Batch, number: int, *, engine: str = "load") -> Tried:
        """Do one document as a job of its own; what was searched is seen by the question for a second opinion."""
        sample = mutated(batch.reader, seed=batch.seed, number=number)
        sandbox = self.sandbox(engine)
        self._told.clear()
        began = time.monotonic()
        ends = []
        if number % _SEARCHED == 0:
            ends.append(sandbox.search(sample.content, sample.name, known=KNOWN).findings.trouble)
        self._asked.clear()
        done = sandbox.rebuild(sample.content, sample.name, known=KNOWN, choice=CHOICE)
        seconds = time.monotonic() - began
        ends.append(done.findings.trouble)
        seen = [
            Seen(texts=texts, found=_find(texts, None if batch.reader in DRAWN else sample)) for texts in self._asked
        ]
        faults = [*self._told, *faults_of(sample, next(iter(seen), None), done)]
        faults += (end.value for end in ends if isinstance(end, Death))
        # What stays that nobody could read is counted, and the document is held until a person has looked at it.
        if engine == "load_reading" and done.rebuilt is not None and not done.findings.pictures:
            readable = is_planted(read_pictures(done.rebuilt.content), seen, choice=CHOICE)
            faults += ["a planted name that can be read"] if readable else []
        return Tried(number=number, outcome=outcome_of(done), faults=tuple(faults), seconds=seconds)

    def _see(self, texts: Sequence[str]) -> Sequence[Sequence[tuple[int, int]]]:
        self._asked.append(texts)
        return ()

    def restarted(self) -> list[str]:
        """Tell which sandboxes are no longer the process that was started."""
        return [engine for engine, (sandbox, process) in self._sandboxes.items() if process != _process(sandbox)]

    def close(self) -> None:
        """End all of them."""
        for sandbox, _ in self._sandboxes.values():
            sandbox.close()


class Hands:
    """Threads, one for each core, that each have their own sandboxes."""

    def __init__(self) -> None:
        self._own = threading.local()
        self._all: list[Hand] = []
        self._pool = ThreadPoolExecutor(max_workers=_HANDS)

    def each(self, batches: Sequence[Batch], do: Callable[[Hand, Batch], list[Tried]]) -> Iterator[Tried]:
        """Have batches done, in any order."""
        for tried in self._pool.map(lambda batch: do(self._hand(), batch), batches):
            yield from tried

    def restarted(self) -> list[str]:
        """Tell which sandboxes of all hands are no longer the process that was started."""
        return [engine for hand in self._all for engine in hand.restarted()]

    def _hand(self) -> Hand:
        if not hasattr(self._own, "hand"):
            self._own.hand = Hand()
            self._all.append(self._own.hand)
        hand: Hand = self._own.hand
        return hand

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for hand in self._all:
            hand.close()
        self._pool.shutdown()


@pytest.fixture(scope="module")
def hands() -> Iterator[Hands]:
    with Hands() as hands:
        yield hands


def _process(sandbox: Sandbox) -> int:
    return sandbox._warm._program.pid if sandbox._warm is not None else 0


@cache
def _engine() -> Engine:
    return installed.load()


def _find(texts: Sequence[str], sample: Seed | None) -> Sequence[Sequence[Finding]]:
    """Find what the job found; whoever is asked for a second opinion is not told in which cells the texts stand."""
    places: list[CellPlace | None] = []
    if sample is not None:
        with suppress(UnreadableError):
            passages = Opening(_engine()).open(sample.content, sample.name).passages
            places = [each.place for each in passages] if [each.text for each in passages] == list(texts) else []
    return _engine().find(texts, known=KNOWN, second_opinion=(), places=places)


def _batches(reader: str, numbers: range, size: int) -> list[Batch]:
    return [
        Batch(reader=reader, seed=_SEED, first=first, count=min(size, numbers.stop - first))
        for first in numbers[::size]
    ]


def _one_by_one(engine: str) -> Callable[[Hand, Batch], list[Tried]]:
    return lambda hand, batch: [
        hand.alone(batch, number, engine=engine) for number in range(batch.first, batch.first + batch.count)
    ]


@pytest.mark.soak
@pytest.mark.parametrize("reader", READERS)
def test_a_mutated_document_is_rebuilt_without_what_was_redacted_or_is_trouble_and_nothing_else(
    reader: str, hands: Hands, tell: Callable[[str], None]
) -> None:
    tell(f"{reader}: mutations drawn from SLUIS_SOAK_SEED={_SEED}")
    read = _BY_OCR if reader in DRAWN else 0
    began = time.monotonic()
    tried = [
        *hands.each(_batches(reader, range(read), 5), _one_by_one("load_reading")),
        *hands.each(_batches(reader, range(read, _ALONE), 5), _one_by_one("load")),
    ]
    first = time.monotonic() - began
    tried += hands.each(_batches(reader, range(_ALONE, _COUNT), _IN_A_BATCH), Hand.batch)
    seconds = time.monotonic() - began

    outcomes = Counter(each.outcome for each in tried)
    tell(
        f"{reader}: {_COUNT} documents in {seconds:.0f} s, of these {_ALONE} as jobs of their own in {first:.0f} s"
        f" ({read} with OCR), the slowest {max(each.seconds for each in tried):.1f} s;"
        f" {', '.join(f'{count} {outcome}' for outcome, count in outcomes.most_common())}"
    )
    assert "" == "\n".join(f"{reader} {_SEED} {each.number}: {fault}" for each in tried for fault in each.faults)
    assert [] == hands.restarted()
    assert list(range(_COUNT)) == sorted(each.number for each in tried)
    assert outcomes["rebuilt"] > _COUNT // 10
