"""The file drop on a real file system: whole or not there, whatever happens in between."""

import errno
import itertools
import os
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.deliver.drop import DropCourier
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code, SluisError
from gateway.package.states import SealedParcel
from tests.integration.deliver import crash_drop
from tests.unit.deliver.parcels import SealedBytes, drop_parcel

_SENT = DeliveryResult(outcome=DeliveryOutcome.SENT)
_ABSENT = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT)
_UNAVAILABLE = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.DROP_UNAVAILABLE)
_TAKEN = DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.DROP_NAME_TAKEN)
_PARCEL = drop_parcel()
_NAMES = [_PARCEL.name, f"{_PARCEL.name}.manifest.json.sig", f"{_PARCEL.name}.manifest.json"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ngo").mkdir()
    return tmp_path / "ngo"


@pytest.fixture
def courier(folder: Path) -> DropCourier:
    return DropCourier(root=folder.parent)


def _expected(parcel: SealedParcel) -> dict[str, bytes]:
    return dict(zip(_NAMES, [b"".join(parcel.ciphertext.chunks()), parcel.signature, parcel.manifest], strict=True))


def _found(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _statuses(folder: Path) -> list[os.stat_result]:
    return [path.stat() for path in folder.iterdir()]


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


async def test_ciphertext_signature_and_manifest_lie_side_by_side_readable_by_the_group(
    courier: DropCourier, folder: Path
) -> None:
    before = os.umask(0o077)
    try:
        result = await courier.deliver(_PARCEL)
    finally:
        os.umask(before)

    assert result == _SENT
    assert _found(folder) == _expected(_PARCEL)
    assert {(status.st_mode & 0o777, status.st_nlink) for status in _statuses(folder)} == {(0o640, 1)}


async def test_the_manifest_gets_its_name_last(
    courier: DropCourier, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked: list[str] = []
    link = os.link

    def recording(source: str, name: str, **options: Any) -> None:
        link(source, name, **options)
        linked.append(name)

    monkeypatch.setattr(os, "link", recording)

    await courier.deliver(_PARCEL)

    assert linked == _NAMES


# ---- what is there already -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", _NAMES)
async def test_another_file_under_the_name_is_left_alone_and_nothing_is_announced(
    name: str, courier: DropCourier, folder: Path
) -> None:
    (folder / name).write_bytes(b"somebody else's")

    assert await courier.deliver(_PARCEL) == _TAKEN
    assert await courier.probe(_PARCEL) in (_TAKEN, _ABSENT)
    assert _found(folder) == {name: b"somebody else's"}


@pytest.mark.parametrize("kind", ["folder", "link", "dangling link", "pipe"])
async def test_something_that_is_no_file_under_the_name_is_never_followed(
    kind: str, courier: DropCourier, folder: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(_PARCEL.manifest)
    target = folder / _PARCEL.name
    make: dict[str, Callable[[], None]] = {
        "folder": target.mkdir,
        "link": lambda: target.symlink_to(elsewhere),
        "dangling link": lambda: target.symlink_to(tmp_path / "nowhere"),
        "pipe": lambda: os.mkfifo(target),
    }
    make[kind]()

    assert await courier.deliver(_PARCEL) == _TAKEN
    assert _names(folder) == [_PARCEL.name]
    assert elsewhere.read_bytes() == _PARCEL.manifest
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("link", [False, True])
async def test_a_part_of_an_earlier_crash_is_replaced_and_never_followed(
    link: bool, courier: DropCourier, folder: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"precious")
    part = folder / f"{_PARCEL.name}.part"
    part.symlink_to(elsewhere) if link else part.write_bytes(b"half")

    assert await courier.deliver(_PARCEL) == _SENT
    assert _found(folder) == _expected(_PARCEL)
    assert elsewhere.read_bytes() == b"precious"


# ---- paths -----------------------------------------------------------------------------------------------------


async def test_a_recipients_folder_that_is_a_link_is_not_followed(courier: DropCourier, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "outside")

    assert await courier.deliver(drop_parcel(address="linked")) == _UNAVAILABLE
    assert list((tmp_path / "outside").iterdir()) == []


async def test_a_missing_folder_is_not_made(courier: DropCourier, tmp_path: Path) -> None:
    assert await courier.deliver(drop_parcel(address="gemeente")) == _UNAVAILABLE
    assert not (tmp_path / "gemeente").exists()


async def test_a_file_where_a_folder_should_be_fails_the_check(courier: DropCourier, tmp_path: Path) -> None:
    (tmp_path / "gemeente").write_bytes(b"")

    assert await courier.deliver(drop_parcel(address="gemeente")) == _UNAVAILABLE
    with pytest.raises(SluisError) as caught:
        await courier.check()

    assert (caught.value.code, caught.value.detail) == (Code.DROP_UNAVAILABLE, {"folders": 1})


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a/b", "a\n", "a b", "x" * 201])
async def test_a_name_that_is_no_plain_file_name_is_our_own_fault(
    name: str, courier: DropCourier, folder: Path
) -> None:
    parcel = SealedParcel(
        recipient=_PARCEL.recipient,
        channel=_PARCEL.channel,
        address="ngo",
        name=name,
        ciphertext=_PARCEL.ciphertext,
        manifest=b"{}",
        signature=b"s",
    )

    with pytest.raises(ValueError, match="plain file name"):
        await courier.deliver(parcel)

    assert _names(folder) == []


# ---- failing disks ---------------------------------------------------------------------------------------------


def _failing_at(call: Callable[..., Any], number: int, error: int, hit: list[bool]) -> Callable[..., Any]:
    counter = itertools.count(1)

    def failing(*arguments: Any, **options: Any) -> Any:
        if next(counter) == number:
            hit.append(True)
            raise OSError(error, os.strerror(error))
        return call(*arguments, **options)

    return failing


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EACCES, errno.EIO])
@pytest.mark.parametrize("call", ["open", "fchmod", "write", "fsync", "link"])
async def test_a_failing_disk_leaves_nothing_half_made_and_the_next_attempt_succeeds(
    call: str, error: int, courier: DropCourier, folder: Path
) -> None:
    parcel = drop_parcel(sealed=SealedBytes(crash_drop.CONTENT, chunk=50_000))
    failures = 0
    for number in itertools.count(1):
        hit: list[bool] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, call, _failing_at(getattr(os, call), number, error, hit))
            result = await courier.deliver(parcel)
        assert result == (_UNAVAILABLE if hit else _SENT)
        _assert_nothing_half_made(folder, parcel)
        if not hit:
            break
        failures += 1
        assert await courier.deliver(parcel) == _SENT
        assert _found(folder) == _expected(parcel)
        _empty(folder)

    assert failures >= 3


def _assert_nothing_half_made(folder: Path, parcel: SealedParcel) -> None:
    found, expected = _found(folder), _expected(parcel)
    assert found.items() <= expected.items()
    if _NAMES[2] in found:
        assert found == expected


def _kill_at_every_call(root: Path) -> int:
    command = [sys.executable, crash_drop.__file__, os.fspath(root)]
    environment = {**os.environ, "PYTHONPATH": os.fspath(Path(__file__).parents[3])}
    return int(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)


async def test_a_crash_at_any_system_call_announces_no_half_file_and_the_next_attempt_completes_it(
    tmp_path: Path,
) -> None:
    kills = _kill_at_every_call(tmp_path)
    courier = DropCourier(root=tmp_path)

    for number in range(1, kills + 1):
        folder, parcel = tmp_path / f"c{number}", drop_parcel(crash_drop.CONTENT, address=f"c{number}")
        found = {name: content for name, content in _found(folder).items() if not name.endswith(".part")}
        assert found.items() <= _expected(parcel).items()
        arrived = await courier.probe(parcel) == _SENT
        assert arrived is (_NAMES[2] in found)
        assert not arrived or _found(folder) == _expected(parcel)
        assert await courier.deliver(parcel) == _SENT
        assert _found(folder) == _expected(parcel)

    assert kills > 30


async def test_a_disk_that_takes_no_more_bytes_leaves_an_empty_folder(courier: DropCourier, folder: Path) -> None:
    large = drop_parcel(b"x" * 3_000_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
    try:
        result = await courier.deliver(large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert result == _UNAVAILABLE
    assert _names(folder) == []
    assert await courier.deliver(large) == _SENT


async def test_a_part_that_was_swapped_while_it_was_written_never_gets_the_name(
    courier: DropCourier, folder: Path
) -> None:
    class Swapping(SealedBytes):
        def chunks(self) -> Iterator[bytes]:
            for chunk in super().chunks():
                yield chunk
                part = folder / f"{_PARCEL.name}.part"
                part.unlink(missing_ok=True)
                part.write_bytes(b"forged")

    result = await courier.deliver(drop_parcel(sealed=Swapping(b"sealed")))

    assert result == _UNAVAILABLE
    assert _found(folder) == {}


async def test_a_large_file_is_written_in_flat_memory(courier: DropCourier) -> None:
    class Streamed(SealedBytes):
        def chunks(self) -> Iterator[bytes]:
            return (bytes(1 << 20) for _ in range(64))

    sealed = Streamed(bytes(1 << 26))
    sealed.content = b""
    tracemalloc.start()
    try:
        result = await courier.deliver(drop_parcel(sealed=sealed))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert result == _SENT
    assert peak < 8 << 20


# ---- asking ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [[], *([name] for name in _NAMES), _NAMES])
async def test_a_question_is_answered_with_yes_only_when_everything_lies_there(
    missing: list[str], courier: DropCourier, folder: Path
) -> None:
    await courier.deliver(_PARCEL)
    for name in missing:
        (folder / name).unlink()

    assert await courier.probe(_PARCEL) == (_ABSENT if missing else _SENT)


async def test_a_file_of_the_same_size_with_other_content_is_not_taken_for_ours(
    courier: DropCourier, folder: Path
) -> None:
    await courier.deliver(_PARCEL)
    (folder / _PARCEL.name).write_bytes(b"X" * _PARCEL.ciphertext.size)

    assert await courier.probe(_PARCEL) == _TAKEN


async def test_a_question_about_a_folder_that_is_not_there_says_so(courier: DropCourier) -> None:
    assert await courier.probe(drop_parcel(address="gemeente")) == _UNAVAILABLE
