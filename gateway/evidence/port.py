"""The ports of evidence: registers outside of Sluis, and who searches documents; they know what a package only claims.

An implementer promises: what can not be looked up is said to be so, never guessed; nothing is written there; blocking.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Protocol

from gateway.package.facts import DocumentFindings, Filing, PaperSignature, Searchability, Standing
from gateway.package.known import Known


class CaseSystem(Protocol):
    """The organisation's case system (IS-TV), in which an authorisation is filed."""

    def filing(self, reference: str, /, *, sha256: str) -> Filing:
        """Tell whether exactly this document, by its SHA-256 in hexadecimal, is filed under this reference."""
        ...


class WithdrawalRegister(Protocol):
    """Which authorisations their subjects have withdrawn (GDPR art. 7(3))."""

    def withdrawn(self, reference: str, /, *, on: dt.date) -> bool | None:
        """Tell whether the authorisation under this reference is withdrawn on this day; None when nobody can tell."""
        ...


class BarRegister(Protocol):
    """The register of the Nederlandse Orde van Advocaten."""

    def standing(self, number: str, /, *, on: dt.date) -> Standing:
        """Tell what the register says of this number; it is opaque text."""
        ...


class FileReader(Protocol):
    """Who reads a file that a stranger may have made, away from everything else: no network, no key, no other file.

    What is asked and answered is written by `gateway.evidence.file_questions`; an implementer only carries it.
    """

    def read_file(self, content: bytes, question: str, /) -> bytes | None:
        """Have a question about a file answered; None when what read it died or took too long.

        The answer is as hostile as the file. Raises SluisError (retryable) when nothing could be read at all, for a
        reason that lies with this machine.
        """
        ...


class SignatureVerifier(Protocol):
    """Who can tell what a digital signature in a paper is worth, by the trust anchors of the site."""

    def verify(self, paper: bytes, /, *, signed_by: str, at: dt.datetime) -> PaperSignature:
        """Tell what the signatures in a PDF prove at this moment; `signed_by` is who is said to have signed.

        Never `none`: it is asked only about a paper that says that it is signed. Raises SluisError
        `paper-reading-failed` when its parser died or took too long, and a retryable one when nothing can be read at
        all on this machine.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedDocument:
    """What came of searching one document.

    `names` are of everybody but the subject, `doubted` those among them that were nowhere certain; both secret.
    """

    searchability: Searchability
    findings: DocumentFindings = field(default_factory=DocumentFindings)
    names: tuple[str, ...] = field(default=(), repr=False)
    doubted: tuple[str, ...] = field(default=(), repr=False)


class DocumentSearch(Protocol):
    """Who reads documents of any type, away from everything else, and searches them for people."""

    def search(self, content: bytes, name: str, /, *, known: Known) -> SearchedDocument:
        """Search one document; whatever is wrong with it is an answer. The same input gives the same answer.

        Raises SluisError (retryable) when nothing could be searched at all, for a reason that lies with this machine.
        """
        ...


class NothingSearched:
    """Stands where nobody searches documents: what needs it waits."""

    def search(self, _content: bytes, _name: str, /, *, known: Known) -> SearchedDocument:  # noqa: ARG002 - the port's own signature.
        """See the port."""
        return SearchedDocument(searchability=Searchability.NOT_TEXT)


class NotConnected:
    """Stands for every register that a site has not connected: nobody can tell, so what needs it waits."""

    def verify(self, _paper: bytes, /, *, signed_by: str, at: dt.datetime) -> PaperSignature:  # noqa: ARG002 - the port's own signature.
        """See the port."""
        return PaperSignature.UNTRUSTED

    def filing(self, _reference: str, /, *, sha256: str) -> Filing:  # noqa: ARG002 - the port's own signature.
        """See the port."""
        return Filing.UNREACHABLE

    def withdrawn(self, _reference: str, /, *, on: dt.date) -> bool | None:  # noqa: ARG002 - the port's own signature.
        """See the port."""
        return None

    def standing(self, _number: str, /, *, on: dt.date) -> Standing:  # noqa: ARG002 - the port's own signature.
        """See the port."""
        return Standing.UNREACHABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Registers:
    """The registers of one site, and who verifies signatures for it."""

    cases: CaseSystem
    withdrawals: WithdrawalRegister
    bar: BarRegister
    signatures: SignatureVerifier = field(default_factory=NotConnected)
