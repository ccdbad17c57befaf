"""Reads a package from this machine, to hand it in over the API: a folder, a zip file, or a manifest alone.

1. What is read is what is declared: a file that the manifest does not name stops it, as in the outbox.
2. No link is followed, and only plain files are read.
3. Files are streamed; nothing is unpacked to disk.
"""

import os
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from gateway.intake.manifest_reading import key_path, read_manifest
from gateway.package.errors import Code, SluisError
from gateway.package.manifest import DeclaredFile, Manifest

_CHUNK = 256 * 1024
_MANIFEST_LIMIT = 1024 * 1024
_SYNTAX: dict[str, Literal["yaml", "json"]] = {".yaml": "yaml", ".json": "json"}
_LITTER = frozenset({"thumbs.db", "desktop.ini"})
_MANIFESTS = ("package.yaml", "package.json")


@dataclass(frozen=True, slots=True)
class LocalFile:
    """One file at hand: its size in bytes, and how to open it from its beginning."""

    size: int
    open: Callable[[], IO[bytes]] = field(repr=False)

    def chunks(self) -> Iterator[bytes]:
        """Give its bytes in pieces. Raises SluisError `entry-unreadable` or `archive-unreadable`."""
        try:
            with self.open() as stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk
        except OSError as error:
            raise SluisError(Code.ENTRY_UNREADABLE) from error
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
            raise SluisError(Code.ARCHIVE_UNREADABLE) from error


@dataclass(frozen=True, slots=True)
class LocalPackage:
    """A manifest with the files that it declares, by their number."""

    manifest: Manifest
    files: Mapping[int, LocalFile]


@contextmanager
def open_package(path: Path) -> Iterator[LocalPackage]:
    """Open a package for as long as the context lasts. Raises SluisError as the outbox would."""
    with ExitStack() as opened:
        if path.is_dir():
            yield _whole(_files_of_folder(path))
        elif path.suffix.lower() == ".zip":
            stream = opened.enter_context(_open_plain(path))
            yield _whole(_files_of_zip(opened.enter_context(_open_zip(stream))))
        else:
            yield _manifest_alone(path)


def _whole(found: dict[str, LocalFile]) -> LocalPackage:
    manifests = [name for name in _MANIFESTS if name in found]
    if len(manifests) != 1:
        raise SluisError(Code.MANIFEST_AMBIGUOUS if manifests else Code.MANIFEST_MISSING)
    manifest = _read(manifests[0], found.pop(manifests[0]))
    files = _declared(manifest, found)
    if len(files) != len(found):
        raise SluisError(Code.DOCUMENT_UNDECLARED, detail={"count": len(found) - len(files)})
    return LocalPackage(manifest, files)


def _manifest_alone(path: Path) -> LocalPackage:
    """Read a manifest by its own name; the files that it declares lie beside it, with others that do not count."""
    manifest = _read(path.name, _local_file(path))
    return LocalPackage(manifest, _declared(manifest, _files_of_folder(path.parent)))


def _read(name: str, file: LocalFile) -> Manifest:
    syntax = _SYNTAX.get(Path(name).suffix.lower())
    if syntax is None:
        raise SluisError(Code.MANIFEST_UNREADABLE)
    if file.size > _MANIFEST_LIMIT:
        raise SluisError(Code.BODY_TOO_LARGE, detail={"limit": _MANIFEST_LIMIT})
    return read_manifest(b"".join(file.chunks()), syntax=syntax)


def _declared(manifest: Manifest, found: Mapping[str, LocalFile]) -> dict[int, LocalFile]:
    def find(file: DeclaredFile) -> LocalFile:
        if file.name not in found:
            raise SluisError(Code.DOCUMENT_MISSING, where=key_path(file))
        return found[file.name]

    return {file.number: find(file) for file in manifest.declared_files()}


def _files_of_folder(folder: Path) -> dict[str, LocalFile]:
    try:
        names = [each.name for each in os.scandir(folder) if not _is_litter(each.name)]
    except OSError as error:
        raise SluisError(Code.ENTRY_UNREADABLE) from error
    return {unicodedata.normalize("NFC", name): _local_file(folder / name) for name in names}


def _is_litter(name: str) -> bool:
    """Tell whether a file was put there by a program for itself, as the outbox does."""
    return name.startswith((".", "~$")) or name.lower() in _LITTER


def _local_file(path: Path) -> LocalFile:
    try:
        status = path.lstat()
    except OSError as error:
        raise SluisError(Code.ENTRY_UNREADABLE) from error
    return LocalFile(status.st_size, lambda: _open_plain(path))


def _open_plain(path: Path) -> IO[bytes]:
    """Open a plain file without following a link. Raises SluisError `link-refused`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise SluisError(Code.LINK_REFUSED if path.is_symlink() else Code.ENTRY_UNREADABLE) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise SluisError(Code.LINK_REFUSED)
    return os.fdopen(descriptor, "rb")


def _open_zip(stream: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise SluisError(Code.ARCHIVE_UNREADABLE) from error


def _files_of_zip(archive: zipfile.ZipFile) -> dict[str, LocalFile]:
    """List a zip's files; when everything lies in one folder, as most programs make it, that folder is left out."""
    members = [each for each in archive.infolist() if not each.is_dir()]
    tops = {each.filename.partition("/")[0] for each in members}
    prefix = f"{tops.pop()}/" if len(tops) == 1 and all("/" in each.filename for each in members) else ""
    found = {each.filename.removeprefix(prefix): _member(archive, each) for each in members}
    if len(found) != len(members) or any("/" in name or "\\" in name for name in found):
        raise SluisError(Code.ARCHIVE_UNSAFE)
    return {unicodedata.normalize("NFC", name): file for name, file in found.items() if not _is_litter(name)}


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> LocalFile:
    return LocalFile(member.file_size, lambda: archive.open(member))
