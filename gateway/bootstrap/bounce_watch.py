"""Looks again and again at what mail servers report, and says once when that does not work.

Nothing is lost meanwhile, letters wait where they are: it is a notice, and no problem. A server that does not answer is
asked less and less often, up to once an hour.
"""

from collections.abc import Awaitable, Callable

from gateway.bootstrap.logging_library import structlog
from gateway.deliver.retry import RetryPolicy, wait_seconds
from gateway.package.errors import Code, SluisError

_log = structlog.get_logger()
_LONGEST_SECONDS = 3600.0


class BounceWatch:
    """Keeps in mind why the last look failed. `look` gives how many letters were nobody's; raises SluisError."""

    def __init__(self, look: Callable[[], Awaitable[int]], *, seconds: float) -> None:
        self._look = look
        self._pauses = RetryPolicy(first_seconds=seconds, max_seconds=max(seconds, _LONGEST_SECONDS))
        self._failed = 0
        self._fault: SluisError | None = None

    def notices(self) -> tuple[tuple[str, str], ...]:
        """Tell why nothing is read, as (code, setting)."""
        return ((self._fault.code.value, self._fault.where),) if self._fault else ()

    async def look(self) -> float:
        """Look once; give the seconds until the next look."""
        try:
            if nobodys := await self._look():
                _log.warning("bounces-nobodys", count=nobodys)
        except Exception as error:  # noqa: BLE001 - whatever it is, letters wait where they are, and the watch goes on.
            self._remember(error)
        else:
            if self._fault is not None:
                _log.info("bounces-looked-at-again")
            self._failed, self._fault = 0, None
        return wait_seconds(self._pauses, attempt=max(self._failed, 1))

    def _remember(self, error: Exception) -> None:
        fault = error
        if not isinstance(fault, SluisError):
            fault = SluisError(Code.BOUNCES_UNREADABLE if isinstance(error, OSError) else Code.INTERNAL_ERROR)
        if self._fault is None or self._fault.code is not fault.code:
            _log.warning("bounces-not-looked-at", code=fault.code, exc_info=error)
        self._failed, self._fault = self._failed + 1, fault
