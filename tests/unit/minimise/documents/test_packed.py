"""The guards of zip files that are documents."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.formats.packed import members
from gateway.minimise.documents.model import Limits, Trouble, UnreadableError
from tests.vectors.archives import make

LIMITS = Limits()
# What matters for files on a disk only: here a name is a key, never a path, and is not given to anyone.
HARMLESS_HERE = ("turned-around.", "windows-device.", "directory-too-large.")
VALID = sorted((make.FOLDER / "valid").iterdir())
UNSAFE = sorted(
    path
    for path in (make.FOLDER / "invalid").iterdir()
    if (".archive-unsafe." in path.name or ".archive-unreadable." in path.name or ".name-unsafe." in path.name)
    and not path.name.startswith(HARMLESS_HERE)
)


def zipped(files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def trouble(content: bytes, limits: Limits = LIMITS) -> Trouble:
    with pytest.raises(UnreadableError) as raised:
        dict(members(content, limits))
    return raised.value.trouble


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name)
def test_a_valid_zip_is_unpacked_as_another_program_does(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        expected = [archive.read(each) for each in archive.infolist() if not each.is_dir()]

    assert expected == list(members(path.read_bytes(), LIMITS).values())


@pytest.mark.parametrize("path", UNSAFE, ids=lambda path: path.name)
def test_a_zip_with_one_fault_is_never_unpacked(path: Path) -> None:
    assert trouble(path.read_bytes(), Limits(inflated_bytes=1024 * 1024)) in {
        Trouble.DAMAGED,
        Trouble.ENCRYPTED,
        Trouble.TOO_LARGE,
    }
