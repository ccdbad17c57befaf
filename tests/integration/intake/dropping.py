"""An outbox under test: what people drop, and a clock that is moved by hand."""

import hashlib
import itertools
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from gateway.intake.entry_reading import Limits, ReadEntry, read_entry
from gateway.intake.outbox import DUTCH_FOLDERS, Claimed, Entry, Outbox
from gateway.intake.port import StoredStream
from gateway.package.manifest import Manifest
from tests.vectors.manifests.make import PLAIN

LETTER = b"A letter.\n" * 20
PACKAGE = {
    "package.yaml": PLAIN.encode() + b"documents: [{file: brief.txt, kind: letter}]\n",
    "brief.txt": LETTER,
}


@dataclass
class MemorySink:
    """Keeps streams in memory; satisfies intake's port `Sink`."""

    streams: dict[str, bytes] = field(default_factory=dict)

    def store(self, stream: str, chunks: Iterable[bytes], /) -> StoredStream:
        content = b"".join(chunks)
        self.streams[stream] = content
        return StoredStream(stream=stream, size=len(content), digest=hashlib.sha256(content).hexdigest())


@dataclass
class Site:
    """An outbox, the clock that it is scanned by, and what people do in it."""

    outbox: Outbox
    now: float = 0.0
    sink: MemorySink = field(default_factory=MemorySink)
    claims: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def send(self) -> Path:
        return self.outbox.send

    @property
    def processing(self) -> Path:
        return self.outbox.root / DUTCH_FOLDERS.processing

    def drop(self, name: str, files: dict[str, bytes] | bytes) -> Path:
        """Put a file or a folder of files in the outbox."""
        path = self.send / name
        if isinstance(files, bytes):
            path.write_bytes(files)
            return path
        path.mkdir()
        for file, content in files.items():
            (path / file).write_bytes(content)
        return path

    def scan(self, *, after: float = 0.0) -> list[Entry]:
        self.now += after
        return list(self.outbox.scan(now=self.now).ready)

    def names_ready(self, *, after: float = 0.0) -> list[str]:
        return sorted(entry.name for entry in self.scan(after=after))

    def finished(self) -> Entry:
        """Let the settle time pass and give the one entry that is finished."""
        self.scan()
        (entry,) = self.scan(after=10)
        return entry

    def claim(self, entry: Entry) -> Claimed | None:
        (claimed,) = self.outbox.claim([(entry, str(uuid.UUID(int=next(self.claims), version=4)))])
        return claimed

    def take(self) -> Claimed:
        claimed = self.claim(self.finished())
        assert claimed is not None
        return claimed

    def read(self, claimed: Claimed, *, limits: Limits | None = None) -> ReadEntry:
        return read_entry(claimed, sink_for=self.sink_for, limits=limits or Limits())

    def sink_for(self, _manifest: Manifest) -> MemorySink:
        return self.sink

    def everything(self) -> dict[str, bytes]:
        """Give every file below the outbox with its content."""
        return {
            str(path.relative_to(self.outbox.root)): path.read_bytes()
            for path in self.outbox.root.rglob("*")
            if path.is_file()
        }


def names_in(folder: Path) -> list[str]:
    """List a folder."""
    return sorted(path.name for path in folder.iterdir())


def make_site(root: Path) -> Site:
    outbox = Outbox(root=root, folders=DUTCH_FOLDERS, settle_seconds=10)
    outbox.prepare()
    return Site(outbox)
