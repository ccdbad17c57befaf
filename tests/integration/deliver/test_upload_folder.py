"""The folder for the Bestandenpostbus on a real disk: a person's word counts, nothing is lost or sent twice."""

import datetime as dt
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.deliver.upload_folder import PREPARING, SENT, TO_UPLOAD, UploadFolderCourier
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code, SluisError
from gateway.package.states import SealedParcel
from tests.unit.deliver.parcels import MESSAGE, drop_parcel

_WAITS = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.UPLOAD_WAITS)
_SENT = DeliveryResult(outcome=DeliveryOutcome.SENT)
_NAME = drop_parcel().name.partition(".tar.")[0]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (PREPARING, TO_UPLOAD, SENT):
        (tmp_path / name).mkdir()
    return tmp_path


def courier(root: Path) -> UploadFolderCourier:
    return UploadFolderCourier(
        root=root,
        note=lambda mailbox, at: f"Voor {mailbox} op {at:%d-%m-%Y}\n",
        now=lambda: dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC),
    )


def parcel(**changes: Any) -> SealedParcel:
    return drop_parcel(MESSAGE, address="bestandenpostbus:post@ngo.example", **changes)


def move_to_sent(root: Path) -> None:
    (root / TO_UPLOAD / _NAME).rename(root / SENT / _NAME)


async def test_the_sealed_file_its_signed_manifest_and_a_note_lie_there_and_nothing_else(root: Path) -> None:
    assert _WAITS == await courier(root).deliver(parcel())

    folder = root / TO_UPLOAD / _NAME
    sealed = parcel().name
    expected = {sealed, f"{sealed}.manifest.json", f"{sealed}.manifest.json.sig", "LEES-MIJ.txt"}
    assert expected == {path.name for path in folder.iterdir()}
    assert MESSAGE == (folder / sealed).read_bytes()
    assert "Voor post@ngo.example op 20-11-2026\n" == (folder / "LEES-MIJ.txt").read_text(encoding="utf-8-sig")
    assert [] == list((root / PREPARING).iterdir())


async def test_it_is_sent_when_a_person_says_so_and_not_before(root: Path) -> None:
    brings = courier(root)
    assert [_WAITS, _WAITS] == [await brings.deliver(parcel()), await brings.deliver(parcel())]
    assert await brings.probe(parcel()) is None

    move_to_sent(root)

    assert frozenset({_NAME}) == await brings.confirmed()
    assert [_SENT, _SENT] == [await brings.probe(parcel()), await brings.deliver(parcel())]
    assert [] == list((root / TO_UPLOAD).iterdir())


async def test_what_somebody_took_away_without_a_word_is_laid_ready_again(root: Path) -> None:
    brings = courier(root)
    await brings.deliver(parcel())
    (root / TO_UPLOAD / _NAME).rename(root / "weg")

    assert _WAITS == await brings.deliver(parcel())
    assert (root / TO_UPLOAD / _NAME / parcel().name).exists()


async def test_a_file_that_somebody_took_out_of_its_folder_is_put_back(root: Path) -> None:
    brings = courier(root)
    await brings.deliver(parcel())
    (root / TO_UPLOAD / _NAME / parcel().name).unlink()

    assert _WAITS == await brings.deliver(parcel())
    assert MESSAGE == (root / TO_UPLOAD / _NAME / parcel().name).read_bytes()


async def test_an_attack_that_swaps_the_file_is_reported_and_not_overwritten(root: Path) -> None:
    brings = courier(root)
    await brings.deliver(parcel())
    swapped = root / TO_UPLOAD / _NAME / parcel().name
    swapped.unlink()
    swapped.write_bytes(b"iets anders")

    result = await brings.deliver(parcel())

    assert (DeliveryOutcome.PERMANENT, Code.DROP_NAME_TAKEN) == (result.outcome, result.code)
    assert b"iets anders" == swapped.read_bytes()


async def test_an_attack_with_a_link_among_what_was_sent_is_no_word(root: Path) -> None:
    brings = courier(root)
    await brings.deliver(parcel())
    (root / SENT / _NAME).symlink_to(root / TO_UPLOAD / _NAME)

    assert _WAITS == await brings.deliver(parcel())


async def test_what_lies_ready_is_taken_back_whole(root: Path) -> None:
    brings = courier(root)
    await brings.deliver(parcel())

    assert await brings.recall(parcel().name)
    assert [] == [*(root / TO_UPLOAD).iterdir(), *(root / PREPARING).iterdir(), *(root / SENT).iterdir()]
    assert await brings.recall(parcel().name)


async def test_what_a_person_says_went_is_not_taken_back(root: Path) -> None:
    brings = courier(root)
    await brings.deliver(parcel())
    move_to_sent(root)

    assert not await brings.recall(parcel().name)
    assert (root / SENT / _NAME / parcel().name).exists()


async def test_a_folder_that_lies_too_long_is_told_of_once_and_a_note_says_so(root: Path) -> None:
    brings = courier(root)
    await brings.deliver(parcel())
    folder = root / TO_UPLOAD / _NAME

    assert () == await brings.overdue(seconds=60)
    os.utime(folder, (time.time() - 120, time.time() - 120))
    assert (_NAME,) == await brings.overdue(seconds=60)
    assert (folder / "HERINNERING.txt").exists()
    os.utime(folder, (time.time() - 120, time.time() - 120))
    assert () == await brings.overdue(seconds=60)


async def test_what_a_crash_left_half_written_is_cleared_away(root: Path) -> None:
    half = root / PREPARING / f"{_NAME}.0123456789abcdef"
    half.mkdir()
    (half / f"{parcel().name}.part").write_bytes(b"half")

    assert _WAITS == await courier(root).deliver(parcel())
    assert [] == list((root / PREPARING).iterdir())


async def test_a_folder_that_is_not_there_is_told_and_takes_nothing_for_sent_or_taken_back(root: Path) -> None:
    brings = courier(root)
    await brings.deliver(parcel())
    (root / SENT).rmdir()

    for ask in (brings.check(), brings.confirmed(), brings.recall(parcel().name), brings.overdue(seconds=1)):
        with pytest.raises(SluisError) as caught:
            await ask
        assert Code.UPLOAD_FOLDER_UNAVAILABLE is caught.value.code
    result = await brings.deliver(parcel())
    assert (DeliveryOutcome.TRANSIENT, Code.UPLOAD_FOLDER_UNAVAILABLE) == (result.outcome, result.code)


async def test_whoever_is_in_the_group_of_the_folder_may_move_it(root: Path) -> None:
    await courier(root).deliver(parcel())

    assert 0o070 == (root / TO_UPLOAD / _NAME).stat().st_mode & 0o070


async def test_an_attack_with_a_folder_that_can_not_be_written_keeps_no_other_from_being_told_of(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brings = courier(root)
    await brings.deliver(parcel())
    hostile = root / TO_UPLOAD / "zzz"
    hostile.mkdir()
    real = os.open

    def refusing(path: Any, *arguments: Any, **keywords: Any) -> int:
        if path == "zzz":
            raise PermissionError
        return real(path, *arguments, **keywords)

    monkeypatch.setattr(os, "open", refusing)
    os.utime(root / TO_UPLOAD / _NAME, (time.time() - 120, time.time() - 120))

    assert (_NAME,) == await brings.overdue(seconds=60)


async def test_an_attack_with_a_file_or_link_among_what_was_sent_confirms_nothing(root: Path) -> None:
    brings = courier(root)
    await brings.deliver(parcel())
    (root / SENT / _NAME).symlink_to(root / TO_UPLOAD / _NAME)
    (root / SENT / "een-bestand").write_bytes(b"")

    assert frozenset() == await brings.confirmed()
    assert await brings.probe(parcel()) is None


async def test_an_attack_with_a_copy_that_is_uploaded_after_it_was_withdrawn_finds_no_copy(root: Path) -> None:
    brings = courier(root)
    await brings.deliver(parcel())
    for copy in (f"{_NAME} - kopie", f"{_NAME} (2)", f"{_NAME}-noord"):
        shutil.copytree(root / TO_UPLOAD / _NAME, root / TO_UPLOAD / copy)

    assert await brings.recall(parcel().name)

    # Only what is another recipient's stays.
    assert [f"{_NAME}-noord"] == [path.name for path in (root / TO_UPLOAD).iterdir()]
    assert [] == list((root / PREPARING).iterdir())
