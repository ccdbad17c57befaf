"""Reading entries: what is whole comes into the sink unchanged, everything else is refused with its code."""

import hashlib
import os
import shutil
import socket
import stat
import struct
import tempfile
import traceback
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.intake.entry_reading import Limits, read_entry
from gateway.intake.outbox import Claimed
from gateway.intake.port import StoredStream
from gateway.package.errors import Code, SluisError
from gateway.package.manifest import Manifest
from tests.integration.intake.dropping import LETTER, PACKAGE, MemorySink, Site, names_in
from tests.vectors.archives import make
from tests.vectors.manifests.make import PLAIN, WHOLE

ARCHIVES = sorted((make.FOLDER / "valid").iterdir()), sorted((make.FOLDER / "invalid").iterdir())


def refused(site: Site, *, limits: Limits | None = None) -> SluisError:
    with pytest.raises(SluisError) as raised:
        site.read(site.take(), limits=limits)
    return raised.value


def changed(**changes: bytes | None) -> dict[str, bytes]:
    """Give the plain package with other files; None takes one away."""
    files: dict[str, bytes | None] = {
        **PACKAGE,
        **{name.replace("__", "."): content for name, content in changes.items()},
    }
    return {name: content for name, content in files.items() if content is not None}


# ---- What is whole --------------------------------------------------------------------------------------------------


def test_a_folder_is_read_into_the_sink(site: Site) -> None:
    site.drop("zaak 7", PACKAGE)
    read = site.read(site.take())

    assert "zaak 7" == read.entry_name
    assert ["brief.txt"] == [file.name for file in read.manifest.declared_files()]
    assert {"document-1": LETTER} == site.sink.streams


def test_every_declared_file_is_read_under_its_number(site: Site) -> None:
    manifest = WHOLE.replace("0" * 64, hashlib.sha256(b"2").hexdigest()).encode()
    names = ["gespreksverslag.docx", "brief.txt", "data.csv", "machtiging.pdf", "mandaat.pdf"]
    site.drop("zaak", {"package.yml": manifest} | {name: b"%d" % n for n, name in enumerate(names, 1)})
    site.read(site.take())

    assert {f"document-{number}": b"%d" % number for number in range(1, 6)} == site.sink.streams


@pytest.mark.parametrize("name", ["zaak.yaml", "zaak.YML", "zaak.json"])
def test_a_manifest_alone_is_a_package(site: Site, name: str) -> None:
    content = PLAIN.encode() if "json" not in name else (make.FOLDER / "../manifests/valid/plain.json").read_bytes()
    site.drop(name, content)
    read = site.read(site.take())

    assert {"name": "Sam Proef", "address": {"street": "Proefstraat", "number": 12}} == read.manifest.data
    assert {} == site.sink.streams


@pytest.mark.parametrize("path", ARCHIVES[0], ids=lambda path: path.name)
def test_a_zip_file_is_read_into_the_sink(site: Site, path: Path) -> None:
    site.drop("zaak.zip", path.read_bytes())
    site.read(site.take())

    assert {"document-1": LETTER} == site.sink.streams


def test_a_large_document_is_read_in_pieces(site: Site) -> None:
    sizes: list[int] = []

    class Counting(MemorySink):
        def store(self, stream: str, chunks: Iterable[bytes], /) -> StoredStream:
            sizes.extend(len(chunk) for chunk in chunks)
            return StoredStream(stream=stream, size=sum(sizes), digest="")

    site.sink = Counting()
    site.drop("zaak", changed(brief__txt=bytes(3_000_000)))
    site.read(site.take())

    assert 3_000_000 == sum(sizes)
    assert max(sizes) <= 256 * 1024


def test_markers_and_litter_in_a_folder_are_not_part_of_the_package(site: Site) -> None:
    folder = site.drop("zaak", changed(Thumbs__db=b"x", brief__docx__part=b"x"))
    (folder / "verzenden.klaar").touch()
    (folder / "send.ready").touch()
    (folder / ".git").mkdir()
    (folder / ".git" / "config").touch()
    (folder / "~$brief.txt").symlink_to("/nowhere")
    site.read(site.take())

    assert {"document-1": LETTER} == site.sink.streams


def test_a_name_that_a_mac_wrote_decomposed_matches_the_manifest(site: Site) -> None:
    manifest = PACKAGE["package.yaml"].replace(b"brief.txt", "één.txt".encode())
    site.drop("zaak e\u0301", {"package.yaml": manifest, "e\u0301e\u0301n.txt": LETTER})
    read = site.read(site.take())

    assert "zaak é" == read.entry_name
    assert {"document-1": LETTER} == site.sink.streams


def test_a_matching_digest_is_accepted(site: Site) -> None:
    digest = hashlib.sha256(LETTER).hexdigest()
    manifest = PACKAGE["package.yaml"].replace(b"kind: letter", f"kind: letter, sha256: {digest}".encode())
    site.drop("zaak", changed(package__yaml=manifest))
    site.read(site.take())

    assert {"document-1": LETTER} == site.sink.streams


# ---- What is not ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ARCHIVES[1], ids=lambda path: path.name)
def test_a_bad_zip_file_gets_its_code_and_stays_whole(site: Site, path: Path) -> None:
    site.drop("zaak.zip", path.read_bytes())
    claimed = site.take()
    with pytest.raises(SluisError) as raised:
        site.read(claimed)

    assert path.name.split(".")[1] == raised.value.code.value
    site.outbox.reject(claimed)
    assert {"3-Actie nodig/zaak.zip": path.read_bytes()} == site.everything()


@pytest.mark.parametrize(
    ("files", "code", "where"),
    [
        (changed(package__yaml=None), Code.MANIFEST_MISSING, ""),
        (changed(package__json=b"{}"), Code.MANIFEST_AMBIGUOUS, ""),
        (changed(package__yaml=b"a: [", brief__txt=None), Code.MANIFEST_UNREADABLE, "line 1"),
        (changed(package__yaml=b"format: other/1"), Code.FORMAT_UNKNOWN, "format"),
        (changed(package__yaml=PACKAGE["package.yaml"] + b"extra: 1\n"), Code.MANIFEST_INVALID, "extra"),
        (changed(package__yaml=b" " * 1_100_000), Code.PACKAGE_TOO_LARGE, "manifest"),
        (changed(brief__txt=None), Code.DOCUMENT_MISSING, "documents[0]"),
        (changed(brief__txt=None, Brief__txt=LETTER), Code.DOCUMENT_MISSING, "documents[0]"),
        (changed(other__txt=b"x"), Code.DOCUMENT_UNDECLARED, ""),
        ({"package.yaml": PLAIN.partition("data:")[0].encode()}, Code.PACKAGE_EMPTY, ""),
    ],
)
def test_a_package_with_one_fault_gets_its_code_and_place(
    site: Site, files: dict[str, bytes], code: Code, where: str
) -> None:
    site.drop("zaak", files)
    error = refused(site)

    assert (code, where) == (error.code, error.where)
    assert {} == site.sink.streams


def test_a_file_that_is_no_manifest_is_no_package(site: Site) -> None:
    site.drop("brief.pdf", b"%PDF")

    assert Code.MANIFEST_MISSING is refused(site).code


def test_every_missing_file_is_named_by_its_key(site: Site) -> None:
    site.drop("zaak.yaml", WHOLE.encode())

    places = [place for place, _ in refused(site).faults]
    assert ["documents[0]", "documents[1]", "dataFile", "consent.document", "mandate.document"] == places


def test_a_wrong_digest_is_refused(site: Site) -> None:
    manifest = PACKAGE["package.yaml"].replace(b"kind: letter", b"kind: letter, sha256: " + b"0" * 64)
    site.drop("zaak", changed(package__yaml=manifest))
    error = refused(site)

    assert (Code.DOCUMENT_DIGEST_MISMATCH, "documents[0]") == (error.code, error.where)


def test_the_manifest_can_not_be_its_own_document(site: Site) -> None:
    site.drop("zaak", {"package.yaml": PACKAGE["package.yaml"].replace(b"brief.txt", b"package.yaml")})

    assert Code.DOCUMENT_MISSING is refused(site).code


def _symlink(folder: Path, outside: Path) -> None:
    (folder / "brief.txt").symlink_to(outside)


def _hard_link(folder: Path, outside: Path) -> None:
    (folder / "brief.txt").hardlink_to(outside)


def _pipe(folder: Path, _outside: Path) -> None:
    os.mkfifo(folder / "brief.txt")


def _folder(folder: Path, _outside: Path) -> None:
    (folder / "brief.txt").mkdir()


def _socket(folder: Path, _outside: Path) -> None:
    # A socket's path ends at 107 bytes, so it is made elsewhere.
    short = Path(tempfile.mkdtemp(dir="/tmp", prefix="s"))
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(short / "s"))
        (short / "s").rename(folder / "brief.txt")
    short.rmdir()


@pytest.mark.parametrize("make_it", [_symlink, _hard_link, _pipe, _folder, _socket])
@pytest.mark.parametrize("declared", [True, False])
def test_what_is_no_plain_file_is_refused_unread(
    site: Site, tmp_path: Path, make_it: Callable[[Path, Path], None], declared: bool
) -> None:
    outside = tmp_path / "secret"
    outside.write_bytes(b"secret")
    folder = site.drop("zaak", changed(brief__txt=None))
    make_it(folder, outside)
    if not declared:
        (folder / "brief.txt").rename(folder / "other.txt")
        (folder / "brief.txt").write_bytes(LETTER)

    assert Code.LINK_REFUSED is refused(site).code
    assert {} == site.sink.streams


@pytest.mark.parametrize("name", ["zaak", "zaak.zip", "zaak.yaml"])
def test_an_entry_that_is_itself_a_link_or_pipe_is_refused_and_given_back(
    site: Site, tmp_path: Path, name: str
) -> None:
    outside = tmp_path / "package.yaml"
    outside.write_bytes(PLAIN.encode())
    for make_it in (lambda path: path.symlink_to(outside), os.mkfifo, lambda path: path.hardlink_to(outside)):
        make_it(site.send / name)
        claimed = site.take()
        with pytest.raises(SluisError) as raised:
            site.read(claimed)
        assert Code.LINK_REFUSED is raised.value.code
        site.outbox.reject(claimed)
    assert 3 == len(names_in(site.outbox.action_needed))


def access_list(*entries: tuple[int, int, int]) -> bytes:
    """Write an access list as Linux keeps it: (tag, right, id) each."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *each) for each in entries)


def list_with_writer(uid: int) -> bytes:
    nobody = 0xFFFFFFFF
    return access_list((1, 6, nobody), (2, 6, uid), (4, 0, nobody), (16, 6, nobody), (32, 0, nobody))


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
@pytest.mark.parametrize("name", ["", "package.yaml", "brief.txt"])
def test_draft_of_another_what_colleagues_can_write_to_is_not_taken(site: Site, name: str, mode: int) -> None:
    folder = site.drop("zaak", PACKAGE)
    (folder / name).chmod(mode | 0o111 if not name else mode)
    claimed = replace(site.take(), private=True)
    with pytest.raises(SluisError) as raised:
        site.read(claimed)

    assert Code.ENTRY_WRITABLE_BY_OTHERS is raised.value.code
    site.read(replace(claimed, private=False))


@pytest.mark.parametrize("name", ["zaak.yaml", "zaak.zip"])
def test_draft_of_another_holds_for_a_single_file_too(site: Site, name: str) -> None:
    site.drop(name, PLAIN.encode() if name.endswith("yaml") else ARCHIVES[0][0].read_bytes())
    (site.send / name).chmod(0o660)
    with pytest.raises(SluisError) as raised:
        site.read(replace(site.take(), private=True))

    assert Code.ENTRY_WRITABLE_BY_OTHERS is raised.value.code


def test_draft_of_another_the_access_list_counts_and_not_the_mask_that_the_mode_shows(site: Site) -> None:
    def dropped(writer: int) -> Claimed:
        path = site.drop("zaak.yaml", PLAIN.encode())
        os.setxattr(path, "system.posix_acl_access", list_with_writer(writer))
        assert 0o660 == stat.S_IMODE(path.stat().st_mode)
        return replace(site.take(), private=True)

    site.read(dropped(os.geteuid()))
    with pytest.raises(SluisError) as raised:
        site.read(dropped(54321))
    assert Code.ENTRY_WRITABLE_BY_OTHERS is raised.value.code


def test_an_entry_that_is_a_link_to_a_folder_is_refused(site: Site, tmp_path: Path) -> None:
    shutil.copytree(site.drop(".zaak", PACKAGE), tmp_path / "package")
    (site.send / "zaak").symlink_to(tmp_path / "package")

    assert Code.LINK_REFUSED is refused(site).code


@pytest.mark.parametrize(
    "name",
    [
        os.fsdecode(b"dossi\xebr"),
        "line\nbreak",
        "esc\x1b[2J",
        "\u202egpj.exe",
        "CON",
        "zaak ",
        "zaak.",
        "a:b",
        "x" * 201,
    ],
    ids=["not UTF-8", "two lines", "escape", "turned around", "device", "space", "dot", "stream", "long"],
)
def test_an_entry_with_an_unsafe_name_is_refused_and_given_back_under_it(site: Site, name: str) -> None:
    site.drop(name, PACKAGE)
    claimed = site.take()
    with pytest.raises(SluisError) as raised:
        site.read(claimed)
    site.outbox.reject(claimed)

    assert (Code.NAME_UNSAFE, "entry") == (raised.value.code, raised.value.where)
    assert {f"3-Actie nodig/{name}/{file}": content for file, content in PACKAGE.items()} == site.everything()


@pytest.mark.parametrize(
    "name",
    [os.fsdecode(b"dossi\xebr"), "esc\x1b[2J", "a\\b", "e\u0301"],
    ids=["not UTF-8", "escape", "backslash", "twice"],
)
def test_a_file_with_an_unsafe_name_is_refused(site: Site, name: str) -> None:
    folder = site.drop("zaak", PACKAGE)
    (folder / name).touch()
    (folder / "é").touch()
    error = refused(site)

    assert (Code.NAME_UNSAFE, "files") == (error.code, error.where)


def test_a_package_over_the_limits_is_refused_unread(site: Site) -> None:
    for number, limits, code in (
        (1, Limits(documents=0), Code.PACKAGE_TOO_MANY_FILES),
        (2, Limits(package_bytes=100), Code.PACKAGE_TOO_LARGE),
        (3, Limits(fields=2), Code.FIELDS_TOO_MANY),
    ):
        site.drop(f"zaak{number}", PACKAGE)
        assert code is refused(site, limits=limits).code
    site.drop("zaak", {f"{number}.txt": b"" for number in range(6)})
    assert Code.PACKAGE_TOO_MANY_FILES is refused(site, limits=Limits(documents=1)).code
    assert {} == site.sink.streams


def test_a_file_of_three_gibibytes_is_refused_unread(site: Site) -> None:
    folder = site.drop("zaak", PACKAGE)
    os.truncate(folder / "brief.txt", 3 * 1024**3)
    error = refused(site)

    assert (Code.PACKAGE_TOO_LARGE, {"limit": 2 * 1024**3}) == (error.code, error.detail)


# ---- What changes meanwhile -----------------------------------------------------------------------------------------


def _grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def _rewrite(path: Path) -> None:
    path.write_bytes(bytes(reversed(path.read_bytes())))
    os.utime(path, ns=(0, 0))


def _shrink(path: Path) -> None:
    os.truncate(path, 10)


def _replace(path: Path) -> None:
    other = path.with_name(".other")
    other.write_bytes(path.read_bytes())
    other.replace(path)


def _remove(path: Path) -> None:
    path.unlink()


def _add(path: Path) -> None:
    path.with_name("later.txt").touch()


def _hold(path: Path) -> int:
    return os.open(path, os.O_WRONLY)


@pytest.mark.parametrize(
    ("change", "moment"),
    [
        (change, moment)
        for change in (_grow, _rewrite, _shrink, _replace, _remove, _add, _hold)
        for moment in ("before", "while")
        # Who opens it while it is read, and writes nothing, has changed nothing.
        if (change, moment) != (_hold, "while")
    ],
)
@pytest.mark.parametrize("content", [LETTER, bytes(1_000_000)], ids=["small", "large"])
def test_a_package_that_changes_while_it_is_read_is_refused(
    site: Site, change: Callable[[Path], int | None], moment: str, content: bytes
) -> None:
    """A writer that begins after the manifest was read, before or while its document is read."""
    site.drop("zaak", changed(brief__txt=content))
    claimed = site.take()
    held: list[int | None] = []

    class Meddling(MemorySink):
        def store(self, stream: str, chunks: Iterable[bytes], /) -> StoredStream:
            pieces = iter(chunks)
            first = [next(pieces)] if moment == "while" else []
            if moment == "while":
                held.append(change(claimed.path / "brief.txt"))
            return super().store(stream, [*first, *pieces])

    def sink_for(_manifest: Manifest) -> MemorySink:
        if moment == "before":
            held.append(change(claimed.path / "brief.txt"))
        return Meddling()

    with pytest.raises(SluisError) as raised:
        read_entry(claimed, sink_for=sink_for, limits=Limits())
    for descriptor in filter(None, held):
        os.close(descriptor)
    assert Code.PACKAGE_CHANGED is raised.value.code


@pytest.mark.parametrize("name", ["zaak.zip", "zaak.yaml"])
def test_a_file_that_changes_while_it_is_read_is_refused(site: Site, name: str) -> None:
    site.drop(name, (make.FOLDER / "valid/plain.zip").read_bytes() if "zip" in name else PLAIN.encode())
    claimed = site.take()

    def sink_for(_manifest: Manifest) -> MemorySink:
        _grow(claimed.path)
        return MemorySink()

    with pytest.raises(SluisError) as raised:
        read_entry(claimed, sink_for=sink_for, limits=Limits())
    assert Code.PACKAGE_CHANGED is raised.value.code


def test_half_a_zip_file_that_is_still_growing_is_not_called_broken(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (make.FOLDER / "valid/plain.zip").read_bytes()
    path = site.drop("zaak.zip", whole[:100])
    claimed = site.take()
    with claimed.path.open("ab") as file:
        file.write(whole[100:200])
        error = None
        try:
            site.read(claimed)
        except SluisError as raised:
            error = raised

    assert error is not None
    assert Code.PACKAGE_CHANGED is error.code
    assert not path.exists()


def test_a_claimed_entry_that_vanished_is_a_changed_one(site: Site) -> None:
    site.drop("zaak", PACKAGE)
    claimed = site.take()
    shutil.rmtree(claimed.path)

    with pytest.raises(SluisError) as raised:
        site.read(claimed)
    assert Code.PACKAGE_CHANGED is raised.value.code


def test_what_may_not_be_read_is_told_without_its_name(
    site: Site, as_somebody: Callable[[Callable[[], None]], None]
) -> None:
    folder = site.drop("zaak", PACKAGE)

    def read() -> None:
        (folder / "brief.txt").chmod(0)
        error = refused(site)
        assert Code.ENTRY_UNREADABLE is error.code
        assert "brief" not in "".join(traceback.format_exception(error)).replace("brief__", "")

    as_somebody(read)


def test_a_failing_sink_stops_the_reading_with_its_own_error(site: Site) -> None:
    class Full(MemorySink):
        def store(self, _stream: str, _chunks: Iterable[bytes], /) -> StoredStream:
            raise SluisError(Code.DISK_FULL)

    site.sink = Full()
    site.drop("zaak", PACKAGE)

    assert Code.DISK_FULL is refused(site).code


def test_a_read_entry_does_not_show_what_is_in_it(site: Site) -> None:
    site.drop("zaak", PACKAGE)

    assert "ReadEntry()" == repr(site.read(site.take()))
