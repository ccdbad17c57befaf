"""Keeps every policy set that was used or proposed: `spool/policies/DIGEST/` with the files as they were read.

Rules:
1. A copy is durable before its set is announced: written aside, every file and folder flushed, then renamed.
2. What is loaded is exactly what was asked for: a copy whose bytes give another digest decides nothing.
3. Nothing is removed. A decision can be replayed by the text that made it, long after that text has changed.
"""

import os
import shutil
from pathlib import Path

from gateway.package.errors import Code, SluisError
from gateway.policy.compiling import LoadedPolicies
from gateway.policy.policy_files import PolicyFiles, compile_files, read_policy_files


class PolicyCopies:
    """The copies below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, read: PolicyFiles) -> None:
        """Keep the files of a set that compiles; nothing happens when they are there. Raises OSError."""
        digest = read.digest()
        copy = self._root / digest
        if copy.is_dir():
            if _read(copy).digest() == digest:
                return
            # Somebody changed what must not change: it is put right, since these are the bytes with that digest.
            shutil.rmtree(copy)
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._root / f".{digest}.part"
        shutil.rmtree(part, ignore_errors=True)
        _write(part, read)
        part.rename(copy)
        _flush(self._root)
        _flush(self._root.parent)

    def read(self, digest: str) -> PolicyFiles:
        """Read the files with this digest. Raises SluisError `policy-unavailable` when they are not there."""
        try:
            read = _read(self._root / digest)
        except OSError as error:
            raise SluisError(Code.POLICY_UNAVAILABLE) from error
        if read.digest() != digest:
            raise SluisError(Code.POLICY_UNAVAILABLE)
        return read

    def load(self, digest: str) -> LoadedPolicies:
        """Load the set with this digest. Raises SluisError `policy-unavailable` (retryable) when it is not there."""
        read = self.read(digest)
        try:
            return compile_files(read)
        except SluisError as error:
            # It compiled when it was kept; a program of another version may expect other files.
            raise SluisError(Code.POLICY_UNAVAILABLE) from error


def _read(copy: Path) -> PolicyFiles:
    return read_policy_files(copy / "policies", recipients=copy / "recipients")


def _write(part: Path, read: PolicyFiles) -> None:
    folders = (part, part / "policies", part / "recipients")
    for folder in folders:
        folder.mkdir(mode=0o700)
    for name, content in read.files.items():
        descriptor = os.open(part / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    for folder in folders:
        _flush(folder)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
