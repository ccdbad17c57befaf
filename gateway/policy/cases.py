"""The table of cases: what the rules have to decide about packages that somebody thought of.

Rules:
1. A case is a package, the facts about it and what is expected. What it does not name is ordinary and fine: an adult,
   usable keys, connected channels.
2. Every field and document of a case is expected to end in one way; a verdict that nobody expects is a difference.
3. Nothing is sent, and no fact is fetched: the decision is the very function that decides about packages.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, ValidationError, WithJsonSchema

from gateway.package.errors import Code, SluisError
from gateway.package.facts import (
    Counted,
    DocumentFindings,
    KeyHealth,
    Kind,
    Paper,
    PaperSignature,
    Searchability,
    Standing,
    Whose,
)
from gateway.package.history import History, SentBefore
from gateway.package.ids import PackageId, PersonId, RecipientId
from gateway.package.manifest import Category, FileRole, Manifest
from gateway.package.reviews import Opinion, Review, ReviewReason, ReviewVerdict
from gateway.package.states import (
    Channel,
    Data,
    Decision,
    Document,
    Evidence,
    Examined,
    Outcome,
    Package,
    Source,
    Submitter,
)
from gateway.policy.case_papers import CaseConsent, CaseMandate
from gateway.policy.deciding import decide_only
from gateway.policy.policy_form import Day, Form, RecipientForm, Slug, Text, Whole
from gateway.policy.policy_set import PolicySet, Recipient
from gateway.policy.register import fingerprints, known
from gateway.policy.reviewing import holding_rules, refused_by_review
from gateway.policy.same_person import Identifying
from gateway.policy.value_forms import SPECIMENS, ValueForm

_NUMBER_AND_BIRTH = {
    "vNumber": SPECIMENS[ValueForm.V_NUMBER],
    "dateOfBirth": SPECIMENS[ValueForm.DATE],
}
_ANOTHER = {ValueForm.V_NUMBER: "0991234502", ValueForm.DATE: "1991-06-02", None: "Iemand Anders"}
_NAMES = frozenset(Identifying) - {Identifying.V_NUMBER, Identifying.DATE_OF_BIRTH}
_AT = dt.time(9, 0, tzinfo=dt.UTC)


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Recipients = Annotated[
    tuple[Slug, ...],
    Field(min_length=1),
    BeforeValidator(_as_list),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]


class CaseDocument(Form):
    """One document of a case; `holds` are its declared categories."""

    kind: Slug
    holds: tuple[Category, ...] = ()
    search: Searchability = Searchability.SEARCHED
    third_parties: Whole = 0
    officials: Whole = 0
    doubtful: Whole = 0
    own: tuple[Kind, ...] = ()
    pictures: Whole = 0
    raised: tuple[Category, ...] = ()
    expected: Text

    def findings(self) -> DocumentFindings:
        """Give what a search would have found in it."""
        counted = (
            Counted(kind=Kind.NAME, whose=Whose.THIRD_PARTY, count=self.third_parties),
            Counted(kind=Kind.NAME, whose=Whose.OFFICIAL, count=self.officials),
            Counted(kind=Kind.NAME, whose=Whose.THIRD_PARTY, certain=False, count=self.doubtful),
        )
        own = (Counted(kind=kind, whose=Whose.SUBJECT) for kind in self.own)
        return DocumentFindings(
            counted=(*(each for each in counted if each.count), *own), pictures=self.pictures, raised=self.raised
        )


class CaseHistory(Form):
    """What was sent before: about the subject to whom, this very data how many days ago, or never to this recipient."""

    sent_to: tuple[Slug, ...] = ()
    same_data_days: Whole | None = None
    first_time: StrictBool = False

    def facts(self, recipient: Recipient, *, at: dt.datetime, policy: PolicySet) -> History:
        """Give what the history would say."""
        before = [SentBefore(recipient=each, kind=policy.recipients[each].kind.value) for each in self._known(policy)]
        if self.same_data_days is not None:
            same_at = at - dt.timedelta(days=self.same_data_days)
            before.append(SentBefore(recipient=recipient.id, kind=recipient.kind.value, same_data_at=same_at))
        return History(about_subject=tuple(before), reached=() if self.first_time else (recipient.id,))

    def _known(self, policy: PolicySet) -> Iterator[RecipientId]:
        for each in map(RecipientId, self.sent_to):
            if each not in policy.recipients:
                raise SluisError(Code.RECIPIENT_UNKNOWN, where="history.sentTo")
            yield each


class CaseForm(Form):
    """One line of the table. A new key of a case gets its place here, in `_manifest` or in `_evidence`."""

    case: Text
    to: Recipients
    purpose: Slug
    fields: dict[str, Text] | None = None
    documents: tuple[CaseDocument, ...] = ()
    outcome: Outcome
    because: tuple[Text, ...] | None = None
    warnings: tuple[Text, ...] = ()
    history: CaseHistory = CaseHistory()
    requested_by: Text | None = None
    sender: Text = "DT&V"
    necessity: Text | None = None
    secret_address: StrictBool = False
    ages: tuple[Whole, ...] = (30, 30)
    guardianship: StrictBool = False
    consent: StrictBool | CaseConsent = False
    mandate: StrictBool | CaseMandate = False
    bar: Standing = Standing.REGISTERED
    subject: Text = "x"
    name_variants: tuple[Text, ...] = ()
    channel: Channel | None = None
    connected: tuple[Channel, ...] = (Channel.SECURE_MAIL, Channel.FILE_DROP)
    partial: Literal["refused", "allowed"] = "refused"
    key: KeyHealth = KeyHealth.USABLE
    today: Day = dt.date(2026, 11, 20)
    review: Literal["released", "refused"] | None = None
    wrong: tuple[Text, ...] = ()
    another: tuple[Text, ...] = ()
    rows: Annotated[Whole, Field(ge=1, le=9)] = 1

    def signed_consent(self) -> CaseConsent | None:
        """Give the authorisation, if there is one."""
        return CaseConsent() if self.consent is True else self.consent or None

    def signed_mandate(self) -> CaseMandate | None:
        """Give the mandate, if there is one."""
        return CaseMandate() if self.mandate is True else self.mandate or None


class CasesForm(Form):
    """The file cases.yaml; `recipients` are entries that only its cases use."""

    cases: tuple[CaseForm, ...]
    recipients: tuple[RecipientForm, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What a case expects, and what was found instead; `what` is a field's path, a document, or the outcome."""

    what: str
    expected: str
    found: str


def decide_case(case: CaseForm, *, policy: PolicySet) -> Decision:
    """Decide about the package of one case.

    Raises SluisError `recipient-unknown` or `purpose-unknown`, as intake does, or `manifest-invalid` when no sender
    could say what the case says.
    """
    recipient = policy.recipients.get(RecipientId(case.to[0]))
    if recipient is None:
        raise SluisError(Code.RECIPIENT_UNKNOWN, where="recipients[0]")
    manifest = _checked(_manifest(case, recipient=recipient))
    known(policy, manifest)
    package = Package(
        id=PackageId("00000000-0000-4000-8000-000000000000"),
        source=Source.API,
        submitter=Submitter(person=PersonId("caseworker"), organisation=case.sender, roles=("caseworker",)),
        received_at=_moment(case),
        manifest=manifest,
        documents=tuple(_documents(case)),
    )
    examined = Examined(package=package, evidence=_evidence(case, recipient=recipient, policy=policy))
    decision = decide_only(examined, policy=policy, now=_moment(case))
    return decision if case.review is None else _reviewed(case, decision, examined=examined, policy=policy)


def _reviewed(case: CaseForm, hold: Decision, *, examined: Examined, policy: PolicySet) -> Decision:
    """Decide again with the review of a privacy officer who has looked at the hold as it stands."""
    if case.review == "refused":
        return refused_by_review(hold, policy=policy)
    release = Opinion(
        verdict=ReviewVerdict.RELEASE, reason=ReviewReason.NECESSITY_PROVEN, ground="GDPR 9(2); UAVG 22-33"
    )
    review = Review(
        reviewer=PersonId("privacy-officer"),
        organisation=case.sender,
        opinion=release,
        rule_ids=holding_rules(hold),
        policy_digest=hold.policy_digest,
        at=_moment(case),
    )
    reviewed = replace(examined, evidence=replace(examined.evidence, reviews=(review,)))
    return decide_only(reviewed, policy=policy, now=_moment(case))


def results_of(decision: Decision) -> dict[str, str]:
    """Write a decision as a case does: fields and documents of the first recipient, the outcome and its reasons."""
    first = decision.recipients[0]
    found = {each.path: f"{each.verdict} {each.reason.rule_id}" for each in first.fields}
    found |= {f"document {each.number}": f"{each.verdict} {each.reason.rule_id}" for each in first.documents}
    found["outcome"] = decision.outcome.value
    found["because"] = ", ".join(reason.rule_id for reason in first.reasons)
    found["warnings"] = ", ".join(reason.rule_id for reason in first.warnings)
    return found


def differences(case: CaseForm, *, policy: PolicySet) -> tuple[Difference, ...]:
    """Run one case; give every difference, none when the rules decide as it says."""
    try:
        found = results_of(decide_case(case, policy=policy))
    except SluisError as error:
        return (Difference(error.where or "to", "a decision", error.code.value),)
    expected = dict(_expected(case))
    if case.because is None:
        del found["because"]
    names = dict.fromkeys((*expected, *found))
    return tuple(
        Difference(name, expected.get(name, "nothing"), found.get(name, "nothing"))
        for name in names
        if expected.get(name) != found.get(name)
    )


def _expected(case: CaseForm) -> Iterator[tuple[str, str]]:
    yield from (case.fields or {}).items()
    yield from ((f"document {number}", each.expected) for number, each in enumerate(case.documents, 1))
    yield "outcome", case.outcome.value
    yield "warnings", ", ".join(case.warnings)
    if case.because is not None:
        yield "because", ", ".join(case.because)


def _moment(case: CaseForm) -> dt.datetime:
    return dt.datetime.combine(case.today, _AT)


def _checked(manifest: dict[str, Any]) -> Manifest:
    try:
        return Manifest.model_validate(manifest)
    except ValidationError as error:
        place = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
        raise SluisError(Code.MANIFEST_INVALID, where=place) from error


def _manifest(case: CaseForm, *, recipient: Recipient) -> dict[str, Any]:
    """Write what the sender says."""
    manifest: dict[str, Any] = {
        "format": "sluis-package/1",
        "recipients": list(case.to),
        "purpose": case.purpose,
        "partial": case.partial,
        "sender": {"organisation": case.sender, "name": "x"},
        "subject": {"name": case.subject, "secretAddress": case.secret_address, **_NUMBER_AND_BIRTH},
    }
    if case.name_variants:
        manifest["subject"]["nameVariants"] = list(case.name_variants)
    if case.necessity is not None:
        manifest["necessity"] = case.necessity
    if case.requested_by is not None:
        manifest["request"] = {"requestedBy": case.requested_by}
    if case.channel is not None:
        manifest["channel"] = case.channel.value
    if case.guardianship:
        manifest["guardianship"] = {"reference": "C/01/2026"}
    if (consent := case.signed_consent()) is not None:
        manifest["consent"] = consent.manifest(subject=case.subject, recipient=recipient.organisation)
    if (mandate := case.signed_mandate()) is not None:
        manifest["mandate"] = mandate.manifest(subject=case.subject)
    return manifest


def _evidence(case: CaseForm, *, recipient: Recipient, policy: PolicySet) -> Evidence:
    """Write the facts that would be gathered."""
    youngest, oldest = (*case.ages, None, None)[:2]
    consent, mandate = case.signed_consent(), case.signed_mandate()
    return Evidence(
        today=case.today,
        youngest=youngest,
        oldest=oldest,
        keys=dict.fromkeys(fingerprints(policy, map(RecipientId, case.to)), case.key),
        documents={number: each.search for number, each in enumerate(case.documents, 1)},
        findings={number: each.findings() for number, each in enumerate(case.documents, 1)},
        open_channels=frozenset(case.connected),
        data=None if case.fields is None else Data(shape="list", rows=tuple(_rows(case, policy=policy))),
        consent=None if consent is None else consent.facts(ages=case.ages),
        mandate=Paper.MISSING if mandate is None else mandate.paper,
        mandate_signature=PaperSignature.NONE if mandate is None else mandate.signature,
        bar={recipient.id: case.bar} if recipient.bar_number else {},
        history=case.history.facts(recipient, at=_moment(case), policy=policy),
    )


def _documents(case: CaseForm) -> Iterator[Document]:
    for number, each in enumerate(case.documents, 1):
        yield Document(
            number=number,
            role=FileRole.DOCUMENT,
            kind=each.kind,
            size=10,
            digest="0" * 64,
            stream=f"document-{number}",
            declared_categories=tuple(each.holds),
        )


def _rows(case: CaseForm, *, policy: PolicySet) -> Iterator[dict[str, Any]]:
    """Make as many rows as the case says; what is another person's stands in the last one."""
    for number in range(case.rows):
        yield _row(case, another=case.another if number == case.rows - 1 else (), policy=policy)


def _row(case: CaseForm, *, another: tuple[str, ...], policy: PolicySet) -> dict[str, Any]:
    """Make data with the fields of a case; each has a value that fits, but those that are `wrong`."""
    row: dict[str, Any] = {}
    for path in case.fields or ():
        *parents, last = path.split(".")
        place = row
        for parent in parents:
            key = parent.removesuffix("[]")
            items = place.setdefault(key, [{}] if parent.endswith("[]") else {})
            place = items[0] if isinstance(items, list) else items
        value = "x" if path in case.wrong else _value(path, case=case, another=path in another, policy=policy)
        place[last.removesuffix("[]").replace("~1", ".")] = [value] if last.endswith("[]") else value
    return row


def _value(path: str, *, case: CaseForm, another: bool, policy: PolicySet) -> str:
    form = policy.forms.get(path)
    if another:
        return _ANOTHER[form]
    if form is not None:
        return SPECIMENS[form]
    return case.subject if policy.identifying.get(path) in _NAMES else "x"
