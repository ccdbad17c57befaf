"""Makes the documents of a parcel: as they are, or written anew without what may not go.

Rules:
1. What leaves is searched, whoever wrote it: plain text as the recipient will read it, a rebuilt document by its text
   as another library than its writer finds it.
2. A document leaves under a number and its kind: the sender's file name may hold a person's name.
3. What this recipient does not get of the data goes out of the documents too, also where it is the subject's own.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from typing import Final

from gateway.minimise.betraying import Residue
from gateway.minimise.common_words import COMMON_WORDS
from gateway.minimise.port import DocumentRebuild, RebuiltDocument
from gateway.minimise.projecting import released_paths
from gateway.minimise.residue import search_document, search_name
from gateway.minimise.stripped import text_of
from gateway.package.edits import NO_EDITS, Edits
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Searchability, Stays
from gateway.package.folding import words_of
from gateway.package.known import Known
from gateway.package.paths import iter_leaves
from gateway.package.states import (
    Cleared,
    Contents,
    Data,
    Document,
    DocumentVerdict,
    Evidence,
    Language,
    ParcelDocument,
    RecipientDecision,
    Verdict,
)

_GOES: Final = frozenset({Verdict.RELEASE, Verdict.REDACT})
_SHORTEST: Final = 4
_OF_ONE_DOCUMENT: Final = frozenset({Code.RESIDUE_FOUND, Code.ADDED_ELSEWHERE, Code.DOCUMENT_NOT_REBUILT})


def withheld_from(data: Data, *, released: frozenset[str], known: Known) -> tuple[str, ...]:
    """Give the values that a recipient does not get and that tell something: what goes out of documents too.

    A value that stands in a permitted field as well, or is the subject's name, tells nothing more. General wording, and
    what is shorter than four characters, would only take out ordinary words.
    """
    values = [(path, text_of(leaf)) for row in data.rows for path, leaf in iter_leaves(row)]
    told = {tuple(words_of(text)) for path, text in values if path in released}
    told |= {tuple(words_of(name)) for name in known.names}
    kept = (text for path, text in values if path not in released and len(text.strip()) >= _SHORTEST)
    return tuple(dict.fromkeys(text for text in kept if _tells(tuple(words_of(text)), told)))


def known_for(recipient: RecipientDecision, *, evidence: Evidence, number: int) -> Known:
    """Give what the decision's search of a document was told, with what this recipient does not get of the data."""
    data = evidence.data or Data(shape="list", rows=())
    withheld = withheld_from(data, released=released_paths(recipient.fields), known=evidence.known)
    return replace(evidence.told.get(number, evidence.known), withheld=withheld)


def _tells(words: tuple[str, ...], told: set[tuple[str, ...]]) -> bool:
    return bool(words) and words not in told and not set(words) <= COMMON_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """Makes the documents of one package's parcels; what is alike for two recipients is written once."""

    cleared: Cleared
    contents: Contents
    rebuilder: DocumentRebuild
    made: dict[tuple[int, Stays, Language, Edits, tuple[str, ...]], RebuiltDocument] = field(
        default_factory=dict, repr=False
    )

    def documents_for(self, recipient: RecipientDecision, *, residue: Residue) -> Iterator[ParcelDocument]:
        """Give the documents that a recipient gets, in order. Raises SluisError `residue-found`, and what reads."""
        evidence = self.cleared.examined.evidence
        by_number = {document.number: document for document in self.cleared.examined.package.documents}
        for verdict in recipient.documents:
            if verdict.verdict in _GOES:
                document = by_number[verdict.number]
                known = known_for(recipient, evidence=evidence, number=document.number)
                search_name(document.kind, number=document.number, residue=residue)
                yield self._document(document, verdict, recipient, known=known, residue=residue)

    def _document(
        self,
        document: Document,
        verdict: DocumentVerdict,
        recipient: RecipientDecision,
        *,
        known: Known,
        residue: Residue,
    ) -> ParcelDocument:
        edits = verdict.edits.edits if verdict.edits else NO_EDITS
        searchability = self.cleared.examined.evidence.documents.get(document.number)
        if searchability is Searchability.SEARCHED:
            rebuilt = self._rebuilt(document, recipient, edits=edits, known=known)
            search_document(_Reader(rebuilt.text.encode()), number=document.number, residue=residue, has_lines=False)
            return _as_written(document, rebuilt)
        if searchability is not Searchability.TEXT or verdict.verdict is Verdict.REDACT or edits:
            raise ValueError("a released document was found searchable before")
        with closing(self.contents.open(document)) as reader:
            search_document(reader, number=document.number, residue=residue, has_lines=True)
        return _as_it_lies(document, contents=self.contents)

    def _rebuilt(
        self, document: Document, recipient: RecipientDecision, *, edits: Edits, known: Known
    ) -> RebuiltDocument:
        key = (document.number, recipient.stays, recipient.language, edits, known.withheld)
        if key not in self.made:
            with closing(self.contents.open(document)) as reader:
                content = reader.read()
            self.made[key] = self._written(document, content, known=known, recipient=recipient, edits=edits)
        return self.made[key]

    def _written(
        self, document: Document, content: bytes, *, known: Known, recipient: RecipientDecision, edits: Edits
    ) -> RebuiltDocument:
        stays, language = recipient.stays, recipient.language
        try:
            return self.rebuilder.rebuild(
                content, document.name, known=known, stays=stays, language=language, edits=edits
            )
        except SluisError as error:
            if error.code not in _OF_ONE_DOCUMENT:
                raise
            # Only here it is known which document it is.
            places = [f"document {document.number}", *filter(None, [error.where])]
            raise SluisError(error.code, where=", ".join(places), detail=error.detail) from None


class _Reader(BytesIO):
    """A stream of bytes that are in memory already."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read at most `size` bytes; the end is b""."""
        return super().read(size)


def _as_written(document: Document, rebuilt: RebuiltDocument) -> ParcelDocument:
    return ParcelDocument(
        name=f"{document.number:02d}-{document.kind}{rebuilt.suffix}",
        media_type=rebuilt.media_type,
        size=len(rebuilt.content),
        open=partial(_Reader, rebuilt.content),
    )


def _as_it_lies(document: Document, *, contents: Contents) -> ParcelDocument:
    return ParcelDocument(
        name=f"{document.number:02d}-{document.kind}.txt",
        media_type="text/plain; charset=utf-8",
        size=document.size,
        open=partial(contents.open, document),
    )
