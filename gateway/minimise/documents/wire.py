"""What passes between the service and its sandbox: JSON and bytes, each with its length before it; never a pickle.

Rules:
1. The sandbox reads hostile documents, so what it answers is hostile too: only these forms, only known words for types,
   kinds and troubles, only small words where people will read them, and nothing above a length.
2. What does not fit raises ValueError, and the job counts as died.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError

from gateway.minimise.documents.jobs import (
    OFFICIAL_LABELS,
    WITHHELD_LABELS,
    Choice,
    Rebuilding,
    Searched,
)
from gateway.minimise.documents.model import LABELS
from gateway.minimise.documents.recognising import DocumentType
from gateway.minimise.documents.second_search import MOST_PLACES
from gateway.minimise.people.findings import Known
from gateway.package.document_view import DocumentView

LENGTH_BYTES: Final = 8
MOST_MESSAGE_BYTES: Final = 64 * 1024 * 1024
_MOST_KINDS_LEFT_BEHIND: Final = 100
_WORD = re.compile(r"[a-z][a-z0-9-]{0,40}")
_PLACE = re.compile(r"(?:page|sheet|paragraph) [1-9][0-9]{0,8}")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]{1,100}(?:; charset=utf-8)?")
_SEEN = re.compile(r"[0-9a-f]{64}")
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_LABELS: Final = frozenset(label for each in (LABELS, WITHHELD_LABELS, OFFICIAL_LABELS) for label in each.values())
_FAULT = re.compile(r"[A-Za-z_0-9 :]{0,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A job; the document's bytes follow it. `choice` is how to rebuild it, None for a search.

    With `shown` it is shown as it would be rebuilt, and not written. With a `question` it is no document that is
    searched, but a file about which that is answered.
    With `has_opinion` the service may be asked once for a second opinion on the document's texts.
    """

    name: str = field(repr=False)
    known: Known = field(repr=False)
    choice: Choice | None = None
    shown: bool = False
    has_opinion: bool = False
    question: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a job; the new document's bytes follow it. Or, `asked`, texts for a second opinion.

    After a view follow its pictures, all before and all after; `lengths` has the bytes of each. `read` is what follows
    the answer to a question about a file: nobody but who asked knows what it has to look like. `fault` names an error
    of our own by its type and its line: no text of it, which may hold what it fell over.
    """

    kind: Literal["searched", "rebuilding", "viewed", "read", "fault", "asked"]
    texts: tuple[str, ...] = field(default=(), repr=False)
    searched: Searched | None = None
    rebuilding: Rebuilding | None = None
    view: DocumentView | None = None
    lengths: tuple[int, ...] = ()
    read: bytes = field(default=b"", repr=False)
    fault: str = ""


_REQUEST: Final = TypeAdapter(Request)
_ANSWER: Final = TypeAdapter(Answer)
_OPINION: Final = TypeAdapter(tuple[tuple[tuple[int, int], ...], ...])


def length_before(content: bytes) -> bytes:
    """Give the length that goes before so many bytes."""
    return len(content).to_bytes(LENGTH_BYTES, "big")


def length_of(head: bytes, *, most: int) -> int:
    """Read a length. Raises ValueError above the most that is taken."""
    length = int.from_bytes(head, "big")
    if length > most:
        raise ValueError("a longer message than is taken")
    return length


def write_request(request: Request) -> bytes:
    """Write a job."""
    return _REQUEST.dump_json(request)


def read_request(content: bytes) -> Request:
    """Read a job that our own side wrote. Raises ValueError."""
    return _REQUEST.validate_json(content)


def write_answer(answer: Answer) -> tuple[bytes, bytes]:
    """Write what came of a job, and apart from it the new document, or what was read of a file."""
    content = answer.read
    answer = replace(answer, read=b"")
    if answer.rebuilding is not None and answer.rebuilding.rebuilt is not None:
        content = answer.rebuilding.rebuilt.content
        rebuilt = replace(
            answer.rebuilding.rebuilt, content=b"", left_behind=dict(answer.rebuilding.rebuilt.left_behind)
        )
        rebuilding = replace(
            answer.rebuilding,
            rebuilt=rebuilt,
            text=_whole_letters(answer.rebuilding.text),
            added=tuple(map(_whole_letters, answer.rebuilding.added)),
            lifted=tuple(map(_whole_letters, answer.rebuilding.lifted)),
        )
        answer = replace(answer, rebuilding=rebuilding)
    if answer.searched is not None:
        names, doubted = (tuple(map(_whole_letters, each)) for each in (answer.searched.names, answer.searched.doubted))
        answer = replace(answer, searched=replace(answer.searched, names=names, doubted=doubted))
    if answer.view is not None:
        pictures = (*answer.view.before, *answer.view.after)
        content = b"".join(pictures)
        passages = tuple(
            replace(each, text=each.text.encode("utf-8", "replace").decode()) for each in answer.view.passages
        )
        view = replace(answer.view, passages=passages, before=(), after=())
        answer = replace(answer, view=view, lengths=tuple(map(len, pictures)))
    # The same, but place for place: spans are counted in them.
    answer = replace(answer, texts=tuple(each.encode("utf-8", "replace").decode() for each in answer.texts))
    return _ANSWER.dump_json(answer), content


def _whole_letters(text: str) -> str:
    # A reader may meet half of a surrogate pair in a broken file; it is no letter of anybody's name.
    return text.encode("utf-8", "ignore").decode()


def write_opinion(spans: Sequence[Sequence[tuple[int, int]]]) -> bytes:
    """Write a second opinion."""
    return _OPINION.dump_json(tuple(tuple((start, end) for start, end in each) for each in spans))


def read_opinion(content: bytes) -> Sequence[Sequence[tuple[int, int]]]:
    """Read a second opinion that our own side wrote. Raises ValueError."""
    return _OPINION.validate_json(content)


def read_answer(message: bytes, content: bytes) -> Answer:
    """Read what the sandbox says. Raises ValueError for anything else than an answer."""
    try:
        answer = _ANSWER.validate_json(message)
    except ValidationError:
        # Its message would quote what stands there.
        raise ValueError("an answer expected") from None
    rebuilding = answer.rebuilding
    given = {
        "searched": answer.searched is not None,
        "rebuilding": rebuilding is not None,
        "viewed": answer.view is not None,
        "asked": bool(answer.texts),
    }
    if any(there != (kind == answer.kind) for kind, there in given.items()):
        raise ValueError("an answer of its kind expected")
    if not _FAULT.fullmatch(answer.fault):
        raise ValueError("the name of a fault expected")
    if answer.kind == "read":
        return replace(answer, read=content)
    if answer.view is not None:
        return replace(answer, view=_with_pictures(answer.view, content, lengths=answer.lengths), lengths=())
    if rebuilding is None or rebuilding.rebuilt is None:
        if content:
            raise ValueError("no document expected")
        _check_places(rebuilding.places if rebuilding else ())
        return answer
    rebuilt = rebuilding.rebuilt
    if rebuilding.residue or rebuilding.places or rebuilding.findings.trouble is not None:
        raise ValueError("no document expected after a trouble")
    if not (_SUFFIX.fullmatch(rebuilt.suffix) and _MEDIA_TYPE.fullmatch(rebuilt.media_type)):
        raise ValueError("a type of document expected")
    _check_left_behind(rebuilt.left_behind)
    return replace(answer, rebuilding=replace(rebuilding, rebuilt=replace(rebuilt, content=content)))


def _check_places(places: Sequence[str]) -> None:
    """Let nothing but numbers of places through: they are kept, and people read them."""
    if len(places) > MOST_PLACES or not all(map(_PLACE.fullmatch, places)):
        raise ValueError("places in a document expected")


def _with_pictures(view: DocumentView, content: bytes, *, lengths: Sequence[int]) -> DocumentView:
    if len(lengths) % 2 or any(each <= 0 for each in lengths) or sum(lengths) != len(content):
        raise ValueError("a picture before and one after for each page expected")
    ends = tuple(accumulate(lengths))
    pictures = tuple(content[end - size : end] for end, size in zip(ends, lengths, strict=True))
    if not all(each.startswith(_PNG) for each in pictures):
        raise ValueError("pictures as PNG expected")
    texts = [each.text for each in view.passages]
    if not (_SEEN.fullmatch(view.seen) and view.type in set(DocumentType)):
        raise ValueError("a type of document and what was seen of it expected")
    if not all(each.span.is_within(texts) and each.label in _LABELS for each in view.findings):
        raise ValueError("findings in the passages expected")
    half = len(pictures) // 2
    return replace(view, before=pictures[:half], after=pictures[half:])


def _check_left_behind(left_behind: Mapping[str, int]) -> None:
    if len(left_behind) > _MOST_KINDS_LEFT_BEHIND or not all(map(_WORD.fullmatch, left_behind)):
        raise ValueError("kinds of what was left behind expected")
