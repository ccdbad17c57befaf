r"""An audit line as a syslog message (RFC 5424), and the frame in which it goes over TLS (RFC 5425).

Rules, in order:
1. Facility 13 (log audit), severity by how grave the event is, MSGID the action, and what one searches by as
   structured data under the organisation's own enterprise number.
2. In a parameter's value `"`, `\` and `]` are escaped; nothing but printable ASCII stands in the head.
3. The message is what the caller says: by itself the exact line, so that a proof of the log verifies what the receiver
   has stored. It bears no byte order mark (RFC 5424 MSG-ANY): readers of JSON stumble over one.
4. A frame says its own length, so no line break and no content can end it.
"""

import re
from typing import Final

from gateway.audit.exports.kinds import gravity_of
from gateway.audit.exports.lines import ExportLine

DOCUMENTATION_NUMBER: Final = 32473  # RFC 5612: for examples; a site that has its own sets it.
_FACILITY: Final = 13
_LONGEST_ID: Final = 32
_NOT_PRINTABLE: Final = re.compile(r"[^!-~]")
_ESCAPED: Final = re.compile(r'(["\\\]])')
_PARAMETERS: Final = {
    "sequence": "event.sequence",
    "id": "event.id",
    "outcome": "event.outcome",
    "package": "gateway.package.id",
    "recipient": "gateway.recipient.id",
    "channel": "gateway.channel",
    "person": "user.id",
}


def as_syslog(line: ExportLine, *, message: bytes | None = None, enterprise: int = DOCUMENTATION_NUMBER) -> bytes:
    """Write one line as a syslog message, with its exact bytes or those of another format as the text."""
    record = line.record
    said = [(name, str(record[key])) for name, key in _PARAMETERS.items() if record.get(key) is not None]
    data = "".join(f' {name}="{_escaped(value)}"' for name, value in [*said, ("leaf", line.leaf)])
    head = (
        f"<{_FACILITY * 8 + gravity_of(record)}>1",
        _token(str(record.get("@timestamp", "-")), 40),
        _token(str(record.get("host.name", "-")), 255),
        "sluis",
        "-",
        _token(line.action, _LONGEST_ID),
        f"[gateway@{enterprise}{data}]",
    )
    if message is None:
        message = line.line if line.readable else b""
    return " ".join(head).encode() + b" " + message


def framed(message: bytes) -> bytes:
    """Frame a message for TLS: its length in bytes, a space, the message (RFC 5425 section 4.3)."""
    return str(len(message)).encode() + b" " + message


def _escaped(value: str) -> str:
    return _ESCAPED.sub(r"\\\1", value)


def _token(text: str, most: int) -> str:
    return _NOT_PRINTABLE.sub("", text)[:most] or "-"
