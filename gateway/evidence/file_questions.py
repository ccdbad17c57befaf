"""What is asked about a file that a stranger may have made, and what comes back: the words of evidence to its sandbox.

Rules:
1. The file is read at the other end (`gateway.evidence.file_answers`), where its parser can reach nothing. Here nobody
   parses it.
2. What comes back may be written by a parser that the file has taken over. It counts when it has the form of an answer
   to this question, keeps to the bounds of a data file, and names a place that can be in this file; a place is a word
   and a number, never a text of the other end. Anything else is as if the parser had died.
3. A parser that died or took too long is `data-reading-failed` or `paper-reading-failed`, which holds the package: what
   happens again the next time is no reason to try.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

from pydantic import JsonValue, TypeAdapter, ValidationError

from gateway.evidence.data_bounds import MAX_DATA_BYTES, MAX_DATA_FIELDS, MAX_DEPTH
from gateway.evidence.port import FileReader
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Paper, PaperSignature
from gateway.package.manifest import count_fields
from gateway.package.states import Data

_T = TypeVar("_T")
_PLACE: Final = re.compile(r"(line|row) ([1-9][0-9]{0,8})")
_MOST_ROWS: Final = 1_048_576
_LIMITS: Final = {Code.FIELDS_TOO_MANY: MAX_DATA_FIELDS, Code.PACKAGE_TOO_LARGE: MAX_DATA_BYTES}


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuestion:
    """Which rows does a data file hold? `suffix` is the end of its name, from its last dot, in lower case."""

    suffix: str
    about: Literal["data"] = "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperQuestion:
    """Is a paper one that a person can read?"""

    about: Literal["paper"] = "paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureQuestion:
    """What do the signatures in a PDF prove?

    `anchors` are certificates in PEM, `revocations` lists in base64, or None when they are not all known. `signed_by`
    is who is said to have signed, `at` the moment to judge at, in ISO 8601 with its zone.
    """

    anchors: tuple[str, ...] = field(repr=False)
    revocations: tuple[str, ...] | None = field(repr=False)
    signed_by: str = field(repr=False)
    at: str
    about: Literal["signatures"] = "signatures"


Question = DataQuestion | PaperQuestion | SignatureQuestion
DataFault = Literal[Code.DATA_UNREADABLE, Code.DATA_AMBIGUOUS, Code.FIELDS_TOO_MANY, Code.PACKAGE_TOO_LARGE]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataAnswer:
    """The rows of a data file, or why it has none and where that shows."""

    data: Data | None = field(default=None, repr=False)
    code: DataFault | None = None
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperAnswer:
    """What was found of a paper; `signed` when it says that it is digitally signed."""

    paper: Paper
    signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureAnswer:
    """What the signatures of a paper prove."""

    signature: PaperSignature


_QUESTION: Final = TypeAdapter[Question](Question)
_ANSWERS: Final[dict[type, TypeAdapter[Any]]] = {
    each: TypeAdapter(each) for each in (DataAnswer, PaperAnswer, SignatureAnswer)
}


def read_question(question: str) -> Question:
    """Read a question that our own side wrote. Raises ValueError."""
    return _QUESTION.validate_json(question)


def write_answer(answer: DataAnswer | PaperAnswer | SignatureAnswer) -> bytes:
    """Write an answer. Raises ValueError for a text that can not be written, such as half of a surrogate pair."""
    return bytes(_ANSWERS[type(answer)].dump_json(answer))


# ---- Asking --------------------------------------------------------------------------------------------------------


def ask_data(files: FileReader, content: bytes, *, suffix: str) -> Data:
    """Have a data file read.

    Raises SluisError `data-unreadable`, `data-ambiguous`, `fields-too-many`, `package-too-large`;
    `data-reading-failed` when its reader died or took too long; what the reader of files raises.
    """
    answer = _ask(files, content, DataQuestion(suffix=suffix), DataAnswer)
    if answer is None or (answer.data is None) == (answer.code is None):
        raise SluisError(Code.DATA_READING_FAILED, where="dataFile")
    if answer.code is not None:
        limit = {"limit": _LIMITS[answer.code]} if answer.code in _LIMITS else {}
        raise SluisError(answer.code, where=_place(answer.where, content), detail=limit)
    if answer.data is None or not _is_within_bounds(answer.data):
        raise SluisError(Code.DATA_READING_FAILED, where="dataFile")
    return answer.data


def ask_paper(files: FileReader, content: bytes) -> PaperAnswer:
    """Have a paper looked at. Raises SluisError `paper-reading-failed`, and what the reader of files raises."""
    answer = _ask(files, content, PaperQuestion(), PaperAnswer)
    if answer is None or answer.paper is Paper.MISSING or (answer.signed and answer.paper is not Paper.READABLE):
        raise SluisError(Code.PAPER_READING_FAILED)
    return answer


def ask_signatures(files: FileReader, content: bytes, question: SignatureQuestion) -> PaperSignature:
    """Have a signed paper verified. Raises SluisError `paper-reading-failed`, and what the reader of files raises."""
    answer = _ask(files, content, question, SignatureAnswer)
    if answer is None or answer.signature is PaperSignature.NONE:
        raise SluisError(Code.PAPER_READING_FAILED)
    return answer.signature


def _ask(files: FileReader, content: bytes, question: Question, kind: type[_T]) -> _T | None:
    answer = files.read_file(content, _QUESTION.dump_json(question).decode())
    try:
        return None if answer is None else _ANSWERS[kind].validate_json(answer)
    except ValidationError:
        # Its message would quote what stands there.
        return None


def _place(where: str, content: bytes) -> str:
    """Let a place through that can be in this file, and nothing else."""
    found = _PLACE.fullmatch(where)
    if found is None:
        return ""
    most = _MOST_ROWS if found[1] == "row" else len(content) + 1
    return where if int(found[2]) <= most else ""


def _is_within_bounds(data: Data) -> bool:
    """Tell whether rows are as few and as flat as a reader gives them."""
    rows: list[JsonValue] = [dict(row) for row in data.rows]
    if count_fields(rows) > MAX_DATA_FIELDS:
        return False
    level: list[JsonValue] = rows
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return not any(isinstance(each, dict | list) for each in level)
