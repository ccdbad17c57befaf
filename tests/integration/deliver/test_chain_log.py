"""The transaction log of the chain facility: whole lines, flushed, or a refusal."""

import datetime as dt
import json
import threading
from pathlib import Path

import pytest

from gateway.deliver.chain_log import Transaction, TransactionLog
from gateway.package.errors import Code, SluisError
from gateway.package.oin import Oin
from tests.chain_pki import OWN, PARTNER


def transaction(number: int = 1, *, service: str = "sluis") -> Transaction:
    return Transaction(
        id=f"0190b3a0-1111-7222-8333-{number:012}",
        source=Oin(OWN),
        destination=Oin(PARTNER),
        service_name=service,
        grant_hash="",
        at=dt.datetime(2026, 11, 20, 10, 0, 0, 5000, tzinfo=dt.timezone(dt.timedelta(hours=1))),
        method="POST",
        name="a" * 40,
        sha256="0" * 64,
    )


def test_a_line_has_the_fields_of_fsc_in_utc_and_none_that_is_empty(tmp_path: Path) -> None:
    TransactionLog(tmp_path / "log").record(transaction())

    assert {
        "transaction_id": transaction().id,
        "direction": "DIRECTION_OUTGOING",
        "source": OWN,
        "destination": PARTNER,
        "service_name": "sluis",
        "created_at": "2026-11-20T09:00:00.005Z",
        "sluis.method": "POST",
        "sluis.delivery": "a" * 40,
        "sluis.sha256": "0" * 64,
    } == json.loads((tmp_path / "log").read_text())


def test_a_line_that_a_crash_cut_off_does_not_swallow_the_next(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b'{"transaction_id": "0190')

    TransactionLog(path).record(transaction())

    assert [transaction().id] == [json.loads(line)["transaction_id"] for line in path.read_text().splitlines()[1:]]


def test_many_at_once_are_whole_lines(tmp_path: Path) -> None:
    log = TransactionLog(tmp_path / "log")
    threads = [threading.Thread(target=log.record, args=(transaction(number),)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lines = [json.loads(line)["transaction_id"] for line in (tmp_path / "log").read_text().splitlines()]
    assert {transaction(number).id for number in range(20)} == set(lines)
    assert 20 == len(lines)


def test_a_log_that_is_a_link_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"")
    (tmp_path / "log").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SluisError) as caught:
        TransactionLog(tmp_path / "log").record(transaction())

    assert Code.AUDIT_UNAVAILABLE is caught.value.code
    assert b"" == (tmp_path / "elsewhere").read_bytes()


def test_a_full_disk_is_a_refusal() -> None:
    with pytest.raises(SluisError) as caught:
        TransactionLog(Path("/dev/full")).record(transaction())

    assert Code.AUDIT_UNAVAILABLE is caught.value.code
