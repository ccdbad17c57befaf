"""A package with files in memory: what the spool would give, without the spool."""

import datetime as dt
import io

from gateway.package.ids import PackageId, PersonId
from gateway.package.manifest import Manifest
from gateway.package.states import Document, Package, Source, Submitter

RECEIVED = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)


class FilesInMemory:
    """The contents of one package; remembers what was opened and whether it was closed again."""

    def __init__(self, files: dict[int, bytes]) -> None:
        self._files = files
        self.opened: list[io.BytesIO] = []

    def open(self, document: Document, /) -> io.BytesIO:
        self.opened.append(io.BytesIO(self._files[document.number]))
        return self.opened[-1]


def make_package(files: dict[int, bytes] | None = None, **more: object) -> tuple[Package, FilesInMemory]:
    manifest = Manifest.model_validate(
        {
            "format": "sluis-package/1",
            "recipients": ["gemeente-voorbeeld"],
            "purpose": "public-order",
            "sender": {"organisation": "COA", "name": "Een Medewerker"},
            "subject": {"name": "Iemand"},
        }
        | more
    )
    contents = files or {}
    documents = tuple(
        Document(
            number=each.number,
            role=each.role,
            kind=each.kind,
            size=len(contents[each.number]),
            digest="",
            stream=str(each.number),
            name=each.name,
        )
        for each in manifest.declared_files()
    )
    package = Package(
        id=PackageId("0190b3a0-0000-7000-8000-000000000001"),
        source=Source.API,
        submitter=Submitter(person=PersonId("jan"), organisation="COA", roles=("caseworker",)),
        received_at=RECEIVED,
        manifest=manifest,
        documents=documents,
    )
    return package, FilesInMemory(contents)
