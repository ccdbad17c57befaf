"""Has a digitally signed PDF verified in the sandbox, by the trust anchors of the site.

Rules:
1. A parser of PDF is large and what it reads is hostile. It is loaded in the sandbox, for a paper that says that it is
   signed, and for nothing else: the workers' memory stays as it is. All that comes back is one word.
2. Trust anchors and revocation lists are files of the site, read each time: what an administrator changes counts at
   once. No folder, no anchors: nobody vouches for anybody. An anchor that can not be read vouches for nobody; a
   revocation list that can not be read might revoke anybody, so that then nobody is vouched for either.
"""

import base64
import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from gateway.evidence.file_questions import SignatureQuestion, ask_signatures
from gateway.evidence.port import FileReader
from gateway.package.errors import Code, SluisError
from gateway.package.facts import PaperSignature

ANCHORS = "*.pem"
_LIST_ENDING = ".crl"
_NO_LIST = "a revocation list that can be read, in DER or PEM, expected; all of them together 16 MiB at most"
_MOST_TRUST_BYTES = 16 * 1024 * 1024


class PdfSignatures:
    """Verifies against the trust anchors (`*.pem`) and revocation lists (`*.crl`) that lie in a folder.

    `files` is where a paper is parsed; its bounds on time and memory are those of every job there.
    """

    def __init__(self, trust: Path, *, files: FileReader) -> None:
        self._trust = trust
        self._files = files

    def verify(self, paper: bytes, /, *, signed_by: str, at: dt.datetime) -> PaperSignature:
        """See the port `SignatureVerifier`."""
        question = SignatureQuestion(
            anchors=tuple(content.decode("latin-1") for content in self._anchors()),
            revocations=self._revocations(),
            signed_by=signed_by,
            at=at.isoformat(),
        )
        return ask_signatures(self._files, paper, question)

    def check(self) -> None:
        """Look whether there are trust anchors, and only revocation lists that count.

        Raises SluisError `setting-invalid` with the name of each list that makes every signature untrusted.
        """
        faults = [(path.name, _NO_LIST) for path, content in self._lists() if content is None or not _is_list(content)]
        if not any(b"-----BEGIN CERTIFICATE-----" in content for content in self._anchors()):
            faults.insert(0, (ANCHORS, "a folder with certificates in PEM expected"))
        if faults:
            raise SluisError(Code.SETTING_INVALID, where="registers.signatureTrust", faults=tuple(faults))

    def _anchors(self) -> Iterator[bytes]:
        return (content for _, content in _contents(sorted(self._trust.glob(ANCHORS))) if content is not None)

    def _lists(self) -> Iterator[tuple[Path, bytes | None]]:
        # An ending in capitals is a list too: whoever put it there counts on it.
        return _contents(sorted(path for path in self._trust.glob("*") if path.suffix.lower() == _LIST_ENDING))

    def _revocations(self) -> tuple[str, ...] | None:
        """Give the lists in base64; None when one of them can not be read, so that nobody knows what is revoked."""
        lists = [content for _, content in self._lists()]
        known = tuple(base64.b64encode(content).decode() for content in lists if content is not None)
        return known if len(known) == len(lists) else None


def _is_list(content: bytes) -> bool:
    from gateway.evidence.revocation_lists import revoked_by  # noqa: PLC0415 - a parser that only the check needs here

    try:
        revoked_by(content)
    except ValueError:
        return False
    return True


def _contents(paths: Iterable[Path]) -> Iterator[tuple[Path, bytes | None]]:
    """Read files one by one; None for one that can not be read, or is too large together with those before it."""
    left = _MOST_TRUST_BYTES
    for path in paths:
        content = None
        with suppress(OSError):
            if path.is_file() and path.stat().st_size <= left:
                content = path.read_bytes()
                left -= len(content)
        yield path, content
