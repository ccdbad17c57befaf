"""What the spool's contract needs: an open spool, and new packages to put in it."""

import datetime as dt
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, PersonId, RecipientId, new_package_id
from gateway.package.states import PackageState, Source
from gateway.spool.payloads import PayloadFolder
from gateway.spool.port import NewPackage, PackageKeys, Payload
from gateway.spool.sqlite import SqliteSpool
from gateway.spool.vault import SiteVault

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)


class PaperJournal:
    """Keeps what it is told in memory; the digest is the last word. It fails when `error` says so."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.groups: list[list[tuple[str, ...]]] = []

    def write(self, told: Sequence[tuple[str, ...]], /) -> list[str | Exception]:
        if self.error is not None:
            raise self.error
        self.groups.append(list(told))
        return [SluisError(Code.AUDIT_UNAVAILABLE) if "unwritable" in each else each[-1] for each in told]


@dataclass
class Bench:
    root: Path
    folder: PayloadFolder
    vault: SiteVault
    journal: PaperJournal = field(default_factory=PaperJournal)

    def spool(self) -> SqliteSpool:
        return SqliteSpool(self.root, folder=self.folder, journal=self.journal, min_free_bytes=0)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    folder = PayloadFolder(tmp_path / "payloads")
    vault = SiteVault(site_key=bytes(32), digest_key=bytes(32), folder=folder, random=os.urandom)
    return Bench(tmp_path, folder, vault)


@pytest.fixture
async def spool(bench: Bench) -> AsyncIterator[SqliteSpool]:
    opened = bench.spool()
    await opened.open()
    yield opened
    opened.close()


NewMaker = Callable[..., NewPackage]


@pytest.fixture
def new(bench: Bench) -> NewMaker:
    def make(
        *,
        package: PackageId | None = None,
        claim: str = "",
        state: PackageState = PackageState.RECEIVED,
        digest: str = "same",
        content: bytes = b"{}",
        source: Source = Source.API,
    ) -> NewPackage:
        package = package or new_package_id(unix_ms=1_700_000_000_000, random=os.urandom(10))
        keys: PackageKeys = bench.vault.new_keys(package)
        sink = bench.vault.sink(package, keys)
        payload: Payload = sink.put("manifest", [content])
        return NewPackage(
            id=package,
            claim=claim,
            state=state,
            source=source,
            person=PersonId("jansen"),
            organisation="DT&V",
            purpose="public-order",
            recipients=(RecipientId("gemeente-voorbeeld"),),
            at=NOW,
            content_digest=digest,
            content_key=keys.wrapped_content,
            record_key=keys.wrapped_record,
            record=bench.vault.seal_record(package, keys, b"record"),
            payloads=(payload,),
            uid=1000,
        )

    return make
