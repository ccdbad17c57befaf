"""Shows a held document to who may review it: by the same evidence and decision as the package's way.

Nothing is kept here and nothing leaves: what is shown goes to one reviewer, over the API. Blocking.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Final

from gateway.minimise.leaving import known_for
from gateway.package.document_view import DocumentView
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Searchability
from gateway.package.states import Contents, Decision, Examined, Package, RecipientDecision, Verdict
from gateway.parts import Past, WantedDocument, WantedDocuments
from gateway.pipeline import Way
from gateway.policy.asking import ask
from gateway.policy.deciding import decide

NOT_TO_BE_SEEN: Final = frozenset({Code.NOT_FOUND, Code.DOCUMENT_NOT_SHOWN})
"""What says of a document that nobody can see it, and so change it."""
_STAYS_BEHIND = frozenset({Verdict.STRIP, Verdict.BLOCK})


def show(way: Way, package: Package, contents: Contents, now: dt.datetime, *, wanted: WantedDocument) -> DocumentView:
    """Show a document as it would go to one recipient.

    Raises SluisError `not-found` for a document that is not there or would not go to that recipient anyway,
    `document-not-shown` for one that can not be searched, and what gathering evidence raises.
    """
    return _shown(way, *_decided(way, package, contents, now, past=wanted.past), contents, wanted=wanted)


def read(
    way: Way, package: Package, contents: Contents, now: dt.datetime, *, wanted: WantedDocuments
) -> tuple[DocumentView | None, ...]:
    """Show documents as they would go to the first who gets them, of evidence gathered once; None where `show` refuses.

    Of pages it gives empty pictures: how many there are. Raises what gathering evidence raises.
    """
    examined, decision = _decided(way, package, contents, now, past=wanted.past)
    views: list[DocumentView | None] = []
    for number in wanted.numbers:
        try:
            view = _shown(way, examined, decision, contents, wanted=WantedDocument(number=number))
        except SluisError as error:
            if error.code not in NOT_TO_BE_SEEN:
                raise
            views.append(None)
        else:
            views.append(replace(view, before=(b"",) * len(view.before), after=()))
    return tuple(views)


def _decided(
    way: Way, package: Package, contents: Contents, now: dt.datetime, *, past: Past
) -> tuple[Examined, Decision]:
    examined = way.examine(package, contents, now, past=past)
    policy = way.parts.policy()
    return examined, decide(ask(examined, policy=policy, now=now), policy=policy)


def _shown(
    way: Way, examined: Examined, decision: Decision, contents: Contents, *, wanted: WantedDocument
) -> DocumentView:
    recipient = next(_getting(decision, wanted), None)
    document = next((each for each in examined.package.documents if each.number == wanted.number), None)
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
