"""What waits for a channel that does not take it: told by `sluis status` and the health pages, and once in the log.

Rules:
1. Nothing is lost meanwhile, so the service stays ready: this is a notice, and no problem.
2. The log says when deliveries begin to wait for a reason and when none does any more. Attempts and counts that change
   in between are no news.
"""

from collections.abc import Sequence
from typing import Protocol

from gateway.bootstrap.logging_library import structlog
from gateway.spool.port import Delayed

_log = structlog.get_logger()


class _Counted(Protocol):
    async def delayed(self) -> Sequence[Delayed]: ...


class Delays:
    """Keeps in mind for which reasons deliveries wait."""

    def __init__(self, spool: _Counted) -> None:
        self._spool = spool
        self._told: dict[tuple[str, str], Delayed] = {}

    async def notices(self) -> tuple[tuple[str, str], ...]:
        """Tell what waits, as (code, channel and how many and since when)."""
        delayed = (each for each in await self._spool.delayed() if each.code)
        return tuple((each.code, f"{each.channel} {each.count} {each.since.isoformat()}") for each in delayed)

    async def look(self) -> None:
        """Log what has begun to wait since the last look, and what waits no more. Raises SluisError."""
        now = {(each.channel.value, each.code): each for each in await self._spool.delayed()}
        for (channel, code), each in now.items():
            if code and (channel, code) not in self._told:
                since = each.since.isoformat()
                _log.warning("deliveries-wait", channel=channel, code=code, count=each.count, since=since)
        for (channel, code), before in self._told.items():
            if (channel, code) in now:
                continue
            if (channel, "") in now:
                # Being tried again at this moment: only its outcome tells whether the waiting is over.
                now[channel, code] = before
            else:
                _log.info("deliveries-wait-no-more", channel=channel, code=code)
        self._told = {key: each for key, each in now.items() if key[1]}
