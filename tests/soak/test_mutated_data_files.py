"""Ten thousand mutated data files of each kind: rows, or a problem that quotes nothing, in a moment."""

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

import pytest

from gateway.evidence.data_files import read_data
from gateway.package.errors import SluisError
from tests.soak.fuzzing.data_files import KINDS, mutated_data

_COUNT: Final = int(os.environ.get("SLUIS_SOAK_MUTATIONS") or 10_000)
_SEED: Final = int(os.environ.get("SLUIS_SOAK_SEED") or random.SystemRandom().getrandbits(32))
_SECONDS: Final = 2.0


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_a_mutated_data_file_is_read_or_refused_and_nothing_else(kind: str, tell: Callable[[str], None]) -> None:
    faults: list[str] = []
    ends: Counter[str] = Counter()
    began = time.monotonic()
    slowest = 0.0
    for number in range(_COUNT):
        content = mutated_data(kind, seed=_SEED, number=number)
        started = time.process_time()
        end = "read"
        try:
            json.dumps(read_data(content, suffix=kind), default=str)
        except SluisError as error:
            end = error.code.value
            told = f"{error} {error.faults}".lower()
            faults += [f"{kind} {number}: a value in {end}"] if "merhawi" in told or "tesfay" in told else []
        except Exception as error:  # noqa: BLE001 - the very thing that is looked for.
            end = "fault"
            faults.append(f"{kind} {number}: {type(error).__name__}")
        seconds = time.process_time() - started
        faults += [f"{kind} {number}: {seconds:.1f} s"] if seconds > _SECONDS else []
        slowest = max(slowest, seconds)
        ends[end] += 1
    found = ", ".join(f"{count} {end}" for end, count in ends.most_common())
    tell(
        f"{kind}: {_COUNT} files in {time.monotonic() - began:.0f} s, the slowest {slowest:.1f} s; {found};"
        f" SLUIS_SOAK_SEED={_SEED}"
    )
    assert "" == "\n".join(faults)
    assert ends["read"] > _COUNT // 20
