"""What a line of the log says of a deletion from that log. Pure; whether the line is in the log is another question."""

from dataclasses import dataclass
from typing import Any

import orjson

from gateway.audit.events import EventAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """What an event says of a deletion: lines from `first` up to `end`; `root` is that of the first `end` lines."""

    index: int
    first: int
    end: int
    root: bytes
    policy: str
    proposer: str
    approver: str
    at: str


def read_deletion(line: bytes) -> Deletion | None:
    """Read a line as one that tells of a deletion which two people stand behind; None when it is none."""
    if EventAction.AUDIT_SEGMENT_DELETED.value.encode() not in line:
        return None
    try:
        told: Any = orjson.loads(line)
        if told["event.action"] != EventAction.AUDIT_SEGMENT_DELETED.value:
            return None
        found = Deletion(
            index=_number(told["event.sequence"]),
            first=_number(told["gateway.segment.first"]),
            end=_number(told["gateway.segment.end"]),
            root=bytes.fromhex(told["gateway.segment.root"]),
            policy=str(told["gateway.retention.policy"]),
            proposer=str(told["gateway.policy.proposer"]),
            approver=str(told["user.id"]),
            at=str(told["@timestamp"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
    two_people = found.proposer != found.approver
    return found if two_people and found.first < found.end <= found.index else None


def _number(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("a number of a line expected")
    return value
