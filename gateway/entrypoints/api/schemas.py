"""The bodies of the API, as they are written and as the OpenAPI document describes them: one truth for both."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from gateway.entrypoints.api.scopes import Scope
from gateway.package.facts import Kind, Whose
from gateway.package.ids import SLUG
from gateway.package.manifest import Category, FileRole
from gateway.package.problems import Helper
from gateway.package.states import (
    Channel,
    DeliveryState,
    Outcome,
    PackageState,
    RecipientKind,
    Source,
    Verdict,
)

UUID_PATTERN = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


def _to_utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_to_utc)]


class Body(BaseModel):
    """What every body has in common: names in camelCase, and no other keys than these."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, validate_by_name=True)


class Problem(BaseModel):
    """Problem details (RFC 9457), with the stable code, what to do now, and who can help."""

    model_config = ConfigDict(alias_generator=to_camel)

    type: str
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    instance: str
    code: str
    remedy: str
    helper: Helper
    retryable: bool
    errors: list["Fault"]


class Fault(Body):
    """One fault of an invalid input: its place, and what is expected there."""

    where: str
    expected: str


class ReasonText(Body):
    """A sentence in Dutch and English."""

    nl: str
    en: str


class ReasonBody(Body):
    """Why: a rule's id, the guide's step (0 when none), the article of law and a plain sentence."""

    rule_id: str
    step: int
    article: str
    reason: ReasonText


class FieldBody(ReasonBody):
    """The verdict on one field, and what would have to change for it to go; nothing for one that goes.

    `label` is what people call it: its own path where no rule knows it.
    """

    path: str
    label: ReasonText
    verdict: Verdict
    category: Category | None
    remedy: ReasonText | None


class CountedBody(Body):
    """So many findings in a document that are taken out; what is not certain is listed for a reviewer."""

    kind: Kind
    whose: Whose
    page: int | None
    certain: bool
    count: int


class DocumentBody(ReasonBody):
    """The verdict on one document, by its number, and what is taken out of it.

    `lifted` and `added` count a reviewer's changes: what stays after all, and what goes besides. `kindLabel` is what
    people call its kind.
    """

    number: int
    kind: str
    kind_label: ReasonText
    verdict: Verdict
    redacted: list[CountedBody]
    lifted: int
    added: int


class RecipientDecisionBody(Body):
    """Everything decided for one recipient; no address and no key. Warnings stop nothing."""

    id: str
    name: str
    organisation: str
    kind: RecipientKind
    outcome: Outcome
    channel: Channel | None
    fields: list[FieldBody]
    documents: list[DocumentBody]
    reasons: list[ReasonBody]
    warnings: list[ReasonBody]


class PrivacyOfficeBody(Body):
    """Who helps in doubt."""

    organisation: str
    email: str


class DecidedBody(Body):
    """One decision on one recipient that was made: when, and the id of its audit event, by which it is replayed."""

    decided_at: Moment
    recipient: str
    audit_id: str


class DecisionBody(Body):
    """One decision, for a package or a preview; `decided` are those made by the rules so far, oldest first."""

    outcome: Outcome
    policy_digest: str
    decided_at: Moment
    privacy_office: PrivacyOfficeBody | None
    recipients: list[RecipientDecisionBody]
    decided: list[DecidedBody]


class DifferenceBody(Body):
    """One difference between the decision that was kept and the one that was made again."""

    place: str
    kept: str
    found: str


class ReplayBody(Body):
    """A decision that was made again, of what was kept for it; `same` when not one byte differs.

    `decision` is null when what is kept is not what the audit log says. `decidedBy` and `replayedBy` are versions.
    """

    audit_id: str
    package: str
    recipient: str
    same: bool
    decided_at: Moment
    decided_by: str
    replayed_by: str
    policy_digest: str
    decision: DecisionBody | None
    differences: list[DifferenceBody]


class DeliveryBody(Body):
    """One recipient of a package: what was decided, how far the delivery is, and the receipt that was signed for it."""

    id: str
    state: DeliveryState | None
    channel: Channel | None
    outcome: Outcome | None
    attempts: int
    code: str
    due: Moment | None
    receipt: str


class ExpectedBody(Body):
    """A declared file that has not arrived yet: its number for PUT and its role."""

    number: int
    role: FileRole


class PackageBody(Body):
    """One package as its submitter sees it."""

    id: Annotated[str, Field(pattern=UUID_PATTERN)]
    state: PackageState
    code: str
    source: Source
    submitter: str
    purpose: str
    received_at: Moment
    updated_at: Moment
    recipients: list[DeliveryBody]
    expected: list[ExpectedBody]


class PackagePage(Body):
    """One page of packages, newest first; `cursor` asks for the next page, empty at the end."""

    packages: list[PackageBody]
    cursor: str


Overdue = Literal["", "reminded", "escalated"]


class HoldBody(PackageBody):
    """A held package as a privacy officer sees it; `mend` names what no review settles, and `where` its place, if any.

    `purposeLabel` is what people call the purpose, and `whereSaid` the place as they count and name it.
    `kinds` are those of the values that were found there and may not leave, where that is known.

    The necessity, the sender's own words, is only given when one hold is shown.
    `overdue` tells whether its people were told that it waits:
    reminded, or escalated to deputies and administrators; it is empty before that. At `expiresAt` it ends by itself.
    """

    purpose_label: ReasonText
    rule_ids: list[str]
    mend: list[str]
    where: str
    where_said: ReasonText
    kinds: list[str]
    releasable: bool
    needs_ground: bool
    held_since: Moment
    expires_at: Moment
    overdue: Overdue
    privacy_office: PrivacyOfficeBody | None
    necessity: str


class HoldsPage(Body):
    """One page of holds, newest first; `cursor` asks for the next page, empty at the end."""

    holds: list[HoldBody]
    cursor: str


DIGEST_PATTERN = r"^[0-9a-f]{64}$"
Digest = Annotated[str, StringConstraints(pattern=DIGEST_PATTERN)]


class ApprovalBody(Body):
    """Who stands behind the rules in force."""

    digest: Digest
    proposed_by: str
    approved_by: str
    approved_at: Moment


class ProposalBody(Body):
    """What waits for a second person, and who proposed it."""

    digest: Digest
    proposed_by: str
    organisation: str
    proposed_at: Moment


class PolicyBody(Body):
    """How the rules stand. `inForce` is the digest by which packages are decided, empty when there is none.

    `onDisk` is that of the files as they lie there, `code` what is wrong with them; `waits` when the two differ.
    """

    four_eyes: bool
    in_force: str
    on_disk: str
    changed_at: Moment
    code: str
    waits: bool
    approval: ApprovalBody | None
    proposal: ProposalBody | None


class PolicyChangeBody(Body):
    """One thing that differs: for whom, for which purpose, what, and how."""

    who: str
    purpose: str
    what: str
    before: str
    after: str
    necessity: bool
    secret_address: bool


class PolicyFileBody(Body):
    """The lines of a file that differ, each with `+`, `-` or a space before it."""

    file: str
    lines: list[str]


class PolicyChangesBody(Body):
    """What differs between the rules in force and those on disk; `before` is empty when none are in force."""

    before: str
    after: str
    changes: list[PolicyChangeBody]
    files: list[PolicyFileBody]


class PolicyDigestRequest(Body):
    """Which set is meant: the digest that was looked at."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    digest: Digest


class RecipientBody(Body):
    """A recipient of the register; no address and no key."""

    id: str
    kind: str
    organisation: str
    name: str
    channels: list[str]
    purposes: list[str]


class RecipientList(Body):
    """The recipient register."""

    recipients: list[RecipientBody]


class TokenRequest(Body):
    """Who wants to act, and what the token may do; without scopes it may do everything."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    person: Annotated[str, StringConstraints(pattern=SLUG)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))] = list(Scope)


class TokenBody(Body):
    """A short-lived token for the Authorization header."""

    token: str
    person: str
    scopes: list[Scope]
    expires_in_seconds: int


class SlipBody(BaseModel):
    """The sender's slip of a package that has ended or waits, in the slip's own format."""

    model_config = ConfigDict(extra="allow")


class OpenApiDocument(BaseModel):
    """An OpenAPI document."""

    model_config = ConfigDict(extra="allow")

    openapi: str


class AliveBody(Body):
    """The process answers."""

    status: str


class HealthProblem(Body):
    """One thing that is wrong with the service: a problem code and its place."""

    code: str
    where: str


class HealthBody(Body):
    """How the service is; numbers only for who reaches the socket or sends a token."""

    ready: bool
    version: str
    policy_digest: str = ""
    problems: list[HealthProblem] = []
    packages: dict[str, int] = {}
    overdue_holds: int = 0
    escalated_holds: int = 0
    notices: list[HealthProblem] = []


def json_bytes(body: BaseModel) -> bytes:
    """Write a body as JSON with camelCase keys."""
    return body.__pydantic_serializer__.to_json(body, by_alias=True)


def json_schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Describe a body in JSON Schema, with references into the document's components."""
    return model.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
