"""The trace of a package: W3C Trace Context (level 1), taken over from whoever hands it in, or begun here.

Rules:
1. A `traceparent` that the standard allows is taken over as it is, sampled or not: what we keep is evidence, and is
   never sampled. One that it does not allow is not there, and its package begins a trace of its own.
2. `tracestate` is for other vendors' programs; the standard lets us leave it behind.
3. Each attempt to bring a package to a recipient is a span. Its id follows from what was drawn for the package, so that
   an attempt has the same one before and after a crash, and nobody outside can tell which spans belong together.
"""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.package.ids import PackageId, RecipientId

# Higher versions may carry more behind the flags, after another dash; of those only these parts are ours to read.
_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_VERSION = "00"
_SPAN_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """To which trace a package belongs: 32 hexadecimal digits, and the caller's span as 16, empty when it began here.

    `seed` is what its spans follow from.
    """

    id: str
    parent_span: str = ""
    seed: str = field(default="", repr=False)

    def span(self, recipient: RecipientId, attempt: int) -> str:
        """Give the id of one attempt for one recipient, as 16 hexadecimal digits."""
        content = f"{self.id}\x00{recipient}\x00{attempt}".encode()
        return _not_zero(hmac.digest(self.seed.encode(), content, "sha256")[:_SPAN_BYTES])

    def parent_of(self, recipient: RecipientId, attempt: int) -> str:
        """Give the `traceparent` of a request that one attempt makes. Sampled: it is recorded in any case."""
        return f"{_VERSION}-{self.id}-{self.span(recipient, attempt)}-01"


def begin_trace(traceparent: str, *, random: Callable[[int], bytes]) -> Trace:
    """Take a caller's trace over, or begin one; `traceparent` is empty when the caller said none."""
    seed = random(16).hex()
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None or (found[1] == _VERSION and found[4]) or not int(found[2], 16) or not int(found[3], 16):
        return Trace(id=_not_zero(random(16)), seed=seed)
    return Trace(id=found[2], parent_span=found[3], seed=seed)


def trace_of(package: PackageId, known: Trace | None) -> Trace:
    """Give a package's trace. One that came in before there were traces goes by its own id, which is as long."""
    return known or Trace(id=package.replace("-", ""))


def _not_zero(random: bytes) -> str:
    """Write an id. Zero means none in the standard; it never comes by chance, but is what a broken source gives."""
    return (random if any(random) else bytes(len(random) - 1) + b"\x01").hex()
