"""The guards of zip files, over bytes in memory."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.archive import ArchiveLimits, list_members, member_chunks
from gateway.package.errors import Code, SluisError
from tests.vectors.archives import make
from tests.vectors.archives.building import STORED, Piece, build

VALID = sorted((make.FOLDER / "valid").iterdir())
INVALID = sorted((make.FOLDER / "invalid").iterdir())
# What only shows when the manifest or the names of the whole entry are looked at; see the integration tests.
BEYOND_THE_ARCHIVE = {"document-missing", "document-undeclared", "manifest-missing", "manifest-ambiguous"}
LIMITS = ArchiveLimits(files=504, total_bytes=2 * 1024**3, ratio=100)


class InMemory:
    """An archive in memory; reading past its end is what a broken record would cause."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size = len(content)

    def read_at(self, offset: int, size: int, /) -> bytes:
        assert offset >= 0
        assert size >= 0
        assert offset + size <= self.size
        return self._content[offset : offset + size]


def unpacked(content: bytes, *, limits: ArchiveLimits = LIMITS) -> dict[str, bytes]:
    source = InMemory(content)
    members = list_members(source, limits=limits)
    return {name: b"".join(member_chunks(source, member)) for name, member in members.items()}


def test_the_vectors_are_there_and_are_what_the_program_makes() -> None:
    assert make.valid() == {path.name: path.read_bytes() for path in VALID}
    assert make.invalid() == {path.name: path.read_bytes() for path in INVALID}
    assert len(VALID) >= 9
    assert len(INVALID) >= 50


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name)
def test_a_valid_archive_is_unpacked_as_another_program_does(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        named = {name.rpartition("/")[2]: archive.read(name) for name in archive.namelist() if "__MACOSX" not in name}

    expected = {name: content for name, content in named.items() if name not in {"", "Thumbs.db"}}
    assert {"package.yaml": make.MANIFEST, "brief.txt": make.LETTER} == expected == unpacked(path.read_bytes())


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.name)
def test_an_invalid_archive_gets_its_code(path: Path) -> None:
    code = path.name.split(".")[1]
    if code in BEYOND_THE_ARCHIVE or path.name.startswith(("turned-around", "windows-device")):
        unpacked(path.read_bytes())
        return
    with pytest.raises(SluisError) as raised:
        unpacked(path.read_bytes())

    assert code == raised.value.code.value


@pytest.mark.parametrize(
    "path", [path for path in INVALID if ".archive-unsafe." in path.name], ids=lambda path: path.name
)
def test_a_dangerous_archive_is_refused_before_a_member_is_read(path: Path) -> None:
    with pytest.raises(SluisError) as raised:
        list_members(InMemory(path.read_bytes()), limits=LIMITS)

    assert raised.value.detail["guard"]


def test_an_archive_of_another_program_is_read() -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", method) as archive:
            archive.writestr("pakket/package.yaml", make.MANIFEST)
            with archive.open("pakket/brieven é.txt", "w", force_zip64=True) as member:
                member.write(make.LETTER)

        assert {"package.yaml": make.MANIFEST, "brieven é.txt": make.LETTER} == unpacked(packed.getvalue())


def test_a_name_in_an_old_code_page_is_read() -> None:
    assert {"é.txt": b""} == unpacked(build([Piece(name=b"\x82.txt", method=STORED)]))


def test_a_member_is_read_in_pieces_that_do_not_fill_the_memory() -> None:
    content = bytes(range(256)) * 4096 * 3
    source = InMemory(build([Piece(name=b"a.bin", content=content)]))
    limits = ArchiveLimits(files=1, total_bytes=len(content), ratio=1000)
    member = list_members(source, limits=limits)["a.bin"]

    pieces = list(member_chunks(source, member))

    assert content == b"".join(pieces)
    assert max(map(len, pieces)) <= 256 * 1024


def test_the_bounds_are_the_callers() -> None:
    archive = build([Piece(name=b"a", content=b"12345"), Piece(name=b"b", content=b"12345")])

    with pytest.raises(SluisError) as files:
        unpacked(archive, limits=ArchiveLimits(files=1, total_bytes=100, ratio=100))
    with pytest.raises(SluisError) as size:
        unpacked(archive, limits=ArchiveLimits(files=2, total_bytes=9, ratio=100))

    assert (Code.PACKAGE_TOO_MANY_FILES, Code.PACKAGE_TOO_LARGE) == (files.value.code, size.value.code)
    assert {"a": b"12345", "b": b"12345"} == unpacked(archive, limits=ArchiveLimits(files=2, total_bytes=10, ratio=1))


@given(st.binary(max_size=300))
def test_any_bytes_give_our_own_error_or_no_files(content: bytes) -> None:
    with pytest.raises(SluisError):
        unpacked(content)


@given(st.sampled_from(VALID), st.data())
def test_a_changed_archive_gives_what_was_in_it_or_our_own_error(path: Path, data: st.DataObject) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = unpacked(bytes(content))
    except SluisError:
        return
    # Names may have changed, and a changed member may be passed over; but no file has other bytes than its CRC says.
    assert set(found.values()) <= {make.MANIFEST, make.LETTER}


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=8), st.binary(max_size=3000), max_size=6), st.data())
def test_what_is_packed_is_unpacked(files: dict[str, bytes], data: st.DataObject) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            method = data.draw(st.sampled_from((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))
            archive.writestr(name, content, compress_type=method)

    assert files == unpacked(packed.getvalue())
