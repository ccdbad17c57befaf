"""The payload folder: encrypted streams and sealed parcels too large for the database.

Rules: plaintext is encrypted on its way in and never touches the disk; a file counts only when a row names it;
each file is fsynced, and its folder too, before that row is committed; what no row names is swept at start.
"""

import errno
import hashlib
import hmac
import math
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId
from gateway.spool.port import IN_ROW, Payload
from gateway.spool.streams import CipherReader, Decryptor, RandomBytes, StreamName, encrypt

_PIECE = 1024 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def disk_error(error: OSError) -> SluisError:
    """Translate a failing disk into our error."""
    return SluisError(Code.DISK_FULL if error.errno in _FULL else Code.SPOOL_UNAVAILABLE)


class PayloadFolder:
    """Keeps encrypted files below one folder; a file's name is opaque."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.staging = root / "staging"
        self._kept = root / "kept"

    def prepare(self) -> None:
        """Make the folders, private to the service. Raises SluisError `spool-unavailable`."""
        try:
            for folder in (self.root, self.staging, self._kept):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise disk_error(error) from error

    def new_file(self, random: RandomBytes) -> Path:
        """Choose an unused path in the staging folder."""
        return self.staging / random(16).hex()

    def keep(self, staged: Path) -> str:
        """Move a finished, fsynced file among the kept ones; give the name for its row."""
        try:
            staged.rename(self._kept / staged.name)
            flush_folder(self._kept)
        except OSError as error:
            raise disk_error(error) from error
        return staged.name

    def path(self, file: str) -> Path:
        """Give the path of a kept file."""
        return self._kept / file

    def open(self, file: str) -> CipherReader:
        """Open a kept file. Raises SluisError `payload-corrupt` when it is gone."""
        try:
            return (self._kept / file).open("rb", buffering=0)
        except OSError as error:
            raise SluisError(Code.PAYLOAD_CORRUPT) from error

    def chunks(self, file: str, /) -> Iterator[bytes]:
        """Give a kept file's bytes in pieces of 1 MiB."""
        source = self.open(file)
        try:
            while piece := source.read(_PIECE):
                yield piece
        finally:
            source.close()

    def remove(self, files: Iterable[str]) -> None:
        """Unlink kept files; one that is gone already is fine."""
        for file in files:
            (self._kept / file).unlink(missing_ok=True)

    def sweep(self, named: frozenset[str], *, before: float = math.inf) -> int:
        """Unlink every file that no row names, written to before a time (in seconds since 1970): what a crash left.

        Without a time only before the service starts: what is being written is not named yet.
        """
        count = 0
        for path in [*self.staging.iterdir(), *self._kept.iterdir()]:
            if path.stat().st_mtime >= before:
                continue
            if path.parent == self.staging or path.name not in named:
                path.unlink(missing_ok=True)
                count += 1
        return count


class PackageSink:
    """Encrypts one package's streams on their way in; satisfies intake's port `Sink`.

    Small streams stay in memory until the transaction takes them; larger ones go to a file at once.
    """

    def __init__(
        self,
        folder: PayloadFolder,
        *,
        package: PackageId,
        key: bytes,
        digest_key: bytes,
        random: RandomBytes,
    ) -> None:
        self._folder = folder
        self._package = package
        self._key = key
        self._digest_key = digest_key
        self._random = random
        self.payloads: list[Payload] = []

    def put(self, stream: str, chunks: Iterable[bytes], /) -> Payload:
        """Encrypt a whole stream. Raises SluisError `disk-full` or `spool-unavailable`; nothing is left then."""
        meter = Meter(chunks, stream=stream, digest_key=self._digest_key)
        name = StreamName(self._package, stream)
        sealed, file = self._write(encrypt(meter, key=self._key, name=name, random=self._random))
        payload = Payload(stream=stream, size=meter.size, digest=meter.hexdigest(), sealed=sealed, file=file)
        self.payloads.append(payload)
        return payload

    def abandon(self) -> None:
        """Remove what was kept for a package that was not accepted."""
        self._folder.remove(payload.file for payload in self.payloads if payload.file)
        self.payloads.clear()

    def _write(self, pieces: Iterator[bytes]) -> tuple[bytes | None, str]:
        head = bytearray()
        for piece in pieces:
            head += piece
            if len(head) > IN_ROW:
                return None, self._write_file(bytes(head), pieces)
        return bytes(head), ""

    def _write_file(self, head: bytes, rest: Iterator[bytes]) -> str:
        path = self._folder.new_file(self._random)
        try:
            with path.open("xb", buffering=0) as target:
                path.chmod(0o600)
                _write_all(target.fileno(), head)
                for piece in rest:
                    _write_all(target.fileno(), piece)
                os.fsync(target.fileno())
            return self._folder.keep(path)
        except BaseException as error:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise disk_error(error) from error
            raise


def open_payload(payload: Payload, folder: PayloadFolder, *, package: PackageId, key: bytes) -> Decryptor:
    """Open a stream for reading from its beginning."""
    source: CipherReader = _InMemory(payload.sealed) if payload.sealed is not None else folder.open(payload.file)
    return Decryptor(source, key=key, name=StreamName(package, payload.stream))


class Meter:
    """Counts plaintext and digests it under the site's digest key while it passes."""

    def __init__(self, chunks: Iterable[bytes], *, stream: str, digest_key: bytes) -> None:
        self._chunks = chunks
        self._digest = hmac.new(digest_key, stream.encode() + b"\x00", hashlib.sha256)
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            self._digest.update(chunk)
            yield chunk

    def hexdigest(self) -> str:
        """Give the digest of what has passed."""
        return self._digest.hexdigest()


class _InMemory:
    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)
        self._offset = 0

    def read(self, size: int, /) -> bytes:
        piece = bytes(self._content[self._offset : self._offset + size])
        self._offset += len(piece)
        return piece

    def close(self) -> None:
        self._content = memoryview(b"")


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def flush_folder(folder: Path) -> None:
    """Make what happened to a folder's names durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
