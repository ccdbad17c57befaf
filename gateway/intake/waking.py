"""Wakes the scan: file events are a hint, the interval is the promise.

Only the folder itself is watched. Watches in every entry would cost more than the entries themselves: each one that is
taken is looked for among all watches, and each byte of a slow writer would wake a scan of everything. Whoever scans
looks again by itself while an entry is not finished.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from watchfiles import awatch

from gateway.intake.outbox import Outbox

# It waits for a step in which nothing more comes. So a package waits 10 to 20 ms for it, for 0.3 % of a processor.
_STEP_MS = 10
_DEBOUNCE_MS = 500


async def wake_ups(outbox: Outbox, *, seconds: float) -> AsyncGenerator[None, None]:
    """Yield at once, then whenever something may have happened in the outbox, and at the latest after so many seconds.

    A share that goes away and comes back, too few watches, an event that gets lost: each only costs the interval.
    """
    yield
    while True:
        try:
            watched = _identity(outbox.send)
            async with aclosing(_events(outbox.send, seconds)) as events:
                async for _ in events:
                    yield
                    if _identity(outbox.send) != watched:
                        break
        except (OSError, RuntimeError, ExceptionGroup):
            # The folder is not there now, the system gives no more watches, or a name is no UTF-8: the library's
            # own task group then wraps what went wrong.
            await asyncio.sleep(seconds)
            yield


def _events(folder: Path, seconds: float) -> AsyncGenerator[object, None]:
    return awatch(
        folder,
        watch_filter=None,
        recursive=False,
        debounce=_DEBOUNCE_MS,
        step=_STEP_MS,
        rust_timeout=max(1, round(seconds * 1000)),
        yield_on_timeout=True,
    )


def _identity(folder: Path) -> tuple[int, int]:
    """Tell one folder from another that came in its place. Raises OSError when there is none."""
    status = folder.stat()
    return status.st_dev, status.st_ino
