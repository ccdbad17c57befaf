"""Days and moments as options take them: every command reads them in the same way, and says so in the same words."""

import datetime as dt
import re
from typing import Any, Final

import click

from gateway.entrypoints.cli.console.speaking import speak, to_speak

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FRACTION: Final = re.compile(r"[.,][0-9]")
_LAST_MICROSECOND: Final = 999_999
_BACKWARDS: Final = to_speak("This period begins on {since} and ends before that, on {until}.")
_LAST_MOMENT: Final = dt.time(23, 59, 59, 999_999, dt.UTC)


class Moment(click.ParamType[dt.datetime]):
    """A day or a moment, in UTC unless it says another zone.

    As the end of a period a day counts to its last microsecond, and so does a second that is written without a
    fraction: the log writes microseconds, and people copy the seconds that a table shows.
    """

    name = "time"

    def __init__(self, *, at_end: bool) -> None:
        self._at_end = at_end
        self._time = _LAST_MOMENT if at_end else dt.time(tzinfo=dt.UTC)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        """Read it. Fails as click's own types do."""
        if isinstance(value, dt.datetime):
            return value
        try:
            if _DAY.fullmatch(value):
                return dt.datetime.combine(dt.date.fromisoformat(value), self._time)
            at = dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(speak("Write a day as 2026-11-20, or a moment as 2026-11-20T14:30:00Z."), param, ctx)
        if self._at_end and not _FRACTION.search(value):
            at = at.replace(microsecond=_LAST_MICROSECOND)
        return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


class Day(click.ParamType[dt.date]):
    """A day."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Read it. Fails as click's own types do."""
        if isinstance(value, dt.date):
            return value
        try:
            return _day(value)
        except ValueError:
            self.fail(speak("Write a day as 2026-11-20."), param, ctx)


def told_moment(at: dt.datetime) -> str:
    """Give a moment as people and programs read it, in UTC and to the second."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def require_order(since: dt.date | None, until: dt.date | None) -> None:
    """Refuse a period, of two days or two moments, that ends before it begins: finding nothing would look true.

    Raises click.UsageError.
    """
    if since is not None and until is not None and since > until:
        first, last = (told_moment(at) if isinstance(at, dt.datetime) else at.isoformat() for at in (since, until))
        raise click.UsageError(speak(_BACKWARDS).format(since=first, until=last))


def _day(text: str) -> dt.date:
    """Read a day. Raises ValueError, also for what Python would read further, such as 20261120."""
    if not _DAY.fullmatch(text):
        raise ValueError("a day expected")
    return dt.date.fromisoformat(text)
