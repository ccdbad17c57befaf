"""Any order of writers and scans: no entry is taken whose bytes change afterwards, and none is lost."""

import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from gateway.intake.outbox import Claimed, Entry
from tests.integration.intake.dropping import MemorySink, make_site, names_in
from tests.vectors.manifests.make import PLAIN

MANIFEST = PLAIN.encode() + b"documents: [{file: brief.txt, kind: letter}]\n"
NAMES = st.sampled_from(("a", "b", "c"))
PIECES = st.binary(max_size=3)
SECONDS = st.sampled_from((0.5, 4.0, 6.0, 30.0))


class WritersAndScans(RuleBasedStateMachine):
    """People write folders, pausing as they like, while the gateway scans, claims, reads, rejects and discards.

    Each package holds its writer's own number, so that what is read can be compared with what was meant.
    """

    writers: Bundle[tuple[int, BinaryIO]] = Bundle("writers")
    entries: Bundle[Entry] = Bundle("entries")
    claims: Bundle[Claimed] = Bundle("claims")

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir="/tmp", prefix="s"))
        self.site = make_site(self.folder / "outbox")
        self.written: dict[int, bytes] = {}
        self.writing: dict[int, BinaryIO] = {}
        self.taken: dict[int, bytes] = {}

    def teardown(self) -> None:
        for file in getattr(self, "writing", {}).values():
            file.close()
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    @rule(target=writers, name=NAMES, piece=PIECES)
    def start_writing(self, name: str, piece: bytes) -> tuple[int, BinaryIO]:
        number = len(self.written)
        folder = self.site.send / f"{name}{number}"
        folder.mkdir()
        (folder / "package.yaml").write_bytes(MANIFEST)
        file = (folder / "brief.txt").open("ab", buffering=0)
        content = b"%d:" % number + piece
        file.write(content)
        self.written[number] = content
        self.writing[number] = file
        return number, file

    @rule(target=writers, writer=consumes(writers), piece=PIECES)
    def write_more(self, writer: tuple[int, BinaryIO], piece: bytes) -> tuple[int, BinaryIO]:
        number, file = writer
        file.write(piece)
        self.written[number] += piece
        return writer

    @rule(writer=consumes(writers))
    def finish(self, writer: tuple[int, BinaryIO]) -> None:
        number, file = writer
        file.close()
        del self.writing[number]

    @rule(number=st.integers(0, 20), piece=st.binary(min_size=1, max_size=3))
    def edit(self, number: int, piece: bytes) -> None:
        """Somebody changes his mind about what still lies in the outbox, and is quick."""
        for path in self.site.send.glob(f"?{number}/brief.txt"):
            with path.open("ab", buffering=0) as file:
                file.write(piece)
            self.written[number] += piece

    @rule(target=entries, seconds=SECONDS)
    def scan(self, seconds: float) -> Entry:
        return multiple(*self.site.scan(after=seconds))  # type: ignore[return-value]  # Hypothesis takes them apart.

    @rule(target=claims, entry=consumes(entries))
    def claim(self, entry: Entry) -> Claimed:
        claimed = self.site.claim(entry)
        return multiple(*([claimed] if claimed else []))  # type: ignore[return-value]  # Hypothesis takes them apart.

    @rule(claimed=consumes(claims), keep=st.booleans())
    def read(self, claimed: Claimed, keep: bool) -> None:
        if not keep:
            self.site.outbox.reject(claimed)
            return
        self.site.sink = MemorySink()
        self.site.read(claimed)
        content = self.site.sink.streams["document-1"]
        self.taken[int(content.split(b":")[0])] = content
        self.site.outbox.discard([claimed])

    @rule(target=claims)
    def crash(self) -> Claimed:
        """Another process begins: what was seen is forgotten, what was claimed is found."""
        now = self.site.now
        self.site = make_site(self.folder / "outbox")
        self.site.now = now
        assert names_in(self.site.processing) == [claimed.path.name for claimed in self.site.outbox.claimed()]
        return multiple()  # type: ignore[return-value]  # Hypothesis takes them apart.

    @invariant()
    def nothing_is_taken_before_it_is_finished(self) -> None:
        for number, content in getattr(self, "taken", {}).items():
            assert number not in self.writing
            assert self.written[number] == content

    @invariant()
    def nothing_is_lost(self) -> None:
        if not hasattr(self, "site"):
            return
        resting = {content for path, content in self.site.everything().items() if path.endswith("brief.txt")}
        assert {self.written[number] for number in self.written if number not in self.taken} == resting


TestWritersAndScans = WritersAndScans.TestCase
TestWritersAndScans.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
