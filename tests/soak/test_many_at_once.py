"""Five thousand packages dropped at once, two hundred of them by slow writers."""

import time
from collections.abc import Callable

import pytest

from tests.scenarios.crowd import (
    Expected,
    Pace,
    SlowWriters,
    check_crowd,
    drop_at_once,
    expected,
    slow_packages,
    wait_for_slips,
)
from tests.scenarios.world import World, new_world

PACKAGES = 5_000
SLOW = 200
SETTLE_SECONDS = 3.0
PACE = Pace(gap=0.3, idle=6.0)


@pytest.mark.soak
def test_of_five_thousand_at_once_none_is_lost_taken_early_or_without_its_one_slip(
    tell: Callable[[str], None],
) -> None:
    with new_world() as world:
        world.set("outbox", settleSeconds=SETTLE_SECONDS)
        world.start()
        slow = slow_packages(SLOW, start=PACKAGES - SLOW)
        fast = [expected(number, entry=f"snel-{number:05}.json") for number in range(PACKAGES - SLOW)]
        began = time.monotonic()
        dropped, late = drop_all(world, fast, SlowWriters(world, slow, PACE))
        wait_for_slips(world, PACKAGES)
        done = time.monotonic()
        world.stop()
        check_crowd(world, fast + slow)
    tell(
        f"{PACKAGES} packages: dropped in {dropped - began:.1f} s, all with their slip after {done - began:.1f} s,"
        f" opened and compared in {time.monotonic() - done:.1f} s; the slowest writer was {late:.2f} s late"
    )


def drop_all(world: World, fast: list[Expected], writers: SlowWriters) -> tuple[float, float]:
    writers.start()
    drop_at_once(world, fast)
    dropped = time.monotonic()
    writers.join()
    return dropped, writers.slowest_gap
