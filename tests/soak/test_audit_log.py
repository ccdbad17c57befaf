"""The audit log alone: fifty kills while it records as fast as it can, and a million records."""

import datetime as dt
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.audit.findings import Doubt
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.reading import lines_of
from gateway.audit.tree import leaf_hash
from gateway.audit.verifying import prove_lines, verify_log
from tests.integration.audit.recording import RELEASED, open_log
from tests.integration.audit.signing import SIGNER
from tests.integration.audit.test_crashes import acknowledged_before_the_kill
from tests.soak.seeds import drawn_seed

KEYS = [SIGNER.public()]
KILLS = 50
RECORDS, GROUP, MEASURED = 1_000_000, 100, 100_000
# The last records may cost so many times what the first ones did: a cost that grew with the log would be ten times.
FLAT = 2.0


@pytest.mark.soak
def test_fifty_kills_lose_no_acknowledged_record_and_the_log_verifies_after_each(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    seed = drawn_seed()
    tell(f"kill -9 of the writer at moments drawn from SLUIS_SOAK_SEED={seed}")
    chance, acknowledged = random.Random(seed), set[str]()
    for _ in range(KILLS):
        acknowledged |= set(acknowledged_before_the_kill(tmp_path / "log", after=chance.randint(1, 1500)))
        # What was on disk and not signed yet when it was killed, nobody was told of.
        assert {each.doubt for each in verify_log(tmp_path, KEYS).faults} <= {Doubt.NOT_SIGNED}
        open_log(tmp_path / "log").close()
        assert verify_log(tmp_path, KEYS).holds
        assert acknowledged <= {leaf_hash(line).hex() for _, _, line in lines_of(tmp_path / "log")}
    tell(f"{KILLS} kills: {len(acknowledged)} acknowledged records of {verify_log(tmp_path, KEYS).size}, none lost")


def seconds_for(log: AuditLogFiles, count: int) -> float:
    """Append so many records, group by group, and tell how long it took."""
    began = time.perf_counter()
    for _ in range(count // GROUP):
        assert all(isinstance(each, str) for each in log.write([(RELEASED,)] * GROUP))
    return time.perf_counter() - began


@pytest.mark.soak
def test_the_last_of_a_million_records_costs_what_the_first_one_did_and_its_proof_is_small(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    days = iter(range(RECORDS // GROUP))
    log = AuditLogFiles(
        directory=tmp_path / "log",
        signer=SIGNER,
        # A new file for each tenth of them.
        clock=lambda: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=10 * next(days) // (RECORDS // GROUP)),
        random=os.urandom,
        version="0.1.0",
        host="gateway-1",
    )
    log.open()
    spent = [seconds_for(log, MEASURED) for _ in range(RECORDS // MEASURED)]
    log.close()
    began = time.perf_counter()
    verified = verify_log(tmp_path, KEYS)
    verifying = time.perf_counter() - began
    began = time.perf_counter()
    open_log(tmp_path / "log").close()
    starting = time.perf_counter() - began
    proofs = [next(prove_lines(tmp_path, SIGNER.public(), (index,))) for index in (0, RECORDS // 3, RECORDS - 1)]
    size = max(len(each.as_bytes()) for each in proofs)

    ratio = spent[-1] / spent[0]
    tell(
        f"{RECORDS} records in groups of {GROUP}: {MEASURED / spent[0]:.0f}/s for the first {MEASURED}, "
        f"{MEASURED / spent[-1]:.0f}/s for the last ({ratio:.2f} times the cost); all verified in {verifying:.1f} s, "
        f"opened again in {1000 * starting:.0f} ms, a proof of {size} bytes"
    )
    assert (True, RECORDS) == (verified.holds, verified.size)
    assert ratio < FLAT
    assert size < 2048
