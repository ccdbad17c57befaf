"""What waits for a channel is told in the log when that begins and when it ends, and not in between."""

import asyncio
import datetime as dt
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from gateway.bootstrap.delays import Delays
from gateway.package.states import Channel
from gateway.spool.port import Delayed

SINCE = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)


class Counted:
    """Gives one count after another."""

    def __init__(self, *counts: Sequence[Delayed]) -> None:
        self._counts = list(counts)

    async def delayed(self) -> Sequence[Delayed]:
        return self._counts.pop(0)


def mail(count: int, code: str = "mail-unreachable") -> Delayed:
    return Delayed(channel=Channel.SECURE_MAIL, code=code, count=count, since=SINCE)


def logged(*counts: Sequence[Delayed]) -> list[str]:
    delays = Delays(Counted(*counts))
    with capture_logs() as lines:
        for _ in counts:
            asyncio.run(delays.look())
    return [f"{each['event']} {each['code']}" for each in lines]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([[], [mail(1)], [mail(3)], [mail(2)]], ["deliveries-wait mail-unreachable"]),
        ([[mail(1)], [mail(1, "")], [mail(1)]], ["deliveries-wait mail-unreachable"]),
        (
            [[mail(1)], [mail(1, "")], [], []],
            ["deliveries-wait mail-unreachable", "deliveries-wait-no-more mail-unreachable"],
        ),
        (
            [[mail(1)], [mail(1, "mail-deferred")]],
            [
                "deliveries-wait mail-unreachable",
                "deliveries-wait mail-deferred",
                "deliveries-wait-no-more mail-unreachable",
            ],
        ),
        ([[mail(1, "")], []], []),
    ],
)
def test_the_log_says_once_that_deliveries_wait_and_once_that_none_does(
    counts: list[Sequence[Delayed]], expected: list[str]
) -> None:
    assert expected == logged(*counts)


def test_a_notice_names_code_channel_number_and_since_when_and_nothing_of_what_is_tried_right_now() -> None:
    delays = Delays(Counted([mail(2), mail(1, "")]))
    expected = (("mail-unreachable", f"secure-mail 2 {SINCE.isoformat()}"),)
    assert expected == asyncio.run(delays.notices())
