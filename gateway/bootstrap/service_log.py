"""The operational log: help for the administrator, never evidence, and never a place for personal data.

Rules, in order:
1. Only known keys with values of their own form are written: ids, codes, counts. Anything else is dropped and counted
   in `log.dropped_keys`; with `strict` it raises with the key's name. The name is ours, the value may be anybody's.
2. An event has a fixed name, a slug. There is no free text: what a library writes through `logging` becomes its
   logger's name, level, place in the code and type of the exception.
3. Of an exception only its type and, for our own, its code are written: its text may quote a package.
4. A log that can not be written never stops the work: what does not fit on the disk is lost. Evidence is elsewhere.
"""

import contextlib
import logging
import os
import re
import sys
import threading
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from gateway.bootstrap.logging_library import structlog
from gateway.package.errors import Code, SluisError

_Event = MutableMapping[str, Any]
_MODE = 0o640
_LIBRARY_EVENT = "library-message"

_SLUG = r"(?!.*(?<![0-9])[0-9]{9,10}(?![0-9]))[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOTTED = r"[A-Za-z_][A-Za-z0-9_]{0,79}(?:\.[A-Za-z_<][A-Za-z0-9_>]{0,79}){0,9}"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(?:Z|\+00:00)"
_TEXTS = {
    "@timestamp": _MOMENT,
    "event.start": _MOMENT,
    "event.action": _SLUG,
    "log.level": r"debug|info|warning|error|critical",
    "log.logger": _DOTTED,
    "log.origin.function": _DOTTED + r"|<[a-z]{1,20}>",
    "error.type": _DOTTED,
    "gateway.error.function": _DOTTED,
    "error.code": "|".join(re.escape(code.value) for code in Code),
    "event.reason": _SLUG,
    "service.version": r"[0-9]+(?:\.[0-9a-z+-]+){0,4}",
    "gateway.package.id": _UUID,
    "gateway.recipient.id": _SLUG,
    "gateway.state": _SLUG,
    "gateway.channel": _SLUG,
    "gateway.stage": _SLUG,
    "rule.version": r"[0-9a-f]{64}",
    "gateway.key.fingerprint": r"[0-9A-F]{40}",
    "http.request.method": r"[A-Z]{3,7}",
}
_MATCHES = {key: re.compile(pattern).fullmatch for key, pattern in _TEXTS.items()}
_NUMBERS = frozenset(
    {
        "log.origin.file.line",
        "gateway.error.line",
        "log.dropped_keys",
        "process.pid",
        "server.port",
        "http.response.status_code",
        "file.size",
        "gateway.attempt",
        "gateway.count",
        "gateway.seconds",
        "gateway.days",
    }
)
_NAMES = {
    # How our code says it, since a keyword argument has no dots.
    "event": "event.action",
    "level": "log.level",
    "logger": "log.logger",
    "reason": "event.reason",
    "since": "event.start",
    "code": "error.code",
    "version": "service.version",
    "package": "gateway.package.id",
    "recipient": "gateway.recipient.id",
    "state": "gateway.state",
    "channel": "gateway.channel",
    "stage": "gateway.stage",
    "policy_digest": "rule.version",
    "method": "http.request.method",
    "pid": "process.pid",
    "port": "server.port",
    "status": "http.response.status_code",
    "size": "file.size",
    "attempt": "gateway.attempt",
    "count": "gateway.count",
    "seconds": "gateway.seconds",
    "days": "gateway.days",
    "key": "gateway.key.fingerprint",
}
KNOWN_KEYS = frozenset({*_NAMES, *_TEXTS, *_NUMBERS, "exc_info"})
"""What our code may say something under."""


def configure_service_log(path: Path | None, *, strict: bool, level: int = logging.INFO, console: bool = False) -> None:
    """Set up the log of this process: JSON lines in a file, and for people on the terminal when `console` asks for it.

    Args:
        path: the file, made when missing, its folder is not; None writes to standard error.
        strict: raise ValueError at a key or value that may not be written, instead of dropping it. For tests.
        level: the lowest level written, a number of `logging`; libraries are heard from WARNING on.
        console: also write coloured lines to standard error, if that is a terminal.

    Raises OSError when the file can not be opened.
    """
    descriptor = sys.stderr.fileno() if path is None else os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="@timestamp"),
            _exception_type_only,
            _under_ecs_names,
            _AllowList(strict=strict),
            *([_show] if console and sys.stderr.isatty() else []),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Lines(descriptor),
        # A test configures anew; a service does so once, and then the first use builds the logger for good.
        cache_logger_on_first_use=not strict,
    )
    _hear_libraries(level)
    _hear_uncaught()


class _Lines:
    """Writes finished lines, each in one call, so that threads and processes do not mix theirs."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def msg(self, line: bytes) -> None:
        # A full disk must not stop a package; the audit log stops it, where it has to.
        with contextlib.suppress(OSError):
            os.write(self._descriptor, line + b"\n")

    debug = info = warning = error = critical = exception = msg


class _AllowList:
    """Lets through what rule 1 allows."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict

    def __call__(self, _logger: object, _method: str, event: _Event) -> _Event:
        refused = [key for key, value in event.items() if not _fits(key, value)]
        if not refused:
            return event
        if self._strict:
            raise ValueError(f"the service log can not carry this in {', '.join(map(_named, refused))}")
        kept = {key: value for key, value in event.items() if key not in refused}
        return {"event.action": "event-without-name", **kept, "log.dropped_keys": len(refused)}


def _fits(key: str, value: object) -> bool:
    if key in _NUMBERS:
        return type(value) in (int, float)
    matches = _MATCHES.get(key)
    return matches is not None and isinstance(value, str) and matches(value) is not None


def _named(key: str) -> str:
    """Name a key if it looks like one; what came in by ** may hold anything."""
    return key if re.fullmatch(r"[a-z_]{1,40}(\.[a-z_]{1,40}){0,4}", key) else "an odd key"


def _exception_type_only(_logger: object, _method: str, event: _Event) -> _Event:
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["error.type"] = f"{type(error).__module__}.{type(error).__qualname__}"
        event.update(_place_of(error))
        if isinstance(error, SluisError):
            event.setdefault("code", error.code.value)
    return event


def _place_of(error: BaseException) -> dict[str, Any]:
    """Tell where in the code it was raised: what is left of a traceback when nothing of the data may stay."""
    trace = error.__traceback__
    if trace is None:
        return {}
    while trace.tb_next is not None:
        trace = trace.tb_next
    module = trace.tb_frame.f_globals.get("__name__", "unknown")
    return {
        "gateway.error.function": f"{module}.{trace.tb_frame.f_code.co_qualname}",
        "gateway.error.line": trace.tb_lineno,
    }


def _under_ecs_names(_logger: object, _method: str, event: _Event) -> _Event:
    return {_NAMES.get(key, key): value for key, value in event.items() if value is not None}


def _show(logger: object, method: str, event: _Event) -> _Event:
    shown = {key: value for key, value in event.items() if key not in ("event.action", "log.level", "@timestamp")}
    names = {"event": event["event.action"], "level": event["log.level"], "timestamp": event["@timestamp"]}
    line = _CONSOLE(logger, method, names | shown)
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{line}\n")
    return event


_CONSOLE = structlog.dev.ConsoleRenderer(colors=True, exception_formatter=structlog.dev.plain_traceback)


class _LibraryHandler(logging.Handler):
    """Takes what libraries log and keeps nothing of their words."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one library's message without its text."""
        structlog.get_logger().log(
            _standard_level(record.levelno),
            _LIBRARY_EVENT,
            logger=record.name,
            exc_info=record.exc_info,
            **{"log.origin.function": record.funcName, "log.origin.file.line": record.lineno},
        )


def _standard_level(number: int) -> int:
    """Round a library's own level down to one of Python's five."""
    return min(max(number // 10 * 10, logging.DEBUG), logging.CRITICAL)


def _hear_libraries(level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [_LibraryHandler()]
    root.setLevel(max(level, logging.WARNING))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio", "aiosmtplib", "watchfiles", "py.warnings"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.captureWarnings(capture=True)


def _hear_uncaught() -> None:
    """Keep Python's own last words out of standard error and so out of the journal, for they quote the exception."""
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda unraisable: _say_uncaught(unraisable.exc_value)
    threading.excepthook = lambda arguments: _say_uncaught(arguments.exc_value)


def _uncaught(_type: type[BaseException], error: BaseException, _traceback: TracebackType | None) -> None:
    _say_uncaught(error)


def _say_uncaught(error: BaseException | None) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"sluis: uncaught {type(error).__qualname__}; the service log tells where\n")
    structlog.get_logger().critical("uncaught-exception", exc_info=error)
