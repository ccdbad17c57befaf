"""Which verdict a document gets: steps 2 and 3 of the Wegwijzer, in that order.

    2a a kind that nobody classified stays behind; internal documents never leave
    2b a kind that consists of blocked data (biometrics, genetics) never leaves
    3a the purpose does not need it, or the recipient was not given it
    2c special and criminal content outside the small chain stays behind without a necessity
    2d nobody said what it holds: held
    3b it did not come along to a preview, can not be searched, or may hold what can not be taken out: held
    2e special and criminal content outside the small chain: a second person
    3c what was found is not certain, or there is a picture: a second person
    3d released; redacted when it holds what does not stay (`staying.py`)

The heaviest counts of what the kind says, what the sender declares and what the words point to. As for fields, 3a comes
before 2c, so that nobody is held for a document that would not go anyway. What a person looks at comes last, and a
review never lets a document pass that was not searched. What of 2e and 3c holds the same document is told together: a
release covers only what was shown, and a doubt behind another hold would go unseen.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gateway.package.edits import DocumentEdits
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Counted, DocumentFindings, Searchability, Stays
from gateway.package.manifest import Category
from gateway.package.problems import reason_of
from gateway.package.question import AskedDocument, Question
from gateway.package.reviews import FOR_A_PERSON_TO_SETTLE
from gateway.package.states import DocumentVerdict, Reason, Verdict
from gateway.policy.field_rules import judge_sensitive
from gateway.policy.policy_set import DocumentKind, Grant, Judgement, MayHold, PolicySet, Recipient
from gateway.policy.rules import RuleId

_CAN_NOT_BE_SEARCHED = {
    Searchability.TEXT: None,
    Searchability.SEARCHED: None,
    Searchability.NOT_TEXT: RuleId.DOCUMENT_NOT_SEARCHABLE,
    Searchability.TOO_LARGE: RuleId.DOCUMENT_TOO_LARGE,
    Searchability.ENCRYPTED: RuleId.DOCUMENT_ENCRYPTED,
    Searchability.TYPE_MISMATCH: RuleId.DOCUMENT_TYPE_MISMATCH,
    Searchability.ACTIVE_CONTENT: RuleId.DOCUMENT_ACTIVE_CONTENT,
    Searchability.SEARCH_FAILED: RuleId.DOCUMENT_SEARCH_FAILED,
    Searchability.MALWARE: RuleId.DOCUMENT_MALWARE,
    Searchability.NOT_SCANNED: RuleId.DOCUMENT_NOT_SCANNED,
}
_NOTHING_FOUND = DocumentFindings()


def judge_documents(
    asked: Question, *, recipient: Recipient, grant: Grant, policy: PolicySet
) -> Iterator[DocumentVerdict]:
    """Give the verdict on each document that the sender wants to share; proofs and data files are not shared."""
    for document in asked.documents:
        verdict, reason = _judge(document, asked=asked, recipient=recipient, grant=grant, policy=policy)
        yield DocumentVerdict(number=document.number, kind=document.kind, verdict=verdict, reason=reason)


def categories_of(numbers: frozenset[int], *, asked: Question, policy: PolicySet) -> frozenset[Category]:
    """Give the categories of some documents: what their kinds say and what the sender declares."""
    chosen = [each for each in asked.documents if each.number in numbers]
    kinds = (policy.documents.get(each.kind) for each in chosen)
    declared = (category for each in chosen for category in (*each.declared_categories, *_found(each, asked).raised))
    return frozenset((*declared, *(kind.category for kind in kinds if kind is not None)))


def redact_where_needed(
    verdict: DocumentVerdict, *, asked: Question, stays: Stays, edits: DocumentEdits | None, policy: PolicySet
) -> DocumentVerdict:
    """Turn the release of a document in which something does not stay into its redaction; any other verdict stays.

    `edits` are a reviewer's changes: what they lift stays as well, and what they add does not.
    """
    if verdict.verdict is not Verdict.RELEASE:
        return verdict
    gone = asked.facts.findings.get(verdict.number, _NOTHING_FOUND).gone(stays)
    if edits is not None:
        gone = _without(gone, edits.lifted)
        verdict = replace(verdict, edits=edits)
    if not gone and not (edits and edits.added):
        return verdict
    permitted = verdict.reason.rule_id == RuleId.DOCUMENT_PERMITTED
    reason = policy.reasons[RuleId.DOCUMENT_REDACTED] if permitted else verdict.reason
    return replace(verdict, verdict=Verdict.REDACT, reason=reason, redacted=gone)


def _without(gone: Iterable[Counted], lifted: Iterable[Counted]) -> tuple[Counted, ...]:
    fewer: Counter[Counted] = Counter()
    for each in lifted:
        fewer[replace(each, count=1)] += each.count
    left = (replace(each, count=each.count - fewer[replace(each, count=1)]) for each in gone)
    return tuple(each for each in left if each.count > 0)


def _found(document: AskedDocument, asked: Question) -> DocumentFindings:
    return asked.facts.findings.get(document.number, _NOTHING_FOUND)


def _judge(
    document: AskedDocument,
    *,
    asked: Question,
    recipient: Recipient,
    grant: Grant,
    policy: PolicySet,
) -> Judgement:
    kind = policy.documents.get(document.kind)
    if kind is None:
        return Verdict.STRIP, policy.reasons[RuleId.DOCUMENT_UNKNOWN_KIND]
    categories = {kind.category, *document.declared_categories, *_found(document, asked).raised}
    kept = _stays_behind(kind, categories=categories, grant=grant, policy=policy)
    if kept is not None:
        return kept
    judged = _judge_content(categories, small_chain=recipient.small_chain, necessity=asked.necessity, policy=policy)
    if judged[0] is Verdict.STRIP:
        return judged
    searchability = asked.facts.documents.get(document.number, Searchability.NOT_TEXT)
    if searchability is Searchability.NOT_THERE:
        return Verdict.HOLD, reason_of(SluisError(Code.DOCUMENT_MISSING))
    waits_for = _waits_for(document, searchability, kind=kind, asked=asked, grant=grant)
    if waits_for is None and judged[0] is not Verdict.HOLD:
        waits_for = next(_to_look_at(_found(document, asked)), None)
    return judged if waits_for is None else (Verdict.HOLD, policy.reasons[waits_for])


def _judge_content(categories: set[Category], *, small_chain: bool, necessity: bool, policy: PolicySet) -> Judgement:
    sensitive = categories & {Category.SPECIAL, Category.CRIMINAL}
    if not sensitive:
        return Verdict.RELEASE, policy.reasons[RuleId.DOCUMENT_PERMITTED]
    # Special data first: its rule asks for more than the one for criminal data.
    heaviest = Category.SPECIAL if Category.SPECIAL in sensitive else Category.CRIMINAL
    return judge_sensitive(heaviest, small_chain=small_chain, necessity=necessity, reasons=policy.reasons)


def _stays_behind(
    kind: DocumentKind, *, categories: set[Category], grant: Grant, policy: PolicySet
) -> Judgement | None:
    if Category.INTERNAL in categories:
        return Verdict.BLOCK, policy.reasons[RuleId.DOCUMENT_INTERNAL]
    if kind.blocked is not None:
        return Verdict.BLOCK, kind.blocked
    if kind.id not in grant.purpose.documents:
        return Verdict.STRIP, policy.reasons[RuleId.DOCUMENT_NOT_NEEDED]
    if kind.id not in grant.documents:
        return Verdict.STRIP, policy.reasons[RuleId.DOCUMENT_NOT_GIVEN]
    return None


def _waits_for(
    document: AskedDocument, searchability: Searchability, *, kind: DocumentKind, asked: Question, grant: Grant
) -> RuleId | None:
    if not document.declared_categories:
        return RuleId.DOCUMENT_UNDECLARED
    unsearchable = _CAN_NOT_BE_SEARCHED[searchability]
    if unsearchable is not None or searchability is Searchability.SEARCHED:
        facial_image = MayHold.FACIAL_IMAGE in kind.may_hold
        return unsearchable or (RuleId.DOCUMENT_FACIAL_IMAGE if facial_image else None)
    secret = asked.secret_address and not grant.purpose.names_secret_address
    return _not_searched(kind, secret_address=secret)


def _not_searched(kind: DocumentKind, *, secret_address: bool) -> RuleId | None:
    """Say what a plain text waits for that was not searched for people."""
    may_hold = {
        RuleId.DOCUMENT_FACIAL_IMAGE: MayHold.FACIAL_IMAGE in kind.may_hold,
        RuleId.DOCUMENT_THIRD_PARTIES: MayHold.THIRD_PARTIES in kind.may_hold,
        RuleId.DOCUMENT_SECRET_ADDRESS: secret_address,
    }
    return next((rule for rule, waits in may_hold.items() if waits), None)


def looked_at_as_well(verdict: DocumentVerdict, *, asked: Question, policy: PolicySet) -> Iterator[Reason]:
    """Give what else a person has to look at in a document that waits for a person, beside the reason of its verdict.

    Of what has to be mended first nothing more is told: it is decided anew by then.
    """
    if verdict.verdict is Verdict.HOLD and verdict.reason.rule_id in FOR_A_PERSON_TO_SETTLE:
        found = asked.facts.findings.get(verdict.number, _NOTHING_FOUND)
        yield from (policy.reasons[rule] for rule in _to_look_at(found) if rule != verdict.reason.rule_id)


def _to_look_at(found: DocumentFindings) -> Iterator[RuleId]:
    if found.pictures:
        yield RuleId.DOCUMENT_PICTURE
    if found.doubtful():
        yield RuleId.DOCUMENT_DOUBTFUL
