r"""An audit line in ArcSight's Common Event Format (CEF:0).

Rules, in order:
1. Seven fields between bars, then `key=value` pairs. In the head `\` and `|` are escaped; in a value `\`, `=` and
   line breaks: no value can begin a field of its own.
2. What CEF has a key for goes under that key; the rest under its own name without dots (`gateway.purpose` becomes
   `gatewayPurpose`), so that nothing is left out. Many values stand behind one another with commas.
3. `cs6` is the hash of the line's leaf: the thread from the tool back to the proof.
"""

import re
from typing import Any, Final

from gateway.audit.exports.kinds import Gravity, gravity_of, kind_of
from gateway.audit.exports.lines import ExportLine

_SEVERITY_OF: Final = {Gravity.INFORMATIONAL: 3, Gravity.WARNING: 6, Gravity.ERROR: 8}
_KEYS: Final = {
    "event.action": "act",
    "event.outcome": "outcome",
    "event.reason": "reason",
    "event.category": "cat",
    "gateway.package.id": "externalId",
    "gateway.recipient.id": "duid",
    "user.id": "suid",
    "host.name": "dvchost",
    "service.node.name": "deviceExternalId",
    "file.hash.sha256": "fileHash",
    "file.size": "fsize",
}
_LABELLED: Final = {
    "rule.version": ("cs1", "policyVersion"),
    "gateway.field_categories": ("cs2", "fieldCategory"),
    "rule.id": ("cs3", "ruleId"),
    "error.code": ("cs4", "errorCode"),
    "gateway.channel": ("cs5", "channel"),
    "event.sequence": ("cn1", "sequence"),
    "gateway.attempt": ("cn2", "attempt"),
}
_LEFT_OUT: Final = frozenset({"@timestamp", "service.version"})  # They stand in `rt` and in the head.
_WORD_START: Final = re.compile(r"[^A-Za-z0-9]+([A-Za-z0-9]?)")


def as_cef(line: ExportLine) -> bytes:
    """Write one line as CEF, on one line and without a break at its end."""
    kind, record = kind_of(line.action), line.record
    head = ("CEF:0", "Sluis", "Sluis", str(record.get("service.version", "unknown")), line.action, kind.title)
    pairs: dict[str, Any] = {"rt": line.milliseconds}
    for key, value in record.items():
        if key in _LABELLED:
            name, label = _LABELLED[key]
            pairs |= {name: value, f"{name}Label": label}
        elif key not in _LEFT_OUT:
            pairs[_KEYS.get(key) or _plain(key)] = value
    pairs |= {"cs6": line.leaf, "cs6Label": "leafHash"}
    written = " ".join(f"{key}={_value(value)}" for key, value in pairs.items())
    return f"{'|'.join(map(_head, head))}|{_SEVERITY_OF[gravity_of(record)]}|{written}".encode()


def _head(text: str) -> str:
    """Write a field of the head, in which no line break may stand."""
    return _on_one_line(text, "").replace("\\", "\\\\").replace("|", "\\|")


def _value(value: Any) -> str:
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return _on_one_line(text.replace("\\", "\\\\").replace("=", "\\="), "\\n")


def _on_one_line(text: str, break_as: str) -> str:
    """Replace whatever a reader may take for the end of a line, also the rarer ones of Unicode."""
    return break_as.join(text.splitlines()) if text else text


def _plain(key: str) -> str:
    return _WORD_START.sub(lambda found: found[1].upper(), key) or "unnamed"
