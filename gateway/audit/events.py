"""The closed list of audit events, and the only keys and value patterns that an event may carry.

Rules:
1. An event names what happened to which package, by which rule, for which recipient: codes, ids, counts and
   digests. Never a value out of a package, never a file name, never an exception's text.
2. Names follow the Elastic Common Schema 9.4; what ECS does not know stands under `gateway.`.
3. Each event is durable before the act that it announces (FSC Logging, "no record, no release").
"""

from dataclasses import dataclass, field
from enum import StrEnum, unique

from gateway.package.ids import PackageId, PersonId, RecipientId


@unique
class EventAction(StrEnum):
    """Every event there is; a new one is argued for in DECISIONS.md."""

    SERVICE_STARTED = "service-started"
    SERVICE_STOPPED = "service-stopped"
    AUDIT_LOG_RECOVERED = "audit-log-recovered"
    AUDIT_DELETION_PROPOSED = "audit-deletion-proposed"
    AUDIT_SEGMENT_DELETED = "audit-segment-deleted"
    POLICY_PROPOSED = "policy-proposed"
    POLICY_APPROVED = "policy-approved"
    POLICY_LOADED = "policy-loaded"
    KEY_PROPOSED = "key-proposed"
    KEY_RENEWED = "key-renewed"
    KEY_TRUSTED = "key-trusted"
    KEY_RETIREMENT_PROPOSED = "key-retirement-proposed"
    KEY_RETIRED = "key-retired"
    SIGNING_KEY_ROTATED = "signing-key-rotated"
    PSEUDONYM_KEY_ROTATED = "pseudonym-key-rotated"
    RECIPIENT_TEST_STARTED = "recipient-test-started"
    RECIPIENT_TESTED = "recipient-tested"
    PACKAGE_RECEIVED = "package-received"
    PACKAGE_REJECTED = "package-rejected"
    PACKAGE_POLICY_EVALUATED = "package-policy-evaluated"
    PACKAGE_HELD = "package-held"
    DOCUMENT_VIEWED = "document-viewed"
    PACKAGE_REVIEWED = "package-reviewed"
    PACKAGE_REFUSED = "package-refused"
    PACKAGE_SEALED = "package-sealed"
    PACKAGE_RELEASE_STARTED = "package-release-started"
    PACKAGE_RELEASED = "package-released"
    PACKAGE_RELEASE_FAILED = "package-release-failed"
    PACKAGE_RELEASE_UNCERTAIN = "package-release-uncertain"
    PACKAGE_COLLECTED = "package-collected"
    PICKUP_REMINDED = "pickup-reminded"
    PICKUP_CODE_WRONG = "pickup-code-wrong"
    PICKUP_CODE_TEXTED = "pickup-code-texted"
    PACKAGE_EXPIRED = "package-expired"
    PACKAGE_WITHDRAWN = "package-withdrawn"
    HOLD_REMINDED = "hold-reminded"
    HOLD_ESCALATED = "hold-escalated"
    ALERT_RAISED = "alert-raised"
    USER_LOGIN = "user-login"
    USER_LOGIN_FAILED = "user-login-failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event before it is written; the log adds time, sequence, id, salt, host and version.

    `id` is only given for an event that something else names, and drawn by the log otherwise.
    `codes` are rule ids or problem codes, of an alert its rule, and `raised_by` the event that raised it;
    `warnings` ids of rules that stopped nothing; `verdicts` counts verdicts by
    name ("release": 3); `digest` is a SHA-256 of ciphertext or a keyed digest; `message_id` the mail's Message-ID;
    `counts` small whole numbers by name. Of a review `person` is the reviewer, its reason a code, and `deputy_for` the
    officer in whose place it decided; of an approval `person` approved what `proposer` proposed. `proof` says what a
    signed paper proved, `sealer` which engine encrypted, `key` is the fingerprint of a public key,
    `pseudonym_key` the number of a key of pseudonyms ("k2"). `subjects` are the
    pseudonyms of the person whom it is about, one for each identifier; `legal_basis` names the ground of the
    disclosure; `trace`, `span` and `parent_span` (the caller's) are W3C Trace Context ids, 32, 16 and 16 hexadecimal
    digits. Of a deletion from this log `lines` are the numbers of the first line and of the one behind the last, `root`
    is that of the tree of so many lines, in hexadecimal, and `retention_policy` refers to the written policy that says
    how long lines are kept.
    """

    action: EventAction
    id: str = ""
    package: PackageId | None = None
    recipient: RecipientId | None = None
    person: PersonId | None = None
    proposer: PersonId | None = None
    organisation: str = ""
    outcome: str = "success"
    source: str = ""
    channel: str = ""
    sealer: str = ""
    purpose: str = ""
    codes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    policy_digest: str = ""
    digest: str = ""
    size: int | None = None
    message_id: str = ""
    attempt: int | None = None
    warnings: tuple[str, ...] = ()
    verdicts: tuple[tuple[str, int], ...] = ()
    counts: tuple[tuple[str, int], ...] = field(default=())
    proof: str = ""
    review_verdict: str = ""
    review_reason: str = ""
    deputy_for: PersonId | None = None
    key: str = ""
    pseudonym_key: str = ""
    raised_by: str = ""
    subjects: tuple[str, ...] = ()
    legal_basis: str = ""
    trace: str = ""
    span: str = ""
    parent_span: str = ""
    lines: tuple[int, int] | None = None
    root: str = ""
    retention_policy: str = ""
