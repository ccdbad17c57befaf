"""Foreign files as the stages see them: read, searched and written anew in the sandbox.

Documents are scanned for malware before, if that is demanded.
"""

from collections.abc import Mapping
from typing import Final

from gateway.evidence.port import SearchedDocument
from gateway.minimise.clamd import Clamd, Malware
from gateway.minimise.documents.jobs import Choice, Death, Findings
from gateway.minimise.documents.model import Trouble
from gateway.minimise.port import RebuiltDocument
from gateway.minimise.sandbox import Sandbox
from gateway.package.document_view import DocumentView
from gateway.package.edits import Edits
from gateway.package.errors import Code, SluisError
from gateway.package.facts import DocumentFindings, Searchability, Stays
from gateway.package.known import Known
from gateway.package.states import Language

ENGINE: Final = "gateway.bootstrap.sandbox_engine:load"
"""What the sandbox of a site loads: what documents need, and the parsers of data files and papers."""

TROUBLES: Final[Mapping[Trouble | Death, Searchability]] = {
    Trouble.NOT_KNOWN: Searchability.NOT_TEXT,
    Trouble.NO_TEXT: Searchability.NOT_TEXT,
    Trouble.DAMAGED: Searchability.NOT_TEXT,
    Trouble.TYPE_MISMATCH: Searchability.TYPE_MISMATCH,
    Trouble.ENCRYPTED: Searchability.ENCRYPTED,
    Trouble.TOO_LARGE: Searchability.TOO_LARGE,
    Trouble.ACTIVE: Searchability.ACTIVE_CONTENT,
    Death.DIED: Searchability.SEARCH_FAILED,
    Death.TIMED_OUT: Searchability.SEARCH_FAILED,
}


class SandboxedDocuments:
    """Reads files, searches documents and writes them anew; satisfies `gateway.parts.Documents`.

    With a `scanner` no document is parsed that it has not found clean.
    """

    def __init__(self, sandbox: Sandbox, *, scanner: Clamd | None = None) -> None:
        self._sandbox = sandbox
        self._scanner = scanner

    def check_sandbox(self) -> None:
        """Start the sandbox. Raises SluisError `sandbox-missing`."""
        self._sandbox.check()

    def check_scanner(self) -> None:
        """Ask the malware scanner whether it is there. Raises SluisError `scanner-unreachable`."""
        if self._scanner is not None and not self._scanner.is_there():
            raise SluisError(Code.SCANNER_UNREACHABLE, where="documents.malwareScan")

    def close(self) -> None:
        """End the sandbox of this process."""
        self._sandbox.close()

    def search(self, content: bytes, name: str, /, *, known: Known) -> SearchedDocument:
        """See the port `DocumentSearch`."""
        if self._scanner is not None and (scan := self._scanner.scan(content)).verdict is not Malware.CLEAN:
            found = scan.verdict is Malware.FOUND
            return SearchedDocument(searchability=Searchability.MALWARE if found else Searchability.NOT_SCANNED)
        searched = self._sandbox.search(content, name, known=known)
        if searched.findings.trouble is not None:
            return SearchedDocument(searchability=TROUBLES[searched.findings.trouble])
        return SearchedDocument(
            searchability=Searchability.SEARCHED,
            findings=findings_of(searched.findings),
            names=searched.names,
            doubted=searched.doubted,
        )

    def read_file(self, content: bytes, question: str, /) -> bytes | None:
        """See the port `FileReader`."""
        answer = self._sandbox.read(content, question)
        return None if isinstance(answer, Death) else answer

    def show(self, content: bytes, name: str, /, *, known: Known, stays: Stays, language: Language) -> DocumentView:
        """See the port `DocumentShow`."""
        choice = Choice(stays=stays, language=language)
        shown = self._sandbox.show(content, name, known=known, choice=choice)
        if shown is None:
            raise SluisError(Code.DOCUMENT_NOT_SHOWN)
        return shown

    def rebuild(
        self, content: bytes, name: str, /, *, known: Known, stays: Stays, language: Language, edits: Edits
    ) -> RebuiltDocument:
        """See the port `DocumentRebuild`."""
        choice = Choice(stays=stays, language=language, edits=edits)
        made = self._sandbox.rebuild(content, name, known=known, choice=choice)
        if made.rebuilt is None:
            if not made.residue:
                raise SluisError(Code.DOCUMENT_NOT_REBUILT)
            residue = Code.ADDED_ELSEWHERE if made.by_hand else Code.RESIDUE_FOUND
            kinds = " ".join(sorted(made.residue))
            raise SluisError(residue, where=", ".join(made.places), detail={"kinds": kinds})
        return RebuiltDocument(
            content=made.rebuilt.content,
            suffix=made.rebuilt.suffix,
            media_type=made.rebuilt.media_type,
            text=made.text,
            added=made.added,
            lifted=made.lifted,
        )


def findings_of(found: Findings) -> DocumentFindings:
    """Give what a search found, as a fact: in numbers."""
    return DocumentFindings(
        counted=found.counted,
        pictures=found.pictures,
        raised=tuple(sorted(found.raised)),
    )
