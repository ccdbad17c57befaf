"""A parser that hostile documents have taken over altogether: it does whatever the document says, in Python.

What the document puts in `said` comes back as names that were found; of a file that is no document, `answer` is what
is answered.
"""

import dataclasses
import os
from collections.abc import Sequence

from gateway.minimise.documents.jobs import Engine
from gateway.minimise.documents.model import Opened, Passage, Tools, Trouble, UnreadableError
from gateway.minimise.documents.recognising import DocumentType
from gateway.minimise.people.findings import CellPlace, Finding, Known
from tests.unit.minimise.documents.small_engine import ENGINE, Lines, Module


def _open(content: bytes, tools: Tools) -> Opened:
    said: list[object] = []
    exec(compile(content, "document", "exec"), {"said": said, "tools": tools, "UnreadableError": UnreadableError})  # noqa: S102 - the attack.
    return Lines(passages=[Passage(text=str(each)) for each in said])


def _readers(kind: DocumentType, /) -> Module:
    if kind is not DocumentType.TEXT:
        raise UnreadableError(Trouble.NOT_KNOWN)
    return Module(open_document=_open)


def _find(
    texts: Sequence[str],
    /,
    *,
    known: Known,
    second_opinion: Sequence[Sequence[tuple[int, int]]],
    places: Sequence[CellPlace | None] = (),
) -> Sequence[Sequence[Finding]]:
    return [[] for _ in texts]


def _names(texts: Sequence[str], findings: Sequence[Sequence[Finding]]) -> Sequence[str]:
    return texts


def _read(content: bytes, question: str, /) -> bytes:
    told = {"answer": b"", "question": question}
    exec(compile(content, "file", "exec"), told)  # noqa: S102 - the attack.
    answer = told["answer"]
    assert isinstance(answer, bytes)
    return answer


def load() -> Engine:
    """Give the engine, as the sandbox's process asks for it."""
    return dataclasses.replace(ENGINE, readers=_readers, find=_find, names=_names, read=_read)


def load_nothing() -> Engine:
    """Fail as an engine does whose lists are missing."""
    raise OSError(os.devnull)
