"""Turns an event into the one line that is evidence: closed keys, a pattern for every value, nothing else.

Rules, in order:
1. Keys are the Elastic Common Schema 9.4 names written flat with dots (`"event.action": …`), which ECS tools read
   the same as nested ones; what ECS does not know stands under `gateway.`. No other key can be written.
2. Every value matches the pattern of its key, so that neither a name with spaces, a line break, a mail address nor
   a bare number of 9 or 10 digits (BSN, V-number) can stand where a code or an id belongs. What does not match is
   misuse by our own code: ValueError with the key, never the value.
3. Category, type and outcome follow from the action (ECS 9.4, allowed values of event.category).
4. A leaf is SHA-256 over 0x00 and the exact bytes of the line (RFC 9162 section 2.1.1). Lines are never serialised
   again; each carries 128 random bits, so that its hash can not be guessed from what it says.
5. `event.sequence` is the leaf's index: it starts at 0 and has no gaps.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from gateway.audit.events import Event, EventAction
from gateway.package.errors import Code
from gateway.package.facts import Proof
from gateway.package.ids import JOSE, PINNED_KEY, KeyKind
from gateway.package.manifest import Category
from gateway.package.reviews import ReviewReason, ReviewVerdict
from gateway.package.states import Channel, Source, Verdict

ECS_VERSION = "9.4.0"
MAX_LINE_BYTES = 65_535  # C2SP tlog-tiles: the length of an entry is a uint16.
COUNT_NAMES = frozenset(
    {
        "bytes_cut",
        "checkpoint_bytes_cut",
        "documents",
        "events",
        "faults",
        "fields",
        "files_removed",
        "findings_added",
        "findings_lifted",
        "packages",
        "recipients",
        "unreadable_lines",
        "unsigned_lines",
        "wrong_codes",
    }
)
_SALT_BYTES = 16
_CODES = frozenset(code.value for code in Code)
# Two readings of "no number of 9 or 10 digits": nowhere at all, or not as a word of its own. The second is for ids in
# which hexadecimal digits may happen to stand in such a row.
_NO_NUMBER = r"(?!.*(?<![0-9])[0-9]{9,10}(?![0-9]))"
_NO_NUMBER_WORD = r"(?!.*(?<![0-9A-Za-z])[0-9]{9,10}(?![0-9A-Za-z]))"
_SLUG = _NO_NUMBER + r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"


class _Kind(NamedTuple):
    """ECS category and type of an action; outcome None means that the event says it."""

    category: str
    type: str
    outcome: str | None


_KINDS: dict[EventAction, _Kind] = {
    EventAction.SERVICE_STARTED: _Kind("process", "start", None),
    EventAction.SERVICE_STOPPED: _Kind("process", "end", None),
    EventAction.AUDIT_LOG_RECOVERED: _Kind("file", "info", "success"),
    EventAction.AUDIT_DELETION_PROPOSED: _Kind("configuration", "info", "success"),
    EventAction.AUDIT_SEGMENT_DELETED: _Kind("file", "deletion", "success"),
    EventAction.POLICY_PROPOSED: _Kind("configuration", "info", "success"),
    EventAction.POLICY_APPROVED: _Kind("configuration", "info", "success"),
    EventAction.POLICY_LOADED: _Kind("configuration", "change", None),
    EventAction.KEY_PROPOSED: _Kind("configuration", "info", "success"),
    EventAction.KEY_RENEWED: _Kind("configuration", "change", "success"),
    EventAction.KEY_TRUSTED: _Kind("configuration", "change", "success"),
    EventAction.KEY_RETIREMENT_PROPOSED: _Kind("configuration", "info", "success"),
    EventAction.KEY_RETIRED: _Kind("configuration", "change", "success"),
    EventAction.SIGNING_KEY_ROTATED: _Kind("configuration", "change", "success"),
    EventAction.PSEUDONYM_KEY_ROTATED: _Kind("configuration", "change", "success"),
    EventAction.RECIPIENT_TEST_STARTED: _Kind("configuration", "info", "unknown"),
    EventAction.RECIPIENT_TESTED: _Kind("configuration", "info", None),
    EventAction.PACKAGE_RECEIVED: _Kind("file", "creation", "success"),
    EventAction.PACKAGE_REJECTED: _Kind("file", "info", "failure"),
    # The evaluation itself succeeded; what it came to is the type, allowed or denied.
    EventAction.PACKAGE_POLICY_EVALUATED: _Kind("api", "allowed", "success"),
    EventAction.PACKAGE_HELD: _Kind("file", "info", "failure"),
    EventAction.DOCUMENT_VIEWED: _Kind("file", "access", "success"),
    EventAction.PACKAGE_REVIEWED: _Kind("file", "info", "success"),
    EventAction.PACKAGE_REFUSED: _Kind("file", "info", "failure"),
    EventAction.PACKAGE_SEALED: _Kind("file", "change", "success"),
    EventAction.PACKAGE_RELEASE_STARTED: _Kind("file", "info", "unknown"),
    EventAction.PACKAGE_RELEASED: _Kind("file", "info", "success"),
    EventAction.PACKAGE_COLLECTED: _Kind("file", "access", "success"),
    EventAction.PICKUP_REMINDED: _Kind("file", "info", "success"),
    EventAction.PICKUP_CODE_WRONG: _Kind("file", "access", "failure"),
    EventAction.PICKUP_CODE_TEXTED: _Kind("file", "info", None),
    EventAction.PACKAGE_RELEASE_FAILED: _Kind("file", "info", "failure"),
    EventAction.PACKAGE_RELEASE_UNCERTAIN: _Kind("file", "info", "unknown"),
    EventAction.PACKAGE_EXPIRED: _Kind("file", "deletion", "success"),
    EventAction.PACKAGE_WITHDRAWN: _Kind("file", "deletion", "success"),
    EventAction.HOLD_REMINDED: _Kind("file", "info", "success"),
    EventAction.HOLD_ESCALATED: _Kind("file", "info", "success"),
    EventAction.ALERT_RAISED: _Kind("intrusion_detection", "info", "success"),
    EventAction.USER_LOGIN: _Kind("authentication", "start", "success"),
    EventAction.USER_LOGIN_FAILED: _Kind("authentication", "start", "failure"),
}
_RELEASES = frozenset(action for action in EventAction if action.value.startswith("package-release"))
_KEYED_DIGESTS = {
    EventAction.PACKAGE_RECEIVED: "gateway.content.hmac",
    EventAction.PACKAGE_REJECTED: "gateway.content.hmac",
    EventAction.PACKAGE_POLICY_EVALUATED: "gateway.decision.hmac",
}


def _one_of(values: Iterator[str] | tuple[str, ...]) -> str:
    return "|".join(map(re.escape, values))


_SHA256 = r"[0-9a-f]{64}"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_RULE = _NO_NUMBER + r"[a-z](?:[a-z0-9./_-]{0,98}[a-z0-9])?"
_MACHINE = _NO_NUMBER_WORD + r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?"
_MESSAGE_ID = _NO_NUMBER_WORD + r"<?[A-Za-z0-9][A-Za-z0-9._-]{0,199}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}>?"
_TEXTS: dict[str, str] = {
    "@timestamp": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z",
    "event.id": _UUID,
    "event.outcome": _one_of(("success", "failure", "unknown")),
    "event.reason": _RULE,
    "service.version": _NO_NUMBER + r"[0-9]+(?:\.[0-9a-z+-]+){0,4}",
    "service.node.name": _MACHINE,
    "host.name": _MACHINE,
    # The only value with spaces: an organisation's name out of people.yaml.
    "organization.name": r"(?!.*\d{4})\w[\w &'.,()/+-]{0,99}",
    "user.id": _SLUG,
    "rule.id": _RULE,
    "rule.version": r"(?:sha256:)?" + _SHA256,
    "error.code": _one_of(code.value for code in Code),
    "file.hash.sha256": _SHA256,
    "email.message_id": _MESSAGE_ID,
    "gateway.package.id": _UUID,
    "gateway.recipient.id": _SLUG,
    "gateway.content.hmac": _SHA256,
    "gateway.decision.hmac": _SHA256,
    "gateway.source": _one_of(source.value for source in Source),
    "gateway.channel": _one_of(channel.value for channel in Channel),
    "gateway.sealer": _one_of((JOSE, *(kind.value for kind in KeyKind))),
    "gateway.purpose": _SLUG,
    "gateway.field_categories": _one_of(category.value for category in Category),
    "gateway.hold.reason": _RULE,
    "gateway.proof": _one_of(proof.value for proof in Proof),
    "gateway.warnings": _RULE,
    "gateway.review.verdict": _one_of(verdict.value for verdict in ReviewVerdict),
    "gateway.policy.proposer": _SLUG,
    "gateway.review.reason": _one_of(reason.value for reason in ReviewReason),
    "gateway.review.deputy_for": _SLUG,
    "gateway.key.fingerprint": PINNED_KEY,
    "gateway.pseudonym.key": r"k[1-9][0-9]{0,5}",
    "gateway.alert.event": _UUID,
    # Which identifier, under which key, and 128 bits of its HMAC.
    "gateway.subject.pseudonym": r"[a-z]{2,12}:k[0-9]{1,6}:[0-9a-f]{32}",
    "gateway.legal_basis": _RULE,
    "gateway.segment.root": _SHA256,
    "gateway.retention.policy": _RULE,
    "trace.id": r"(?!0{32})[0-9a-f]{32}",
    "span.id": r"(?!0{16})[0-9a-f]{16}",
    # ECS 9.4 has no name for the span in which a caller handed the package in.
    "gateway.trace.parent_span": r"(?!0{16})[0-9a-f]{16}",
    "salt": r"[0-9a-f]{32}",
}
_MATCHES = {key: re.compile(pattern).fullmatch for key, pattern in _TEXTS.items()}
NUMBERS = frozenset(
    {
        "event.sequence",
        "file.size",
        "gateway.attempt",
        "gateway.segment.first",
        "gateway.segment.end",
        *(f"gateway.verdicts.{verdict.value}" for verdict in Verdict),
        *(f"gateway.counts.{name}" for name in COUNT_NAMES),
    }
)
MAX_NUMBER = 2**53 - 1  # What every JSON reader keeps exactly (RFC 8259 section 6).


def record_of(
    event: Event, *, sequence: int, at: dt.datetime, event_id: str, salt: bytes, version: str, host: str, node: str
) -> bytes:
    """Write one event as one JSON line, without a line break at its end.

    `at` carries a time zone; `salt` is 16 random bytes. Raises ValueError that names the key (never the value) when
    a value is not of its key's form: that is misuse by our own code.
    """
    if at.tzinfo is None or len(salt) != _SALT_BYTES:
        raise ValueError("a time with a zone and 16 random bytes expected")
    record: dict[str, Any] = _kind_of(event)
    record |= _checked(
        {
            "@timestamp": at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "event.id": event_id,
            "event.sequence": sequence,
            "service.version": version,
            "service.node.name": node,
            "host.name": host,
            **_said_by(event),
            "salt": salt.hex(),
        }
    )
    line = orjson.dumps(record)
    if len(line) > MAX_LINE_BYTES:
        raise ValueError("an event's line is too long")
    return line


def _kind_of(event: Event) -> dict[str, Any]:
    """Give the constants of an event's action; they need no check."""
    category, type_, outcome = _KINDS[event.action]
    mail = event.channel == Channel.SECURE_MAIL
    if event.action in _RELEASES and mail:
        category = "email"
    if event.action is EventAction.PACKAGE_POLICY_EVALUATED and event.outcome != "success":
        type_ = "denied"
    constants: dict[str, Any] = {
        "ecs.version": ECS_VERSION,
        "event.kind": "alert" if event.action is EventAction.ALERT_RAISED else "event",
        "event.module": "gateway",
        "event.dataset": "gateway.audit",
        "event.action": event.action.value,
        "event.category": [category],
        "event.type": [type_],
        "service.name": "sluis",
    }
    if category == "email":
        constants["email.direction"] = "outbound"
    if outcome:
        constants["event.outcome"] = outcome
    return constants


def _said_by(event: Event) -> dict[str, Any]:
    said: dict[str, Any] = {
        "organization.name": event.organisation,
        "user.id": event.person,
        "gateway.policy.proposer": event.proposer,
        "gateway.package.id": event.package,
        "gateway.recipient.id": event.recipient,
        "gateway.source": event.source,
        "gateway.channel": event.channel,
        "gateway.sealer": event.sealer,
        "gateway.purpose": event.purpose,
        "gateway.field_categories": event.categories,
        "gateway.warnings": event.warnings,
        _KEYED_DIGESTS.get(event.action, "file.hash.sha256"): event.digest,
        "rule.version": event.policy_digest,
        "email.message_id": event.message_id,
        "file.size": event.size,
        "gateway.attempt": event.attempt,
        "gateway.proof": event.proof,
        "gateway.review.verdict": event.review_verdict,
        "gateway.review.reason": event.review_reason,
        "gateway.review.deputy_for": event.deputy_for,
        "gateway.key.fingerprint": event.key,
        "gateway.pseudonym.key": event.pseudonym_key,
        "gateway.alert.event": event.raised_by,
        "gateway.subject.pseudonym": event.subjects,
        "gateway.legal_basis": event.legal_basis,
        "trace.id": event.trace,
        "span.id": event.span,
        "gateway.trace.parent_span": event.parent_span,
        "gateway.segment.root": event.root,
        "gateway.retention.policy": event.retention_policy,
        **_explained(event),
    }
    if _KINDS[event.action].outcome is None:
        said["event.outcome"] = event.outcome
    if event.lines is not None:
        said["gateway.segment.first"], said["gateway.segment.end"] = event.lines
    for name, count in event.verdicts:
        said[f"gateway.verdicts.{name}"] = count
    for name, count in event.counts:
        said[f"gateway.counts.{name}"] = count
    return {key: value for key, value in said.items() if value is not None and value not in ("", ())}


def _explained(event: Event) -> dict[str, Any]:
    """Tell the codes as what they are: rules of the policy, or problems of the catalogue."""
    codes = event.codes
    if not codes:
        return {}
    return {
        "event.reason": "" if event.outcome == "success" else codes[0],
        "rule.id": tuple(code for code in codes if code not in _CODES),
        "error.code": tuple(code for code in codes if code in _CODES),
        "gateway.hold.reason": codes if event.action is EventAction.PACKAGE_HELD else (),
    }


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """Let through only known keys with values of their form. Raises ValueError naming the key."""
    for key, value in values.items():
        if not fits(key, value):
            raise ValueError(f"an event can not carry this in {_known(key)}")
    return values


def fits(key: str, value: Any) -> bool:
    """Tell whether a value has the form of a key that events carry."""
    if key in NUMBERS:
        return type(value) is int and 0 <= value <= MAX_NUMBER
    matches = _MATCHES.get(key)
    if matches is None:
        return False
    if isinstance(value, str):
        return matches(value) is not None
    return isinstance(value, tuple) and all(isinstance(item, str) and matches(item) for item in value)


def _known(key: str) -> str:
    """Name a key; one that was made out of an unknown name is not repeated, for it may hold anything."""
    return key if key in _MATCHES or key in NUMBERS else key.split(".", maxsplit=1)[0] + ".*"
