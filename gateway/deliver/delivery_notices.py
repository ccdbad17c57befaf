"""Delivery status notifications (RFC 3464): what a mail server reports of a mail that it had taken. Pure.

Rules, in order:
1. Only the fields that programs write for programs count; the sentences of a report are never read.
2. A report is about one mail to one recipient, as every mail of ours is. One about none or several is nobody's.
3. The mail is named by the envelope id that we gave it (RFC 3461 section 4.4), or else by the Message-ID of the header
   that was sent back. Both are unguessable: whoever names it had the mail, or a server on its way.
4. A mail that goes on to a server without such reports, is delayed, or is sent on to a list says nothing for certain.
"""

import email
import email.policy
from dataclasses import dataclass, field
from email.message import Message
from enum import StrEnum

MAX_BYTES = 256 * 1024
"""A report of ours holds the header of one mail; what is larger is none."""
_REPORT, _STATUS = "multipart/report", "message/delivery-status"
_RETURNED = frozenset({"text/rfc822-headers", "message/rfc822"})
_MOST_PARTS = 20


class Action(StrEnum):
    """What became of the mail, as far as it is certain."""

    FAILED = "failed"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryNotice:
    """One report: the mail by its Message-ID without angle brackets, its recipient's address, and what became of it."""

    name: str
    recipient: str = field(repr=False)
    action: Action


def read_notice(content: bytes) -> DeliveryNotice | None:
    """Read a mail that came back; None for everything that is no report about one mail of ours."""
    if len(content) > MAX_BYTES:
        return None
    try:
        return _read(content)
    except (RecursionError, ValueError, LookupError):
        # Parts within parts without end, and character sets that nobody knows: no mail server writes such a report.
        return None


def _read(content: bytes) -> DeliveryNotice | None:
    message = email.message_from_bytes(content, policy=email.policy.compat32)
    if message.get_content_type() != _REPORT or str(message.get_param("report-type")).casefold() != "delivery-status":
        return None
    parts = list(message.walk())
    statuses = [part for part in parts if part.get_content_type() == _STATUS]
    if len(parts) > _MOST_PARTS * 2 or len(statuses) != 1:
        return None
    return _notice(_blocks(statuses[0]), returned=[part for part in parts if part.get_content_type() in _RETURNED])


def _notice(blocks: list[Message], *, returned: list[Message]) -> DeliveryNotice | None:
    if len(blocks) != 2:  # noqa: PLR2004 - the fields of the message, and those of its one recipient.
        return None
    about, recipient = blocks
    action = _text(recipient, "Action").casefold()
    if action not in set(Action):
        return None
    name = _text(about, "Original-Envelope-Id") or next(filter(None, map(_message_id, returned)), "")
    address = _address(recipient, "Original-Recipient") or _address(recipient, "Final-Recipient")
    return DeliveryNotice(name=name, recipient=address, action=Action(action)) if name and address else None


def _blocks(status: Message) -> list[Message]:
    """Give the groups of fields; the parser makes a message of each."""
    payload = status.get_payload()
    return [each for each in payload if isinstance(each, Message) and each.keys()] if isinstance(payload, list) else []


def _message_id(returned: Message) -> str:
    payload = returned.get_payload()
    if isinstance(payload, list):
        inner = next((each for each in payload if isinstance(each, Message)), None)
    else:
        inner = email.message_from_string(str(payload))
    return _text(inner, "Message-ID").removeprefix("<").removesuffix(">") if inner is not None else ""


def _address(block: Message, name: str) -> str:
    """Give an address of the one kind that we send to: `rfc822; somebody@example`."""
    kind, _, address = _text(block, name).partition(";")
    return address.strip() if kind.strip().casefold() == "rfc822" else ""


def _text(block: Message, name: str) -> str:
    found = block.get_all(name, [])
    return str(found[0]).strip() if len(found) == 1 else ""
