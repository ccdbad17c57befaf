"""Searches the documents of a package: what can be read of them, and who stands in them besides the subject.

Rules:
1. Plain text of a kind that holds nobody else is only looked through for what hides in it, and goes as it is. Every
   other document is read and searched in the sandbox.
2. A name that was found in one document is looked for in all: people are introduced once and then mentioned. What one
   document was not certain of is no fact in another, and what it told itself it is not told again: a doubt would be
   gone that way, and whoever looks at the document has to see what was decided on.
3. What can not be searched is said to be so, with why; nothing is guessed from a name.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace

from gateway.evidence.document_reading import searchability
from gateway.evidence.port import DocumentSearch, SearchedDocument
from gateway.package.facts import DocumentFindings, Searchability
from gateway.package.known import Known
from gateway.package.manifest import FileRole
from gateway.package.states import ByteReader, Contents, Document, Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Searching:
    """How documents are searched. `holds_others` tells whether a kind of document can; `limit` is in bytes."""

    search: DocumentSearch
    holds_others: Callable[[str], bool]
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedDocuments:
    """What is known of a package's documents, by their number; `told` is what each of them was searched with."""

    searchability: Mapping[int, Searchability]
    findings: Mapping[int, DocumentFindings]
    told: Mapping[int, Known] = field(repr=False)


def search_documents(package: Package, *, contents: Contents, known: Known, searching: Searching) -> SearchedDocuments:
    """Search every document that the sender wants to share. Raises what the search and the spool raise."""
    shared = [each for each in package.documents if each.role is FileRole.DOCUMENT]
    found = {each.number: _look(each, contents=contents, known=known, searching=searching) for each in shared}
    told = {each.number: _told(each.number, found, known=known) for each in shared}
    again: dict[int, SearchedDocument] = {}
    for each in shared:
        if told[each.number] != known:
            again[each.number] = _searched(each, contents=contents, known=told[each.number], searching=searching)
    found |= again
    return SearchedDocuments(
        searchability={number: each.searchability for number, each in found.items()},
        findings={number: each.findings for number, each in found.items()},
        told=told,
    )


def _told(number: int, found: Mapping[int, SearchedDocument], *, known: Known) -> Known:
    """Say what a document is searched with: what the others told that it does not know by itself."""
    own = found[number]
    if own.searchability is not Searchability.SEARCHED:
        return known
    others = [each for other, each in found.items() if other != number]
    doubted = dict.fromkeys(name for each in others for name in each.doubted)
    sure = dict.fromkeys(name for each in others for name in each.names if name not in each.doubted)
    new = [name for name in sure if name not in own.names or name in own.doubted]
    unsure = [name for name in doubted if name not in sure and name not in own.names]
    if not new and not unsure:
        return known
    return replace(known, others=tuple(dict.fromkeys((*known.others, *sure))), doubted=tuple(unsure))


def _look(document: Document, *, contents: Contents, known: Known, searching: Searching) -> SearchedDocument:
    if document.size > searching.limit:
        return SearchedDocument(searchability=Searchability.TOO_LARGE)
    if not searching.holds_others(document.kind):
        with closing(contents.open(document)) as reader:
            found = searchability(reader, document.size, limit=searching.limit)
        if found is not Searchability.NOT_TEXT:
            return SearchedDocument(searchability=found)
    return _searched(document, contents=contents, known=known, searching=searching)


def _searched(document: Document, *, contents: Contents, known: Known, searching: Searching) -> SearchedDocument:
    with closing(contents.open(document)) as reader:
        content = _whole(reader, limit=searching.limit)
    if len(content) > searching.limit:
        return SearchedDocument(searchability=Searchability.TOO_LARGE)
    return searching.search.search(content, document.name, known=known)


def _whole(reader: ByteReader, *, limit: int) -> bytes:
    """Read to the end, one byte more than allowed at most."""
    parts: list[bytes] = []
    missing = limit + 1
    while missing and (part := reader.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
