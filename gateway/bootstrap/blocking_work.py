"""Everything that blocks: reading what lies in the outbox, the way to ciphertext, slips. Done in a worker process.

Rules:
1. Nothing is remembered from one piece of work to the next but loaded policy sets: whoever asked keeps what it needs,
   and a worker that ends in the middle is replaced by another.
2. What goes wrong with an entry or a package is an answer. A fault of our own is logged here by its type and place, and
   becomes `internal-error`.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from gateway.bootstrap.known_policies import KnownPolicies
from gateway.intake.entry_reading import Limits, read_entry
from gateway.intake.outbox import Claimed, Entry, Outbox
from gateway.intake.port import StoredStream
from gateway.package.document_view import DocumentView
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, parse_package_id
from gateway.package.manifest import Manifest
from gateway.parts import Past, Prepared, WantedDocument, WantedDocuments
from gateway.pipeline import Way
from gateway.receipt.port import SlipFacts
from gateway.receipt.slip_files import SlipFiles
from gateway.receipt.slips import slip_of
from gateway.receipt.templates import Templates
from gateway.showing import read, show
from gateway.spool.candidates import MANIFEST_STREAM, manifest_bytes, package_of
from gateway.spool.port import PackageKeys, PackageRow, Payload, PayloadSink, Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An entry that has been read whole, encrypted and not yet accepted."""

    package: PackageId
    keys: PackageKeys
    payloads: tuple[Payload, ...]
    manifest: Manifest = field(repr=False)
    entry: str = field(repr=False)


Read = Reading | SluisError | OSError


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of one finished entry: nothing when it was not there any more, `stuck` when it can not be moved."""

    claimed: Claimed | None
    read: Read | None = None
    stuck: bool = False


class BlockingWork:
    """The work, one piece at a time."""

    def __init__(
        self,
        *,
        way: Way,
        policies: KnownPolicies,
        vault: Vault,
        outbox: Outbox,
        limits: Limits,
        slips: SlipFiles,
        templates: Templates,
        report: Callable[[PackageId, Exception], None],
    ) -> None:
        self._way = way
        self._policies = policies
        self._vault = vault
        self._outbox = outbox
        self._limits = limits
        self._slips = slips
        self._templates = templates
        self._report = report

    def prepare(
        self,
        row: PackageRow,
        payloads: tuple[Payload, ...],
        now: dt.datetime,
        past: Past,
        policy: str,
    ) -> Prepared:
        """See `gateway.parts.Hands`; decided by the set with the digest `policy`, or not at all."""
        self._policies.choose(policy)
        contents = self._vault.contents(row, payloads)
        package = package_of(row, payloads=payloads, contents=contents)
        try:
            return self._way.prepare(package, contents, now, past=past)
        except (SluisError, OSError):
            raise
        except Exception as error:
            # A fault of our own stops this package, where a person sees it, and nothing of it has left.
            self._report(row.id, error)
            raise SluisError(Code.INTERNAL_ERROR) from error

    def show_document(
        self,
        row: PackageRow,
        payloads: tuple[Payload, ...],
        now: dt.datetime,
        wanted: WantedDocument,
        policy: str,
    ) -> DocumentView:
        """See `gateway.parts.Hands`; shown by the set with the digest `policy`, or not at all."""
        self._policies.choose(policy)
        contents = self._vault.contents(row, payloads)
        package = package_of(row, payloads=payloads, contents=contents)
        return show(self._way, package, contents, now, wanted=wanted)

    def read_documents(
        self,
        row: PackageRow,
        payloads: tuple[Payload, ...],
        now: dt.datetime,
        wanted: WantedDocuments,
        policy: str,
    ) -> tuple[DocumentView | None, ...]:
        """See `gateway.parts.Hands`; read by the set with the digest `policy`, or not at all."""
        self._policies.choose(policy)
        contents = self._vault.contents(row, payloads)
        package = package_of(row, payloads=payloads, contents=contents)
        return read(self._way, package, contents, now, wanted=wanted)

    def write_slips(self, wanted: Sequence[SlipFacts]) -> list[SluisError | OSError | None]:
        """Write slips as `gateway.parts.Hands` says; give what went wrong with each, None for one that was written."""
        return [self._slip_failed(facts) for facts in wanted]

    def _slip_failed(self, facts: SlipFacts) -> SluisError | OSError | None:
        """Write one slip. Only what the spool does not know is flushed: nobody could write it again."""
        try:
            slip = slip_of(facts, texts=self._templates)
            self._slips.write(slip, templates=self._templates, durable=facts.state is None)
        except (SluisError, OSError) as error:
            return error
        except Exception as error:  # noqa: BLE001 - a fault of our own with one slip is no fault of the others.
            self._report(facts.id, error)
            return SluisError(Code.INTERNAL_ERROR)
        return None

    def take(self, entries: Sequence[tuple[Entry, PackageId]]) -> list[Taken]:
        """Claim finished entries, each under an id of the caller's, and read them."""
        claims = zip(entries, self._outbox.claim(entries), strict=True)
        return [self._taken(entry, claimed) for (entry, _), claimed in claims]

    def read(self, claimed: Claimed) -> Read:
        """Read a claimed entry into the spool's payloads; what goes wrong is an answer, with nothing left behind."""
        sinks: list[_Opened] = []

        def sink_for(manifest: Manifest) -> _IntakeSink:
            sinks.append(self._open(manifest, PackageId(claimed.claim_id)))
            return _IntakeSink(sinks[0].sink)

        try:
            read = read_entry(claimed, sink_for=sink_for, limits=self._limits)
        except Exception as error:  # noqa: BLE001 - one entry's failure never stops the others that came with it.
            for opened in sinks:
                opened.sink.abandon()
            if isinstance(error, SluisError | OSError):
                return error
            self._report(PackageId(claimed.claim_id), error)
            return SluisError(Code.INTERNAL_ERROR)
        opened = sinks[0]
        return Reading(
            package=opened.package,
            keys=opened.keys,
            payloads=tuple(opened.sink.payloads),
            manifest=read.manifest,
            entry=read.entry_name,
        )

    def discard(self, accepted: Sequence[Claimed]) -> list[tuple[Claimed, OSError]]:
        """Unlink accepted entries; give those that could not be."""
        return self._outbox.discard(accepted) if accepted else []

    def give_back(self, claimed: Claimed) -> None:
        """Move a rejected entry to where its owner can act. Raises OSError."""
        self._outbox.reject(claimed)

    def close(self) -> None:
        """End what was started for documents in this process."""
        self._way.parts.documents.close()

    def _taken(self, entry: Entry, claimed: Claimed | None) -> Taken:
        if claimed is None:
            return Taken(claimed=None, stuck=self._outbox.is_stuck(entry.name))
        return Taken(claimed=claimed, read=self.read(claimed))

    def _open(self, manifest: Manifest, claim: PackageId) -> "_Opened":
        """Draw keys once the manifest has said under which id the package travels."""
        package = claim if manifest.id is None else parse_package_id(manifest.id)
        keys = self._vault.new_keys(package)
        sink = self._vault.sink(package, keys)
        sink.put(MANIFEST_STREAM, [manifest_bytes(manifest)])
        return _Opened(package, keys, sink)


@dataclass(frozen=True, slots=True)
class _Opened:
    """Where the bytes of an entry go, once its manifest is known."""

    package: PackageId
    keys: PackageKeys
    sink: PayloadSink


class _IntakeSink:
    """Gives intake its port on top of the spool's sink."""

    def __init__(self, sink: PayloadSink) -> None:
        self._sink = sink

    def store(self, stream: str, chunks: Iterable[bytes], /) -> StoredStream:
        payload = self._sink.put(stream, chunks)
        return StoredStream(stream=payload.stream, size=payload.size, digest=payload.digest)
