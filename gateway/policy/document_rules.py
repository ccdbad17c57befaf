"""Which verdict a document gets: steps 2 and 3 of the Wegwijzer, in that order.

    2a a kind that nobody classified stays behind; internal documents never leave
    2b a kind that consists of blocked data (biometrics, genetics) never leaves
    3a the purpose does not need it, or the recipient was not given it
    2c special and criminal content outside the small chain stays behind without a necessity
    2d nobody said what it holds: held
    3b it did not come along to a preview, can not be searched, or may hold what has to be taken out first: held
    2e special and criminal content outside the small chain: a second person
    3c released

The heavier counts of what the kind says and what the sender declares. As for fields, 3a comes before 2c, so that nobody
is held for a document that would not go anyway. 2e comes last: a second person is only asked about what could go, and a
review never lets a document pass that was not searched.
"""

from collections.abc import Iterator

from gateway.package.errors import Code, SluisError
from gateway.package.facts import Searchability
from gateway.package.manifest import Category
from gateway.package.problems import reason_of
from gateway.package.question import AskedDocument, Question
from gateway.package.states import DocumentVerdict, Verdict
from gateway.policy.field_rules import judge_sensitive
from gateway.policy.policy_set import DocumentKind, Grant, Judgement, MayHold, PolicySet, Recipient
from gateway.policy.rules import RuleId

_MUST_BE_TAKEN_OUT = {
    MayHold.THIRD_PARTIES: RuleId.DOCUMENT_THIRD_PARTIES,
    MayHold.FACIAL_IMAGE: RuleId.DOCUMENT_FACIAL_IMAGE,
}
_CAN_NOT_BE_SEARCHED = {
    Searchability.TEXT: None,
    Searchability.NOT_TEXT: RuleId.DOCUMENT_NOT_SEARCHABLE,
    Searchability.TOO_LARGE: RuleId.DOCUMENT_TOO_LARGE,
}


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
    declared = (category for each in chosen for category in each.declared_categories)
    return frozenset((*declared, *(kind.category for kind in kinds if kind is not None)))


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
    categories = {kind.category, *document.declared_categories}
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
    if unsearchable is not None:
        return unsearchable
    if kind.may_hold:
        return _MUST_BE_TAKEN_OUT[kind.may_hold[0]]
    if asked.secret_address and not grant.purpose.names_secret_address:
        return RuleId.DOCUMENT_SECRET_ADDRESS
    return None
