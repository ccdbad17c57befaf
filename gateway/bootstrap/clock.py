"""The service's one clock: the machine's, or in tests that clock and some days."""

import datetime as dt
from collections.abc import Callable

from gateway.bootstrap.settings import SiteSettings


def clock_of(settings: SiteSettings) -> Callable[[], dt.datetime]:
    """Give the clock of a site, in UTC; only a site of the environment `test` may have one that runs ahead."""
    ahead = dt.timedelta(seconds=settings.test_clock.ahead_seconds if settings.test_clock else 0)
    return lambda: dt.datetime.now(dt.UTC) + ahead
