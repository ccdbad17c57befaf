"""What each kind of event is to a tool outside: its title, how grave it is, and its class in OCSF.

The table is closed: each `EventAction` has its row, and a test says so. A line whose action is not in it (a newer log,
or what can not be read at all) is exported all the same, as something that somebody should look at.
"""

from enum import IntEnum
from typing import Any, Final, NamedTuple

from gateway.audit.events import EventAction


class Gravity(IntEnum):
    """How grave an event is, as syslog counts it (RFC 5424 section 6.2.1)."""

    ERROR = 3
    WARNING = 4
    INFORMATIONAL = 6


class Activity(NamedTuple):
    """A class of OCSF and what is done in it; `name` only where OCSF has no word for it (99, Other)."""

    class_uid: int
    activity_id: int
    name: str = ""


class ExportKind(NamedTuple):
    """A kind of event: its title, its activity in OCSF, and how grave it is when it went well."""

    title: str
    activity: Activity
    gravity: Gravity = Gravity.INFORMATIONAL


FINDING: Final = 2006
AUTHENTICATION: Final = 3002
LIFECYCLE: Final = 6002
API: Final = 6003
FILE_HOSTING: Final = 6006
_OTHER: Final = 99


def _other(class_uid: int, name: str) -> Activity:
    return Activity(class_uid, _OTHER, name)


_KINDS: Final[dict[EventAction, ExportKind]] = {
    EventAction.SERVICE_STARTED: ExportKind("Service started", Activity(LIFECYCLE, 3)),
    EventAction.SERVICE_STOPPED: ExportKind("Service stopped", Activity(LIFECYCLE, 4)),
    EventAction.AUDIT_LOG_RECOVERED: ExportKind("Audit log recovered", _other(API, "Recover"), Gravity.WARNING),
    EventAction.AUDIT_DELETION_PROPOSED: ExportKind("Audit deletion proposed", Activity(API, 1), Gravity.WARNING),
    EventAction.AUDIT_SEGMENT_DELETED: ExportKind("Audit segment deleted", Activity(API, 4), Gravity.WARNING),
    EventAction.ALERT_RAISED: ExportKind("Alert raised", Activity(FINDING, 1), Gravity.WARNING),
    EventAction.POLICY_PROPOSED: ExportKind("Policy proposed", Activity(API, 1)),
    EventAction.POLICY_APPROVED: ExportKind("Policy approved", Activity(API, 3)),
    EventAction.POLICY_LOADED: ExportKind("Policy loaded", Activity(API, 3)),
    EventAction.KEY_PROPOSED: ExportKind("Key proposed", Activity(API, 1)),
    EventAction.KEY_RENEWED: ExportKind("Key renewed", Activity(API, 3)),
    EventAction.KEY_TRUSTED: ExportKind("Key trusted", Activity(API, 3)),
    EventAction.KEY_RETIREMENT_PROPOSED: ExportKind("Key retirement proposed", Activity(API, 1)),
    EventAction.KEY_RETIRED: ExportKind("Key retired", Activity(API, 4)),
    EventAction.SIGNING_KEY_ROTATED: ExportKind("Signing key rotated", Activity(API, 3)),
    EventAction.PSEUDONYM_KEY_ROTATED: ExportKind("Pseudonym key rotated", Activity(API, 3)),
    EventAction.RECIPIENT_TEST_STARTED: ExportKind("Recipient test started", _other(API, "Test")),
    EventAction.RECIPIENT_TESTED: ExportKind("Recipient tested", _other(API, "Test")),
    EventAction.PACKAGE_RECEIVED: ExportKind("Package received", Activity(FILE_HOSTING, 1)),
    EventAction.PACKAGE_REJECTED: ExportKind("Package rejected", Activity(FILE_HOSTING, 1)),
    EventAction.PACKAGE_POLICY_EVALUATED: ExportKind("Package evaluated", _other(API, "Evaluate")),
    EventAction.PACKAGE_HELD: ExportKind("Package held", Activity(FINDING, 1)),
    EventAction.DOCUMENT_VIEWED: ExportKind("Document viewed", Activity(FILE_HOSTING, 9)),
    EventAction.PACKAGE_REVIEWED: ExportKind("Package reviewed", Activity(FINDING, 3)),
    EventAction.PACKAGE_REFUSED: ExportKind("Package refused", Activity(FINDING, 1)),
    EventAction.PACKAGE_SEALED: ExportKind("Package sealed", _other(FILE_HOSTING, "Encrypt")),
    EventAction.PACKAGE_RELEASE_STARTED: ExportKind("Package release started", Activity(FILE_HOSTING, 12)),
    EventAction.PACKAGE_RELEASED: ExportKind("Package released", Activity(FILE_HOSTING, 12)),
    EventAction.PACKAGE_RELEASE_FAILED: ExportKind("Package release failed", Activity(FILE_HOSTING, 12), Gravity.ERROR),
    EventAction.PACKAGE_RELEASE_UNCERTAIN: ExportKind(
        "Package release uncertain", Activity(FILE_HOSTING, 12), Gravity.WARNING
    ),
    EventAction.PACKAGE_COLLECTED: ExportKind("Package collected", Activity(FILE_HOSTING, 2)),
    EventAction.PICKUP_REMINDED: ExportKind("Pick-up reminded", _other(FILE_HOSTING, "Remind")),
    EventAction.PICKUP_CODE_WRONG: ExportKind(
        "Pick-up code wrong", _other(FILE_HOSTING, "Wrong code"), Gravity.WARNING
    ),
    EventAction.PICKUP_CODE_TEXTED: ExportKind("Pick-up code texted", _other(FILE_HOSTING, "Send code")),
    EventAction.PACKAGE_EXPIRED: ExportKind("Package expired", Activity(FILE_HOSTING, 4)),
    EventAction.PACKAGE_WITHDRAWN: ExportKind("Package withdrawn", Activity(FILE_HOSTING, 4)),
    EventAction.HOLD_REMINDED: ExportKind("Hold reminded", Activity(FINDING, 2)),
    EventAction.HOLD_ESCALATED: ExportKind("Hold escalated", Activity(FINDING, 2), Gravity.WARNING),
    EventAction.USER_LOGIN: ExportKind("User logged in", Activity(AUTHENTICATION, 1)),
    EventAction.USER_LOGIN_FAILED: ExportKind("User login failed", Activity(AUTHENTICATION, 1)),
}
CHECKPOINT: Final = "audit-checkpoint"  # What follows lines that are exported; no event of the log.
_UNKNOWN: Final = ExportKind("Unknown audit line", _other(API, "Unknown"), Gravity.ERROR)
_BY_NAME: Final = {action.value: kind for action, kind in _KINDS.items()} | {
    CHECKPOINT: ExportKind("Audit checkpoint signed", _other(API, "Sign"))
}


def kind_of(action: str) -> ExportKind:
    """Give what a kind of event is to outsiders; what nobody knows is grave."""
    return _BY_NAME.get(action, _UNKNOWN)


def gravity_of(record: dict[str, Any]) -> Gravity:
    """Tell how grave one event is: what failed is a warning at the least."""
    gravity = kind_of(str(record.get("event.action"))).gravity
    return min(gravity, Gravity.WARNING) if record.get("event.outcome") == "failure" else gravity
