"""The port of minimise: who writes a document anew without what may not go."""

from dataclasses import dataclass, field
from typing import Protocol

from gateway.package.document_view import DocumentView
from gateway.package.edits import Edits
from gateway.package.facts import Stays
from gateway.package.known import Known
from gateway.package.states import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuiltDocument:
    """A new file, and `text`: all that another library than wrote it finds in it. `suffix` begins with a dot.

    `added` and `lifted` are the texts in it of which a reviewer said that they go and that they stay.
    """

    content: bytes = field(repr=False)
    suffix: str
    media_type: str
    text: str = field(repr=False)
    added: tuple[str, ...] = field(default=(), repr=False)
    lifted: tuple[str, ...] = field(default=(), repr=False)


class DocumentRebuild(Protocol):
    """Rebuilds one document for one recipient. The same input gives the same bytes."""

    def rebuild(
        self, content: bytes, name: str, /, *, known: Known, stays: Stays, language: Language, edits: Edits
    ) -> RebuiltDocument:
        """Write a document anew; what does not stay is taken out, and `known.withheld`, with a reviewer's changes.

        Raises SluisError `residue-found` when something that was taken out is found again in what was written,
        `added-elsewhere` when a reviewer had added it,
        `document-not-rebuilt` when it could be searched before and can not any more, or reads otherwise than reviewed.
        Their `where` is the place within the document, or empty.
        """
        ...


class DocumentShow(Protocol):
    """Shows one document to a reviewer, as `DocumentRebuild` would let it go."""

    def show(self, content: bytes, name: str, /, *, known: Known, stays: Stays, language: Language) -> DocumentView:
        """Show it. Raises SluisError `document-not-shown` for one that can not be searched."""
        ...
