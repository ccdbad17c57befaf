"""Draws another key for the pseudonyms of people in the audit log, and says in that log who wanted it.

Rules, in order:
1. An administrator asks for it, never an application.
2. Not within 30 days of the last one, unless it is said to be meant: each key has to be kept for as long as its lines.
3. The log says who before the key is drawn.
4. The new key takes over at the next start (`gateway.bootstrap.pseudonym_keys`). Nothing is taken away.
"""

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Final, Protocol

from gateway.audit.events import Event
from gateway.audit.telling_keys import pseudonym_key_rotated
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.pseudonym_keys import PseudonymKeys, create_pseudonym_key
from gateway.bootstrap.rule_changes import require_role
from gateway.bootstrap.secrets_store import credentials_folder
from gateway.package.errors import Code, SluisError
from gateway.package.key_views import PseudonymKeyView
from gateway.package.states import Submitter

_RECENT: Final = dt.timedelta(days=30)


class _Recorder(Protocol):
    async def record(self, event: Event, /) -> str: ...


class PseudonymRotation:
    """The rotation of one site's keys of pseudonyms."""

    def __init__(
        self,
        site: SiteLayout,
        *,
        audit: _Recorder,
        random: Callable[[int], bytes],
        now: Callable[[], dt.datetime],
    ) -> None:
        self._site, self._audit, self._random, self._now = site, audit, random, now
        self._turn = asyncio.Lock()

    async def rotate(self, *, again: bool, person: Submitter) -> PseudonymKeyView:
        """Draw the next key; `again` also shortly after the last one.

        Raises SluisError `not-permitted`, `pseudonym-key-recent`, `audit-unavailable`, `disk-full`, `setting-invalid`
        where a key is missing or systemd hands the secrets over, and what `PseudonymKeys.read` raises besides.
        """
        require_role(person, ("administrator",))
        async with self._turn:
            number = await asyncio.to_thread(self._next, again=again)
            drawn = PseudonymKeyView(key=f"k{number}", file=f"secrets/pseudonym-{number}.key")
            if not self._site.secrets.is_dir():
                raise SluisError(Code.SETTING_INVALID, where=drawn.file)
            await self._audit.record(pseudonym_key_rotated(drawn.key, by=person))
            await asyncio.to_thread(create_pseudonym_key, self._site, number, random=self._random)
            return drawn

    def _next(self, *, again: bool) -> int:
        known = PseudonymKeys.read(self._site, credentials=credentials_folder()).keys
        newest = known[-1].number if known else 0
        # The first key of a site is no rotation.
        if not again and newest > 1 and (drawn := self._drawn_at(newest)) and self._now() - drawn < _RECENT:
            detail = {"key": f"k{newest}", "day": drawn.date().isoformat()}
            raise SluisError(Code.PSEUDONYM_KEY_RECENT, detail=detail)
        return newest + 1

    def _drawn_at(self, number: int) -> dt.datetime | None:
        """Give the time of a key's file; of one that systemd hands over nothing says when it was drawn."""
        try:
            return dt.datetime.fromtimestamp((self._site.secrets / f"pseudonym-{number}.key").stat().st_mtime, dt.UTC)
        except OSError:
            return None
