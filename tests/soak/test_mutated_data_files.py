"""Ten thousand mutated data files of each kind: rows, or a problem that quotes nothing, in a moment.

Each is read where the product reads it: JSON and CSV here, the others as jobs of their own in a warm sandbox, which has
to stay the same process. A parser that dies there is a fault like any other.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from gateway.bootstrap.documents import ENGINE, SandboxedDocuments
from gateway.evidence.data_files import read_data
from gateway.minimise.sandbox import Sandbox, SandboxLimits
from gateway.package.errors import Code, SluisError
from tests.soak.fuzzing.data_files import KINDS, mutated_data
from tests.soak.seeds import drawn_seed

_COUNT: Final = int(os.environ.get("SLUIS_SOAK_MUTATIONS") or 10_000)
_SEED: Final = drawn_seed()
# By the clock, since most of the work is another process's, on a machine that has other work as well.
_SECONDS: Final = 5.0


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(engine=ENGINE, limits=SandboxLimits(idle_seconds=3600)) as sandbox:
        yield sandbox


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_a_mutated_data_file_is_read_or_refused_and_nothing_else(
    kind: str, sandbox: Sandbox, tell: Callable[[str], None]
) -> None:
    sandbox.check()
    process, files = _process(sandbox), SandboxedDocuments(sandbox)
    faults: list[str] = []
    ends: Counter[str] = Counter()
    began = time.monotonic()
    slowest = 0.0
    for number in range(_COUNT):
        content = mutated_data(kind, seed=_SEED, number=number)
        started = time.monotonic()
        end = "read"
        try:
            json.dumps(read_data(content, suffix=kind, files=files), default=str)
        except SluisError as error:
            end = error.code.value
            told = f"{error} {error.faults}".lower()
            faults += [f"{kind} {number}: a value in {end}"] if "merhawi" in told or "tesfay" in told else []
            faults += [f"{kind} {number}: {end}"] if error.code is Code.DATA_READING_FAILED else []
        except Exception as error:  # noqa: BLE001 - the very thing that is looked for.
            end = "fault"
            faults.append(f"{kind} {number}: {type(error).__name__}")
        seconds = time.monotonic() - started
        faults += [f"{kind} {number}: {seconds:.1f} s"] if seconds > _SECONDS else []
        slowest = max(slowest, seconds)
        ends[end] += 1
    found = ", ".join(f"{count} {end}" for end, count in ends.most_common())
    tell(
        f"{kind}: {_COUNT} files in {time.monotonic() - began:.0f} s, the slowest {slowest:.1f} s; {found};"
        f" SLUIS_SOAK_SEED={_SEED}"
    )
    assert "" == "\n".join(faults)
    assert process == _process(sandbox)
    assert ends["read"] > _COUNT // 20


def _process(sandbox: Sandbox) -> int:
    return sandbox._warm._program.pid if sandbox._warm is not None else 0
