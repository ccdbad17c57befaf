"""Times as the embedded spool writes them: whole microseconds since 1970 in UTC."""

import datetime as dt

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def micros(moment: dt.datetime | None) -> int | None:
    """Write a moment as whole microseconds since 1970 in UTC."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def moment(value: int | None) -> dt.datetime | None:
    """Read a moment back."""
    return None if value is None else moment_of(value)


def moment_of(value: int) -> dt.datetime:
    """Read a moment back that is always there."""
    return _EPOCH + dt.timedelta(microseconds=value)
