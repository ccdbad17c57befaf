"""A place for returned mail that can not be read is told once, and asked less and less often."""

import asyncio

from structlog.testing import capture_logs

from gateway.bootstrap.bounce_watch import BounceWatch
from gateway.package.errors import Code, SluisError

_HUNG = SluisError(Code.BOUNCES_UNREACHABLE, where="mail.bounces.imap")
_WRONG = SluisError(Code.BOUNCES_LOGIN_REFUSED, where="mail.bounces.imap")


def _played(*looks: int | Exception) -> tuple[list[float], list[str], tuple[tuple[str, str], ...]]:
    left = list(looks)

    async def look() -> int:
        come = left.pop(0)
        if isinstance(come, int):
            return come
        raise come

    watch = BounceWatch(look, seconds=60)
    with capture_logs() as lines:
        pauses = [asyncio.run(watch.look()) for _ in looks]
    return pauses, [each["event"] for each in lines], watch.notices()


def test_a_server_that_does_not_answer_is_told_once_and_asked_at_most_once_an_hour_in_the_end() -> None:
    pauses, told, notices = _played(*[_HUNG] * 9)

    assert [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600] == pauses
    assert ["bounces-not-looked-at"] == told
    assert (("bounces-unreachable", "mail.bounces.imap"),) == notices


def test_another_reason_is_news_and_so_is_the_end_of_it() -> None:
    pauses, told, notices = _played(_HUNG, _WRONG, 0, 2)

    assert [60, 120, 60, 60] == pauses
    assert ["bounces-not-looked-at"] * 2 + ["bounces-looked-at-again", "bounces-nobodys"] == told
    assert () == notices


def test_a_disk_that_fails_is_told_as_a_box_that_can_not_be_read() -> None:
    assert (("bounces-unreadable", ""),) == _played(OSError())[2]


def test_a_fault_of_our_own_is_told_as_such_and_ends_no_look() -> None:
    pauses, told, notices = _played(ZeroDivisionError(), ZeroDivisionError(), 0)

    assert [60, 120, 60] == pauses
    assert ["bounces-not-looked-at", "bounces-looked-at-again"] == told
    assert () == notices
    assert (("internal-error", ""),) == _played(ZeroDivisionError())[2]
