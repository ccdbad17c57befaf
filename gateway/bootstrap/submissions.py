"""The API's door: a manifest and then its documents become a package; a preview decides and keeps nothing."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import replace
from weakref import WeakValueDictionary

from gateway.bootstrap.settings import LimitSettings
from gateway.intake.manifest_faults import FILE_EXPECTED
from gateway.intake.manifest_reading import check_manifest, key_path
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Searchability
from gateway.package.history import History
from gateway.package.ids import PackageId, RecipientId, new_package_id, parse_package_id
from gateway.package.manifest import DeclaredFile, FileRole, Manifest
from gateway.package.states import Decision, Document, Examined, Package, PackageState, Source, Submitter
from gateway.parts import Parts, Past
from gateway.pipeline import Pipeline, Way
from gateway.policy.deciding import decide_only
from gateway.policy.register import known, sender_organisation_matches
from gateway.spool.candidates import (
    MANIFEST_STREAM,
    Candidate,
    documents_of,
    history_question,
    manifest_bytes,
    marks_of,
    read_manifest,
    stream_of,
)
from gateway.spool.port import PackageRow, Payload, PayloadSink, Stored

_CHUNK = 256 * 1024
_WORTH_A_THREAD = 128 * 1024


class Submissions:
    """Takes packages by the API, piece by piece."""

    def __init__(self, pipeline: Pipeline, parts: Parts, *, way: Way, limits: LimitSettings) -> None:
        self._pipeline = pipeline
        self._parts = parts
        self._way = way
        self._limits = limits
        self._turns: WeakValueDictionary[PackageId, asyncio.Lock] = WeakValueDictionary()

    async def submit(
        self, manifest: Manifest, *, submitter: Submitter, traceparent: str = ""
    ) -> tuple[PackageId, bool]:
        """Keep a submission, a new one in its caller's trace; the flag tells whether it is new. Raises SluisError."""
        self.check(manifest, submitter=submitter)
        parts = self._parts
        package = parse_package_id(manifest.id) if manifest.id else self.new_id()
        keys = parts.vault.new_keys(package)
        sink = parts.vault.sink(package, keys)
        sink.put(MANIFEST_STREAM, [manifest_bytes(manifest)])
        candidate = Candidate(
            id=package,
            claim="",
            source=Source.API,
            submitter=submitter,
            manifest=manifest,
            entry="",
            keys=keys,
            payloads=tuple(sink.payloads),
            complete=not manifest.declared_files(),
            traceparent=traceparent,
        )
        try:
            row = await self._pipeline.accept(candidate)
        except SluisError:
            # Not on cancellation: the transaction may still be on its way to the disk. What no row names is swept.
            sink.abandon()
            raise
        if row is not None:
            sink.abandon()
        return package, row is None

    def check(self, manifest: Manifest, *, submitter: Submitter) -> None:
        """Check at the door what would only come back later. Raises SluisError."""
        policy = self._parts.policy()
        check_manifest(manifest, limits=self._limits)
        known(policy, manifest)
        if not sender_organisation_matches(policy, manifest.sender.organisation, submitter.organisation):
            raise SluisError(Code.SENDER_MISMATCH, where="sender.organisation")

    def new_id(self) -> PackageId:
        """Draw an id."""
        parts = self._parts
        return new_package_id(unix_ms=int(parts.now().timestamp() * 1000), random=parts.random(10))

    async def put_document(self, stored: Stored, number: int, chunks: AsyncIterator[bytes]) -> None:
        """Stream one declared document into the spool. Raises SluisError."""
        row, payloads = stored.row, stored.payloads
        if row.content_key is None:
            await self._compare(row, number, chunks)
            return
        manifest = read_manifest(self._parts.vault.contents(row, payloads))
        declared = next((each for each in manifest.declared_files() if each.number == number), None)
        if declared is None:
            raise SluisError(Code.DOCUMENT_NOT_EXPECTED, where="documents")
        room = self._limits.package_bytes - sum(each.size for each in payloads)
        sink = self._parts.vault.sink_of(row)
        source = _Incoming(chunks, room=room, limit=self._limits.package_bytes)
        payload = await source.kept_by(sink, stream_of(number))
        try:
            async with self._turns.setdefault(row.id, asyncio.Lock()):
                added = await self._add(row, manifest, declared, payload, source.sha256())
        except SluisError:
            sink.abandon()
            raise
        if not added:
            sink.abandon()

    async def _compare(self, row: PackageRow, number: int, chunks: AsyncIterator[bytes]) -> None:
        """Answer a repeated document of a package that is sealed already. Raises SluisError when it is another one."""
        known = self._pipeline.record_of(row).documents.get(number)
        if known is None:
            raise SluisError(Code.STATE_CONFLICT)
        source = _Incoming(chunks, room=self._limits.package_bytes, limit=self._limits.package_bytes)
        if await asyncio.to_thread(self._parts.vault.digest_stream, stream_of(number), source) != known:
            raise SluisError(Code.DOCUMENT_NOT_EXPECTED, where="documents")

    async def _add(
        self, row: PackageRow, manifest: Manifest, declared: DeclaredFile, payload: Payload, sha256: str
    ) -> bool:
        """Add a document that has arrived; one at a time for each package, so that one of them is the last."""
        stored = await self._parts.spool.load(row.id)
        kept = stored.payloads if stored else ()
        if not self._is_new(declared, payload, sha256, kept):
            return False
        if stored is None or stored.row.state is not PackageState.INCOMPLETE:
            raise SluisError(Code.STATE_CONFLICT)
        if sum(each.size for each in kept) + payload.size > self._limits.package_bytes:
            raise SluisError(Code.PACKAGE_TOO_LARGE, detail={"limit": self._limits.package_bytes})
        files = manifest.declared_files()
        arrived = {payload.stream, *(each.stream for each in kept)}
        complete = all(stream_of(file.number) in arrived for file in files)
        return await self._pipeline.add_document(row, payload, documents=len(files), complete=complete)

    @staticmethod
    def _is_new(declared: DeclaredFile, payload: Payload, sha256: str, kept: tuple[Payload, ...]) -> bool:
        """Tell whether a document is new; False when the same one came before. Raises when it is another one."""
        if declared.sha256 is not None and declared.sha256 != sha256:
            raise SluisError(Code.DOCUMENT_DIGEST_MISMATCH, where=key_path(declared))
        before = next((each for each in kept if each.stream == payload.stream), None)
        if before is not None and before.digest != payload.digest:
            raise SluisError(Code.DOCUMENT_NOT_EXPECTED, where=key_path(declared))
        return before is None

    async def preview(self, manifest: Manifest, files: Mapping[int, bytes], *, submitter: Submitter) -> Decision:
        """Decide on a package that is kept nowhere; a document that is not among the files stays undecided.

        Raises SluisError, `document-missing` without the data file: there is then nothing to decide on.
        """
        self.check(manifest, submitter=submitter)
        _require_data(manifest, files)
        payloads = await asyncio.to_thread(self._payloads, files)
        organisation, vault = submitter.organisation, self._parts.vault
        question = history_question(
            marks_of(manifest, organisation=organisation, vault=vault),
            payloads,
            organisation=organisation,
            recipients=tuple(map(RecipientId, manifest.recipients)),
            vault=vault,
        )
        history = await self._parts.spool.history(question)
        return await asyncio.to_thread(self._preview, manifest, files, payloads, submitter, history)

    def _payloads(self, files: Mapping[int, bytes]) -> tuple[Payload, ...]:
        """Describe the files of a preview as the spool would keep them."""
        digest = self._parts.vault.digest_stream
        return tuple(
            Payload(stream=stream_of(number), size=len(content), digest=digest(stream_of(number), [content]))
            for number, content in files.items()
        )

    def _preview(
        self,
        manifest: Manifest,
        files: Mapping[int, bytes],
        payloads: tuple[Payload, ...],
        submitter: Submitter,
        history: History,
    ) -> Decision:
        parts = self._parts
        now = parts.now()
        package = Package(
            id=self.new_id(),
            source=Source.API,
            submitter=submitter,
            received_at=now,
            manifest=manifest,
            documents=documents_of(manifest, payloads),
        )
        examined = self._way.examine(package, _InMemory(files), now, past=Past(history=history))
        return decide_only(_with_missing(examined, files), policy=parts.policy(), now=now)


def _require_data(manifest: Manifest, files: Mapping[int, bytes]) -> None:
    for file in manifest.declared_files():
        if file.role is FileRole.DATA and file.number not in files:
            fault = key_path(file), FILE_EXPECTED
            raise SluisError(Code.DOCUMENT_MISSING, where=fault[0], faults=(fault,))


def _with_missing(examined: Examined, files: Mapping[int, bytes]) -> Examined:
    """Put the documents that did not come along beside the others, so that a preview never passes over one."""
    package, evidence = examined.package, examined.evidence
    missing = [
        Document(
            number=number,
            role=FileRole.DOCUMENT,
            kind=each.kind,
            size=0,
            digest="",
            stream=stream_of(number),
            declared_categories=tuple(each.declared_categories),
            name=each.file,
        )
        for number, each in enumerate(package.manifest.documents, 1)
        if number not in files
    ]
    seen = {**evidence.documents, **{each.number: Searchability.NOT_THERE for each in missing}}
    documents = tuple(sorted((*package.documents, *missing), key=lambda each: each.number))
    return replace(examined, package=replace(package, documents=documents), evidence=replace(evidence, documents=seen))


class _Incoming:
    """Hands an asynchronous request body to a blocking reader, piece by piece, within a limit."""

    def __init__(self, chunks: AsyncIterator[bytes], *, room: int, limit: int) -> None:
        self._chunks = chunks
        self._room = room
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._digest = hashlib.sha256()
        self._first = b""

    async def kept_by(self, sink: PayloadSink, stream: str) -> Payload:
        """Put the whole body into a sink: a short one at once, since a thread would cost more than the work itself."""
        self._first = await self._next()
        if len(self._first) < _WORTH_A_THREAD:
            return sink.put(stream, self._counted([self._first]))
        return await asyncio.to_thread(sink.put, stream, self)

    def __iter__(self) -> Iterator[bytes]:
        return self._counted(self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        piece, self._first = self._first, b""
        while piece := piece or asyncio.run_coroutine_threadsafe(self._next(), self._loop).result():
            yield piece
            piece = b""

    def _counted(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._room -= len(piece)
            if self._room < 0:
                raise SluisError(Code.PACKAGE_TOO_LARGE, detail={"limit": self._limit})
            self._digest.update(piece)
            yield piece

    def sha256(self) -> str:
        return self._digest.hexdigest()

    async def _next(self) -> bytes:
        """Gather small pieces, so that the reader is woken once for each quarter of a megabyte."""
        gathered = bytearray()
        async for piece in self._chunks:
            gathered += piece
            if len(gathered) >= _CHUNK:
                break
        return bytes(gathered)


class _InMemory:
    """The documents of a preview; satisfies the port `Contents`."""

    def __init__(self, files: Mapping[int, bytes]) -> None:
        self._files = files

    def open(self, document: Document, /) -> "_Reader":
        return _Reader(self._files[document.number])


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._offset = 0

    def read(self, size: int = -1, /) -> bytes:
        end = len(self._content) if size < 0 else self._offset + size
        piece = self._content[self._offset : end]
        self._offset += len(piece)
        return piece

    def close(self) -> None:
        self._content = b""
