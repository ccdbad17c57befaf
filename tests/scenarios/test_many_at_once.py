"""Two hundred packages at once, ten of them by slow writers; `make soak` does the same with thousands."""

from tests.scenarios.crowd import (
    Pace,
    SlowWriters,
    check_crowd,
    drop_at_once,
    expected,
    slow_packages,
    wait_for_slips,
)
from tests.scenarios.world import World

PACKAGES = 200
SLOW = 10
SETTLE_SECONDS = 2.0
PACE = Pace(gap=0.1, idle=3.5)


def test_of_two_hundred_at_once_none_is_lost_taken_early_or_without_its_one_slip(quiet_world: World) -> None:
    quiet_world.set("outbox", settleSeconds=SETTLE_SECONDS)
    quiet_world.start()
    slow = slow_packages(SLOW, start=PACKAGES - SLOW)
    fast = [expected(number, entry=f"snel-{number:05}.json") for number in range(PACKAGES - SLOW)]
    writers = SlowWriters(quiet_world, slow, PACE)
    writers.start()
    drop_at_once(quiet_world, fast)
    writers.join()
    wait_for_slips(quiet_world, PACKAGES)
    quiet_world.stop()

    check_crowd(quiet_world, fast + slow)
