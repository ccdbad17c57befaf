"""Reads a claimed entry into the encrypting spool: a folder, a zip file, or a manifest alone.

Rules, in order:
1. Every name in it is a proper one; links, folders and special files are refused; all files have one owner,
   and where people are told apart by them, nobody else may write to them.
2. There is exactly one manifest, and it is read and checked before anything else is.
3. What the manifest declares is there, and nothing else is; not too many files, not too many bytes.
4. Only then bytes are read, each file once, straight into the sink, and compared with its declared digest.
5. In the end the entry is still what it was in the beginning.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial

from gateway.intake.archive import ArchiveLimits, list_members, member_chunks
from gateway.intake.entry_names import MARKERS_INSIDE, composed, ignored, manifest_syntax, syntax_of
from gateway.intake.manifest_faults import FILE_EXPECTED
from gateway.intake.manifest_reading import check_manifest, key_path, read_manifest
from gateway.intake.manifest_text import MAX_MANIFEST_BYTES, Syntax
from gateway.intake.outbox import Claimed
from gateway.intake.plain_files import PlainFile, check_plain, opened_file, opened_folder, reading, stamp
from gateway.intake.port import Sink
from gateway.package.errors import Code, SluisError
from gateway.package.manifest import DeclaredFile, Manifest, unsafe_name

_ARCHIVE = ".zip"
# Beside the documents: the data, the consent, the mandate, and the manifest itself.
_FILES_BESIDE_DOCUMENTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one package may hold; a zip file may grow `zip_ratio` times when unpacked."""

    package_bytes: int = 2 * 1024**3
    documents: int = 500
    fields: int = 10_000
    zip_ratio: int = 100

    @property
    def files(self) -> int:
        """Files of one package."""
        return self.documents + _FILES_BESIDE_DOCUMENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEntry:
    """A whole entry: its manifest and its name. The files are in the sink, as `document-1` and so on."""

    manifest: Manifest = field(repr=False)
    entry_name: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One file of an entry: its size in bytes, and its content when asked for."""

    size: int
    chunks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What lies in an entry: its files by name, and which of them may be its manifest."""

    files: Mapping[str, _File]
    manifests: Mapping[str, Syntax]


def read_entry(claimed: Claimed, *, sink_for: Callable[[Manifest], Sink], limits: Limits) -> ReadEntry:
    """Read an entry; `sink_for` gives the place for its files once the manifest has been checked.

    Raises SluisError with the code of what is wrong and its place; whatever reached the sink then is to be abandoned.
    """
    name = composed(claimed.name)
    _check_name(name, where="entry")
    with _opened(claimed, name, limits) as found:
        manifest_name, syntax = _manifest_of(found)
        manifest = _read_manifest(found.files[manifest_name], syntax)
        check_manifest(manifest, limits=limits)
        files = _match(manifest, {each: file for each, file in found.files.items() if each != manifest_name})
        if sum(file.size for file in found.files.values()) > limits.package_bytes:
            raise SluisError(Code.PACKAGE_TOO_LARGE, detail={"limit": limits.package_bytes})
        sink = sink_for(manifest)
        for declared, file in files:
            _store(sink, declared, file)
    return ReadEntry(manifest=manifest, entry_name=name)


def _check_name(name: str, *, where: str) -> None:
    if unsafe_name(name):
        raise SluisError(Code.NAME_UNSAFE, where=where)


# ---- Manifest and declared files -----------------------------------------------------------------------------------


def _manifest_of(found: _Found) -> tuple[str, Syntax]:
    if not found.manifests:
        raise SluisError(Code.MANIFEST_MISSING)
    if len(found.manifests) > 1:
        raise SluisError(Code.MANIFEST_AMBIGUOUS, detail={"count": len(found.manifests)})
    return next(iter(found.manifests.items()))


def _read_manifest(file: _File, syntax: Syntax) -> Manifest:
    if file.size > MAX_MANIFEST_BYTES:
        raise SluisError(Code.PACKAGE_TOO_LARGE, where="manifest", detail={"limit": MAX_MANIFEST_BYTES})
    return read_manifest(b"".join(file.chunks()), syntax=syntax)


def _match(manifest: Manifest, files: Mapping[str, _File]) -> list[tuple[DeclaredFile, _File]]:
    """Put what is declared beside what is there; names are compared exactly, in one Unicode spelling."""
    declared = manifest.declared_files()
    missing = [key_path(each) for each in declared if each.name not in files]
    if missing:
        faults = tuple((place, FILE_EXPECTED) for place in missing)
        raise SluisError(Code.DOCUMENT_MISSING, where=missing[0], faults=faults)
    if len(files) > len(declared):
        raise SluisError(Code.DOCUMENT_UNDECLARED, detail={"count": len(files) - len(declared)})
    return [(each, files[each.name]) for each in declared]


def _store(sink: Sink, declared: DeclaredFile, file: _File) -> None:
    stream = f"document-{declared.number}"
    if declared.sha256 is None:
        sink.store(stream, file.chunks())
        return
    digest = hashlib.sha256()
    sink.store(stream, _digested(file.chunks(), digest.update))
    if digest.hexdigest() != declared.sha256:
        raise SluisError(Code.DOCUMENT_DIGEST_MISMATCH, where=key_path(declared))


def _digested(chunks: Iterator[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    for chunk in chunks:
        update(chunk)
        yield chunk


# ---- Three kinds of entries ----------------------------------------------------------------------------------------


def _opened(claimed: Claimed, name: str, limits: Limits) -> AbstractContextManager[_Found]:
    with reading():
        status = os.lstat(claimed.path)
    if stat.S_ISDIR(status.st_mode):
        return _opened_folder(claimed, limits)
    if name.lower().endswith(_ARCHIVE):
        return _opened_archive(claimed, limits)
    return _opened_alone(claimed, name)


def _file_of(claimed: Claimed) -> AbstractContextManager[PlainFile]:
    return opened_file(str(claimed.path), owner=claimed.owner_uid, leases=claimed.leases, private=claimed.private)


@contextmanager
def _opened_alone(claimed: Claimed, name: str) -> Iterator[_Found]:
    with (
        _file_of(claimed) as file,
        _unchanged(file.check_unchanged),
    ):
        syntax = syntax_of(name)
        files = {name: _File(size=file.size, chunks=file.chunks)}
        yield _Found(files=files, manifests={name: syntax} if syntax else {})


@contextmanager
def _opened_archive(claimed: Claimed, limits: Limits) -> Iterator[_Found]:
    bounds = ArchiveLimits(files=limits.files, total_bytes=limits.package_bytes, ratio=limits.zip_ratio)
    with (
        _file_of(claimed) as file,
        _unchanged(file.check_unchanged),
    ):
        members = list_members(file, limits=bounds)
        files = {}
        for name, member in members.items():
            _check_name(name, where="files")
            files[name] = _File(size=member.size, chunks=partial(member_chunks, file, member))
        yield _found(files)


@contextmanager
def _opened_folder(claimed: Claimed, limits: Limits) -> Iterator[_Found]:
    with opened_folder(str(claimed.path), owner=claimed.owner_uid, private=claimed.private) as folder:
        listed = _Listing(claimed=claimed, folder=folder, limits=limits)
        before = listed.statuses()
        with _unchanged(lambda: listed.check(before)):
            yield _found(listed.files(before))


def _found(files: Mapping[str, _File]) -> _Found:
    named = ((name, manifest_syntax(name)) for name in files)
    return _Found(files=files, manifests={name: syntax for name, syntax in named if syntax})


@contextmanager
def _unchanged(check: Callable[[], None]) -> Iterator[None]:
    """Check in the end, also after a failure: half a file is not broken, it is not finished."""
    try:
        yield
    except SluisError:
        check()
        raise
    check()


_Statuses = Mapping[str, os.stat_result]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """An opened folder and how its files are read."""

    claimed: Claimed
    folder: int
    limits: Limits

    def statuses(self) -> _Statuses:
        """Give the status of each file, and of the folder itself under an empty name."""
        with reading(), os.scandir(self.folder) as entries:
            statuses = {"": os.fstat(self.folder)}
            for entry in entries:
                if ignored(entry.name) or entry.name in MARKERS_INSIDE:
                    continue
                statuses[entry.name] = entry.stat(follow_symlinks=False)
                if len(statuses) - 1 > self.limits.files:
                    raise SluisError(Code.PACKAGE_TOO_MANY_FILES, detail={"limit": self.limits.files})
        return statuses

    def files(self, statuses: _Statuses) -> dict[str, _File]:
        """Check every name and kind, and give the files by the one spelling of their names."""
        files: dict[str, _File] = {}
        for raw_name, status in statuses.items():
            if not raw_name:
                continue
            name = composed(raw_name)
            _check_name(name, where="files")
            check_plain(status, owner=self.claimed.owner_uid)
            if name in files:
                raise SluisError(Code.NAME_UNSAFE, where="files")
            files[name] = _File(size=status.st_size, chunks=partial(self._chunks, raw_name, stamp(status)))
        return files

    def check(self, before: _Statuses) -> None:
        """Raise SluisError `package-changed` when the folder or a file of it is not what it was."""
        now = self.statuses()
        if {name: stamp(status) for name, status in now.items()} != {
            name: stamp(status) for name, status in before.items()
        }:
            raise SluisError(Code.PACKAGE_CHANGED)

    def _chunks(self, raw_name: str, listed: tuple[int, ...]) -> Iterator[bytes]:
        claimed = self.claimed
        with opened_file(
            raw_name, owner=claimed.owner_uid, leases=claimed.leases, private=claimed.private, folder=self.folder
        ) as file:
            if file.stamp != listed:
                raise SluisError(Code.PACKAGE_CHANGED)
            yield from file.chunks()
