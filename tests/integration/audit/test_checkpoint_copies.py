"""Checkpoints are copied once and never over one another, and a log that differs from a copy is found out."""

import os
from pathlib import Path

import pytest

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.events import Event, EventAction
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.notes import read_note
from gateway.bootstrap.checkpoint_copies import CheckpointCopies
from gateway.package.errors import Code, SluisError
from tests.integration.audit.conftest import Opener
from tests.integration.audit.signing import SIGNER


def write(log: AuditLogFiles, count: int = 1) -> None:
    log.write([(Event(action=EventAction.PACKAGE_SEALED),)] * count)


def copies_of(log: AuditLogFiles, place: Path, *, late_seconds: float = 900.0) -> CheckpointCopies:
    place.mkdir(exist_ok=True)
    return CheckpointCopies(audit=log, own=SIGNER.public(), folder=place, every_seconds=60.0, late_seconds=late_seconds)


def sizes(place: Path) -> list[int]:
    return [read_checkpoint(read_note(path.read_bytes())).size for path in sorted(place.iterdir())]


def test_each_copy_is_a_read_only_file_of_its_own_in_the_order_of_the_log(open_log: Opener, tmp_path: Path) -> None:
    log, place = open_log(), tmp_path / "worm"
    copies = copies_of(log, place)
    for _ in range(12):
        write(log)
        copies.copy()
        copies.copy()
    assert [*range(1, 13)] == sizes(place)
    assert {0o440} == {path.stat().st_mode & 0o777 for path in place.iterdir()}


def test_a_log_that_is_empty_has_nothing_to_copy(open_log: Opener, tmp_path: Path) -> None:
    copies_of(open_log(), tmp_path / "worm").copy()
    assert [] == [*(tmp_path / "worm").iterdir()]


@pytest.mark.parametrize("written", [1, 2, 5], ids=["set back", "as long", "longer"])
def test_an_attack_that_rewrites_the_log_is_told_of_and_copied_over_nothing(
    written: int, open_log: Opener, folder: Path, tmp_path: Path
) -> None:
    log, place = open_log(), tmp_path / "worm"
    write(log, 2)
    copies_of(log, place).copy()
    log.close()
    for path in (*folder.iterdir(), tmp_path / "tree", tmp_path / "checkpoints"):
        path.unlink()
    rewritten = open_log()
    write(rewritten, written)
    copies = copies_of(rewritten, place)
    with pytest.raises(SluisError) as refused:
        copies.copy()
    assert (Code.WITNESS_CONTRADICTS, (("witness-contradicts", "checkpoints"),)) == (
        refused.value.code,
        copies.notices(),
    )
    assert [2] == sizes(place)


@pytest.mark.parametrize("content", [b"", b"sluis.example/audit/node-1\n1\n", b"\xff\n\n\xff"])
def test_a_copy_that_a_crash_tore_is_no_copy_until_the_log_has_grown_past_it_and_stays(
    content: bytes, open_log: Opener, tmp_path: Path
) -> None:
    log, place = open_log(), tmp_path / "worm"
    copies = copies_of(log, place)
    write(log)
    torn = place / f"{1:019}.checkpoint"
    torn.write_bytes(content)
    with pytest.raises(FileExistsError):
        copies.copy()
    write(log)
    copies.copy()
    assert content == torn.read_bytes()
    assert [torn.name, f"{2:019}.checkpoint"] == sorted(path.name for path in place.iterdir())


def test_an_attack_that_lays_a_checkpoint_of_its_own_making_there_does_not_stop_copies(
    open_log: Opener, tmp_path: Path
) -> None:
    log, place = open_log(), tmp_path / "worm"
    copies = copies_of(log, place)
    write(log)
    copies.copy()
    true = (place / f"{1:019}.checkpoint").read_bytes()
    (place / f"{99:019}.checkpoint").write_bytes(true.replace(b"\n1\n", b"\n99\n"))
    write(log)
    copies.copy()
    assert (place / f"{2:019}.checkpoint").exists()
    assert () == copies.notices()


def test_what_is_not_ours_in_the_folder_is_let_be(open_log: Opener, tmp_path: Path) -> None:
    log, place = open_log(), tmp_path / "worm"
    copies = copies_of(log, place)
    os.mkfifo(place / f"{9:019}.checkpoint")
    (place / "README").write_text("of the storage")
    write(log)
    copies.copy()
    assert (place / f"{1:019}.checkpoint").exists()
