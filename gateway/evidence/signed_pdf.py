"""Verifies a digitally signed PDF in a process of its own, which has an end, a bound on memory and no way out.

Rules:
1. A parser of PDF is large and what it reads is hostile. It is loaded for a paper that says that it is signed, and for
   nothing else: the workers' memory stays as it is.
2. The paper goes to the process over its standard input and rests nowhere. All that comes back is one word.
3. A process that ends in any other way than with its word (out of processor time or memory, killed, an error) says that
   the signature does not hold. Only when it ended before it began is it our fault, and tried again.
4. Trust anchors and revocation lists are files of the site, read each time: what an administrator changes counts at
   once. No folder, no anchors: nobody vouches for anybody.
"""

import base64
import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import gateway
from gateway.package.errors import Code, SluisError
from gateway.package.facts import PaperSignature

ANCHORS = "*.pem"
REVOCATIONS = "*.crl"
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
            "anchors": [content.decode("latin-1") for content in self._files(ANCHORS)],
            "revocations": [base64.b64encode(content).decode() for content in self._files(REVOCATIONS)],
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
        """Look whether there are trust anchors. Raises SluisError `setting-invalid`."""
        if not any(b"-----BEGIN CERTIFICATE-----" in content for content in self._files(ANCHORS)):
            raise SluisError(
                Code.SETTING_INVALID,
                where="registers.signatureTrust",
                faults=((ANCHORS, "a folder with certificates in PEM expected"),),
            )

    def _files(self, pattern: str) -> Iterator[bytes]:
        """Read the files of one kind; what can not be read, or is far too large, vouches for nobody."""
        left = _MOST_TRUST_BYTES
        for path in sorted(self._trust.glob(pattern)):
            try:
                if not path.is_file() or path.stat().st_size > left:
                    continue
                content = path.read_bytes()
            except OSError:
                continue
            left -= len(content)
            yield content
