"""Watches while the service runs whether keys, certificates and revocation lists end soon or have ended.

It is looked at again and again, and after each change of keys through the service. It is told in the operational log
once a day, and by `sluis status`.

The service stays ready meanwhile: it is a notice, and no problem. What has ended stops its packages by itself.
"""

import asyncio
import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.bootstrap.endings_ahead import EndAhead
from gateway.bootstrap.key_overview import KnownKeys
from gateway.bootstrap.logging_library import structlog
from gateway.bootstrap.watch import report_look
from gateway.package.errors import Code
from gateway.package.facts import KeyHealth
from gateway.package.key_views import WARN_DAYS, KeyView

_log = structlog.get_logger()


class KeyWatch:
    """Looks at keys that are used, own certificates and revocation lists. `known` reads them; blocking."""

    def __init__(self, known: Callable[[], KnownKeys]) -> None:
        self._known = known
        self._told: set[tuple[str, Code, int]] = set()
        self._looking = threading.Lock()
        self._ending: tuple[_Ending, ...] = ()
        self._ends: dict[str, dt.datetime] = {}

    def notices(self) -> tuple[tuple[str, str], ...]:
        """Tell what ends soon or has ended, as (code, recipient and fingerprint, or place, and the day)."""
        return tuple((each.code.value, each.place()) for each in self._ending)

    def ends(self) -> dict[str, dt.datetime]:
        """Tell when the first key that is used of each recipient ends; the own one's is under the empty name."""
        return dict(self._ends)

    def look(self) -> None:
        """Look at all of it, and log each that ends soon or has ended, once a day. Raises SluisError."""
        # One after the other: the last to end is then the last that has read, and tells of no key that was renewed.
        with self._looking:
            known = self._known()
            self._ends = _first_ends(known)
            self._ending = (*_keys(known), *(_Ending.of(each) for each in known.ends))
            told = {(each.what, each.code, known.now.toordinal()): each for each in self._ending}
            for which, each in told.items():
                if which not in self._told:
                    each.tell()
            self._told = set(told)

    async def look_after_change(self) -> None:
        """Look at once, so that what is told is true of the keys as they are now.

        Whatever it meets is only logged: the change itself is made, and the next look comes soon.
        """
        try:
            await asyncio.to_thread(self.look)
        except Exception as error:  # noqa: BLE001 - also a fault of our own: see above.
            report_look("keys-not-looked-at", error)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ending:
    """One thing that ends: a key by its pin, or a file by its place; `recipient` is empty for what is our own."""

    code: Code
    what: str
    expires: dt.datetime | None
    days_left: int
    recipient: str = ""
    is_key: bool = True

    @classmethod
    def of(cls, end: EndAhead) -> "_Ending":
        return cls(code=end.code, what=end.place, expires=end.expires, days_left=end.days_left, is_key=False)

    def place(self) -> str:
        day = self.expires.date().isoformat() if self.expires else ""
        return " ".join(filter(None, (self.recipient, self.what, day)))

    def tell(self) -> None:
        say = _log.error if self.days_left <= min(WARN_DAYS) else _log.warning
        facts = {"key" if self.is_key else "place": self.what, "days": max(self.days_left, 0)}
        whose = {"recipient": self.recipient} if self.recipient else {}
        say(self.code.value, code=self.code.value, **facts, **whose)


def _keys(known: KnownKeys) -> Iterator[_Ending]:
    for view in _used_last(known):
        if view.days_left is not None and view.warned_days() is not None:
            yield _Ending(
                code=_code(view),
                what=view.fingerprint,
                expires=view.expires,
                days_left=view.days_left,
                recipient=view.recipient,
            )


def _first_ends(known: KnownKeys) -> dict[str, dt.datetime]:
    ends: dict[str, dt.datetime] = {}
    for view in _used_last(known):
        if view.expires is not None:
            ends[view.recipient] = min(view.expires, ends.get(view.recipient, view.expires))
    return ends


def _used_last(known: KnownKeys) -> Iterator[KeyView]:
    """Give the keys that are used; of the own ones the last, for the others are on their way out."""
    views = known.views()
    own = [view for view in views if not view.recipient]
    yield from own[-1:]
    yield from (view for view in views if view.recipient and view.channels)


def _code(view: KeyView) -> Code:
    if view.health is not KeyHealth.EXPIRED:
        return Code.KEY_EXPIRES_SOON
    return Code.KEY_EXPIRED if view.recipient else Code.SIGNING_KEY_UNUSABLE
