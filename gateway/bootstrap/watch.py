"""What is wrong with the house right now: shown by `sluis status` and the health pages, in codes."""

import datetime as dt
from collections.abc import Callable
from typing import Protocol

from gateway.bootstrap.logging_library import structlog
from gateway.package.errors import Code, SluisError, code_of
from gateway.package.ids import PackageId

_log = structlog.get_logger()
_PAUSE = dt.timedelta(seconds=10)


def report(package: PackageId, error: Exception) -> None:
    """Log a fault of our own by its type and place; the package is held with `internal-error`."""
    _log.error("package-failed", package=package, code=Code.INTERNAL_ERROR.value, exc_info=error)


def report_work(error: Exception) -> None:
    """Log a fault of our own in a worker process that belongs to no package alone."""
    _log.error("work-failed", code=Code.INTERNAL_ERROR.value, exc_info=error)


def report_parser(fault: str) -> None:
    """Log an error of our own in the sandbox, by its type; the document that met it is held."""
    _log.error("parser-failed", code=Code.INTERNAL_ERROR.value, **{"error.type": fault.partition(" ")[0]})


def report_request(_request_id: str, error: Exception) -> None:
    """Log a fault of our own in a request, a preview above all; its answer names the request, and no log needs to."""
    _log.error("request-failed", code=Code.INTERNAL_ERROR.value, exc_info=error)


def report_look(failed: str, error: Exception) -> None:
    """Log what ended one look of those that the service takes again and again; a fault of our own as such."""
    ours = {} if isinstance(error, SluisError | OSError) else {"code": Code.INTERNAL_ERROR.value}
    _log.error(failed, exc_info=error, **ours)


def report_miss(missed: str, error: Exception) -> None:
    """Log what has begun to keep something from where it goes; a fault of our own as such.

    An answer that is not as agreed, a ValueError, is none of ours.
    """
    ours = {} if isinstance(error, SluisError | OSError | ValueError) else {"code": Code.INTERNAL_ERROR.value}
    _log.warning(missed, exc_info=error, **ours)


class _Room(Protocol):
    def room(self) -> bool: ...


class _Checked(Protocol):
    def check(self) -> None: ...


class Watch:
    """Keeps an eye on log, disk, rules and failures.

    `again` asks the dispatcher for another turn, `workers_fail` tells whether blocking work is lost again and again,
    `slips_hang` whether slips are not written.
    """

    def __init__(self, *, spool: _Room, audit: _Checked, now: Callable[[], dt.datetime]) -> None:
        self._spool = spool
        self._audit = audit
        self._now = now
        self._stuck_entries = 0
        self.workers_fail: Callable[[], bool] = lambda: False
        self.slips_hang: Callable[[], bool] = lambda: False
        self.policy_problem: Callable[[], tuple[str, str] | None] = lambda: None
        self.again: Callable[[PackageId, dt.datetime], None] = lambda _package, _at: None

    def tell_stuck(self, entries: int) -> None:
        """Note how many entries of the outbox can not be taken: their permissions do not let the service move them."""
        self._stuck_entries = entries

    def failed(self, package: PackageId, error: Exception) -> None:
        """Note that working on a package failed unexpectedly; it gets another turn, and nothing of it is lost."""
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        code = code_of(error)
        _log.error("package-waits", package=package, code=code.value, exc_info=error)
        if code is not Code.EPOCH_LOST:
            self.again(package, self._now() + _PAUSE)

    def problems(self) -> tuple[tuple[str, str], ...]:
        """Give what keeps packages from being taken or released, or new rules from being used, as (code, place)."""
        found: list[tuple[str, str]] = []
        if not self._spool.room():
            found.append((Code.DISK_FULL.value, "spool"))
        try:
            self._audit.check()
        except SluisError as error:
            found.append((error.code.value, "audit"))
        if self.workers_fail():
            found.append((Code.WORKER_LOST.value, "workers"))
        if self.slips_hang():
            found.append((Code.SLIPS_NOT_WRITTEN.value, "outbox"))
        if self._stuck_entries:
            found.append((Code.ENTRY_UNREADABLE.value, f"outbox: {self._stuck_entries}"))
        policy = self.policy_problem()
        return tuple(found) if policy is None else (*found, policy)
