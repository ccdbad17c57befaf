"""Watches while the service runs whether keys end soon: told in the operational log once a day, and by `sluis status`.

The service stays ready meanwhile: it is a notice, and no problem. What has ended stops its packages by itself.
"""

from collections.abc import Callable, Iterator

from gateway.bootstrap.key_overview import KnownKeys
from gateway.bootstrap.logging_library import structlog
from gateway.package.errors import Code
from gateway.package.facts import KeyHealth
from gateway.package.key_views import WARN_DAYS, KeyView

_log = structlog.get_logger()


class KeyWatch:
    """Looks at keys that are used. `known` reads them; blocking."""

    def __init__(self, known: Callable[[], KnownKeys]) -> None:
        self._known = known
        self._told: set[tuple[str, int]] = set()
        self._ending: tuple[KeyView, ...] = ()

    def notices(self) -> tuple[tuple[str, str], ...]:
        """Tell which keys end soon or have ended, as (code, recipient and fingerprint and the day)."""
        return tuple((_code(view).value, " ".join(_place(view))) for view in self._ending)

    def look(self) -> None:
        """Look at all keys, and log each that ends soon, once a day. Raises SluisError."""
        known = self._known()
        self._ending = tuple(view for view in _used_last(known) if view.warned_days() is not None)
        told = {(str(view.fingerprint), known.now.toordinal()) for view in self._ending}
        for view in self._ending:
            if (view.fingerprint, known.now.toordinal()) not in self._told:
                _tell(view)
        self._told = told


def _used_last(known: KnownKeys) -> Iterator[KeyView]:
    """Give the keys that are used; of the own ones the last, for the others are on their way out."""
    views = known.views()
    own = [view for view in views if not view.recipient]
    yield from own[-1:]
    yield from (view for view in views if view.recipient and view.channels)


def _tell(view: KeyView) -> None:
    say = _log.error if (view.days_left or 0) <= min(WARN_DAYS) else _log.warning
    whose = {"recipient": view.recipient} if view.recipient else {}
    say(_code(view).value, code=_code(view).value, key=view.fingerprint, days=max(view.days_left or 0, 0), **whose)


def _code(view: KeyView) -> Code:
    if view.health is KeyHealth.USABLE:
        return Code.KEY_EXPIRES_SOON
    return Code.KEY_EXPIRED if view.recipient else Code.SIGNING_KEY_UNUSABLE


def _place(view: KeyView) -> Iterator[str]:
    if view.recipient:
        yield view.recipient
    yield view.fingerprint
    if view.expires is not None:
        yield view.expires.date().isoformat()
