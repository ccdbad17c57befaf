"""Searches all that is about to leave for what a reviewer took out by hand: it goes everywhere, or the package waits.

Rules:
1. A text that a reviewer added is strict: the same words in a row, folded, may stand nowhere in any document, the data
   or the letter of any recipient, however ordinary they are. The search did not know them, so it has no opinion.
2. Where a reviewer lifted exactly these words in another place, they stay there by that word, and are not looked for.
3. The labels of what was taken out are no text of the document.
4. What is told is the place, never the words.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Final

from gateway.minimise.documents.jobs import OFFICIAL_LABELS, WITHHELD_LABELS
from gateway.minimise.documents.model import LABELS, READING
from gateway.minimise.documents.second_search import PDF_NAME, occurring
from gateway.minimise.leaving import Leaving
from gateway.minimise.stripped import text_of
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Searchability
from gateway.package.folding import words_of
from gateway.package.paths import iter_leaves
from gateway.package.states import Parcel, Verdict

_Phrase = tuple[str, ...]
_GONE: Final = "\0"
"""Stands between words that are not next to each other; no word of a text is folded to it."""
_LABEL_ROWS: Final = tuple(
    tuple(words_of(label)) for each in (LABELS, WITHHELD_LABELS, OFFICIAL_LABELS) for label in each.values()
)
_GOES: Final = frozenset({Verdict.RELEASE, Verdict.REDACT})


def search_added(leaving: Leaving, *, parcels: Iterable[Parcel]) -> None:
    """Search what a package's recipients get, once its documents are made.

    Raises SluisError `added-elsewhere` with the place of the first that was found, and what reading documents raises.
    """
    made = leaving.made.values()
    stays = {tuple(words_of(text)) for each in made for text in each.lifted}
    added = {tuple(words_of(text)) for each in made for text in each.added} - stays - {()}
    if not added:
        return
    for where, texts in _leaving(leaving, parcels=parcels):
        for text in texts:
            if occurring(_without_labels(words_of(text)), added):
                raise SluisError(Code.ADDED_ELSEWHERE, where=where)


def _leaving(leaving: Leaving, *, parcels: Iterable[Parcel]) -> Iterator[tuple[str, Iterable[str]]]:
    """Give each place in what leaves with its texts."""
    for (number, *_), each in sorted(leaving.made.items(), key=lambda item: item[0][0]):
        yield f"document {number}", PDF_NAME.sub("", each.text).split(READING)
    yield from _plain(leaving, parcels=parcels)
    for parcel in parcels:
        if parcel.data is not None:
            yield "data", tuple(_texts_of(parcel.data))
    manifest = leaving.cleared.examined.package.manifest
    yield "request.reference", (manifest.request.reference or "",) if manifest.request else ()
    yield "sender.unit", (manifest.sender.unit or "",)


def _plain(leaving: Leaving, *, parcels: Iterable[Parcel]) -> Iterator[tuple[str, Iterable[str]]]:
    """Give the documents that go as they lie."""
    examined = leaving.cleared.examined
    going = {each.number for parcel in parcels for each in parcel.recipient.documents if each.verdict in _GOES}
    for document in examined.package.documents:
        if document.number in going and examined.evidence.documents.get(document.number) is Searchability.TEXT:
            with closing(leaving.contents.open(document)) as reader:
                content = reader.read()
            yield f"document {document.number}", (content.decode("utf-8", "replace"),)


def _texts_of(data: bytes) -> Iterator[str]:
    decoded = json.loads(data)
    for row in decoded if isinstance(decoded, list) else [decoded]:
        leaves = iter_leaves(row) if isinstance(row, dict) else [("", row)]
        yield from (text_of(leaf) for _, leaf in leaves)


def _without_labels(words: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for word in words:
        kept.append(word)
        for row in _LABEL_ROWS:
            if tuple(kept[-len(row) :]) == row:
                kept[-len(row) :] = [_GONE]
    return kept
