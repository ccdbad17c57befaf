"""The envelope of a mail: addresses, the arguments of MAIL and RCPT, and what a reply means.

Rules, in order:
1. An address is a plain ASCII mailbox. Nothing that could end a command line, add a parameter or ask a relay to
   route further is an address, however a library would read it.
2. Delivery notices (RFC 3461), SIZE (RFC 1870) and TLS on every further hop (RFC 8689) are asked for only where the
   server offers them.
3. The first digit of a reply decides (RFC 5321 section 4.2.1); a demand to log in (RFC 4954 section 6) is a fault of
   our own settings and never the end of a package.
"""

import re
from collections.abc import Mapping

from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code, SluisError

_ATOM = r"[A-Za-z0-9#$&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAILBOX = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>{_LABEL}(?:\.{_LABEL})*)\Z")
_LONGEST_LOCAL, _LONGEST = 64, 254
_XTEXT_PLAIN = re.compile(r"[!-~]+\Z")
_LONGEST_ENVID = 100
REQUIRETLS = "requiretls"
_LOGIN_DEMANDED = frozenset({530, 534, 535, 538})


def check_mailbox(text: str) -> str:
    """Check an address and give it back unchanged (RFC 5321 section 4.1.2, dot-string and domain only).

    Quoted local parts, address literals, `%` and `!` (routes for a relay), spaces, control and non-ASCII
    characters are refused. Raises SluisError `address-invalid`.
    """
    found = _MAILBOX.match(text)
    if found is None or len(text) > _LONGEST or len(found["local"]) > _LONGEST_LOCAL:
        raise SluisError(Code.ADDRESS_INVALID)
    return text


def mail_arguments(
    sender: str, *, name: str, size: int, extensions: Mapping[str, str], require_tls: bool = True
) -> tuple[bytes, ...]:
    """Give the arguments of MAIL for a checked sender; `name` is the Message-ID, `size` in bytes.

    `require_tls` asks that every server on the way uses verified TLS, and returns the mail otherwise.
    """
    arguments = [f"FROM:<{sender}>"]
    if "size" in extensions:
        arguments.append(f"SIZE={size}")
    if "dsn" in extensions:
        arguments.append("RET=HDRS")
        if (envelope_id := _xtext(name)) is not None:
            arguments.append(f"ENVID={envelope_id}")
    if REQUIRETLS in extensions and require_tls:
        arguments.append("REQUIRETLS")
    return tuple(argument.encode("ascii") for argument in arguments)


def rcpt_arguments(recipient: str, *, extensions: Mapping[str, str]) -> tuple[bytes, ...]:
    """Give the arguments of RCPT for a checked recipient."""
    notices = (b"NOTIFY=SUCCESS,FAILURE,DELAY",) if "dsn" in extensions else ()
    return (f"TO:<{recipient}>".encode("ascii"), *notices)


def too_large(size: int, *, extensions: Mapping[str, str]) -> bool:
    """Tell whether the server has said that it takes no message of this many bytes; 0 or nothing means no limit."""
    limit = extensions.get("size", "").strip()
    return limit.isdecimal() and 0 < int(limit) < size


def result_of_refusal(status: int) -> DeliveryResult:
    """Classify a reply that is no consent: 5xx is for good, everything else is worth another try."""
    match status // 100:
        case 5 if status not in _LOGIN_DEMANDED:
            return DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.MAIL_REFUSED, status=status)
        case _:
            return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.MAIL_DEFERRED, status=status)


def result_of_message(status: int) -> DeliveryResult:
    """Classify the reply to the final dot. A reply outside 2xx, 4xx and 5xx says nothing, so nobody knows."""
    match status // 100:
        case 2:
            return DeliveryResult(outcome=DeliveryOutcome.SENT, status=status)
        case 4 | 5:
            return result_of_refusal(status)
        case _:
            return DeliveryResult(outcome=DeliveryOutcome.UNCERTAIN, code=Code.MAIL_OUTCOME_UNKNOWN)


def _xtext(text: str) -> str | None:
    """Encode as xtext (RFC 3461 section 4); None when it does not fit an envelope id (section 5.4)."""
    if not _XTEXT_PLAIN.match(text):
        return None
    encoded = text.replace("+", "+2B").replace("=", "+3D")
    return encoded if len(encoded) <= _LONGEST_ENVID else None
