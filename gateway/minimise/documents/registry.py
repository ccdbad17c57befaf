"""Which module reads which type of document; a module is loaded when the first such document comes, and not before."""

from importlib import import_module
from typing import Final, Protocol, cast

from gateway.minimise.documents.model import Opened, Tools
from gateway.minimise.documents.recognising import DocumentType

_MODULES: Final = {
    DocumentType.TEXT: "text",
    DocumentType.MARKDOWN: "text",
    DocumentType.HTML: "html",
    DocumentType.DOCX: "docx",
    DocumentType.ODT: "odt",
    DocumentType.PDF: "pdf",
    DocumentType.IMAGE: "image",
    DocumentType.XLSX: "xlsx",
    DocumentType.ODS: "ods",
    DocumentType.EML: "eml",
    DocumentType.ARCHIVE: "archive",
}


class ReaderModule(Protocol):
    """What a module of a document type has to offer."""

    def open_document(self, content: bytes, tools: Tools, /) -> Opened:
        """Read it. Raises UnreadableError, and nothing else for any input."""
        ...

    def second_text(self, content: bytes, /) -> str:
        """Give every text of a file that this module wrote, by another library than wrote it."""
        ...


class Readers(Protocol):
    """Gives the module of a type."""

    def __call__(self, kind: DocumentType, /) -> ReaderModule:
        """Give it."""
        ...


def reader_of(kind: DocumentType) -> ReaderModule:
    """Load the module that reads a type."""
    return cast("ReaderModule", import_module(f"{__package__}.{_MODULES[kind]}"))
