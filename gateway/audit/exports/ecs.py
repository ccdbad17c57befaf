"""An audit line as the Elastic Common Schema 9.4 nests it.

Rules, in order:
1. Flat names become nested objects; nothing is renamed but `salt`, which is ours and moves under `gateway.`.
2. `event.original` is the exact line and `event.hash` its leaf's hash: what ECS has for showing integrity. With both
   a proof of the log (`.tlog-proof`) verifies what the tool has stored.
3. A line that can not be read is a `pipeline_error`, with its hash and nothing that stands in it.
"""

from typing import Any, Final

import orjson

from gateway.audit.exports.kinds import gravity_of, kind_of
from gateway.audit.exports.lines import ExportLine
from gateway.audit.records import ECS_VERSION

_OWN: Final = {"salt": "gateway.salt"}


def as_ecs(line: ExportLine) -> bytes:
    """Write one line as nested ECS, on one line and without a break at its end."""
    flat: dict[str, Any] = {
        "message": kind_of(line.action).title,
        "log.level": gravity_of(line.record).name.lower(),
        "event.hash": line.leaf,
    }
    if line.readable:
        flat |= {_OWN.get(key, key): value for key, value in line.record.items()}
        flat["event.original"] = line.line.decode()
    else:
        flat |= {"ecs.version": ECS_VERSION, "event.kind": "pipeline_error", **line.record}
    return orjson.dumps(nested(flat))


def nested(flat: dict[str, Any]) -> dict[str, Any]:
    """Nest names with dots. A name can not be both a value and the head of others; the longer names then stay flat."""
    found: dict[str, Any] = {}
    for key, value in sorted(flat.items()):
        *heads, last = key.split(".")
        place = found
        for head in heads:
            below = place.setdefault(head, {})
            if not isinstance(below, dict):
                place, last = found, key
                break
            place = below
        place[last] = value
    return found
