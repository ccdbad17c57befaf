"""Who asks the pick-up service, and how often it went wrong for them of late; in memory only, and written nowhere.

Rules, in order:
1. An address is whose connection it is. Only a proxy that the settings name is believed when it says for whom it asks,
   and then only the last name that no such proxy wrote: what stands before that, anybody may have sent.
2. IPv6 addresses count by their network of 64 bits: whoever has one has all of it.
3. Who fails too often waits before each further answer. Who shows the right values never waits, whoever else asks from
   the same address: an office behind one address is not shut out by one of its machines.
"""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request

_MOST_FAILURES = 30
_FAILURES_SECONDS = 600.0
_MOST_ADDRESSES = 10_000
_NETWORK_BITS = 64
_LONGEST = 45


@dataclass(slots=True)
class Throttle:
    """Counts what went wrong for each address of late."""

    monotonic: Callable[[], float] = time.monotonic
    _failures: OrderedDict[str, tuple[float, int]] = field(default_factory=OrderedDict)

    def note(self, address: str) -> bool:
        """Count a failure; tell whether this address has had too many in ten minutes."""
        since, count = self._failures.pop(address, (self.monotonic(), 0))
        if self.monotonic() - since >= _FAILURES_SECONDS:
            since, count = self.monotonic(), 0
        self._failures[address] = (since, count + 1)
        if len(self._failures) > _MOST_ADDRESSES:
            self._failures.popitem(last=False)
        return count + 1 > _MOST_FAILURES


def address_of(request: Request, proxies: frozenset[str]) -> str:
    """Tell for which address a request counts (rules 1 and 2)."""
    peer = plain_address(request.client.host) if request.client else ""
    names = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    while peer in proxies and names:
        peer = plain_address(names.pop())
    return network_of(peer)


def plain_address(text: str) -> str:
    """Write an address in the one way in which it is compared; what is none stays as it is, cut short."""
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return text.strip()[:_LONGEST]
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def network_of(address: str) -> str:
    """Give by what a plain address is counted (rule 2)."""
    try:
        network = ipaddress.IPv6Network((address, _NETWORK_BITS), strict=False)
    except ValueError:
        return address
    return str(network.network_address)
