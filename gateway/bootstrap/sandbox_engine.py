"""What a site's sandbox loads: all that documents need, and what reads the other files that a package brings.

It runs inside, where it may import whatever it needs: it opens nothing of a site, and nothing of a site can be opened.
"""

from dataclasses import replace
from functools import partial

from gateway.evidence.file_answers import answer
from gateway.evidence.file_questions import SignatureQuestion
from gateway.minimise import engine
from gateway.minimise.documents.jobs import Engine
from gateway.package.facts import PaperSignature


def load() -> Engine:
    """Load everything. Raises OSError when a list or a program is missing, ImportError for a library."""
    return replace(engine.load(), read=partial(answer, verify=_verify))


def _verify(paper: bytes, question: SignatureQuestion) -> PaperSignature:
    from gateway.evidence.signed_pdf_verdict import verdict  # noqa: PLC0415 - for a signed paper, and for nothing else

    return verdict(paper, question)
