"""What a token may be good for."""

from enum import StrEnum


class Scope(StrEnum):
    """What a token may do; a person known by the socket may do all of it."""

    SUBMIT = "packages:submit"
    READ = "packages:read"
    PREVIEW = "previews:create"
    RECIPIENTS = "recipients:read"
    HOLDS = "holds:read"
    REVIEW = "reviews:create"
    WITHDRAW = "withdrawals:create"
    POLICY = "policy:read"
    PROPOSE = "policy-proposals:create"
    APPROVE = "policy-approvals:create"
    KEYS = "keys:read"
    CHANGE_KEYS = "keys:change"
    TEST = "recipient-tests:create"
    DELETE_AUDIT = "audit-deletions:create"
    METRICS = "metrics:read"
