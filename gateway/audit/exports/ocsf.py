"""An audit line as an event of the Open Cybersecurity Schema Framework, in the words of OCSF 1.4.0.

Rules, in order:
1. What leaves is File Hosting Activity (6006), also by mail: Email Activity (4009) demands an address of sender or
   recipient, and no line of the log has one. A mail is told by its Message-ID in `unmapped`.
2. What is held, reviewed or refused is a Data Security Finding (2006), one for each package, under the profile
   `security_control`. A token is Authentication (3002), start and stop Application Lifecycle (6002), all else API
   Activity (6003).
3. What OCSF has no place for stands under `unmapped` by its own name; `raw_data` is the exact line and
   `metadata.uid` the event's id. The leaf's hash is `unmapped.event.hash`.
4. Where OCSF demands what a line does not say, the word is "unknown", as OCSF has it.
"""

from typing import Any, Final

import orjson

from gateway.audit.exports.kinds import (
    API,
    AUTHENTICATION,
    FILE_HOSTING,
    FINDING,
    LIFECYCLE,
    Activity,
    Gravity,
    gravity_of,
    kind_of,
)
from gateway.audit.exports.lines import ExportLine

OCSF_VERSION: Final = "1.4.0"
_UNKNOWN: Final = "unknown"
_CATEGORY_OF: Final = {FINDING: 2, AUTHENTICATION: 3, LIFECYCLE: 6, API: 6, FILE_HOSTING: 6}
_SEVERITY_OF: Final = {Gravity.INFORMATIONAL: 1, Gravity.WARNING: 3, Gravity.ERROR: 4}
_STATUS_OF: Final = {"success": 1, "failure": 2}
_FINDING_STATUS_OF: Final = {1: 1, 2: 2, 3: 4}  # By activity: New, In Progress, Resolved.
_PERSONAL: Final = 1
_CONFIDENTIAL: Final = 2
_SHA_256: Final = 3
_REGULAR_FILE: Final = 1
# action_id (1 Allowed, 2 Denied) and disposition_id (1 Allowed, 2 Blocked, 3 Quarantined, 8 Approved, 25 Rejected).
_HELD: Final = (2, 3)
_VERDICTS: Final = {"allowed": (1, 1), "denied": (2, 2), "release": (1, 8), "refuse": (2, 25)}
# What has a place of its own in every event, or says the same in every line.
_PLACED: Final = frozenset(
    {
        "@timestamp",
        "ecs.version",
        "event.action",
        "event.dataset",
        "event.id",
        "event.kind",
        "event.module",
        "event.outcome",
        "event.sequence",
        "gateway.package.id",
        "host.name",
        "organization.name",
        "rule.version",
        "service.name",
        "service.node.name",
        "service.version",
        "user.id",
    }
)
_ABOUT_WHOM: Final = frozenset({"user.id", "organization.name"})
_ABOUT_WHERE: Final = frozenset({"host.name", "service.node.name"})


def as_ocsf(line: ExportLine) -> bytes:
    """Write one line as an OCSF event, on one line and without a break at its end."""
    kind, record = kind_of(line.action), line.record
    class_uid, activity_id, name = kind.activity
    event: dict[str, Any] = {
        "class_uid": class_uid,
        "category_uid": _CATEGORY_OF[class_uid],
        "activity_id": activity_id,
        "type_uid": class_uid * 100 + activity_id,
        "severity_id": _SEVERITY_OF[gravity_of(record)],
        "status_id": _status_of(kind.activity, record),
        "time": line.milliseconds,
        "message": kind.title,
        "metadata": _metadata(line),
        **_BODIES[class_uid](record),
        **_control(line),
        "unmapped": _unmapped(line, class_uid),
    }
    if name:
        event["activity_name"] = name
    if line.readable:
        event["raw_data"] = line.line.decode()
    return orjson.dumps(event)


def _unmapped(line: ExportLine, class_uid: int) -> dict[str, Any]:
    """Give what has no place in an event of this class."""
    unplaced = _ABOUT_WHERE | _ABOUT_WHOM if class_uid == LIFECYCLE else frozenset()
    if not line.record.get("user.id"):
        unplaced |= _ABOUT_WHOM
    placed = _PLACED - unplaced
    return {key: value for key, value in line.record.items() if key not in placed} | {"event.hash": line.leaf}


def _status_of(activity: Activity, record: dict[str, Any]) -> int:
    if activity.class_uid == FINDING:
        return _FINDING_STATUS_OF[activity.activity_id]
    return _STATUS_OF.get(str(record.get("event.outcome")), 0)


def _metadata(line: ExportLine) -> dict[str, Any]:
    record = line.record
    found: dict[str, Any] = {
        "version": OCSF_VERSION,
        "product": {"name": "Sluis", "vendor_name": "Sluis", **_said(version=record.get("service.version"))},
        "log_name": "gateway.audit",
        "event_code": line.action,
        **_said(
            uid=record.get("event.id"),
            sequence=record.get("event.sequence"),
            original_time=record.get("@timestamp"),
            correlation_uid=record.get("gateway.package.id"),
        ),
    }
    controlled = ["security_control"] if record.get("rule.version") else []
    classified = ["data_classification"] if kind_of(line.action).activity.class_uid == FILE_HOSTING else []
    if profiles := controlled + classified:
        found["profiles"] = profiles
    return found


def _control(line: ExportLine) -> dict[str, Any]:
    """Tell what the policy made of it (profile `security_control`); nothing where no policy was asked."""
    version = line.record.get("rule.version")
    if not version:
        return {}
    found: dict[str, Any] = {"policy": {"name": "Sluis", "version": version, "is_applied": True}}
    if verdict := _verdict_of(line):
        found["action_id"], found["disposition_id"] = verdict
    return found


def _verdict_of(line: ExportLine) -> tuple[int, int] | None:
    if line.action == "package-held":
        return _HELD
    if line.action == "package-refused":
        return _VERDICTS["refuse"]
    said = map(str, (*line.all_of("gateway.review.verdict"), *line.all_of("event.type")))
    return next((_VERDICTS[each] for each in said if each in _VERDICTS), None)


def _file_hosting(record: dict[str, Any]) -> dict[str, Any]:
    file: dict[str, Any] = {
        "name": record.get("gateway.package.id", _UNKNOWN),
        "type_id": _REGULAR_FILE,
        "data_classifications": [{"category_id": _PERSONAL, "confidentiality_id": _CONFIDENTIAL}],
        **_said(uid=record.get("gateway.package.id"), size=record.get("file.size")),
    }
    if digest := record.get("file.hash.sha256"):
        file["hashes"] = [{"algorithm_id": _SHA_256, "value": digest}]
    recipient = record.get("gateway.recipient.id")
    reached = {"dst_endpoint": {"name": recipient}} if recipient else {}
    return {"actor": _actor(record), "file": file, "src_endpoint": _endpoint(record), **reached}


def _finding(record: dict[str, Any]) -> dict[str, Any]:
    # The finding is the package's: what is held, reminded of and reviewed is one finding in its life.
    uid = record.get("gateway.package.id") or record.get("event.id") or _UNKNOWN
    title = "Package held or refused by policy" if record.get("gateway.package.id") else "Alert raised"
    finding = {"uid": uid, "title": title}
    return {"actor": _actor(record), "finding_info": finding, "src_endpoint": _endpoint(record)}


def _authentication(record: dict[str, Any]) -> dict[str, Any]:
    return {"user": _user(record), "service": {"name": "Sluis"}, "src_endpoint": _endpoint(record)}


def _lifecycle(record: dict[str, Any]) -> dict[str, Any]:
    return {"app": {"name": "Sluis", "vendor_name": "Sluis", **_said(version=record.get("service.version"))}}


def _api(record: dict[str, Any]) -> dict[str, Any]:
    api = {"operation": record["event.action"]}
    return {"actor": _actor(record), "api": api, "src_endpoint": _endpoint(record)}


_BODIES: Final = {
    FILE_HOSTING: _file_hosting,
    FINDING: _finding,
    AUTHENTICATION: _authentication,
    LIFECYCLE: _lifecycle,
    API: _api,
}


def _actor(record: dict[str, Any]) -> dict[str, Any]:
    return {"app_name": "Sluis", **({"user": _user(record)} if record.get("user.id") else {})}


def _user(record: dict[str, Any]) -> dict[str, Any]:
    person, organisation = record.get("user.id"), record.get("organization.name")
    if not person:
        return {"name": _UNKNOWN}
    return {"uid": person, **({"org": {"name": organisation}} if organisation else {})}


def _endpoint(record: dict[str, Any]) -> dict[str, Any]:
    found = {"name": record.get("host.name", _UNKNOWN), "svc_name": "Sluis"}
    return found | _said(instance_uid=record.get("service.node.name"))


def _said(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
