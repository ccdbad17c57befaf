"""Verifies a digitally signed PDF in a process of its own, which has an end, a bound on memory and no way out.

Rules:
1. A parser of PDF is large and what it reads is hostile. It is loaded for a paper that says that it is signed, and for
   nothing else: the workers' memory stays as it is.
2. The paper goes to the process over its standard input and rests nowhere. All that comes back is one word.
3. A process that ends in any other way than with its word (out of processor time or memory, killed, an error) says that
   the signature does not hold. Only when it ended before it began is it our fault, and tried again.
4. Trust anchors and revocation lists are files of the site, read each time: what an administrator changes counts at
   once. No folder, no anchors: nobody vouches for anybody. An anchor that can not be read vouches for nobody; a
   revocation list that can not be read might revoke anybody, so that then nobody is vouched for either.
"""

import base64
import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import gateway
from gateway.package.errors import Code, SluisError
from gateway.package.facts import PaperSignature

ANCHORS = "*.pem"
_LIST_ENDING = ".crl"
_NO_LIST = "a revocation list that can be read, in DER or PEM, expected; all of them together 16 MiB at most"
_MOST_TRUST_BYTES = 16 * 1024 * 1024
_COMMAND = (sys.executable, "-P", "-m", "gateway.evidence.signed_pdf_process")
_CODE = Path(gateway.__file__).parents[1]
_WORDS = {each.value.encode(): each for each in PaperSignature if each is not PaperSignature.NONE}


class PdfSignatures:
    """Verifies against the trust anchors (`*.pem`) and revocation lists (`*.crl`) that lie in a folder.

    `patience_seconds` is how long one paper may take by the clock; its processor time and memory have bounds of their
    own (`signed_pdf_process`).
    """

    def __init__(self, trust: Path, *, patience_seconds: float = 120.0) -> None:
        self._trust = trust
        self._patience = patience_seconds

    def verify(self, paper: bytes, /, *, signed_by: str, at: dt.datetime) -> PaperSignature:
        """See the port `SignatureVerifier`."""
        asked = {
            "anchors": [content.decode("latin-1") for content in self._anchors()],
            "revocations": self._revocations(),
            "signedBy": signed_by,
            "at": at.isoformat(),
        }
        try:
            done = subprocess.run(
                _COMMAND,
                input=json.dumps(asked).encode() + b"\n" + paper,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self._patience,
                check=False,
                cwd="/",
                env={**os.environ, "PYTHONPATH": os.fspath(_CODE)},
            )
        except subprocess.TimeoutExpired as error:
            # Its processor time has a bound that is far shorter: this machine is too busy.
            raise SluisError(Code.WORKER_LOST) from error
        ready, _, word = done.stdout.partition(b"\n")
        if not ready:
            raise SluisError(Code.WORKER_LOST)
        return _WORDS.get(word.strip(), PaperSignature.BROKEN) if done.returncode == 0 else PaperSignature.BROKEN

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

    def _revocations(self) -> list[str] | None:
        """Give the lists in base64; None when one of them can not be read, so that nobody knows what is revoked."""
        lists = [content for _, content in self._lists()]
        known = [base64.b64encode(content).decode() for content in lists if content is not None]
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
