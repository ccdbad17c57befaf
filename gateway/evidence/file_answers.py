"""Reads the file that a question is about; runs in the sandbox, where the file's parser can reach nothing.

Rules:
1. Bytes in, bytes out: nothing else of the file gets any further, no error of a parser above all, which quotes it.
2. What is wrong with a file is an answer. Anything that a parser raises beside that ends the job, and counts as its
   death.
3. The parsers of data files are loaded once, before the first job. What verifies a signed PDF is handed in: it costs
   half a second and 55 MiB, which only the job of a signed paper pays.
"""

from collections.abc import Callable
from typing import Final

from gateway.evidence.data_workbook import read_workbook
from gateway.evidence.data_xml import read_xml
from gateway.evidence.data_yaml import read_yaml
from gateway.evidence.file_questions import (
    DataAnswer,
    DataQuestion,
    PaperQuestion,
    SignatureAnswer,
    SignatureQuestion,
    read_question,
    write_answer,
)
from gateway.evidence.papers import judge
from gateway.package.errors import Code, SluisError
from gateway.package.facts import PaperSignature
from gateway.package.states import Data

Verify = Callable[[bytes, SignatureQuestion], PaperSignature]
"""Tells what the signatures in a PDF prove."""

_READERS: Final[dict[str, Callable[[bytes], Data]]] = {
    ".yaml": read_yaml,
    ".yml": read_yaml,
    ".xml": read_xml,
    ".xlsx": read_workbook,
}


def answer(content: bytes, question: str, /, *, verify: Verify) -> bytes:
    """Answer a question about a file. Raises whatever a parser does that is no answer."""
    asked = read_question(question)
    match asked:
        case DataQuestion():
            return write_answer(_data(content, asked.suffix))
        case PaperQuestion():
            return write_answer(judge(content))
        case SignatureQuestion():
            return write_answer(SignatureAnswer(signature=verify(content, asked)))


def _data(content: bytes, suffix: str) -> DataAnswer:
    try:
        return DataAnswer(data=_READERS[suffix](content))
    except SluisError as error:
        match error.code:
            case Code.DATA_UNREADABLE | Code.DATA_AMBIGUOUS | Code.FIELDS_TOO_MANY | Code.PACKAGE_TOO_LARGE:
                return DataAnswer(code=error.code, where=error.where)
            case _:
                raise
