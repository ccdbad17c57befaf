"""The vault: what the site key protects of one package, and how to get at it.

Rules: each package has two data keys. The content key protects manifest and documents and is destroyed when they
are no longer needed; the record key protects the decision and the entry's name and is kept until the record's
retention ends. Both rest wrapped by the site key, which never leaves memory and its own file.
"""

from collections.abc import Iterable

from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, keyed_digest
from gateway.package.states import Document
from gateway.spool.payloads import Meter, PackageSink, PayloadFolder, open_payload
from gateway.spool.port import PackageKeys, PackageRow, Payload
from gateway.spool.streams import (
    KEY_BYTES,
    Decryptor,
    RandomBytes,
    StreamName,
    encrypt,
    unwrap_key,
    wrap_key,
)

_RECORD = "record"


class SiteVault:
    """Implements the port `Vault` with one site key."""

    def __init__(self, *, site_key: bytes, digest_key: bytes, folder: PayloadFolder, random: RandomBytes) -> None:
        if len(site_key) != KEY_BYTES:
            raise ValueError(f"a site key has {KEY_BYTES} bytes")
        self._site_key = site_key
        self._digest_key = digest_key
        self._folder = folder
        self._random = random

    def new_keys(self, package: PackageId, /) -> PackageKeys:
        """Draw the keys of a new package."""
        content, record = self._random(KEY_BYTES), self._random(KEY_BYTES)
        return PackageKeys(
            content=content,
            record=record,
            wrapped_content=wrap_key(self._site_key, content, package=package, use="content", random=self._random),
            wrapped_record=wrap_key(self._site_key, record, package=package, use=_RECORD, random=self._random),
        )

    def sink(self, package: PackageId, keys: PackageKeys, /) -> PackageSink:
        """Give the place where a new package's bytes go."""
        return self._sink(package, keys.content)

    def sink_of(self, row: PackageRow, /) -> PackageSink:
        """Give the place where further bytes of a known package go."""
        return self._sink(row.id, self._content_key(row))

    def contents(self, row: PackageRow, payloads: Iterable[Payload], /) -> "SpoolContents":
        """Give access to a package's plaintext. Raises `payload-corrupt` when its key has been destroyed."""
        return SpoolContents(row.id, self._content_key(row), tuple(payloads), self._folder)

    def digest(self, purpose: str, content: bytes, /) -> str:
        """Digest plaintext under the site's digest key."""
        return keyed_digest(self._digest_key, purpose=purpose, content=content)

    def digest_stream(self, stream: str, chunks: Iterable[bytes], /) -> str:
        """See the port."""
        meter = Meter(chunks, stream=stream, digest_key=self._digest_key)
        for _ in meter:
            pass
        return meter.hexdigest()

    def seal_record(self, package: PackageId, keys: PackageKeys, record: bytes, /) -> bytes:
        """Encrypt the record of a new package."""
        return self._seal_record(package, keys.record, record)

    def seal_record_of(self, row: PackageRow, record: bytes, /) -> bytes:
        """Encrypt a new record of a known package."""
        return self._seal_record(row.id, self._record_key(row), record)

    def open_record(self, row: PackageRow, /) -> bytes | None:
        """Decrypt a package's record; None when it has been destroyed."""
        if row.record is None or row.record_key is None:
            return None
        payload = Payload(stream=_RECORD, size=0, sealed=row.record)
        return open_payload(payload, self._folder, package=row.id, key=self._record_key(row)).read()

    def _sink(self, package: PackageId, key: bytes) -> PackageSink:
        return PackageSink(self._folder, package=package, key=key, digest_key=self._digest_key, random=self._random)

    def _seal_record(self, package: PackageId, key: bytes, record: bytes) -> bytes:
        name = StreamName(package, _RECORD)
        return b"".join(encrypt([record], key=key, name=name, random=self._random))

    def _content_key(self, row: PackageRow) -> bytes:
        if row.content_key is None:
            raise SluisError(Code.PAYLOAD_CORRUPT, where="content")
        return unwrap_key(self._site_key, row.content_key, package=row.id, use="content")

    def _record_key(self, row: PackageRow) -> bytes:
        if row.record_key is None:
            raise SluisError(Code.PAYLOAD_CORRUPT, where=_RECORD)
        return unwrap_key(self._site_key, row.record_key, package=row.id, use=_RECORD)


class SpoolContents:
    """The plaintext of one package, stream by stream; satisfies the port `Contents`."""

    def __init__(self, package: PackageId, key: bytes, payloads: tuple[Payload, ...], folder: PayloadFolder) -> None:
        self._package = package
        self._key = key
        self._payloads = {payload.stream: payload for payload in payloads}
        self._folder = folder

    def open(self, document: Document, /) -> Decryptor:
        """See the port."""
        return self.open_stream(document.stream)

    def open_stream(self, stream: str) -> Decryptor:
        """Open a stream by its name. Raises `payload-corrupt` when it is not there."""
        payload = self._payloads.get(stream)
        if payload is None:
            raise SluisError(Code.PAYLOAD_CORRUPT, where=stream)
        return open_payload(payload, self._folder, package=self._package, key=self._key)
