"""Ports for tests in which every document is plain text of a kind that holds nobody else, and files are read here."""

from typing import Any, Final, Never

from gateway.evidence.documents import Searching
from gateway.evidence.file_answers import answer
from gateway.evidence.file_questions import SignatureQuestion
from gateway.evidence.port import NothingSearched
from gateway.package.facts import Kind, Stays
from gateway.package.known import NOBODY_KNOWN, Known
from gateway.package.states import Data

PLAIN_TEXT_ONLY = Searching(search=NothingSearched(), holds_others=lambda _: False, limit=1000)


class ReadHere:
    """Reads files as the sandbox does, in the same words, but in the test's own process."""

    def read_file(self, content: bytes, question: str, /) -> bytes | None:
        """See the port `FileReader`."""
        return answer(content, question, verify=self._verify)

    def _verify(self, _paper: bytes, _question: SignatureQuestion) -> Never:
        raise AssertionError("a signed paper was to be verified")


READ_HERE: Final = ReadHere()


def nobody_known(_data: Data | None) -> Known:
    return NOBODY_KNOWN


class NothingRebuilt:
    """Nothing has to be written anew; to be asked to is a failure."""

    def rebuild(self, *_asked: Any, **_more: Any) -> Never:
        raise AssertionError("a document was to be written anew")


def keeping(*, officials: bool) -> Stays:
    """Keep everything of the subject, and officials or not."""
    return Stays(officials=officials, subject=tuple(Kind))
