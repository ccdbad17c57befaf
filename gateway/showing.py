"""Shows a held document to who may review it: by the same evidence and decision as the package's way.

Nothing is kept here and nothing leaves: what is shown goes to one reviewer, over the API. Blocking.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from gateway.minimise.leaving import known_for
from gateway.package.document_view import DocumentView
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Searchability
from gateway.package.states import Contents, Decision, Package, RecipientDecision, Verdict
from gateway.parts import WantedDocument
from gateway.pipeline import Way
from gateway.policy.asking import ask
from gateway.policy.deciding import decide

_STAYS_BEHIND = frozenset({Verdict.STRIP, Verdict.BLOCK})


def show(way: Way, package: Package, contents: Contents, now: dt.datetime, *, wanted: WantedDocument) -> DocumentView:
    """Show a document as it would go to one recipient.

    Raises SluisError `not-found` for a document that is not there or would not go to that recipient anyway,
    `document-not-shown` for one that can not be searched, and what gathering evidence raises.
    """
    examined = way.examine(package, contents, now, past=wanted.past)
    policy = way.parts.policy()
    decision = decide(ask(examined, policy=policy, now=now), policy=policy)
    recipient = next(_getting(decision, wanted), None)
    document = next((each for each in package.documents if each.number == wanted.number), None)
    if recipient is None or document is None:
        raise SluisError(Code.NOT_FOUND)
    if examined.evidence.documents.get(document.number) is not Searchability.SEARCHED:
        raise SluisError(Code.DOCUMENT_NOT_SHOWN, where=f"document {document.number}")
    with closing(contents.open(document)) as reader:
        content = reader.read()
    shown = way.parts.documents.show(
        content,
        document.name,
        known=known_for(recipient, evidence=examined.evidence, number=document.number),
        stays=recipient.stays,
        language=recipient.language,
    )
    return replace(shown, number=document.number, kind=document.kind, recipient=recipient.recipient)


def _getting(decision: Decision, wanted: WantedDocument) -> Iterator[RecipientDecision]:
    """Give the recipients to whom the document may go, at last."""
    for each in decision.recipients:
        goes = any(found.number == wanted.number and found.verdict not in _STAYS_BEHIND for found in each.documents)
        if goes and wanted.recipient in ("", each.recipient):
            yield each
